"""Following an invitation: who she is, the secret for her phone, a password of her own, recovery codes shown once."""

import segno
from markupsafe import Markup
from sanic import Blueprint, HTTPResponse, Request

from bot.console.entrance import refuse_flood
from bot.console.guard import form, refuse_other_sites, secret, source
from bot.console.pages import page
from bot.domain.errors import BadInput, BotError, NotAllowed, TooMany
from bot.services.areas import area_words
from bot.services.staff import Invited


def add_invitations(console: Blueprint) -> None:
    """Open to whoever holds an invitation's secret."""
    console.add_route(show_invitation, "/invitation")
    console.add_route(look_at_invitation, "/invitation", methods=["POST"])
    console.add_route(accept_invitation, "/invitation/accept", methods=["POST"])


async def show_invitation(request: Request) -> HTTPResponse:
    """The secret stays in the fragment, which no server and no log ever sees, until she presses the button."""
    return page(request, "invitation.html", refused=None)


async def look_at_invitation(request: Request) -> HTTPResponse:
    """Whose invitation it is, and what her phone needs."""
    refuse_other_sites(request)
    try:
        refuse_flood(request)
        return await _page(request)
    except (NotAllowed, TooMany) as refused:
        return page(request, "invitation.html", refused.status, refused=refused)


async def accept_invitation(request: Request) -> HTTPResponse:
    """Use it up; the recovery codes are on this page and never again."""
    refuse_other_sites(request)
    password = secret(request, "password")
    try:
        refuse_flood(request)
        if password != secret(request, "again"):
            raise BadInput("两次写的密码不一样，请再写一遍。")
        accepted = await request.app.ctx.services.staff.accept(
            form(request, "secret"), password, form(request, "code"), source=source(request)
        )
    except (NotAllowed, TooMany) as refused:
        return page(request, "invitation.html", refused.status, refused=refused)
    except BadInput as refused:
        return await _again(request, refused)
    return page(request, "recovery.html", accepted=accepted)


async def _again(request: Request, refused: BotError) -> HTTPResponse:
    try:
        return await _page(request, refused)
    except NotAllowed as gone:
        return page(request, "invitation.html", gone.status, refused=gone)


async def _page(request: Request, refused: BotError | None = None) -> HTTPResponse:
    services, given = request.app.ctx.services, form(request, "secret")
    invited: Invited = await services.staff.invitation(given)
    return page(
        request, "accept.html", refused.status if refused else 200, invited=invited, secret=given, refused=refused,
        area=area_words(services.gazetteer, invited.scope), code=qr_code(invited.enrolment.uri),
    )  # fmt: skip


def qr_code(text: str) -> Markup:
    """An SVG to stand in a page: shapes and numbers only, so that it need not be escaped."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff"))  # noqa: S704
