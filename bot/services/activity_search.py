"""From her words to activities: where and when she means, what is near and soon, and what had to be let go to find any."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.accounts import LEVELS
from bot.domain.activities import TOPIC_WORDS, ActivityCard, ActivityQuery, ActivityTopic
from bot.domain.geography import Point
from bot.language.activity_wishes import ActivityWishes, read_activity_wishes
from bot.language.places import Division, Gazetteer, PlaceKind
from bot.services.activities import Activities
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.shared_points import SharedPoints

SHOWN = 3
MOST = 60
DISTRICT = LEVELS[2]
RELAXED_WORDS = {"subject": "您说的内容", "time": "您要的时间", "topic": "这一类", "area": "这一带"}


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """What is to be said. `place` is a division's code and `wishes` what she asks for, both to be remembered.

    `relaxed` names what could not be had, by the keys of RELAXED_WORDS. `more`: whether others follow on the next page.
    """

    outcome: Outcome
    wishes: ActivityWishes = field(default_factory=ActivityWishes)
    place: str = ""
    near: str = ""
    cards: tuple[ActivityCard, ...] = ()
    relaxed: tuple[str, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()
    outside: str = ""
    page: int = 0
    more: bool = False

    @property
    def missing(self) -> str:
        """「这一类和您要的时间」; "" when everything could be had."""
        return "和".join(RELAXED_WORDS[name] for name in self.relaxed)

    @property
    def synthetic(self) -> bool:
        """Whether any of them is sample data."""
        return any(card.synthetic for card in self.cards)


class ActivitySearch:
    """Joins the gazetteer, the point she shared and what is announced."""

    def __init__(self, activities: Activities, gazetteer: Gazetteer, shared_points: SharedPoints) -> None:
        self._activities = activities
        self._gazetteer = gazetteer
        self._shared_points = shared_points

    async def find(
        self, request: PlaceRequest, remembered: ActivityWishes | None = None, page: int = 0
    ) -> ActivityAnswer:
        """Near and soon ones; without a place those of the whole area. What she named now outweighs what is remembered.

        Her own point is used for this once and not kept.
        """
        wishes = read_activity_wishes(request.text, self._activities.now())
        wishes = remembered if wishes.is_plain and remembered is not None else wishes
        if request.shared_point:
            point = await self._shared_points.take(request.shared_point)
            answer = await self._nearest(wishes, point, "您的位置" if point else "", None, page)
            return replace(answer, more=False)  # the next page would not know where she is
        chosen = self._gazetteer.division(request.place) if request.place else None
        reading = self._gazetteer.read(request.text)
        if chosen is None and reading.kind is PlaceKind.OUTSIDE:
            return ActivityAnswer(Outcome.OUTSIDE, wishes, outside=reading.outside)
        if chosen is None and reading.kind is PlaceKind.AMBIGUOUS:
            names = tuple((unit.code, self._gazetteer.words(unit)) for unit in reading.candidates)
            return ActivityAnswer(Outcome.ASK_WHICH, wishes, candidates=names)
        division = chosen or reading.division or self._gazetteer.division(request.remembered_place)
        if division is None:
            return await self._nearest(wishes, None, "", None, page)
        point = None if division.level == "district" else self._gazetteer.point_of(division.code)[0]
        return await self._nearest(wishes, point, self._gazetteer.words(division), division, page)

    async def _nearest(
        self, wishes: ActivityWishes, point: Point | None, near: str, division: Division | None, page: int
    ) -> ActivityAnswer:
        place = division.code if division else ""
        query = query_of(wishes, division.code[:DISTRICT] if division else "", point)
        for wanted, relaxed in _ladder(query):
            cards = await self._activities.find(wanted)
            if cards:
                shown = cards[page * SHOWN : (page + 1) * SHOWN] or cards[:SHOWN]
                more = len(cards) > (page + 1) * SHOWN
                return ActivityAnswer(
                    Outcome.FOUND, wishes, place, near, tuple(shown), relaxed, page=page, more=more
                )  # fmt: skip
        return ActivityAnswer(Outcome.NOTHING, wishes, place, near)


def query_of(wishes: ActivityWishes, area: str = "", point: Point | None = None) -> ActivityQuery:
    """The same as a query of the service. A subject is looked for instead of a topic: it says more."""
    return ActivityQuery(
        topic=None if wishes.subject else wishes.topic, area=area, point=point, weekend=wishes.weekend,
        evening=wishes.evening, first=wishes.first, last=wishes.last, words=wishes.subject, limit=MOST,
    )  # fmt: skip


def _ladder(query: ActivityQuery) -> Iterator[tuple[ActivityQuery, tuple[str, ...]]]:
    """What she wants; then the same elsewhere, at another time, of another kind; at last whatever there is."""
    anytime: dict[str, Any] = {"first": None, "last": None, "weekend": False, "evening": False}
    anything: dict[str, Any] = {"words": "", "topic": None}
    kind = "subject" if query.words else "topic"
    steps: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        ({}, ()),
        ({"area": ""}, ("area",)),
        (anytime, ("time",)),
        ({**anytime, "area": ""}, ("area", "time")),
        (anything, (kind,)),
        ({**anything, **anytime}, (kind, "time")),
        ({**anything, **anytime, "area": ""}, (kind, "area", "time")),
    ]
    timed = bool(query.first or query.last or query.weekend or query.evening)
    has = {"area": bool(query.area), "time": timed, "subject": bool(query.words), "topic": query.topic is not None}
    seen: list[ActivityQuery] = []
    for change, relaxed in steps:
        wanted = replace(query, **change)
        if wanted not in seen:
            seen.append(wanted)
            yield wanted, tuple(name for name in relaxed if has[name])


def write_wishes(wishes: ActivityWishes) -> str:
    """As a slot holds them: none of her own words, only what they were read as. "" for none."""
    parts = {
        "topic": wishes.topic.value if wishes.topic else "",
        "subject": wishes.subject,
        "weekend": "1" if wishes.weekend else "",
        "evening": "1" if wishes.evening else "",
        "first": wishes.first.isoformat() if wishes.first else "",
        "last": wishes.last.isoformat() if wishes.last else "",
    }
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def read_wishes_of(slot: str) -> ActivityWishes:
    """The other way. Raises ValueError."""
    parts = dict(part.split("=", 1) for part in slot.split(";") if part)
    return ActivityWishes(
        topic=ActivityTopic(parts["topic"]) if "topic" in parts else None,
        subject=parts.get("subject", ""),
        weekend="weekend" in parts,
        evening="evening" in parts,
        first=datetime.fromisoformat(parts["first"]) if "first" in parts else None,
        last=datetime.fromisoformat(parts["last"]) if "last" in parts else None,
    )


def wanted_words(wishes: ActivityWishes) -> str:
    """「亲子」 for a sentence; 「活动」 when she named nothing."""
    return wishes.subject or (TOPIC_WORDS[wishes.topic] if wishes.topic else "活动")
