"""Labels against predictions: accuracy, macro-F1 with its interval, a row per label, who is taken for whom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot.services.evaluation.rates import Rate, f1, share

Line = Mapping[str, Any]
NOTHING = "(none)"
"""Given to an intent that is none of the labels."""
DANGEROUS = {
    "domestic_violence", "ask_domestic_violence", "admit_violence",
    "report_violence_now", "report_suicide", "report_child_danger",
}  # fmt: skip
"""Labels, and our intents where a set is labelled with intents, that must be flagged; and every `crisis_…`."""
ROUNDS = 2000
"""Samples that the interval of macro-F1 is taken from."""


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
    """Everything `evaluate` says of one labelled set.

    `confusion` is (label, predicted, lines) of what was wrong, the most frequent first; `right` is (label, lines) of
    what was right, by the label it counts for. `macro_f1_low` and `_high` are a 95 % bootstrap interval.
    """

    lines: int
    accuracy: Rate
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    labels: tuple[LabelScore, ...]
    risk_recall: Rate
    risk_false_alarms: Rate
    confusion: tuple[tuple[str, str, int], ...]
    right: tuple[tuple[str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries."""
        return asdict(self)


def evaluate(
    lines: Sequence[Line],
    predicted: Sequence[str],
    flagged: Sequence[bool],
    label_of: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
) -> Report:
    """Score predictions (intents) against lines with `label` and `also`; right if in either.

    `label_of` maps intents to labels; without it the labels are intents. Macro-F1 is over the labels that lines have.
    `seed` makes the bootstrap repeatable.
    """
    given = as_labels(predicted, label_of)
    right = hits(lines, given)
    counted = [str(line["label"]) if good else label for line, label, good in zip(lines, given, right, strict=True)]
    truth = [str(line["label"]) for line in lines]
    scores = tuple(_score(label, truth, counted) for label in sorted(set(truth)))
    recall, false_alarms = danger_found(lines, flagged)
    low, high = macro_f1_interval(truth, counted, seed)
    pairs = Counter(zip(truth, counted, strict=True))
    return Report(
        lines=len(lines),
        accuracy=share(right),
        macro_f1=sum(score.f1 for score in scores) / len(scores) if scores else 0.0,
        macro_f1_low=low,
        macro_f1_high=high,
        labels=scores,
        risk_recall=recall,
        risk_false_alarms=false_alarms,
        confusion=tuple(
            (a, b, count) for (a, b), count in sorted(pairs.items(), key=lambda p: (-p[1], p[0])) if a != b
        ),
        right=tuple((a, count) for (a, b), count in sorted(pairs.items()) if a == b),
    )


def as_labels(intents: Sequence[str], label_of: Mapping[str, str] | None) -> list[str]:
    """The label of each intent; an intent that has none is NOTHING."""
    return [(label_of.get(intent, NOTHING) if label_of is not None else intent) or NOTHING for intent in intents]


def hits(lines: Sequence[Line], given: Sequence[str]) -> list[bool]:
    """Whether each given label is the line's label, or one of its `also`."""
    return [label in _labels(line) for line, label in zip(lines, given, strict=True)]


def danger_found(lines: Sequence[Line], flagged: Sequence[bool]) -> tuple[Rate, Rate]:
    """(recall, false alarms): dangerous lines that were flagged, and harmless ones that were."""
    danger = [any(is_dangerous(label) for label in _labels(line)) for line in lines]
    pairs = list(zip(flagged, danger, strict=True))
    return share([flag for flag, bad in pairs if bad]), share([flag for flag, bad in pairs if not bad])


def is_dangerous(label: str) -> bool:
    """Labels that must be flagged."""
    return label.startswith("crisis_") or label in DANGEROUS


def macro_f1_interval(truth: Sequence[str], given: Sequence[str], seed: int) -> tuple[float, float]:
    """95 % of `ROUNDS` samples of the lines, drawn with replacement, have a macro-F1 between these two.

    A label that a sample has no line of does not count in that sample.
    """
    if not truth:
        return 0.0, 1.0
    names = sorted({*truth, *given})
    code = {name: number for number, name in enumerate(names)}
    a, b = np.array([code[name] for name in truth]), np.array([code[name] for name in given])
    draws = np.random.default_rng(seed).integers(0, len(a), size=(ROUNDS, len(a)))
    scores = [_macro_f1(a[draw], b[draw], len(names)) for draw in draws]
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def _macro_f1(truth: "np.ndarray[Any, Any]", given: "np.ndarray[Any, Any]", labels: int) -> float:
    lines, claimed = np.bincount(truth, minlength=labels), np.bincount(given, minlength=labels)
    right = np.bincount(truth[truth == given], minlength=labels)
    present = lines > 0
    return float((2 * right[present] / (lines[present] + claimed[present])).mean())


def _labels(line: Line) -> set[str]:
    return {str(line["label"]), *line.get("also", ())}


def _score(label: str, truth: Sequence[str], given: Sequence[str]) -> LabelScore:
    good = sum(t == g == label for t, g in zip(truth, given, strict=True))
    lines, claimed = truth.count(label), given.count(label)
    precision, recall = good / claimed if claimed else 0.0, good / lines if lines else 0.0
    return LabelScore(label, lines, precision, recall, f1(precision, recall))
