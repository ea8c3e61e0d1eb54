"""Slots are cut from hours and rules; what is closed, past or too near is never offered."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedules import DayException, Hours, Schedule
from bot.domain.slots import EPOCH, QUANTUM, BookingRules, Calendar, CalendarChange, Slot, quanta, way
from bot.domain.workdays import is_workday

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = Schedule(
    (
        Hours((0, 1, 2, 3, 4), time(9), time(12)),
        Hours((0, 1, 2, 3, 4), time(14), time(17)),
        Hours((5,), time(9), time(12)),
    )
)
RULES = BookingRules(timedelta(minutes=40), timedelta(minutes=5), 1, timedelta(hours=2), timedelta(days=28))
FIRST, LAST = datetime(2026, 1, 2), datetime(2028, 12, 30)  # noqa: DTZ001 - hypothesis wants them naive
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def starts(calendar: Calendar, first: str, last: str, now: datetime = TUESDAY) -> list[str]:
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (first, last))
    return [f"{slot.starts_at:%m-%d %H:%M}" for slot in calendar.slots(begin, end, now, is_workday)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE)


def test_a_day_is_cut_into_visits_with_pauses_between() -> None:
    assert starts(Calendar(WEEK, RULES), "2026-11-26", "2026-11-27") == [
        "11-26 09:00", "11-26 09:45", "11-26 10:30", "11-26 11:15",  # the last one ends at 11:55
        "11-26 14:00", "11-26 14:45", "11-26 15:30", "11-26 16:15",
    ]  # fmt: skip


def test_nothing_is_offered_within_the_lead_time_or_beyond_the_horizon() -> None:
    assert starts(Calendar(WEEK, RULES), "2026-11-24", "2026-11-25")[0] == "11-24 14:00"
    assert starts(Calendar(WEEK, RULES), "2026-12-22", "2026-12-31") == ["12-22 09:00", "12-22 09:45"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-11-29", "2026-11-30", 0),  # a Sunday
        ("2027-01-01", "2027-01-02", 0),  # New Year's Day, a Friday
        ("2026-12-31", "2027-01-01", 8),  # the day before it
    ],
)
def test_holidays_and_days_off_have_no_slots(first: str, last: str, found: int) -> None:
    near = datetime(2026, 12, 20, 8, tzinfo=ZONE) if first > "2026-12" else TUESDAY
    assert len(starts(Calendar(WEEK, RULES), first, last, near)) == found


def test_hours_that_were_closed_are_out_and_hours_that_were_opened_are_in() -> None:
    changes = (
        CalendarChange(at("26 10:00"), at("26 12:00")),
        CalendarChange(at("26 18:00"), at("26 20:00"), opens=True),
    )
    assert starts(Calendar(WEEK, RULES, changes), "2026-11-26", "2026-11-27") == [
        "11-26 09:00", "11-26 14:00", "11-26 14:45", "11-26 15:30", "11-26 16:15", "11-26 18:00", "11-26 18:45",
    ]  # fmt: skip


def test_opened_hours_over_regular_ones_do_not_make_visits_that_overlap() -> None:
    changes = (CalendarChange(at("26 09:20"), at("26 12:00"), opens=True),)
    day = Calendar(WEEK, RULES, changes).slots_of_day(date(2026, 11, 26), ZONE, is_workday)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(day))


def test_a_night_that_passes_midnight_is_cut_as_one() -> None:
    night = Schedule((Hours((3,), time(22), time(1)),))
    assert starts(Calendar(night, RULES), "2026-11-26", "2026-11-28") == [
        "11-26 22:00",
        "11-26 22:45",
        "11-26 23:30",
        "11-27 00:15",
    ]


def test_an_exception_of_one_day_beats_the_week() -> None:
    special = Schedule(WEEK.weekly, (DayException(date(2026, 11, 29), ((time(9), time(10)),)),))
    assert starts(Calendar(special, RULES), "2026-11-29", "2026-11-30") == ["11-29 09:00"]


@given(
    minutes=st.integers(5, 180), pause=st.integers(0, 60), opens=st.integers(0, 20 * 60), hours=st.integers(1, 239),
    now=st.datetimes(FIRST, LAST),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_slot_is_past_too_near_too_far_or_over_another(
    minutes: int, pause: int, opens: int, hours: int, now: datetime
) -> None:
    moment = now.replace(tzinfo=ZONE)
    rules = BookingRules(
        timedelta(minutes=minutes), timedelta(minutes=pause), 1, timedelta(hours=2), timedelta(days=14)
    )
    closes = min(opens + hours, 24 * 60 - 1)
    week = Schedule(
        (Hours(tuple(range(7)), time(opens // 60, opens % 60), time(closes // 60, closes % 60)),), open_on_holidays=True
    )
    slots = list(Calendar(week, rules).slots(moment, moment + timedelta(days=30), moment, is_workday))
    assert all(moment + rules.lead <= slot.starts_at < moment + rules.horizon for slot in slots)
    assert all(one.ends_at + rules.buffer <= other.starts_at for one, other in pairwise(slots))
    steps = [step for slot in slots for step in quanta(slot, rules)]
    if all(part % 5 == 0 for part in (minutes, pause, opens)):
        assert len(steps) == len(set(steps))


def test_quanta_cover_the_visit_and_its_pause() -> None:
    slot = Slot(at("26 09:00"), at("26 09:40"))
    steps = quanta(slot, RULES)
    assert EPOCH + steps.start * QUANTUM == at("26 09:00")
    assert EPOCH + steps.stop * QUANTUM == at("26 09:45")


def test_quanta_of_odd_minutes_are_rounded_outwards() -> None:
    assert (
        len(
            quanta(
                Slot(at("26 09:03"), at("26 09:41")),
                BookingRules(timedelta(minutes=38), timedelta(0), 1, timedelta(0), timedelta(1)),
            )
        )
        == 9
    )


@pytest.mark.parametrize(("metres", "minutes"), [(0, 0), (700, 20), (6000, 60)])  # the same door; on foot; by bus
def test_time_is_left_for_the_way_between_two_doors(metres: float, minutes: int) -> None:
    assert way(metres) == timedelta(minutes=minutes)


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="five minutes"):
        BookingRules(timedelta(minutes=1), timedelta(0), 1, timedelta(0), timedelta(1))
