"""Finding free slots: of the nearest services, in the time she named, with the seats that are left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.appointments import PlannedVisit
from bot.domain.geography import Point, distance_m
from bot.domain.schedules import IsWorkday
from bot.domain.slots import BookingRules, Calendar, CalendarChange, Slot, quanta, way
from bot.services.directory import Directory, Door, PlaceQuery
from bot.storage.calendars import BookingCalendar, CalendarStore
from bot.storage.database import Database
from bot.storage.directory import ServiceKind

RULES = Path(__file__).resolve().parents[2] / "data" / "appointments" / "rules.yml"
LOOKS = (8, 64, 512)
"""How many of the nearest services are looked at, in turn, until enough free slots are found."""
FULL_ENOUGH = 32
"""When so many are open in her time and full, a later day near by helps her more than a place still farther away."""
PLACES_OFFERED = 2
PAIRS_TRIED = 4


@dataclass(frozen=True, slots=True)
class SlotWish:
    """What she would like. One kind, or two for a joint visit; `service` names one place and needs no point.

    `exact`: the hour she named; the offers are those nearest to it. `hours`: only slots that begin in this part of a day.
    `within`: a prefix of division codes that no door may lie outside of. `refused`: (service, start) of what she would
    not take before.
    """

    kinds: tuple[ServiceKind, ...]
    first: datetime
    last: datetime
    point: Point | None = None
    division: str = ""
    service: str = ""
    exact: datetime | None = None
    hours: tuple[time, time] | None = None
    together: bool = False
    limit: int = 3
    within: str = ""
    refused: frozenset[tuple[str, datetime]] = frozenset()

    def fits(self, service: str, slot: Slot) -> bool:
        """Whether a slot begins in the part of the day she wants, and she has not refused it."""
        in_time = self.hours is None or self.hours[0] <= slot.starts_at.time() < self.hours[1]
        return in_time and (service, slot.starts_at) not in self.refused

    def distance(self, slot: Slot) -> timedelta:
        """How far a slot is from what she named."""
        return abs(slot.starts_at - (self.exact or self.first))


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """One possibility: its visits in order, and how far the first door is (None when no point was known)."""

    visits: tuple[PlannedVisit, ...]
    distance_m: int | None = None

    @property
    def starts_at(self) -> datetime:
        """When the first visit begins."""
        return self.visits[0].starts_at


@dataclass(frozen=True, slots=True)
class Found:
    """The offers, soonest or nearest to her wish first. `widened`: none was free in her time, these are later."""

    slots: tuple[FreeSlot, ...]
    widened: bool = False


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A service with its calendar and what is left of it. `opens`: it has slots in her time, free or not."""

    door: Door
    calendar: Calendar
    metres: float | None
    free: tuple[Slot, ...]
    opens: bool = True


