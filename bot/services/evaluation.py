"""How well it understands: accuracy, macro-F1, a table per label, and danger found and cried wrongly, with intervals."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Z95 = 1.959_963_984_540_054
NOTHING = "(none)"


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`, with Wilson's 95 % interval."""

    hits: int
    of: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label: lines that have it, precision, recall, F1."""

    label: str
    lines: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything `evaluate` says. `confusion` is (label, predicted, lines), the most frequent first."""

    lines: int
    accuracy: Rate
    macro_f1: float
    labels: tuple[LabelScore, ...]
    risk_recall: Rate
    risk_false_alarms: Rate
    confusion: tuple[tuple[str, str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries."""
        return asdict(self)


def wilson(hits: int, of: int) -> Rate:
    """Wilson's score interval; (0, 1) of nothing."""
    if of == 0:
        return Rate(0, 0, 0.0, 0.0, 1.0)
    share = hits / of
    middle = share + Z95**2 / (2 * of)
    spread = Z95 * math.sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    scale = 1 + Z95**2 / of
    return Rate(hits, of, share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def evaluate(
    lines: Sequence[Mapping[str, Any]], predicted: Sequence[str], flagged: Sequence[bool], label_of: Mapping[str, str]
) -> Report:
    """Score predictions (intents) against lines with `label` and `also`; right if in either.

    Macro-F1 is over the labels that lines have. Dangerous is a line with a `crisis_` label or `domestic_violence`.
    """
    given = [label_of.get(intent, NOTHING) for intent in predicted]
    right = [label in _labels(line) for line, label in zip(lines, given, strict=True)]
    counted = [line["label"] if good else label for line, label, good in zip(lines, given, right, strict=True)]
    truth = [str(line["label"]) for line in lines]
    scores = tuple(_score(label, truth, counted) for label in sorted(set(truth)))
    danger = [any(is_dangerous(label) for label in _labels(line)) for line in lines]
    confusion = Counter((a, b) for a, b in zip(truth, counted, strict=True) if a != b)
    return Report(
        lines=len(lines),
        accuracy=wilson(sum(right), len(lines)),
        macro_f1=sum(score.f1 for score in scores) / len(scores) if scores else 0.0,
        labels=scores,
        risk_recall=wilson(sum(f for f, d in zip(flagged, danger, strict=True) if d), sum(danger)),
        risk_false_alarms=wilson(
            sum(f for f, d in zip(flagged, danger, strict=True) if not d), len(danger) - sum(danger)
        ),
        confusion=tuple((a, b, count) for (a, b), count in confusion.most_common()),
    )


def is_dangerous(label: str) -> bool:
    """Labels that must be flagged."""
    return label.startswith("crisis_") or label == "domestic_violence"


def _labels(line: Mapping[str, Any]) -> set[str]:
    return {str(line["label"]), *line.get("also", ())}


def _score(label: str, truth: Sequence[str], given: Sequence[str]) -> LabelScore:
    hits = sum(t == g == label for t, g in zip(truth, given, strict=True))
    lines, claimed = truth.count(label), given.count(label)
    precision, recall = hits / claimed if claimed else 0.0, hits / lines if lines else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return LabelScore(label, lines, precision, recall, f1)
