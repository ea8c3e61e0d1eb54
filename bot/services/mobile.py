"""流动服务 for women: the next stops near a place, and being told of stops near it, a day before and when they change."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.domain.accounts import CODE_DIGITS
from bot.domain.errors import NotFound
from bot.domain.geography import Point, distance_m
from bot.domain.messages import Choice, Reply
from bot.domain.mobile import (
    ENOUGH,
    FARTHEST_M,
    KEPT_FOR,
    LOOK,
    NEAR_M,
    SHOWN_AHEAD,
    TOLD_BEFORE,
    TOWN_DIGITS,
    UNIT_WORDS,
    StopStatus,
    UnitKind,
    cancelled_words,
    coming_words,
    kind_in,
    moved_words,
    neighbourhood,
)
from bot.domain.nearest import NearestIndex
from bot.language.places import Gazetteer, PlaceKind
from bot.services.change_notices import tell_quietly
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.shared_points import SharedPoints
from bot.storage.database import Database
from bot.storage.mobile import MobileNotice, MobileStop, MobileStore, MobileSubscription
from bot.storage.sealing import Keyring

log = logging.getLogger(__name__)

SHOWN = 3
NEARER = ("town", "village")
"""Levels of which a middle is worth measuring from."""
WAKING = (time(8), time(21))
"""Nobody is told anything in between: a message could wake whom it must not."""
CHOICES = (
    Choice(LOOK, '/find_mobile_service{"mobile":"near"}'),
    Choice(ENOUGH, '/find_mobile_service{"mobile":"unsubscribe"}'),
)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as she sees it; local times. `distance_m` is None where hers or its place is known by its name only;
    `approximate`: measured from or to the middle of a town or village."""

    id: str
    unit: str
    kind: UnitKind
    offers: str
    place: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int | None
    near: bool
    approximate: bool
    moved: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class MobileAnswer:
    """What is to be said. `place` is a division's code, to be remembered; `told` whether she is told of stops near it."""

    outcome: Outcome
    kind: UnitKind | None = None
    place: str = ""
    near: str = ""
    stops: tuple[Stop, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()
    outside: str = ""
    told: bool = False

    @property
    def kind_words(self) -> str:
        """「流动义诊」, 「流动服务」 for any."""
        return UNIT_WORDS[self.kind] if self.kind else "流动服务"


@dataclass(frozen=True, slots=True)
class Wish:
    """That she is told of stops near this place, until this local moment."""

    place: str
    until: datetime


class Mobile:
    """The job `tell_due` is run by every bot process; rows decide who tells what, once."""

    def __init__(
        self, database: Database, keyring: Keyring, gazetteer: Gazetteer, shared_points: SharedPoints, *,
        clock: Callable[[], datetime], zone: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._gazetteer = gazetteer
        self._shared_points = shared_points
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def find(self, conversation: str, request: PlaceRequest) -> MobileAnswer:
        """The next stops near where she means, or what to ask. Her own point is used for this once and not kept."""
        kind = kind_in(request.text)
        if request.shared_point:
            point = await self._shared_points.take(request.shared_point)
            if point is None:
                return MobileAnswer(Outcome.ASK_WHERE, kind)
            return await self._near(conversation, point, self.town_of(point), kind, "您的位置", exact=True)
        reading = self._gazetteer.read(request.text)
        code = request.place
        if not code and reading.kind is PlaceKind.OUTSIDE:
            return MobileAnswer(Outcome.OUTSIDE, kind, outside=reading.outside)
        if not code and reading.kind is PlaceKind.AMBIGUOUS:
            names = tuple((unit.code, self._gazetteer.words(unit)) for unit in reading.candidates)
            return MobileAnswer(Outcome.ASK_WHICH, kind, candidates=names)
        code = code or (reading.division.code if reading.division else request.remembered_place)
        division = self._gazetteer.division(code) if code else None
        if division is None:
            return MobileAnswer(Outcome.ASK_WHERE, kind)
        point, _ = self._gazetteer.point_of(division.code)
        near = self._gazetteer.words(division)
        return await self._near(conversation, point, division.code, kind, near, exact=False)

    async def next_stops(
        self, point: Point, area: str = "", kind: UnitKind | None = None, limit: int = SHOWN, *, exact: bool = True
    ) -> list[Stop]:
        """Near ones (5 km, or the same town) by date, then the others by distance. `area`: a division's code."""
        now = self._clock()
        async with self._database.read() as session:
            rows = await MobileStore(session).coming(point, FARTHEST_M, now, now + SHOWN_AHEAD)
        wanted = [row for row in rows if kind in (None, row.unit.kind)]
        located = exact or self._is_located(area)
        near = [row for row in wanted if self._is_near(row, point, area, located=located)]
        far = sorted((row for row in wanted if row not in near), key=lambda row: distance_m(point, row.point))
        return [self._stop(row, point, near=row in near, located=located, exact=exact) for row in (near + far)[:limit]]

    async def subscribe(self, conversation: str, place: str) -> Wish:
        """Tell her of stops near this division from now on, for ninety days. Raises NotFound for an unknown one."""
        if self._gazetteer.division(place) is None:
            raise NotFound("没有找到这个地方，请再写一次地名。")
        now, (centre, _) = self._clock(), self._gazetteer.point_of(place)
        async with self._database.write() as session:
            store = MobileStore(session)
            await store.subscribe(await self._number(store, conversation), place, centre, now, now + KEPT_FOR)
        return Wish(place, (now + KEPT_FOR).astimezone(self._zone))

    async def unsubscribe(self, conversation: str) -> bool:
        """Tell her no more; False when she was not told anyway."""
        async with self._database.write() as session:
            store = MobileStore(session)
            return await store.unsubscribe(await self._number(store, conversation))

    async def wish(self, conversation: str) -> Wish | None:
        """Where she is told of stops, if anywhere."""
        async with self._database.read() as session:
            store = MobileStore(session)
            row = await store.subscription(await self._number(store, conversation), self._clock())
        return Wish(row.division_code, row.ends_at.astimezone(self._zone)) if row else None

    async def tell_due(self) -> int:
        """The job: tell of stops that come within a day, and of what became of those told before; how many were told."""
        now = self._clock()
        if not WAKING[0] <= now.astimezone(self._zone).time() < WAKING[1]:
            return 0
        async with self._database.read() as session:
            store = MobileStore(session)
            outdated = await store.outdated(now)
            fresh = [
                (stop, wish)
                for stop in await store.due(now, now + TOLD_BEFORE)
                for wish in await store.untold(stop, NEAR_M, now)
                if self._is_near(stop, wish.point, wish.division_code, located=self._is_located(wish.division_code))
            ]
        done = [await self._tell_changed(notice, stop, wish) for notice, stop, wish in outdated]
        return sum(done + [await self._tell_coming(stop, wish) for stop, wish in fresh])

    async def _tell_coming(self, stop: MobileStop, wish: MobileSubscription) -> bool:
        words = coming_words(stop.starts_at.astimezone(self._zone))
        async with self._database.write() as session:
            if not await MobileStore(session).note_told(wish.id, stop):
                return False
            await tell_quietly(
                session, self._keyring, wish.conversation_id, Reply(words, CHOICES), self._clock(), agreed=True
            )
        return True

    async def _tell_changed(self, notice: MobileNotice, stop: MobileStop, wish: MobileSubscription) -> bool:
        before, starts_at = (moment.astimezone(self._zone) for moment in (notice.starts_at, stop.starts_at))
        is_off = stop.status is StopStatus.CANCELLED
        words = cancelled_words(before) if is_off else moved_words(before, starts_at)
        async with self._database.write() as session:
            if not await MobileStore(session).note_change(notice, stop):
                return False
            await tell_quietly(
                session, self._keyring, wish.conversation_id, Reply(words, CHOICES), self._clock(), agreed=True
            )
        return True

    async def _near(
        self, conversation: str, point: Point, code: str, kind: UnitKind | None, near: str, *, exact: bool
    ) -> MobileAnswer:
        stops = tuple(await self.next_stops(point, code, kind, exact=exact))
        wish = await self.wish(conversation)
        told = wish is not None and wish.place == code
        return MobileAnswer(Outcome.FOUND if stops else Outcome.NOTHING, kind, code, near, stops, told=told)

    def _stop(self, row: MobileStop, point: Point, *, near: bool, located: bool, exact: bool) -> Stop:
        unit, known = row.unit, located and self._is_placed(row)
        return Stop(
            row.public_id, unit.name, unit.kind, unit.offers, row.place, row.starts_at.astimezone(self._zone),
            row.ends_at.astimezone(self._zone), round(distance_m(point, row.point)) if known else None, near,
            row.approximate or not exact, row.moved, unit.synthetic,
        )  # fmt: skip

    def _is_near(self, stop: MobileStop, point: Point, area: str, *, located: bool) -> bool:
        """In her town (or the district, where she named no nearer place), or within five kilometres where both are known."""
        if area and stop.division_code.startswith(neighbourhood(area)):
            return True
        return located and self._is_placed(stop) and distance_m(point, stop.point) <= NEAR_M

    def _is_located(self, code: str) -> bool:
        """Whether the middle of a division is known; of many towns only their district's is."""
        return self._gazetteer.point_of(code)[1] in NEARER if self._gazetteer.division(code) else False

    def _is_placed(self, stop: MobileStop) -> bool:
        return not stop.approximate or self._is_located(stop.division_code)

    def town_of(self, point: Point) -> str:
        """The town of the nearest town or village whose middle is known: what is remembered of a point that she sent."""
        codes, index = self._middles
        return codes[index.nearest(point, 1)[0][0]][:TOWN_DIGITS].ljust(CODE_DIGITS, "0")

    @cached_property
    def _middles(self) -> tuple[list[str], NearestIndex]:
        units = [unit for level in NEARER for unit in self._gazetteer.divisions(level)]
        known = {unit.code: self._gazetteer.point_of(unit.code) for unit in units}
        points = {code: point for code, (point, precision) in known.items() if precision in NEARER}
        latitudes, longitudes = ([getattr(one, axis) for one in points.values()] for axis in ("latitude", "longitude"))
        return list(points), NearestIndex(latitudes, longitudes)

    @staticmethod
    async def _number(store: MobileStore, conversation: str) -> int:
        row = await store.conversation(conversation)
        if row is None:
            raise NotFound
        return row.id
