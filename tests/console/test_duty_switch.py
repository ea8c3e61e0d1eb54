"""The switch 在岗 in the head of every page: on, off, who else is there, and when nobody says any more that she is."""

import pytest

from bot.domain.accounts import Role
from tests.console.caseroom import CaseRoom, words
from tests.integration.casework import CITY, COMMUNITY, HERE, OTHER_TOWN, TOWN

QUEUE = "/console/cases"


async def test_the_switch_is_on_every_page_and_says_who_else_is_there(room: CaseRoom) -> None:
    desk = await room.desk("张敏", area=TOWN, there=False)
    for name, area in (("孙梅", COMMUNITY), ("周总", CITY), ("别街", OTHER_TOWN)):
        await room.desk(name, area=area)
    for path in (QUEUE, f"{QUEUE}/new", "/console/account"):
        page = words(await desk.page(path))
        assert "离岗 改为在岗" in page, path
        assert "同时在岗 2 人" in page
        assert "孙梅 北河区 柳林街道 柳林第一社区居委会" in page
        assert "别街" not in page
    page = await desk.follow(await desk.post("/console/duty/on", back=f"{QUEUE}?tab=mine"))
    assert "在岗 改为离岗" in words(page)
    assert "您手里没有个案" in page
    page = await desk.follow(await desk.post("/console/duty/off", back=QUEUE))
    assert "离岗 改为在岗" in words(page)


async def test_coming_on_duty_is_asked_at_once_what_waits(room: CaseRoom) -> None:
    desk = await room.desk("张敏", there=False)
    await room.work.say(HERE)
    page = await desk.follow(await desk.post("/console/duty/on", back=QUEUE))
    assert "1 个个案等您接" in words(page)
    assert "正在问您" in words(page)


async def test_without_signs_of_life_she_is_off_and_a_forgotten_page_puts_nobody_back(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    for _ in range(3):
        room.work.clock.pass_by(seconds=60)
        assert (await desk.post("/console/duty/here")).json() == {"there": True}
    room.work.clock.pass_by(seconds=121)
    assert "离岗 改为在岗" in words(await desk.page(QUEUE))
    assert (await desk.post("/console/duty/here")).json() == {"there": False}
    assert "离岗 改为在岗" in words(await desk.page(QUEUE))


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/console/",
        "//evil.example/console/",
        "/console//evil.example",
        "/console/\\evil.example",
        "/chat",
        "",
        "/console/cases\r\nSet-Cookie: a=b",
    ],
)
async def test_the_switch_leads_to_no_other_site(room: CaseRoom, back: str) -> None:
    desk = await room.desk("张敏")
    response = await desk.post("/console/duty/off", back=back)
    assert (response.status_code, response.headers["location"]) == (303, QUEUE)


async def test_who_takes_no_cases_has_no_switch(room: CaseRoom) -> None:
    desk = await room.desk("钱进", Role.AUDITOR, there=False)
    assert "在岗" not in await desk.page("/console/account")
    assert (await desk.post("/console/duty/on")).status_code == 404
