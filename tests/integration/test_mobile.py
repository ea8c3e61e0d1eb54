"""Mobile service: the next stops near her, who is told of them and when, routes planned, changed, cancelled and put in."""

import asyncio
import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.console.spreadsheet import cell
from bot.domain.accounts import Role
from bot.domain.errors import BadInput, BadRows, Conflict, NotFound
from bot.domain.geography import Point
from bot.domain.mobile import StopFilter, StopStatus, UnitKind
from bot.language.places import Gazetteer
from bot.services.mobile_routes import PlannedStop, UnitWish, few_words
from bot.services.mobile_sheets import COLUMNS, sheet_rows
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.sample_directory import PLACES
from bot.services.sample_mobile import load_sample_mobile
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.mobile import MobileNotice, MobileSubscription
from bot.storage.records import Record
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import local
from tests.integration.reminding import FORBIDDEN
from tests.integration.travelling import BUS, OTHER_TOWN, TOWN, Travelling, stop_at

EVERYTHING = StopFilter()
HERE = PlaceRequest("流动服务车哪天来北辰区集贤里街道")
TOWN_CODE, SHUANGJIE = "120113002000", "120113102"
"""集贤里, of which only its district's middle is known, and 双街, of which its own is."""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
def made(database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> Travelling:
    return Travelling(database, keyring, gazetteer, clock)


async def subscribed(made: Travelling, place: str = TOWN_CODE, channel: str = "web", sender: str = "她") -> str:
    conversation = await made.conversation(channel, sender)
    await made.mobile.subscribe(conversation, place)
    return conversation


async def rows_of(made: Travelling, table: type[Record]) -> int:
    async with made.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_the_stops_of_her_town_come_first_by_date_then_the_others(made: Travelling) -> None:
    await made.plan("2026-11-28 09:00", place="晚的")
    await made.plan("2026-11-26 09:00", place="早的")
    await made.plan("2026-11-25 09:00", area=OTHER_TOWN, place="别处的")
    answer = await made.mobile.find(await made.conversation(), HERE)
    assert (answer.outcome, answer.place) == (Outcome.FOUND, TOWN_CODE)
    assert [(stop.place, stop.near) for stop in answer.stops] == [("早的", True), ("晚的", True), ("别处的", False)]


async def test_no_distance_is_told_that_nobody_knows(made: Travelling, gazetteer: Gazetteer) -> None:
    """The middle of most towns is that of their district: 0 metres from one to the next would be a lie."""
    await made.plan("2026-11-26 09:00", area=OTHER_TOWN)
    await made.plan("2026-11-27 09:00", area=SHUANGJIE)
    by_town = await made.mobile.find(await made.conversation(), HERE)
    assert [stop.distance_m for stop in by_town.stops] == [None, None]
    middle, _ = gazetteer.point_of(SHUANGJIE + "000")
    found = await made.mobile.next_stops(middle)
    assert next((stop.distance_m, stop.near, stop.approximate) for stop in found) == (0, True, True)


async def test_what_is_over_cancelled_or_of_another_kind_is_not_shown(made: Travelling) -> None:
    await made.plan("2026-11-24 07:00", place="过了的")
    off = await made.plan("2026-11-25 09:00", place="取消的")
    await made.routes.cancel(made.officer(), off, "车坏了")
    await made.plan("2026-11-24 09:00", place="正停着的")
    clinic = UnitWish("", "大夫", UnitKind.CLINIC, "", "120113")
    await made.plan("2026-11-26 09:00", place="义诊的", unit=clinic)
    conversation = await made.conversation()
    answer = await made.mobile.find(conversation, HERE)
    assert [stop.place for stop in answer.stops] == ["正停着的", "义诊的"]
    asked = PlaceRequest("集贤里街道的义诊哪天", remembered_place="")
    assert [stop.place for stop in (await made.mobile.find(conversation, asked)).stops] == ["义诊的"]


@pytest.mark.parametrize(
    ("request_", "outcome"),
    [
        (PlaceRequest("流动服务车哪天来"), Outcome.ASK_WHERE),  # nothing named, nothing remembered
        (PlaceRequest("车哪天来", remembered_place=TOWN_CODE), Outcome.NOTHING),  # remembered, but nothing planned
        (PlaceRequest("石家庄的流动车哪天来"), Outcome.OUTSIDE),  # not our area
        (PlaceRequest("", shared_point="gone"), Outcome.ASK_WHERE),  # her point was used or is old
    ],
)
async def test_what_is_missing_is_asked_for(made: Travelling, request_: PlaceRequest, outcome: Outcome) -> None:
    assert (await made.mobile.find(await made.conversation(), request_)).outcome is outcome


async def test_she_is_told_a_day_before_once_in_words_that_tell_nobody_else_anything(made: Travelling) -> None:
    await subscribed(made)
    await made.plan("2026-11-27 09:00")
    assert await made.mobile.tell_due() == 0
    made.at("2026-11-26 09:30")
    assert sum(await asyncio.gather(*(made.mobile.tell_due() for _ in range(3)))) == 1
    assert await made.mobile.tell_due() == 0
    [words] = await made.told()
    assert "11月27日（周五）09:00" in words
    assert not any(secret in words for secret in (*FORBIDDEN, "流动", "车", "社区"))


async def test_nobody_is_told_at_night(made: Travelling) -> None:
    await subscribed(made)
    await made.plan("2026-11-26 08:30")
    made.at("2026-11-25 22:00")
    assert await made.mobile.tell_due() == 0
    made.at("2026-11-26 08:00")
    assert await made.mobile.tell_due() == 1


async def test_only_who_lives_near_is_told(made: Travelling) -> None:
    await subscribed(made, OTHER_TOWN + "000")
    await subscribed(made, "120113000000", sender="全区")
    await made.plan("2026-11-25 09:00")
    assert await made.mobile.tell_due() == 1  # who named the whole district


async def test_within_five_kilometres_it_does_not_matter_whose_town_it_is(
    made: Travelling, gazetteer: Gazetteer
) -> None:
    await subscribed(made, SHUANGJIE + "000")
    middle, _ = gazetteer.point_of(SHUANGJIE + "000")
    near, far = (Point(middle.latitude + degrees, middle.longitude) for degrees in (0.04, 0.05))
    for at, point in enumerate((near, far)):
        begins = local(f"2026-11-25 {9 + 2 * at:02d}:00")
        stop = PlannedStop("120113101", f"{at}号", begins, begins + timedelta(hours=1), point)
        await made.routes.plan(made.officer(), BUS, [stop])
    assert await made.mobile.tell_due() == 1
    assert "09:00" in (await made.told())[0]


async def test_who_was_told_hears_of_a_move_and_of_a_cancellation_and_nobody_else_does(made: Travelling) -> None:
    await subscribed(made)
    stop = await made.plan("2026-11-25 09:00")
    await made.mobile.tell_due()
    await subscribed(made, OTHER_TOWN + "000", sender="别处")
    await made.routes.change(made.officer(), stop, stop_at("2026-11-25 13:00"), "下雨，下午来")
    assert await made.mobile.tell_due() == 1
    await made.routes.change(made.officer(), stop, stop_at("2026-11-25 13:00", place="屋里"), "改到屋里")
    assert await made.mobile.tell_due() == 1
    await made.routes.cancel(made.officer(), stop, "车坏了")
    assert await made.mobile.tell_due() == 1
    assert await made.mobile.tell_due() == 0
    _, moved, placed, cancelled = await made.told()
    assert "改时间了，现在是 11月25日（周三）13:00" in moved
    assert "换了地方" in placed
    assert "取消了" in cancelled
    for words in (moved, placed, cancelled):
        assert not any(secret in words for secret in (*FORBIDDEN, "流动", "车坏", "屋里"))


async def test_she_may_stop_it_and_it_stops_by_itself_after_ninety_days(made: Travelling) -> None:
    conversation = await subscribed(made)
    assert await made.mobile.unsubscribe(conversation)
    assert not await made.mobile.unsubscribe(conversation)
    await made.plan("2026-11-25 09:00")
    assert await made.mobile.tell_due() == 0
    await made.mobile.subscribe(conversation, TOWN_CODE)
    made.clock.pass_by(days=91)
    await made.plan("2027-02-24 09:00", place="后来的")
    assert await made.mobile.tell_due() == 0
    assert await made.mobile.wish(conversation) is None


async def test_another_place_takes_the_place_of_the_one_before(made: Travelling) -> None:
    conversation = await subscribed(made)
    await made.mobile.subscribe(conversation, SHUANGJIE + "000")
    wish = await made.mobile.wish(conversation)
    assert wish is not None
    assert wish.place == SHUANGJIE + "000"
    assert await rows_of(made, MobileSubscription) == 1


async def test_her_wish_and_what_she_was_told_go_with_her_conversation(made: Travelling) -> None:
    await subscribed(made)
    await made.plan("2026-11-25 09:00")
    await made.mobile.tell_due()
    assert await rows_of(made, MobileNotice) == 1
    async with made.database.write() as session:
        await session.delete(await session.scalar(select(Conversation)))
    assert await rows_of(made, MobileSubscription) + await rows_of(made, MobileNotice) == 0


async def test_a_unit_is_at_one_place_at_a_time_and_a_route_goes_in_whole_or_not_at_all(made: Travelling) -> None:
    await made.plan("2026-11-26 09:00")
    route = [stop_at("2026-11-27 09:00"), stop_at("2026-11-26 09:00", OTHER_TOWN)]
    with pytest.raises(Conflict, match="撞上"):
        await made.routes.plan(made.officer(), BUS, route)
    assert len(await made.routes.page(made.officer(), EVERYTHING)) == 1


@pytest.mark.parametrize(
    "stop",
    [
        stop_at("2026-11-26 09:00", "120115"),  # outside her branch
        stop_at("2026-11-26 09:00", place=""),  # no place
        stop_at("2026-11-26 09:00", hours=0),  # ends when it begins
    ],
)
async def test_a_stop_that_cannot_be_is_refused(made: Travelling, stop: PlannedStop) -> None:
    with pytest.raises(BadInput):
        await made.routes.plan(made.officer(), BUS, [stop])


async def test_an_officer_sees_and_changes_her_own_branch_only(made: Travelling) -> None:
    stop = await made.plan("2026-11-26 09:00")
    neighbour = made.officer("120115")
    assert await made.routes.page(neighbour, EVERYTHING) == []
    for act in (
        made.routes.one(neighbour, stop),
        made.routes.cancel(neighbour, stop, "试试"),
        made.routes.change(neighbour, stop, stop_at("2026-11-26 13:00", "120115"), ""),
        made.routes.page(made.officer(role=Role.REVIEWER), EVERYTHING),
    ):
        with pytest.raises(NotFound):
            await act


async def test_what_is_cancelled_or_over_is_history(made: Travelling) -> None:
    off, over = await made.plan("2026-11-26 09:00"), await made.plan("2026-11-24 07:00")
    await made.routes.cancel(made.officer(), off, "车坏了")
    for stop in (off, over):
        with pytest.raises(Conflict):
            await made.routes.cancel(made.officer(), stop, "再来")
    with pytest.raises(BadInput, match="为什么取消"):
        await made.routes.cancel(made.officer(), await made.plan("2026-11-28 09:00"), " ")


def exported(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


async def test_what_is_exported_can_be_put_in_again(made: Travelling) -> None:
    await made.plan("2026-11-26 09:00", place="=门口")
    begins = local("2026-11-27 09:00")
    point = Point(39.2234, 117.1234)
    stop = PlannedStop(TOWN, "有点的", begins, begins + timedelta(hours=2), point)
    await made.routes.plan(made.officer(), BUS, [stop])
    off = await made.plan("2026-11-28 09:00", place="取消的")
    await made.routes.cancel(made.officer(), off, "车坏了")
    before = await made.routes.page(made.officer(), EVERYTHING)
    file = exported(sheet_rows(before))
    assert await made.sheets.put_in(made.officer(), "a.csv", file) == (0, 3)
    assert await made.routes.page(made.officer(), EVERYTHING) == before


async def test_a_changed_row_is_a_change_that_women_hear_of(made: Travelling) -> None:
    await subscribed(made)
    await made.plan("2026-11-25 09:00")
    await made.mobile.tell_due()
    file = exported(sheet_rows(await made.routes.page(made.officer(), EVERYTHING)))
    changed = file.decode().replace("09:00,11:00", "14:00,16:00").encode()
    assert await made.sheets.put_in(made.officer(), "a.csv", changed) == (0, 1)
    assert await made.mobile.tell_due() == 1
    assert "14:00" in (await made.told())[1]


async def test_every_bad_row_is_told_and_nothing_goes_in(made: Travelling) -> None:
    good = ("", "二号车", "", "", "", "2026-11-26", "9:00", "11:00", "北辰区 集贤里街道", "门口", *[""] * 6)
    bad = [
        ("", "二号车", "飞机", *good[3:]),  # no such kind
        (*good[:5], "后天", *good[6:]),  # no day
        (*good[:8], "滨海新区", *good[9:]),  # not hers
        (*good[:13], "取消", "", ""),  # cancelled without a reason
        ("", "流动服务车（示例）", *good[2:]),  # sample data is nothing to put in
    ]
    with pytest.raises(BadRows) as refused:
        await made.sheets.put_in(made.officer(), "a.csv", exported([good, *bad]))
    assert [line for line, _ in refused.value.rows] == [3, 4, 5, 6, 7]
    assert await made.routes.page(made.officer(), EVERYTHING) == []
    assert await made.sheets.put_in(made.officer(), "a.csv", exported([good])) == (1, 0)


async def test_sample_routes_say_so_and_go_when_real_ones_come(made: Travelling) -> None:
    count = await load_sample_mobile(made.database, made.gazetteer, clock=made.clock, zone="Asia/Shanghai")
    assert count > 300
    shown = await made.mobile.find(await made.conversation(), HERE)
    assert all(stop.synthetic and "示例" in stop.unit and "示例" in stop.place for stop in shown.stops)
    assert await made.routes.units(made.officer()) == []  # nothing real is planned with them
    good = ("", "二号车", "", "", "", "2026-11-26", "9:00", "11:00", "集贤里街道", "门口", *[""] * 6)
    await made.sheets.put_in(made.officer(), "a.csv", exported([good]))
    assert [one.unit for one in await made.routes.page(made.officer(""), EVERYTHING)] == ["二号车"]
    assert await load_sample_mobile(made.database, made.gazetteer, clock=made.clock, zone="Asia/Shanghai") == 0


async def test_a_real_route_takes_the_place_of_the_sample_ones(made: Travelling) -> None:
    await load_sample_mobile(made.database, made.gazetteer, clock=made.clock, zone="Asia/Shanghai")
    await made.plan("2026-11-26 09:00")
    assert [one.unit for one in await made.routes.page(made.officer(""), EVERYTHING)] == ["一号车"]


async def test_the_figures_are_of_her_branch_and_few_women_are_not_counted_out(made: Travelling) -> None:
    await made.plan("2026-11-26 09:00")
    off = await made.plan("2026-11-27 09:00")
    await made.routes.cancel(made.officer(), off, "车坏了")
    await subscribed(made)
    counts, told = await made.routes.figures(made.officer())
    assert (counts.units, counts.stops, counts.cancelled, told) == (1, 2, 1, "少于5")
    counts, told = await made.routes.figures(made.officer("120115"))
    assert (counts.stops, told) == (0, "0")
    assert few_words(5) == "5"


async def test_filters_narrow_the_list(made: Travelling) -> None:
    await made.plan("2026-11-26 09:00", place="甲门口")
    off = await made.plan("2026-11-28 09:00", area=OTHER_TOWN, place="乙门口")
    await made.routes.cancel(made.officer(), off, "车坏了")
    for wanted in (
        StopFilter(words="乙"), StopFilter(status=StopStatus.CANCELLED), StopFilter(area=OTHER_TOWN),
        StopFilter(first=local("2026-11-27 00:00").date()),
    ):  # fmt: skip
        assert [one.place for one in await made.routes.page(made.officer(), wanted)] == ["乙门口"]
    assert await made.routes.page(made.officer(), StopFilter(kind=UnitKind.CLASS)) == []
