"""Importing the Federation's own directory from a spreadsheet: every row checked, all or nothing, every bad row told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.domain.errors import BadInput, BadRows
from bot.domain.facilities import BY_CHINESE, FACILITIES, KINDS
from bot.domain.geography import Point, bd09_to_wgs84, distance_m, gcj02_to_wgs84, in_china
from bot.domain.schedules import read_hours
from bot.language.places import Division, Gazetteer, PlaceKind
from bot.services.spreadsheets import Row, read_sheet
from bot.storage.database import Database
from bot.storage.directory import (
    DirectoryStore,
    Facility,
    Location,
    ScheduleRow,
    ServiceAtLocation,
    ServiceKind,
)

FARTHEST_FROM_DISTRICT_M = 90_000
REQUIRED = ("编号", "名称", "类型", "区", "地址", "开放时间")
COLUMNS = (
    *REQUIRED,
    "街镇",
    "社区村",
    "纬度",
    "经度",
    "坐标系",
    "电话",
    "节假日",
    "设施",
    "无障碍",
    "核实日期",
    "临时通知",
    "机构",
    "保密",
    "值班时间",
    "值班电话",
    "节假日值班",
)
SYSTEMS: Mapping[str, Callable[[Point], Point]] = {
    "": gcj02_to_wgs84,
    "GCJ02": gcj02_to_wgs84,
    "高德": gcj02_to_wgs84,
    "腾讯": gcj02_to_wgs84,
    "BD09": bd09_to_wgs84,
    "百度": bd09_to_wgs84,
    "WGS84": lambda point: point,
}
YES = {"是", "有", "开", "1", "true", "yes"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that can be used: the organization's name, and the location without it."""

    organization: str
    location: Location
    service: ServiceAtLocation


async def import_directory(
    database: Database, gazetteer: Gazetteer, file: Path, progress: Callable[[int], None] | None = None
) -> int:
    """Put every row in, or none. Raises BadRows with (line, reason) for each bad one, BadInput for the file itself.

    A row whose 编号 is known replaces the one before. Returns how many rows went in.
    """
    checked: list[Checked] = []
    bad: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for line, row in read_rows(file):
        try:
            first = seen.setdefault(row["编号"], line)
            if first != line:
                raise ValueError(f"编号“{row['编号']}”和第 {first} 行重复")
            checked.append(check_row(row, gazetteer))
        except ValueError as wrong:
            bad.append((line, str(wrong)))
        if progress and line % 500 == 0:
            progress(line)
    if bad:
        raise BadRows(bad)
    if not checked:
        raise BadInput("文件里没有数据行。")
    async with database.write() as session:
        store = DirectoryStore(session)
        await store.remove_synthetic()
        for place in checked:
            place.service.organization_id = (await store.organization(place.organization, synthetic=False)).id
        await store.replace([place.location for place in checked])
    return len(checked)


def read_rows(file: Path) -> Iterator[tuple[int, Row]]:
    """(line, cells by column) of the file."""
    return read_sheet(file.name, file.read_bytes(), COLUMNS, REQUIRED, "需要的列见 docs/directory-import.md。")


def check_row(row: Row, gazetteer: Gazetteer) -> Checked:
    """A row as a location. Raises ValueError with a reason that says what to write instead."""
    for name in REQUIRED:
        if not row[name]:
            raise ValueError(f"“{name}”不能为空")
        if len(row[name]) > 200:
            raise ValueError(f"“{name}”太长（最多 200 字）")
    kind = BY_CHINESE.get(row["类型"], row["类型"])
    if kind not in KINDS:
        raise ValueError(f"“类型”应是 {'、'.join(KINDS.values())}，不是“{row['类型']}”")
    division = _division(row, gazetteer)
    point, precision = _point(row, division, gazetteer)
    service = ServiceAtLocation(
        kind=ServiceKind(kind),
        open_on_holidays=row["节假日"] in YES,
        on_call_phone=_on_call_phone(row),
        on_call_on_holidays=row["节假日值班"] in YES,
        schedules=[*_schedules(row["开放时间"]), *_schedules(row["值班时间"], on_call=True)],
    )
    location = Location(
        source_id=row["编号"],
        name=row["名称"],
        latitude_wgs84=point.latitude,
        longitude_wgs84=point.longitude,
        precision=precision,
        division_code=division.code,
        district=gazetteer.path(division)[0],
        address=row["地址"],
        phone=_phone(row["电话"]),
        accessibility=row["无障碍"] or None,
        alert=row["临时通知"] or None,
        confidential=row["保密"] in YES,
        assured_at=_day(row["核实日期"]),
        facilities=[Facility(name=name) for name in _facilities(row["设施"])],
        services=[service],
    )
    return Checked(row["机构"] or f"{row['区']}妇女联合会", location, service)


