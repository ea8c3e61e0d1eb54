"""Days of the calendar, and of the farmers' calendar, counted from today. Nothing here reads text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate  # type: ignore[import-untyped]

LATELY = 90
"""A month and day without a year that is at most these days ago is said of the past, not of next year."""
DAY = timedelta(days=1)
Span = tuple[date, date]
"""First and last day."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was said of the day: more than one span where it may mean either. No span: no such day.

    `weekday` (0 is Monday) and `of_month` are set when nothing else was said, so that words beside it may say more.
    `exact`: a week or month was named. `until_end`: 「月底前」 reaches to its last day. `open`: which day is not settled.
    """

    spans: tuple[Span, ...]
    weekday: int | None = None
    of_month: int | None = None
    exact: bool = False
    until_end: bool = False
    open: bool = False

    def one(self) -> bool:
        """Whether it is a single day."""
        return len(self.spans) == 1 and self.spans[0][0] == self.spans[0][1]


NO_DAY = Day(())


def single(day: date, *, exact: bool = True) -> Day:
    """That day and no other."""
    return Day(((day, day),), exact=exact)


def days(first: date, last: date, *, until_end: bool = False) -> Day:
    """All days from first to last."""
    return Day(((first, last),), exact=True, until_end=until_end)


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def month_start(today: date, ahead: int = 0) -> date:
    """The first day of the month so many months ahead."""
    months = today.year * 12 + today.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


def month_end(first: date) -> date:
    """The last day of the month that begins at `first`."""
    return month_start(first, 1) - DAY


def next_of_month(day: int, today: date) -> date | None:
    """The next such day from today on; a month that has none is passed over."""
    for ahead in range(3):
        first = month_start(today, ahead)
        if 1 <= day <= month_end(first).day and first.replace(day=day) >= today:
            return first.replace(day=day)
    return None


def next_weekday(weekday: int, today: date) -> date:
    """The next such weekday, today included."""
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def calendar_day(year: int, month: int, day: int) -> Day:
    """A day of the calendar, or NO_DAY."""
    try:
        return single(date(year, month, day))
    except ValueError:
        return NO_DAY


def following(day: Day, anchor: date) -> Day:
    """The same words, read from another day on: 「3号到5号」 ends in the month in which it began."""
    if day.weekday is not None:
        return single(next_weekday(day.weekday, anchor))
    if day.of_month is not None:
        found = next_of_month(day.of_month, anchor)
        return single(found) if found else NO_DAY
    return day


def narrowed(day: Day, other: Day) -> Day | None:
    """Both said of one day: 「下周…周三」「12月5号周六」. None when they contradict each other."""
    for wide, fine in ((day, other), (other, day)):
        if fine.weekday is None and fine.of_month is None:
            continue
        fits = [one for span in wide.spans for one in each_day(span) if _is(one, fine)]
        if len(fits) == 1 or (fits and len(wide.spans) > 1):
            return Day(tuple((one, one) for one in fits), exact=wide.exact)
    both = [(max(a[0], b[0]), min(a[1], b[1])) for a in day.spans for b in other.spans if a[0] <= b[1] and b[0] <= a[1]]
    return Day(tuple(both), exact=True) if both else None


def each_day(span: Span) -> list[date]:
    """Its days, two months of them at most."""
    return [span[0] + timedelta(days=ahead) for ahead in range(min((span[1] - span[0]).days + 1, 62))]


def _is(day: date, said: Day) -> bool:
    return said.weekday in {None, day.weekday()} and said.of_month in {None, day.day}


def month_day(month: int, day: int, today: date) -> Day:
    """「1月3号」: this year's, next year's when it is long past. A day of last weeks stays in the past."""
    this = calendar_day(today.year, month, day)
    if this.spans and this.spans[0][0] < today - timedelta(days=LATELY):
        return calendar_day(today.year + 1, month, day)
    return this


def months_on(today: date, ahead: int) -> Day:
    """The same day of another month, or that month's last."""
    first = month_start(today, ahead)
    return single(first.replace(day=min(today.day, month_end(first).day)))


def next_of(make: Callable[[int], date | None], today: date, *, open_: bool = False) -> Day:
    """The first that is not past of what `make` gives for last year, this year, and the next."""
    for year in range(today.year - 1, today.year + 3):
        found = make(year)
        if found is not None and found >= today:
            return Day(((found, found),), exact=True, open=open_)
    return NO_DAY


def lunar_day(year: int, month: int, day: int) -> date | None:
    """A day of the farmers' calendar; the 30th is the last of its month when the month is short."""
    for attempt in (day, day - 1) if day == 30 else (day,):
        try:
            found: date = LunarDate(year, month, attempt).to_solar_date()
        except ValueError:
            continue
        return found
    return None
