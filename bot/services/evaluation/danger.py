"""Sets of danger: of each level and kind, how many are flagged, and how many with the very level they need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.risk import Risk, RiskLevel
from bot.services.evaluation.rates import Rate, share


@dataclass(frozen=True, slots=True)
class DangerRow:
    """Lines of one level or kind.

    `flagged` at any level; `grave_enough` at least at the level wanted; `same_level` exactly; `same_kind` the kind as
    well. Of lines without danger, `flagged` are the false alarms and `grave_enough` is always true.
    """

    name: str
    flagged: Rate
    grave_enough: Rate
    same_level: Rate
    same_kind: Rate


def by_level_and_kind(lines: Sequence[Mapping[str, Any]], found: Sequence[Risk]) -> tuple[DangerRow, ...]:
    """Rows: all, each level from the gravest, then each kind. Lines have `risk`, and `kind` unless it is none."""
    rows = [_row("all", lines, found)]
    for level in reversed(RiskLevel):
        rows.append(_row(level.value, *_only(lines, found, "risk", level.value)))
    for kind in sorted({str(line["kind"]) for line in lines if line.get("kind")}):
        rows.append(_row(kind, *_only(lines, found, "kind", kind)))
    return tuple(row for row in rows if row.flagged.of)


def is_flagged(risk: Risk) -> bool:
    """Whether anything was seen."""
    return risk.level is not RiskLevel.NONE


def _only(
    lines: Sequence[Mapping[str, Any]], found: Sequence[Risk], field: str, value: str
) -> tuple[list[Mapping[str, Any]], list[Risk]]:
    pairs = [(line, risk) for line, risk in zip(lines, found, strict=True) if line.get(field) == value]
    return [line for line, _ in pairs], [risk for _, risk in pairs]


def _row(name: str, lines: Sequence[Mapping[str, Any]], found: Sequence[Risk]) -> DangerRow:
    wanted = [RiskLevel(line["risk"]) for line in lines]
    return DangerRow(
        name=name,
        flagged=share([is_flagged(risk) for risk in found]),
        grave_enough=share([risk.level.rank >= want.rank for risk, want in zip(found, wanted, strict=True)]),
        same_level=share([risk.level is want for risk, want in zip(found, wanted, strict=True)]),
        same_kind=share([risk.kind == line.get("kind") for risk, line in zip(found, lines, strict=True)]),
    )
