"""Place names that were typed as they sound, or with one wrong character."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin

HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
SIGN = r"(?:在|住|到|去|离|从|来自|家是|位于)"
NAMED = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,7}?)(?P<end>街道|街|镇|乡|社区|村|小区|居委会|区|县)(?=附近|周边|那边|这边|哪|有|的|，|,|。|吗|呢|$|\s)"
)
PLACED = re.compile(rf"{SIGN}(?P<name>[\u4e00-\u9fff]{{2,5}}?)(?=附近|周边|那边|这边|住|，|,|。|\s|$|有没有|哪)")
LEAD = re.compile(r"^(?:我们?|咱|家)?(?:现在|目前|这会儿)?(?:在|住在|住|到|去|离|从|来自|家是|家在|位于|就在|是)+")
SAME = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@lru_cache(maxsize=20_000)
def sound(name: str) -> str:
    """Pinyin without tones in which zh/z, ch/c, sh/s, ng/n and a leading n/l are one."""
    syllables = []
    for syllable in lazy_pinyin(name, style=Style.NORMAL):
        for heard, same in SAME:
            syllable = syllable.replace(heard, same)  # noqa: PLW2901
        syllables.append("l" + syllable[1:] if syllable.startswith("n") else syllable)
    return " ".join(syllables)


class Sounds:
    """Names by their sound. Short names come without their suffix; `ends` tells which suffixes a level goes with."""

    ENDS: Mapping[str, tuple[str, ...]] = {
        "district": ("区", "县"),
        "town": ("街道", "街", "镇", "乡"),
        "village": ("社区", "村", "小区", "居委会"),
    }

    def __init__(self, names: Mapping[str, Sequence[Any]]) -> None:
        self._names = {name: list(units) for name, units in names.items() if 2 <= len(name) <= 6}
        self._by_sound: dict[str, list[Any]] | None = None

    def _index(self) -> dict[str, list[Any]]:
        """Built at the first text that needs it."""
        if self._by_sound is None:
            index: dict[str, list[Any]] = defaultdict(list)
            for name, units in self._names.items():
                index[sound(name)].extend(unit for unit in units if unit not in index[sound(name)])
            self._by_sound = index
        return self._by_sound

    def hear(self, text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, list[Any]]]:
        """(start, end, units) for what stands like a name and sounds like one; the surest first."""
        for found in NAMED.finditer(text):
            yield from self._try(found.start("name"), found["name"], found["end"], taken)
        for found in PLACED.finditer(text):
            yield from self._try(found.start("name"), found["name"], "", taken)

    def _try(
        self, start: int, name: str, end: str, taken: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, list[Any]]]:
        lead = LEAD.match(name)
        if lead:
            start, name = start + lead.end(), name[lead.end() :]
        for skip in range(max(0, len(name) - 1)):
            part = name[skip:]
            if any(at < start + len(name) and start + skip < to for at, to in taken):
                continue
            units = self._fitting(self._index().get(sound(part), ()), end)
            if units and (end or len(part) >= 3):
                yield start + skip, start + len(name) + len(end), units
                return

    def _fitting(self, units: Iterable[Any], end: str) -> list[Any]:
        return [unit for unit in units if not end or end in self.ENDS[unit.level]]
