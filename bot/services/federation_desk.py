"""妇联组织 for officers: everybody looks up colleagues, supervisors keep the lists of their branch.

`Officer.covers` decides what may be changed; to look, any federation of the whole area is there, as the way up leads outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.federations import (
    WORK_KINDS,
    FederationFilter,
    FederationKind,
    Person,
    code_of,
    has_mobile,
    is_office_phone,
)
from bot.domain.schedules import read_days, read_hours
from bot.language.places import Gazetteer
from bot.services.areas import area_code, area_words
from bot.services.case_access import AuditLog
from bot.storage.database import Database
from bot.storage.federations import Federation, FederationCounts, FederationStore

MOST_ROWS = 5000
LONGEST_NAME, LONGEST_OFFICE, LONGEST_PHONE, LONGEST_HOURS = 60, 120, 60, 200
LONGEST_TITLE, LONGEST_PERSON, LONGEST_DUTY, LONGEST_DAYS = 40, 20, 200, 60
PRIVATE = "这里有手机号。名录里只登记办公电话，不登记个人号码，请去掉。"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A federation as an officer writes it. `area` is a branch; `parent` the name of the one above, "" none."""

    name: str
    kind: FederationKind
    area: str
    parent: str = ""
    office: str = ""
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person with her row's public id."""

    id: str
    person: Person


@dataclass(frozen=True, slots=True)
class FederationLine:
    """A federation as officers see it. `takes`: cases can be sent to it; `may_change`: it lies in the officer's branch."""

    id: str
    name: str
    kind: FederationKind
    parent: str
    code: str
    area: str
    office: str
    phone: str
    hours: str
    synthetic: bool
    people: tuple[PersonLine, ...] = field(default_factory=tuple)
    takes: bool = False
    may_change: bool = False


