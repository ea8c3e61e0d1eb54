"""Moving an appointment: the next free slots (here first, then nearby), read back, confirmed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sanic import Blueprint, HTTPResponse, Request

from bot.console.appointments import after
from bot.console.bookings import nearest_free, visits_of
from bot.console.fields import read_day
from bot.console.guard import CALENDAR_ROLES, appointment_of, door_of, form, guarded
from bot.console.pages import page
from bot.console.timeline import timeline
from bot.domain.appointments import Actor, BookedAppointment
from bot.domain.errors import SlotTaken
from bot.services.availability import FreeSlot, SlotWish
from bot.services.directory import Door, PlaceQuery

DAYS = 7
NEIGHBOURS = 2
JOINT_SHOWN = 12


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A day at her place and the starts that are free on it."""

    day: date
    starts: tuple[datetime, ...]


def add_moves(console: Blueprint) -> None:
    """Routes of moving."""
    console.add_route(show_move, "/calendar/<service>/appointments/<appointment>/move")
    console.add_route(move, "/calendar/<service>/appointments/<appointment>/move", methods=["POST"])


@guarded(*CALENDAR_ROLES)
async def show_move(request: Request, service: str, appointment: str) -> HTTPResponse:
    """The choices; or, with `to`, the one that was chosen, read back."""
    door, booked = await appointment_of(request, service, appointment)
    to = request.args.get("to", "")
    if to:
        return await _read_back(request, door, booked, to)
    return await _choices(request, door, booked)


@guarded(*CALENDAR_ROLES)
async def move(request: Request, service: str, appointment: str) -> HTTPResponse:
    """Move all of it or nothing. Sent twice it is moved once: where it is already nothing happens."""
    to = form(request, "to")
    visits = await visits_of(request, to)
    there: BookedAppointment = await request.app.ctx.services.appointments.one(appointment)
    if {(visit.service, visit.starts_at) for visit in there.visits} == set(visits):
        return after(there, "moved")
    door, booked = await appointment_of(request, service, appointment)
    try:
        moved = await request.app.ctx.services.appointments.move(appointment, visits, actor=Actor.OFFICER)
    except SlotTaken as taken:
        single = len(booked.visits) == 1
        instead = (
            await nearest_free(request, door, visits[0][1])
            if single
            else await _joint(request, booked, visits[0][1].date())
        )
        return page(
            request, "move_taken.html", taken.status, door=door, booked=booked, taken=taken, instead=instead[:3]
        )
    return after(moved, "moved")


async def _read_back(request: Request, door: Door, booked: BookedAppointment, to: str) -> HTTPResponse:
    visits = await visits_of(request, to)
    doors = [(await door_of(request, service), starts_at) for service, starts_at in visits]
    return page(request, "move_confirm.html", door=door, booked=booked, doors=doors, to=to)


async def _choices(request: Request, door: Door, booked: BookedAppointment) -> HTTPResponse:
    now = request.app.ctx.services.availability.now()
    first = max(read_day(request.args.get("day", ""), now.date()), now.date())
    single = len(booked.visits) == 1
    return page(
        request, "move.html", door=door, booked=booked, first=first, today=now.date(),
        before=first - timedelta(days=DAYS), after=first + timedelta(days=DAYS),
        own=await _here(request, door, first, now) if single else [],
        nearby=await _nearby(request, door, booked, now) if single else [],
        joint=() if single else await _joint(request, booked, first),
    )  # fmt: skip


async def _here(request: Request, door: Door, first: date, now: datetime) -> list[DayChoice]:
    days = await request.app.ctx.services.calendars.days(door.card.id, first, DAYS)
    return [DayChoice(day.day, tuple(row.starts_at for row in timeline(day, now) if row.bookable)) for day in days]


async def _nearby(
    request: Request, door: Door, booked: BookedAppointment, now: datetime
) -> list[tuple[Door, int, tuple[FreeSlot, ...]]]:
    """(door, metres, free slots nearest to hers) of the next places that the officer may book at."""
    services = request.app.ctx.services
    if door.card.point is None:
        return []
    near = await services.directory.doors_near(PlaceQuery(door.card.point, door.kind, limit=4 * NEIGHBOURS))
    others = [pair for pair in near if pair[0].card.id != door.card.id and request.ctx.officer.covers(pair[0].division)]
    found = []
    for other, metres in others[:NEIGHBOURS]:
        horizon = services.availability.rules_of(other, None).horizon
        wish = SlotWish((other.kind,), now, now + horizon, service=other.card.id, exact=booked.starts_at)
        found.append((other, round(metres), (await services.availability.find(wish)).slots))
    return [choice for choice in found if choice[2]]


async def _joint(request: Request, booked: BookedAppointment, first: date) -> tuple[FreeSlot, ...]:
    """Both services of a joint visit, in a week from a day; the other one where it is nearest."""
    services = request.app.ctx.services
    doors = [await services.directory.door(visit.service) for visit in booked.visits]
    known = [door for door in doors if door is not None]
    if len(known) < len(booked.visits):
        return ()
    start = datetime.combine(first, datetime.min.time(), services.availability.now().tzinfo)
    wish = SlotWish(
        tuple(door.kind for door in known), start, start + timedelta(days=DAYS), service=known[0].card.id,
        together=booked.visits[0].starts_at == booked.visits[1].starts_at, limit=JOINT_SHOWN,
        within=request.ctx.officer.area,
    )  # fmt: skip
    found: tuple[FreeSlot, ...] = await services.availability.free(wish)
    return found
