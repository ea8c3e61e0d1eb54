"""Finds the place in a text: district, town or village of the pilot area, by name, old name, or a name typed wrong.

A wrong place sends a woman to a wrong door, so `exact` needs a full name or clear signs beside a short one; what is left
open is asked. Everything that knows an area is data (data/places).
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.domain.geography import Point
from bot.language.cleaning import clean
from bot.language.place_sounds import Sounds

MOST_CANDIDATES = 6
VILLAGE_ENDS = ("社区居委会", "社区居民委员会", "居民委员会", "居委会", "村民委员会", "村委会", "社区", "村", "小区")
TOWN_ENDS = ("街道办事处", "街道", "地区", "街", "镇", "乡")
BEFORE = re.compile(r"(?:在|住|到|去|离|距|从|来自|家是|位于|我是|回|搬|[，,。\s区县市镇乡街道])$")
AFTER = re.compile(
    r"^(?:$|附近|周边|那边|这边|那块|这块|那儿|这儿|旁边|一带|边上|左右|哪|有没有|有什么|有嘛|有吗|有|离|最近|的?(?:妇女|妇联|心理|法律|律师|"
    r"图书|活动室|母婴|调解|地方)|住|[，,。？?！!\s吗呢啊吧的])"
)
NOT_AFTER = re.compile(
    r"^(?:下面|底下|上面|时|常|均|静|解|谈|一致|起来|美满|生活|的家庭|的生活|的日子|路|道(?!街)|大街|大学|医院)"
)
ROAD = re.compile(r"^(?:路|道|大街|街|大道|菜|烤鸭|话|时间|人)")


class PlaceKind(StrEnum):
    """How sure the place is."""

    EXACT = "exact"
    DISTRICT = "district"
    AMBIGUOUS = "ambiguous"
    OUTSIDE = "outside"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Division:
    """A unit of the area. `level` is district, town or village."""

    code: str
    name: str
    level: str
    parent: str
    short: str


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """What a text says of places. Names are official and full, "" where nothing is known.

    `span` counts characters of the cleaned text. `corrected`: found by sound or by one wrong character, to be confirmed.
    """

    kind: PlaceKind
    division: Division | None = None
    district: str = ""
    town: str = ""
    village: str = ""
    candidates: tuple[Division, ...] = ()
    span: tuple[int, int] | None = None
    corrected: bool = False
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in the text and what it may mean."""

    start: int
    end: int
    divisions: tuple[Division, ...]
    corrected: bool = False


