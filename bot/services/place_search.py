"""From her words to places: where she means, what she wants there, and the nearest that fit, or the one question to ask."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.facilities import FACILITIES, KINDS
from bot.domain.geography import Point
from bot.domain.messages import PlaceCard
from bot.language.places import Division, Gazetteer, PlaceKind, PlaceReading
from bot.language.wishes import Wishes, read_wishes
from bot.services.after_hours import Closed, closed_near
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
        wishes = read_wishes(request.text, self._directory.now())
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
        timed = wishes.after_work or wishes.weekend or wishes.open_at is not None
        query = PlaceQuery(
            point=point,
            kind=ServiceKind(kind),
            facilities=wishes.facilities,
            open_now=wishes.open_now or (wishes.by_phone and not timed),
            after_work=wishes.after_work,
            weekend=wishes.weekend,
            open_at=wishes.open_at,
            by_phone=wishes.by_phone,
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
            closed=None if timed else await closed_near(self._directory, query, found.places),
        )


def relaxed_words(relaxed: tuple[str, ...], facilities: frozenset[str]) -> str:
    """What could not be had, in her language; "" when everything could."""
    names = {
        "door": "",
        "hours": "您要的开放时间",
        "facilities": "、".join(words for name, words in FACILITIES.items() if name in facilities),
    }
    return "和".join(names[name] for name in relaxed if names[name])
