"""Two models on the same sets: every figure side by side, what got better and worse, and what forbids the new one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from bot.domain.teaching import Figure
from bot.services.evaluation.danger import DangerRow
from bot.services.evaluation.rates import Rate
from bot.services.evaluation.sets import DangerSet, LabelledSet, Measured, NeedsSet, SpanSet

DANGER, ALARMS = "danger", "alarms"
"""What a figure guards: danger found may not fall by one line, false alarms may not rise past MOST_MORE_ALARMS."""
MOST_MORE_ALARMS = 0.005
"""Share of the harmless lines of a set."""
NONE, ALL = "none", "all"
GRAVE = frozenset({ALL, "emergency", "urgent"})
"""Rows in which the level must not fall either; of the kinds, only that they are seen."""
SAME = 0.0005
"""Figures nearer than this are the same."""
MEANT = 0.95


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after; `before` is None for one that the old model was not measured by.

    `better`: by how much it is, below 0 when it is worse. `meant`: more than chance would make of two samples of this size;
    False as well where there is no count to tell it by.
    """

    set: str
    name: str
    before: Figure | None
    after: Figure
    better: float
    meant: bool


def figures_of(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    """Every figure that two models are compared by."""
    return tuple(figure for one in measured for figure in _figures(one))


def compare(before: Sequence[Figure], after: Sequence[Figure]) -> tuple[Change, ...]:
    """Figure by figure, in the order of the new one's."""
    old = {(figure.set, figure.name): figure for figure in before}
    return tuple(_change(old.get((figure.set, figure.name)), figure) for figure in after)


def objections(before: Sequence[Figure], after: Sequence[Figure]) -> tuple[str, ...]:
    """Why the new model may not go live, in words; () when it may.

    A guarded figure that one of the two lacks is an objection too: nobody knows whether it fell.
    """
    old = {(figure.set, figure.name): figure for figure in before if figure.guards}
    new = {(figure.set, figure.name): figure for figure in after if figure.guards}
    missing = [f"{name[0]} 的「{name[1]}」没有两边都量过" for name in sorted(old.keys() ^ new.keys())]
    if not new:
        missing.append("没有任何一项危险识别的数字")
    found = [_objection(old[name], figure) for name, figure in new.items() if name in old]
    return (*missing, *(words for words in found if words))


def _objection(old: Figure, new: Figure) -> str:
    where = f"{new.set} 的「{new.name}」"
    if old.of != new.of:
        return f"{where}量的不是同样多的句子（{old.of} 和 {new.of}）"
    if new.guards == DANGER and new.hits < old.hits:
        return f"{where}从 {old.hits}/{old.of} 降到 {new.hits}/{new.of}"
    if new.guards == ALARMS and new.value - old.value > MOST_MORE_ALARMS:
        return f"{where}从 {old.value:.1%} 升到 {new.value:.1%}，最多只许升 {MOST_MORE_ALARMS:.1%}"
    return ""


def _change(before: Figure | None, after: Figure) -> Change:
    moved = (after.value - before.value) if before else 0.0
    better = moved if after.at_least else -moved
    return Change(after.set, after.name, before, after, 0.0 if abs(better) < SAME else better, _meant(before, after))


def _meant(before: Figure | None, after: Figure) -> bool:
    """Two shares of independent samples (a careful test here: the lines are the same, so chance moves them less)."""
    if before is None or not before.of or not after.of:
        return False
    joint = (before.hits + after.hits) / (before.of + after.of)
    spread = (joint * (1 - joint) * (1 / before.of + 1 / after.of)) ** 0.5
    return bool(spread) and abs(after.value - before.value) / spread > NormalDist().inv_cdf((1 + MEANT) / 2)


def _figures(one: Measured) -> Iterator[Figure]:
    match one:
        case LabelledSet(name=name, report=report):
            yield _rate(name, "答对", report.accuracy)
            yield Figure(name, "宏平均 F1", report.macro_f1)
            if report.risk_recall.of:
                yield _rate(name, "危险识别", report.risk_recall, guards=DANGER)
            yield _rate(name, "误报", report.risk_false_alarms, at_least=False, guards=ALARMS)
            yield Figure(name, "置信度误差", one.calibration.error, at_least=False)
            yield from (Figure(name, f"F1 {row.label}", row.f1) for row in report.labels)
        case DangerSet(name=name):
            for row in one.joined:
                yield from _danger(name, row, one)
        case SpanSet(name=name):
            yield from (Figure(name, f"F1 {row.entity}", row.f1) for row in one.scores)
        case NeedsSet(name=name, report=needs):
            yield _rate(name, "需求都听到", needs.all_found)
            yield _rate(name, "多听出来的", needs.made_up, at_least=False)


def _danger(name: str, row: DangerRow, of: DangerSet) -> Iterator[Figure]:
    """Of harmless lines those flagged are bad, of the others those not flagged; of both together nothing can be said."""
    if row.name == NONE:
        yield _rate(name, "误报", row.flagged, at_least=False, guards=ALARMS)
    elif row.name != ALL or NONE not in {other.name for other in of.joined}:
        yield _rate(name, f"识别 {row.name}", row.flagged, guards=DANGER)
        yield _rate(name, f"级别够高 {row.name}", row.grave_enough, guards=DANGER if row.name in GRAVE else "")


def _rate(name: str, what: str, rate: Rate, *, at_least: bool = True, guards: str = "") -> Figure:
    return Figure(name, what, rate.value, rate.hits, rate.of, at_least, guards)
