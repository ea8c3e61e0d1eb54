"""Reads danger out of a text by reviewed rules (data/safety/rules), clause by clause, before all else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.risk import Risk, RiskKind, RiskLevel, Scene
from bot.language.cleaning import clean
from bot.language.signs import BLANK, Clauses, signs
from bot.language.speakers import Voice, read_speaker

FOLDER = Path(__file__).resolve().parents[2] / "data" / "safety" / "rules"
TOPICS = ("suicide", "children", "sexual", "captivity", "violence", "watch", "offender")
"""Files of the folder; of equally grave rules the first one decides."""
READ_AT_MOST = 20_000
DOUBTS = (
    "no_violence",
    "no_death",
    "joke",
    "safe",
    "brawl",
    "debt",
    "trivial",
    "laughing",
    "schoolyard",
    "imagined",
    "accident",
    "business",
    "prevented",
)
"""Signs that speak against danger wherever they stand."""
SHORT = 20
"""In a text of so few characters a harmless turn of speech is all there is."""
JOKE_REACHES = 3
"""Clauses on either side that are taken back by 开玩笑的."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewed rule: what must stand where, what silences it, and how grave it is now, in the past, in general.

    `clause`: all in one clause. `beside`: each in it or within two clauses of it. `anywhere`: each in the message.
    `never`: none in the clause. `nowhere`: none in the message. `disputes`: none in the clause; none beside it or in the
    message unless she speaks of husband or lover there.
    """

    id: str
    kind: RiskKind
    level: RiskLevel
    now: RiskLevel
    past: RiskLevel
    general: RiskLevel
    scene: Scene | None
    clause: tuple[str, ...]
    beside: tuple[str, ...]
    anywhere: tuple[str, ...]
    never: tuple[str, ...]
    nowhere: tuple[str, ...]
    disputes: tuple[str, ...]
    examples_for: tuple[str, ...]
    examples_against: tuple[str, ...]

    def level_in(self, clauses: Clauses) -> RiskLevel:
        """The gravest level at which it speaks; none when it is silent."""
        if not all(clauses.where(sign) for sign in (*self.clause, *self.beside, *self.anywhere)):
            return RiskLevel.NONE
        absent = self.nowhere if clauses.where("married") else (*self.nowhere, *self.disputes)
        if any(clauses.where(sign) for sign in absent) or is_told(clauses):
            return RiskLevel.NONE
        places = frozenset.intersection(*(clauses.where(sign) for sign in self.clause))
        levels = [self._level_at(clauses, at) for at in places if self._speaks_at(clauses, at)]
        return max(levels, key=lambda level: level.rank, default=RiskLevel.NONE)

    def _speaks_at(self, clauses: Clauses, at: int) -> bool:
        silenced = any(at in clauses.where(sign) for sign in self.never)
        return (
            not silenced
            and not self._disputed(clauses, at)
            and not is_joke(clauses, at)
            and all(clauses.near(sign, at) for sign in self.beside)
        )

    def _disputed(self, clauses: Clauses, at: int) -> bool:
        """An outsider in this clause; or beside it, when husband or lover is not."""
        family = clauses.near("married", at) or at in clauses.where("kin_strikes")
        return any(at in clauses.where(sign) or (not family and clauses.near(sign, at)) for sign in self.disputes)

    def _level_at(self, clauses: Clauses, at: int) -> RiskLevel:
        if clauses.near("imagined", at) or clauses.near("in_general", at):
            return self.general
        if is_now(clauses, at):
            return self.now
        if is_past(clauses, at):
            return self.past
        return _at_most(self.level, RiskLevel.URGENT) if at in clauses.where("habit") else self.level


def is_told(clauses: Clauses) -> bool:
    """Jokes, dreams and exam papers; news, plays and opinions too, unless she speaks of her own people as well."""
    if clauses.where("make_believe"):
        return True
    return bool(clauses.where("told") or clauses.where("opinion")) and not clauses.where("own")


def is_now(clauses: Clauses, at: int) -> bool:
    """A sign of this moment; what is told of the past or as a habit is not now, unless its clause says so itself."""
    if at in clauses.where("now_here") or at in clauses.where("now_hurt"):
        return True
    if clauses.where("safe") or at in clauses.where("past") or at in clauses.where("habit"):
        return False
    return at in clauses.where("now_weak") or clauses.near("now_here", at) or clauses.near("now_hurt", at)


def is_past(clauses: Clauses, at: int) -> bool:
    """The clause, or the one before it, speaks of the past; or she says that she is safe now."""
    past = clauses.where("past")
    return at in past or at - 1 in past or bool(clauses.where("safe"))


def is_joke(clauses: Clauses, at: int) -> bool:
    """She says so of these very words. She is believed; the words for a joke still name the numbers."""
    return clauses.near("joke", at, JOKE_REACHES) and not clauses.where("not_joke")


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of every topic, in order, read once."""
    files = [yaml.safe_load((FOLDER / f"{topic}.yml").read_text(encoding="utf-8")) for topic in TOPICS]
    return tuple(_rule(fields) for file in files for fields in file["danger"])


