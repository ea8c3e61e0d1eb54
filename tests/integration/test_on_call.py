"""On-call hours: somebody answers the telephone while the door is shut. They are told as that, and never as opening hours."""

from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.errors import BadRows
from bot.services.directory import PlaceQuery
from bot.services.directory_import import import_directory
from bot.services.hsds import Hsds
from bot.services.place_search import PlaceAnswer, PlaceRequest, PlaceSearch
from bot.services.shared_points import SharedPoints
from bot.storage.database import Database
from bot.storage.directory import Location, ScheduleRow, ServiceAtLocation
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.test_directory import GAZETTEER, GOOD, HEADER, HOME, directory, place

NUMBER = "022-00000000"


def on_call(number: int, east_m: float, begins: int = 17, ends: int = 21, days: str = "0123456") -> Location:
    """Open from nine to five from Monday to Friday; then somebody answers the telephone."""
    made = place(number, east_m)
    made.services[0].on_call_phone = NUMBER
    made.services[0].schedules.append(
        ScheduleRow(byday=days, opens_at=time(begins), closes_at=time(ends % 24), on_call=True)
    )
    return made


async def asked(database: Database, clock: Clock, keyring: Keyring, text: str, *places: Location) -> PlaceAnswer:
    search = PlaceSearch(
        GAZETTEER, await directory(database, clock, *places), SharedPoints(database, keyring, clock=clock)
    )
    return await search.find(PlaceRequest(f"北辰区集贤里街道附近的妇女之家，{text}"))


@pytest.mark.parametrize(
    ("hours", "open_now", "on_call_now", "words"),
    [
        (0, True, False, f"今天 17:00–21:00 有人值班，电话 {NUMBER}"),  # ten in the morning: told for later, not as now
        (8, False, True, f"今天 17:00–21:00 有人值班，电话 {NUMBER}"),  # six in the evening
        (12, False, False, ""),  # ten at night: over for today
    ],
)
async def test_the_card_tells_who_answers_apart_from_when_it_is_open(
    database: Database, clock: Clock, hours: int, open_now: bool, on_call_now: bool, words: str
) -> None:
    places = await directory(database, clock, on_call(1, 100))
    clock.pass_by(hours=hours)
    [card] = (await places.nearest(PlaceQuery(HOME))).places
    assert (card.open_now, card.on_call_now, card.on_call) == (open_now, on_call_now, words)
    assert "21:00" not in card.hours_today


async def test_hours_past_midnight_are_still_the_evening_before(database: Database, clock: Clock) -> None:
    places = await directory(database, clock, on_call(1, 100, begins=20, ends=2, days="1"))
    clock.pass_by(hours=15)  # one at night, on Wednesday
    [card] = (await places.nearest(PlaceQuery(HOME))).places
    assert card.on_call == f"现在有人值班，电话 {NUMBER}"
    assert card.on_call_now


@pytest.mark.parametrize(
    ("text", "hours", "names", "relaxed"),
    [
        ("现在还有人值班吗", 9, ["2号"], ()),  # she asks for who is on call
        ("现在打电话有人接吗", 9, ["2号"], ()),
        ("现在还开着吗", 9, ["2号"], ("door",)),  # she asks for an open door: this is not one, and that is said
        ("现在还开着吗", 0, ["1号", "2号"], ()),
        ("周日上午能去吗", 0, ["1号", "2号"], ("hours",)),  # nobody at all on Sunday morning
        ("现在还有人值班吗", 13, ["1号", "2号"], ("hours",)),  # eleven at night
    ],
)
async def test_who_answers_is_found_when_no_door_is_open(
    database: Database,
    clock: Clock,
    keyring: Keyring,
    text: str,
    hours: int,
    names: list[str],
    relaxed: tuple[str, ...],
) -> None:
    clock.pass_by(hours=hours)
    answer = await asked(database, clock, keyring, text, place(1, 100), on_call(2, 200))
    assert ([card.name for card in answer.places], answer.relaxed) == (names, relaxed)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("有晚上开的吗", ["2号"]),
        ("下班以后能去的", ["2号"]),
        ("晚上八点还开着的", ["2号"]),
        ("晚上十点还开着的", ["1号", "2号", "3号"]),  # none: all are shown, and it is said
        ("周末能去吗", ["3号"]),
        ("星期天有人吗", ["1号", "2号", "3号"]),  # 3号 is open on Saturday only
        ("周六下午三点能去吗", ["3号"]),
        ("明天上午能去吗", ["1号", "2号", "3号"]),
        ("昨天晚上他又打我，哪里有", ["1号", "2号", "3号"]),  # the evening is told of, not asked for
    ],
)
async def test_what_she_says_of_the_hour_is_looked_for(
    database: Database, clock: Clock, keyring: Keyring, text: str, names: list[str]
) -> None:
    saturday = place(3, 300)
    saturday.services[0].schedules.append(ScheduleRow(byday="5", opens_at=time(9), closes_at=time(16)))
    answer = await asked(database, clock, keyring, text, place(1, 100), place(2, 200, closes=21), saturday)
    assert [card.name for card in answer.places] == names
    if len(names) == 1:
        assert answer.relaxed == ()
        assert "平常 周一至周五" in answer.places[0].hours_today  # today's hours alone would not answer her


async def imported(database: Database, tmp_path: Path, **cells: str) -> ServiceAtLocation:
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | cells
    file = tmp_path / "places.csv"
    file.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    await import_directory(database, GAZETTEER, file)
    async with database.read() as session:
        return (await session.scalars(select(ServiceAtLocation))).one()


async def test_on_call_hours_are_imported_beside_opening_hours(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    service = await imported(database, tmp_path, 值班时间="每天 17:30-21:00", 值班电话=NUMBER, 节假日值班="是")
    assert (service.on_call_phone, service.on_call_on_holidays, service.open_on_holidays) == (NUMBER, True, False)
    async with database.read() as session:
        rows = {(row.on_call, row.byday) for row in await session.scalars(select(ScheduleRow))}
    assert rows == {(False, "01234"), (True, "0123456")}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"值班时间": "每天 17:30-21:00", "电话": ""}, "就要写“值班电话”或“电话”"),  # nobody could be rung up
        ({"值班电话": NUMBER}, "就要写“值班时间”"),
        ({"值班时间": "晚上"}, "看不懂"),
        ({"值班时间": "每天 17:30-21:00", "值班电话": "问门卫"}, "“值班电话”看不懂"),
    ],
)
async def test_on_call_hours_that_help_nobody_are_refused(
    database: Database, tmp_path: Path, cells: dict[str, str], words: str
) -> None:
    with pytest.raises(BadRows) as refused:
        await imported(database, tmp_path, **cells)
    assert words in str(refused.value.rows)


async def test_other_systems_get_a_telephone_and_no_opening_hours_of_it(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    await imported(database, tmp_path, 值班时间="每天 17:30-21:00", 值班电话=NUMBER)
    [place] = (await Hsds(database, GAZETTEER).directory()).at_locations.values()
    assert [(one["opens_at"], one["closes_at"]) for one in place["schedules"]] == [("09:00+08:00", "17:00+08:00")]
    [phone] = place["phones"]
    assert phone["number"] == NUMBER
    assert phone["description"] == "值班电话，不是开门时间：每天 17:30–21:00。法定节假日不值班。"
