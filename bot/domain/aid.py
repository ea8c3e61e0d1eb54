"""Hardship: the programmes there are, what to bring for each, and the way of an application.

COLLECTING ──► SUBMITTED ──► GRANTED
    ▲  │           │  ▲         │ (a slip is put right)
    └──┼───────────┤  └─────────┤
       │           └──► REFUSED ┘
       └──► GRANTED, REFUSED
She can take back what is COLLECTING or SUBMITTED: WITHDRAWN.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AidStatus(StrEnum):
    """How far an application has come."""

    COLLECTING = "collecting"
    SUBMITTED = "submitted"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATUS_WORDS: Mapping[AidStatus, str] = {
    AidStatus.COLLECTING: "在备材料",
    AidStatus.SUBMITTED: "已递交，等批",
    AidStatus.GRANTED: "批了",
    AidStatus.REFUSED: "没批",
    AidStatus.WITHDRAWN: "本人撤回",
}
OPEN = frozenset({AidStatus.COLLECTING, AidStatus.SUBMITTED})
MOVES: Mapping[AidStatus, frozenset[AidStatus]] = {
    AidStatus.COLLECTING: frozenset({AidStatus.SUBMITTED, AidStatus.GRANTED, AidStatus.REFUSED}),
    AidStatus.SUBMITTED: frozenset({AidStatus.COLLECTING, AidStatus.GRANTED, AidStatus.REFUSED}),
    AidStatus.GRANTED: frozenset({AidStatus.SUBMITTED}),
    AidStatus.REFUSED: frozenset({AidStatus.SUBMITTED}),
    AidStatus.WITHDRAWN: frozenset(),
}
"""Where an officer may move an application; taking back is hers."""


class ItemState(StrEnum):
    """Of a paper: `SAID`: she says that she has it; `SEEN`: an officer looked at it."""

    MISSING = "missing"
    SAID = "said"
    SEEN = "seen"


ITEM_WORDS: Mapping[ItemState, str] = {ItemState.MISSING: "还缺", ItemState.SAID: "她说有", ItemState.SEEN: "看过了"}


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to bring."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One kind of help. `law`: (name, article) pairs. `answer`: the checked answer it rests on.

    `refused`: what can be done against a no, "" where nobody has checked it. After `valid_until` its conditions are not told.
    """

    key: str
    name: str
    short: str
    hints: re.Pattern[str]
    gives: str
    who: str
    papers: tuple[Paper, ...]
    where: str
    refused: str
    law: tuple[tuple[str, str], ...]
    answer: str
    checked_at: date
    valid_until: date

    def is_stale(self, today: date) -> bool:
        """Whether nobody has checked it for longer than its kind allows."""
        return today > self.valid_until

    @property
    def law_words(self) -> str:
        """「《社会救助暂行办法》第九条」; "" without."""
        return "；".join(f"《{name}》{article}" for name, article in self.law)

    def missing(self, have: Sequence[str]) -> tuple[Paper, ...]:
        """What is not among these keys."""
        return tuple(paper for paper in self.papers if paper.key not in have)


@dataclass(frozen=True, slots=True)
class Programmes:
    """All of them, in the order in which they are offered."""

    all: tuple[Programme, ...]

    def named(self, key: str) -> Programme | None:
        """The one with this key."""
        return next((one for one in self.all if one.key == key), None)

    def by_answer(self, answer: str) -> Programme | None:
        """The one that rests on this checked answer."""
        return next((one for one in self.all if one.answer == answer), None)

    def guessed(self, text: str) -> tuple[Programme, ...]:
        """Those that her words name, the most often named first."""
        counted = [(len(one.hints.findall(text)), one) for one in self.all]
        return tuple(one for count, one in sorted(counted, key=lambda pair: -pair[0]) if count)

    def short(self, key: str) -> str:
        """What a programme is called in a list; the key itself when the file does not name it any more."""
        known = self.named(key)
        return known.short if known else key


@dataclass(frozen=True, slots=True)
class AidFilter:
    """Which applications a list shows; None and "" stand for all. `opened`: only those that are not settled."""

    programme: str = ""
    status: AidStatus | None = None
    opened: bool = False
    area: str = ""
