"""Every act on a case through its form: what it does, who may, what a second press does, and that no word typed is lost."""

import asyncio
import re

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.cases import CaseStatus
from bot.domain.messages import Author
from bot.services.canned_answers import canned_answers
from bot.storage.case_papers import CaseNote
from bot.storage.cases import Case
from bot.storage.conversations import OutboundMessage
from tests.console.caseroom import CaseRoom, part, words
from tests.integration.casework import COMMUNITY, OTHER_TOWN, TOWN

ACTS: dict[str, dict[str, str]] = {
    "take": {},
    "decline": {"reason": "在开会"},
    "reply": {"text": "您好", "key": "1"},
    "transfer": {"to": "x", "reason": "她熟悉"},
    "level": {"level": "town", "reason": "需要"},
    "release": {"reason": "要出门"},
    "give-back": {},
    "close": {"outcome": "resolved"},
    "reopen": {},
    "note": {"note": "记一笔"},
    "correct": {"level": "red", "topic": "work", "may_call": "no", "safe_to_write": "no"},
    "open": {"reason": "核对地址以便出警"},
}


async def state(room: CaseRoom) -> tuple[object, ...]:
    """All that an act could have changed."""
    case = await room.work.case()
    return (
        case.status, case.officer_id, case.level, case.topic, case.need, case.closed_at, await room.work.owner(),
        await room.work.count(CaseNote), await room.work.count(OutboundMessage), tuple(await room.work.acts()),
    )  # fmt: skip


async def test_taking_answering_and_closing(room: CaseRoom) -> None:
    desk, path = await room.asked()
    page = await desk.follow(await desk.post(f"{path}/take"))
    assert "您接了这个个案" in words(page)
    page = await desk.follow(await desk.post(f"{path}/reply", text="您好，\r\n我是妇联的。", key="1"))
    assert "我是妇联的。" in part(page, "talk")
    last = (await room.work.told())[-1]
    assert (last.author, last.reply.text) == (Author.OFFICER, "您好，\n我是妇联的。")
    page = await desk.follow(await desk.post(f"{path}/close", outcome="advised"))
    assert "已解答" in words(part(page, "head"))
    assert "已经结案" in words(part(page, "reply"))
    assert "帮到您了吗" in (await room.work.told_texts())[-1]


async def test_a_reply_sent_twice_arrives_once_and_that_is_said(room: CaseRoom) -> None:
    desk, path = await room.taken()
    for said in ("已发给她", "没有再发一次"):
        await room.work.talk.listens("web", "main", "她")
        page = await desk.follow(await desk.post(f"{path}/reply", text="您好", key="same form"))
        assert said in words(page)
    assert (await room.work.told_texts()).count("您好") == 1


async def test_another_text_from_the_same_form_is_another_reply(room: CaseRoom) -> None:
    """The browser's own back button brings the old form again; what she then writes must not vanish."""
    desk, path = await room.taken()
    for text in ("您好", "还有一件事"):
        await desk.post(f"{path}/reply", text=text, key="same form")
    assert (await room.work.told_texts())[-2:] == ["您好", "还有一件事"]


async def test_each_page_has_a_key_of_its_own_and_a_form_without_one_is_refused(room: CaseRoom) -> None:
    desk, path = await room.taken()
    keys = {re.findall(r'name="key" value="([^"]+)"', part(await desk.page(path), "reply"))[0] for _ in range(3)}
    assert len(keys) == 3
    assert (await desk.post(f"{path}/reply", text="您好")).status_code == 403
    assert "您好" not in await room.work.told_texts()