class Availability:
    """Reads; takes nothing. What it finds may be gone a moment later: booking checks again."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        clock: Callable[[], datetime],
        is_workday: IsWorkday,
        zone: str,
        rules: Mapping[str, BookingRules] | None = None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._rules = rules or read_rules(RULES)
        self.is_workday = is_workday

    def now(self) -> datetime:
        """The local moment."""
        return self._clock().astimezone(self._zone)

    async def find(self, wish: SlotWish) -> Found:
        """At most `wish.limit` free slots; when none is in her time, the next ones after it."""
        async with self._database.read() as session:
            slots = await self._search(session, wish)
            if slots or (wish.service == "" and wish.point is None):
                return Found(slots)
            horizon = max(self._rules[kind].horizon for kind in wish.kinds)
            later = replace(wish, first=self.now(), last=self.now() + horizon)
            return Found(await self._search(session, later), widened=True)

    async def free(self, wish: SlotWish) -> tuple[FreeSlot, ...]:
        """At most `wish.limit` free slots in her time and at no other."""
        async with self._database.read() as session:
            return await self._search(session, wish)

    async def calendar(self, session: AsyncSession, door: Door, first: datetime, last: datetime) -> Calendar:
        """The calendar of one service, with what was changed in a span of time."""
        return (await self._calendars(session, [door], first, last))[0]

    def rules_of(self, door: Door, row: BookingCalendar | None) -> BookingRules:
        """The service's own numbers where it has them, else its kind's."""
        usual = self._rules[door.kind]
        if row is None:
            return usual
        return BookingRules(
            length=_minutes(row.minutes, usual.length),
            buffer=_minutes(row.buffer_minutes, usual.buffer),
            seats=row.seats or usual.seats,
            lead=usual.lead if row.lead_hours is None else timedelta(hours=row.lead_hours),
            horizon=timedelta(days=row.horizon_days) if row.horizon_days else usual.horizon,
        )

    def bookable(self, calendar: Calendar, starts_at: datetime, *, by_officer: bool = False) -> Slot | None:
        """The slot that begins then, if it may be booked; an officer need not keep the lead time."""
        if by_officer:
            calendar = replace(calendar, rules=replace(calendar.rules, lead=timedelta(0)))
        moment = starts_at.astimezone(self._zone)
        return next(calendar.slots(moment, moment + timedelta(seconds=1), self.now(), self.is_workday), None)

    async def still_free(self, visits: Sequence[tuple[str, datetime]]) -> FreeSlot | None:
        """These very visits, (service, start) each; None when one of them cannot be booked now."""
        parts = []
        async with self._database.read() as session:
            for service, starts_at in visits:
                wish = SlotWish((), starts_at, starts_at + timedelta(seconds=1), service=service)
                door = await self._directory.door(service)
                near = [] if door is None else await self._open_doors(session, wish, door.kind, 1)
                if not near or not near[0].free:
                    return None
                parts.append((near[0], near[0].free[0]))
        return _offer(parts) if parts else None

    async def instead_of(
        self, service: str, kinds: tuple[ServiceKind, ...], starts_at: datetime
    ) -> tuple[FreeSlot, ...]:
        """The nearest free slots to one that cannot be had: at its place and at the next nearest."""
        door = await self._directory.door(service)
        if door is None:
            return ()
        moment = starts_at.astimezone(self._zone)
        horizon = max(self._rules[kind].horizon for kind in kinds)
        wish = SlotWish(kinds, self.now(), self.now() + horizon, point=door.card.point, exact=moment)
        return (await self.find(wish)).slots

    async def _search(self, session: AsyncSession, wish: SlotWish) -> tuple[FreeSlot, ...]:
        found: tuple[FreeSlot, ...] = ()
        for look in LOOKS:
            doors = [await self._open_doors(session, wish, kind, look) for kind in wish.kinds]
            found = self._single(wish, doors[0]) if len(doors) == 1 else self._joint(wish, doors)
            enough = all(len(near) < look or sum(door.opens for door in near) >= FULL_ENOUGH for near in doors)
            if len(found) >= wish.limit or wish.service or enough:
                break
        return found

    async def _open_doors(self, session: AsyncSession, wish: SlotWish, kind: ServiceKind, look: int) -> list[OpenDoor]:
        """The nearest doors of a kind, with their free slots in her time; those with none are kept out at the end."""
        near = await self._near(wish, kind, look)
        doors = [door for door, _ in near]
        calendars = await self._calendars(session, doors, wish.first, wish.last)
        now = self.now()
        possible = [
            [
                slot
                for slot in calendar.slots(wish.first, wish.last, now, self.is_workday)
                if wish.fits(door.card.id, slot)
            ]
            for door, calendar in zip(doors, calendars, strict=True)
        ]
        opened = [door for door, slots in zip(doors, possible, strict=True) if slots]
        taken = await self._taken(session, opened, wish)
        return [
            OpenDoor(door, calendar, metres, _free(slots, calendar.rules, taken.get(door.card.id, {})), bool(slots))
            for (door, metres), calendar, slots in zip(near, calendars, possible, strict=True)
        ]

    async def _near(self, wish: SlotWish, kind: ServiceKind, look: int) -> Sequence[tuple[Door, float | None]]:
        named = await self._directory.door(wish.service) if wish.service else None
        if named is not None and named.kind is kind:
            return [(named, None)]
        point = named.card.point if named is not None else wish.point
        if point is None:
            return []
        if wish.within:
            return await self._near_within(wish.within, point, kind, look)
        query = PlaceQuery(point=point, kind=kind, division=wish.division, limit=look)
        return await self._directory.doors_near(query)

    async def _near_within(
        self, division: str, point: Point, kind: ServiceKind, look: int
    ) -> Sequence[tuple[Door, float | None]]:
        doors = [door for door in await self._directory.doors_in(division) if door.kind is kind]
        metres = [(door, distance_m(point, door.card.point)) for door in doors if door.card.point is not None]
        return sorted(metres, key=lambda pair: pair[1])[:look]

    async def _calendars(
        self, session: AsyncSession, doors: Sequence[Door], first: datetime, last: datetime
    ) -> list[Calendar]:
        store, services = CalendarStore(session), [door.card.id for door in doors]
        rows = await store.calendars(services)
        changed = await store.changes(services, first - timedelta(days=1), last + timedelta(days=1))
        return [
            Calendar(
                door.schedule,
                self.rules_of(door, rows.get(door.card.id)),
                tuple(CalendarChange(row.starts_at, row.ends_at, row.opens) for row in changed.get(door.card.id, ())),
            )
            for door in doors
        ]

    async def _taken(
        self, session: AsyncSession, doors: Sequence[Door], wish: SlotWish
    ) -> Mapping[str, Mapping[int, int]]:
        steps = quanta(Slot(wish.first, wish.last), self._rules[doors[0].kind]) if doors else range(0)
        services = [door.card.id for door in doors]
        return await CalendarStore(session).taken(services, steps.start, steps.stop + 288)

    def _single(self, wish: SlotWish, doors: Sequence[OpenDoor]) -> tuple[FreeSlot, ...]:
        """Most from the nearest place that has any, one from the next: she may prefer the hour or the way."""
        with_any = [door for door in doors if door.free][:PLACES_OFFERED]
        ranked = [sorted(door.free, key=lambda slot: (wish.distance(slot), slot)) for door in with_any]
        if not ranked:
            return ()
        elsewhere = 1 if len(ranked) > 1 and wish.limit > 1 else 0
        own = ranked[0][: wish.limit - elsewhere]
        others = ranked[1][: wish.limit - len(own)] if elsewhere else []
        chosen = [(with_any[0], slot) for slot in own] + [(with_any[1], slot) for slot in others]
        return tuple(_offer([(door, slot)]) for door, slot in chosen)

    def _joint(self, wish: SlotWish, doors: Sequence[Sequence[OpenDoor]]) -> tuple[FreeSlot, ...]:
        """Both services, one after the other (or together), at the same door where there is one, else near together."""
        first, second = ([door for door in near if door.free] for near in doors)
        pairs = sorted(
            ((one, two, _apart(one, two)) for one in first[: 4 * PAIRS_TRIED] for two in second[: 4 * PAIRS_TRIED]),
            key=lambda pair: (pair[2] > 1, (pair[0].metres or 0) + pair[2]),
        )[:PAIRS_TRIED]
        found: dict[datetime, FreeSlot] = {}
        for one, two, metres in pairs:
            for chosen in _chains(one, two, metres, together=wish.together):
                found.setdefault(chosen.starts_at, chosen)
        best = sorted(found.values(), key=lambda free: abs(free.starts_at - (wish.exact or wish.first)))
        return tuple(best[: wish.limit])


def read_rules(file: Path) -> Mapping[str, BookingRules]:
    """The rules of each kind of service."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        kind: BookingRules(
            length=timedelta(minutes=numbers["minutes"]),
            buffer=timedelta(minutes=numbers["buffer"]),
            seats=numbers["seats"],
            lead=timedelta(hours=numbers["lead_hours"]),
            horizon=timedelta(days=numbers["horizon_days"]),
        )
        for kind, numbers in loaded.items()
    }


