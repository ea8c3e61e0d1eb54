"""Is confidence honest: of guesses made with 80 %, are 80 % right; and what does asking back below a threshold buy."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.evaluation.rates import Rate, share

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Guesses with a confidence from `low` to `high`: their mean confidence, and how many were right."""

    low: float
    high: float
    confidence: float
    right: Rate


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error` is the mean distance between confidence and accuracy, weighted by lines (ECE)."""

    bins: tuple[Bin, ...]
    error: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Below `value` the bot asks back: the share that is, and how many of the rest are right."""

    value: float
    asked_back: Rate
    right_of_rest: Rate


def calibrate(confidence: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Reliability in tenths; a tenth without a guess is left out. A confidence of 1 belongs to the last."""
    pairs = list(zip(confidence, right, strict=True))
    bins = []
    for number in range(BINS):
        inside = [(sure, good) for sure, good in pairs if min(int(sure * BINS), BINS - 1) == number]
        if inside:
            mean = sum(sure for sure, _ in inside) / len(inside)
            bins.append(Bin(number / BINS, (number + 1) / BINS, mean, share([good for _, good in inside])))
    away = sum(abs(one.confidence - one.right.value) * one.right.of for one in bins)
    return Calibration(tuple(bins), away / len(pairs) if pairs else 0.0)


def when_asked(asked: Sequence[bool], right: Sequence[bool]) -> tuple[Rate, Rate]:
    """(share that is asked back, how many of the rest are right)."""
    return share(asked), share([good for good, back in zip(right, asked, strict=True) if not back])


def at_threshold(value: float, confidence: Sequence[float], right: Sequence[bool]) -> Threshold:
    """What asking back below `value` would do."""
    return Threshold(value, *when_asked([sure < value for sure in confidence], right))
