"""A closed day is never offered without its reason, and what is not decided yet is said to be so."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.closed_days import DayState, closed_words, day_state, is_closed
from bot.domain.schedules import DayException, Hours, Schedule
from bot.domain.workdays import is_workday

NINE_TO_FIVE = (time(9), time(17))
WEEK = Schedule((Hours((0, 1, 2, 3, 4), *NINE_TO_FIVE),), (DayException(date(2026, 11, 25)),))
ALWAYS = Schedule((Hours(tuple(range(7)), *NINE_TO_FIVE),), open_on_holidays=True)
SCHEDULES = st.builds(
    Schedule,
    st.lists(st.integers(0, 6), unique=True).map(lambda days: (Hours(tuple(days), *NINE_TO_FIVE),)),
    st.lists(st.builds(DayException, st.dates(date(2026, 1, 1), date(2027, 12, 31))), max_size=3).map(tuple),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("day", "state", "words"),
    [
        (date(2026, 11, 24), DayState.OPEN, ""),
        (date(2026, 11, 25), DayState.EXCEPTION, "11月25日（周三）：当天临时不开放"),
        (date(2026, 11, 28), DayState.NO_HOURS, "11月28日（周六）：每周六不开放"),
        (date(2026, 10, 1), DayState.HOLIDAY, "10月1日（周四）：法定节假日（含调休）放假，不开放"),
        (date(2026, 10, 10), DayState.MADE_UP, "10月10日（周六）：调休上班，照常开放"),
        (
            date(2035, 1, 3),
            DayState.UNDECIDED,
            "1月3日（周三）：国家还没有公布这一年的放假安排，当天是否开放要以后确认",
        ),
    ],
)
def test_each_day_has_its_reason(day: date, state: DayState, words: str) -> None:
    assert day_state(day, WEEK) is state
    assert closed_words(day, WEEK) == words


def test_where_holidays_change_nothing_nothing_is_undecided() -> None:
    assert day_state(date(2026, 10, 1), ALWAYS) is DayState.OPEN
    assert day_state(date(2035, 1, 3), ALWAYS) is DayState.OPEN


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), SCHEDULES)
@settings(max_examples=500, deadline=None)
def test_a_day_is_closed_when_it_has_no_hours_and_then_says_why(day: date, schedule: Schedule) -> None:
    hours = schedule.on(day, is_workday)
    assert is_closed(day, schedule) == (not hours)
    if not hours:
        assert closed_words(day, schedule)
