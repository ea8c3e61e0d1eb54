"""Stretches of days that figures are of: a week, a month, a quarter, or any days, each with the one before it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST = timedelta(days=366)


class Span(StrEnum):
    """How long."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    RANGE = "range"


SPAN_WORDS = {Span.WEEK: "周", Span.MONTH: "月", Span.QUARTER: "季度", Span.RANGE: "自选日期"}
BEFORE_WORDS = {Span.WEEK: "上周", Span.MONTH: "上月", Span.QUARTER: "上季度", Span.RANGE: "之前同样长的一段"}


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both whole days in local time."""

    span: Span
    first: date
    last: date

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """From the first midnight to below the last."""
        return datetime.combine(self.first, time.min, zone), datetime.combine(self.last + timedelta(1), time.min, zone)

    def before(self) -> "Period":
        """The period of the same kind that ends the day before this one begins."""
        day = self.first - timedelta(1)
        if self.span is Span.RANGE:
            return Period(self.span, day - (self.last - self.first), day)
        return period_of(self.span, day)

    def after(self) -> "Period":
        """The one that begins the day after."""
        day = self.last + timedelta(1)
        if self.span is Span.RANGE:
            return Period(self.span, day, day + (self.last - self.first))
        return period_of(self.span, day)

    @property
    def words(self) -> str:
        """「2026年11月」「2026年第四季度」「2026年11月23日至29日」"""
        if self.span is Span.MONTH:
            return f"{self.first.year}年{self.first.month}月"
        if self.span is Span.QUARTER:
            return f"{self.first.year}年第{'一二三四'[self.first.month // 3]}季度"
        return f"{day_words(self.first)}至{day_words(self.last)}"

    @property
    def short(self) -> str:
        """「本月」「本周」"""
        return {Span.WEEK: "本周", Span.MONTH: "本月", Span.QUARTER: "本季度"}.get(self.span, "这段时间")


def period_of(span: Span, day: date) -> Period:
    """The week (from Monday), month or quarter that the day lies in; of RANGE that one day."""
    if span is Span.WEEK:
        first = day - timedelta(day.weekday())
        return Period(span, first, first + timedelta(6))
    if span is Span.RANGE:
        return Period(span, day, day)
    months = 1 if span is Span.MONTH else 3
    start = (day.month - 1) // months * months + 1
    first = date(day.year, start, 1)
    after = date(day.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)
    return Period(span, first, after - timedelta(1))


def month_named(text: str) -> Period | None:
    """「2026-11」 → November; None when it cannot be read."""
    try:
        day = date.fromisoformat(f"{text}-01") if len(text) == len("2026-11") else None
    except ValueError:
        return None
    return period_of(Span.MONTH, day) if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def day_words(day: date) -> str:
    """「2026年11月28日」"""
    return f"{day.year}年{day.month}月{day.day}日"
