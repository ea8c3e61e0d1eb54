"""The lists of volunteers that offices keep: brought in whole or not at all, in the place of sample rows."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import BadRows
from bot.domain.volunteers import (
    MatchStatus,
    VolunteerFilter,
)
from bot.language.places import Gazetteer
from bot.services.sample_volunteers import CALLS, ROWS, load_sample_volunteers
from bot.services.volunteer_calls import Answered
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerCall
from tests.conftest import Clock
from tests.integration.casework import DIVISIONS
from tests.integration.helping import PHONE, Helping, helping_over

ANY = VolunteerFilter()


@pytest.fixture
async def helping(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Helping]:
    async with helping_over(database, keyring, clock) as made:
        yield made


HEAD = "类型,特长,地区,时间,状态,服务小时,联系电话\n"


async def test_an_office_brings_its_own_list(helping: Helping) -> None:
    gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
    database, clock = helping.world.database, helping.world.clock
    assert await load_sample_volunteers(database, gazetteer, clock=clock, zone="Asia/Shanghai") == len(ROWS)
    assert len(await helping.world.work.rows(VolunteerCall)) == len(CALLS)
    officer = await helping.officer()
    content = f"{HEAD}女科技专家,种植、养殖,柳林街道,工作日白天,已接纳,12.5,{PHONE}\n".encode()
    assert await helping.volunteers.sheets.put_in(officer, "名单.csv", content) == (1, 0)
    [one] = await helping.volunteers.desk.page(officer, ANY)
    assert (one.hours, one.in_chat, one.has_contact, one.synthetic) == ("12.5 小时", False, True, False)
    call = await helping.call(officer, need="看看果树", skills=("planting",))
    assert await helping.volunteers.calls.ask(call, [one.id], officer) == (1, 1)
    match = (await helping.match()).public_id
    assert await helping.volunteers.calls.answer_for(match, officer, comes=True) is Answered.COMES
    assert (await helping.match()).status is MatchStatus.ACCEPTED
    assert await load_sample_volunteers(database, gazetteer, clock=clock, zone="Asia/Shanghai") == 0


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("义工,种植,柳林街道,,,,", "“类型”请写"),
        ("女科技专家,飞行,柳林街道,,,,", "没有“飞行”这项特长"),
        ("女科技专家,,柳林街道,,,,", "“特长”不能空"),
        ("女科技专家,种植,月亮街道,,,,", "月亮街道"),
        ("女科技专家,种植,柳林街道,半夜,,,", "“半夜”看不懂"),
        ("女科技专家,种植,柳林街道,,走了,,", "“状态”请写"),
        ("女科技专家,种植,柳林街道,,,很多,", "“服务小时”"),
        ("女科技专家,种植,柳林街道,,,,李小明", "“联系电话”"),
    ],
)
async def test_a_bad_row_is_told_and_nobody_comes_in(helping: Helping, row: str, why: str) -> None:
    content = f"{HEAD}女科技专家,种植,柳林街道,,,,\n{row}\n".encode()
    with pytest.raises(BadRows) as told:
        await helping.volunteers.sheets.put_in(await helping.officer(), "名单.csv", content)
    [(line, reason)] = told.value.rows
    assert line == 3
    assert why in reason
    assert await helping.world.work.rows(Volunteer) == []
