"""Danger: the fixed, reviewed words for it, and how the rules' word and the model's word are joined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from bot.domain.messages import Choice, Link, Reply, Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel

FOLDER = Path(__file__).resolve().parents[2] / "data" / "safety"


MODEL = "model"
"""Name of the model among the rules that spoke."""
BY_INTENT: Mapping[str, tuple[RiskLevel, RiskKind]] = {
    "report_violence_now": (RiskLevel.EMERGENCY, RiskKind.VIOLENCE),
    "report_suicide": (RiskLevel.URGENT, RiskKind.SUICIDE),
    "report_child_danger": (RiskLevel.URGENT, RiskKind.CHILD),
    "ask_domestic_violence": (RiskLevel.WATCH, RiskKind.VIOLENCE),
    "ask_protection_order": (RiskLevel.WATCH, RiskKind.VIOLENCE),
    "admit_violence": (RiskLevel.URGENT, RiskKind.PERPETRATOR),
}
"""Intent of danger → the level the model may raise to, and the kind."""
ALONE: Mapping[str, float] = {
    "report_violence_now": 0.92,
    "report_suicide": 0.9,
    "report_child_danger": 0.9,
    "ask_domestic_violence": 0.75,
    "ask_protection_order": 0.7,
    "admit_violence": 0.7,
}
"""Likeliest intent of danger → the sum of all of them from which the model alone is believed."""


@dataclass(frozen=True, slots=True)
class Needed:
    """How sure the model must be to be believed against the rules. Measured anew after every training: `bench.danger_joining`.

    `alone` and `in_doubt` are sums over all intents of danger; in doubt is a text that denies, plays, jokes, or tells of
    strangers. `emergency` and `over_the_rules` are of the emergency's own intent: with silent rules, and with rules that
    heard something less.
    """

    alone: Mapping[str, float] = field(default_factory=lambda: ALONE)
    in_doubt: float = 0.99
    emergency: float = 0.95
    over_the_rules: float = 0.97


NEEDED = Needed()


def combine(rules: Risk, understood: Understanding, needed: Needed = NEEDED) -> Risk:
    """The graver of what the rules and the model say: the model may raise, never lower."""
    guesses = understood.ranking or ((understood.intent, understood.confidence),)
    seen = [(name, confidence) for name, confidence in guesses if name in BY_INTENT]
    if not seen:
        return rules
    likeliest = max(seen, key=lambda guess: guess[1])
    in_doubt = bool(rules.doubts) and rules.level is RiskLevel.NONE
    if sum(confidence for _, confidence in seen) < (needed.in_doubt if in_doubt else needed.alone[likeliest[0]]):
        return rules
    level, kind = _believed(*likeliest, rules, needed)
    spoke = (*rules.rules, MODEL)
    if level.rank <= rules.level.rank:
        return replace(rules, rules=spoke)
    return replace(rules, level=level, kind=kind, rules=spoke, scene=None)


def _believed(intent: str, confidence: float, rules: Risk, needed: Needed) -> tuple[RiskLevel, RiskKind]:
    level, kind = BY_INTENT[intent]
    wanted = needed.emergency if rules.level is RiskLevel.NONE else needed.over_the_rules
    if level is RiskLevel.EMERGENCY and (rules.doubts or confidence < wanted):
        return RiskLevel.URGENT, kind
    return level, kind


class SafetyWords:
    """The reviewed words and numbers, read once."""

    def __init__(self, words: Mapping[str, Mapping[str, Any]], numbers: Mapping[str, Mapping[str, Any]]) -> None:
        self._words = words
        self._numbers = numbers

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "SafetyWords":
        """Read `words.yml` and `numbers.yml`."""
        words = yaml.safe_load((folder / "words.yml").read_text(encoding="utf-8"))
        numbers = yaml.safe_load((folder / "numbers.yml").read_text(encoding="utf-8"))
        return cls(words, numbers["numbers"])

    def reply(self, risk: Risk) -> Reply:
        """The words for this danger: the closest there are. `risk` has a level above none, and a kind."""
        entry = next(self._words[name] for name in _names(risk) if name in self._words)
        links = tuple(self._link(self._numbers[name]) for name in entry["links"])
        choices = tuple(Choice(choice["title"], choice["payload"]) for choice in entry["choices"])
        return Reply(str(entry["text"]), choices=choices, links=links)

    @staticmethod
    def _link(number: Mapping[str, Any]) -> Link:
        return Link(f"{number['name']} {number['number']}", f"tel:{number['number']}")


def _names(risk: Risk) -> Iterator[str]:
    """From the closest words to the plainest: kind_level_scene_who, then without who, then without the scene."""
    who = "child" if risk.child else "other" if risk.other else ""
    for scene in (risk.scene, ""):
        for speaker in (who, ""):
            yield "_".join(part for part in (risk.kind, risk.level, scene, speaker) if part)
