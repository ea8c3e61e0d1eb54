"""Days off and days worked, as the State Council's notices and the law have them."""

from datetime import date

import pytest

from bot.domain.workdays import holiday_name, is_announced, is_make_up_day, is_workday


@pytest.mark.parametrize(
    ("day", "works", "name"),
    [
        ("2026-11-24", True, ""),  # a Tuesday
        ("2026-11-28", False, ""),  # a Saturday
        ("2026-02-14", True, ""),  # a Saturday that is worked for 春节
        ("2026-02-16", False, "农历除夕"),  # fixed by the law since 2025
        ("2026-02-23", False, "调休"),  # a Monday moved to a Saturday
        ("2026-10-01", False, "国庆节"),
        ("2027-01-01", False, "元旦"),  # no notice yet, but the law fixes the day
        ("2027-02-05", False, "农历除夕"),
        ("2027-02-10", False, "春节（补假）"),  # the law gives back a holiday that falls on a weekend
        ("2027-10-04", False, "国庆节（补假）"),
        ("2027-10-06", True, ""),  # may be moved by the notice; not known yet
    ],
)
def test_a_day_is_worked_or_free_and_a_holiday_has_its_name(day: str, works: bool, name: str) -> None:
    assert is_workday(date.fromisoformat(day)) is works
    assert holiday_name(date.fromisoformat(day)) == name


def test_a_make_up_saturday_is_told_from_an_ordinary_one() -> None:
    assert is_make_up_day(date(2026, 2, 14))
    assert not is_make_up_day(date(2026, 11, 28))
    assert not is_make_up_day(date(2026, 11, 24))


def test_a_year_without_a_notice_says_so() -> None:
    assert is_announced(2026)
    assert not is_announced(2090)
