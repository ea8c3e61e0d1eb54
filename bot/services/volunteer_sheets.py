"""Lists of volunteers and of calls from the spreadsheets of offices: all rows or none.

What the console exports can be read again: rows whose number (编号) is known already are left as they are. A telephone comes
in sealed and never goes out in a file.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import TypeVar

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotFound
from bot.domain.volunteers import (
    ANY_TIME,
    CALL_WORDS,
    FREE_WORDS,
    KIND_WORDS,
    STATUS_WORDS,
    CallStatus,
    FreeTime,
    Skills,
    VolunteerKind,
    VolunteerStatus,
)
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.areas import area_code, area_words
from bot.services.case_access import AuditLog, sees_branch
from bot.services.spreadsheets import Row, check_rows, read_sheet
from bot.services.volunteer_calls import LONGEST_NEED, MOST_WANTED
from bot.services.volunteer_desk import sealed_contact
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerStore, coded

VOLUNTEER_COLUMNS = ("编号", "类型", "特长", "地区", "时间", "状态", "登记日期", "服务小时", "联系电话")
"""Of the exported file too, in this order; there the telephone is always empty."""
CALL_COLUMNS = ("编号", "要帮的忙", "类型", "特长", "地区", "时间", "人数", "状态", "登记日期")
ANY_KIND = "不限"
NUMBER = re.compile(r"[A-Za-z0-9_-]{20}")
PHONE = re.compile(r"\+?\d[\d -]{5,18}\d")
HOURS = re.compile(r"\d{1,5}(\.\d{1,2})?")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SheetVolunteer:
    """One row that can be used."""

    number: str
    kind: VolunteerKind
    skills: tuple[str, ...]
    area: str
    free: tuple[FreeTime, ...]
    status: VolunteerStatus
    day: date
    minutes: int
    contact: str


@dataclass(frozen=True, slots=True)
class SheetCall:
    """One row that can be used."""

    number: str
    need: str
    kind: VolunteerKind | None
    skills: tuple[str, ...]
    area: str
    starts_at: datetime | None
    wanted: int
    status: CallStatus
    day: date


class VolunteerSheets:
    """Reads files in, and says how a cell of a file is written."""

    def __init__(
        self, database: Database, keyring: Keyring, gazetteer: Gazetteer, skills: Skills, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._gazetteer = gazetteer
        self._skills = skills
        self._audit = audit
        self._clock = clock
        self._zone = zone

    async def put_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """Volunteers: (rows that came in, rows that were there). Sample rows go. Raises BadInput, BadRows, NotFound."""
        _may(by)
        read = read_sheet(name, content, VOLUNTEER_COLUMNS, ("类型", "特长", "地区"))
        rows = check_rows(read, lambda row: self._volunteer(by, row))
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            await store.remove_synthetic()
            known = await store.known([row.number for row in rows], Volunteer)
            fresh = {row.number or new_public_id(): row for row in rows if row.number not in known}
            for number, row in fresh.items():
                await store.add(self._volunteer_row(number, row, now))
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "volunteers", f"{len(fresh)} 行"))
        return len(fresh), len(rows) - len(fresh)

    async def put_in_calls(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """Calls, the same way."""
        _may(by)
        read = read_sheet(name, content, CALL_COLUMNS, ("要帮的忙",))
        rows = check_rows(read, lambda row: self._call(by, row))
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            await store.remove_synthetic()
            known = await store.known([row.number for row in rows], VolunteerCall)
            fresh = {row.number or new_public_id(): row for row in rows if row.number not in known}
            for number, row in fresh.items():
                await store.add_call(self._call_row(number, row, by, now))
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "volunteer_calls", f"{len(fresh)} 行"))
        return len(fresh), len(rows) - len(fresh)

    def area_cell(self, area: str) -> str:
        """The code, which is read back without doubt, and the name: 「120113001 北辰区 集贤里街道」."""
        return f"{area} {area_words(self._gazetteer, area)}" if area else ""

    def _volunteer_row(self, number: str, row: SheetVolunteer, now: datetime) -> Volunteer:
        left = row.status is VolunteerStatus.LEFT
        return Volunteer(
            public_id=number, kind=row.kind, skills=coded(row.skills), area=row.area, free=coded(row.free),
            status=row.status, applied_at=self._noon(row.day), earlier_minutes=row.minutes, left_at=now if left else None,
            sealed_contact=sealed_contact(self._keyring, row.contact) if row.contact and not left else None,
        )  # fmt: skip

    def _call_row(self, number: str, row: SheetCall, by: Officer, now: datetime) -> VolunteerCall:
        return VolunteerCall(
            public_id=number, need=row.need, kind=row.kind, skills=coded(row.skills), area=row.area,
            starts_at=row.starts_at, wanted=row.wanted, status=row.status, made_by=by.id, made_at=self._noon(row.day),
            closed_at=now if row.status is CallStatus.CLOSED else None,
        )  # fmt: skip

    def _volunteer(self, by: Officer, row: Row) -> SheetVolunteer:
        contact = row["联系电话"]
        if contact and not PHONE.fullmatch(contact):
            raise BadInput("“联系电话”请只写数字，或者空着。")
        if row["服务小时"] and not HOURS.fullmatch(row["服务小时"]):
            raise BadInput("“服务小时”请写数字，例如 12 或 2.5；空着就是 0。")
        kind = _one_of(row, "类型", KIND_WORDS, VolunteerKind.VOLUNTEER)
        skills = self._skills_of(row)
        if not skills:
            raise BadInput("“特长”不能空。")
        return SheetVolunteer(
            _number(row), kind, skills, self._area(by, row), _free(row["时间"]),
            _one_of(row, "状态", STATUS_WORDS, VolunteerStatus.APPLIED), self._day(row["登记日期"]),
            round(float(row["服务小时"] or 0) * 60), contact,
        )  # fmt: skip

    def _call(self, by: Officer, row: Row) -> SheetCall:
        need = row["要帮的忙"]
        if not need or len(need) > LONGEST_NEED:
            raise BadInput(f"“要帮的忙”要写，最多 {LONGEST_NEED} 个字。")
        if "［" in mask(need):
            raise BadInput("“要帮的忙”里像有姓名、电话或住址，会发给志愿者，请去掉。")
        wanted = row["人数"] or "1"
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 8 and 1 <= int(wanted) <= MOST_WANTED):
            raise BadInput(f"“人数”请写 1 到 {MOST_WANTED} 的整数。")
        kind = None if row["类型"] in ("", ANY_KIND) else _one_of(row, "类型", KIND_WORDS, VolunteerKind.VOLUNTEER)
        return SheetCall(
            _number(row), need, kind, self._skills_of(row), self._area(by, row), self._moment(row["时间"]), int(wanted),
            _one_of(row, "状态", CALL_WORDS, CallStatus.OPEN), self._day(row["登记日期"]),
        )  # fmt: skip

    def _skills_of(self, row: Row) -> tuple[str, ...]:
        names = [name.strip() for name in re.split(r"[、，,;；]", row["特长"]) if name.strip()]
        keys = {one.name: one.key for one in self._skills.all} | {one.key: one.key for one in self._skills.all}
        if unknown := [name for name in names if name not in keys]:
            every = "、".join(one.name for one in self._skills.all)
            raise BadInput(f"没有“{unknown[0]}”这项特长，请写：{every}；几项之间用顿号。")
        return tuple(dict.fromkeys(keys[name] for name in names))

    def _area(self, by: Officer, row: Row) -> str:
        words = row["地区"].split()
        area = area_code(self._gazetteer, words[0]) if words else by.area
        if not area or not sees_branch(by, area):
            raise BadInput(f"“地区”要写您管辖范围里的区或街道，现在是“{row['地区']}”。")
        return area

    def _day(self, words: str) -> date:
        today = self._clock().astimezone(self._zone).date()
        try:
            day = date.fromisoformat(words) if words else today
        except ValueError as wrong:
            raise BadInput("“登记日期”请写成 2026-11-28 这样。") from wrong
        if day > today:
            raise BadInput("“登记日期”不能在今天以后。")
        return day

    def _moment(self, words: str) -> datetime | None:
        if not words:
            return None
        try:
            return datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=self._zone)
        except ValueError as wrong:
            raise BadInput("“时间”请写成 2026-11-28 14:30 这样；没定就空着。") from wrong

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self._zone)


def _may(by: Officer) -> None:
    if not by.may(Permission.RUN_SERVICES):
        raise NotFound


def _number(row: Row) -> str:
    if row["编号"] and not NUMBER.fullmatch(row["编号"]):
        raise BadInput("“编号”只能是从这里导出的，自己加的行请空着。")
    return row["编号"]


def _one_of(row: Row, column: str, words: Mapping[Value, str], otherwise: Value) -> Value:
    known = {name: value for value, name in words.items()}
    if row[column] and row[column] not in known:
        raise BadInput(f"“{column}”请写：{'、'.join(known)}。")
    return known.get(row[column], otherwise)


def _free(words: str) -> tuple[FreeTime, ...]:
    known = {name: free for free, name in FREE_WORDS.items()}
    names = [name.strip() for name in re.split(r"[、，,;；]", words) if name.strip() and name.strip() != ANY_TIME]
    if unknown := [name for name in names if name not in known]:
        raise BadInput(f"“时间”里的“{unknown[0]}”看不懂，请写：{'、'.join(known)}，几项之间用顿号；不固定就空着。")
    return tuple(free for free in FreeTime if FREE_WORDS[free] in names)
