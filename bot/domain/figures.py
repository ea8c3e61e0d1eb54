"""Figures that tell of nobody: counts from 1 to 4 are never shown, nor what would give them away.

A table is published as cells and sums: each sum says that some cells add up to another one. A small cell is shown as 「<5」.
Where the rest of a sum would tell which number from 1 to 4 it is, a neighbour is withheld too (「※」). A withheld cell holds 0
or at least 5, and is treated as if everybody knew that. Everybody who may see an area is shown the same cells, whoever she is:
two people who compare their pages learn no more than one of them.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.inference import GROUND, Hidden, Network

K = TypeVar("K", bound=Hashable)
SMALLEST = 5
"""From this count on a figure is shown."""
FEWEST = 20
"""With fewer people than this only their number is shown."""
TOTAL = "total"
"""The key under which a distribution keeps the sum of its cells."""
UNKNOWN_PART = "?"
"""Marks the child of an area that holds what is known no nearer."""


class Mark(StrEnum):
    """Why a count is not shown: it is small, or it would tell of a small one."""

    SMALL = "<5"
    WITHHELD = "※"


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as it may be shown; None with a mark."""

    count: int | None
    mark: Mark | None = None

    def __str__(self) -> str:
        """「213」「<5」「※」"""
        return str(self.mark) if self.mark is not None else str(self.count)

    @property
    def is_zero(self) -> bool:
        """Whether it is known that there is nothing."""
        return self.count == 0


NOTHING = Cell(0)


@dataclass(frozen=True, slots=True)
class Sum(Generic[K]):
    """The cells of `parts` add up to the cell `total`."""

    total: K
    parts: Sequence[K]


def is_small(count: int) -> bool:
    """Whether a count may not be shown."""
    return 0 < count < SMALLEST


def protect(values: Mapping[K, int], sums: Iterable[Sum[K]], marks: MutableMapping[K, Mark]) -> None:
    """Add to `marks` whatever has to be hidden. Marks that are there already stay; a total is never marked for its parts' sake.

    A cell of no sum is only marked when it is small.
    """
    sums = list(sums)
    nothing = {part for line in sums if not values[line.total] and line.total not in marks for part in line.parts}
    marks.update({key: Mark.SMALL for key, count in values.items() if is_small(count) and key not in marks})
    changed = True
    while changed:
        changed = False
        for line in sums:
            while not _tells_nothing(values, line, marks):
                if not _hide_more(values, line, marks, nothing):
                    break
                changed = True


def shown(values: Mapping[K, int], marks: Mapping[K, Mark], key: K) -> Cell:
    """A cell as it may be shown."""
    return Cell(None, marks[key]) if key in marks else Cell(values.get(key, 0))


def share(part: Cell, whole: Cell) -> int | None:
    """Per cent, rounded; None when one of the two is not shown, or the whole is nothing."""
    if part.count is None or not whole.count:
        return None
    return round(100 * part.count / whole.count)


def change(now: Cell, before: Cell) -> int | None:
    """Per cent more (or, below zero, fewer) than before; None when it cannot be said."""
    if now.count is None or not before.count:
        return None
    return round(100 * (now.count - before.count) / before.count)


def _tells_nothing(values: Mapping[K, int], line: Sum[K], marks: Mapping[K, Mark]) -> bool:
    hidden = [part for part in line.parts if part in marks]
    if line.total in marks:
        # With every part shown the sum would be known; an unknown sum tells nothing of two parts or more, nor of one.
        return bool(hidden)
    if not hidden:
        return True
    if len(hidden) == 1:
        return False
    small = sum(marks[part] is Mark.SMALL for part in hidden)
    left = values.get(line.total, 0) - sum(values.get(part, 0) for part in line.parts if part not in marks)
    withheld = len(hidden) - small
    return not small or all(_may_be(left - one, small - 1, withheld) for one in range(1, SMALLEST))


def _may_be(left: int, small: int, withheld: int) -> bool:
    """Whether so many small cells and withheld ones (each 0 or at least 5) can add up to what is left."""
    if small <= left <= small * (SMALLEST - 1):
        return True
    return withheld > 0 and left - SMALLEST >= small


