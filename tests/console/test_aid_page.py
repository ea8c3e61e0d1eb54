"""救助申请: the checklist under a case, and the list of all of them; filtered, taken away as a file, masked."""

import csv
import io
import re

import pytest

from bot.domain.accounts import Role
from bot.domain.aid import AidStatus
from bot.domain.audit import Act
from bot.storage.aid import AidApplication, AidItem
from bot.storage.conversations import Conversation
from tests.console.caseroom import CaseRoom, Desk, part, words
from tests.integration.casework import OTHER_TOWN

EVIL = "<script>alert(1)</script>"


async def applied(room: CaseRoom, programme: str = "dibao") -> tuple[Desk, str, str]:
    """(an officer's desk, the address of the case, the application) of a woman who applied by talk."""
    desk = await room.desk("张敏")
    await room.work.say("我住柳林街道，日子过不下去了")
    [conversation] = await room.work.rows(Conversation)
    told = await room.work.office.aid.apply(conversation.public_id, programme, ("identity",))
    return desk, f"/console/cases/{(await room.work.case()).public_id}", told.id


async def test_the_case_shows_what_is_there_and_what_is_missing(room: CaseRoom) -> None:
    desk, path, _ = await applied(room)
    shown = words(part(await desk.page(path), "aid"))
    assert "最低生活保障（低保） 在备材料" in shown
    assert "身份证 她说有" in shown
    assert "收入的材料 还缺" in shown


async def test_ticking_and_settling_tells_her(room: CaseRoom) -> None:
    desk, path, application = await applied(room)
    page = await desk.follow(await desk.post(f"{path}/aid/{application}/check", seen="household"))
    assert "户口本 看过了" in words(part(page, "aid"))
    assert "身份证 她说有" in words(part(page, "aid"))  # not looked at yet: still what she said
    page = await desk.follow(await desk.post(f"{path}/aid/{application}/move", to="submitted"))
    assert "有消息了" in words(page)
    assert "没批" in words(part(page, "aid"))
    refused = await desk.post(f"{path}/aid/{application}/move", to="refused", reason="")
    assert refused.status_code == 400
    assert "没批要写清为什么" in words(refused.text)
    await desk.post(f"{path}/aid/{application}/move", to="refused", reason="收入超过标准")
    assert "低保" not in (await room.work.told_texts())[-1]
    [deed] = [deed for deed in await room.acts(Act.AID_MOVED) if deed.reason == "refused"]
    assert deed.object_id == application


async def test_a_tick_that_is_taken_away_is_missing_again(room: CaseRoom) -> None:
    desk, path, application = await applied(room, "temporary")
    await desk.post(f"{path}/aid/{application}/check", seen="identity")
    await desk.post(f"{path}/aid/{application}/check")
    assert [item.state.value for item in await room.work.rows(AidItem)] == ["missing", "missing"]


async def test_what_was_typed_comes_back_with_what_was_wrong(room: CaseRoom) -> None:
    desk, path, application = await applied(room)
    refused = await desk.post(f"{path}/aid/{application}/move", to="nonsense", reason=EVIL)
    assert refused.status_code == 400
    assert "请选一个进展" in words(refused.text)
    assert EVIL not in refused.text
    assert "&lt;script&gt;" in refused.text


