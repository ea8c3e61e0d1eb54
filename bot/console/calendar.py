"""The calendar of one place: which place, its day and its week, hours closed and opened, its rules, the sheet to print."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day, read_number, read_page, read_span
from bot.console.guard import CALENDAR_ROLES, appointment_of, door_of, form, guarded
from bot.console.pages import back_to, page, unannounced
from bot.console.timeline import cancelled, summed, timeline
from bot.domain.appointments import AppointmentStatus, BookedAppointment
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.services.calendars import RULES, Entry
from bot.services.directory import Door
from bot.services.place_list import PlaceWish, list_places

WEEK = 7
CHANGE_FIELDS = ("day", "until", "part", "from", "to", "note")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an act was refused, and who is in its way."""

    words: str
    status: int
    in_the_way: tuple[Entry, ...] = ()


def add_calendar(console: Blueprint) -> None:
    """Routes of places and their calendars."""
    console.add_route(places, "/calendar")
    console.add_route(calendar, "/calendar/<service>")
    console.add_route(sheet, "/calendar/<service>/print")
    console.add_route(close, "/calendar/<service>/close", methods=["POST"])
    console.add_route(open_hours, "/calendar/<service>/open", methods=["POST"])
    console.add_route(undo, "/calendar/<service>/undo", methods=["POST"])
    console.add_route(rules, "/calendar/<service>/rules")
    console.add_route(set_rules, "/calendar/<service>/rules/set", methods=["POST"])


@guarded(*CALENDAR_ROLES)
async def places(request: Request) -> HTTPResponse:
    """Choose a place: by words, district and kind."""
    services, asked = request.app.ctx.services, request.args
    wish = PlaceWish(
        area=request.ctx.officer.area, words=asked.get("q", "")[:60], kind=asked.get("kind", ""),
        district=asked.get("district", ""), page=read_page(asked.get("page", "")),
    )  # fmt: skip
    found = await list_places(services.directory, services.gazetteer, wish)
    today = services.availability.now().date()
    booked = await services.calendars.booked([place.door.card.id for place in found.places], today)
    return page(request, "places.html", wish=wish, found=found, booked=booked)


@guarded(*CALENDAR_ROLES)
async def calendar(request: Request, service: str) -> HTTPResponse:
    """A day or a week of one place."""
    door = await door_of(request, service)
    day = read_day(request.args.get("day", ""), request.app.ctx.services.availability.now().date())
    if request.args.get("view") == "week":
        return await _week(request, door, day)
    return await _day(request, door, day)


@guarded(*CALENDAR_ROLES)
async def sheet(request: Request, service: str) -> HTTPResponse:
    """The day on paper: names, no phones, and no word that tells why anybody comes."""
    door = await door_of(request, service)
    services = request.app.ctx.services
    day = read_day(request.args.get("day", ""), services.availability.now().date())
    [shown] = await services.calendars.days(service, day, 1)
    coming = [entry for entry in shown.entries if entry.status is not AppointmentStatus.CANCELLED]
    return page(request, "sheet.html", door=door, day=day, entries=coming, printed_at=services.availability.now())


@guarded(*CALENDAR_ROLES)
async def close(request: Request, service: str) -> HTTPResponse:
    """Close some hours of a place."""
    return await _change(request, service, opens=False)


@guarded(*CALENDAR_ROLES)
async def open_hours(request: Request, service: str) -> HTTPResponse:
    """Open some hours besides the schedule."""
    return await _change(request, service, opens=True)


@guarded(*CALENDAR_ROLES)
async def undo(request: Request, service: str) -> HTTPResponse:
    """Take a change back."""
    door = await door_of(request, service)
    day = read_day(form(request, "day"))
    try:
        await request.app.ctx.services.calendars.undo(service, form(request, "change"))
    except Conflict as refused:
        return await _day(request, door, day, Trouble(refused.words, refused.status))
    return back_to(f"/console/calendar/{service}", day=day.isoformat(), said="undone")


@guarded(*CALENDAR_ROLES)
async def rules(request: Request, service: str) -> HTTPResponse:
    """The numbers that hold for a place, and where each comes from."""
    return await _rules(request, await door_of(request, service))


