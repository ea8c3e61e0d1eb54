"""Finding a place: the nearest that fits, with its hours today, from an index that follows the database."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.facilities import FACILITIES
from bot.domain.geography import Point, distance_m
from bot.domain.messages import PlaceCard
from bot.domain.nearest import NearestIndex
from bot.domain.on_call import OnCall
from bot.domain.schedules import DayException, Hours, IsWorkday, Schedule
from bot.storage.database import Database
from bot.storage.directory import DirectoryStore, Location, ServiceAtLocation, ServiceKind

TOWN_DIGITS = 9
"""Digits of a division code that name the town; a district's own code ends in zeros and matches no place."""
LOOK_FOR_CHANGES = 1.0
"""Seconds between two looks at the directory's version."""


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """What she looks for. `approximate`: the point is a town's or district's centre, not hers.

    `division`: she named this town or village, so its own places come before those that are merely near its centre.
    `open_at`: open at any moment of this local span. `by_phone`: hours in which somebody only answers the telephone count too.
    """

    point: Point
    kind: ServiceKind = ServiceKind.WOMENS_HOME
    facilities: frozenset[str] = frozenset()
    open_now: bool = False
    after_work: bool = False
    weekend: bool = False
    open_at: tuple[datetime, datetime] | None = None
    by_phone: bool = False
    approximate: bool = False
    division: str = ""
    limit: int = 3

    @property
    def has_hours(self) -> bool:
        """Whether she wants it at certain hours."""
        return self.open_now or self.after_work or self.weekend or self.open_at is not None

    def at_any_hour(self) -> "PlaceQuery":
        """The same, whatever its hours."""
        return replace(self, open_now=False, after_work=False, weekend=False, open_at=None, by_phone=False)


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """Nearest first. `relaxed` names what had to be given up to find anything: hours, facilities, door (shut, but on call)."""

    places: tuple[PlaceCard, ...]
    relaxed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """One service at one location, ready to be shown."""

    card: PlaceCard
    kind: ServiceKind
    schedule: Schedule
    facilities: frozenset[str]
    location: str = ""
    division: str = ""
    alert: str = ""
    approximate: bool = False
    on_call: OnCall | None = None


@dataclass(slots=True)
class Loaded:
    """The directory as of one version."""

    version: int = -1
    doors: dict[ServiceKind, list[Door]] = field(default_factory=dict)
    index: dict[ServiceKind, NearestIndex] = field(default_factory=dict)
    by_id: dict[str, Door] = field(default_factory=dict)


