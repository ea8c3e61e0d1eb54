"""The part under a case: tasks and return visits, her appointments, services near her, referrals and their sheet."""

import asyncio
import re
from datetime import timedelta
from html import escape

import pytest

from bot.domain.accounts import Role
from bot.domain.appointments import Actor
from bot.domain.audit import Act
from bot.domain.cases import OutsideBody, TaskKind
from bot.domain.errors import NotPossibleNow
from bot.services.case_papers import Referral
from bot.storage.appointments import Appointment, AppointmentEvent
from bot.storage.case_papers import CaseReferral, CaseTask
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import NOW, OTHER_TOWN

EVIL = "<script>alert(1)</script>"
TASK = {"kind": "return_visit", "text": "问她住得怎么样", "due": "2026-12-01", "key": "一张表"}
REFER = {"body": "legal_aid", "name": "某区法律援助中心（示例）", "facts": "要离婚，请安排律师", "contact": "13812345678",
         "consented": "1", "key": "一张表"}  # fmt: skip


def book(room: CaseRoom, at: str = "2026-11-25T09:00", **more: str) -> dict[str, str]:
    return {"to": f"{room.made.services['甲站 legal']}@{at}", "called": "李女士", "phone": "", "key": "一张表"} | more


async def refer(desk: Desk, path: str, **more: str) -> str:
    """Refer her → the way to the sheet."""
    assert (await desk.post(f"{path}/refer", **(REFER | more))).status_code == 303
    found = re.findall(rf"{path}/referrals/[^\"]+", await desk.page(f"{path}/papers"))
    return str(found[-1])


async def test_a_return_visit_is_set_shown_and_ticked_off(room: CaseRoom) -> None:
    desk, path = await room.taken()
    response = await desk.post(f"{path}/tasks/add", **TASK)
    assert response.headers["location"] == f"{path}?said=task#papers"
    page = words(await desk.page(f"{path}/papers?said=task"))
    assert "回访 12月1日 周二 问她住得怎么样 张敏" in page
    assert "到日子会出现在“待办”里" in page
    [task] = await room.work.rows(CaseTask)
    assert task.kind is TaskKind.RETURN_VISIT
    await desk.post(f"{path}/tasks/{task.public_id}/finish", result="住在娘家，都好")
    page = words(await desk.page(f"{path}/papers"))
    assert "已办 11月24日 周二 问她住得怎么样" in page
    assert "结果：住在娘家，都好" in page
    assert "办好了" not in page


async def test_the_case_page_shows_the_part(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = words(await desk.follow(await desk.post(f"{path}/tasks/add", **TASK)))
    assert "问她住得怎么样" in page
    assert "替她预约" in page


async def test_a_task_sent_twice_is_one_and_changed_it_is_another(room: CaseRoom) -> None:
    desk, path = await room.taken()
    answers = await asyncio.gather(*(desk.post(f"{path}/tasks/add", **TASK) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(await room.work.rows(CaseTask)) == 1
    await desk.post(f"{path}/tasks/add", **(TASK | {"text": "另一件"}))
    assert len(await room.work.rows(CaseTask)) == 2


async def test_a_referral_sent_twice_is_one(room: CaseRoom) -> None:
    desk, path = await room.taken()
    for _ in range(2):
        await refer(desk, path)
    assert len(await room.work.rows(CaseReferral)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "  "}, "请先写点什么"),
        ({"due": "2026-11-23"}, "请选今天或以后的日期"),  # yesterday
        ({"due": "下周"}, "日期没有看懂"),
        ({"kind": "else"}, "请选是跟进还是回访"),
        ({"text": "一" * 2001}, "最多 2000 个字"),
        ({"officer": "nobody"}, "看不到这个个案"),
    ],
)
async def test_a_refused_task_keeps_what_was_written(room: CaseRoom, wrong: dict[str, str], said: str) -> None:
    desk, path = await room.taken()
    response = await desk.post(f"{path}/tasks/add", **(TASK | wrong))
    assert response.status_code == 400
    assert said in response.text
    assert (TASK | wrong)["text"].strip() in response.text
    assert await room.work.rows(CaseTask) == []


async def test_a_supervisor_sets_it_on_anothers_list(room: CaseRoom) -> None:
    desk, path = await room.taken()
    head = await room.desk("王主任", Role.SUPERVISOR)
    page = await head.page(f"{path}/papers")
    assert f'<option value="{desk.officer.id}"' in page
    assert "task-officer" not in await desk.page(f"{path}/papers")
    await head.post(f"{path}/tasks/add", **(TASK | {"officer": desk.officer.id}))
    [task] = await room.work.rows(CaseTask)
    assert task.officer_id == desk.officer.id


