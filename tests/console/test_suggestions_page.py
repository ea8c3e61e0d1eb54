"""Suggestions at the console and on the public page: filtered, answered, taken away and put in again, and nobody told of."""

import csv
import io
import re

import httpx
import pytest
from sqlalchemy import select

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.storage.conversations import Conversation
from bot.storage.suggestions import Suggestion
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import OTHER_TOWN, TOWN

LIST = "/console/suggestions"
EVIL = "<script>alert(1)</script>"


async def ask(room: CaseRoom, text: str, sender: str = "她", *, complaint: bool = False) -> str:
    await room.work.say("你好", sender=sender)
    async with room.work.database.read() as session:
        conversation = (await session.scalars(select(Conversation.public_id).order_by(Conversation.id.desc()))).first()
    services = room.app.ctx.services
    return (await services.suggestions.receive(conversation, text, complaint=complaint)).id


async def three(room: CaseRoom, role: Role = Role.SUPERVISOR) -> tuple[Desk, list[str]]:
    """甲 asks for a lamp in one town, 乙 for evenings in the other (promised), 丙 complains."""
    desk = await room.desk("张敏", role)
    found = [
        await ask(room, "甲的话：柳林街道装路灯", "甲"),
        await ask(room, f"乙的话：石桥街道晚上也开门{EVIL}", "乙"),
        await ask(room, "丙的话：柳林街道有人骂我", "丙", complaint=True),
    ]
    promise = {"words": "开到八点", "who": "石桥街道妇联", "due": "2026-11-24"}
    response = await desk.post(f"{LIST}/{found[1]}/promise", **promise)
    assert "提过的人会在对话里知道" in await desk.follow(response)
    room.work.clock.pass_by(days=1)
    return desk, found


def seen(page: str) -> str:
    return "".join(name for name in "甲乙丙" if f"{name}的话" in page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "甲乙丙"),
        ("?q=路灯", "甲"),
        ("?category=safety", "甲"),
        ("?status=promised", "乙"),
        ("?status=overdue", "乙"),
        ("?status=received", "甲丙"),
        ("?area=石桥街道", "乙"),
        ("?kind=complaint", "丙"),
        ("?kind=suggestion", "甲乙"),
        ("?q=%25", ""),  # a sign of the database's own
        ("?page=2", ""),
    ],
)
async def test_the_list_filters(room: CaseRoom, query: str, expected: str) -> None:
    desk, _ = await three(room)
    page = await desk.page(f"{LIST}{query}")
    assert seen(page) == expected
    assert "答应了没按时办的 1 件" in words(page)
    assert EVIL not in page


async def test_an_area_that_is_none_is_told(room: CaseRoom) -> None:
    desk, _ = await three(room)
    assert "没有找到“月亮街道”" in await desk.page(f"{LIST}?area=月亮街道", 400)


async def test_an_officer_of_another_town_does_not_get_there(room: CaseRoom) -> None:
    _, found = await three(room)
    desk = await room.desk("李红", Role.OFFICER, OTHER_TOWN)
    assert seen(await desk.page(LIST)) == "乙"
    await desk.page(f"{LIST}/{found[0]}", 404)
    assert (await desk.post(f"{LIST}/{found[0]}/done", words="办好了")).status_code == 404


async def test_an_officer_does_not_see_complaints(room: CaseRoom) -> None:
    desk, found = await three(room, Role.OFFICER)
    assert seen(await desk.page(LIST)) == "甲乙"
    assert seen(await desk.page(f"{LIST}?kind=complaint")) == ""
    await desk.page(f"{LIST}/{found[2]}", 404)


async def test_a_refused_act_changes_nothing_and_keeps_what_was_typed(room: CaseRoom) -> None:
    desk, found = await three(room)
    fields = {"words": "找13912345678", "who": "柳林街道妇联", "due": "2026-12-20"}
    response = await desk.post(f"{LIST}/{found[0]}/promise", **fields)
    assert response.status_code == 400
    assert "像有姓名、电话" in response.text
    assert "柳林街道妇联" in response.text
    response = await desk.post(f"{LIST}/{found[0]}/promise", words="装灯", who="妇联", due="明天")
    assert "日期没有看懂" in response.text
    assert (await desk.post(f"{LIST}/{found[0]}/sort", category="nowhere", area="")).status_code == 400


