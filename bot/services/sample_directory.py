"""Sample data for the pilot area: real names of units, everything else invented, every row marked `synthetic`."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path

from bot.domain.errors import Conflict
from bot.domain.facilities import FACILITIES
from bot.domain.geography import Point
from bot.language.places import Division, Gazetteer
from bot.storage.database import Database
from bot.storage.directory import (
    DirectoryStore,
    Facility,
    Location,
    Organization,
    ScheduleRow,
    ServiceAtLocation,
    ServiceKind,
)

PLACES = Path(__file__).resolve().parents[2] / "data" / "places"
SCATTER_M = 1500
METRES_A_DEGREE = 111_195
Week = tuple[tuple[str, int, int, int, int], ...]
WEEKS: tuple[Week, ...] = (
    (("01234", 9, 0, 17, 0),),
    (("01234", 8, 30, 11, 30), ("01234", 14, 0, 17, 30)),
    (("01234", 9, 0, 17, 0), ("5", 9, 0, 12, 0)),
    (("0123456", 9, 0, 17, 0),),
    (("01234", 9, 0, 20, 30), ("5", 9, 0, 16, 0)),
    (("12345", 10, 0, 18, 30),),
)
ON_CALL: tuple[Week, ...] = ((("0123456", 17, 30, 21, 0),), (("01234", 18, 0, 22, 0), ("56", 9, 0, 18, 0)), (), ())
"""Half of the places have somebody on call; without a number, as none is invented."""
OFFICES = {ServiceKind.LEGAL: ("法律服务站", 4), ServiceKind.PSYCHOLOGICAL: ("心理服务站", 4)}


async def load_sample_directory(database: Database, progress: Callable[[int], None] | None = None) -> int:
    """Replace the sample data; refuses (Conflict) where real rows exist. Returns how many locations there are now."""
    gazetteer = Gazetteer.load(PLACES)
    async with database.write() as session:
        store = DirectoryStore(session)
        if await store.count_real():
            raise Conflict("目录里已有真实数据，不能再装入示例数据。")
        await store.remove_synthetic()
        organization = await store.organization("示例妇联（虚构）", synthetic=True)
        locations = list(sample_locations(gazetteer, organization))
        for at in range(0, len(locations), 500):
            await store.replace(locations[at : at + 500])
            if progress:
                progress(min(at + 500, len(locations)))
    return len(locations)


def sample_locations(gazetteer: Gazetteer, organization: Organization) -> Iterator[Location]:
    """One home per village-level unit, legal and psychological places per district; the same each time."""
    for division in gazetteer.divisions("village"):
        yield _location(gazetteer, organization, division, ServiceKind.WOMENS_HOME, f"{_short(division)}妇女之家", 0)
    for district in gazetteer.districts():
        for kind, (title, number) in OFFICES.items():
            for at in range(1, number + 1):
                yield _location(gazetteer, organization, district, kind, f"{district.name}{title}（{at}）", at)


def _location(
    gazetteer: Gazetteer, organization: Organization, division: Division, kind: ServiceKind, name: str, number: int
) -> Location:
    rng = random.Random(f"{division.code} {kind} {number}")  # noqa: S311 - invented data, the same each time
    district, town, village = gazetteer.path(division)
    centre, _ = gazetteer.point_of(division.code)
    point = _scattered(centre, rng, SCATTER_M if division.level == "village" else 4 * SCATTER_M)
    return Location(
        source_id=f"sample-{kind}-{division.code}-{number}",
        name=f"{name}（示例）",
        latitude_wgs84=round(point.latitude, 6),
        longitude_wgs84=round(point.longitude, 6),
        precision="sample",
        division_code=division.code,
        district=district,
        address=f"（示例地址）{district}{town}{village}",
        synthetic=True,
        facilities=[Facility(name=facility) for facility in sorted(rng.sample(sorted(FACILITIES), rng.randint(2, 5)))],
        services=[
            ServiceAtLocation(
                organization_id=organization.id,
                kind=kind,
                schedules=[*_schedules(rng.choice(WEEKS)), *_schedules(rng.choice(ON_CALL), on_call=True)],
            )
        ],
    )


def _schedules(week: Week, *, on_call: bool = False) -> list[ScheduleRow]:
    return [
        ScheduleRow(byday=days, opens_at=time(h1, m1), closes_at=time(h2, m2), on_call=on_call)
        for days, h1, m1, h2, m2 in week
    ]


def _short(division: Division) -> str:
    for suffix in ("居民委员会", "村民委员会", "居委会", "委会"):
        if division.name.endswith(suffix):
            return division.name.removesuffix(suffix)
    return division.name


def _scattered(centre: Point, rng: random.Random, within_m: float) -> Point:
    distance, angle = within_m * math.sqrt(rng.random()), rng.random() * 2 * math.pi
    north = distance * math.cos(angle) / METRES_A_DEGREE
    east = distance * math.sin(angle) / (METRES_A_DEGREE * math.cos(math.radians(centre.latitude)))
    return Point(centre.latitude + north, centre.longitude + east)