@guarded(*CALENDAR_ROLES)
async def set_rules(request: Request, service: str) -> HTTPResponse:
    """Give a place numbers of its own; an empty field is the kind's."""
    door = await door_of(request, service)
    try:
        numbers = {name: read_number(form(request, name)) for name in RULES}
        await request.app.ctx.services.calendars.set_rules(service, numbers)
    except BadInput as refused:
        return await _rules(request, door, Trouble(refused.words, refused.status))
    return back_to(f"/console/calendar/{service}/rules", said="rules")


async def _change(request: Request, service: str, *, opens: bool) -> HTTPResponse:
    door = await door_of(request, service)
    calendars, zone = request.app.ctx.services.calendars, request.app.ctx.services.availability.now().tzinfo
    shown = read_day(form(request, "shown"))
    span: tuple[datetime, datetime] | None = None
    try:
        first = read_day(form(request, "day"), shown)
        last = read_day(form(request, "until"), first)
        hours = form(request, "from"), form(request, "to")
        span = read_span(form(request, "part"), first, last, hours, zone, opens=opens)
        act = calendars.open if opens else calendars.close
        await act(service, *span, form(request, "note"), key=form(request, "key"))
    except Conflict as refused:
        entries = await calendars.standing(service, *span) if span else []
        return await _day(request, door, shown, Trouble(refused.words, refused.status, tuple(entries)))
    except BadInput as refused:
        return await _day(request, door, shown, Trouble(refused.words, refused.status))
    return back_to(f"/console/calendar/{service}", day=first.isoformat(), said="opened" if opens else "closed")


async def _day(request: Request, door: Door, day: date, trouble: Trouble | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    now = services.availability.now()
    [shown] = await services.calendars.days(door.card.id, day, 1)
    return page(
        request, "day.html", trouble.status if trouble else 200, **_frame(door, day, now, 1), shown=shown,
        rows=timeline(shown, now), sum=summed(shown, now), cancelled=cancelled(shown), trouble=trouble,
        said=request.args.get("said", ""), acted_on=await _acted_on(request, door), key=secrets.token_urlsafe(12),
        typed={act: _typed(request, act) for act in ("close", "open")},
    )  # fmt: skip


def _typed(request: Request, act: str) -> dict[str, str]:
    """What she had written into the form that was refused; "" everywhere for the other one."""
    return {name: form(request, name) if request.path.endswith(f"/{act}") else "" for name in CHANGE_FIELDS}


async def _week(request: Request, door: Door, day: date) -> HTTPResponse:
    services = request.app.ctx.services
    now, monday = services.availability.now(), day - timedelta(days=day.weekday())
    week = await services.calendars.days(door.card.id, monday, WEEK)
    columns = [(shown, timeline(shown, now), summed(shown, now)) for shown in week]
    return page(request, "week.html", **_frame(door, day, now, WEEK), columns=columns)


async def _rules(request: Request, door: Door, trouble: Trouble | None = None) -> HTTPResponse:
    holds, own = await request.app.ctx.services.calendars.rules(door.card.id)
    usual = request.app.ctx.services.availability.rules_of(door, None)
    return page(
        request, "rules.html", trouble.status if trouble else 200, door=door, holds=holds, own=own, usual=usual,
        bounds=RULES, trouble=trouble, said=request.args.get("said", ""),
        typed={name: form(request, name) for name in RULES} if trouble else None,
    )  # fmt: skip


async def _acted_on(request: Request, door: Door) -> BookedAppointment | None:
    """The appointment that the act before this page was about, to be read out; None when there is none here."""
    number = request.args.get("appointment", "")
    if not number:
        return None
    try:
        return (await appointment_of(request, door.card.id, number))[1]
    except NotFound:
        return None


def _frame(door: Door, day: date, now: datetime, step: int) -> dict[str, Any]:
    """What day and week share: where we are, and the way to the days around."""
    monday = day - timedelta(days=day.weekday())
    days = [day] if step == 1 else [monday + timedelta(days=at) for at in range(WEEK)]
    return {
        "door": door, "day": day, "days": days, "now": now, "today": now.date(), "unannounced": unannounced(days),
        "before": day - timedelta(days=step), "after": day + timedelta(days=step),
    }  # fmt: skip
