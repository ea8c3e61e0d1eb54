"""A share with its interval: every figure that is told is told with what chance alone could make of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959_963_984_540_054


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`, with Wilson's 95 % interval."""

    hits: int
    of: int
    value: float
    low: float
    high: float


def wilson(hits: int, of: int) -> Rate:
    """Wilson's score interval; (0, 1) of nothing."""
    if of == 0:
        return Rate(0, 0, 0.0, 0.0, 1.0)
    share = hits / of
    middle = share + Z95**2 / (2 * of)
    spread = Z95 * math.sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    scale = 1 + Z95**2 / of
    return Rate(hits, of, share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def share(true: Sequence[bool]) -> Rate:
    """How many of these are true."""
    return wilson(sum(true), len(true))


def f1(precision: float, recall: float) -> float:
    """Their harmonic mean; 0 when both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
