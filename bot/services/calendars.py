"""The officers' side of the calendar: a day at a glance, hours closed and opened, the rules of a service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.appointments import AppointmentStatus
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.slots import BookingRules, Calendar, Slot, quanta
from bot.services.appointments import CALLED, PHONE
from bot.services.availability import Availability
from bot.services.directory import Directory, Door
from bot.storage.appointments import AppointmentStore, Visit
from bot.storage.calendars import BookingCalendar, CalendarChangeRow, CalendarStore
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.sealing import Keyring

MOST_VISITS = 500
LONGEST_CHANGE = timedelta(days=31)
LONGEST_NOTE = 100
LATEST_END = timedelta(days=1)
"""A night that begins on the last day asked for ends within a day."""
CHANGE = "calendar change"
RULES: Mapping[str, tuple[int, int]] = {
    "minutes": (5, 480),
    "buffer_minutes": (0, 240),
    "seats": (1, 500),
    "lead_hours": (0, 720),
    "horizon_days": (1, 365),
}
"""What an officer may set, and between which numbers."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit as the officer sees it. `together_with`: the other services of a joint appointment."""

    appointment: str
    number: str
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    called: str
    has_phone: bool
    in_chat: bool
    together_with: tuple[str, ...] = ()
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """One visit in a list over many places. `kind` is a word of the directory; `listed`: the place is still in it."""

    service: str
    place: str
    kind: str
    synthetic: bool
    listed: bool
    entry: Entry


@dataclass(frozen=True, slots=True)
class Change:
    """Hours that were closed or opened besides the schedule."""

    id: str
    starts_at: datetime
    ends_at: datetime
    opens: bool
    note: str


@dataclass(frozen=True, slots=True)
class Day:
    """One service on one day: its slots with the seats left in each, who comes, what was changed.

    `hours`: (opens, closes) of the schedule, before any change. `rules`: what holds for the service.
    """

    service: str
    place: str
    day: date
    hours: tuple[tuple[time, time], ...]
    rules: BookingRules
    slots: tuple[tuple[Slot, int], ...]
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]


