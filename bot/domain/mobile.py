"""流动服务: what goes to women instead of waiting for them, where it stops, and who is told of it, in quiet words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.accounts import branch
from bot.domain.appointments import moment_words

NEAR_M = 5000
"""Nearer than this (or in her own town) a stop is near to her."""
FARTHEST_M = 50_000
"""Nobody goes farther for a bus that comes again."""
SHOWN_AHEAD = timedelta(days=60)
KEPT_FOR = timedelta(days=90)
"""A wish to be told ends by itself after this; she may wish again."""
TOLD_BEFORE = timedelta(days=1)
DISTRICT_DIGITS, TOWN_DIGITS = 6, 9
"""Digits of a division code that name its district and its town."""


class UnitKind(StrEnum):
    """What comes."""

    BUS = "bus"
    BOOK_CORNER = "book_corner"
    CLINIC = "clinic"
    CLASS = "class"


UNIT_WORDS: Mapping[UnitKind, str] = {
    UnitKind.BUS: "流动服务车",
    UnitKind.BOOK_CORNER: "流动图书角",
    UnitKind.CLINIC: "流动义诊",
    UnitKind.CLASS: "流动课堂",
}
ASKED_BY: Mapping[UnitKind, tuple[str, ...]] = {
    UnitKind.BOOK_CORNER: ("图书", "书", "阅读"),
    UnitKind.CLINIC: ("义诊", "体检", "大夫", "医生", "量血压", "两癌", "筛查", "看病", "B超", "检查"),
    UnitKind.CLASS: ("课", "讲座", "培训"),
}
"""Words that ask for one kind; 车 alone asks for whatever comes, for most of it comes by bus."""


class StopStatus(StrEnum):
    """A cancelled stop stays in the list: women have read of it."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


STOP_WORDS: Mapping[StopStatus, str] = {StopStatus.PLANNED: "照常", StopStatus.CANCELLED: "取消"}


@dataclass(frozen=True, slots=True)
class StopFilter:
    """Stops that are wanted; empty means any. `first` and `last` are local days; `words` stand in place, unit or offer."""

    words: str = ""
    kind: UnitKind | None = None
    status: StopStatus | None = None
    area: str = ""
    first: date | None = None
    last: date | None = None


def kind_in(text: str) -> UnitKind | None:
    """The one kind that her words ask for; None for any."""
    found = [kind for kind, signs in ASKED_BY.items() if any(sign in text for sign in signs)]
    return found[0] if len(found) == 1 else None


NO_MORE = re.compile(
    r"(?:别|不要|不用|甭|不想|莫).{0,4}(?:告诉|通知|提醒|发|收到)|(?:通知|提醒|告诉).{0,6}(?:停|关|取消|退)"
)


def wants_no_more(text: str) -> bool:
    """Whether she wishes to be told no more."""
    return bool(NO_MORE.search(text))


def neighbourhood(division_code: str) -> str:
    """The prefix of codes that is as good as near: a village's town, the town, or the district that she named."""
    return branch(division_code)[:TOWN_DIGITS]


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """「11月28日（周六）09:00–11:30」, of local moments of one day."""
    return f"{moment_words(starts_at)}–{ends_at:%H:%M}"


# What comes unasked names neither the place nor what is offered nor who sends it: her phone may lie open beside him.

LOOK, ENOUGH = "看看在哪儿", "以后不用告诉我"
"""Under each of them."""


def coming_words(starts_at: datetime) -> str:
    """Of a local moment within a day."""
    return f"您留意的安排快到了：{moment_words(starts_at)}。"


def cancelled_words(starts_at: datetime) -> str:
    """What she was told of does not take place."""
    return f"您留意的安排（{moment_words(starts_at)}）取消了，请别跑空，对不起。"


def moved_words(before: datetime, starts_at: datetime) -> str:
    """What she was told of has another hour, or (at the same hour) another place."""
    if before == starts_at:
        return f"您留意的安排（{moment_words(starts_at)}）换了地方，去之前请再看一眼。"
    return f"您留意的安排（{moment_words(before)}）改时间了，现在是 {moment_words(starts_at)}。"
