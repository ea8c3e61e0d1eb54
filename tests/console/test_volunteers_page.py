"""Volunteers and calls at the console: filtered, taken in, asked, hours, files that go round; nobody's name or telephone."""

import csv
import io
import re

import httpx
import pytest
from sqlalchemy import select

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.volunteers import Draft, FreeTime, VolunteerKind
from bot.storage.conversations import Conversation
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerMatch
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import OTHER_TOWN, TOWN

LIST, CALLS = "/console/volunteers", "/console/volunteers/calls"
EVIL = "<script>alert(1)</script>"
PHONE = "13800001234"
VOLUNTEER, EXPERT, MENTOR = VolunteerKind


async def sign_up(room: CaseRoom, sender: str, draft: Draft) -> str:
    await room.work.say("你好", sender=sender)
    async with room.work.database.read() as session:
        conversation = (await session.scalars(select(Conversation.public_id).order_by(Conversation.id.desc()))).first()
    volunteers = room.app.ctx.services.volunteers
    await volunteers.apply(conversation, draft)
    await volunteers.keep_contact(conversation, PHONE)
    return (await room.work.rows(Volunteer))[-1].public_id


async def three(room: CaseRoom, role: Role = Role.SUPERVISOR) -> tuple[Desk, list[str]]:
    """A companion in one town (taken in), a farmer's expert in the other (taken in), a mentor who waits."""
    desk = await room.desk("张敏", role)
    found = [
        await sign_up(room, "甲", Draft(VOLUNTEER, ("company",), TOWN, (FreeTime.WEEKEND,))),
        await sign_up(room, "乙", Draft(EXPERT, ("planting",), OTHER_TOWN)),
        await sign_up(room, "丙", Draft(MENTOR, ("startup",), TOWN)),
    ]
    for one in found[:2]:
        assert "接纳了" in await desk.follow(await desk.post(f"{LIST}/{one}/accept"))
    return desk, found


async def called(desk: Desk, **more: str) -> str:
    """The path of a new call."""
    fields = {"need": "陪独居老人说说话", "area": "柳林街道", "skills": "company", "wanted": "1"} | more
    response = await desk.post(f"{CALLS}/new", **fields)
    assert response.status_code == 303, words(response.text)
    return response.headers["location"].partition("?")[0]


def seen(page: str, found: list[str]) -> str:
    return "".join(name for name, one in zip("甲乙丙", found, strict=True) if f"{LIST}/{one}" in page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "甲乙丙"),
        ("?kind=expert", "乙"),
        ("?skill=company", "甲"),
        ("?skill=comp", ""),  # a code is found whole
        ("?area=石桥街道", "乙"),
        ("?status=applied", "丙"),
        ("?status=left", ""),
        ("?skill=%25", ""),  # a sign of the database's own
        ("?page=2", ""),
    ],
)
async def test_the_list_filters(room: CaseRoom, query: str, expected: str) -> None:
    desk, found = await three(room)
    page = await desk.page(f"{LIST}{query}")
    assert seen(page, found) == expected
    assert "少于5" in words(page)
    assert PHONE not in page


async def test_a_place_that_is_none_is_told(room: CaseRoom) -> None:
    desk, _ = await three(room)
    assert "没有找到“月亮街道”" in await desk.page(f"{LIST}?area=月亮街道", 400)
    assert "没有找到“月亮街道”" in await desk.page(f"{CALLS}?area=月亮街道", 400)


async def test_an_officer_of_another_town_does_not_get_there(room: CaseRoom) -> None:
    first, found = await three(room)
    path = await called(first)
    desk = await room.desk("李红", Role.OFFICER, OTHER_TOWN)
    assert seen(await desk.page(LIST), found) == "乙"
    await desk.page(f"{LIST}/{found[0]}", 404)
    for act in ("accept", "pause", "end", "contact"):
        assert (await desk.post(f"{LIST}/{found[0]}/{act}")).status_code == 404
    await desk.page(path, 404)
    assert (await desk.post(f"{path}/close")).status_code == 404
    assert "陪独居老人" not in await desk.page(CALLS)


async def test_her_telephone_is_seen_on_demand_and_the_log_says_so(room: CaseRoom) -> None:
    desk, found = await three(room)
    assert PHONE not in await desk.page(f"{LIST}/{found[0]}")
    response = await desk.post(f"{LIST}/{found[0]}/contact")
    assert response.status_code == 200
    assert PHONE in response.text
    assert [deed.object_id for deed in await room.acts(Act.PHONE_SEEN)] == [found[0]]


async def test_paused_resumed_and_ended(room: CaseRoom) -> None:
    desk, found = await three(room)
    assert "暂停了" in await desk.follow(await desk.post(f"{LIST}/{found[0]}/pause"))
    assert (await desk.post(f"{LIST}/{found[0]}/pause")).status_code == 409
    assert "恢复了" in await desk.follow(await desk.post(f"{LIST}/{found[0]}/resume"))
    assert "已退出" in words(await desk.follow(await desk.post(f"{LIST}/{found[0]}/end")))
    assert seen(await desk.page(LIST), found) == "乙丙"
    assert len(await room.acts(Act.VOLUNTEER_ENDED)) == 1


