"""What a reviewer looks for among conversations, as a value that an address can carry and a name can keep."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.accounts import CODE_DIGITS
from bot.domain.case_topics import Topic
from bot.domain.risk import RiskLevel

LONGEST_TEXT = 60
LONGEST_INTENT = 64
MOST_MESSAGES = 9999


class Band(StrEnum):
    """How sure the assistant was where it was least sure."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


BANDS: Mapping[Band, tuple[float, float]] = {Band.LOW: (0.0, 0.5), Band.MIDDLE: (0.5, 0.8), Band.HIGH: (0.8, 1.01)}
"""From the first to below the second."""
BAND_WORDS: Mapping[Band, str] = {Band.LOW: "低（不到 0.5）", Band.MIDDLE: "中（0.5–0.8）", Band.HIGH: "高（0.8 以上）"}


class Whose(StrEnum):
    """Whose words are searched."""

    HERS = "hers"
    OURS = "ours"


WHOSE_WORDS: Mapping[Whose, str] = {Whose.HERS: "她说的", Whose.OURS: "我们说的"}


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What is wanted; empty means everything. Both days are meant whole, in local time.

    `text`: terms with blanks between them, all of which stand in one message. `shortest` and `longest` count her messages.
    `risk` is the lowest level. None of a yes-or-no question: either.
    """

    text: str = ""
    whose: Whose | None = None
    since: date | None = None
    until: date | None = None
    area: str = ""
    channel: str = ""
    topic: Topic | None = None
    intent: str = ""
    band: Band | None = None
    risk: RiskLevel | None = None
    fallback: bool | None = None
    handed_over: bool | None = None
    unanswered: bool | None = None
    unhelped: bool | None = None
    reviewed: bool | None = None
    shortest: int | None = None
    longest: int | None = None


def read_filter(written: Mapping[str, str]) -> ReviewFilter:
    """What `write_filter` or a form wrote; whatever cannot be read is left out: an old address never fails."""
    found = {name: read(written.get(name, "").strip()) for name, read in READERS.items()}
    return ReviewFilter(**found)


def write_filter(wanted: ReviewFilter) -> dict[str, str]:
    """Names and words for an address; what is not asked for is not there."""
    values = {field.name: getattr(wanted, field.name) for field in fields(ReviewFilter)}
    return {name: _word(value) for name, value in values.items() if value is not None and value != ""}


def without(wanted: Mapping[str, str], name: str) -> dict[str, str]:
    """The same with one condition fewer."""
    return {key: value for key, value in wanted.items() if key != name}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def _member(kind: type[StrEnum]) -> Any:
    return lambda text: kind(text) if text in set(kind) else None


def _flag(text: str) -> bool | None:
    return {"1": True, "0": False}.get(text)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _count(text: str) -> int | None:
    return min(int(text), MOST_MESSAGES) if text.isascii() and text.isdecimal() and len(text) < 8 else None


def _area(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= CODE_DIGITS else ""


def _cut(longest: int) -> Any:
    return lambda text: text[:longest].strip()


READERS: Mapping[str, Any] = {
    "text": _cut(LONGEST_TEXT),
    "whose": _member(Whose),
    "since": _day,
    "until": _day,
    "area": _area,
    "channel": _cut(16),
    "topic": _member(Topic),
    "intent": _cut(LONGEST_INTENT),
    "band": _member(Band),
    "risk": _member(RiskLevel),
    "fallback": _flag,
    "handed_over": _flag,
    "unanswered": _flag,
    "unhelped": _flag,
    "reviewed": _flag,
    "shortest": _count,
    "longest": _count,
}
