"""When two training sentences are the same, and when one is a near copy of the other: by the pairs of letters they share."""

import re
from collections.abc import Sequence

from scipy.sparse import csr_matrix

ENTITY = re.compile(r"\[([^\]]+)\](?:\((\w+)\)|(\{[^}]*\}))")
"""A span in a line of training data: its words, and its entity's name or details."""
LONG_ENOUGH = 8
"""Shorter sentences (你好, 谢谢) may stand on both sides; nobody owns them."""
NEAR_COPY = 0.75
"""Two training sentences that share more than this are one."""
NEAR_MEASURED = 0.7
"""A training sentence that shares more than this with a measured one has seen the question before the examination."""


def plain(example: str) -> str:
    """Words and digits of a line of training data, without its annotations."""
    return re.sub(r"\W", "", ENTITY.sub(r"\1", example))


def near(ones: Sequence[str], others: Sequence[str], bound: float) -> list[tuple[int, int]]:
    """Pairs of places in the two lists whose texts share more than `bound` of their bigrams (Jaccard)."""
    numbers: dict[str, int] = {}
    one, other = (
        [{numbers.setdefault(text[at : at + 2], len(numbers)) for at in range(len(text) - 1)} for text in texts]
        for texts in (ones, others)
    )

    def rows(sets: list[set[int]]) -> csr_matrix:
        ends = [0]
        for found in sets:
            ends.append(ends[-1] + len(found))
        columns = [number for found in sets for number in sorted(found)]
        return csr_matrix(([1] * len(columns), columns, ends), shape=(len(sets), max(len(numbers), 1)))

    shared = (rows(one) @ rows(other).T).tocoo()
    return sorted(
        (int(a), int(b))
        for a, b, both in zip(shared.row, shared.col, shared.data, strict=True)
        if both / (len(one[a]) + len(other[b]) - both) > bound
    )