async def test_answered_it_is_over_and_stands_in_the_log(room: CaseRoom) -> None:
    desk, found = await three(room)
    await desk.follow(await desk.post(f"{LIST}/{found[0]}/publish", wording="柳林街道装路灯", shown="yes"))
    page = words(await desk.follow(await desk.post(f"{LIST}/{found[0]}/done", words="装了八盏灯")))
    assert "装了八盏灯" in page
    assert "登记办好" not in page
    assert (await desk.post(f"{LIST}/{found[0]}/decline", reason="不办了")).status_code == 409
    assert [deed.object_id for deed in await room.acts(Act.SUGGESTION_DONE)] == [found[0]]


async def test_what_is_put_elsewhere_leaves_her_list(room: CaseRoom) -> None:
    _, found = await three(room)
    desk = await room.desk("李红", Role.OFFICER, TOWN)
    response = await desk.post(f"{LIST}/{found[0]}/sort", category="hours", area="柳林街道", complaint="yes")
    assert response.headers["location"] == LIST
    assert seen(await desk.page(LIST)) == ""
    response = await desk.post(f"{LIST}/{found[0]}/sort", category="hours", area="石桥街道")
    assert response.status_code == 404


async def test_the_export_can_be_put_in_again(room: CaseRoom) -> None:
    desk, found = await three(room)
    await desk.post(f"{LIST}/{found[0]}/merge", other=found[1])
    await desk.post(f"{LIST}/{found[0]}/publish", wording="=装路灯", shown="yes")
    taken = await desk.client.get(f"{LIST}/export")
    rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert {row["公开的说法"] for row in rows} == {"", "'=装路灯"}
    assert "3 行" in (await room.acts(Act.EXPORTED))[0].reason
    same = await put_in(desk, taken.content)
    assert "3 条早就有了" in await desk.follow(same)
    async with room.work.database.write() as session:
        for row in (await session.scalars(select(Suggestion).order_by(Suggestion.id.desc()))).all():
            await session.delete(row)
    assert "导入了 3 条" in await desk.follow(await put_in(desk, taken.content))
    again = await desk.client.get(f"{LIST}/export")
    both = [sorted(csv.reader(io.StringIO(file.content.decode("utf-8-sig")))) for file in (taken, again)]
    assert both[0] == both[1]


async def test_a_bad_row_is_told_and_nothing_comes_in(room: CaseRoom) -> None:
    desk, _ = await three(room)
    response = await put_in(desk, "内容,地区\n好的一行,柳林街道\n坏的一行,月亮街道\n".encode())
    assert response.status_code == 400
    assert "月亮街道" in response.text
    assert "好的一行" not in await desk.page(LIST)


async def put_in(desk: Desk, content: bytes) -> httpx.Response:
    token = form_token(desk.client.cookies.get(COOKIE) or "")
    return await desk.client.post(f"{LIST}/import", data={FIELD: token}, files={"file": ("旧建议.csv", content)})


async def test_everybody_reads_what_was_asked_and_nothing_of_who_asked(room: CaseRoom) -> None:
    desk, found = await three(room)
    for number, wording in ((0, "柳林街道装路灯"), (1, "妇女之家晚上开门")):
        await desk.post(f"{LIST}/{found[number]}/publish", wording=wording, shown="yes")
    desk.client.cookies.clear()
    response = await desk.client.get("/suggestions")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    page = words(response.text)
    for told in ("柳林街道装路灯", "石桥街道妇联答应：开到八点", "已经过了日子", "少于5 人次", "公开的有 2 件"):
        assert told in page, told
    assert seen(page) == ""
    assert not re.search(r"<script|style=|\son\w+=", response.text)
    assert "装路灯" not in (await desk.client.get("/suggestions?category=hours")).text
    # A town is not on offer, and neither is anything that is written into the address.
    assert "装路灯" in (await desk.client.get(f"/suggestions?area={OTHER_TOWN}")).text
    assert EVIL not in (await desk.client.get("/suggestions", params={"area": EVIL})).text
    assert '"/suggestions"' in (await desk.client.get("/chat")).text