def planned(door: Door, slot: Slot) -> PlannedVisit:
    """A visit at this door."""
    return PlannedVisit(
        door.card.id, door.kind.value, door.card.name, door.card.address, slot.starts_at, slot.ends_at,
        door.card.synthetic,
    )  # fmt: skip


def _free(slots: Sequence[Slot], rules: BookingRules, taken: Mapping[int, int]) -> tuple[Slot, ...]:
    if not taken:
        return tuple(slots)
    return tuple(slot for slot in slots if all(taken.get(step, 0) < rules.seats for step in quanta(slot, rules)))


def _chains(one: OpenDoor, two: OpenDoor, metres: float, *, together: bool) -> Iterator[FreeSlot]:
    """Each slot of one door with the first of the other that she can reach in time; either may come first."""
    if together:
        if metres < 1:
            starts = {slot.starts_at: slot for slot in two.free}
            yield from (
                _offer([(one, slot), (two, starts[slot.starts_at])]) for slot in one.free if slot.starts_at in starts
            )
        return
    for before, after in ((one, two), (two, one)):
        for slot in before.free:
            ready = slot.ends_at + way(metres)
            then = next((later for later in after.free if later.starts_at >= ready), None)
            if then is not None and then.starts_at.date() == slot.starts_at.date():
                yield _offer([(before, slot), (after, then)])


def _apart(one: OpenDoor, two: OpenDoor) -> float:
    if one.door.location == two.door.location or one.door.card.point is None or two.door.card.point is None:
        return 0.0
    return max(1.0, distance_m(one.door.card.point, two.door.card.point))


def _offer(parts: Sequence[tuple[OpenDoor, Slot]]) -> FreeSlot:
    metres = parts[0][0].metres
    return FreeSlot(tuple(planned(door.door, slot) for door, slot in parts), None if metres is None else round(metres))


def _minutes(own: int | None, usual: timedelta) -> timedelta:
    return usual if own is None else timedelta(minutes=own)
