"""Deadlines that count office time: over nights, weekends, holidays and the days moved for them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours.read("08:30-12:00,14:00-18:00", ZONE, is_workday)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-24 08:30", "2026-11-24 14:30"),  # a Tuesday: three and a half hours, lunch, half an hour
        ("2026-11-24 13:00", "2026-11-24 18:00"),  # from lunch: exactly the afternoon
        ("2026-11-24 16:00", "2026-11-25 10:30"),  # over the night
        ("2026-11-27 17:00", "2026-11-30 11:30"),  # Friday to Monday
        ("2026-11-28 10:00", "2026-11-30 14:30"),  # begun on a Saturday
        ("2025-09-27 10:00", "2025-09-28 14:30"),  # Saturday; the Sunday is worked for 国庆 (调休)
        ("2025-09-30 16:00", "2025-10-09 10:30"),  # eight days of 国庆 and 中秋
        ("2026-02-14 17:00", "2026-02-24 11:30"),  # the Saturday before 春节 is worked
    ],
)
def test_four_working_hours(since: str, until: str) -> None:
    assert HOURS.after(at(since), timedelta(hours=4)) == at(until)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-24 10:00", "2026-11-24 10:00"),  # open already
        ("2026-11-24 12:00", "2026-11-24 14:00"),  # noon is not worked any more
        ("2026-11-24 18:00", "2026-11-25 08:30"),
        ("2026-11-28 09:00", "2026-11-30 08:30"),  # Saturday
    ],
)
def test_when_the_office_opens(moment: str, opens: str) -> None:
    assert HOURS.next_open(at(moment)) == at(opens)


@pytest.mark.parametrize("text", ["", "18:00-08:30", "08:30-12:00,11:00-18:00", "25:00-26:00", "08:30"])
def test_hours_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"office hours|hour must be|isoformat"):
        WorkingHours.read(text, ZONE, is_workday)


def test_a_calendar_without_working_days_ends_with_an_error_and_not_never() -> None:
    with pytest.raises(ValueError, match="no working day"):
        WorkingHours.read("08:30-12:00", ZONE, lambda day: False).next_open(at("2026-11-24 10:00"))
