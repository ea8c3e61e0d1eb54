"""Who comes next in an officer's area, and whom to call because no message reaches her."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import CALENDAR_ROLES, guarded
from bot.console.pages import back_to, page
from bot.domain.errors import NotFound

A_PAGE = 50
SPANS = (24, 72, 168)
"""Hours ahead that the list of who comes next may reach."""
MOST_CALLS = 200


def add_coming(console: Blueprint) -> None:
    """Routes of lists over all places."""
    console.add_route(coming, "/coming")
    console.add_route(reminders, "/reminders")
    console.add_route(called, "/reminders/<reminder>/called", methods=["POST"])


@guarded(*CALENDAR_ROLES)
async def coming(request: Request) -> HTTPResponse:
    """Who comes next, at every place of the officer's area."""
    number = read_page(request.args.get("page", ""))
    hours = next((span for span in SPANS if str(span) == request.args.get("hours")), SPANS[0])
    services = request.app.ctx.services
    found = await services.calendars.coming(request.ctx.officer.area, hours, A_PAGE + 1, (number - 1) * A_PAGE)
    return page(
        request, "coming.html", coming=found[:A_PAGE], more=len(found) > A_PAGE, number=number, hours=hours,
        spans=SPANS, now=services.availability.now(),
    )  # fmt: skip


@guarded(*CALENDAR_ROLES)
async def reminders(request: Request) -> HTTPResponse:
    """Reminders that no channel could bring, so that somebody calls her."""
    services = request.app.ctx.services
    to_call = await services.reminders.listed(request.ctx.officer.area, MOST_CALLS)
    return page(request, "reminders.html", to_call=to_call)


@guarded(*CALENDAR_ROLES)
async def called(request: Request, reminder: str) -> HTTPResponse:
    """Write down that she was called."""
    services = request.app.ctx.services
    known = await services.reminders.listed(request.ctx.officer.area, MOST_CALLS)
    if reminder not in {row.id for row in known}:
        raise NotFound("这条提醒已经处理过了，或者预约有变动。")
    await services.reminders.called(reminder)
    return back_to("/console/reminders")