class FederationDesk:
    """Every method raises NotFound for who may not."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, audit: AuditLog, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._gazetteer = gazetteer
        self._audit = audit
        self._clock = clock

    async def page(
        self, by: Officer, wanted: FederationFilter, *, offset: int = 0, limit: int = 50
    ) -> list[FederationLine]:
        """A page of the list."""
        _may(by, Permission.SEE_CASES)
        async with self._database.read() as session:
            rows = await FederationStore(session).page("", wanted, offset=offset, limit=limit)
            return await self._lines(session, by, rows)

    async def one(self, by: Officer, federation: str) -> FederationLine:
        """One of them."""
        _may(by, Permission.SEE_CASES)
        async with self._database.read() as session:
            row = await FederationStore(session).named(federation)
            if row is None:
                raise NotFound
            [line] = await self._lines(session, by, [row])
            return line

    async def at_work(self, by: Officer) -> list[FederationLine]:
        """Federations to which a case can be sent: somebody works here for them."""
        _may(by, Permission.SEE_CASES)
        async with self._database.read() as session:
            rows = await FederationStore(session).page("", FederationFilter(), limit=MOST_ROWS, kinds=WORK_KINDS)
            lines = await self._lines(session, by, rows)
        return [line for line in lines if line.takes and line.id != by.federation]

    async def figures(self, by: Officer, area: str = "") -> FederationCounts:
        """How many there are in a branch within hers."""
        _may(by, Permission.SEE_CASES)
        async with self._database.read() as session:
            return await FederationStore(session).counts(area if by.covers(area) else by.area)

    async def add(self, by: Officer, wanted: Wanted) -> str:
        """A new one → its public id. Raises BadInput, Conflict."""
        checked = self.checked(by, wanted)
        async with self._database.write() as session:
            row = Federation(name=checked.name, division_code=code_of(checked.area))
            await self.write_into(session, row, checked)
            await self.put(session, row)
            await self._log(session, by, Act.FEDERATION_CHANGED, row, "新建")
            return row.public_id

    async def change(self, by: Officer, federation: str, wanted: Wanted) -> None:
        """Another name, office or hours. Raises BadInput, Conflict."""
        async with self._database.write() as session:
            row = await self._hers(session, by, federation)
            checked = self.checked(by, wanted)
            if checked.kind is FederationKind.AREA and await FederationStore(session).is_used(row):
                raise Conflict("有账号或个案在这个妇联名下，不能改成地区妇联。")
            await self.write_into(session, row, checked)
            await self.put(session, row)
            await self._log(session, by, Act.FEDERATION_CHANGED, row)

    async def remove(self, by: Officer, federation: str) -> None:
        """Take it out of the directory. Raises Conflict while an account or a case belongs to it."""
        async with self._database.write() as session:
            row = await self._hers(session, by, federation)
            if await FederationStore(session).is_used(row):
                raise Conflict("有账号或个案在这个妇联名下，不能删除。请先改账号。")
            await FederationStore(session).remove(row)
            await self._log(session, by, Act.FEDERATION_REMOVED, row)

    async def add_person(self, by: Officer, federation: str, person: Person) -> None:
        """Somebody holds an office in it. Raises BadInput."""
        checked = checked_person(person)
        async with self._database.write() as session:
            row = await self._hers(session, by, federation)
            await FederationStore(session).add_people(row.id, [checked])
            await self._log(session, by, Act.FEDERATION_CHANGED, row, f"加：{checked.title}")

    async def remove_person(self, by: Officer, federation: str, person: str) -> None:
        """She does not any more."""
        async with self._database.write() as session:
            row = await self._hers(session, by, federation)
            known = await FederationStore(session).person(person)
            if known is None or known.federation_id != row.id:
                raise NotFound
            await FederationStore(session).remove_person(known)
            await self._log(session, by, Act.FEDERATION_CHANGED, row, f"去掉：{known.title}")

    def checked(self, by: Officer, wanted: Wanted) -> Wanted:
        """The same when it can be used. Raises BadInput with what to write instead."""
        _may(by, Permission.KEEP_DIRECTORY)
        if not wanted.area:
            raise BadInput("请写它在哪个区或街镇。")
        if not by.covers(wanted.area):
            raise BadInput(f"“{area_words(self._gazetteer, wanted.area)}”不在您的管辖范围里。")
        _lengths(
            ("名称", wanted.name, LONGEST_NAME), ("办公地点", wanted.office, LONGEST_OFFICE),
            ("办公电话", wanted.phone, LONGEST_PHONE), ("办公时间", wanted.hours, LONGEST_HOURS),
        )  # fmt: skip
        if not wanted.name:
            raise BadInput("请写名称。")
        if has_mobile(wanted.name, wanted.office, wanted.phone, wanted.hours):
            raise BadInput(PRIVATE)
        if not is_office_phone(wanted.phone):
            raise BadInput("“办公电话”只写数字和短横线，分机写“转8”，例如区号-号码。")
        try:
            read_hours(wanted.hours)
        except ValueError as wrong:
            raise BadInput(str(wrong)) from wrong
        return wanted

    async def write_into(self, session: AsyncSession, row: Federation, wanted: Wanted) -> None:
        """What was written, into the row. Raises BadInput for a parent that is not there or stands below it."""
        row.name, row.kind, row.division_code = wanted.name, wanted.kind, code_of(wanted.area)
        row.office, row.phone, row.hours = wanted.office, wanted.phone, wanted.hours
        row.parent_id = await self._parent(session, row, wanted.parent)

    async def put(self, session: AsyncSession, row: Federation) -> None:
        """Flush it. Raises Conflict when its place has one of this name."""
        try:
            await FederationStore(session).add(row)
        except IntegrityError as wrong:
            raise Conflict(f"这个地方已经有一个“{row.name}”了。") from wrong

    def area(self, words: str) -> str:
        """A branch of the area as people write it, 「北辰区 集贤里街道」 too. Raises BadInput."""
        units = [unit for level in ("district", "town", "village") for unit in self._gazetteer.divisions(level)]
        full = [unit for unit in units if words and " ".join(filter(None, self._gazetteer.path(unit))) == words]
        return area_code(self._gazetteer, full[0].code if len(full) == 1 else words)

    async def _parent(self, session: AsyncSession, row: Federation, name: str) -> int | None:
        if not name:
            return None
        store = FederationStore(session)
        with session.no_autoflush:
            found = [one for one in await store.called(name) if one.id != row.id]
        if len(found) != 1:
            raise BadInput(f"上级“{name}”{'不止一个' if found else '没有登记'}，请写登记过的全称。")
        if row.id is not None and row.id in await store.above(found[0]):
            raise BadInput(f"“{name}”是它的下级，不能又是上级。")
        return found[0].id

    async def _hers(self, session: AsyncSession, by: Officer, federation: str) -> Federation:
        _may(by, Permission.KEEP_DIRECTORY)
        row = await FederationStore(session).named(federation, lock=True)
        if row is None or not by.covers(row.division_code):
            raise NotFound
        return row

    async def _lines(self, session: AsyncSession, by: Officer, rows: Sequence[Federation]) -> list[FederationLine]:
        taking = await FederationStore(session).taking([row.public_id for row in rows])
        keeps = by.may(Permission.KEEP_DIRECTORY)
        return [
            FederationLine(
                row.public_id, row.name, row.kind, row.parent.name if row.parent else "", row.division_code,
                area_words(self._gazetteer, row.division_code), row.office, row.phone, row.hours, row.synthetic,
                tuple(PersonLine(one.public_id, one.person()) for one in row.people), row.public_id in taking,
                keeps and by.covers(row.division_code),
            )
            for row in rows
        ]  # fmt: skip

    async def _log(self, session: AsyncSession, by: Officer, act: Act, row: Federation, what: str = "") -> None:
        await session.flush()
        await self._audit.append(session, Deed(act, by.id, "federation", row.public_id, what))


def checked_person(person: Person) -> Person:
    """The same with its weekdays read. Raises BadInput with what to write instead."""
    _lengths(
        ("职务", person.title, LONGEST_TITLE), ("姓名", person.name, LONGEST_PERSON),
        ("负责", person.duty, LONGEST_DUTY), ("值班", person.on_duty, LONGEST_DAYS),
    )  # fmt: skip
    if not person.title:
        raise BadInput("请写“职务”，例如 主席、副主席、执委。")
    if has_mobile(person.title, person.name, person.duty, person.on_duty):
        raise BadInput(PRIVATE)
    try:
        days = read_days(person.on_duty)
    except ValueError as wrong:
        raise BadInput(f"“值班”{wrong}") from wrong
    return Person(person.title, person.name, person.duty, person.on_duty, days)


def _lengths(*fields: tuple[str, str, int]) -> None:
    for column, text, longest in fields:
        if len(text) > longest:
            raise BadInput(f"“{column}”最多 {longest} 字。")


def _may(by: Officer, permission: Permission) -> None:
    if not by.may(permission):
        raise NotFound
