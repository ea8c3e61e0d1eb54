"""Whether hidden counts of a table of areas can be worked out from all of its sums together.

A cell stands in two sums at most: with the other cells of its area, and with the same cell of the neighbouring areas, or it is
itself the sum of the areas below it. So the sums are the nodes and the hidden cells the arcs of a network. A count may be
another one exactly when there is a way round: one more here is one less there, and every sum stays what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[str, str]
"""(area, key)"""
Node = tuple[str, str, str]
GROUND: Node = ("", "", "ground")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden count, and what everybody knows of it: at least `low`, at most `high` (None: any number)."""

    count: int
    low: int
    high: int | None

    @property
    def may_grow(self) -> bool:
        """Whether one more would look the same."""
        return self.high is None or self.count < self.high

    @property
    def may_shrink(self) -> bool:
        """Whether one less would look the same."""
        return self.count > self.low


class Network:
    """The sums of one distribution over areas: `steps` as in `bot.domain.figures.publish`, `total` the key of the sums.

    `alone`: nothing but the totals of areas is shown, so none of them is a sum over keys.
    """

    def __init__(self, steps: Sequence[tuple[str, Sequence[str]]], total: str, *, alone: bool = False) -> None:
        self._row = not alone
        self._parents = {parent for parent, _ in steps}
        self._above = {child: parent for parent, children in steps for child in children}
        self._total = total

    def sums_of(self, cell: Cell) -> tuple[Node, Node]:
        """The two sums that a cell stands in; one more of it is a flow from the first to the second."""
        area, key = cell
        leaf: Node = (area, "", "row") if self._row else GROUND
        inside: Node = (area, key, "parts") if area in self._parents else leaf
        outside: Node = (self._above[area], key, "parts") if area in self._above else GROUND
        return (outside, inside) if key == self._total else (inside, outside)

    def is_part(self, cell: Cell) -> bool:
        """Whether the cell's area is a part of another."""
        return cell[0] in self._above

    def determined(self, hidden: Mapping[Cell, Hidden], asked: Sequence[Cell]) -> Cell | None:
        """The first of the asked cells of which only one value would look the same; None when there is none."""
        ways: dict[Node, list[tuple[Node, Cell]]] = {}
        for cell, known in hidden.items():
            begins, ends = self.sums_of(cell)
            if known.may_grow:
                ways.setdefault(begins, []).append((ends, cell))
            if known.may_shrink:
                ways.setdefault(ends, []).append((begins, cell))
        return next((cell for cell in asked if not self._may_differ(hidden[cell], cell, ways)), None)

    def _may_differ(self, known: Hidden, cell: Cell, ways: Mapping[Node, Sequence[tuple[Node, Cell]]]) -> bool:
        begins, ends = self.sums_of(cell)
        grows = known.may_grow and _reaches(ends, begins, cell, ways)
        return grows or (known.may_shrink and _reaches(begins, ends, cell, ways))


def _reaches(begins: Node, ends: Node, without: Cell, ways: Mapping[Node, Sequence[tuple[Node, Cell]]]) -> bool:
    """Whether there is a way that does not use this cell."""
    seen, ahead = {begins}, [begins]
    while ahead:
        for node, cell in ways.get(ahead.pop(), ()):
            if cell != without and node not in seen:
                if node == ends:
                    return True
                seen.add(node)
                ahead.append(node)
    return begins == ends
