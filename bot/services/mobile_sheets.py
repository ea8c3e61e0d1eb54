"""Routes of mobile units as the spreadsheets of offices: what the console exports can be read in again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.geography import Point, in_china
from bot.domain.mobile import STOP_WORDS, UNIT_WORDS, StopStatus, UnitKind
from bot.services.case_access import AuditLog
from bot.services.directory_import import SYSTEMS
from bot.services.mobile_routes import Line, MobileRoutes, PlannedStop, UnitWish
from bot.services.spreadsheets import Row, check_rows, read_sheet
from bot.storage.database import Database
from bot.storage.mobile import MobileStop
from bot.storage.mobile_lists import MobileLists

COLUMNS = (
    "编号", "名称", "类型", "提供什么", "归哪里管", "日期", "开始", "结束", "地区", "停在哪里", "纬度", "经度", "坐标系",
    "状态", "取消原因", "变动说明",
)  # fmt: skip
REQUIRED = ("名称", "日期", "开始", "结束", "地区", "停在哪里")
NUMBER = re.compile(r"[A-Za-z0-9_-]{20}")
BY_WORDS = {words: kind for kind, words in UNIT_WORDS.items()}
STATES = {words: status for status, words in STOP_WORDS.items()} | {"": StopStatus.PLANNED}
METRE = 5
"""Decimals of a degree that an exported point has."""


@dataclass(frozen=True, slots=True)
class SheetStop:
    """One row that can be used."""

    unit: UnitWish
    stop: PlannedStop
    reason: str
    moved: str


class MobileSheets:
    """Reads files in, all rows or none."""

    def __init__(
        self, database: Database, routes: MobileRoutes, audit: AuditLog, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._routes = routes
        self._audit = audit
        self._clock = clock

    async def put_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """(stops that came in, stops that were there and are now as the file says). Sample rows go.

        Raises BadInput, BadRows, NotFound, Conflict.
        """
        if not by.may(Permission.RUN_SERVICES):
            raise NotFound
        rows = check_rows(read_sheet(name, content, COLUMNS, REQUIRED), lambda row: self._check(by, row))
        came = 0
        async with self._database.write() as session:
            lists = MobileLists(session)
            await lists.remove_synthetic()
            for row in rows:
                came += await self._put(lists, by, row)
            await self._audit.append(session, Deed(Act.IMPORTED, by.id, "list", "mobile_stops", f"{len(rows)} 行"))
        return came, len(rows) - came

    async def _put(self, lists: MobileLists, by: Officer, row: SheetStop) -> bool:
        """Whether it is new. A stop that is over or cancelled already is history and stays as it is."""
        known = await lists.named(row.stop.id, lock=True) if row.stop.id else None
        if known is not None:
            if not by.covers(known.division_code):
                raise Conflict("文件里有一个编号是别处的站，请去掉编号再导入。")
            if known.status is StopStatus.PLANNED and known.ends_at > self._clock():
                self._take_over(known, row)
            return False
        unit = await self._routes.unit_of(lists, by, row.unit)
        made = await self._routes.put(lists, unit, row.stop)
        made.moved = row.moved
        if row.reason:
            made.status, made.reason = StopStatus.CANCELLED, row.reason
        return True

    def _take_over(self, known: MobileStop, row: SheetStop) -> None:
        """What the file says of a stop that is there; whoever was told hears of a change of time or place."""
        stop, code = row.stop, row.stop.area.ljust(12, "0")
        if (known.starts_at, known.ends_at, known.place, known.division_code) != (
            stop.starts_at, stop.ends_at, stop.place, code,
        ) or row.reason:  # fmt: skip
            known.revision += 1
        known.starts_at, known.ends_at, known.place, known.moved = stop.starts_at, stop.ends_at, stop.place, row.moved
        if code != known.division_code or (stop.point and _differs(stop.point, known.point)):
            _, point, known.approximate = self._routes.where(stop)
            known.latitude_wgs84, known.longitude_wgs84, known.division_code = point.latitude, point.longitude, code
        if row.reason:
            known.status, known.reason = StopStatus.CANCELLED, row.reason

    def _check(self, by: Officer, row: Row) -> SheetStop:
        if row["编号"] and not NUMBER.fullmatch(row["编号"]):
            raise BadInput("“编号”只能是从这里导出的，自己加的行请空着。")
        if "示例" in row["名称"]:
            raise BadInput("这是示例数据，不能当真的导入，请删掉这一行。")
        if row["类型"] and row["类型"] not in BY_WORDS:
            raise BadInput(f"“类型”请写：{'、'.join(BY_WORDS)}；空着就是流动服务车。")
        if row["状态"] not in STATES:
            raise BadInput(f"“状态”请写：{'、'.join(STOP_WORDS.values())}；空着就是照常。")
        cancelled = STATES[row["状态"]] is StopStatus.CANCELLED
        if cancelled and not row["取消原因"]:
            raise BadInput("取消的一站要写“取消原因”。")
        area, day = self._routes.area(row["地区"]), _day(row["日期"])
        zone = self._routes.zone
        stop = PlannedStop(
            area, row["停在哪里"], datetime.combine(day, _time(row["开始"], "开始"), zone),
            datetime.combine(day, _time(row["结束"], "结束"), zone), _point(row), row["编号"],
        )  # fmt: skip
        office = self._routes.area(row["归哪里管"]) if row["归哪里管"] else area[:6]
        if not by.covers(office):
            office = by.area
        unit = UnitWish("", row["名称"], BY_WORDS.get(row["类型"], UnitKind.BUS), row["提供什么"], office)
        if len(unit.name) > 60 or len(unit.offers) > 120 or len(row["取消原因"]) > 120 or len(row["变动说明"]) > 120:
            raise BadInput("“名称”最多 60 字，“提供什么”“取消原因”“变动说明”最多 120 字。")
        return SheetStop(unit, self._routes.checked(by, stop), row["取消原因"] if cancelled else "", row["变动说明"])


def sheet_rows(lines: Sequence[Line]) -> list[tuple[object, ...]]:
    """Stops as rows under `COLUMNS`; the point only where it was given, in WGS-84."""
    return [
        (
            one.id, one.unit, UNIT_WORDS[one.kind], one.offers, one.office, one.starts_at.date().isoformat(),
            f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}", one.area, one.place,
            "" if one.approximate else round(one.point.latitude, METRE),
            "" if one.approximate else round(one.point.longitude, METRE), "" if one.approximate else "WGS84",
            STOP_WORDS[one.status], one.reason, one.moved,
        )
        for one in lines
    ]  # fmt: skip


def _differs(one: Point, other: Point) -> bool:
    return any(abs(a - b) > 10**-METRE for a, b in ((one.latitude, other.latitude), (one.longitude, other.longitude)))


def _point(row: Row) -> Point | None:
    if not row["纬度"] and not row["经度"]:
        return None
    system = row["坐标系"].upper().replace("-", "").replace(" ", "")
    if system not in SYSTEMS:
        raise BadInput(f"“坐标系”应是 GCJ02、WGS84 或 BD09，不是“{row['坐标系']}”")
    try:
        given = Point(float(row["纬度"]), float(row["经度"]))
    except ValueError:
        raise BadInput("“纬度”“经度”应是小数，如 39.1234、117.1234") from None
    if not in_china(given):
        raise BadInput("这个经纬度不在国内，是不是纬度和经度写反了？")
    return SYSTEMS[system](given)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        raise BadInput(f"“日期”应写成 2026-11-28，不是“{text}”") from None


def _time(text: str, column: str) -> time:
    try:
        return time.fromisoformat(text.replace("：", ":").rjust(5, "0")[:5])
    except ValueError:
        raise BadInput(f"“{column}”应写成 09:00，不是“{text}”") from None
