"""The signs of data/safety/: named lists of expressions, written for reviewers and compiled here.

`…` stands for up to eight characters of the same clause, `‥` for up to three, `〈` and `〉` for the clause's ends, `{name}` for
the expressions of that sign.
Every distance is bounded, so a text of any length is read in linear time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "safety"
COMMA = "，"
"""What parts clauses once a text is prepared; no sign reads across it."""
BREAKS = re.compile(r"[，,。.！!？；;：:…~～、\n ]+")
BLANK = "□"
WHOLE = 3_000
"""Characters of a text that are read whole; of a longer one the beginning, and what is alarming after it."""
BEGINNING, ALARMING = 2_000, 3_000
BESIDE = 2
"""Clauses on either side that belong to a clause."""
SAID_AGAIN = 2
"""A clause that is repeated more often than this is no news."""
MARKS = {"…": "[^，]{0,8}", "‥": "[^，]{0,3}", "〈": "(?:^|(?<=，))", "〉": "(?=，|$)"}
GAPS = re.compile("，{5,}")
"""Where clauses were left out; what is on either side is then not beside each other."""
NAME = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Signs:
    """Slips to be put right, harmless words to be blanked, and the signs by name."""

    alarming: re.Pattern[str]
    slips: tuple[tuple[re.Pattern[str], str], ...]
    harmless: re.Pattern[str]
    by_name: Mapping[str, re.Pattern[str]]
    unions: Mapping[str, tuple[str, ...]]
    """Names for several signs at once."""

    def prepare(self, text: str) -> str:
        """A cleaned text with slips put right, harmless words blanked and clauses parted by `COMMA`."""
        if text.count(" ") * 2 >= len(text) - 1:  # 他 打 我
            text = text.replace(" ", "")
        text = BREAKS.sub(COMMA, text).strip(COMMA)
        if len(text) > WHOLE:
            text = text[:BEGINNING] + COMMA + self._alarming_part(text[BEGINNING:])
        for slip, right in self.slips:
            text = slip.sub(right, text)
        return self.harmless.sub(BLANK, text)

    def _alarming_part(self, text: str) -> str:
        """Clauses with an alarming character and those beside them; the last ones when there are too many."""
        clauses = text.split(COMMA)
        seen = Counter[str]()
        kept: set[int] = set()
        for at, clause in enumerate(clauses):
            seen[clause] += 1
            if seen[clause] <= SAID_AGAIN and self.alarming.search(clause):
                kept.update(range(at - BESIDE, at + BESIDE + 1))
        chosen = [clauses[at] if at in kept else "" for at in range(len(clauses))]
        return GAPS.sub(COMMA * 4, COMMA.join(chosen))[-ALARMING:]


class Clauses:
    """One prepared text; every sign is looked for once, and only when a rule asks."""

    def __init__(self, signs: Signs, prepared: str) -> None:
        self._signs = signs
        self._text = prepared
        self._clause_of = list(_numbers(prepared))
        self._found: dict[str, frozenset[int]] = {}

    def where(self, sign: str) -> frozenset[int]:
        """The clauses, by number, in which the sign stands."""
        if sign not in self._found:
            self._found[sign] = self._look_for(sign)
        return self._found[sign]

    def near(self, sign: str, at: int, reach: int = BESIDE) -> bool:
        """Whether the sign stands in clause `at` or within `reach` clauses of it."""
        return not self.where(sign).isdisjoint(range(at - reach, at + reach + 1))

    def _look_for(self, sign: str) -> frozenset[int]:
        if sign in self._signs.unions:
            return frozenset().union(*(self.where(part) for part in self._signs.unions[sign]))
        return frozenset(self._clause_of[match.start()] for match in self._signs.by_name[sign].finditer(self._text))


def expression(written: str) -> str:
    """An expression as reviewers write it, in the form that `re` reads; `{name}` is a sign of the file."""
    return NAME.sub(lambda name: f"(?:{signs().by_name[name.group(1)].pattern})", _short(written))


@cache
def signs() -> Signs:
    """The signs of the files, compiled once."""
    loaded: dict[str, Any] = {}
    for file in (FOLDER / "harmless.yml", *sorted((FOLDER / "signs").glob("*.yml"))):
        loaded |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return compile_signs(loaded)


def compile_signs(loaded: Mapping[str, Any]) -> Signs:
    """Raises KeyError when a `{name}` is unknown and re.error when an expression is wrong."""
    groups = [
        entries for group, entries in loaded.items() if group not in ("slips", "harmless", "together", "long_texts")
    ]
    lists: dict[str, Sequence[str]] = {name: entry for entries in groups for name, entry in entries.items()}
    return Signs(
        alarming=re.compile("[" + loaded["long_texts"]["alarming"][0] + "]"),
        slips=tuple((re.compile(_short(slip)), right) for slip, right in loaded["slips"]),
        harmless=re.compile(_joined(loaded["harmless"], lists)),
        by_name={name: re.compile(_joined(entry, lists)) for name, entry in lists.items()},
        unions={name: tuple(parts) for name, parts in loaded["together"].items()},
    )


def _joined(entry: Sequence[str], lists: Mapping[str, Sequence[str]]) -> str:
    """One expression of a list; a name inside it is replaced by that list, and names inside that one in turn."""
    whole = _short("|".join(entry))
    return NAME.sub(lambda name: f"(?:{_joined(lists[name.group(1)], lists)})", whole)


def _short(expression: str) -> str:
    for mark, meaning in MARKS.items():
        expression = expression.replace(mark, meaning)
    return expression


def _numbers(prepared: str) -> Iterator[int]:
    clause = 0
    for character in prepared:
        yield clause
        clause += character == COMMA
    yield clause