class Gazetteer:
    """The names of an area; immutable once loaded."""

    def __init__(
        self,
        divisions: Sequence[Division],
        points: Mapping[str, tuple[Point, str]],
        aliases: Iterable[tuple[str, str]],
        outside: Iterable[str],
        ordinary: Iterable[str],
    ) -> None:
        self._by_code = {division.code: division for division in divisions}
        self._points = points
        self._ordinary = frozenset(ordinary)
        self._outside = frozenset(outside)
        self._full: dict[str, list[Division]] = defaultdict(list)
        self._short: dict[str, list[Division]] = defaultdict(list)
        for division in divisions:
            self._add(division)
        for alias, code in aliases:
            self._full[alias].append(self._by_code[code])
        self._longest = max(len(name) for name in self._full)
        self._sounds = Sounds({**self._short, **{name: found for name, found in self._full.items() if len(name) <= 4}})

    @classmethod
    def load(cls, folder: Path) -> "Gazetteer":
        """Read the files that data/places/README.md describes."""
        divisions = [
            Division(row["code"], row["name"], row["level"], row["parent_code"], row["short_name"])
            for row in _rows(folder / "divisions.csv")
        ]
        points = {
            row["code"]: (Point(float(row["latitude_wgs84"]), float(row["longitude_wgs84"])), row["precision"])
            for row in _rows(folder / "points.csv")
        }
        aliases = [(row["alias"], row["code"]) for row in _rows(folder / "aliases.csv")]
        outside, ordinary = (
            (folder / name).read_text(encoding="utf-8").split() for name in ("outside.txt", "ordinary.txt")
        )
        return cls(divisions, points, aliases, outside, ordinary)

    def division(self, code: str) -> Division | None:
        """The unit with this code."""
        return self._by_code.get(code)

    def divisions(self, level: str) -> list[Division]:
        """Every unit of a level, in the order of the file."""
        return [division for division in self._by_code.values() if division.level == level]

    def districts(self) -> list[Division]:
        """Every district."""
        return self.divisions("district")

    def point_of(self, code: str) -> tuple[Point, str]:
        """(point, the level whose centre it is); falls back to the town's, then the district's. Raises KeyError."""
        while code not in self._points:
            code = self._by_code[code].parent
        return self._points[code]

    def path(self, division: Division) -> tuple[str, str, str]:
        """(district, town, village) as full names, "" where the unit is higher."""
        names = {"district": "", "town": "", "village": ""}
        unit: Division | None = division
        while unit is not None:
            names[unit.level] = unit.name
            unit = self._by_code.get(unit.parent)
        return names["district"], names["town"], names["village"]

    def words(self, division: Division) -> str:
        """「北辰区集贤里街道」, for a choice or a sentence."""
        return "".join(self.path(division))

    def read(self, text: str) -> PlaceReading:
        """The place a text speaks of; see PlaceReading."""
        text = clean(text)[:500]
        mentions = self._mentions(text)
        outside = self._outside_name(text, mentions)
        if outside and not any(self._is_home(text, mention) for mention in mentions):
            return PlaceReading(PlaceKind.OUTSIDE, outside=outside)
        mentions = self._heard(text, mentions)
        return self._decide(mentions)

    def _add(self, division: Division) -> None:
        self._full[division.name].append(division)
        short = division.short or division.name
        if division.level == "district":
            self._short[short].append(division)
            return
        ends = TOWN_ENDS if division.level == "town" else VILLAGE_ENDS
        if any(division.name.endswith(end) for end in ends):
            spoken = ("街道", "街") if division.name.endswith("街道") else ("镇", "乡")
            for end in spoken if division.level == "town" else ("社区", "村", "小区", "居委会", "村委会"):
                name = short if short.endswith(end) else short + end
                if division not in self._full[name]:
                    self._full[name].append(division)
        if len(short) >= 2 and division not in self._short[short]:
            self._short[short].append(division)

    def _mentions(self, text: str) -> list[Mention]:
        """Longest names first, left to right, short names only with signs beside them."""
        found: list[Mention] = []
        at = 0
        while at < len(text):
            for length in range(min(self._longest, len(text) - at), 1, -1):
                name = text[at : at + length]
                divisions = self._full.get(name) or (self._by_short(name) if self._is_place(text, at, name) else None)
                if divisions:
                    found.append(Mention(at, at + length, tuple(divisions)))
                    at += length - 1
                    break
            at += 1
        return found

    def _is_place(self, text: str, at: int, name: str) -> bool:
        """Whether a short name stands where a place would stand."""
        before, after = text[:at], text[at + len(name) :]
        if NOT_AFTER.match(after):
            return False
        left = at == 0 or bool(BEFORE.search(before)) or self._ends_with_name(before)
        right = bool(AFTER.match(after)) or self._begins_with_name(after)
        if name in self._ordinary or (len(name) == 2 and not self._is_district(name)):
            return left and right and (at > 0 or len(after) <= 1 or not after.startswith("的"))
        return left or right or len(name) >= 4

    def _by_short(self, name: str) -> list[Division]:
        """What a bare short name means: the district, where there is one of that name."""
        units = self._short.get(name, [])
        return [unit for unit in units if unit.level == "district"] or units

    def _is_district(self, name: str) -> bool:
        return any(division.level == "district" for division in self._short.get(name, ()))

    def _ends_with_name(self, before: str) -> bool:
        return any(before[-length:] in self._full or self._is_district(before[-length:]) for length in (2, 3, 4, 5))

    def _begins_with_name(self, after: str) -> bool:
        return any(after[:length] in self._full for length in range(3, 8))

    def _outside_name(self, text: str, mentions: Sequence[Mention]) -> str:
        """A name outside the area that is no part of a name inside it, nor of a road."""
        for name in sorted(self._outside, key=len, reverse=True):
            at = text.find(name)
            inside = any(mention.start < at + len(name) and at < mention.end for mention in mentions)
            if at >= 0 and not ROAD.match(text[at + len(name) :]) and not (inside and len(name) <= 2):
                return name
        return ""

    def _is_home(self, text: str, mention: Mention) -> bool:
        """Whether she says that she is here now, so that another town in the text is only where she comes from."""
        before = text[: mention.start]
        if any(before.endswith(name) or before.endswith(name + "市") for name in self._outside):
            return False
        return bool(re.search(r"(?:住|在|到|来|嫁到|搬到)[^，,。]{0,3}$", before))

    def _heard(self, text: str, mentions: list[Mention]) -> list[Mention]:
        """Add what sounds like a name, where nothing more exact than a district was read."""
        if any(division.level != "district" for mention in mentions for division in mention.divisions):
            return mentions
        taken = [(mention.start, mention.end) for mention in mentions]
        for start, end, divisions in self._sounds.hear(text, taken):
            return [*mentions, Mention(start, end, tuple(divisions), corrected=True)]
        return mentions

    def _decide(self, mentions: Sequence[Mention]) -> PlaceReading:
        if not mentions:
            return PlaceReading(PlaceKind.NONE)
        span = (min(mention.start for mention in mentions), max(mention.end for mention in mentions))
        corrected = any(mention.corrected for mention in mentions)
        groups = [self._merged(mention.divisions) for mention in mentions]
        left = self._narrowed(groups)
        if len(left) == 1:
            [division] = left
            kind = PlaceKind.DISTRICT if division.level == "district" else PlaceKind.EXACT
            return PlaceReading(kind, division, *self.path(division), span=span, corrected=corrected)
        district = {self.path(division)[0] for division in left}
        return PlaceReading(
            PlaceKind.AMBIGUOUS,
            district=district.pop() if len(district) == 1 else "",
            candidates=tuple(left[:MOST_CANDIDATES]),
            span=span,
            corrected=corrected,
        )

    def _merged(self, divisions: Iterable[Division]) -> list[Division]:
        """One name for a town and for villages in it means the town."""
        units = list(dict.fromkeys(divisions))
        codes = {unit.code for unit in units}
        return [unit for unit in units if not codes & set(self._above(unit))]

    def _above(self, unit: Division) -> list[str]:
        codes = []
        parent = self._by_code.get(unit.parent)
        while parent is not None:
            codes.append(parent.code)
            parent = self._by_code.get(parent.parent)
        return codes

    def _narrowed(self, groups: Sequence[Sequence[Division]]) -> list[Division]:
        """Read several names together: the lowest units that lie within the others; all of them when they disagree."""
        best: list[Division] = list(groups[0])
        for group in groups[1:]:
            lower = [unit for unit in group if any(self._within(unit, other) for other in best)]
            upper = [unit for unit in best if any(self._within(unit, other) for other in group)]
            best = self._lowest([*upper, *lower]) if lower or upper else [*best, *group]
        return list(dict.fromkeys(best))

    def _within(self, unit: Division, other: Division) -> bool:
        return unit.code == other.code or other.code in self._above(unit)

    def _lowest(self, units: Sequence[Division]) -> list[Division]:
        order = ("village", "town", "district")
        level = min(units, key=lambda unit: order.index(unit.level)).level
        return [unit for unit in dict.fromkeys(units) if unit.level == level]


def _rows(file: Path) -> Iterable[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
