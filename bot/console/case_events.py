"""Tells open pages of the console how the queue stands, as it changes: ids, counts and levels, and no word of hers.

A stream keeps no session open: it ends as soon as the session has, or the account is disabled.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from sanic import Blueprint, Request

from bot.console.guard import COOKIE, guarded
from bot.domain.accounts import Officer, Permission
from bot.domain.errors import NotAllowed
from bot.services.case_watch import Snapshot, Standing, standing_of

LOOK_EVERY = 1.0
"""Seconds between two looks, per open page; the database is asked once for all of them."""
CHECK_EVERY = 5.0
"""Seconds between two questions whether her session is still open."""
STILL_THERE = 15.0
"""Seconds after which a silent stream says that it is alive."""
RETRY = 3000
"""Milliseconds that a browser waits before it comes back."""


def add_case_events(console: Blueprint) -> None:
    """The one route."""
    console.add_route(queue_events, "/cases/events")


@guarded(Permission.SEE_CASES, touch=False)
async def queue_events(request: Request) -> None:
    """A stream: `cases` when something has changed, `ended` when the session has, and then nothing more."""
    response = await request.respond(
        content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    async for said in _said(request):
        await response.send(said)


async def _said(request: Request) -> AsyncIterator[str]:
    """What is sent, until the session ends. A browser that comes back and knows how it stands is told nothing."""
    services, session = request.app.ctx.services, request.cookies.get(COOKIE) or ""
    officer: Officer = request.ctx.officer
    known, last = request.headers.get("last-event-id") or "", None
    checked = spoke = time.monotonic()
    yield f"retry: {RETRY}\n\n"
    while True:
        # The first look is a new one: she may have done something a moment ago that must not call her again.
        snapshot: Snapshot = await services.office.watch.latest(fresh=last is None)
        if snapshot is not last:
            last, standing = snapshot, standing_of(snapshot, officer)
            if standing.version != known:
                known, spoke = standing.version, time.monotonic()
                yield event(standing)
        if time.monotonic() - spoke >= STILL_THERE:
            spoke = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_EVERY)
        if time.monotonic() - checked >= CHECK_EVERY:
            checked = time.monotonic()
            try:
                officer = await services.accounts.check(session, touch=False)
            except NotAllowed:
                yield "event: ended\ndata: {}\n\n"
                return


def event(standing: Standing) -> str:
    """How it stands, for one officer."""
    data = {
        "version": standing.version,
        "counts": dict(standing.counts),
        "asked": [
            {"case": one.case, "level": one.level.value, "until": one.until.isoformat() if one.until else None}
            for one in standing.asked
        ],
    }
    return f"id: {standing.version}\nevent: cases\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
