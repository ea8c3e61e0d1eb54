"""Sample routes of the pilot area: real names of units, everything else invented, every unit marked `synthetic`."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.mobile import UnitKind
from bot.language.places import Division, Gazetteer
from bot.storage.database import Database
from bot.storage.mobile import MobileStop, MobileUnit
from bot.storage.mobile_lists import MobileLists

UNITS = (
    (UnitKind.BUS, "流动服务车（示例）", "法律、心理、就业咨询", (time(9), time(11, 30))),
    (UnitKind.BOOK_CORNER, "流动图书角（示例）", "亲子阅读、借书", (time(14), time(16, 30))),
    (UnitKind.CLINIC, "流动义诊（示例）", "量血压、妇科咨询", (time(8, 30), time(11))),
    (UnitKind.CLASS, "流动课堂（示例）", "手工和家庭教育", (time(18, 30), time(20))),
)
EVERY = timedelta(days=2)
"""From one town to the next, so that every town has its turn while it is shown."""


async def load_sample_mobile(
    database: Database, gazetteer: Gazetteer, *, clock: Callable[[], datetime], zone: str
) -> int:
    """Replace the sample rows → how many stops there are; none where the office has units of its own."""
    today = clock().astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    made = 0
    async with database.write() as session:
        lists = MobileLists(session)
        await lists.remove_synthetic()
        if not await lists.is_empty():
            return 0
        for district in gazetteer.districts():
            towns = [town for town in gazetteer.divisions("town") if town.code.startswith(district.code[:6])]
            for at, (kind, name, offers, hours) in enumerate(UNITS):
                unit = MobileUnit(name=name, kind=kind, offers=offers, division_code=district.code, synthetic=True)
                await lists.add(unit)
                for number, town in enumerate(towns):
                    day = today + (number + 1) * EVERY + timedelta(days=at)
                    await lists.add(_stop(gazetteer, unit, town, day, hours))
                    made += 1
    return made


def _stop(
    gazetteer: Gazetteer, unit: MobileUnit, town: Division, day: datetime, hours: tuple[time, time]
) -> MobileStop:
    point, _ = gazetteer.point_of(town.code)
    begins, ends = (datetime.combine(day.date(), hour, day.tzinfo) for hour in hours)
    return MobileStop(
        unit_id=unit.id, division_code=town.code, place=f"（示例）{town.name}门口", latitude_wgs84=point.latitude,
        longitude_wgs84=point.longitude, starts_at=begins, ends_at=ends,
    )  # fmt: skip