async def test_who_came_too_late_sees_who_has_it_and_keeps_her_words(room: CaseRoom) -> None:
    first, path = await room.asked()
    late = await room.desk("李红")
    await first.post(f"{path}/take")
    response = await late.post(f"{path}/take")
    assert response.status_code == 409
    assert "张敏已经接了这个个案" in words(response.text)
    response = await late.post(f"{path}/reply", text="我写了很久的话 <b>", key="form 7")
    assert response.status_code == 409
    reply = part(response.text, "reply")
    assert "张敏已经接了这个个案" in reply
    assert "没有发出去，您写的还在下面" in reply
    assert ">\n我写了很久的话 &lt;b&gt;</textarea>" in reply
    assert 'name="key" value="form 7"' in reply
    assert await room.work.told_texts() == [t for t in await room.work.told_texts() if "我写了" not in t]


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("长" * 2001, 413, "一次最多 2000 个字"),
        ("  \r\n ", 400, "请先写点什么"),
    ],
)
async def test_what_cannot_be_sent_comes_back_whole(room: CaseRoom, text: str, status: int, why: str) -> None:
    desk, path = await room.taken()
    response = await desk.post(f"{path}/reply", text=text, key="1")
    assert response.status_code == status
    reply = part(response.text, "reply")
    assert why in reply
    assert f">\n{text.strip()}</textarea>" in reply


async def test_two_thousand_characters_on_many_lines_may_be_sent(room: CaseRoom) -> None:
    """A browser sends two characters for the end of a line; she sees and counts one."""
    desk, path = await room.taken()
    text = "\r\n".join(["字" * 99] * 20)
    assert (await desk.post(f"{path}/reply", text=text, key="1")).status_code == 303
    assert (await room.work.told_texts())[-1] == text.replace("\r\n", "\n")


