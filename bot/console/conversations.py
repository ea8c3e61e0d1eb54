"""The console's first page: the log of messages, masked. Entered by a one-time link."""

from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, HTTPResponse, Request, html, redirect

from bot.settings import Settings

FOLDER = Path(__file__).resolve().parent
COOKIE = "console"
Handler = Callable[[Request], Awaitable[HTTPResponse]]


def guarded(handler: Handler) -> Handler:
    """Every console route: refuse without an open session."""

    @wraps(handler)
    async def checked(request: Request) -> HTTPResponse:
        await request.app.ctx.services.accounts.check(request.cookies.get(COOKIE, ""))
        return await handler(request)

    return checked


def console(settings: Settings) -> Blueprint:
    """Routes under /console."""
    blueprint = Blueprint("console", url_prefix="/console")
    blueprint.static("/static", FOLDER / "static", name="console_static")
    pages = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
    pages.globals["zone"] = ZoneInfo(settings.timezone)
    secure = settings.public_url.startswith("https:")

    @blueprint.get("/enter")
    async def show_enter(_: Request) -> HTTPResponse:
        # The secret stays in the fragment, which no server and no log ever sees, until she presses the button.
        return html(pages.get_template("enter.html").render())

    @blueprint.post("/enter")
    async def enter(request: Request) -> HTTPResponse:
        token = await request.app.ctx.services.accounts.enter(
            str(request.form.get("secret") or "") if request.form else ""
        )
        response = redirect("/console", status=303)
        response.add_cookie(COOKIE, token, path="/console", httponly=True, samesite="Strict", secure=secure)
        return response

    @blueprint.post("/leave")
    @guarded
    async def leave(request: Request) -> HTTPResponse:
        await request.app.ctx.services.accounts.leave(request.cookies.get(COOKIE, ""))
        response = redirect("/console/enter", status=303)
        response.delete_cookie(COOKIE, path="/console")
        return response

    @blueprint.get("/")
    @guarded
    async def log(request: Request) -> HTTPResponse:
        before, risky = request.args.get("before", ""), request.args.get("risky") == "1"
        messages = await request.app.ctx.services.review.latest(
            before=int(before) if before.isdecimal() and len(before) < 16 else None, risky=risky
        )
        return html(pages.get_template("log.html").render(messages=messages, risky=risky))

    return blueprint
