"""Entities by exact span: right only if the kind, the first and the last character are."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.services.evaluation.rates import Rate, f1, wilson

Span = tuple[str, int, int]
"""(entity, start, end), in characters of the text as sent; `end` is one past the last."""
ALL = "all"


@dataclass(frozen=True, slots=True)
class SpanScore:
    """One entity, or all. `precision` is hits of what was found, `recall` hits of what stands there."""

    entity: str
    precision: Rate
    recall: Rate
    f1: float


def span_scores(expected: Sequence[AbstractSet[Span]], found: Sequence[AbstractSet[Span]]) -> tuple[SpanScore, ...]:
    """A row for all together, then one per entity that stands in a line or was found. Spans are those of one line each."""
    pairs = list(zip(expected, found, strict=True))
    names = sorted({span[0] for spans in (*expected, *found) for span in spans})
    return tuple(_score(name, pairs) for name in (ALL, *names))


def _score(name: str, pairs: Sequence[tuple[AbstractSet[Span], AbstractSet[Span]]]) -> SpanScore:
    def count(spans: AbstractSet[Span]) -> int:
        return sum(name in (ALL, span[0]) for span in spans)

    hits = sum(count(wanted & given) for wanted, given in pairs)
    precision = wilson(hits, sum(count(given) for _, given in pairs))
    recall = wilson(hits, sum(count(wanted) for wanted, _ in pairs))
    return SpanScore(name, precision, recall, f1(precision.value, recall.value))