async def test_what_is_written_is_never_part_of_the_page(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/tasks/add", **(TASK | {"text": f"{EVIL} 任务"}))
    sheet = await refer(desk, path, name=f"{EVIL} 单位", facts=f"{EVIL} 事", contact=f"{EVIL} 电话")
    [task] = await room.work.rows(CaseTask)
    await desk.post(f"{path}/tasks/{task.public_id}/finish", result=f"{EVIL} 结果")
    opened = (await desk.post(f"{sheet}/open", reason="打印转介单")).text
    for page in (await desk.page(f"{path}/papers"), await desk.page(path), await desk.page(sheet), opened):
        assert EVIL not in page
        assert escape(EVIL) in page


async def test_a_referral_needs_her_consent_unless_she_is_in_danger(room: CaseRoom) -> None:
    desk, path = await room.taken()
    response = await desk.post(f"{path}/refer", **(REFER | {"consented": ""}))
    assert response.status_code == 400
    assert "要先得到她本人同意" in response.text
    assert "要离婚，请安排律师" in response.text
    await room.work.say(NOW)
    await refer(desk, path, consented="", body="police")
    assert len(await room.work.rows(CaseReferral)) == 1


async def test_the_sheet_is_masked_until_it_is_opened_with_a_reason(room: CaseRoom) -> None:
    desk, path = await room.taken()
    sheet = await refer(desk, path)
    page = await desk.page(sheet)
    assert "某区法律援助中心（示例）" in page
    assert "13812345678" not in page
    assert "要离婚" not in page
    refused = await desk.post(f"{sheet}/open", reason="")
    assert (refused.status_code, "13812345678" in refused.text) == (400, False)
    opened = await desk.post(f"{sheet}/open", reason="打印转介单")
    assert opened.status_code == 200
    said = words(opened.text)
    for wanted in (
        "法律援助 某区法律援助中心（示例）",
        "要离婚，请安排律师",
        "13812345678",
        "本人同意转介",
        "回执",
        "区妇联 张敏",
    ):
        assert wanted in said
    assert "转人工" not in said  # nothing of the talk
    [deed] = await room.acts(Act.SEALED_OPENED)
    assert (deed.actor, deed.object_kind, deed.reason) == (desk.officer.id, "referral", "打印转介单")
    assert deed.source == "127.0.0.1"


async def test_a_sheet_asks_for_her_code_when_she_gave_none_lately(room: CaseRoom) -> None:
    desk, path = await room.taken()
    sheet = await refer(desk, path)
    assert 'name="code"' not in await desk.page(sheet)
    room.work.clock.pass_by(minutes=10)
    assert 'name="code"' in await desk.page(sheet)
    refused = await desk.post(f"{sheet}/open", reason="打印转介单")
    assert (refused.status_code, "13812345678" in refused.text) == (403, False)
    assert 'value="打印转介单"' in refused.text  # what she had written is still there
    assert await room.acts(Act.SEALED_OPENED) == []
    opened = await desk.post(f"{sheet}/open", reason="打印转介单", code=room.staffed.code(desk.login))
    assert (opened.status_code, "13812345678" in opened.text) == (200, True)


async def test_a_sheet_is_found_under_its_own_case_only(room: CaseRoom) -> None:
    desk, path = await room.taken()
    sheet = await refer(desk, path)
    name = sheet.rsplit("/", 1)[1]
    await room.work.say("转人工，我住柳林第一社区", sender="另一个")
    other = next(one for one in await room.work.seen(desk.officer) if not path.endswith(one.id))
    await desk.page(f"/console/cases/{other.id}/referrals/{name}", 404)
    response = await desk.post(f"/console/cases/{other.id}/referrals/{name}/open", reason="打印转介单")
    assert response.status_code == 404
    assert await room.acts(Act.SEALED_OPENED) == []


async def test_out_of_scope_nothing_is_there(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/tasks/add", **TASK)
    sheet = await refer(desk, path)
    [task] = await room.work.rows(CaseTask)
    stranger = await room.desk("别处的人", area=OTHER_TOWN)
    for address in (f"{path}/papers", sheet, f"{path}/book"):
        await stranger.page(address, 404)
    for address, fields in (
        (f"{path}/tasks/add", TASK), (f"{path}/tasks/{task.public_id}/finish", {}), (f"{path}/refer", REFER),
        (f"{sheet}/open", {"reason": "看看是谁"}), (f"{path}/book", book(room)),
        (f"/console/tasks/{task.public_id}/finish", {}),
    ):  # fmt: skip
        assert (await stranger.post(address, **fields)).status_code == 404, address
    assert (await room.work.rows(CaseTask))[0].done_at is None
    assert await room.work.rows(Appointment) == []
    assert await room.acts(Act.SEALED_OPENED) == []
    denied = await room.acts(Act.ACCESS_DENIED)
    assert {(deed.actor, deed.object_id) for deed in denied} == {(stranger.officer.id, path[15:])}


async def test_booking_for_her_takes_a_real_seat_in_her_own_conversation(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = words(await desk.page(f"{path}/book?kind=legal&day=2026-11-25"))
    assert "甲站" in page
    assert "示例" in page
    assert "09:00 09:45" in page
    read_back = await desk.page(f"{path}/book?to={book(room)['to']}")
    assert "11月25日（周三）09:00–09:40" in words(read_back)
    response = await desk.post(f"{path}/book", **book(room))
    assert response.headers["location"] == f"{path}?said=booked#papers"
    [row] = await room.work.rows(Appointment)
    assert row.conversation_id == (await room.work.case()).conversation_id
    [event] = await room.work.rows(AppointmentEvent)
    assert (event.actor, event.account) == (Actor.OFFICER, desk.officer.id)
    told = (await room.work.told_texts())[-1]
    assert "11月25日（周三）09:00" in told
    assert "甲站" not in told  # her phone may lie open
    hers = await room.made.appointments.coming(
        (await room.work.office.reading.case(path[15:], desk.officer)).conversation
    )
    assert [one.number for one in hers] == [row.number]
    shown = words(await desk.page(f"{path}/papers"))
    assert row.number in shown
    assert "不归您管的地方" in shown  # the place lies in another district: no way into its calendar
    taken = words(await desk.page(f"{path}/book?kind=legal&day=2026-11-25"))
    assert "甲站" in taken
    assert taken.count("09:00") == 1  # 乙站 still has it


async def test_who_keeps_the_calendar_finds_the_ways_into_it(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/book", **book(room))
    head = await room.desk("市里", Role.SUPERVISOR, "")
    [row] = await room.work.rows(Appointment)
    one = f"/console/calendar/{room.made.services['甲站 legal']}/appointments/{row.public_id}"
    page = await head.page(f"{path}/papers")
    assert f'href="{one}/move"' in page
    assert f'href="{one}/cancel"' in page
    assert "李女士" in await head.page(one)


async def test_a_booking_sent_twice_is_one_and_tells_her_once(room: CaseRoom) -> None:
    desk, path = await room.taken()
    before = len(await room.work.told())
    answers = await asyncio.gather(*(desk.post(f"{path}/book", **book(room)) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(await room.work.rows(Appointment)) == 1
    assert len(await room.work.told()) == before + 1


async def test_a_seat_that_went_meanwhile_is_said_and_others_are_offered(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/book", **book(room))
    response = await desk.post(
        f"{path}/book", **book(room, key="另一张", called="王女士", day="2026-11-25", kind="legal")
    )
    assert response.status_code == 409
    assert "刚刚被约走了" in response.text
    assert "09:45" in response.text
    page = await desk.client.get(f"{path}/book?to={book(room)['to']}")
    assert page.status_code == 409
    assert len(await room.work.rows(Appointment)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"called": ""}, "请写怎么称呼她"),
        ({"phone": "不告诉"}, "电话没有看懂"),
    ],
)
async def test_a_refused_booking_books_nothing(room: CaseRoom, wrong: dict[str, str], said: str) -> None:
    desk, path = await room.taken()
    response = await desk.post(f"{path}/book", **book(room, **wrong))
    assert response.status_code == 400
    assert said in response.text
    assert await room.work.rows(Appointment) == []


async def test_only_whoever_has_her_books_and_refers(room: CaseRoom) -> None:
    _, path = await room.taken()
    other = await room.desk("同事")
    assert (await other.post(f"{path}/book", **book(room))).status_code == 409
    assert (await other.post(f"{path}/refer", **REFER)).status_code == 409
    page = words(await other.page(f"{path}/papers"))
    assert "接单以后可以替她预约" in page
    assert "接单以后可以转介" in page
    assert await room.work.rows(Appointment) == []


async def test_a_full_day_offers_the_next_hours(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = words(await desk.page(f"{path}/book?kind=legal&day=2026-11-29"))  # a Sunday
    assert "这天没有空位" in page
    assert "最近的空位" in page
    assert "11月30日（周一）09:00 甲站" in page


async def test_services_near_her_say_where_and_whether_they_are_open(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = words(await desk.page(f"{path}/papers"))
    near = page[page.index("离她近的服务") : page.rindex("转介到别的单位")]
    assert "甲站 法律服务 示例 现在开着 （示例地址）甲站" in near
    assert "丙站 心理服务" in near
    room.work.clock.pass_by(hours=10)
    assert "现在没开" in await desk.page(f"{path}/papers")


async def test_her_own_note_of_a_task_never_reaches_her(room: CaseRoom) -> None:
    desk, path = await room.taken()
    before = await room.work.told_texts()
    await desk.post(f"{path}/tasks/add", **TASK)
    await refer(desk, path)
    assert await room.work.told_texts() == before


async def test_a_finished_case_is_still_looked_after(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/close", outcome="advised")
    await desk.post(f"{path}/tasks/add", **(TASK | {"due": f"{room.work.clock() + timedelta(days=30):%Y-%m-%d}"}))
    page = words(await desk.page(f"{path}/papers"))
    assert "12月24日" in page
    referral = Referral(OutsideBody.COURT, "某法院（示例）", "立案", consented=True)
    with pytest.raises(NotPossibleNow):
        await room.work.office.papers.refer(path[15:], desk.officer, referral)
