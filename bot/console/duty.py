"""The 在岗 switch, which every page of an officer carries: on, off, and the sign of life that the page's script gives."""

from sanic import Blueprint, HTTPResponse, Request, json

from bot.console.guard import COOKIE, form, guarded
from bot.console.pages import back_to, home_of
from bot.domain.accounts import Permission

LONGEST_ADDRESS = 1000


def add_duty(console: Blueprint) -> None:
    """Routes of the switch."""
    console.add_route(come_on_duty, "/duty/on", methods=["POST"])
    console.add_route(go_off_duty, "/duty/off", methods=["POST"])
    console.add_route(still_there, "/duty/here", methods=["POST"])


@guarded(Permission.TAKE_CASES)
async def come_on_duty(request: Request) -> HTTPResponse:
    """在岗: what waits is offered to her at once."""
    await request.app.ctx.services.office.rota.come_on_duty(request.ctx.officer)
    return back_to(_where_she_was(request))


@guarded(Permission.TAKE_CASES)
async def go_off_duty(request: Request) -> HTTPResponse:
    """离岗."""
    await request.app.ctx.services.office.rota.go_off_duty(request.ctx.officer)
    return back_to(_where_she_was(request))


@guarded(Permission.TAKE_CASES, touch=False)
async def still_there(request: Request) -> HTTPResponse:
    """Her page lives → {"there": whether she is 在岗}. Only what she did herself since (`active`) keeps her session open."""
    services = request.app.ctx.services
    if form(request, "active") == "1":
        await services.accounts.check(request.cookies.get(COOKIE) or "")
    there = await services.office.rota.still_there(request.ctx.officer)
    return json({"there": there})


def _where_she_was(request: Request) -> str:
    """The page that the form stood on; never an address outside the console."""
    back = form(request, "back", LONGEST_ADDRESS)
    plain = back.startswith("/console/") and "\\" not in back and "//" not in back and back.isprintable()
    return back if plain else home_of(request.ctx.officer)
