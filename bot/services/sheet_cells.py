"""Cells of spreadsheets read as days, hours, numbers and points. All raise BadInput that says what to write instead."""

from datetime import date, time

from bot.domain.errors import BadInput
from bot.domain.geography import Point, in_china
from bot.services.directory_import import SYSTEMS
from bot.services.spreadsheets import Row


def day_of(row: Row, column: str) -> date:
    """「2026-11-28」「2026/11/28」, also with an hour behind it, as spreadsheets write dates."""
    text = row[column].replace("/", "-").split(" ")[0]
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise BadInput(f"“{column}”应写成 2026-11-28，不是“{row[column]}”") from None


def hour_of(row: Row, column: str) -> time:
    """「9:00」「09:00:00」, the colon in either width."""
    text = row[column].replace("：", ":")
    try:
        hour, minute = (int(part) for part in text.split(":")[:2])
        return time(hour, minute)
    except (ValueError, OverflowError):
        raise BadInput(f"“{column}”应写成 09:00，不是“{row[column]}”") from None


def count_of(row: Row, column: str) -> int | None:
    """A whole number from 1; None for nothing."""
    if not row[column]:
        return None
    if not (row[column].isascii() and row[column].isdecimal() and len(row[column]) < 8 and int(row[column]) > 0):
        raise BadInput(f"“{column}”要写整数，例如 30；不限就空着，不是“{row[column]}”")
    return int(row[column])


def point_of(row: Row) -> Point | None:
    """WGS-84, from 纬度, 经度 and 坐标系 (GCJ02 where it is empty, as Chinese maps are); None for neither."""
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
