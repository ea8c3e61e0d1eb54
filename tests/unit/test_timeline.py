"""A day as rows: slots, visits beside them, closed hours, and what can be booked."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.console.timeline import cancelled, summed, timeline
from bot.domain.appointments import AppointmentStatus
from bot.domain.slots import BookingRules, Slot
from bot.services.calendars import Change, Day, Entry

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 25)
RULES = BookingRules(timedelta(minutes=60), timedelta(0), 2, timedelta(hours=2), timedelta(days=28))
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def entry(start: datetime, status: AppointmentStatus = AppointmentStatus.BOOKED) -> Entry:
    return Entry("a", "123456", status, start, start + timedelta(hours=1), "李女士", False, False)


def day(*hours: int, left: int = 1, entries: tuple[Entry, ...] = (), changes: tuple[Change, ...] = ()) -> Day:
    slots = tuple((Slot(at(hour), at(hour + 1)), left) for hour in hours)
    return Day("s", "甲站", DAY, ((time(9), time(17)),), RULES, slots, entries, changes)


def test_rows_are_in_order_and_a_visit_without_a_slot_stands_beside() -> None:
    rows = timeline(day(9, 11, entries=(entry(at(10)), entry(at(9)))), NOW)
    assert [(row.starts_at.hour, row.beside, len(row.entries)) for row in rows] == [
        (9, False, 1), (10, True, 1), (11, False, 0),
    ]  # fmt: skip


def test_a_break_is_seen_but_not_a_pause() -> None:
    assert [row.after_break for row in timeline(day(9, 10, 13), NOW)] == [False, False, True]


def test_only_what_is_free_to_come_and_near_enough_can_be_booked() -> None:
    assert timeline(day(9), NOW)[0].bookable
    assert not timeline(day(9, left=0), NOW)[0].bookable
    assert not timeline(day(9), at(9, 1))[0].bookable
    far = timeline(day(9), NOW - timedelta(days=40))[0]
    assert (far.bookable, far.too_far) == (False, True)


def test_the_running_slot_is_current_and_the_ended_one_past() -> None:
    rows = timeline(day(9, 10, 11), at(10, 30))
    assert [(row.past, row.current, row.begun) for row in rows] == [
        (True, False, True), (False, True, True), (False, False, False),
    ]  # fmt: skip


def test_hours_closed_for_weeks_are_cut_to_the_day() -> None:
    weeks = Change("c", at(0, day=date(2026, 11, 20)), at(0, day=date(2026, 12, 10)), False, "")
    (row,) = timeline(day(changes=(weeks,)), NOW)
    assert (row.starts_at, row.ends_at) == (at(0), at(0, day=date(2026, 11, 26)))


def test_a_day_in_numbers_leaves_out_whoever_cancelled() -> None:
    shown = day(
        9, 10, entries=(entry(at(9)), entry(at(9), AppointmentStatus.ATTENDED), entry(at(9), AppointmentStatus.CANCELLED))
    )  # fmt: skip
    sums = summed(shown, NOW)
    assert (sums.expected, sums.over, sums.free) == (1, 1, 2)
    assert len(cancelled(shown)) == 1
