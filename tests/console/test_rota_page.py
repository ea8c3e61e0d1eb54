"""值班: a week of every office, one office's weeks, set and copied, stand-ins and swaps, who is there, as a file."""

import csv
import io
from datetime import date, timedelta

import pytest

from bot.domain.accounts import Officer, Role
from bot.storage.rota import DutyWeek
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import COMMUNITY, DISTRICT, OTHER_TOWN, TOWN

THIS, NEXT, THIRD = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)
OFFICE = f"/console/rota/office?office={DISTRICT}"
EVIL = "<script>alert(1)</script>"


def main(page: str) -> str:
    """The page without what stands above every page."""
    return page[page.index("<main") :]


async def staffed(room: CaseRoom) -> tuple[Desk, Desk, Officer]:
    """The keeper, an officer and a third who all work at the district."""
    head, desk = await room.desk("王主任", Role.SUPERVISOR), await room.desk("张敏")
    return head, desk, await room.work.hire("李红", DISTRICT, there=False)


async def put(head: Desk, week: date, *officers: Officer, office: str = DISTRICT):
    chosen = {f"who{at}": one.id for at, one in enumerate(officers)}
    return await head.post("/console/rota/set", office=office, week=THIS.isoformat(), of=week.isoformat(), **chosen)


async def turns(room: CaseRoom, by: Officer, office: str = DISTRICT) -> list[tuple[date, int, str]]:
    return [(turn.week, turn.rank, turn.name) for turn in await room.work.office.rota.weeks(by, office, THIS, 12)]


async def turn(room: CaseRoom, week: date, officer: Officer) -> str:
    rows = await room.work.rows(DutyWeek)
    return next(row.public_id for row in rows if row.week == week and row.officer_id == officer.id)


async def test_a_week_is_set_and_seen_by_the_officers(room: CaseRoom) -> None:
    head, desk, third = await staffed(room)
    page = await head.follow(await put(head, THIS, desk.officer, third))
    assert "排好了" in page
    shown = words(await desk.page("/console/rota"))
    assert "11月23日 周一 到 11月29日 周日 本周" in shown
    assert "北河区 区妇联 值班 张敏 在岗 替班 1 李红" in shown
    assert "现在在岗：张敏、王主任" in shown or "现在在岗：王主任、张敏" in shown
    assert "没有排班" in words(await desk.page(f"/console/rota?week={NEXT}"))
    cleared = await head.follow(await put(head, THIS))
    assert "这一周不排班" in cleared
    assert await turns(room, head.officer) == []


async def test_only_whoever_keeps_the_rota_sets_it(room: CaseRoom) -> None:
    head, desk, _ = await staffed(room)
    assert (await put(desk, THIS, desk.officer)).status_code == 404
    response = await desk.post("/console/rota/copy", office=DISTRICT, week=str(THIS), of=str(THIS), count="1")
    assert response.status_code == 404
    assert "排这一周" not in await desk.page(OFFICE)
    assert "排这一周" in await head.page(OFFICE)
    assert await turns(room, head.officer) == []


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (("张敏", "张敏"), "一个人只能排一次"),
        (("镇上的人",), "只能排本单位"),  # she works elsewhere
    ],
)
async def test_a_week_that_cannot_be_is_refused(room: CaseRoom, who: tuple[str, ...], said: str) -> None:
    head, desk, _ = await staffed(room)
    people = {"张敏": desk.officer, "镇上的人": await room.work.hire("镇上的人", TOWN)}
    response = await put(head, THIS, *(people[name] for name in who))
    assert response.status_code == 400
    assert said in response.text
    assert await turns(room, head.officer) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [(THIS, "张李"), (NEXT, "李"), (THIRD, "张李")]),  # a week that has a rota stays
        ({"over": "1"}, [(THIS, "张李"), (NEXT, "张李"), (THIRD, "张李")]),
        ({"in_turn": "1", "over": "1"}, [(THIS, "张李"), (NEXT, "李张"), (THIRD, "张李")]),  # by turns
    ],
)
async def test_a_week_is_copied_to_those_that_follow(
    room: CaseRoom, more: dict[str, str], expected: list[tuple[date, str]]
) -> None:
    head, desk, third = await staffed(room)
    await put(head, THIS, desk.officer, third)
    await put(head, NEXT, third)
    response = await head.post(
        "/console/rota/copy", office=DISTRICT, week=str(THIS), of=str(THIS), count="2", **more
    )  # fmt: skip
    page = words(await head.follow(response))
    assert ("排好了 2 周" if "over" in more else "排好了 1 周。另有 1 周已经排过，没有动。") in page
    found: dict[date, str] = {}
    for week, _, name in await turns(room, head.officer):
        found[week] = found.get(week, "") + name[0]
    assert list(found.items()) == expected


