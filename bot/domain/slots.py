"""Slots that can be booked: cut from opening hours by a service's rules, minus what is closed, plus what is opened besides.

Pure: days, times and the calendar come as arguments. All moments are local and carry their zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from bot.domain.schedules import IsWorkday, Schedule

QUANTUM = timedelta(minutes=5)
"""Seats are taken in steps of this length, so that two visits can never overlap, whatever grid they were cut from."""
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
WALK_METRES_A_MINUTE = 70
SETTLE = timedelta(minutes=10)
"""Between two services of one joint visit at different doors, besides the way."""
DAYS_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class BookingRules:
    """How a service is booked. `buffer` follows each visit; `lead` is how long before, `horizon` how far ahead."""

    length: timedelta
    buffer: timedelta
    seats: int
    lead: timedelta
    horizon: timedelta

    def __post_init__(self) -> None:
        if self.length < QUANTUM or self.buffer < timedelta(0) or not 1 <= self.seats <= 500:
            raise ValueError("a visit takes at least five minutes and has between 1 and 500 seats")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One visit's time: local, with zone; `ends_at` is without the buffer."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What an officer changed for some hours: `opens` adds them, otherwise they are closed."""

    starts_at: datetime
    ends_at: datetime
    opens: bool = False

    def touches(self, slot: Slot) -> bool:
        """Whether they share any moment."""
        return self.starts_at < slot.ends_at and slot.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that decides when one service can be booked."""

    schedule: Schedule
    rules: BookingRules
    changes: tuple[CalendarChange, ...] = ()

    def slots(self, first: datetime, last: datetime, now: datetime, is_workday: IsWorkday) -> Iterator[Slot]:
        """Slots that begin in [first, last), may still be booked at `now`, and are open. In order."""
        zone = now.tzinfo
        earliest = max(first, now + self.rules.lead)
        latest = min(last, now + self.rules.horizon)
        day = earliest.astimezone(zone).date() - timedelta(days=1)  # a night that began yesterday
        while datetime.combine(day, time.min, zone) < latest:
            for slot in self.slots_of_day(day, zone, is_workday):
                if earliest <= slot.starts_at < latest:
                    yield slot
            day += timedelta(days=1)

    def slots_of_day(self, day: date, zone: tzinfo | None, is_workday: IsWorkday) -> Sequence[Slot]:
        """Every slot that begins in the hours of a day, past or to come."""
        regular = _cut_day(self.schedule, self.rules, day, zone, is_workday)
        if not self.changes:
            return regular
        closed = [change for change in self.changes if not change.opens]
        added = (
            slot
            for change in self.changes
            if change.opens and change.starts_at.astimezone(zone).date() == day
            for slot in _cut(change.starts_at.astimezone(zone), change.ends_at.astimezone(zone), self.rules)
        )
        kept = [slot for slot in (*regular, *added) if not any(change.touches(slot) for change in closed)]
        return _apart(sorted(set(kept)))


@lru_cache(maxsize=DAYS_REMEMBERED)
def _cut_day(
    schedule: Schedule, rules: BookingRules, day: date, zone: tzinfo | None, is_workday: IsWorkday
) -> tuple[Slot, ...]:
    """The slots that begin in the opening hours of a day; thousands of services share a few schedules."""
    found: list[Slot] = []
    for opens, closes in schedule.on(day, is_workday):
        start = datetime.combine(day, opens, zone)
        end = datetime.combine(day if closes > opens else day + timedelta(days=1), closes, zone)
        found += _cut(start, end, rules)
    return tuple(found)


def _cut(start: datetime, end: datetime, rules: BookingRules) -> Iterator[Slot]:
    while start + rules.length <= end:
        yield Slot(start, start + rules.length)
        start += rules.length + rules.buffer


def _apart(slots: Iterable[Slot]) -> list[Slot]:
    """Without those that begin before the one kept before them has ended (opened hours may overlap regular ones)."""
    kept: list[Slot] = []
    for slot in slots:
        if not kept or slot.starts_at >= kept[-1].ends_at:
            kept.append(slot)
    return kept


def quanta(slot: Slot, rules: BookingRules) -> range:
    """The steps of five minutes, counted from 1970, that a visit and its buffer take."""
    first = (slot.starts_at - EPOCH) // QUANTUM
    last = -((EPOCH - (slot.ends_at + rules.buffer)) // QUANTUM)
    return range(first, last)


def way(metres: float) -> timedelta:
    """How long to leave between two doors: nothing at the same one, else on foot or by bus, and time to settle."""
    if metres < 1:
        return timedelta(0)
    minutes = min(metres / WALK_METRES_A_MINUTE, 30 + metres / 300)
    return SETTLE + timedelta(minutes=round(minutes))
