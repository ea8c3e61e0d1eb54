"""Activities from the spreadsheets of offices: all rows or none. What the console exports can be read in again.

A row whose number (编号) is known already is left as it is: whoever signed up has to hear of a change, which a file cannot say.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.activities import LONGEST, STATUS_WORDS, TOPIC_WORDS, ActivityPlan, ActivityStatus, ActivityTopic
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotFound
from bot.language.places import Gazetteer
from bot.services.activity_desk import ActivityDesk, ActivityEntry
from bot.services.areas import WHOLE_AREA, area_named
from bot.services.case_access import AuditLog
from bot.services.sheet_cells import count_of, day_of, hour_of, point_of
from bot.services.spreadsheets import Row, check_rows, read_sheet
from bot.storage.activities import ActivityStore
from bot.storage.activity_numbers import known_activities
from bot.storage.activity_samples import ActivitySamples
from bot.storage.database import Database

COLUMNS = (
    "编号", "标题", "类别", "地区", "地点", "日期", "开始", "结束", "名额", "给谁办", "说明", "主办单位", "纬度", "经度",
    "坐标系", "状态", "取消原因", "已报名", "候补", "到了",
)  # fmt: skip
"""Of the exported file too, in this order. The last three are figures, and not read."""
REQUIRED = ("标题", "类别", "地区", "地点", "日期", "开始", "结束")
NUMBER = re.compile(r"[A-Za-z0-9_-]{20}")
TOPICS = {words: topic for topic, words in TOPIC_WORDS.items()}
STATES = {words: status for status, words in STATUS_WORDS.items()} | {"": ActivityStatus.DRAFT}
DECIMALS = 6
"""Of a degree: some ten centimetres."""


@dataclass(frozen=True, slots=True)
class SheetActivity:
    """One row that can be used. `number` "": one that the office added itself."""

    number: str
    plan: ActivityPlan
    status: ActivityStatus
    reason: str


class ActivityImport:
    """Reads files in."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, desk: ActivityDesk, audit: AuditLog, *,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        """`now`: the local time."""
        self._database = database
        self._gazetteer = gazetteer
        self._desk = desk
        self._audit = audit
        self._now = now

    async def put_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """(rows that came in, rows that were there already). Sample rows go. Raises BadInput, BadRows, NotFound."""
        if not by.may(Permission.RUN_SERVICES):
            raise NotFound
        seen = set[str]()
        rows = check_rows(read_sheet(name, content, COLUMNS, REQUIRED), lambda row: self._check(by, row, seen))
        async with self._database.write() as session:
            await ActivitySamples(session).remove()
            known = await known_activities(session, [row.number for row in rows if row.number])
            fresh = [row for row in rows if row.number not in known]
            await self._add(session, by, fresh)
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "activities", f"{len(fresh)} 行"))
        return len(fresh), len(rows) - len(fresh)

    async def _add(self, session: AsyncSession, by: Officer, rows: Sequence[SheetActivity]) -> None:
        store, now = ActivityStore(session), self._now()
        made = await self._desk.add_all(session, [row.plan for row in rows], by)
        for public_id, row in zip(made, rows, strict=True):
            added = await store.named(public_id)
            if added is None:
                raise RuntimeError("an activity that was just added is gone")
            added.public_id, added.status = row.number or public_id, row.status
            if row.status is ActivityStatus.CANCELLED:
                added.reason, added.cancelled_at = row.reason, now
            await session.flush()

    def _check(self, by: Officer, row: Row, seen: set[str]) -> SheetActivity:
        if missing := [column for column in REQUIRED if not row[column]]:
            raise BadInput(f"“{'”“'.join(missing)}”不能空着。")
        number = row["编号"]
        if number and not NUMBER.fullmatch(number):
            raise BadInput("“编号”只能是从这里导出的，自己加的行请空着。")
        if number in seen:
            raise BadInput(f"编号“{number}”在文件里出现了两次。")
        seen.update({number} - {""})
        if "示例" in row["标题"]:
            raise BadInput("这是示例数据，不能当真的导入，请删掉这一行。")
        plan, status = self._desk.checked(self._plan(row), by), _status(row)
        if status is ActivityStatus.PUBLISHED and not number and plan.starts_at <= self._now():
            raise BadInput("开始时间已经过去了，不能发布；只想留个记录就把“状态”写成草稿。")
        return SheetActivity(number, plan, status, row["取消原因"])

    def _plan(self, row: Row) -> ActivityPlan:
        day, zone = day_of(row, "日期"), self._now().tzinfo
        return ActivityPlan(
            _topic(row["类别"]), row["标题"], area_named(self._gazetteer, row["地区"]), row["地点"],
            datetime.combine(day, hour_of(row, "开始"), zone), datetime.combine(day, hour_of(row, "结束"), zone),
            row["说明"], row["给谁办"], row["主办单位"], count_of(row, "名额"), point_of(row),
        )  # fmt: skip


def sheet_rows(entries: Sequence[ActivityEntry]) -> list[tuple[object, ...]]:
    """Activities as rows under `COLUMNS`; the point only where it was given, in WGS-84."""
    return [
        (
            one.card.id, one.card.title, TOPIC_WORDS[one.card.topic], one.card.area_words or WHOLE_AREA, one.card.place,
            one.card.starts_at.date().isoformat(), _hour(one.card.starts_at), _hour(one.card.ends_at),
            one.card.seats or "", one.card.audience, one.card.description, one.card.organizer,
            round(one.plan.point.latitude, DECIMALS) if one.plan.point else "",
            round(one.plan.point.longitude, DECIMALS) if one.plan.point else "", "WGS84" if one.plan.point else "",
            STATUS_WORDS[one.card.status], one.card.reason, one.seated, one.waiting, one.attended,
        )
        for one in entries
    ]  # fmt: skip


def _hour(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _topic(words: str) -> ActivityTopic:
    if words not in TOPICS:
        raise BadInput(f"“类别”请写：{'、'.join(TOPICS)}，不是“{words}”")
    return TOPICS[words]


def _status(row: Row) -> ActivityStatus:
    if row["状态"] not in STATES:
        raise BadInput(f"“状态”请写：{'、'.join(STATUS_WORDS.values())}；空着就是草稿。")
    status = STATES[row["状态"]]
    if status is ActivityStatus.CANCELLED and not row["取消原因"]:
        raise BadInput("取消的活动要写“取消原因”。")
    if len(row["取消原因"]) > LONGEST["reason"]:
        raise BadInput(f"“取消原因”最多 {LONGEST['reason']} 字。")
    return status
