"""Opening hours: today, now, next, on holidays and on make-up workdays."""

from datetime import date, datetime, time

import pytest

from bot.domain.schedules import DayException, Hours, Schedule, read_hours
from bot.domain.workdays import is_workday

WEEK = Schedule((Hours((0, 1, 2, 3, 4), time(9), time(12)), Hours((0, 1, 2, 3, 4), time(13, 30), time(17))))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "is_open", "words"),
    [
        ("2026-11-24T10:00", True, "今天 9:00–12:00、13:30–17:00"),  # an ordinary Tuesday
        ("2026-11-24T12:30", False, "今天 9:00–12:00、13:30–17:00"),  # lunch; it opens again today
        (
            "2026-11-24T17:00",
            False,
            "今天 9:00–12:00、13:30–17:00，已结束，下次 明天（周三） 9:00",
        ),  # the last minute is out
        ("2026-11-28T10:00", False, "今天不开放，下次 后天（周一） 9:00"),  # Saturday
        ("2026-10-01T10:00", False, "今天不开放，下次 10月8日（周四） 9:00"),  # National Day: a long holiday
        ("2026-10-10T10:00", True, "今天 9:00–12:00、13:30–17:00"),  # a Saturday that is worked (调休)
    ],
)
def test_today(moment: str, is_open: bool, words: str) -> None:
    now = at(moment)
    assert WEEK.is_open(now, is_workday) is is_open
    assert WEEK.words(now, is_workday) == words


def test_a_single_day_may_differ() -> None:
    closed = Schedule(WEEK.weekly, (DayException(date(2026, 11, 24)),))
    assert not closed.is_open(at("2026-11-24T10:00"), is_workday)
    opened = Schedule(WEEK.weekly, (DayException(date(2026, 11, 28), ((time(10), time(11)),)),))
    assert opened.is_open(at("2026-11-28T10:30"), is_workday)


def test_hours_past_midnight_belong_to_the_day_they_began() -> None:
    night = Schedule((Hours((4,), time(20), time(2)),))
    assert night.is_open(at("2026-11-28T01:00"), is_workday)
    assert not night.is_open(at("2026-11-28T02:00"), is_workday)


def test_beyond_the_calendar_weekdays_are_workdays() -> None:
    assert WEEK.is_open(at("2035-01-02T10:00"), is_workday)


def test_hours_as_offices_write_them() -> None:
    assert read_hours("周一至周五 9:00-12:00、13:30-17:00；周六 9:00-12:00") == (
        Hours((0, 1, 2, 3, 4), time(9), time(12)),
        Hours((0, 1, 2, 3, 4), time(13, 30), time(17)),
        Hours((5,), time(9), time(12)),
    )
    assert read_hours("每天 8:30-18:00")[0].byday == tuple(range(7))
    assert read_hours("周一、周三、周五 14:00-16:00")[0].byday == (0, 2, 4)


@pytest.mark.parametrize("text", ["随时", "周五至周一 9:00-10:00", "周一 9点", "周一 25:00-26:00"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_hours(text)