async def test_a_case_that_was_closed_meanwhile_takes_no_reply_and_keeps_it(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/close", outcome="resolved")
    before = await room.work.told_texts()
    response = await desk.post(f"{path}/reply", text="还有一句", key="1")
    assert response.status_code == 409
    assert ">\n还有一句</textarea>" in part(response.text, "reply")
    assert await room.work.told_texts() == before
    page = await desk.follow(await desk.post(f"{path}/reopen"))
    assert "由您负责" in words(page)
    await desk.post(f"{path}/reply", text="还有一句", key="1")
    assert (await room.work.told_texts())[-1] == "还有一句"


async def test_when_she_ruled_the_officer_out_meanwhile_the_words_come_back_on_a_page_of_their_own(
    room: CaseRoom,
) -> None:
    desk, path = await room.taken()
    await room.work.say("别让姓张的管我的事")
    response = await desk.post(f"{path}/reply", text="我写了很久", key="1")
    assert response.status_code == 404
    assert "我写了很久" in response.text
    assert "转人工" not in response.text
    assert "我写了很久" not in await room.work.told_texts()


async def test_one_act_of_two_desks_at_once_is_done_once(room: CaseRoom) -> None:
    first, path = await room.asked()
    second = await room.desk("李红")
    answers = await asyncio.gather(first.post(f"{path}/take"), second.post(f"{path}/take"))
    assert sorted(answer.status_code for answer in answers) == [303, 409]


async def test_declining_asks_the_next(room: CaseRoom) -> None:
    desk, path = await room.asked()
    await room.desk("李红")
    page = await desk.follow(await desk.post(f"{path}/decline", reason="在开会"))
    assert "已经请下一位" in words(page)
    assert await room.work.alerted() == "李红"
    assert (await desk.post(f"{path}/decline")).status_code == 409


async def test_handing_on_to_a_colleague_and_to_a_level(room: CaseRoom) -> None:
    desk, path = await room.taken()
    town = await room.desk("街道", area=TOWN)
    page = await desk.page(path)
    assert f'<option value="{town.officer.id}">街道（' in page
    page = await desk.follow(await desk.post(f"{path}/transfer", to=town.officer.id, reason="她熟悉"))
    assert "已经请那位同事来接" in words(page)
    await town.post(f"{path}/take")
    await room.desk("社区", area=COMMUNITY)
    await town.post(f"{path}/level", level="community", reason="就近")
    assert await room.work.alerted() == "社区"


async def test_a_wrong_choice_changes_nothing_and_keeps_the_reason(room: CaseRoom) -> None:
    desk, path = await room.taken()
    before = await state(room)
    for act, fields in (
        ("transfer", {"to": "nobody"}),
        ("level", {"level": "moon"}),
        ("close", {"outcome": "left"}),  # only she can leave
        ("close", {"outcome": ""}),
        ("correct", {"level": "", "topic": "x"}),
    ):
        response = await desk.post(f"{path}/{act}", reason="我的原因", **fields)
        assert response.status_code == 400, act
        assert act == "correct" or 'value="我的原因"' in part(response.text, "acts")
    assert await state(room) == before


async def test_releasing_and_giving_back(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/give-back")
    assert await room.work.owner() == "bot"
    assert (await desk.post(f"{path}/give-back")).status_code == 409
    await desk.post(f"{path}/release", reason="要出门，她电话13812345678")
    assert (await room.work.case()).status is not CaseStatus.TAKEN
    history = words(await desk.page(path))
    assert "放回队列" in history
    assert "13812345678" not in history


async def test_who_handed_it_out_of_her_sight_comes_back_to_the_queue(room: CaseRoom) -> None:
    _, path = await room.taken()
    other = await room.desk("别街", area=OTHER_TOWN)
    boss = await room.desk("主管", Role.SUPERVISOR)
    await boss.post(f"{path}/transfer", to=other.officer.id)
    await other.post(f"{path}/take")
    response = await other.post(f"{path}/release", reason="不归我们")
    assert response.headers["location"].startswith("/console/cases?")
    await other.page(path, 404)


async def test_a_supervisor_hands_on_what_another_has_but_does_not_speak_over_her(room: CaseRoom) -> None:
    desk, path = await room.taken()
    boss = await room.desk("主管", Role.SUPERVISOR)
    assert (await boss.post(f"{path}/reply", text="我来说", key="1")).status_code == 409
    await boss.post(f"{path}/release", reason="她病了")
    assert (await room.work.case()).officer_id is None
    assert "我来说" not in await room.work.told_texts()
    assert "主管 放回队列" in words(await desk.page(path))


async def test_a_note_stays_among_officers(room: CaseRoom) -> None:
    desk, path = await room.taken()
    before = await room.work.told_texts()
    page = await desk.follow(await desk.post(f"{path}/note", note="疑似被跟踪\r\n勿告知本人"))
    assert "疑似被跟踪\n勿告知本人" in part(page, "notes")
    assert "仅工作人员可见" in part(page, "notes")
    for shared in ("talk", "reply", "head"):
        assert "疑似被跟踪" not in part(page, shared)
    assert await room.work.told_texts() == before
    assert "疑似被跟踪" not in await desk.page(f"{path}/parts")
    response = await desk.post(f"{path}/note", note="长" * 2001)
    assert response.status_code == 400
    assert f">\n{'长' * 2001}</textarea>" in part(response.text, "notes")
    other = await room.desk("李红")
    assert "疑似被跟踪" in await other.page(path)


async def test_the_two_boxes_are_forms_apart(room: CaseRoom) -> None:
    """What is typed as a note has no way into a reply: other address, other field."""
    desk, path = await room.taken()
    page = await desk.page(path)
    forms = {re.search(r'action="([^"]*)"', form)[1]: form for form in re.findall(r"<form.*?</form>", page, re.S)}  # type: ignore[index]
    assert 'name="note"' in forms[f"{path}/note"]
    assert 'name="text"' not in forms[f"{path}/note"]
    assert 'name="text"' in forms[f"{path}/reply"]
    assert 'name="note"' not in forms[f"{path}/reply"]
    before = await room.work.told_texts()
    await desk.post(f"{path}/reply", note="给同事的", key="1")
    await desk.post(f"{path}/note", text="给她的", note="")
    assert await room.work.told_texts() == before
    assert await room.work.count(CaseNote) == 0


async def test_the_summary_is_corrected_and_what_is_as_it_was_is_left_alone(room: CaseRoom) -> None:
    desk, path = await room.taken()
    case = await room.work.case()
    same = {"level": case.level.value, "topic": case.topic.value, "place": case.place, "need": case.need,
            "wishes": case.wishes, "may_call": "unknown", "safe_to_write": "unknown",
            "area": "北河区 柳林街道 柳林第一社区居委会"}  # fmt: skip
    await desk.post(f"{path}/correct", **same)
    assert "edited" not in await room.work.acts()
    page = await desk.follow(await desk.post(f"{path}/correct", **same | {
        "level": "red", "topic": "violence", "area": "石桥街道", "need": "要人陪她报警，电话13812345678",
        "wishes": "不找社区", "may_call": "no", "safe_to_write": "no"}))  # fmt: skip
    head = words(part(page, "head"))
    for said in ("红", "家庭暴力", "北河区 石桥街道", "不要给她打电话", "不安全", "不找社区"):
        assert said in head
    assert "要人陪她报警" in page
    assert "13812345678" not in page
    assert (await room.work.case()).area == OTHER_TOWN
    assert "修改概要 ：她要办的事、她的意思、等级、类别" in words(page)
    response = await desk.post(f"{path}/correct", **same | {"area": "月亮", "need": "新写的"})
    assert response.status_code == 400
    assert "没有找到“月亮”" in words(response.text)
    assert "新写的</textarea>" in response.text


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_out_of_scope_there_is_nothing_to_act_on(room: CaseRoom, act: str) -> None:
    _, path = await room.taken()
    stranger = await room.desk("别处", area=OTHER_TOWN)
    before = await state(room)
    response = await stranger.post(f"{path}/{act}", **ACTS[act])
    assert response.status_code == 404
    assert "转人工" not in response.text
    assert await state(room) == before
    [denied] = await room.acts(Act.ACCESS_DENIED)
    assert (denied.actor, denied.object_kind) == (stranger.officer.id, "case")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
async def test_other_roles_cannot_act(room: CaseRoom, role: Role) -> None:
    _, path = await room.taken()
    desk = await room.desk("旁人", role, "", there=False)
    before = await state(room)
    for act, fields in ACTS.items():
        assert (await desk.post(f"{path}/{act}", **fields)).status_code == 404, act
    assert await state(room) == before


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_a_form_of_another_session_changes_nothing(room: CaseRoom, act: str) -> None:
    desk, path = await room.taken()
    before = await state(room)
    response = await desk.client.post(f"{path}/{act}", data={"form_token": "0" * 64, **ACTS[act]})
    assert response.status_code == 403
    assert await state(room) == before


async def test_nobody_signed_in_is_led_to_the_entrance(room: CaseRoom) -> None:
    desk, path = await room.taken()
    desk.client.cookies.clear()
    for act, fields in ACTS.items():
        assert (await desk.post(f"{path}/{act}", **fields)).headers["location"] == "/console/enter"


async def test_an_officer_who_is_disabled_in_mid_reply_sends_nothing(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.staffed.staff.disable(desk.officer.id)
    response = await desk.post(f"{path}/reply", text="您好", key="1")
    assert response.headers["location"] == "/console/enter"
    assert "您好" not in await room.work.told_texts()


async def test_every_act_is_on_the_case_and_in_the_audit_log(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/give-back")
    await desk.post(f"{path}/close", outcome="resolved")
    await desk.post(f"{path}/reopen")
    await desk.post(f"{path}/release", reason="要出门")
    for act in (Act.CASE_TAKEN, Act.CASE_RETURNED_TO_BOT, Act.CASE_CLOSED, Act.CASE_REOPENED, Act.CASE_RELEASED):
        [deed] = await room.acts(act)
        assert (deed.actor, deed.object_id) == (desk.officer.id, path.rsplit("/", 1)[1])
    assert await room.work.count(Case) == 1


def test_usual_answers_give_no_number_but_hotlines_and_name_no_violence() -> None:
    hotlines = {"110", "120", "12338", "12348", "12356", "12333"}
    every = [answer for answers in canned_answers().values() for answer in answers]
    assert len(every) >= 25
    assert len({answer.id for answer in every}) == len(every)
    for answer in every:
        assert 0 < len(answer.text) <= 300, answer.id
        assert set(re.findall(r"\d{3,}", answer.text)) <= hotlines, answer.id
        assert not re.search("家暴|家庭暴力|强奸|精神病", answer.text), answer.id  # others may see her telephone
