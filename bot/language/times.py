"""Reads the time in a text, for an appointment: a point, a range, several to choose from, a past one, or none.

A wrong date is a missed appointment, so what may be read in two ways is ambiguous and is asked. How it is read:

- Forward: a day or hour without more is the next one, and nothing past is ever a point or a range.
- Office hours: 1 to 6 o'clock is the afternoon, 8 to 12 as it stands, 7 may be either.
- A day is a range from midnight to midnight; what has begun begins now. Parts of the day: `time_words.PARTS`.
- A weekday named on that weekday means today or in a week, unless its hour is past.
- Two times are a choice, unless the second takes the first back (不是周三，是周四).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.language.time_calendar import following
from bot.language.time_mentions import Mention, mentions
from bot.language.time_stretches import Resolver, Stretch, hours_of, order, overlap, without
from bot.language.time_tokens import Sign, fold, tokens

MOST_CANDIDATES = 7


class TimeKind(StrEnum):
    """What a text says of the time."""

    POINT = "point"
    RANGE = "range"
    AMBIGUOUS = "ambiguous"
    NONE = "none"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class TimeReading:
    """What a text says of the time; times are in the zone of `now`.

    `start`: of a point or range, or what was said of the past. `end`: of a range only. `candidates`: what an ambiguous
    text may mean, soonest first; empty when it must be asked openly. `words`: how to read it back. `part`: the part of
    the day by its name. `excluded`: what she ruled out (除了周三); it may stand beside any kind.
    """

    kind: TimeKind
    start: datetime | None = None
    end: datetime | None = None
    candidates: tuple[Stretch, ...] = ()
    words: str = ""
    day_only: bool = False
    hour_only: bool = False
    part: str = ""
    excluded: tuple[Stretch, ...] = ()


def read_time(text: str, now: datetime) -> TimeReading:
    """The time that `text` names, said at `now`; the first 2,000 characters are read. Raises ValueError for a naive `now`."""
    if now.tzinfo is None:
        raise ValueError("now needs a zone")
    folded = fold(text)
    found = tokens(folded, now)
    vague = any(token.what is Sign.VAGUE for token in found)
    return _decided(mentions(folded, found), vague, now)


def _decided(said: Sequence[Mention], vague: bool, now: datetime) -> TimeReading:
    """All mentions together: what is past gives way to what is to come."""
    resolver = Resolver(now)
    wanted = [mention for mention in said if not mention.refused and not mention.dropped]
    resolved = [(mention, list(resolver.stretches(mention))) for mention in wanted]
    live = [(mention, [one for one in every if not resolver.is_past(one)]) for mention, every in resolved]
    excluded = tuple(_excluded(resolver, said, [one for _, every in live for one in every]))
    live = [(mention, every) for mention, every in live if every or _is_open(mention, now)]
    if live:
        choices = sorted({resolver.clipped(one) for _, every in live for one in every}, key=order)
        return _chosen(_described(live[0][0], excluded), choices, any(_is_open(mention, now) for mention, _ in live))
    if vague or excluded:
        return TimeReading(TimeKind.AMBIGUOUS, excluded=excluded)
    past = next((one for _, every in resolved for one in every), None)
    if past is None:
        return TimeReading(TimeKind.NONE)
    return TimeReading(TimeKind.PAST, past.start, past.end, words=past.words())


def _described(mention: Mention, excluded: tuple[Stretch, ...]) -> TimeReading:
    """A reading without its times."""
    return TimeReading(
        TimeKind.AMBIGUOUS,
        day_only=not mention.fine(),
        hour_only=mention.day is None and mention.moment is None,
        part=mention.part.name if mention.part else "",
        excluded=excluded,
    )


def _chosen(reading: TimeReading, choices: Sequence[Stretch], asked: bool) -> TimeReading:
    if len(choices) == 1 and not asked and not reading.excluded:
        [only] = choices
        kind = TimeKind.RANGE if only.end else TimeKind.POINT
        return replace(reading, kind=kind, start=only.start, end=only.end, words=only.words())
    offered = tuple(without(choices, reading.excluded))[:MOST_CANDIDATES]
    return replace(reading, candidates=offered, words="、".join(one.words() for one in offered))


def _is_open(mention: Mention, now: datetime) -> bool:
    """Whether it names a time but not which: it must be asked."""
    if mention.to is not None and _is_open(mention.to, now):
        return True
    if mention.day is not None and all(last < now.date() for _, last in mention.day.spans):
        return False  # past, or no day at all
    if mention.clock is not None and not mention.clock.exists():
        return False
    after_a_day = mention.bound in {"after", "open"} and not mention.fine()
    opened = mention.day is not None and mention.day.open
    return mention.unclear or after_a_day or opened or _contradicts(mention)


def _contradicts(mention: Mention) -> bool:
    """「上午三点」「下午9点」: no hour of that part of the day."""
    clock, part = mention.clock, mention.part
    return bool(clock and part and mention.day_said and not hours_of(clock, part))


def _excluded(resolver: Resolver, said: Sequence[Mention], wanted: Sequence[Stretch]) -> Iterator[Stretch]:
    """What was ruled out, where nothing else was named or where it lies within what was."""
    for mention in said:
        if not mention.refused:
            continue
        within = mention
        if mention.day and mention.but and wanted:
            within = replace(mention, day=following(mention.day, wanted[0].start.date()))
        for stretch in resolver.stretches(within):
            if not wanted or any(overlap(stretch, other) for other in wanted):
                yield stretch
