"""Duty: whose week it is at an office, who stands in, who swaps, and who is there now (在岗)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.accounts import Officer, Permission, branch, in_scope
from bot.domain.cases import CaseRules
from bot.domain.errors import BadInput, NotFound
from bot.domain.rota import monday
from bot.services.case_routing import CaseRouting
from bot.storage.case_alerts import AlertStore
from bot.storage.database import Database
from bot.storage.duty import DutyLists, StaffMember
from bot.storage.rota import DutyWeek, RotaStore

MOST_IN_A_WEEK = 10
MOST_WEEKS = 60
MOST_AROUND = 200
MOST_COPIED = 26
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turn:
    """One officer's part in a week. `rank` 0 has the duty, others stand in. `instead_of`: whose it was before, or ""."""

    id: str
    office: str
    week: date
    rank: int
    officer: str
    name: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """Her duty at this moment. `others`: (name, office) of who is there too; `presence`: how long one sign of life lasts."""

    there: bool
    others: tuple[tuple[str, str], ...]
    asked: int
    presence: timedelta


class Rota:
    """Keeping the rota needs the permission and the branch; being there is everybody's own switch."""

    def __init__(
        self, database: Database, routing: CaseRouting, *, clock: Callable[[], datetime], rules: CaseRules
    ) -> None:
        self._database = database
        self._routing = routing
        self._clock = clock
        self._rules = rules

    async def come_on_duty(self, by: Officer) -> datetime:
        """Switch to 在岗: what waits is offered at once → until when, unless her page says again that she is there."""
        if not by.may(Permission.TAKE_CASES):
            raise NotFound
        now = self._clock()
        until = now + self._rules.presence
        async with self._database.write() as session:
            await RotaStore(session).come(by.id, now, until)
        await self._routing.look_for_everyone()
        return until

    async def still_there(self, by: Officer) -> bool:
        """Her page lives. False: she is off duty, and the page has to say so."""
        now = self._clock()
        async with self._database.write() as session:
            return await RotaStore(session).stay(by.id, now, now + self._rules.presence)

    async def go_off_duty(self, by: Officer) -> None:
        """Switch off. What she has stays hers until a woman waits too long for her answer."""
        async with self._database.write() as session:
            await RotaStore(session).go(by.id, self._clock())

    async def around(self, by: Officer) -> Around:
        """Whether she is 在岗, who else is, and how many cases she is asked to take."""
        now = self._clock()
        async with self._database.read() as session:
            there = await RotaStore(session).around(by.area, now, MOST_AROUND)
            on = any(officer == by.id for officer, _, _ in there) or await RotaStore(session).presence(by.id, now)
            asked = await AlertStore(session).asked(by.id)
        others = tuple((name, office) for officer, name, office in there if officer != by.id)
        return Around(bool(on), others, asked, self._rules.presence)

    async def is_there(self, by: Officer) -> bool:
        """Whether she is 在岗."""
        async with self._database.read() as session:
            return await RotaStore(session).presence(by.id, self._clock()) is not None

    async def weeks(self, by: Officer, office: str, first: date, count: int = 8) -> list[Turn]:
        """The rota of an office from the week of `first`. Raises NotFound outside her branch."""
        office = self._office(by, office)
        begins = monday(first)
        async with self._database.read() as session:
            store = RotaStore(session)
            rows = await store.weeks(office, begins, begins + min(count, MOST_WEEKS) * WEEK)
            names = await store.names([row.officer_id for row in rows] + [row.instead_of or "" for row in rows])
        return [_turn(row, names) for row in rows]

    async def staff(self, by: Officer) -> list[StaffMember]:
        """Who may take cases at the offices of her branch, and who of them is there now."""
        office = self._office(by, by.area)
        async with self._database.read() as session:
            return await DutyLists(session).staff(office, self._clock())

    async def board(self, by: Officer, first: date, count: int = 1) -> list[Turn]:
        """The rota of every office of her branch, from the week of `first`."""
        office, begins = self._office(by, by.area), monday(first)
        async with self._database.read() as session:
            rows = await DutyLists(session).weeks_within(office, begins, begins + min(count, MOST_WEEKS) * WEEK)
            names = await RotaStore(session).names(
                [name for row in rows for name in (row.officer_id, row.instead_of or "")]
            )
        return [_turn(row, names) for row in rows]

    async def copy(
        self, by: Officer, office: str, week: date, count: int, *, in_turn: bool = False, over: bool = False
    ) -> tuple[int, int]:
        """Give the next `count` weeks the same people → (weeks set, weeks left as they were).

        `in_turn`: each week the next of them has the duty, the first goes to the end. `over`: also weeks that have a rota.
        Raises NotFound, BadInput (nobody in that week, or somebody who does not work there any more).
        """
        office, begins = self._kept(by, office), monday(week)
        count = max(1, min(count, MOST_COPIED))
        async with self._database.write() as session:
            store = RotaStore(session)
            rows = await store.weeks(office, begins, begins + (count + 1) * WEEK)
            people = [row.officer_id for row in rows if row.week == begins]
            if not people:
                raise BadInput("这一周还没有排班，没有可以复制的。")
            for officer in people:
                await self._works_at(store, officer, office)
            kept = set() if over else {row.week for row in rows}
            free = [(at, begins + at * WEEK) for at in range(1, count + 1) if begins + at * WEEK not in kept]
            for at, then in free:
                shift = at % len(people) if in_turn else 0
                await store.set_week(office, then, people[shift:] + people[:shift])
        return len(free), count - len(free)

    async def set_week(self, by: Officer, office: str, week: date, officers: Sequence[str]) -> None:
        """These have the week, in this order: the duty, then who stands in. None: no rota that week.

        Raises NotFound, BadInput (somebody twice, or who does not work at this office).
        """
        office = self._kept(by, office)
        if len(set(officers)) != len(officers) or len(officers) > MOST_IN_A_WEEK:
            raise BadInput("同一周里一个人只能排一次，最多 10 人。")
        async with self._database.write() as session:
            store = RotaStore(session)
            for officer in officers:
                await self._works_at(store, officer, office)
            await store.set_week(office, monday(week), officers)

    async def stand_in(self, by: Officer, turn: str, officer: str) -> None:
        """Somebody else takes this part of the week. Her own part anybody may give away; others' the keeper only."""
        async with self._database.write() as session:
            store = RotaStore(session)
            row = await self._changeable(store, by, turn)
            await self._works_at(store, officer, row.office)
            if not await store.give(row, officer):
                raise BadInput("她这一周已经排了班。")

    async def swap(self, by: Officer, turn: str, other: str) -> None:
        """Two parts change hands, whole or not at all. One of them has to be hers, or she keeps the rota."""
        if turn == other:
            raise BadInput("请选两个不同的班。")
        async with self._database.write() as session:
            store = RotaStore(session)
            rows = {name: await store.week(name) for name in sorted((turn, other))}
            one, two = rows[turn], rows[other]
            if one is None or two is None or one.office != two.office:
                raise NotFound
            if by.id not in {one.officer_id, two.officer_id}:
                self._kept(by, one.office)
            if one.week == two.week:
                await store.set_week(one.office, one.week, await self._reordered(store, one, two))
            elif not await store.swap(one, two):
                raise BadInput("有人在对方那一周已经排了班，不能换。")

    async def _reordered(self, store: RotaStore, one: DutyWeek, two: DutyWeek) -> list[str]:
        other = {one.officer_id: two.officer_id, two.officer_id: one.officer_id}
        rows = await store.weeks(one.office, one.week, one.week + WEEK)
        return [other.get(row.officer_id, row.officer_id) for row in rows]

    async def _changeable(self, store: RotaStore, by: Officer, turn: str) -> DutyWeek:
        row = await store.week(turn)
        if row is None:
            raise NotFound
        if row.officer_id != by.id:
            self._kept(by, row.office)
        return row

    async def _works_at(self, store: RotaStore, officer: str, office: str) -> None:
        account = await store.officer(officer)
        if account is None or account.scope != office or account.federation_id:
            raise BadInput("只能排本单位能接个案的工作人员。")

    def _office(self, by: Officer, office: str) -> str:
        try:
            office = branch(office)
        except ValueError as odd:
            raise NotFound from odd
        if not by.may(Permission.SEE_CASES) or not in_scope(by.area, office):
            raise NotFound
        return office

    def _kept(self, by: Officer, office: str) -> str:
        if not by.may(Permission.KEEP_ROTA):
            raise NotFound
        return self._office(by, office)


def _turn(row: DutyWeek, names: dict[str, str]) -> Turn:
    return Turn(
        row.public_id, row.office, row.week, row.rank, row.officer_id, names.get(row.officer_id, ""),
        names.get(row.instead_of or "", ""),
    )  # fmt: skip
