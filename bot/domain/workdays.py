"""Which days are worked in mainland China: weekends, public holidays, and the days moved for them (调休).

The `holidays` package agrees with the State Council's notices; of a year whose notice is not out yet it knows the days
that the law fixes (元旦, 春节, …) and gives back for weekends (补假), but not the days that will be moved.
"""

from datetime import date
from functools import lru_cache

import holidays

WEEKEND = 5


def is_workday(day: date) -> bool:
    """Whether offices work: a make-up Saturday does, a Tuesday of 春节 does not."""
    return bool(_calendar().is_working_day(day))


def holiday_name(day: date) -> str:
    """「国庆节」, 「调休」 of a weekday that is free for a holiday, "" of an ordinary day."""
    name = str(_calendar().get(day, ""))
    return "调休" if name.startswith("休息日") else name.replace("; ", "、")


def is_make_up_day(day: date) -> bool:
    """Whether it is a weekend day that is worked."""
    return day.weekday() >= WEEKEND and is_workday(day)


def is_announced(year: int) -> bool:
    """Whether the notice for this year is known, so that moved days are too."""
    _calendar().get(date(year, 1, 1))
    return any(day.year == year for day in _calendar().weekend_workdays)


@lru_cache(maxsize=1)
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN", language="zh_CN")
