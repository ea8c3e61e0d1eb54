"""The pages of forgetting: what is kept how long, and the legal hold of a case."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.services.holds import Holds
from bot.services.retention import Retention
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.console.conftest import Office, words
from tests.integration.forgetting import TIMES, World

DISTRICT, ELSEWHERE = "120113", "120105"


@pytest.fixture
async def world(office: Office, database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[World]:
    """The same database, with a talk in it; the console knows the services that these pages ask."""
    made = World(database, keyring, clock)
    services = office.app.ctx.services
    services.retention = Retention(database, made.engine, services.audit, clock=clock, times=TIMES)
    services.holds = Holds(database, services.audit, clock=clock)
    yield made
    await made.close()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
async def test_auditors_and_whoever_manages_accounts_see_what_is_kept_how_long(
    office: Office, world: World, role: Role
) -> None:
    await world.work.say("你好")
    world.clock.pass_by(days=200)
    await world.retention.run_due()
    await office.enter(role)
    page = await office.page("/console/retention")
    told = words(page)
    for expected in ("聊天原文", "180 天", "个案", "1095 天", "操作记录：只追加", "对话引擎里的工作副本", "10 分钟"):
        assert expected in told, expected
    assert "遮过" in told
    assert 'aria-current="page">保留期限' in page.replace("\n", "")
    assert "没有登记" not in told


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER])
async def test_nobody_else_does_and_the_audit_log_says_so(office: Office, world: World, role: Role) -> None:
    await office.enter(role)
    await office.page("/console/retention", status=404)
    assert [deed.object_id for deed in await office.acts(Act.ACCESS_DENIED)] == ["console/retention"]


async def test_an_engine_that_is_down_is_told_as_not_known(office: Office, world: World) -> None:
    world.engine.down = True
    await office.enter(Role.AUDITOR)
    assert "不知道" in await office.page("/console/retention")


async def test_a_supervisor_holds_and_lifts_with_reasons(office: Office, world: World) -> None:
    _, case = await world.work.taken()
    await office.enter(Role.SUPERVISOR, DISTRICT)
    path = f"/console/cases/{case}/hold"
    assert "现在没有保全" in await office.page(path)
    refused = await office.post(path, reason="因")
    assert (refused.status_code, "请写明理由" in refused.text, ">因</textarea>" in refused.text) == (400, True, True)
    page = await office.follow(await office.post(path, reason="法院来函要求保全"))
    assert "已经保全" in page
    assert "法院来函要求保全" in page
    assert (await office.post(path, reason="再来一次")).status_code == 409
    page = await office.follow(await office.post(f"{path}/lift", reason="法院不再需要"))
    assert "现在没有保全" in page
    assert [deed.object_id for deed in await office.acts(Act.HOLD_SET)] == [case]
    assert [deed.reason for deed in await office.acts(Act.HOLD_LIFTED)] == ["法院不再需要"]


async def test_an_officer_sees_the_hold_and_cannot_set_it(office: Office, world: World) -> None:
    _, case = await world.work.taken()
    await office.enter(Role.OFFICER, DISTRICT)
    page = await office.page(f"/console/cases/{case}/hold")
    assert "由负责人来做" in page
    assert "<textarea" not in page
    assert (await office.post(f"/console/cases/{case}/hold", reason="法院来函要求保全")).status_code == 404
    assert await office.acts(Act.HOLD_SET) == []


async def test_a_case_elsewhere_has_no_such_page(office: Office, world: World) -> None:
    _, case = await world.work.taken()
    await office.enter(Role.SUPERVISOR, ELSEWHERE)
    await office.page(f"/console/cases/{case}/hold", status=404)
    assert (await office.post(f"/console/cases/{case}/hold", reason="法院来函要求保全")).status_code == 404
    await office.page("/console/cases/nobody/hold", status=404)
