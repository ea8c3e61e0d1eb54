"""Sayings that the assistant has never met: characters that stand side by side in no line it learned from."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from bot.language.cleaning import clean

NLU = Path(__file__).resolve().parents[2] / "data" / "nlu"
EXAMPLE = re.compile(r"^\s*- (?!intent:|lookup:|synonym:|regex:)(.+)$", re.MULTILINE)
LABELLED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
MASK = re.compile(r"［[^］]*］")
HAN_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
SHORTEST = 4
"""Characters. Of this project's own evaluation lines 3 to 27 % hold a new stretch of four, and about half one of three."""
MOST = 3
LONGEST = 12


class KnownWords:
    """The pairs of Chinese characters of every line that the assistant learned from."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._pairs = frozenset(pair for line in lines for run in HAN_RUN.findall(clean(line)) for pair in _pairs(run))

    @classmethod
    def load(cls, folder: Path = NLU) -> "KnownWords":
        """Read the training examples as they stand on the disk."""
        return cls(
            LABELLED.sub(r"\1", line)
            for file in sorted(folder.glob("*.yml"))
            for line in EXAMPLE.findall(file.read_text(encoding="utf-8"))
        )

    def new_in(self, masked: str) -> tuple[str, ...]:
        """The stretches of a masked text in which no two neighbours are known, longest first; at most three."""
        found = [
            stretch
            for run in HAN_RUN.findall(MASK.sub(" ", clean(masked)))
            for stretch in self._unknown(run)
            if len(stretch) >= SHORTEST
        ]
        longest_first = sorted(dict.fromkeys(found), key=len, reverse=True)
        return tuple(stretch[:LONGEST] for stretch in longest_first[:MOST])

    def _unknown(self, run: str) -> Iterable[str]:
        begin = 0
        for at, pair in enumerate(_pairs(run)):
            if pair in self._pairs:
                yield run[begin : at + 1]
                begin = at + 1
        yield run[begin:]


@cache
def known_words() -> KnownWords:
    """Those of data/nlu, read once."""
    return KnownWords.load()


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