class Calendars:
    """Each act is one transaction. The caller has checked that the officer may act at this place."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        directory: Directory,
        availability: Availability,
        *,
        clock: Callable[[], datetime],
        zone: str,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._directory = directory
        self._availability = availability
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def days(self, service: str, first: date, count: int) -> list[Day]:
        """`count` days of one service. Raises NotFound."""
        door = await self._door(service)
        start = datetime.combine(first, time.min, self._zone)
        end = start + timedelta(days=count)
        async with self._database.read() as session:
            calendar = await self._availability.calendar(session, door, start, end)
            visits = await AppointmentStore(session).visits_of([service], start, end, MOST_VISITS * count)
            changed = (await CalendarStore(session).changes([service], start, end)).get(service, [])
            steps = quanta(Slot(start, end + LATEST_END), calendar.rules)
            taken = (await CalendarStore(session).taken([service], steps.start, steps.stop)).get(service, {})
        days = (start + timedelta(days=at) for at in range(count))
        return [self._day(door, calendar, day, visits, changed, taken) for day in days]

    async def coming(self, division: str, hours: int, limit: int, offset: int = 0) -> list[Coming]:
        """Who comes next in a branch of the area, from the beginning of today; those already written down are left out."""
        doors = {door.card.id: door for door in await self._directory.doors_in(division)}
        now = self._clock().astimezone(self._zone)
        today = datetime.combine(now.date(), time.min, self._zone)
        async with self._database.read() as session:
            visits = await AppointmentStore(session).standing_from(
                today, now + timedelta(hours=hours), limit, offset=offset, division=division
            )
        return [
            Coming(
                visit.service_id, visit.place, visit.kind, visit.synthetic, visit.service_id in doors,
                self._entry(visit),
            )
            for visit in visits
        ]  # fmt: skip

    async def booked(self, services: Sequence[str], day: date) -> Mapping[str, int]:
        """How many standing visits these services have on a day; one with none has no entry."""
        start = datetime.combine(day, time.min, self._zone)
        async with self._database.read() as session:
            return await AppointmentStore(session).count_standing(services, start, start + timedelta(days=1))

    async def standing(self, service: str, starts_at: datetime, ends_at: datetime) -> list[Entry]:
        """Whoever is booked in a span of time, and so keeps it from being closed."""
        async with self._database.read() as session:
            visits = await AppointmentStore(session).standing_between(service, starts_at, ends_at)
        return [self._entry(visit) for visit in visits]

    async def close(
        self, service: str, starts_at: datetime, ends_at: datetime, note: str = "", *, key: str = ""
    ) -> None:
        """Close some hours. Raises Conflict while somebody is booked then: she has to be moved first.

        `key`: the same for every delivery of one form; they close once.
        """
        await self._door(service)
        change = self._change(service, starts_at, ends_at, note, key, opens=False)
        async with self._database.write() as session:
            store = CalendarStore(session)
            await store.lock([service])
            if await store.change(change.public_id) is not None:
                return
            booked = await AppointmentStore(session).standing_between(service, starts_at, ends_at)
            if booked:
                raise Conflict(f"这段时间已有 {len(booked)} 个预约，请先改约或取消，再关闭。")
            await store.add_change(change)

    async def open(
        self, service: str, starts_at: datetime, ends_at: datetime, note: str = "", *, key: str = ""
    ) -> None:
        """Open some hours besides the schedule; `key` as in `close`."""
        await self._door(service)
        change = self._change(service, starts_at, ends_at, note, key, opens=True)
        async with self._database.write() as session:
            store = CalendarStore(session)
            await store.lock([service])
            if await store.change(change.public_id) is None:
                await store.add_change(change)

    async def undo(self, service: str, change: str) -> None:
        """Take a change back; one that is gone already is no error.

        Raises NotFound when it is another service's, Conflict while somebody is booked in opened hours.
        """
        async with self._database.write() as session:
            store = CalendarStore(session)
            await store.lock([service])
            row = await store.change(change)
            if row is None:
                return
            if row.service_id != service:
                raise NotFound
            if row.opens and await AppointmentStore(session).standing_between(service, row.starts_at, row.ends_at):
                raise Conflict("加开的这段时间里已有预约，请先改约或取消。")
            await store.remove_change(change)

    async def set_rules(self, service: str, numbers: Mapping[str, int | None]) -> None:
        """The service's own numbers; None means the kind's. Raises BadInput with the bounds."""
        await self._door(service)
        for name, number in numbers.items():
            low, high = RULES[name]
            if number is not None and not low <= number <= high:
                raise BadInput(f"数字应在 {low} 到 {high} 之间。")
        async with self._database.write() as session:
            await CalendarStore(session).set_rules(service, numbers)

    async def rules(self, service: str) -> tuple[BookingRules, BookingCalendar | None]:
        """What holds for a service, and the row with its own numbers, if it has any."""
        door = await self._door(service)
        async with self._database.read() as session:
            row = (await CalendarStore(session).calendars([service])).get(service)
        return self._availability.rules_of(door, row), row

    async def phone(self, appointment: str) -> str:
        """The number she left, for calling her; "" when she left none. Raises NotFound."""
        async with self._database.read() as session:
            row = await AppointmentStore(session).by_id(appointment)
        if row is None:
            raise NotFound
        return self._keyring.open(row.sealed_phone, PHONE) if row.sealed_phone else ""

    async def _door(self, service: str) -> Door:
        door = await self._directory.door(service)
        if door is None:
            raise NotFound
        return door

    def _day(
        self, door: Door, calendar: Calendar, day: datetime, visits: Sequence[Visit],
        changed: Sequence[CalendarChangeRow], taken: Mapping[int, int],
    ) -> Day:  # fmt: skip
        until, rules = day + timedelta(days=1), calendar.rules
        slots = calendar.slots_of_day(day.date(), self._zone, self._availability.is_workday)
        return Day(
            service=door.card.id,
            place=door.card.name,
            day=day.date(),
            hours=tuple(door.schedule.on(day.date(), self._availability.is_workday)),
            rules=rules,
            slots=tuple((slot, _left(slot, rules, taken)) for slot in slots),
            entries=tuple(self._entry(visit) for visit in visits if day <= visit.starts_at < until),
            changes=tuple(
                Change(row.public_id, row.starts_at.astimezone(self._zone), row.ends_at.astimezone(self._zone),
                       row.opens, row.note)
                for row in changed if row.starts_at < until and row.ends_at > day
            ),
        )  # fmt: skip

    def _entry(self, visit: Visit) -> Entry:
        row = visit.appointment
        return Entry(
            appointment=row.public_id,
            number=row.number,
            status=row.status,
            starts_at=visit.starts_at.astimezone(self._zone),
            ends_at=visit.ends_at.astimezone(self._zone),
            called=self._keyring.open(row.sealed_called, CALLED) if row.sealed_called else "",
            has_phone=row.sealed_phone is not None,
            in_chat=row.conversation_id is not None,
            together_with=tuple(other.place for other in row.visits if other.id != visit.id),
            held_until=row.held_until and row.held_until.astimezone(self._zone),
        )

    def _change(
        self, service: str, starts_at: datetime, ends_at: datetime, note: str, key: str, *, opens: bool
    ) -> CalendarChangeRow:
        now = self._clock()
        if ends_at <= starts_at:
            raise BadInput("结束时间要在开始时间之后。")
        if ends_at - starts_at > LONGEST_CHANGE:
            raise BadInput("一次最多关闭或加开 31 天。")
        if ends_at <= now:
            raise BadInput("这段时间已经过去了。")
        name = self._keyring.digest(f"{service} {key}", CHANGE)[:32] if key else new_public_id()
        return CalendarChangeRow(
            public_id=name, service_id=service, opens=opens, starts_at=starts_at, ends_at=ends_at,
            note=note[:LONGEST_NOTE], created_at=now,
        )  # fmt: skip


def _left(slot: Slot, rules: BookingRules, taken: Mapping[int, int]) -> int:
    """Seats left; never less than none, also when there were more seats once."""
    return max(0, rules.seats - max(taken.get(at, 0) for at in quanta(slot, rules)))
