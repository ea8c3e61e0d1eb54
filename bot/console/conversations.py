"""The log of messages, masked."""

from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import LOG_ROLES, guarded
from bot.console.pages import page


def add_conversations(console: Blueprint) -> None:
    """Routes of the log."""
    console.add_route(log, "/")


@guarded(*LOG_ROLES)
async def log(request: Request) -> HTTPResponse:
    """What was said lately, newest first; `risky` alone on wish."""
    before, risky = request.args.get("before", ""), request.args.get("risky") == "1"
    messages = await request.app.ctx.services.review.latest(
        before=int(before) if before.isdecimal() and len(before) < 16 else None, risky=risky
    )
    zone = ZoneInfo(request.app.ctx.settings.timezone)
    return page(request, "log.html", messages=messages, risky=risky, zone=zone)
