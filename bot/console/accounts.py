"""Entering the console by a one-time link, and leaving it."""

from sanic import Blueprint, HTTPResponse, Request, redirect

from bot.console.guard import ALL_ROLES, COOKIE, form, guarded, refuse_other_sites
from bot.console.pages import page


def add_accounts(console: Blueprint) -> None:
    """Routes of sessions. Only /enter is open to everybody."""
    console.add_route(show_enter, "/enter")
    console.add_route(enter, "/enter", methods=["POST"])
    console.add_route(leave, "/leave", methods=["POST"])


async def show_enter(request: Request) -> HTTPResponse:
    """The secret stays in the fragment, which no server and no log ever sees, until she presses the button."""
    return page(request, "enter.html")


async def enter(request: Request) -> HTTPResponse:
    """Use a link up and open a session."""
    refuse_other_sites(request)
    token = await request.app.ctx.services.accounts.enter(form(request, "secret"))
    secure = request.app.ctx.settings.public_url.startswith("https:")
    response = redirect("/console", status=303)
    response.add_cookie(COOKIE, token, path="/console", httponly=True, samesite="Strict", secure=secure)
    return response


@guarded(*ALL_ROLES)
async def leave(request: Request) -> HTTPResponse:
    """End the session."""
    await request.app.ctx.services.accounts.leave(request.cookies.get(COOKIE, ""))
    response = redirect("/console/enter", status=303)
    response.delete_cookie(COOKIE, path="/console")
    return response