def read_risk(text: str) -> Risk:
    """What the reviewed rules make of a text: the gravest rule decides, level none when no rule speaks."""
    cleaned = clean(text, READ_AT_MOST)
    prepared = signs().prepare(cleaned)
    clauses = Clauses(signs(), prepared)
    doubts = _doubts(clauses, prepared)
    found = [(rule, level) for rule in rules() if (level := rule.level_in(clauses)) is not RiskLevel.NONE]
    voice = read_speaker(cleaned).voice
    nothing = Risk(other=voice in (Voice.OTHER, Voice.OFFICER), child=voice is Voice.CHILD, doubts=doubts)
    if not found:
        return nothing
    rule, level = _gravest(found)
    kind = RiskKind.CHILD if voice is Voice.CHILD and rule.kind is RiskKind.VIOLENCE else rule.kind
    return replace(nothing, level=level, kind=kind, rules=tuple(rule.id for rule, _ in found), scene=rule.scene)


def _doubts(clauses: Clauses, prepared: str) -> tuple[str, ...]:
    """What speaks against danger, for the joining with the model."""
    found = [sign for sign in DOUBTS if clauses.where(sign)]
    if is_told(clauses):
        found.append("told")
    if clauses.where("stranger") and not clauses.where("married"):
        found.append("stranger")
    if BLANK in prepared and (len(prepared) <= SHORT or not signs().alarming.search(prepared)):
        found.append("harmless")
    return tuple(found)


def _gravest(found: Sequence[tuple[Rule, RiskLevel]]) -> tuple[Rule, RiskLevel]:
    """The first of the gravest. One who says that he himself struck is spoken to as such, unless a life is in danger."""
    gravest = max(found, key=lambda each: each[1].rank)
    own_hand = [each for each in found if each[0].kind is RiskKind.PERPETRATOR]
    if not own_hand:
        return gravest
    own = max(own_hand, key=lambda each: each[1].rank)
    return gravest if gravest[1] is RiskLevel.EMERGENCY and own[1] is not RiskLevel.EMERGENCY else own


def _rule(fields: Mapping[str, Any]) -> Rule:
    """`now`, `past` and `general` default to the level, at most urgent in the past and at most watch in general."""
    level = RiskLevel(fields["level"])
    lists = {
        name: tuple(fields.get(name, ())) for name in ("clause", "beside", "anywhere", "never", "nowhere", "disputes")
    }
    return Rule(
        id=fields["id"],
        kind=RiskKind(fields["kind"]),
        level=level,
        now=RiskLevel(fields.get("now", level)),
        past=RiskLevel(fields.get("past", _at_most(level, RiskLevel.URGENT))),
        general=RiskLevel(fields.get("general", _at_most(level, RiskLevel.WATCH))),
        scene=Scene(fields["scene"]) if "scene" in fields else None,
        examples_for=tuple(fields["for"]),
        examples_against=tuple(fields["against"]),
        **lists,
    )


def _at_most(level: RiskLevel, limit: RiskLevel) -> RiskLevel:
    return min(level, limit, key=lambda each: each.rank)