class Directory:
    """Holds the published directory in memory; reads it again when its version has changed."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime],
        is_workday: IsWorkday,
        zone: str = "Asia/Shanghai",
    ) -> None:
        self._database = database
        self._clock = clock
        self._is_workday = is_workday
        self._zone = ZoneInfo(zone)
        self._loaded = Loaded()
        self._looked_at = -LOOK_FOR_CHANGES
        self._looking: asyncio.Task[None] | None = None

    async def nearest(self, query: PlaceQuery) -> FoundPlaces:
        """The nearest that fit; when none does, first the door, then hours and facilities are given up, and that is said."""
        loaded = await self._current()
        now = self.now()
        at_any_hour = query.at_any_hour()
        on_call: list[tuple[PlaceQuery, tuple[str, ...]]] = (
            [(replace(query, by_phone=True), ("door",))] if query.has_hours and not query.by_phone else []
        )
        wishes = [
            (query, ()),
            *on_call,
            (at_any_hour, ("hours",)),
            (replace(query, facilities=frozenset()), ("facilities",)),
            (replace(at_any_hour, facilities=frozenset()), ("hours", "facilities")),
        ]
        for wish, relaxed in wishes:
            found = self._search(loaded, wish, now)
            if found:
                return FoundPlaces(tuple(found), relaxed)
        return FoundPlaces(())

    def now(self) -> datetime:
        """The local moment."""
        return self._clock().astimezone(self._zone)

    async def open_now(self, query: PlaceQuery) -> PlaceCard | None:
        """The nearest of this kind that is open at this moment, however far; None when all are closed."""
        found = self._search(await self._current(), replace(query, open_now=True, limit=1), self.now())
        return found[0] if found else None

    async def on_call_now(self, query: PlaceQuery) -> PlaceCard | None:
        """The nearest of this kind that answers the telephone at this moment behind a closed door; None when nobody does."""
        loaded, now = await self._current(), self.now()
        doors = loaded.doors.get(query.kind, [])

        def answers(at: int) -> bool:
            on_call = doors[at].on_call
            closed = not doors[at].schedule.is_open(now, self._is_workday)
            return closed and on_call is not None and on_call.is_on(now, self._is_workday)

        found = self._ordered(loaded, replace(query, limit=1), answers)
        return self._card(doors[found[0][0]], now) if found else None

    async def opens_next(self, places: Sequence[PlaceCard]) -> tuple[PlaceCard, datetime] | None:
        """Which of these opens first, and the local moment; None when none does within three weeks."""
        loaded, now = await self._current(), self.now()
        openings = [
            (opening, at)
            for at, place in enumerate(places)
            if place.id in loaded.by_id
            and (opening := loaded.by_id[place.id].schedule.next_opening(now, self._is_workday)) is not None
        ]
        if not openings:
            return None
        opening, at = min(openings)
        return places[at], opening

    async def place(self, public_id: str) -> PlaceCard | None:
        """One place with its hours now."""
        door = (await self._current()).by_id.get(public_id)
        return self._card(door, self.now()) if door else None

    async def door(self, public_id: str) -> Door | None:
        """One service at its location, with its schedule."""
        return (await self._current()).by_id.get(public_id)

    async def doors_near(self, query: PlaceQuery) -> list[tuple[Door, float]]:
        """(door, metres), the named town's own first, then the nearest; `limit` of them, whatever their hours."""
        loaded = await self._current()
        return [(loaded.doors[query.kind][at], metres) for at, metres in self._ordered(loaded, query, None)]

    async def doors_in(self, division: str) -> list[Door]:
        """Every door in a branch of the area: a prefix of division codes ("" is the whole area)."""
        return [door for door in (await self._current()).by_id.values() if door.division.startswith(division)]

    async def size(self) -> int:
        """How many doors there are."""
        return len((await self._current()).by_id)

    def _search(self, loaded: Loaded, query: PlaceQuery, now: datetime) -> list[PlaceCard]:
        doors = loaded.doors.get(query.kind, [])
        plain = not (query.facilities or query.has_hours)
        keep = None if plain else lambda at: self._fits(doors[at], query, now)
        return [
            replace(
                self._card(doors[at], now, week=query.after_work or query.weekend or query.open_at is not None),
                distance_m=round(metres),
                approximate=query.approximate or doors[at].approximate,
            )
            for at, metres in self._ordered(loaded, query, keep)
        ]

    def _ordered(
        self, loaded: Loaded, query: PlaceQuery, keep: Callable[[int], bool] | None
    ) -> list[tuple[int, float]]:
        """(position, metres): the town's own places first, then the nearest."""
        index = loaded.index.get(query.kind)
        if index is None:
            return []
        found = self._own_first(query, loaded.doors[query.kind], keep) if query.division else []
        known = {at for at, _ in found}
        found += [pair for pair in index.nearest(query.point, query.limit + len(found), keep) if pair[0] not in known]
        return found[: query.limit]

    def _own_first(
        self, query: PlaceQuery, doors: list[Door], keep: Callable[[int], bool] | None
    ) -> list[tuple[int, float]]:
        """(position, metres) of the places in the village she named, then in its town."""
        unit, town = query.division, query.division[:TOWN_DIGITS]
        own = [
            (at, distance_m(query.point, door.card.point))
            for at, door in enumerate(doors)
            if door.division.startswith(town) and door.card.point and (keep is None or keep(at))
        ]
        return sorted(own, key=lambda pair: (doors[pair[0]].division != unit, pair[1]))[: query.limit]

    def _fits(self, door: Door, query: PlaceQuery, now: datetime) -> bool:
        hours = [door.schedule] + ([door.on_call.schedule] if door.on_call and query.by_phone else [])
        return query.facilities <= door.facilities and any(self._is_when(schedule, query, now) for schedule in hours)

    def _is_when(self, schedule: Schedule, query: PlaceQuery, now: datetime) -> bool:
        return (
            (not query.after_work or schedule.after_work())
            and (not query.weekend or schedule.at_weekends())
            and (not query.open_now or schedule.is_open(now, self._is_workday))
            and (query.open_at is None or schedule.opens_within(*query.open_at, self._is_workday))
        )

    def _card(self, door: Door, now: datetime, *, week: bool = False) -> PlaceCard:
        """With its hours today; `week`: also those of the whole week, because she asks for another day."""
        open_now, hours = door.schedule.is_open(now, self._is_workday), door.schedule.words(now, self._is_workday)
        usual = door.schedule.week_words() if week else ""
        hours = f"{hours}（平常 {usual}）" if usual else hours
        return replace(
            door.card,
            open_now=open_now,
            hours_today=f"{door.alert}　{hours}" if door.alert else hours,
            on_call=door.on_call.words(now, self._is_workday) if door.on_call else "",
            on_call_now=not open_now and door.on_call is not None and door.on_call.is_on(now, self._is_workday),
        )

    async def _current(self) -> Loaded:
        """The directory as of a second ago. Reading it again goes on when who asked gives up, and is done once for all."""
        if time.monotonic() - self._looked_at >= LOOK_FOR_CHANGES:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)
        return self._loaded

    async def _look(self) -> None:
        async with self._database.read() as session:
            store = DirectoryStore(session)
            version = await store.version()
            if version != self._loaded.version:
                self._loaded = _load(version, await store.locations())
        self._looked_at = time.monotonic()


