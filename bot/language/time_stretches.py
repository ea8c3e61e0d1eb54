"""From what was said to hours of the calendar: every point and range that a mention may mean, past or not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.domain.schedules import WEEKDAYS
from bot.language.time_calendar import DAY, Day, Span, following, single
from bot.language.time_mentions import Mention
from bot.language.time_tokens import Clock
from bot.language.time_words import Part

MOST_DAYS = 7
"""Days of a longer span that are looked at when an hour was named (下周下午)."""
OFFICE_OPENS, OFFICE_CLOSES, EVENING_CLOSES = 8 * 60, 18 * 60, 21 * 60
"""Where 「三点以后」 and 「五点之前」 end and begin, in minutes, when no part of the day was named."""


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A point (no `end`) or the time from `start` up to `end`, which is no part of it."""

    start: datetime
    end: datetime | None = None

    def words(self) -> str:
        """「12月1日（周二）15:00」「11月25日（周三）至11月27日（周五）」"""
        if self.end is None:
            return _moment_words(self.start)
        midnights = self.start.time() == self.end.time() == time()
        last = self.end - DAY if self.end.time() == time() else self.end
        if midnights or (self.end.time() == time() and last.date() > self.start.date()):
            begins = _day_words(self.start) if midnights else _moment_words(self.start)
            return begins if last.date() == self.start.date() else f"{begins}至{_day_words(last)}"
        if last.date() == self.start.date():
            return f"{_moment_words(self.start)}–{'24:00' if self.end.time() == time() else _clock_words(self.end)}"
        return f"{_moment_words(self.start)}至{_moment_words(self.end)}"


