"""The guard that every console route passes: an open session, a permission, a form that is ours, a place in her area."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from bot.domain.accounts import Permission
from bot.domain.appointments import BookedAppointment
from bot.domain.errors import BadInput, NotFound
from bot.services.areas import area_words
from bot.services.directory import Door
from bot.services.rota import Around

COOKIE = "console"
FIELD = "form_token"
OWN_SITE = frozenset({"same-origin", "none"})
"""`none` is what a browser says when she herself opens or reloads a page."""
LONGEST_SECRET = 1000
SHORTEST_BEAT, LONGEST_BEAT = 5, 30
"""Seconds between two signs of life of a page; a browser may hold back what runs in the background for a minute."""
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]
"""None: it has answered already, with a stream."""


class StaleForm(BadInput):
    """A form that no page of this session made, or that came from another site."""

    code = "stale_form"
    status: ClassVar[int] = 403
    default_words = "这个页面已经过期，什么都没有改动。请返回后刷新，再提交一次。"


def guarded(*permissions: Permission, touch: bool = True) -> Callable[[Handler], Handler]:
    """Put who asks into `request.ctx.officer`. Without a session: NotAllowed; with none of the permissions: NotFound,
    and the audit log says so; a POST that carries no token of this session: StaleForm, before anything is done.

    No permission named: everybody who is signed in. `touch`: False for what a page asks for by itself.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def checked(request: Request, **path: str) -> HTTPResponse | None:
            session, services = request.cookies.get(COOKIE) or "", request.app.ctx.services
            officer = await services.accounts.check(session, touch=touch)
            request.ctx.officer, request.ctx.form_token = officer, form_token(session)
            # First: what another site makes her browser send is no act of hers, and not to be logged as one.
            if request.method == "POST":
                refuse_other_sites(request)
                if not hmac.compare_digest(form(request, FIELD).encode(), request.ctx.form_token.encode()):
                    raise StaleForm
            if permissions and not any(officer.may(permission) for permission in permissions):
                # The route, not the address: addresses hold what was looked for.
                await services.audit.denied(officer, "page", _route(request), source(request))
                raise NotFound
            if touch:
                await put_duty(request)
            return await handler(request, **path)

        return checked

    return guard


async def put_duty(request: Request) -> None:
    """Put what the 在岗 switch of a page shows into `request.ctx.duty`: None for who takes no cases."""
    services, officer = request.app.ctx.services, request.ctx.officer
    request.ctx.duty = None
    if officer.may(Permission.TAKE_CASES):
        around: Around = await services.office.rota.around(officer)
        request.ctx.duty = {
            "there": around.there,
            "asked": around.asked,
            "others": [(name, area_words(services.gazetteer, office)) for name, office in around.others],
            "beat": max(SHORTEST_BEAT, min(LONGEST_BEAT, int(around.presence.total_seconds()) // 3)),
        }


def _route(request: Request) -> str:
    """Which page it is, short enough for the audit log."""
    return request.route.path.replace(":str>", ">") if request.route else ""


def source(request: Request) -> str:
    """The network address that the request came from."""
    return str(request.ctx.source)


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
    return str(value or "").replace("\0", "").strip()[:longest]


def secret(request: Request, name: str) -> str:
    """A password of the form: as it was typed, blanks and all."""
    value = request.form.get(name) if request.form else None
    return str(value or "")[:LONGEST_SECRET]


async def door_of(request: Request, service: str) -> Door:
    """A service in the officer's area. Raises NotFound for any other, whether it exists or not."""
    services, officer = request.app.ctx.services, request.ctx.officer
    door: Door | None = await services.directory.door(service)
    if door is not None and not officer.covers(door.division):
        await services.audit.denied(officer, "service", service, source(request))
        door = None
    if door is None:
        raise NotFound("没有这个地方，或者不在您的管辖范围内。")
    return door


async def appointment_of(request: Request, service: str, appointment: str) -> tuple[Door, BookedAppointment]:
    """An appointment with a visit at a service in her area. Raises NotFound."""
    door = await door_of(request, service)
    found: Any = await request.app.ctx.services.appointments.one(appointment)
    if service not in {visit.service for visit in found.visits}:
        raise NotFound("这里没有这个预约。可能已经改到别处。")
    return door, found