def _hide_more(values: Mapping[K, int], line: Sum[K], marks: MutableMapping[K, Mark], nothing: Collection[K]) -> bool:
    """Hide one more part: the smallest that is something, else a nought (but none of `nothing`, which is known anyway).

    With none left no small cell says that it is small.
    """
    open_parts = [part for part in line.parts if part not in marks and part not in nothing]
    if open_parts:
        least = min(open_parts, key=lambda part: (values.get(part, 0) == 0, values.get(part, 0)))
        marks[least] = Mark.WITHHELD
        return True
    small = [part for part in line.parts if marks.get(part) is Mark.SMALL]
    marks.update(dict.fromkeys(small, Mark.WITHHELD))
    return bool(small)


def publish(
    counts: Mapping[tuple[str, str], int], keys: Sequence[str], steps: Sequence[tuple[str, Sequence[str]]],
    marks: MutableMapping[tuple[str, str], Mark],
) -> dict[tuple[str, str], int]:  # fmt: skip
    """One distribution over areas, from the top down: marks what may not be shown → all counts, sums among them.

    `counts`: (lowest area of `steps`, key) → how many. `steps`: (area, its children) from the top down; every area of a step
    is a child of the step before. An area with fewer than `FEWEST` is not broken down at all.
    """
    values = _summed(counts, keys, steps)
    for parent, children in steps:
        totals = {(node, TOTAL): values[node, TOTAL] for node in (parent, *children)}
        protect(totals, [Sum((parent, TOTAL), [(child, TOTAL) for child in children])], marks)
    _unlink({cell: values[cell] for cell in values if cell[1] == TOTAL}, Network(steps, TOTAL, alone=True), marks)
    for at, (parent, children) in enumerate(steps):
        rows = children if at else (parent, *children)
        few = [node for node in rows if 0 < values[node, TOTAL] < FEWEST]
        marks.update({(node, key): Mark.WITHHELD for node in few for key in keys})
        sums = [Sum((parent, key), [(child, key) for child in children]) for key in keys]
        sums += [Sum((node, TOTAL), [(node, key) for key in keys]) for node in rows]
        protect({(node, key): values[node, key] for node in (parent, *children) for key in (*keys, TOTAL)}, sums, marks)
    _unlink(values, Network(steps, TOTAL), marks)
    return values


def _unlink(
    values: Mapping[tuple[str, str], int], network: Network, marks: MutableMapping[tuple[str, str], Mark]
) -> None:
    """Withhold more until no small count can be had from several sums together.

    Where there are other cells, the totals of areas stay as they are: all tables of the same people share them.
    """
    alone = all(key == TOTAL for _, key in values)
    open_cells = {
        cell for cell in values
        if (network.is_part(cell) if alone else cell[1] != TOTAL) and (values[cell] or values[cell[0], TOTAL] or alone)
    } - marks.keys()  # fmt: skip
    while True:
        hidden = {cell: _known(values[cell], mark) for cell, mark in marks.items() if cell in values}
        told = network.determined(hidden, [cell for cell in hidden if is_small(values[cell])])
        if told is None:
            return
        beside = [cell for cell in open_cells if set(network.sums_of(cell)) & set(network.sums_of(told)) - {GROUND}]
        if not open_cells:  # nothing left to withhold: then nobody is told which of them are small
            small = [cell for cell, mark in marks.items() if mark is Mark.SMALL and (alone or cell[1] != TOTAL)]
            if not small:
                return
            marks.update(dict.fromkeys(small, Mark.WITHHELD))
            continue
        chosen = min(beside or open_cells, key=lambda cell: (values[cell] == 0, values[cell], cell))
        marks[chosen] = Mark.WITHHELD
        open_cells.discard(chosen)


def _known(count: int, mark: Mark) -> Hidden:
    """What a mark tells of a count."""
    return Hidden(count, 1, SMALLEST - 1) if mark is Mark.SMALL else Hidden(count, 0, None)


def _summed(
    counts: Mapping[tuple[str, str], int], keys: Sequence[str], steps: Sequence[tuple[str, Sequence[str]]]
) -> dict[tuple[str, str], int]:
    values = {(node, key): 0 for parent, children in steps for node in (parent, *children) for key in (*keys, TOTAL)}
    ups = {child: parent for parent, children in steps for child in children}
    for (node, key), count in counts.items():
        at: str | None = node
        while at is not None:
            values[at, key] += count
            values[at, TOTAL] += count
            at = ups.get(at)
    return values