def _schedules(text: str, *, on_call: bool = False) -> list[ScheduleRow]:
    return [
        ScheduleRow(
            byday="".join(map(str, hours.byday)), opens_at=hours.opens_at, closes_at=hours.closes_at, on_call=on_call
        )
        for hours in read_hours(text)
    ]


def _on_call_phone(row: Row) -> str | None:
    """Whom to ring; without any number on-call hours help nobody."""
    number = _phone(row["值班电话"], "值班电话")
    if row["值班时间"] and not (number or row["电话"]):
        raise ValueError("写了“值班时间”，就要写“值班电话”或“电话”")
    if number and not row["值班时间"]:
        raise ValueError("写了“值班电话”，就要写“值班时间”，如 每天 17:30-21:00")
    return number


def _division(row: Row, gazetteer: Gazetteer) -> Division:
    named = row["区"] + row["街镇"] + row["社区村"]
    district = gazetteer.read(row["区"])
    if district.kind is not PlaceKind.DISTRICT or district.corrected:
        raise ValueError(f"“区”里没有“{row['区']}”")
    reading = gazetteer.read(named)
    if reading.kind not in {PlaceKind.EXACT, PlaceKind.DISTRICT} or reading.corrected or reading.division is None:
        raise ValueError(f"找不到“{named}”，请写全称，如 北辰区 / 集贤里街道")
    if reading.district != district.district or (row["街镇"] and not reading.town):
        raise ValueError(f"{row['区']}没有“{row['街镇']}”")
    return reading.division


def _point(row: Row, division: Division, gazetteer: Gazetteer) -> tuple[Point, str]:
    centre, precision = gazetteer.point_of(division.code)
    if not row["纬度"] and not row["经度"]:
        return centre, precision
    system = row["坐标系"].upper().replace("-", "").replace(" ", "")
    if system not in SYSTEMS:
        raise ValueError(f"“坐标系”应是 GCJ02、WGS84 或 BD09，不是“{row['坐标系']}”")
    try:
        given = Point(float(row["纬度"]), float(row["经度"]))
    except ValueError:
        raise ValueError("“纬度”“经度”应是小数，如 39.1234、117.1234") from None
    if not in_china(given):
        raise ValueError("这个经纬度不在国内，是不是纬度和经度写反了？")
    point = SYSTEMS[system](given)
    district = gazetteer.division(division.code[:6] + "000000")
    away = distance_m(point, gazetteer.point_of(district.code)[0]) if district else 0.0
    if away > FARTHEST_FROM_DISTRICT_M:
        raise ValueError(f"这个点离{row['区']}中心 {away / 1000:.0f} 公里，请核对经纬度")
    return point, "door"


def _facilities(text: str) -> list[str]:
    names = [
        name.strip()
        for name in text.replace("，", "、").replace(",", "、").replace("；", "、").split("、")
        if name.strip()
    ]
    unknown = [name for name in names if BY_CHINESE.get(name) not in FACILITIES]
    if unknown:
        raise ValueError(f"不认识的设施：{'、'.join(unknown)}；可写 {'、'.join(FACILITIES.values())}")
    return sorted({BY_CHINESE[name] for name in names})


def _phone(text: str, column: str = "电话") -> str | None:
    digits = "".join(sign for sign in text if sign.isdigit())
    if text and (not 5 <= len(digits) <= 16 or any(sign not in "0123456789-+() 转,、/" for sign in text)):
        raise ValueError(f"“{column}”看不懂：“{text}”")
    return text or None


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        raise ValueError(f"“核实日期”应写成 2026-11-24，不是“{text}”") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
