"""No small number is shown, and none can be had from the others: by looking for every world that would look the same."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from bot.domain.figures import SMALLEST, TOTAL, Cell, Mark, Sum, change, protect, publish, share, shown

KEYS = ("甲", "乙", "丙")
STEPS = (("", ("1", "2", "3")), ("1", ("11", "12", "1?")))
LOWEST = ("11", "12", "1?", "2", "3")
sparse = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))
counts = st.one_of(st.integers(0, 6), st.integers(0, 30))


def extent(values: Mapping, sums: Sequence[Sum], marks: Mapping[object, Mark], cell: object) -> int:
    """How many more the cell may hold at most than at least, in all worlds that look the same: by integer programming."""
    hidden = list(marks)
    rows, rests = [], []
    for line in sums:
        signs = [(line.total, -1), *((part, 1) for part in line.parts)]
        rows.append([sum(sign for key, sign in signs if key == one) for one in hidden])
        rests.append(-sum(sign * values[key] for key, sign in signs if key not in marks))
    small = [marks[one] is Mark.SMALL for one in hidden]
    bounds = Bounds([int(one) for one in small], [SMALLEST - 1 if one else 1000 for one in small])
    aim = np.array([one == cell for one in hidden], dtype=float)
    same = LinearConstraint(np.array(rows), rests, rests)
    least, most = (
        milp(sign * aim, constraints=same, bounds=bounds, integrality=np.ones(len(hidden))) for sign in (1, -1)
    )
    assert least.success
    assert most.success
    return round(-most.fun - least.fun)


@given(st.lists(counts, min_size=2, max_size=5))
@settings(max_examples=300, deadline=None)
def test_in_one_sum_a_small_cell_may_be_any_small_number(parts: list[int]) -> None:
    values = {**dict(enumerate(parts)), TOTAL: sum(parts)}
    line, marks = Sum(TOTAL, range(len(parts))), {}
    protect(values, [line], marks)
    for cell, mark in marks.items():
        if mark is Mark.SMALL and cell != TOTAL:
            hidden = [part for part in line.parts if part in marks]
            rest = values[TOTAL] - sum(values[part] for part in line.parts if part not in marks)
            others = [range(1, SMALLEST) if marks[p] is Mark.SMALL else (0, *range(5, 65)) for p in hidden if p != cell]
            sums = {sum(taken) for taken in product(*others)} if len(others) < 4 else None
            if TOTAL not in marks and sums is not None:
                assert all(rest - one in sums for one in range(1, SMALLEST)), (parts, marks)


@given(st.lists(counts, min_size=2, max_size=6))
def test_every_small_count_is_hidden_and_every_large_total_is_shown(parts: list[int]) -> None:
    values = {**dict(enumerate(parts)), TOTAL: sum(parts)}
    marks: dict = {}
    protect(values, [Sum(TOTAL, range(len(parts)))], marks)
    for key, count in values.items():
        assert not 0 < count < SMALLEST or key in marks
        cell = shown(values, marks, key)
        assert (cell.count is None) == (cell.mark is not None)
        if cell.mark is Mark.SMALL:
            assert 0 < count < SMALLEST
    if sum(parts) >= SMALLEST or sum(parts) == 0:
        assert TOTAL not in marks


@given(st.lists(st.lists(sparse, min_size=3, max_size=3), min_size=5, max_size=5))
@example([[0, 0, 0], [0, 0, 1], [0, 0, 7], [0, 0, 0], [0, 0, 1]])  # told through two levels of totals, once
@settings(max_examples=120, deadline=None)
def test_a_small_count_cannot_be_had_from_all_sums_of_city_district_and_towns(table: list[list[int]]) -> None:
    given_counts = {(area, key): table[at][to] for at, area in enumerate(LOWEST) for to, key in enumerate(KEYS)}
    marks: dict = {}
    values = publish(given_counts, KEYS, STEPS, marks)
    every = {area for parent, children in STEPS for area in (parent, *children)}
    sums = [Sum((area, TOTAL), [(area, key) for key in KEYS]) for area in sorted(every)]
    sums += [
        Sum((parent, key), [(child, key) for child in children]) for key in (*KEYS, TOTAL) for parent, children in STEPS
    ]
    for cell, count in values.items():
        if 0 < count < SMALLEST:
            assert cell in marks
            assert extent(values, sums, marks, cell) > 0, (table, marks, cell)


def test_the_totals_of_areas_are_the_same_whatever_is_told_apart() -> None:
    of_topics, of_hours = {("1", "甲"): 40, ("2", "甲"): 3, ("2", "乙"): 30}, {("1", "8"): 40, ("2", "9"): 33}
    topic_marks, hour_marks = {}, {}
    publish(of_topics, KEYS, [("", ("1", "2"))], topic_marks)
    publish(of_hours, ("8", "9"), [("", ("1", "2"))], hour_marks)
    assert {cell for cell in topic_marks if cell[1] == TOTAL} == {cell for cell in hour_marks if cell[1] == TOTAL}


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        ([3, 40, 50], ["<5", "※", "50"]),  # one small cell takes the smallest neighbour with it
        ([3, 0, 50], ["<5", "0", "※"]),  # a nought would not help: the sum would be the small one's
        ([1, 2, 3, 40], ["<5", "<5", "<5", "40"]),  # three small ones hide each other
        ([4, 4, 0], ["※", "※", "※"]),  # eight of two small ones would be four and four
        ([4, 4], ["※", "※"]),  # with no third, nobody is told that they are small
        ([1, 1], ["<5", "<5"]),  # the sum is small itself
        ([7, 0, 9], ["7", "0", "9"]),  # nothing to hide
    ],
)
def test_what_is_shown(parts: list[int], seen: list[str]) -> None:
    values = {**dict(enumerate(parts)), TOTAL: sum(parts)}
    marks: dict = {}
    protect(values, [Sum(TOTAL, range(len(parts)))], marks)
    assert [str(shown(values, marks, at)) for at in range(len(parts))] == seen


@pytest.mark.parametrize(
    ("part", "whole", "per_cent"),
    [
        (Cell(10), Cell(40), 25),
        (Cell(None, Mark.SMALL), Cell(40), None),  # the rate would tell the count
        (Cell(10), Cell(None, Mark.WITHHELD), None),
        (Cell(0), Cell(0), None),  # of nothing
        (Cell(0), Cell(40), 0),
    ],
)
def test_a_rate_of_a_hidden_cell_is_hidden(part: Cell, whole: Cell, per_cent: int | None) -> None:
    assert share(part, whole) == per_cent


@pytest.mark.parametrize(
    ("now", "before", "per_cent"),
    [
        (Cell(213), Cell(190), 12),
        (Cell(90), Cell(120), -25),
        (Cell(90), Cell(None, Mark.SMALL), None),
        (Cell(None, Mark.SMALL), Cell(90), None),
        (Cell(9), Cell(0), None),  # from nothing
    ],
)
def test_a_change_needs_both_numbers(now: Cell, before: Cell, per_cent: int | None) -> None:
    assert change(now, before) == per_cent