async def test_an_officer_starts_one_for_her(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = await desk.follow(await desk.post(f"{path}/aid/start", programme="school"))
    assert "教育救助（助学） 在备材料" in words(part(page, "aid"))
    assert "教育救助" not in words(part(page, "aid").split("替她申请一项")[1])  # it is under way
    assert (await desk.post(f"{path}/aid/start", programme="gold")).status_code == 400
    assert len(await room.work.rows(AidApplication)) == 1


async def test_the_list_is_filtered(room: CaseRoom) -> None:
    desk, path, application = await applied(room)
    await room.work.office.aid_desk.move(path.split("/")[-1], desk.officer, application, AidStatus.GRANTED)
    await desk.post(f"{path}/aid/start", programme="school")
    page = await desk.page("/console/aid")
    names = re.findall(r"<b>([^<]+)</b>", page.split("people")[-1])
    assert names == ["教育救助（助学）", "最低生活保障（低保）"]
    assert "低保 少于5 件（批了 少于5）" in words(page)
    assert "教育救助（助学）" not in await desk.page("/console/aid?status=granted")
    assert "<b>最低生活保障" not in await desk.page("/console/aid?status=open")
    assert "<b>最低生活保障" not in await desk.page("/console/aid?programme=school")
    assert "没有找到" in words(await desk.page("/console/aid?area=石桥街道"))
    assert "没有找到“月亮”" in words(await desk.page("/console/aid?area=月亮", status=400))


async def test_the_list_as_a_file(room: CaseRoom) -> None:
    desk, path, application = await applied(room)
    await room.work.office.aid_desk.move(
        path.split("/")[-1], desk.officer, application, AidStatus.REFUSED, "=1+1 材料不全"
    )  # fmt: skip
    boss = await room.desk("王芳", Role.SUPERVISOR)
    response = await boss.client.get("/console/aid/export")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows == [
        {
            "项目": "最低生活保障（低保）", "状态": "没批", "地区": "北河区 柳林街道", "申请日期": "2026-11-24", "递交日期": "",
            "结果日期": "2026-11-24", "还缺的材料": "户口本、收入的材料、说明困难的材料", "为什么、下一步": "'=1+1 材料不全",
            "负责人": "",
        }
    ]  # fmt: skip
    assert [deed.reason for deed in await room.acts(Act.EXPORTED)] == ["救助申请，1 行"]


@pytest.mark.parametrize("act", ["check", "move"])
async def test_somebody_elsewhere_finds_nothing(room: CaseRoom, act: str) -> None:
    _, path, application = await applied(room)
    other = await room.desk("李", area=OTHER_TOWN)
    assert "<b>最低" not in await other.page("/console/aid")
    response = await other.post(f"{path}/aid/{application}/{act}", to="granted", seen="identity")
    assert response.status_code == 404
    assert (await other.post(f"{path}/aid/start", programme="school")).status_code == 404
    [row] = await room.work.rows(AidApplication)
    assert row.status is AidStatus.COLLECTING


async def test_a_question_for_an_expert_has_a_name_of_its_own_in_the_queue(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    question = "我在柳林街道，大棚黄瓜叶子发黄怎么办"
    await room.work.say(question)
    [conversation] = await room.work.rows(Conversation)
    await room.work.office.experts.ask(conversation.public_id, question)
    assert "专家解答" in words(await desk.page("/console/cases"))
    case = (await room.work.case()).public_id
    page = await desk.page(f"/console/cases/{case}")
    assert "黄瓜叶子发黄" in words(page)
    assert f'href="/console/volunteers/calls/new?case={case}"' in part(page, "experts")
    assert "没有特长对得上的专家" in words(part(page, "experts"))


async def test_whom_a_question_could_go_to_and_went_to_stands_under_it(room: CaseRoom) -> None:
    desk, volunteers = await room.desk("张敏"), room.app.ctx.services.volunteers
    question = "我在柳林街道，大棚种的黄瓜叶子发黄怎么办"
    await room.work.say(question)
    [conversation] = await room.work.rows(Conversation)
    await room.work.office.experts.ask(conversation.public_id, question)
    case = (await room.work.case()).public_id
    await volunteers.calls.make(desk.officer, await volunteers.calls.question_of(case, desk.officer))
    shown = words(part(await desk.page(f"/console/cases/{case}"), "experts"))
    assert "问过专家" in shown
    assert "答应了 0 位" in shown


async def test_a_case_that_is_no_question_for_an_expert_has_no_such_part(room: CaseRoom) -> None:
    desk, path = await room.taken()
    assert 'id="experts"' not in await desk.page(path)