class Resolver:
    """Reads mentions as of one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._today = now.date()

    def is_past(self, stretch: Stretch) -> bool:
        """Whether nothing of it is left."""
        return stretch.end <= self._now if stretch.end else stretch.start < self._now

    def clipped(self, stretch: Stretch) -> Stretch:
        """What is left of a range that has begun."""
        return replace(stretch, start=max(stretch.start, self._now)) if stretch.end else stretch

    def stretches(self, mention: Mention) -> Iterator[Stretch]:
        """Everything a mention may mean, past or not."""
        if mention.moment is not None:
            end = mention.moment.end
            if mention.to is not None:
                end = next((other.end or other.start for other in self.stretches(mention.to)), None)
            yield Stretch(mention.moment.start, end)
        elif mention.unclear or (mention.day and not mention.day.spans):
            return
        elif mention.to is not None:
            yield from self._ranges(mention, mention.to)
        elif mention.bound:
            yield from self._bounded(mention)
        elif mention.day is None:
            yield from self._rolled(mention)
        else:
            yield from self._on_days(mention, mention.day)

    def _rolled(self, mention: Mention) -> Iterator[Stretch]:
        """An hour without a day: today, or tomorrow when it is past."""
        for stretch in self._within(mention, self._today):
            late = stretch.end <= self._now if stretch.end else stretch.start <= self._now
            yield Stretch(stretch.start + DAY, stretch.end + DAY if stretch.end else None) if late else stretch

    def _on_days(self, mention: Mention, day: Day) -> Iterator[Stretch]:
        for first, last in day.spans:
            if not mention.fine():
                yield Stretch(self._at(first, 0), self._at(last + DAY, 0))
                continue
            for ahead in range(min((last - first).days + 1, MOST_DAYS)):
                yield from self._within(mention, first + timedelta(days=ahead))
        yield from self._tonight(mention, day)

    def _tonight(self, mention: Mention, day: Day) -> Iterator[Stretch]:
        """「今天九点」 said at three: this evening, or tomorrow; it is asked."""
        clock = mention.clock
        if clock is None or mention.part or clock.literal or not day.one() or not 8 <= clock.hour <= 11:
            return
        said = self._at(self._today, clock.hour * 60 + clock.minute)
        if day.spans[0][0] == self._today and said < self._now < said + timedelta(hours=12):
            yield Stretch(said + timedelta(hours=12))
            yield Stretch(said + DAY)

    def _within(self, mention: Mention, day: date) -> Iterator[Stretch]:
        """The part or the hours of one day."""
        clock, part = mention.clock, mention.part
        if clock is None:
            if part is not None:
                yield Stretch(self._at(day, part.opens), self._at(day, part.closes))
            return
        for minute in self._minutes(mention):
            end = self._at(day, minute + clock.until) if clock.until else None
            yield Stretch(self._at(day, minute), end)

    def _minutes(self, mention: Mention) -> list[int]:
        """What the hour may be, in minutes of its day. An hour that does not fit a part it was not said with stands alone."""
        clock = mention.clock
        if clock is None or not clock.exists():
            return []
        hours = hours_of(clock, mention.part)
        if not hours and not mention.day_said:
            hours = hours_of(clock, None)
        return [hour * 60 + clock.minute for hour in hours]

    def _ranges(self, start: Mention, end: Mention) -> Iterator[Stretch]:
        if start.day is None and end.day_said:
            start = replace(start, day=single(self._today))
        if start.day is None:
            for stretch in self._range_on(start, end, self._today, self._today):
                late = stretch.end is not None and stretch.end <= self._now
                yield Stretch(stretch.start + DAY, (stretch.end or stretch.start) + DAY) if late else stretch
            return
        if end.day is None or not end.day.spans:
            return
        for first, last in self._days_between(start, start.day, end, end.day):
            yield from self._range_on(start, end, first, last)

    def _days_between(self, start: Mention, day: Day, end: Mention, until: Day) -> Iterator[Span]:
        """First and last day. 「周一到周五」 said on Tuesday may be the rest of this week or all of the next."""
        if not end.day_said:
            yield from ((first, first) for first, _ in day.spans)
            return
        begun = [self._begun_last_week(day, until)] if day.weekday is not None and until.weekday is not None else []
        for first, _ in [*filter(None, begun), *day.spans]:
            last = following(until, first)
            if last.spans and last.spans[0][1] >= first:
                yield first, last.spans[0][1]

    def _begun_last_week(self, day: Day, until: Day) -> Span | None:
        """The first day of the weekdays that are under way now."""
        back = day.spans[0][0] - 7 * DAY
        last = following(until, back).spans[0][1]
        return (back, back) if back < self._today <= last and last - back < 6 * DAY else None

    def _range_on(self, start: Mention, end: Mention, first: date, last: date) -> Iterator[Stretch]:
        begins = self._minutes(start) if start.clock else [start.part.opens if start.part else 0]
        for begin in begins:
            close = self._closing(end, begin if first == last else -1)
            if close is not None:
                opened, closed = self._at(first, begin), self._at(last, close)
                if opened < closed:
                    yield Stretch(opened, closed)

    def _closing(self, end: Mention, after: int) -> int | None:
        """The minute at which a range ends: of the readings of an hour, the first that comes after its beginning."""
        if end.clock is None:
            return end.part.closes if end.part else 24 * 60
        if not end.clock.exists():
            return None
        minutes = self._minutes(end)
        if not end.clock.literal and after >= 0:
            both = [end.clock.hour * 60 + end.clock.minute + half for half in (0, 12 * 60)]
            minutes = [*minutes, *(minute for minute in both if minute <= 24 * 60)]
            return min((minute for minute in minutes if minute > after), default=None)
        return next((minute for minute in minutes if minute > after), None)

    def _bounded(self, mention: Mention) -> Iterator[Stretch]:
        """「三点以后」「五点之前」「周五之前」"""
        day = mention.day
        if mention.fine():
            spans = day.spans if day else ((self._today, self._today),)
            for first, _ in spans:
                for begins, ends in self._bounds(mention):
                    stretch = Stretch(self._at(first, begins), self._at(first, ends))
                    roll = DAY if day is None and self.is_past(stretch) else timedelta()
                    yield Stretch(stretch.start + roll, self._at(first, ends) + roll)
        elif day is not None:
            yield from self._before_or_after(mention, day)

    def _before_or_after(self, mention: Mention, day: Day) -> Iterator[Stretch]:
        for first, last in day.spans:
            until = self._at(last + DAY if day.until_end else first, 0)
            if mention.bound != "before":
                yield Stretch(self._at(first, 0), self._at(last + DAY, 0))
            elif until > self._now:
                yield Stretch(self._now, until)

    def _bounds(self, mention: Mention) -> Iterator[tuple[int, int]]:
        part = mention.part
        before = mention.bound == "before"
        if mention.clock is None and part is not None:
            morning = part.opens <= OFFICE_OPENS  # 「上午之前」 is still in the morning
            closes = part.closes if morning else part.opens
            yield (min(OFFICE_OPENS, part.opens), closes) if before else (part.closes, _evening(part.closes))
            return
        for minute in self._minutes(mention):
            opens = part.opens if part and part.opens < minute else min(OFFICE_OPENS, minute - 60)
            closes = part.closes if part and part.closes > minute else _evening(minute)
            yield (opens, minute) if before else (minute, closes)

    def _at(self, day: date, minute: int) -> datetime:
        return datetime.combine(
            day + timedelta(days=minute // 1440), time(minute // 60 % 24, minute % 60), self._now.tzinfo
        )


def hours_of(clock: Clock, part: Part | None) -> list[int]:
    """The hours of a day that a clock time may mean; more than 24 runs into the next day."""
    hour = clock.hour
    if not clock.exists():
        return []
    if part is not None:
        every = {hour} if hour > 12 else {hour, hour + 12, hour + 24} | ({0} if hour == 12 else set())
        return sorted(every & part.hours)
    if clock.literal or 8 <= hour <= 12:
        return [hour]
    return [7, 19] if hour == 7 else [hour + 12]


def _evening(minute: int) -> int:
    """The end of the office's day, of the evening or of the day: the first that comes later."""
    return next(end for end in (OFFICE_CLOSES, EVENING_CLOSES, 24 * 60, 48 * 60) if end > minute)


def overlap(one: Stretch, other: Stretch) -> bool:
    """Whether they share a moment."""
    return one.start < (other.end or other.start + timedelta(minutes=1)) and other.start < (
        one.end or one.start + timedelta(minutes=1)
    )


def without(candidates: Iterable[Stretch], excluded: Sequence[Stretch]) -> Iterator[Stretch]:
    """What is left of the candidates."""
    for candidate in candidates:
        pieces = [candidate]
        for out in excluded:
            pieces = [left for piece in pieces for left in _cut(piece, out)]
        yield from pieces


def _cut(piece: Stretch, out: Stretch) -> list[Stretch]:
    if not overlap(piece, out) or piece.end is None or out.end is None:
        return [] if overlap(piece, out) else [piece]
    pieces = [Stretch(piece.start, out.start)] if piece.start < out.start else []
    return [*pieces, Stretch(out.end, piece.end)] if out.end < piece.end else pieces


def order(stretch: Stretch) -> tuple[datetime, datetime]:
    """Soonest first, shortest first."""
    return stretch.start, stretch.end or stretch.start


def _day_words(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日（周{WEEKDAYS[moment.weekday()]}）"


def _clock_words(moment: datetime) -> str:
    return f"{moment.hour}:{moment.minute:02d}"


def _moment_words(moment: datetime) -> str:
    return f"{_day_words(moment)}{_clock_words(moment)}"
