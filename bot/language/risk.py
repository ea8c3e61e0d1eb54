"""Reads danger out of a text by reviewed rules (data/safety/rules.yml), clause by clause, before all else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.domain.risk import Risk, RiskKind, RiskLevel
from bot.language.cleaning import clean

FILE = Path(__file__).resolve().parents[2] / "data" / "safety" / "rules.yml"
READ_AT_MOST = 20_000
CLAUSE = re.compile(r"[，,。！!？?；;…\n]+")
BLANK = "□"
OTHERS = re.compile(
    r"我?(女儿|闺女|姑娘|妹妹?|姐姐?|妈|母亲|朋友|闺蜜|同事|同学|邻居|表[姐妹]|嫂子?|婶|姨|学生|隔壁|楼上|楼下)"
    r"[^，。]{0,8}(被|让|叫|挨|老公|男人|对象|丈夫|想死|不想活|要自杀|想不开)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewed rule. `all` must be in the clause, one of `near` in it or beside it, one of `message` anywhere.

    `unless` anywhere silences it, except when she speaks of her own people (`own`).
    """

    id: str
    kind: RiskKind
    level: RiskLevel
    all: tuple[re.Pattern[str], ...]
    near: tuple[re.Pattern[str], ...]
    message: tuple[re.Pattern[str], ...]
    any_text: re.Pattern[str] | None
    none: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    own: re.Pattern[str]
    examples_for: tuple[str, ...]
    examples_against: tuple[str, ...]

    def speaks(self, clauses: Sequence[str]) -> bool:
        """Whether it fires in one of the clauses."""
        whole = "，".join(clauses)
        if self.message and not any(cue.search(whole) for cue in self.message):
            return False
        if any(cue.search(whole) for cue in self.unless) and not self.own.search(whole):
            return False
        return any(self._fires(clauses, at) for at in range(len(clauses)))

    def _fires(self, clauses: Sequence[str], at: int) -> bool:
        clause = clauses[at]
        if not all(cue.search(clause) for cue in self.all) or any(cue.search(clause) for cue in self.none):
            return False
        beside = "，".join(clauses[max(0, at - 1) : at + 2])
        if self.near and not any(cue.search(beside) for cue in self.near):
            return False
        return self.any_text is None or bool(self.any_text.search(beside))


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule, and what is blanked out before they look."""

    harmless: re.Pattern[str]
    rules: tuple[Rule, ...]

    def read(self, text: str) -> Risk:
        """The gravest rule decides; all that spoke are named."""
        words = self.harmless.sub(BLANK, clean(text, READ_AT_MOST))
        clauses = [clause for clause in CLAUSE.split(words) if clause]
        found = [rule for rule in self.rules if rule.speaks(clauses)]
        if not found:
            return Risk()
        # One who says that he himself struck is spoken to as such: the same words would describe a victim.
        own_hand = [rule for rule in found if rule.kind is RiskKind.PERPETRATOR]
        gravest = max(found, key=lambda rule: rule.level.rank)
        if own_hand and gravest.level is not RiskLevel.EMERGENCY:
            gravest = own_hand[0]
        return Risk(gravest.level, gravest.kind, tuple(rule.id for rule in found), bool(OTHERS.search(words)))


@cache
def rules() -> Rules:
    """The rules of the file, compiled once."""
    with FILE.open(encoding="utf-8") as file:
        loaded = yaml.safe_load(file)
    cues = _expand(loaded["cues"])
    return Rules(re.compile(cues["harmless"]), tuple(_rule(fields, cues) for fields in loaded["hard_stops"]))


def read_risk(text: str) -> Risk:
    """What the reviewed rules make of a text; `Risk()` when none of them speaks."""
    return rules().read(text)


def _expand(cues: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each cue as one expression, with `{name}` replaced by the cue of that name."""
    joined = {name: "|".join(f"(?:{expression})" for expression in cue) for name, cue in cues.items()}
    return {
        name: re.sub(r"\{([a-z_]+)\}", lambda inner: f"(?:{joined[inner.group(1)]})", expression)
        for name, expression in joined.items()
    }


def _rule(fields: Mapping[str, list[str]], cues: Mapping[str, str]) -> Rule:
    def compiled(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(cues[cue]) for cue in fields.get(name, ()))

    any_text = fields.get("any_text")
    return Rule(
        id=str(fields["id"]),
        kind=RiskKind(str(fields["kind"])),
        level=RiskLevel(str(fields["level"])),
        all=compiled("all"),
        near=compiled("near"),
        message=compiled("message"),
        any_text=re.compile("|".join(f"(?:{expression})" for expression in any_text)) if any_text else None,
        none=compiled("none"),
        unless=compiled("unless"),
        own=re.compile(cues["own"]),
        examples_for=tuple(fields["for"]),
        examples_against=tuple(fields["against"]),
    )
