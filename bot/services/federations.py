"""妇联组织 for women: who answers for where she lives, and which federation there is at her work.

An answer names an office, its hours, its public number and who is on duty; a person only as her office publishes her.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import branch
from bot.domain.federations import (
    FEDERATION_WORDS,
    WORK_KINDS,
    FederationFilter,
    FederationKind,
    Person,
    code_of,
    kind_in,
    on_duty_today,
)
from bot.domain.geography import Point
from bot.domain.offices import DISTRICT_DIGITS, climb
from bot.domain.rota import monday
from bot.domain.schedules import IsWorkday, Schedule, read_hours
from bot.language.places import Gazetteer, PlaceKind
from bot.services.areas import area_words
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.shared_points import SharedPoints
from bot.storage.database import Database
from bot.storage.federations import Federation, FederationStore
from bot.storage.rota import RotaStore

SHOWN = 3
LOOKED_AT = 500
PLAIN_NAME = re.compile(
    r"（.*?）|\(.*?\)|示例|妇女联合会|妇女委员会|妇女工作委员会|妇女组织|妇联|妇委会|妇工委|联合会|委员会"
)
SHORTEST_NAME = 2
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Office:
    """A federation as she sees it. `today`: its hours today or when it opens next, "" unknown; `by_rota`: the rota of the
    console has somebody this week; `takes`: somebody works here for it, so that her matter can be sent there."""

    id: str
    name: str
    kind: FederationKind
    area: str
    office: str
    phone: str
    today: str
    is_open: bool
    people: tuple[Person, ...]
    on_duty: tuple[Person, ...]
    by_rota: bool
    takes: bool
    synthetic: bool

    @property
    def kind_words(self) -> str:
        """「系统」"""
        return FEDERATION_WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class InCharge:
    """Who answers for a place, or what to ask. `place` is a division's code, to be remembered; `named`: who answers for the
    very neighbourhood that she wrote; `is_nearest`: the office is that of the place itself, not one above it."""

    outcome: Outcome
    place: str = ""
    near: str = ""
    office: Office | None = None
    named: tuple[Person, ...] = ()
    is_nearest: bool = True
    candidates: tuple[tuple[str, str], ...] = ()
    outside: str = ""


class Federations:
    """Reads only; what she chooses is the desk's (`bot.services.work_choices`)."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, shared_points: SharedPoints, *, town_of: Callable[[Point], str],
        clock: Callable[[], datetime], is_workday: IsWorkday, zone: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._gazetteer = gazetteer
        self._shared_points = shared_points
        self._town_of = town_of
        self._clock = clock
        self._is_workday = is_workday
        self._zone = ZoneInfo(zone)

    async def in_charge(self, request: PlaceRequest) -> InCharge:
        """Who answers for where she means, or the one question that is missing. Her own point is not kept."""
        if request.shared_point:
            point = await self._shared_points.take(request.shared_point)
            return await self.who_answers_for(self._town_of(point)) if point else InCharge(Outcome.ASK_WHERE)
        reading = self._gazetteer.read(request.text)
        if not request.place and reading.kind is PlaceKind.OUTSIDE:
            return InCharge(Outcome.OUTSIDE, outside=reading.outside)
        if not request.place and reading.kind is PlaceKind.AMBIGUOUS:
            names = tuple((unit.code, self._gazetteer.words(unit)) for unit in reading.candidates)
            return InCharge(Outcome.ASK_WHICH, candidates=names)
        code = request.place or (reading.division.code if reading.division else request.remembered_place)
        return await self.who_answers_for(code, request.text)

    async def who_answers_for(self, code: str, text: str = "") -> InCharge:
        """The nearest office up the area tree that has people. `text`: her words, for the neighbourhood in them."""
        division = self._gazetteer.division(code) if code else None
        if division is None:
            return InCharge(Outcome.ASK_WHERE)
        near = self._gazetteer.words(division)
        way_up = [code_of(office) for office in climb(code) if office]
        async with self._database.read() as session:
            rows = await FederationStore(session).offices(way_up)
            if not rows:
                return InCharge(Outcome.NOTHING, code, near)
            nearest = min(rows, key=lambda row: way_up.index(row.division_code))
            office = await self._office(session, nearest)
        named = tuple(person for person in office.people if text and person.answers_for(text))
        return InCharge(Outcome.FOUND, code, near, office, named, nearest.division_code == way_up[0])

    async def find(self, text: str, area: str = "", kind: FederationKind | None = None) -> list[Office]:
        """Federations at work that her words name, then those of the kind that they mean, in her district before elsewhere."""
        async with self._database.read() as session:
            rows = await FederationStore(session).page("", FederationFilter(), limit=LOOKED_AT, kinds=WORK_KINDS)
            return [await self._office(session, row) for row in fitting(rows, text, area, kind)[:SHOWN]]

    async def _office(self, session: AsyncSession, row: Federation) -> Office:
        now = self._clock().astimezone(self._zone)
        schedule = Schedule(read_hours(row.hours))
        people = tuple(one.person() for one in row.people)
        on_duty = on_duty_today(people, now.weekday()) if self._is_workday(now.date()) or now.weekday() > 4 else ()
        by_rota = await self._by_rota(session, row, now)
        known = tuple(person for person in people if person.name and person.name in by_rota)
        return Office(
            row.public_id, row.name, row.kind, area_words(self._gazetteer, row.division_code), row.office, row.phone,
            schedule.words(now, self._is_workday) if row.hours else "", schedule.is_open(now, self._is_workday), people,
            known or on_duty, bool(by_rota), row.public_id in await FederationStore(session).taking([row.public_id]),
            row.synthetic,
        )  # fmt: skip

    async def _by_rota(self, session: AsyncSession, row: Federation, now: datetime) -> tuple[str, ...]:
        """Names of the accounts that have the week's duty at an office of the area tree; never shown unless published."""
        if row.kind is not FederationKind.AREA:
            return ()
        store, week = RotaStore(session), monday(now.date())
        turns = [turn for turn in await store.weeks(branch(row.division_code), week, week + WEEK) if turn.rank == 0]
        return tuple((await store.names([turn.officer_id for turn in turns])).values())


def fitting(
    rows: Sequence[Federation], text: str, area: str = "", kind: FederationKind | None = None
) -> list[Federation]:
    """Those that the text names, then those of the kind that it means, her district's first; all when none fit."""
    kind = kind or kind_in(text)
    district = branch(area)[:DISTRICT_DIGITS] if area else ""
    ranked = sorted(rows, key=lambda row: _rank(row, text, kind, district))
    return [row for row in ranked if _names(row, text) or kind in (None, row.kind)] or ranked


def _names(row: Federation, text: str) -> bool:
    """Whether the text names this federation, by what is left of its name without 「妇联」."""
    plain = PLAIN_NAME.sub("", row.name)
    return len(plain) >= SHORTEST_NAME and plain in text


def _rank(row: Federation, text: str, kind: FederationKind | None, district: str) -> tuple[object, ...]:
    near = bool(district) and row.division_code.startswith(district)
    return (not _names(row, text), row.kind is not kind, not near, row.synthetic, row.name)
