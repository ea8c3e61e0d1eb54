"""The directory of the Federation's own people: offices of the area tree, and federations in systems and at work.

Every case goes up the area tree. To a federation at her work it goes only when she chooses it herself; she may also keep
away from one, or from all of them. No private number is ever in this directory.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.accounts import CODE_DIGITS


class FederationKind(StrEnum):
    """An office of the area tree, or where a federation at work belongs."""

    AREA = "area"
    SYSTEM = "system"
    CHAMBER = "chamber"
    ZONE = "zone"
    SPACE = "space"
    COMPANY = "company"


FEDERATION_WORDS: Mapping[FederationKind, str] = {
    FederationKind.AREA: "地区",
    FederationKind.SYSTEM: "系统",
    FederationKind.CHAMBER: "商会",
    FederationKind.ZONE: "园区",
    FederationKind.SPACE: "创业空间",
    FederationKind.COMPANY: "两新组织",
}
WORK_KINDS = frozenset(FederationKind) - {FederationKind.AREA}
EVERY = "every"
"""Stands for every federation at work, where one is named."""
CHOSEN_WORDS = "您选的妇联"
"""A federation at her work is never named to her unasked: others may look at her screen."""
AREA_TREE = "none"
"""Stands where a federation is named: she goes back to the offices of the area."""
SHORTEST_DUTY = 2
FULL_WIDTH = str.maketrans("０１２３４５６７８９－＋　", "0123456789-+ ")
WORK_CHOICE = re.compile(r'^/ask_who_is_in_charge\{"(work|keep_away)":"([A-Za-z0-9_-]{1,32})"\}$')
MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9](?:[-\s]?\d){9}(?!\d)")
PHONE = re.compile(r"[\d()（）\-—/、，,;； 转]{3,60}")


@dataclass(frozen=True, slots=True)
class FederationFilter:
    """A list of federations: words in name, duty or title; `area` is a branch."""

    words: str = ""
    kind: FederationKind | None = None
    area: str = ""
    empty: bool = False
    """Only those of which no person is known."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of a federation's people as the office publishes her; `name` "" where it publishes none. `days`: 0 is Monday."""

    title: str
    name: str = ""
    duty: str = ""
    on_duty: str = ""
    days: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """「妇联主席 示例甲」"""
        return f"{self.title} {self.name}".strip()

    def answers_for(self, text: str) -> bool:
        """Whether the text names one of the neighbourhoods of her duty."""
        parts = re.split(r"[、，,；;。\s]+|和|以及", self.duty)
        return any(len(part) >= SHORTEST_DUTY and part in text for part in parts)


def has_mobile(*texts: str) -> bool:
    """Whether one of these texts holds a mobile number: nobody's private number goes into the directory."""
    return any(MOBILE.search(text.translate(FULL_WIDTH)) for text in texts)


def is_office_phone(text: str) -> bool:
    """Whether it reads as an office's number: digits, a dash, an extension; "" is none, and allowed."""
    return not text or (bool(PHONE.fullmatch(text)) and not has_mobile(text) and sum(map(str.isdigit, text)) >= 3)


def code_of(office: str) -> str:
    """The division code of an office that is named by its branch; "" of the whole area, which has none."""
    return office.ljust(CODE_DIGITS, "0") if office else ""


def on_duty_today(people: Sequence[Person], weekday: int) -> tuple[Person, ...]:
    """Who has her day today (0 is Monday)."""
    return tuple(person for person in people if weekday in person.days)


READ: tuple[tuple[re.Pattern[str], FederationKind], ...] = (
    (re.compile(r"商会|协会|行业"), FederationKind.CHAMBER),
    (re.compile(r"园区|开发区|工业园|产业园|科技园|高新区|保税区"), FederationKind.ZONE),
    (re.compile(r"创业(?:空间|基地|园)|众创|孵化|创客"), FederationKind.SPACE),
    (re.compile(r"系统|机关|农业|农机|卫健|教育局|教育口|医院|学校|银行|铁路|税务"), FederationKind.SYSTEM),
    (re.compile(r"公司|企业|工厂|厂里|厂子|厂妇联|车间|店里|单位|两新|外卖|快递|平台"), FederationKind.COMPANY),
)


def kind_in(text: str) -> FederationKind | None:
    """Which kind of federation at work a text means; None when it means none of them."""
    return next((kind for pattern, kind in READ if pattern.search(text)), None)


def work_choice(payload: str | None) -> tuple[str, str] | None:
    """(「work」 or 「keep_away」, which: a public id, `EVERY`, `AREA_TREE`) of a choice about the federation at her work."""
    found = WORK_CHOICE.match(payload or "")
    return None if found is None else (found[1], found[2])


def work_payload(act: str, federation: str) -> str:
    """The payload of such a choice."""
    return f'/ask_who_is_in_charge{{"{act}":"{federation}"}}'


@dataclass(frozen=True, slots=True)
class WorkWish:
    """Which federation at work she chose ("" none) and which ones she keeps away from. Her last word counts."""

    chosen: str = ""
    away: frozenset[str] = frozenset()

    def after(self, act: str, federation: str, family: frozenset[str]) -> "WorkWish":
        """What becomes of it. `family`: the federation and all below it; empty when there is none: nothing changes."""
        if act == "keep_away" and federation == EVERY:
            return WorkWish("", self.away | {EVERY})
        if act == "work" and federation == AREA_TREE:
            return WorkWish("", self.away)
        if not family:
            return self
        if act == "work":
            return WorkWish(federation, self.away - {federation, EVERY})
        return WorkWish("" if self.chosen in family else self.chosen, self.away | family)
