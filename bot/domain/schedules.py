"""Opening hours: weekly hours, exceptions of single days, public holidays. Pure: days and times come as arguments.

Names follow Open Referral HSDS: `byday`, `opens_at`, `closes_at`, `valid_from`, `valid_to`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKDAYS = "一二三四五六日"
LOOK_AHEAD = 21
"""Days within which the next opening is looked for."""

IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `opens_at` to `closes_at` on each weekday of `byday` (0 is Monday)."""

    byday: tuple[int, ...]
    opens_at: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class DayException:
    """One day that differs: closed, or (with hours) open at these hours."""

    day: date
    hours: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of one service at one location. `open_on_holidays`: public holidays change nothing."""

    weekly: tuple[Hours, ...]
    exceptions: tuple[DayException, ...] = ()
    open_on_holidays: bool = False

    def on(self, day: date, is_workday: IsWorkday) -> list[tuple[time, time]]:
        """The hours of a day, in order. A holiday is closed; a make-up workday (调休) has Friday's hours."""
        for exception in self.exceptions:
            if exception.day == day:
                return sorted(exception.hours)
        weekday = day.weekday()
        if not self.open_on_holidays:
            works = is_workday(day)
            if weekday < 5 and not works:
                return []
            if weekday >= 5 and works and not self._has(weekday):
                weekday = 4
        return sorted((hours.opens_at, hours.closes_at) for hours in self.weekly if weekday in hours.byday)

    def is_open(self, moment: datetime, is_workday: IsWorkday) -> bool:
        """Whether it is open at a local moment; hours that pass midnight belong to the day they began."""
        now = moment.time()
        for opens, closes in self.on(moment.date(), is_workday):
            if opens <= now < closes or (closes <= opens <= now):
                return True
        yesterday = self.on(moment.date() - timedelta(days=1), is_workday)
        return any(closes <= opens and now < closes for opens, closes in yesterday)

    def next_opening(self, moment: datetime, is_workday: IsWorkday) -> datetime | None:
        """The next local moment at which it opens, or None within three weeks."""
        for ahead in range(LOOK_AHEAD):
            day = moment.date() + timedelta(days=ahead)
            for opens, _ in self.on(day, is_workday):
                opening = datetime.combine(day, opens, moment.tzinfo)
                if opening > moment:
                    return opening
        return None

    def opens_within(self, first: datetime, last: datetime, is_workday: IsWorkday) -> bool:
        """Whether it is open at any moment from `first` to before `last`, both local."""
        opening = self.next_opening(first, is_workday)
        return self.is_open(first, is_workday) or (opening is not None and opening < last)

    def after_work(self) -> bool:
        """Whether it is ever open on a weekday evening (at half past six)."""
        return any(
            set(hours.byday) & set(range(5)) and (hours.closes_at > time(18, 30) or hours.closes_at <= hours.opens_at)
            for hours in self.weekly
        )

    def at_weekends(self) -> bool:
        """Whether it is open on a Saturday or Sunday."""
        return self._has(5) or self._has(6)

    def words(self, moment: datetime, is_workday: IsWorkday) -> str:
        """「今天 9:00–12:00、13:30–17:00」, or that it is closed and when it opens next."""
        today = self.on(moment.date(), is_workday)
        spans = "、".join(f"{clock_words(opens)}–{clock_words(closes)}" for opens, closes in today)
        if self.is_open(moment, is_workday) or any(moment.time() < opens for opens, _ in today):
            return f"今天 {spans}"
        opening = self.next_opening(moment, is_workday)
        state = f"今天 {spans}，已结束" if today else "今天不开放"
        if opening is None:
            return f"{state}，近期没有开放时间"
        return f"{state}，下次 {day_words(opening.date(), moment.date())} {clock_words(opening.time())}"

    def week_words(self) -> str:
        """「周一至周五 9:00–17:00；周六 9:00–12:00」, as the week usually is; "" when nothing is known."""
        spans: dict[tuple[int, ...], list[str]] = {}
        for hours in sorted(self.weekly, key=lambda one: (one.byday, one.opens_at)):
            span = f"{clock_words(hours.opens_at)}–{clock_words(hours.closes_at)}"
            spans.setdefault(hours.byday, []).append(span)
        return "；".join(f"{_days_words(days)} {'、'.join(times)}" for days, times in spans.items())

    def _has(self, weekday: int) -> bool:
        return any(weekday in hours.byday for hours in self.weekly)


def day_words(day: date, today: date) -> str:
    """「明天（周三）」「11月28日（周六）」"""
    name = {1: "明天", 2: "后天"}.get((day - today).days, f"{day.month}月{day.day}日")
    return f"{name}（周{WEEKDAYS[day.weekday()]}）"


def clock_words(moment: time) -> str:
    """「9:00」"""
    return f"{moment.hour}:{moment.minute:02d}"


def _days_words(days: tuple[int, ...]) -> str:
    """「每天」「周一至周五」「周二、周四」"""
    if days == tuple(range(7)):
        return "每天"
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return f"周{WEEKDAYS[days[0]]}至周{WEEKDAYS[days[-1]]}"
    return "、".join(f"周{WEEKDAYS[day]}" for day in days)


PART = re.compile(
    r"^(?P<days>每天|每日|工作日|周末|(?:[周星期礼拜]*[一二三四五六日天][至到\-—~、,，]*)+)\s*(?P<times>[\d:：\-—~至到、,，\s]+)$"
)
DAYS = re.compile(r"^(?:每天|每日|工作日|周末|(?:[周星期礼拜]*[一二三四五六日天][至到\-—~、,，]*)+)$")
SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-—~至到]\s*(\d{1,2})[:：](\d{2})")


def read_hours(text: str) -> tuple[Hours, ...]:
    """「周一至周五 9:00-12:00、13:30-17:00；周六 9:00-12:00」 → hours. Raises ValueError with the part it cannot read."""
    found: list[Hours] = []
    for part in filter(None, (part.strip() for part in re.split(r"[；;\n]", text))):
        match = PART.match(part)
        spans = SPAN.findall(match["times"]) if match else []
        if match is None or not spans:
            raise ValueError(f"看不懂开放时间“{part}”，请写成“周一至周五 9:00-17:00；周六 9:00-12:00”")
        days = _days(match["days"])
        for opens_h, opens_m, closes_h, closes_m in spans:
            opens, closes = time(int(opens_h), int(opens_m)), time(int(closes_h) % 24, int(closes_m))
            found.append(Hours(days, opens, closes))
    return tuple(found)


def read_days(text: str) -> tuple[int, ...]:
    """「周一至周三」「每天」「工作日」「周二、周四」 → weekdays, 0 is Monday; () for "". Raises ValueError."""
    if not text:
        return ()
    if not DAYS.match(text):
        raise ValueError(f"看不懂“{text}”是星期几，请写成“周一、周三”“周一至周五”“工作日”或“每天”")
    return _days(text)


def _days(text: str) -> tuple[int, ...]:
    named = {"每天": range(7), "每日": range(7), "工作日": range(5), "周末": range(5, 7)}
    if text in named:
        return tuple(named[text])
    plain = re.sub(r"[周星期礼拜]", "", text).replace("天", "日")
    days: set[int] = set()
    for piece in re.findall(r"[一二三四五六日][至到\-—~][一二三四五六日]|[一二三四五六日]", plain):
        first, last = WEEKDAYS.index(piece[0]), WEEKDAYS.index(piece[-1])
        if last < first:
            raise ValueError(f"星期的先后不对：“{text}”")
        days |= set(range(first, last + 1))
    return tuple(sorted(days))
