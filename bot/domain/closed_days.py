"""Why a day is closed, so that a booking can be refused with its reason."""

from datetime import date
from enum import StrEnum

from bot.domain.schedules import WEEKDAYS, Schedule
from bot.domain.workdays import is_announced, is_workday


class DayState(StrEnum):
    """Whether a place is open on a day, and what decides it."""

    OPEN = "open"
    MADE_UP = "made_up"
    """Open although it is a weekend: the day is worked in exchange for a holiday (调休)."""
    UNDECIDED = "undecided"
    """The weekly hours say open, but the government has not said yet which days of that year are holidays."""
    HOLIDAY = "holiday"
    EXCEPTION = "exception"
    """Closed on this one day by the place itself."""
    NO_HOURS = "no_hours"
    """Never open on this weekday."""


REASONS = {
    DayState.OPEN: "",
    DayState.MADE_UP: "调休上班，照常开放",
    DayState.UNDECIDED: "国家还没有公布这一年的放假安排，当天是否开放要以后确认",
    DayState.HOLIDAY: "法定节假日（含调休）放假，不开放",
    DayState.EXCEPTION: "当天临时不开放",
}
CLOSED = frozenset({DayState.HOLIDAY, DayState.EXCEPTION, DayState.NO_HOURS})


def day_state(day: date, schedule: Schedule) -> DayState:
    """What the schedule, its exceptions and the calendar make of a day."""
    hours = schedule.on(day, is_workday)
    if any(exception.day == day for exception in schedule.exceptions):
        return DayState.OPEN if hours else DayState.EXCEPTION
    if not any(day.weekday() in weekly.byday for weekly in schedule.weekly):
        return DayState.MADE_UP if hours else DayState.NO_HOURS
    if schedule.open_on_holidays:
        return DayState.OPEN
    if not hours:
        return DayState.HOLIDAY
    return DayState.OPEN if is_announced(day.year) else DayState.UNDECIDED


def is_closed(day: date, schedule: Schedule) -> bool:
    """Whether nothing can be booked on a day; an undecided one can, with a word about it."""
    return day_state(day, schedule) in CLOSED


def closed_words(day: date, schedule: Schedule) -> str:
    """「10月1日（周四）：法定节假日（含调休）放假，不开放」, or "" for a day that is open as always."""
    state = day_state(day, schedule)
    weekday = WEEKDAYS[day.weekday()]
    reason = REASONS.get(state, f"每周{weekday}不开放")
    return f"{day.month}月{day.day}日（周{weekday}）：{reason}" if reason else ""
