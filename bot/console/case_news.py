"""Tells the open page of a case that there is something new. No word of hers is in it; the page then asks for its parts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sanic import Blueprint, HTTPResponse, Request, text

from bot.console.case import refused
from bot.console.guard import COOKIE, guarded
from bot.domain.accounts import Officer, Permission
from bot.domain.errors import NotAllowed, NotFound

LOOK_EVERY = 1.0
"""Seconds between two looks, per open page."""
CHECK_EVERY = 5
"""Looks between two questions whether the session is still open."""
QUIET_LOOKS = 15
"""Looks after which a silent stream says that it is alive."""


@dataclass
class Watched:
    """An open page: whose, of which case, and what it shows."""

    officer: Officer
    session: str
    case: str
    mark: str


def add_case_news(console: Blueprint) -> None:
    """Routes of what is new."""
    console.add_route(mark, "/cases/<case>/mark", name="case_mark")
    console.add_route(events, "/cases/<case>/events", name="case_events")


@guarded(Permission.SEE_CASES, touch=False)
async def mark(request: Request, case: str) -> HTTPResponse:
    """The mark of what the page would show now: for a page in the background, which asks now and then."""
    return text(await _mark(request, case))


@guarded(Permission.SEE_CASES, touch=False)
async def events(request: Request, case: str) -> None:
    """A stream: `new` when there is something new, `over` when the session ended, `gone` when the case is hers no more."""
    now = await _mark(request, case)
    known = request.headers.get("last-event-id") or request.args.get("mark") or now
    watched = Watched(request.ctx.officer, request.cookies.get(COOKIE) or "", case, known)
    response = await request.respond(
        content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    async for said in _news(request, watched):
        await response.send(said)


async def _news(request: Request, watched: Watched) -> AsyncIterator[str]:
    """What to send, until there is nothing more to say."""
    looks = quiet = 0
    yield ": open\n\n"
    while True:
        try:
            changed = await _look(request, watched, looks)
        except NotAllowed:
            yield "event: over\ndata: 1\n\n"
            return
        except NotFound:
            yield "event: gone\ndata: 1\n\n"
            return
        quiet = 0 if changed else quiet + 1
        if changed:
            yield f"id: {watched.mark}\nevent: new\ndata: 1\n\n"
        elif quiet % QUIET_LOOKS == 0:
            yield ": still here\n\n"
        looks += 1
        await asyncio.sleep(LOOK_EVERY)


async def _look(request: Request, watched: Watched, looks: int) -> bool:
    """Whether there is something new. Raises NotAllowed, NotFound."""
    services = request.app.ctx.services
    if looks % CHECK_EVERY == 0:
        watched.officer = await services.accounts.check(watched.session, touch=False)
    found: str = await services.office.room.mark(watched.case, watched.officer)
    changed, watched.mark = found != watched.mark, found
    return changed


async def _mark(request: Request, case: str) -> str:
    try:
        found: str = await request.app.ctx.services.office.room.mark(case, request.ctx.officer)
    except NotFound:
        await refused(request, case)
        raise
    return found
