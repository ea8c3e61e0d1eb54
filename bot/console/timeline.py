"""A day as rows, from morning to evening: slots with who comes, visits beside the slots, closed hours."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.domain.appointments import AppointmentStatus
from bot.domain.slots import Slot
from bot.services.calendars import Change, Day, Entry

OVER = frozenset({AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW})
BREAK = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of a day. `beside`: a visit where no slot is (any more); `change`: closed hours.

    `after_break`: nothing is open for a while before it. `too_far`: free, but further ahead than may be booked.
    """

    starts_at: datetime
    ends_at: datetime
    entries: tuple[Entry, ...] = ()
    left: int = 0
    beside: bool = False
    change: Change | None = None
    past: bool = False
    current: bool = False
    bookable: bool = False
    too_far: bool = False
    after_break: bool = False
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A day in numbers: who is expected, who is written down, how many seats can still be booked."""

    expected: int
    over: int
    free: int


def timeline(day: Day, now: datetime) -> list[Row]:
    """The rows of a day in order; cancelled visits are not among them."""
    coming = [entry for entry in day.entries if entry.status is not AppointmentStatus.CANCELLED]
    starts = {slot.starts_at for slot, _ in day.slots}
    rows = [_slot(day, slot, left, coming, now) for slot, left in day.slots]
    rows += [_row(entry.starts_at, entry.ends_at, now, entries=(entry,), beside=True)
             for entry in coming if entry.starts_at not in starts]  # fmt: skip
    rows += [_closed(day, change, now) for change in day.changes if not change.opens]
    return _with_breaks(sorted(rows, key=lambda row: (row.starts_at, row.change is None)))


def summed(day: Day, now: datetime) -> Sum:
    """A day in numbers."""
    rows = timeline(day, now)
    entries = [entry for row in rows for entry in row.entries]
    over = sum(entry.status in OVER for entry in entries)
    return Sum(len(entries) - over, over, sum(row.left for row in rows if row.bookable))


def cancelled(day: Day) -> list[Entry]:
    """Visits that were cancelled: they are history, and told apart."""
    return [entry for entry in day.entries if entry.status is AppointmentStatus.CANCELLED]


def _slot(day: Day, slot: Slot, left: int, coming: list[Entry], now: datetime) -> Row:
    entries = tuple(entry for entry in coming if entry.starts_at == slot.starts_at)
    row = _row(slot.starts_at, slot.ends_at, now, entries=entries, left=left)
    to_come, near = slot.starts_at >= now, slot.starts_at < now + day.rules.horizon
    return replace(row, bookable=left > 0 and to_come and near, too_far=left > 0 and not near)


def _row(starts_at: datetime, ends_at: datetime, now: datetime, **more: object) -> Row:
    made = Row(starts_at, ends_at, **more)  # type: ignore[arg-type]
    return replace(made, past=ends_at <= now, current=starts_at <= now < ends_at, begun=starts_at <= now)


def _closed(day: Day, change: Change, now: datetime) -> Row:
    """Cut to the day, as a change may go on for weeks."""
    zone = change.starts_at.tzinfo
    opens = datetime.combine(day.day, time.min, zone)
    return _row(max(change.starts_at, opens), min(change.ends_at, opens + timedelta(days=1)), now, change=change)


def _with_breaks(rows: list[Row]) -> list[Row]:
    return [
        replace(row, after_break=at > 0 and row.starts_at - max(before.ends_at for before in rows[:at]) >= BREAK)
        for at, row in enumerate(rows)
    ]
