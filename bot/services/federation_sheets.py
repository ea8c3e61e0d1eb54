"""The directory of people as the spreadsheets of offices: two lists, each can be put in again as it was taken away."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.federations import FEDERATION_WORDS, Person, code_of
from bot.services.case_access import AuditLog
from bot.services.federation_desk import FederationDesk, FederationLine, Wanted, checked_person
from bot.services.spreadsheets import Row, check_rows, read_sheet
from bot.storage.database import Database
from bot.storage.federations import Federation, FederationStore

COLUMNS = ("编号", "名称", "类型", "上级", "地区", "办公地点", "办公电话", "办公时间")
REQUIRED = ("名称", "类型", "地区")
PEOPLE_COLUMNS = ("所属妇联", "地区", "职务", "姓名", "负责", "值班")
PEOPLE_REQUIRED = ("所属妇联", "职务")
PRIVATE_COLUMNS = ("电话", "手机", "手机号", "联系方式", "个人电话", "微信")
NUMBER = re.compile(r"[A-Za-z0-9_-]{20}")
KINDS = {words: kind for kind, words in FEDERATION_WORDS.items()}
SAMPLE = "这是示例数据，不能当真的导入，请删掉这一行。"


@dataclass(frozen=True, slots=True)
class SheetPerson:
    """One row that can be used. `area` is a branch, "" when the row does not say where."""

    federation: str
    area: str
    person: Person


class FederationSheets:
    """Reads files in, all rows or none; sample rows go."""

    def __init__(self, database: Database, desk: FederationDesk, audit: AuditLog) -> None:
        self._database = database
        self._desk = desk
        self._audit = audit

    async def put_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """(federations that came in, federations that were there and are now as the file says).

        Parents may come in the same file, above or below. Raises BadInput, BadRows, Conflict, NotFound.
        """
        _may(by)
        rows = check_rows(read_sheet(name, content, COLUMNS, REQUIRED), lambda row: self._check(by, row))
        async with self._database.write() as session:
            await FederationStore(session).remove_synthetic()
            made = [await self._row(session, by, *row) for row in rows]
            for row, (_, wanted) in zip((one for one, _ in made), rows, strict=True):
                await self._desk.write_into(session, row, wanted)
                await self._desk.put(session, row)
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "federations", f"{len(rows)} 行"))
        came = sum(fresh for _, fresh in made)
        return came, len(rows) - came

    async def put_people_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """(people that came in, federations whose people these are now). A federation that the file names has exactly
        the people of the file afterwards. Raises BadInput, BadRows, Conflict, NotFound."""
        _may(by)
        rows = check_rows(read_sheet(name, content, (*PEOPLE_COLUMNS, *PRIVATE_COLUMNS), PEOPLE_REQUIRED), self._person)
        async with self._database.write() as session:
            store, theirs = FederationStore(session), defaultdict[int, list[Person]](list)
            for row in rows:
                theirs[(await self._named(store, by, row)).id].append(row.person)
            await store.remove_people(theirs)
            for federation, people in theirs.items():
                await store.add_people(federation, people)
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "federation_people", f"{len(rows)} 行"))
        return len(rows), len(theirs)

    def _check(self, by: Officer, row: Row) -> tuple[str, Wanted]:
        if row["编号"] and not NUMBER.fullmatch(row["编号"]):
            raise BadInput("“编号”只能是从这里导出的，自己加的行请空着。")
        if "示例" in row["名称"]:
            raise BadInput(SAMPLE)
        if row["类型"] not in KINDS:
            raise BadInput(f"“类型”请写：{'、'.join(KINDS)}。")
        wanted = Wanted(
            row["名称"], KINDS[row["类型"]], self._desk.area(row["地区"]), row["上级"], row["办公地点"], row["办公电话"],
            row["办公时间"],
        )  # fmt: skip
        return row["编号"], self._desk.checked(by, wanted)

    async def _row(self, session: AsyncSession, by: Officer, number: str, wanted: Wanted) -> tuple[Federation, bool]:
        """(the row, whether it is new), with everything but its parent, which may stand further down in the file."""
        store = FederationStore(session)
        known = await store.named(number, lock=True) if number else None
        same = await store.called(wanted.name, code_of(wanted.area))
        known = known or next(iter(same), None)
        if known is not None and not by.covers(known.division_code):
            raise Conflict(f"“{wanted.name}”的编号是别处的，请去掉编号再导入。")
        if known is not None and known.kind is not wanted.kind and await store.is_used(known):
            raise Conflict(f"有账号或个案在“{known.name}”名下，不能改类型。")
        row = known or Federation(name=wanted.name, kind=wanted.kind, division_code=code_of(wanted.area))
        row.name, row.kind, row.division_code = wanted.name, wanted.kind, code_of(wanted.area)
        await self._desk.put(session, row)
        return row, known is None

    def _person(self, row: Row) -> SheetPerson:
        if written := [column for column in PRIVATE_COLUMNS if row[column]]:
            raise BadInput(f"不登记个人的{written[0]}，请把这一格空着；办公电话写在妇联那张表里。")
        if "示例" in row["所属妇联"] or "示例" in row["姓名"]:
            raise BadInput(SAMPLE)
        person = checked_person(Person(row["职务"], row["姓名"], row["负责"], row["值班"]))
        return SheetPerson(row["所属妇联"], self._desk.area(row["地区"]) if row["地区"] else "", person)

    async def _named(self, store: FederationStore, by: Officer, row: SheetPerson) -> Federation:
        found = await store.called(row.federation, code_of(row.area))
        if len(found) != 1:
            raise Conflict(
                f"“{row.federation}”{'不止一个，请写“地区”' if found else '还没有登记，请先导入妇联那张表'}。"
            )
        if not by.covers(found[0].division_code):
            raise Conflict(f"“{row.federation}”不在您的管辖范围里。")
        return found[0]


def sheet_rows(lines: Sequence[FederationLine]) -> list[tuple[object, ...]]:
    """Federations as rows under `COLUMNS`."""
    return [
        (one.id, one.name, FEDERATION_WORDS[one.kind], one.parent, one.area, one.office, one.phone, one.hours)
        for one in lines
    ]


def people_rows(lines: Sequence[FederationLine]) -> list[tuple[object, ...]]:
    """Their people as rows under `PEOPLE_COLUMNS`."""
    return [
        (one.name, one.area, line.person.title, line.person.name, line.person.duty, line.person.on_duty)
        for one in lines
        for line in one.people
    ]


def _may(by: Officer) -> None:
    if not by.may(Permission.KEEP_DIRECTORY):
        raise NotFound