async def test_from_a_call_to_the_hours(room: CaseRoom) -> None:
    desk, found = await three(room)
    path = await called(desk, day="2026-11-28", time="10:00")
    page = words(await desk.page(path))
    assert "特长对得上：陪伴聊天；就在这一带；时间合适" in page
    assert found[1][:6] not in page
    assert "请先勾上" in (await desk.post(f"{path}/ask")).text
    assert "问了 1 位" in await desk.follow(await desk.post(f"{path}/ask", volunteers=found[0]))
    match = (await room.work.rows(VolunteerMatch))[0].public_id
    assert "她来" in await desk.follow(await desk.post(f"{path}/answer", match=match, comes="yes"))
    assert "告诉了 1 位" in await desk.follow(await desk.post(f"{path}/tell", words="九点半门口碰头"))
    response = await desk.post(f"{path}/hours", match=match, hours="两个")
    assert response.status_code == 400
    assert "请写数字" in response.text
    assert "2.5 小时" in words(await desk.follow(await desk.post(f"{path}/hours", match=match, hours="2.5")))
    assert "服务 2.5 小时" in words(await desk.page(LIST))
    assert "结束了" in words(await desk.follow(await desk.post(f"{path}/close")))
    assert (await desk.post(f"{path}/close")).status_code == 409
    assert [deed.act for deed in await room.acts(Act.VOLUNTEER_HOURS_RECORDED)] == [Act.VOLUNTEER_HOURS_RECORDED]


async def test_a_refused_call_keeps_what_was_typed(room: CaseRoom) -> None:
    desk, _ = await three(room)
    fields = {"need": f"搬家，找13912345678{EVIL}", "area": "柳林街道", "skills": "driving", "wanted": "3"}
    response = await desk.post(f"{CALLS}/new", **fields)
    assert response.status_code == 400
    assert "像有姓名、电话" in response.text
    assert "搬家，找13912345678" in response.text
    assert EVIL not in response.text
    assert re.search(r'value="driving" checked', response.text)
    assert await room.work.rows(VolunteerCall) == []


async def test_a_question_of_a_case_is_put_to_an_expert(room: CaseRoom) -> None:
    desk, found = await three(room)
    services = room.app.ctx.services
    async with room.work.database.read() as session:
        conversation = (await session.scalars(select(Conversation.public_id).order_by(Conversation.id))).first()
    asked = await services.office.experts.ask(conversation, "大棚黄瓜叶子发黄，我叫李小明", place=f"{TOWN}000")
    page = await desk.page(f"{CALLS}/new?case={asked.case}")
    assert "大棚黄瓜叶子发黄" in page
    assert "李小明" not in page
    assert re.search(r'value="planting" checked', page)
    path = await called(desk, need="大棚黄瓜叶子发黄", skills="planting", kind="expert", case=asked.case)
    assert found[1][:6] in words(await desk.page(path))
    assert "黄瓜" not in await desk.page(CALLS)
    await desk.page(f"{CALLS}/new?case=nowhere", 404)


async def test_the_export_of_volunteers_can_be_put_in_again(room: CaseRoom) -> None:
    desk, _ = await three(room)
    await round_trip(room, desk, LIST, Volunteer, 3)


async def test_the_export_of_calls_can_be_put_in_again(room: CaseRoom) -> None:
    desk, _ = await three(room)
    await called(desk, day="2026-11-28", time="10:00")
    await called(desk, need="=搬桌子", wanted="4", kind="volunteer")
    await round_trip(room, desk, CALLS, VolunteerCall, 2)


async def round_trip(room: CaseRoom, desk: Desk, path: str, table: type, count: int) -> None:
    """Taken away, put in where all is there, put in where nothing is, taken away again."""
    taken = await desk.client.get(f"{path}/export")
    assert len(list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))) == count
    assert PHONE not in taken.text
    assert f"{count} 条早就有了" in await desk.follow(await put_in(desk, path, taken.content))
    async with room.work.database.write() as session:
        for row in (await session.scalars(select(table))).all():
            await session.delete(row)
    assert f"导入了 {count} 条" in await desk.follow(await put_in(desk, path, taken.content))
    again = await desk.client.get(f"{path}/export")
    both = [sorted(csv.reader(io.StringIO(file.content.decode("utf-8-sig")))) for file in (taken, again)]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (LIST, "类型,特长,地区\n女科技专家,种植,柳林街道\n女科技专家,种植,月亮街道\n"),
        (CALLS, "要帮的忙,地区\n搬桌子,柳林街道\n搬椅子,月亮街道\n"),
    ],
)
async def test_a_bad_row_is_told_and_nothing_comes_in(room: CaseRoom, path: str, content: str) -> None:
    desk = await room.desk("张敏", Role.SUPERVISOR)
    response = await put_in(desk, path, content.encode())
    assert response.status_code == 400
    assert "月亮街道" in response.text
    assert await room.work.rows(Volunteer) == []
    assert await room.work.rows(VolunteerCall) == []


async def put_in(desk: Desk, path: str, content: bytes) -> httpx.Response:
    token = form_token(desk.client.cookies.get(COOKIE) or "")
    return await desk.client.post(f"{path}/import", data={FIELD: token}, files={"file": ("名单.csv", content)})