def _load(version: int, locations: object) -> Loaded:
    loaded = Loaded(version)
    for location in locations:  # type: ignore[attr-defined]
        for service in location.services:
            door = _door(location, service)
            loaded.doors.setdefault(service.kind, []).append(door)
            loaded.by_id[door.card.id] = door
    for kind, doors in loaded.doors.items():
        points = [door.card.point for door in doors if door.card.point]
        loaded.index[kind] = NearestIndex([p.latitude for p in points], [p.longitude for p in points])
    return loaded


def _door(location: Location, service: ServiceAtLocation) -> Door:
    names = frozenset(facility.name for facility in location.facilities)
    exceptions: dict[object, DayException] = {}
    for row in service.exceptions:
        before = exceptions.get(row.day, DayException(row.day)).hours
        more = ((row.opens_at, row.closes_at),) if row.opens_at and row.closes_at else ()
        exceptions[row.day] = DayException(row.day, (*before, *more))
    schedule = replace(schedule_of(service), exceptions=tuple(exceptions.values()))
    on_call = OnCall(schedule_of(service, on_call=True), service.on_call_phone or location.phone or "")
    card = PlaceCard(
        id=service.public_id,
        name=location.name,
        address=location.address,
        phone=location.phone,
        facilities=tuple(words for name, words in FACILITIES.items() if name in names),
        point=Point(location.latitude_wgs84, location.longitude_wgs84),
        synthetic=location.synthetic,
    )
    return Door(
        card,
        service.kind,
        schedule,
        names,
        location.public_id,
        location.division_code,
        location.alert or "",
        location.precision != "door",
        on_call if on_call.schedule.weekly else None,
    )


def schedule_of(service: ServiceAtLocation, *, on_call: bool = False) -> Schedule:
    """The weekly hours in which the door is open, or those in which only the telephone is answered; no single days."""
    rows = [row for row in service.schedules if bool(row.on_call) is on_call]
    weekly = tuple(Hours(tuple(map(int, row.byday)), row.opens_at, row.closes_at) for row in rows)
    holidays = service.on_call_on_holidays if on_call else service.open_on_holidays
    return Schedule(weekly, open_on_holidays=bool(holidays))