async def test_an_empty_week_cannot_be_copied(room: CaseRoom) -> None:
    head, *_ = await staffed(room)
    response = await head.post("/console/rota/copy", office=DISTRICT, week=str(THIS), of=str(THIS), count="2")
    assert (response.status_code, "没有可以复制的" in response.text) == (400, True)


async def test_she_gives_her_own_week_away_and_no_other(room: CaseRoom) -> None:
    head, desk, third = await staffed(room)
    await put(head, NEXT, desk.officer)
    await put(head, THIRD, third)
    fields = {"office": DISTRICT, "week": str(THIS)}
    others = await turn(room, THIRD, third)
    response = await desk.post(f"/console/rota/turns/{others}/stand-in", **fields, officer=desk.officer.id)
    assert response.status_code == 404
    mine = await turn(room, NEXT, desk.officer)
    page = words(await desk.follow(await desk.post(f"/console/rota/turns/{mine}/stand-in", **fields, officer=third.id)))
    assert "已换成替班的人" in page
    assert "李红 （替 张敏）" in page
    assert (NEXT, 0, "李红") in await turns(room, head.officer)


async def test_two_swap_their_weeks(room: CaseRoom) -> None:
    head, desk, third = await staffed(room)
    await put(head, NEXT, desk.officer)
    await put(head, THIRD, third)
    fields, mine = {"office": DISTRICT, "week": str(THIS)}, await turn(room, NEXT, desk.officer)
    swapping = f"/console/rota/turns/{mine}/swap"
    response = await desk.post(swapping, **fields, other=await turn(room, THIRD, third))
    assert "已经对换" in await desk.follow(response)
    assert await turns(room, head.officer) == [(NEXT, 0, "李红"), (THIRD, 0, "张敏")]
    assert (await desk.post(swapping, **fields, other=mine)).status_code == 400


async def test_out_of_her_branch_nothing_is_there(room: CaseRoom) -> None:
    head, desk, _ = await staffed(room)
    await put(head, THIS, desk.officer)
    far = await room.desk("镇主任", Role.SUPERVISOR, OTHER_TOWN)
    await far.page(OFFICE, 404)
    await far.page("/console/rota/office?office=nonsense", 404)
    assert "张敏" not in main(await far.page("/console/rota"))
    assert (await put(far, THIS, far.officer)).status_code == 404
    mine = await turn(room, THIS, desk.officer)
    response = await far.post(f"/console/rota/turns/{mine}/stand-in", office=DISTRICT, officer=far.officer.id)
    assert response.status_code == 404
    assert await turns(room, head.officer) == [(THIS, 0, "张敏")]


async def test_offices_are_found_by_level_and_name(room: CaseRoom) -> None:
    head, *_ = await staffed(room)
    await room.work.hire("镇上的人", TOWN)
    await room.work.hire("社区的人", COMMUNITY)
    page = words(main(await head.page("/console/rota")))
    assert [name in page for name in ("北河区 区妇联", "柳林街道 街道", "柳林第一社区居委会 社区")] == [True] * 3
    page = main(await head.page("/console/rota?level=community"))
    assert ("镇上的人" in page, "社区的人" in page) == (False, True)
    assert "社区的人" in await head.page("/console/rota?q=柳林第一")
    assert "没有找到" in await head.page("/console/rota?q=没有的")


async def test_names_are_never_part_of_the_page(room: CaseRoom) -> None:
    head, _, _ = await staffed(room)
    evil = await room.work.hire(EVIL, DISTRICT)
    await put(head, THIS, evil)
    for address in ("/console/rota", OFFICE, "/console/tasks", "/console/people"):
        assert EVIL not in await head.page(address)


async def test_the_file_holds_half_a_year(room: CaseRoom) -> None:
    head, desk, third = await staffed(room)
    formula = await room.work.hire("=1+1", DISTRICT)
    await put(head, THIS, desk.officer, formula)
    await put(head, THIS + timedelta(weeks=25), third)
    await put(head, THIS + timedelta(weeks=26), third)
    response = await desk.client.get("/console/rota/export")
    header, *rows = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert header == ["周一", "单位", "顺位", "谁", "原来是谁"]
    assert rows == [
        ["2026-11-23", "北河区 区妇联", "值班", "张敏", ""],
        ["2026-11-23", "北河区 区妇联", "替班 1", "'=1+1", ""],
        ["2027-05-17", "北河区 区妇联", "值班", "李红", ""],
    ]


async def test_a_past_week_is_shown_and_not_changed(room: CaseRoom) -> None:
    head, desk, _ = await staffed(room)
    await put(head, THIS, desk.officer)
    room.work.clock.pass_by(days=14)
    page = await head.page(f"{OFFICE}&week={THIS}")
    assert "张敏" in page
    before_next = page[page.index("11月23日") : page.index("11月30日 周一 –")]
    assert "改这一周" not in before_next
    assert "换人" not in before_next
