"""From her words to places: where she means, what she wants there, and the nearest that fit, or the one question to ask."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.facilities import FACILITIES, KINDS
from bot.domain.geography import Point
from bot.domain.messages import PlaceCard
from bot.domain.schedules import day_words
from bot.language.places import Division, Gazetteer, PlaceKind, PlaceReading
from bot.language.wishes import Wishes, read_wishes
from bot.services.directory import Directory, PlaceQuery
from bot.services.shared_points import SharedPoints
from bot.storage.directory import ServiceKind


class Outcome(StrEnum):
    """What is to be said."""

    FOUND = "found"
    ASK_WHERE = "ask_where"
    ASK_WHICH = "ask_which"
    OUTSIDE = "outside"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """Her words, what a choice said (`place` is a division's code), and what is remembered from before."""

    text: str
    place: str = ""
    kind: str = ""
    shared_point: str = ""
    remembered_place: str = ""
    remembered_kind: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """All that was found is closed at this moment: which place is open now, and which of those found opens first.

    Either is None when there is none; `opens_at` and `now` are local.
    """

    now: datetime
    open_now: PlaceCard | None
    opens_next: PlaceCard | None
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """The outcome, and what its words need. `place` and `kind` are to be remembered."""

    outcome: Outcome
    kind: str
    place: str = ""
    near: str = ""
    places: tuple[PlaceCard, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()
    relaxed: tuple[str, ...] = ()
    approximate: bool = False
    corrected: bool = False
    outside: str = ""
    closed: Closed | None = None

    @property
    def kind_words(self) -> str:
        """「妇女之家」"""
        return KINDS[self.kind]

    @property
    def synthetic(self) -> bool:
        """Whether any of the places is sample data."""
        return any(place.synthetic for place in self.places)


class PlaceSearch:
    """Joins the gazetteer, the directory and the point she shared."""

    def __init__(self, gazetteer: Gazetteer, directory: Directory, shared_points: SharedPoints) -> None:
        self._gazetteer = gazetteer
        self._directory = directory
        self._shared_points = shared_points

    async def find(self, request: PlaceRequest) -> PlaceAnswer:
        """The nearest places, or what to ask."""
        wishes = read_wishes(request.text)
        kind = request.kind or wishes.kind or ("womens_home" if wishes.facilities else request.remembered_kind)
        kind = kind if kind in KINDS else "womens_home"
        if request.shared_point:
            point = await self._shared_points.take(request.shared_point)
            if point is None:
                return PlaceAnswer(Outcome.ASK_WHERE, kind)
            return await self._near(point, "您的位置", "", kind, wishes, approximate=False)
        chosen = self._gazetteer.division(request.place) if request.place else None
        if chosen is not None:
            return await self._near_division(chosen, kind, wishes)
        return await self._by_words(request, self._gazetteer.read(request.text), kind, wishes)

    async def _by_words(self, request: PlaceRequest, reading: PlaceReading, kind: str, wishes: Wishes) -> PlaceAnswer:
        if reading.kind is PlaceKind.OUTSIDE:
            return PlaceAnswer(Outcome.OUTSIDE, kind, outside=reading.outside)
        if reading.kind is PlaceKind.AMBIGUOUS:
            names = tuple((unit.code, self._gazetteer.words(unit)) for unit in reading.candidates)
            return PlaceAnswer(Outcome.ASK_WHICH, kind, candidates=names)
        division = reading.division
        if division is None and request.remembered_place:
            division = self._gazetteer.division(request.remembered_place)
        if division is None:
            return PlaceAnswer(Outcome.ASK_WHERE, kind)
        return await self._near_division(division, kind, wishes, corrected=reading.corrected)

    async def _near_division(
        self, division: Division, kind: str, wishes: Wishes, *, corrected: bool = False
    ) -> PlaceAnswer:
        point, _ = self._gazetteer.point_of(division.code)
        near = self._gazetteer.words(division)
        return await self._near(point, near, division.code, kind, wishes, approximate=True, corrected=corrected)

    async def _near(
        self, point: Point, near: str, place: str, kind: str, wishes: Wishes, *, approximate: bool,
        corrected: bool = False,
    ) -> PlaceAnswer:  # fmt: skip
        query = PlaceQuery(
            point=point,
            kind=ServiceKind(kind),
            facilities=wishes.facilities,
            open_now=wishes.open_now,
            after_work=wishes.after_work,
            weekend=wishes.weekend,
            approximate=approximate,
            division=place,
        )
        found = await self._directory.nearest(query)
        return PlaceAnswer(
            Outcome.FOUND if found.places else Outcome.NOTHING,
            kind,
            place=place,
            near=near,
            places=found.places,
            relaxed=found.relaxed,
            approximate=approximate,
            corrected=corrected,
            closed=await self._closed(query, found.places),
        )

    async def _closed(self, query: PlaceQuery, places: tuple[PlaceCard, ...]) -> Closed | None:
        """What she can do at this hour when everything that was found is closed; None when something is open."""
        if not places or any(place.open_now for place in places):
            return None
        anywhere = await self._directory.open_now(PlaceQuery(point=query.point, kind=query.kind))
        place, opens_at = await self._directory.opens_next(places) or (None, None)
        return Closed(self._directory.now(), anywhere, place, opens_at)


def closed_words(closed: Closed) -> str:
    """What is open now, what opens next, and what can be done here meanwhile."""
    lines = ["这几处现在都关着。"]
    if closed.open_now is not None:
        far = distance_words(closed.open_now.distance_m)
        lines.append(f"现在还开着的、离得最近的是“{closed.open_now.name}”{far}，去之前先打电话问一声。")
    if closed.opens_next is not None and closed.opens_at is not None:
        lines.append(f"这几处里最早开门的是“{closed.opens_next.name}”，{opening_words(closed.opens_at, closed.now)}。")
    lines.append("等的时候，法律和心理的问题在这里都能问，也能先约时间；要找人就写“找工作人员”。有危险马上打 110。")
    return "\n".join(lines)


def opening_words(opens_at: datetime, now: datetime) -> str:
    """「今天 13:30」「明天（周四）9:00」"""
    hour = f"{opens_at.hour}:{opens_at.minute:02d}"
    if opens_at.date() == now.date():
        return f"今天 {hour}"
    return f"{day_words(opens_at.date(), now.date())} {hour}"


def distance_words(metres: int | None) -> str:
    """「（约 3 公里）」"""
    if metres is None:
        return ""
    return f"（约 {max(metres, 100) // 100 * 100} 米）" if metres < 1000 else f"（约 {metres / 1000:.0f} 公里）"


def relaxed_words(relaxed: tuple[str, ...], facilities: frozenset[str]) -> str:
    """What could not be had, in her language; "" when everything could."""
    names = {
        "hours": "您要的开放时间",
        "facilities": "、".join(words for name, words in FACILITIES.items() if name in facilities),
    }
    return "和".join(names[name] for name in relaxed if names[name])
