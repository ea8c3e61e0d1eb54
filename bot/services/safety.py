"""Danger: the fixed, reviewed words for it, and how the rules' word and the model's word are joined."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.domain.messages import Choice, Link, Reply, Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel

FOLDER = Path(__file__).resolve().parents[2] / "data" / "safety"
MODEL = "model"
"""Name of the model among the rules that spoke."""
BY_INTENT: Mapping[str, tuple[RiskLevel, RiskKind, float]] = {
    "report_violence_now": (RiskLevel.EMERGENCY, RiskKind.VIOLENCE, 0.75),
    "report_suicide": (RiskLevel.URGENT, RiskKind.SUICIDE, 0.6),
    "report_child_danger": (RiskLevel.URGENT, RiskKind.CHILD, 0.6),
    "ask_domestic_violence": (RiskLevel.WATCH, RiskKind.VIOLENCE, 0.75),
    "ask_protection_order": (RiskLevel.WATCH, RiskKind.VIOLENCE, 0.6),
    "admit_violence": (RiskLevel.WATCH, RiskKind.PERPETRATOR, 0.6),
}
"""Intent → the level the model may raise to, the kind, and the confidence it needs for that."""
UNSURE = 0.45
"""With this confidence (but less than the above) a crisis intent still counts as urgent, not as nothing."""


def combine(rules: Risk, understood: Understanding) -> Risk:
    """The graver of what the rules and the model say; either alone is enough."""
    level, kind, wanted = BY_INTENT.get(understood.intent, (RiskLevel.NONE, None, 1.0))
    if understood.confidence < wanted:
        crisis = level.rank >= RiskLevel.URGENT.rank and understood.confidence >= UNSURE
        level = RiskLevel.URGENT if crisis else RiskLevel.NONE
    if level is RiskLevel.NONE:
        return rules
    spoke = (*rules.rules, MODEL)
    if level.rank > rules.level.rank:
        return Risk(level, kind, spoke, rules.other)
    return Risk(rules.level, rules.kind, spoke, rules.other)


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
        """The words for this danger; `risk` is urgent or an emergency."""
        name = f"{risk.kind}_{risk.level}"
        entry = (self._words.get(f"{name}_other") if risk.other else None) or self._words[name]
        links = tuple(
            Link(
                f"{self._numbers[name]['name']} {self._numbers[name]['number']}", f"tel:{self._numbers[name]['number']}"
            )
            for name in entry["links"]
        )
        choices = tuple(Choice(choice["title"], choice["payload"]) for choice in entry["choices"])
        return Reply(str(entry["text"]), choices=choices, links=links)
