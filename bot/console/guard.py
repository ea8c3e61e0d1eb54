"""The guard that every console route passes: an open session, a role that may, a form that is ours, a place in her area."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from bot.domain.appointments import BookedAppointment
from bot.domain.errors import BadInput, NotFound
from bot.domain.officers import Role
from bot.services.directory import Door

COOKIE = "console"
FIELD = "form_token"
OWN_SITE = frozenset({"same-origin", "none"})
"""`none` is what a browser says when she herself opens or reloads a page."""
CALENDAR_ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)
LOG_ROLES = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
ALL_ROLES = tuple(Role)
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


class StaleForm(BadInput):
    """A form that no page of this session made, or that came from another site."""

    code = "stale_form"
    status: ClassVar[int] = 403
    default_words = "这个页面已经过期，什么都没有改动。请返回后刷新，再提交一次。"


def guarded(*roles: Role) -> Callable[[Handler], Handler]:
    """Put who asks into `request.ctx.officer`. Without a session: NotAllowed; another role: NotFound; a POST that
    carries no token of this session: StaleForm, before anything is done."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def checked(request: Request, **path: str) -> HTTPResponse:
            session = request.cookies.get(COOKIE) or ""
            officer = await request.app.ctx.services.accounts.check(session)
            if officer.role not in roles:
                raise NotFound
            request.ctx.officer, request.ctx.form_token = officer, form_token(session)
            if request.method == "POST":
                refuse_other_sites(request)
                if not hmac.compare_digest(form(request, FIELD).encode(), request.ctx.form_token.encode()):
                    raise StaleForm
            return await handler(request, **path)

        return checked

    return guard


def form_token(session: str) -> str:
    """What every form of a session carries. The session's secret is the key, so that it cannot be made without it."""
    return hmac.new(session.encode(), b"console form", hashlib.sha256).hexdigest()


def refuse_other_sites(request: Request) -> None:
    """Raise StaleForm when the browser says that another site made the request; old browsers say nothing."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    hosts = {request.host, urlsplit(request.app.ctx.settings.public_url).netloc} - {""}
    if (origin is not None and urlsplit(origin).netloc not in hosts) or (site is not None and site not in OWN_SITE):
        raise StaleForm


def form(request: Request, name: str, longest: int = 200) -> str:
    """A field of the form, cut to `longest` characters; "" when it is missing."""
    value = request.form.get(name) if request.form else None
    return str(value or "").strip()[:longest]


async def door_of(request: Request, service: str) -> Door:
    """A service in the officer's area. Raises NotFound for any other, whether it exists or not."""
    door: Door | None = await request.app.ctx.services.directory.door(service)
    if door is None or not request.ctx.officer.covers(door.division):
        raise NotFound("没有这个地方，或者不在您的管辖范围内。")
    return door


async def appointment_of(request: Request, service: str, appointment: str) -> tuple[Door, BookedAppointment]:
    """An appointment with a visit at a service in her area. Raises NotFound."""
    door = await door_of(request, service)
    found: Any = await request.app.ctx.services.appointments.one(appointment)
    if service not in {visit.service for visit in found.visits}:
        raise NotFound("这里没有这个预约。可能已经改到别处。")
    return door, found
