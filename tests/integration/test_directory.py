"""The nearest place that fits, and honest words when none does."""

import asyncio
from datetime import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadInput, BadRows, Conflict
from bot.domain.geography import Point, distance_m
from bot.domain.nearest import NearestIndex
from bot.domain.workdays import is_workday
from bot.language.places import Gazetteer
from bot.services.directory import Directory, PlaceQuery
from bot.services.directory_import import import_directory
from bot.services.place_search import Outcome, PlaceRequest, PlaceSearch
from bot.services.sample_directory import load_sample_directory, sample_locations
from bot.services.shared_points import SharedPoints
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
from bot.storage.sealing import Keyring
from tests.conftest import Clock

GAZETTEER = Gazetteer.load(Path(__file__).resolve().parents[2] / "data" / "places")
HOME = Point(39.1, 117.2)
HEADER = "编号,名称,类型,区,街镇,社区村,地址,纬度,经度,坐标系,电话,开放时间,设施,核实日期"
GOOD = "1,一号家,妇女之家,北辰区,集贤里街道,,一号院,39.2300,117.1400,GCJ02,12338,周一至周五 9:00-17:00,图书室、母婴室,2026-11-01"


@given(
    st.lists(st.tuples(st.floats(20, 50), st.floats(80, 130)), min_size=5, max_size=60),
    st.floats(20, 50),
    st.floats(80, 130),
)
@settings(deadline=None, max_examples=60)
def test_the_index_agrees_with_measuring_everything(points: list, latitude: float, longitude: float) -> None:
    here = Point(latitude, longitude)
    index = NearestIndex([p[0] for p in points], [p[1] for p in points])
    found = index.nearest(here, 3)
    measured = sorted(distance_m(here, Point(*p)) for p in points)[:3]
    assert np.allclose([metres for _, metres in found], measured, rtol=1e-6, atol=0.5)


def test_a_rare_wish_is_found_however_far() -> None:
    index = NearestIndex(np.linspace(30, 40, 500), np.full(500, 117.0))
    assert [at for at, _ in index.nearest(Point(30, 117), 1, keep=lambda at: at == 499)] == [499]


def place(
    number: int, east_m: float, *, facilities: tuple[str, ...] = (), closes: int = 17, **more: object
) -> Location:
    return Location(
        source_id=str(number), name=f"{number}号", latitude_wgs84=39.1, longitude_wgs84=117.2 + east_m / 86_300,
        precision="door", division_code="120113002001", district="北辰区", address="某处",
        facilities=[Facility(name=name) for name in facilities],
        services=[ServiceAtLocation(kind=ServiceKind.WOMENS_HOME, organization_id=1,
                                    schedules=[ScheduleRow(byday="01234", opens_at=time(9), closes_at=time(closes))])],
        **more,
    )  # fmt: skip


async def directory(database: Database, clock: Clock, *places: Location) -> Directory:
    async with database.write() as session:
        session.add(Organization(id=1, name="测试"))
        await session.flush()
        await DirectoryStore(session).replace(places)
    return Directory(database, clock=clock, is_workday=is_workday)


async def test_reading_goes_on_when_who_asked_gives_up(database: Database, clock: Clock) -> None:
    places = await directory(database, clock, place(1, 100))
    impatient = asyncio.create_task(places.size())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    reading = places._looking
    assert reading is not None
    await reading
    assert not reading.cancelled()
    assert await places.size() == 1


async def test_nearest_first_with_distance_and_hours(database: Database, clock: Clock) -> None:
    found = await (
        await directory(database, clock, place(1, 3000), place(2, 100), place(3, 900), place(4, 5000))
    ).nearest(PlaceQuery(HOME))
    assert [(card.name, round((card.distance_m or 0) / 100)) for card in found.places] == [
        ("2号", 1),
        ("3号", 9),
        ("1号", 30),
    ]
    assert found.places[0].open_now
    assert found.places[0].hours_today == "今天 9:00–17:00"


async def test_wishes_are_kept_or_said_to_be_given_up(database: Database, clock: Clock) -> None:
    places = await directory(
        database, clock, place(1, 100), place(2, 900, facilities=("library",)), place(3, 2000, closes=20)
    )
    library = await places.nearest(PlaceQuery(HOME, facilities=frozenset({"library"})))
    assert [card.name for card in library.places] == ["2号"]
    evening = await places.nearest(PlaceQuery(HOME, after_work=True))
    assert [card.name for card in evening.places] == ["3号"]
    weekend = await places.nearest(PlaceQuery(HOME, weekend=True))
    assert (weekend.places[0].name, weekend.relaxed) == ("1号", ("hours",))


async def test_a_confidential_place_is_never_shown(database: Database, clock: Clock) -> None:
    places = await directory(database, clock, place(1, 100, confidential=True), place(2, 900))
    assert [card.name for card in (await places.nearest(PlaceQuery(HOME))).places] == ["2号"]


async def test_the_places_of_the_named_village_come_first(database: Database, clock: Clock) -> None:
    own = place(1, 4000)
    near = place(2, 100)
    near.division_code = "120113001001"
    places = await directory(database, clock, own, near)
    found = await places.nearest(PlaceQuery(HOME, division="120113002000"))
    assert [card.name for card in found.places] == ["1号", "2号"]


