"""How far two people who judge the same things apart from each other agree: Cohen's kappa.

Kappa is the share of agreement beyond what chance would bring, were each to judge as often one way as she does, but blindly:
κ = (p₀ - pₑ) / (1 - pₑ). 1 is full agreement, 0 is chance (Cohen 1960, Educational and Psychological Measurement 20:37).
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from bot.services.evaluation.rates import wilson


@dataclass(frozen=True, slots=True)
class Agreement:
    """`same` of `count` judgements agree. `kappa` is None when it says nothing: no pair, or only one category in use.

    `low` and `high` are a 95 % interval: Wilson's of the observed share, with the share of chance taken as known. With few
    pairs it stays wide even when they all agree, which the usual large-sample formula does not.
    """

    count: int
    same: int
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Agreement over pairs (what the first said, what the second said) of the same things."""
    count, same = len(pairs), sum(one == other for one, other in pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(firsts[name] * seconds[name] for name in firsts) / count**2 if count else 1.0
    if chance >= 1.0:
        return Agreement(count, same)
    seen = wilson(same, count)
    kappa, low, high = ((share - chance) / (1 - chance) for share in (seen.value, seen.low, seen.high))
    return Agreement(count, same, kappa, max(-1.0, low), min(1.0, max(high, kappa)))


def kappa_words(found: Agreement) -> str:
    """How strong it is, by Landis and Koch (1977, Biometrics 33:159); "" when there is no kappa."""
    if found.kappa is None:
        return ""
    return next(words for floor, words in STRENGTHS if found.kappa >= floor)


STRENGTHS = (
    (0.81, "几乎一致"),
    (0.61, "高度一致"),
    (0.41, "中等"),
    (0.21, "一般"),
    (0.0, "很低"),
    (-1.1, "不如随便猜"),
)
