"""Coming in and going out: name, password and code; every role lands on the first page that it may open."""

from sanic import Blueprint, HTTPResponse, Request, redirect

from bot.console.guard import COOKIE, form, guarded, refuse_other_sites, secret, source
from bot.console.pages import ENTRANCE, back_to, home_of, page
from bot.domain.addresses import place
from bot.domain.errors import SignInRefused, TooMany
from bot.services.accounts import SignedIn

DEVICE = "console_device"
A_YEAR = 365 * 24 * 3600
FLOOD_WORDS = "试的次数太多了，请过一分钟再试。"


def add_entrance(console: Blueprint) -> None:
    """Only /enter is open to everybody."""
    console.add_route(home, "/")
    console.add_route(show_enter, "/enter")
    console.add_route(enter, "/enter", methods=["POST"])
    console.add_route(leave, "/leave", methods=["POST"])


@guarded()
async def home(request: Request) -> HTTPResponse:
    """Where she works."""
    return redirect(home_of(request.ctx.officer), status=303)


async def show_enter(request: Request) -> HTTPResponse:
    """The form."""
    return page(request, "enter.html", login="", refused=None)


async def enter(request: Request) -> HTTPResponse:
    """Open a session. Which of the three was wrong is not told."""
    refuse_other_sites(request)
    login = form(request, "login")
    try:
        refuse_flood(request)
        signed_in: SignedIn = await request.app.ctx.services.accounts.sign_in(
            login, secret(request, "password"), form(request, "code"), source=source(request),
            device=request.cookies.get(DEVICE) or "",
        )  # fmt: skip
    except (SignInRefused, TooMany) as refused:
        return page(request, "enter.html", refused.status, login=login, refused=refused)
    left = signed_in.codes_left
    there = back_to("/console/account", codes_left=str(left)) if left is not None else redirect("/console/", status=303)
    return let_in(request, there, signed_in)


@guarded()
async def leave(request: Request) -> HTTPResponse:
    """End the session."""
    await request.app.ctx.services.accounts.leave(request.cookies.get(COOKIE, ""), source=source(request))
    response = redirect(ENTRANCE, status=303)
    response.delete_cookie(COOKIE, path="/console")
    return response


def let_in(request: Request, response: HTTPResponse, signed_in: SignedIn) -> HTTPResponse:
    """Give the browser the session, and the mark that somebody got in from it before."""
    secure = request.app.ctx.settings.public_url.startswith("https:")
    response.add_cookie(COOKIE, signed_in.token, path="/console", httponly=True, samesite="Strict", secure=secure)
    response.add_cookie(
        DEVICE, signed_in.device, path=ENTRANCE, httponly=True, samesite="Strict", secure=secure, max_age=A_YEAR
    )
    return response


def refuse_flood(request: Request) -> None:
    """Raise TooMany when one address asks to come in more often than an office full of people would."""
    try:
        request.app.ctx.entries.check(place(source(request)), request.app.ctx.now())
    except TooMany as flood:
        raise TooMany(FLOOD_WORDS) from flood