async def test_a_change_is_seen_by_a_running_process(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.directory.LOOK_FOR_CHANGES", -1.0)
    places = await directory(database, clock, place(1, 100))
    assert (await places.nearest(PlaceQuery(HOME))).places[0].name == "1号"
    async with database.write() as session:
        await DirectoryStore(session).replace([place(2, 10)])
    assert (await places.nearest(PlaceQuery(HOME))).places[0].name == "2号"


def test_sample_data_is_marked_and_covers_every_village() -> None:
    locations = list(sample_locations(GAZETTEER, Organization(id=1, name="示例")))
    assert all(location.synthetic and "示例" in location.name and "示例" in location.address for location in locations)
    assert all(location.phone is None for location in locations)
    assert sum(location.services[0].kind is ServiceKind.WOMENS_HOME for location in locations) == 5617
    again = list(sample_locations(GAZETTEER, Organization(id=1, name="示例")))
    assert [one.latitude_wgs84 for one in locations] == [one.latitude_wgs84 for one in again]


def file(tmp_path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    made = tmp_path / "places.csv"
    made.write_text("\n".join([header, *rows]), encoding=encoding)
    return made


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_spreadsheet_goes_in_and_again_replaces(
    database: Database, clock: Clock, tmp_path: Path, encoding: str
) -> None:
    for name in ("一号家", "改了名"):
        assert (
            await import_directory(database, GAZETTEER, file(tmp_path, GOOD.replace("一号家", name), encoding=encoding))
            == 1
        )
    places = Directory(database, clock=clock, is_workday=is_workday)
    [card] = (await places.nearest(PlaceQuery(Point(39.23, 117.14)))).places
    assert (card.name, card.facilities, card.phone) == ("改了名", ("图书室", "母婴室"), "12338")
    assert card.distance_m is not None
    assert 500 < card.distance_m < 700, "GCJ-02 was converted"


async def test_xlsx_goes_in_too(database: Database, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (HEADER.split(","), GOOD.split(",")):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "places.xlsx")
    assert await import_directory(database, GAZETTEER, tmp_path / "places.xlsx") == 1


async def test_one_bad_row_keeps_all_out_and_every_bad_row_is_told(database: Database, tmp_path: Path) -> None:
    rows = [
        GOOD,
        GOOD.replace("1,一号家", "2,").replace("妇女之家", "妇女之家"),  # no name
        GOOD.replace("1,", "3,", 1).replace(",妇女之家,", ",饭店,"),  # no such kind
        GOOD.replace("1,", "4,", 1).replace("北辰区", "东城区"),  # no such district
        GOOD.replace("1,", "5,", 1).replace("39.2300,117.1400", "117.1400,39.2300"),  # turned round
        GOOD.replace("1,", "6,", 1).replace("39.2300", "31.2300"),  # far away
        GOOD.replace("1,", "7,", 1).replace("周一至周五 9:00-17:00", "随时"),  # no hours
        GOOD.replace("1,", "8,", 1).replace("图书室", "游泳池"),  # no such facility
        GOOD.replace("12338", "call me"),  # a phone that is none, and a number used twice
    ]
    with pytest.raises(BadRows) as bad:
        await import_directory(database, GAZETTEER, file(tmp_path, *rows))
    assert [line for line, _ in bad.value.rows] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert all(reason for _, reason in bad.value.rows)
    async with database.read() as session:
        assert await DirectoryStore(session).is_empty()


@pytest.mark.parametrize("content", ["", "a,b\n1,2", HEADER, HEADER + ",奇怪的列\n" + GOOD + ",x"])
async def test_a_file_that_is_no_directory_is_refused(database: Database, tmp_path: Path, content: str) -> None:
    made = tmp_path / "places.csv"
    made.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        await import_directory(database, GAZETTEER, made)


async def test_a_broken_workbook_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "places.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(BadInput):
        await import_directory(database, GAZETTEER, tmp_path / "places.xlsx")


async def test_sample_data_never_mixes_with_real(database: Database, tmp_path: Path) -> None:
    await import_directory(database, GAZETTEER, file(tmp_path, GOOD))
    with pytest.raises(Conflict):
        await load_sample_directory(database)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("北辰区集贤里街道附近的妇女之家", Outcome.FOUND),
        ("妇女之家在哪", Outcome.ASK_WHERE),  # no place yet
        ("三街社区附近", Outcome.ASK_WHICH),  # several
        ("北京朝阳区的妇女之家", Outcome.OUTSIDE),
        ("北辰区双街镇的律师", Outcome.NOTHING),  # nothing of that kind is registered
    ],
)
async def test_her_words_lead_to_places_or_to_one_question(
    database: Database, clock: Clock, keyring: Keyring, text: str, outcome: Outcome
) -> None:
    search = PlaceSearch(
        GAZETTEER, await directory(database, clock, place(1, 100)), SharedPoints(database, keyring, clock=clock)
    )
    assert (await search.find(PlaceRequest(text))).outcome is outcome
