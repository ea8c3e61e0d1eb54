"""How long what is kept, what goes when, and what went: for auditors and for whoever manages accounts. Nothing changes here."""

from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import guarded
from bot.console.pages import page
from bot.domain.accounts import Permission


def add_retention(console: Blueprint) -> None:
    """The one route."""
    console.add_route(retention, "/retention")


@guarded(Permission.READ_AUDIT, Permission.MANAGE_ACCOUNTS)
async def retention(request: Request) -> HTTPResponse:
    """Rules with their counts, what stays for good, and the last runs."""
    found = await request.app.ctx.services.retention.overview(request.ctx.officer)
    return page(request, "retention.html", found=found, zone=ZoneInfo(request.app.ctx.settings.timezone))
