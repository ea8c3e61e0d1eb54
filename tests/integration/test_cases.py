"""A case opens once, says honestly who comes and when, and grows with the danger."""

import asyncio

import pytest

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, CaseStatus, Consent, OpenReason
from bot.domain.errors import NotFound
from bot.domain.messages import Choice, Owner
from bot.domain.risk import RiskLevel
from bot.services.cases import NewCase
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from tests.integration.casework import COMMUNITY, DISTRICT, OTHER_TOWN, TOWN, Casework, moment, texts

NOW = "他拿刀要砍我"
LATER = "我老公经常打我，昨天又打了"


async def test_she_asks_for_a_person_and_hears_who_and_by_when(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    answer = await work.say("我想转人工，我住柳林街道")
    assert answer.owner is Owner.QUEUE
    [words] = texts(answer)
    assert "区妇联" in words
    assert "10:15" in words  # now is 10:00, orange: 15 minutes
    assert "110" in words
    case = await work.case()
    assert (case.status, case.reason, case.area) == (CaseStatus.ALERTED, OpenReason.ASKED, TOWN)
    assert [choice.title for message in answer.messages for choice in message.reply.choices] == [
        "边等边问助手", "不等了",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-24 10:00", "我没法说定几点"),  # office hours, but nobody is there: nothing is promised
        ("2026-11-24 22:00", "明天08:30"),  # in the evening: when the office opens
        ("2026-11-27 19:00", "11月30日（周一）08:30"),  # Friday evening: on Monday
    ],
)
async def test_when_nobody_is_there_she_is_told_so_with_a_number_to_call(work: Casework, now: str, words: str) -> None:
    work.clock.now = moment(now)
    [said] = texts(await work.say("转人工"))
    assert words in said
    assert "12338" in said
    assert "没有工作人员在岗" in said
    assert (await work.case()).status is CaseStatus.WAITING


async def test_asking_again_and_again_opens_one_case(work: Casework) -> None:
    officer = await work.hire("李", DISTRICT, there=False)
    await work.say("转人工")
    [shown] = await work.seen(officer)
    for _ in range(3):
        await work.office.cases.ask(shown.conversation)
    assert await work.count(Case) == 1


async def test_an_action_that_runs_twice_in_one_turn_speaks_once(work: Casework) -> None:
    work.engine.asks = 2
    assert len(texts(await work.say("转人工"))) == 1


async def test_asking_for_an_unknown_conversation_is_refused(work: Casework) -> None:
    with pytest.raises(NotFound):
        await work.office.cases.ask("nobody")


async def test_what_the_engine_says_besides_is_not_said_over_the_queue(work: Casework) -> None:
    answer = await work.say("转人工")
    assert not any(text.startswith("答：") for text in texts(answer))


async def test_after_two_unclear_messages_a_person_is_asked_for(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    assert (await work.say("听不懂一")).owner is Owner.BOT
    answer = await work.say("听不懂二")
    assert answer.owner is Owner.QUEUE
    assert "没听明白" in texts(answer)[0]
    assert (await work.case()).reason is OpenReason.NOT_UNDERSTOOD


async def test_an_emergency_opens_a_red_case_at_once_while_the_engine_is_down(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    work.engine.down = True
    answer = await work.say(NOW)
    assert "110" in texts(answer)[0]
    assert "区妇联" in texts(answer)[1]
    case = await work.case()
    assert (case.level, case.reason, case.risk) == (CaseLevel.RED, OpenReason.EMERGENCY, RiskLevel.EMERGENCY)
    assert case.topic is Topic.VIOLENCE
    assert answer.owner is Owner.BOT  # the assistant is still there for her
    assert [shown.alerted for shown in await work.seen(officer)] == [officer.id]


async def test_many_urgent_messages_are_one_case_and_it_grows_with_the_danger(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    work.engine.intent = "report_child_danger"
    await work.say("孩子在他那里")
    case = await work.case()
    assert (case.level, case.reason) == (CaseLevel.ORANGE, OpenReason.URGENT)
    before = (await work.rows(CaseAlert))[0].deadline_at
    await work.say("孩子还在他那里")
    assert (await work.case()).level is CaseLevel.ORANGE
    await work.say(NOW)
    case = await work.case()
    assert (case.level, case.risk) == (CaseLevel.RED, RiskLevel.EMERGENCY)
    [alert] = await work.rows(CaseAlert)
    assert alert.deadline_at < before  # the officer who was asked has two minutes now
    await work.say("我害怕")
    assert (await work.case()).level is CaseLevel.RED  # never lower by itself


async def test_urgent_messages_at_once_open_one_case(work: Casework) -> None:
    await work.say("你好")
    await asyncio.gather(*(work.say(f"{NOW}{number}") for number in range(8)))
    assert await work.count(Case) == 1


async def test_she_is_told_of_the_person_in_danger_once(work: Casework) -> None:
    work.engine.down = True
    await work.say(NOW)
    second = await work.say(NOW)
    assert len(texts(second)) == 1  # the safety words, not the desk's again


async def test_the_summary_tells_at_a_glance(work: Casework) -> None:
    work.engine.intent = "ask_divorce"
    await work.say("我住柳林第一社区，想离婚，电话13812345678，房子怎么分")
    work.engine.intent = "nlu_fallback"
    await work.say("嗯那个啥")
    work.engine.intent = "chitchat"
    await work.say("别给我打电话，他会看我手机，也别找我们社区的人，转人工")
    case = await work.case()
    assert (case.topic, case.level) == (Topic.VIOLENCE, CaseLevel.ORANGE)  # he watches her phone
    assert case.area == COMMUNITY
    assert "柳林第一" in case.place
    assert "离婚" in case.need
    assert "13812345678" not in case.need
    assert case.tried == "助手答过：离婚怎么办；1 次没听懂"
    assert (case.may_call, case.safe_to_write) == (Consent.NO, Consent.NO)
    assert case.wishes == "不找社区（村）妇联"


async def test_she_leaves_the_queue_by_a_tap_or_by_words(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    answer = await work.say("转人工")
    left = await work.press(answer, "不等了")
    assert left.owner is Owner.BOT
    case = await work.case()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, CaseOutcome.LEFT)
    assert await work.alerted() == ""
    assert texts(await work.say("问个事"))[0].startswith("答：")
    await work.say("转人工")
    assert (await work.say("算了，不等了")).owner is Owner.BOT
    assert [case.status for case in await work.rows(Case)] == [CaseStatus.CLOSED] * 2
    assert await work.office.reading.counts(officer) == {"overdue": 0}


async def test_in_danger_she_may_leave_but_somebody_looks_all_the_same(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    await work.say(NOW)
    left = await work.press(await work.say("转人工"), "不等了")
    assert left.owner is Owner.BOT
    assert (await work.case()).status is CaseStatus.ALERTED


async def test_while_waiting_she_may_ask_the_assistant(work: Casework) -> None:
    answer = await work.press(await work.say("转人工"), "边等边问助手")
    assert answer.owner is Owner.BOT
    assert texts(await work.say("妇女之家在哪"))[0].startswith("答：")
    assert (await work.case()).status is CaseStatus.WAITING


async def test_who_asks_the_assistant_meanwhile_may_still_leave_the_queue(work: Casework) -> None:
    asked = await work.say("转人工")
    await work.press(asked, "边等边问助手")
    left = await work.press(asked, "不等了")
    assert "不等了" in texts(left)[0]
    assert (await work.case()).outcome is CaseOutcome.LEFT


async def test_in_the_queue_she_is_acknowledged_once_in_a_while(work: Casework) -> None:
    await work.say("转人工")
    assert ["收到" in "".join(texts(await work.say(f"第{number}句"))) for number in range(3)] == [True, False, False]
    work.clock.pass_by(minutes=11)
    assert "收到" in texts(await work.say("还在吗"))[0]
    assert texts(await work.say("还在吗")) == []
    assert "110" in texts(await work.say(NOW))[0]  # an emergency is always answered
    assert len(work.engine.asked) == 1


async def test_asking_for_a_person_by_a_choice_needs_no_engine(work: Casework) -> None:
    work.engine.down = True
    answer = await work.press(await work.say(NOW), "我要找工作人员")
    assert answer.owner is Owner.QUEUE
    assert not answer.late


async def test_a_place_that_she_names_while_waiting_finds_the_officer_there(work: Casework) -> None:
    await work.say("转人工")
    await work.hire("赵街道", TOWN)
    assert await work.alerted() == "赵街道"  # of an unknown place whoever is there is asked
    await work.hire("钱街道", "120113002")
    await work.say("我在石桥街道")
    assert (await work.case()).area == "120113002"


async def test_an_officer_opens_a_case_for_a_woman_who_called(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    new = NewCase("电话里说被打，电话13812345678", topic=Topic.VIOLENCE, level=CaseLevel.ORANGE, area=TOWN)
    case_id = await work.office.cases.open_by_officer(officer, new)
    shown = await work.office.reading.case(case_id, officer)
    assert (shown.status, shown.officer_name, shown.conversation) == (CaseStatus.TAKEN, "张敏", "")
    assert "13812345678" not in shown.need


async def test_an_officer_gets_the_open_case_of_a_woman_and_no_second_one(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say("转人工")
    [shown] = await work.seen(officer)
    again = await work.office.cases.open_by_officer(officer, NewCase("她要离婚", conversation=shown.conversation))
    assert again == shown.id


async def test_the_name_of_a_conversation_opens_none_in_another_branch(work: Casework) -> None:
    stranger, officer = await work.hire("别", OTHER_TOWN, there=False), await work.hire("张敏", TOWN, there=False)
    await work.say("我住柳林第一社区")
    [conversation] = await work.rows(Conversation)
    new = NewCase("她要离婚", conversation=conversation.public_id)
    with pytest.raises(NotFound):
        await work.office.cases.open_by_officer(stranger, new)
    assert await work.rows(Case) == []
    assert await work.office.cases.open_by_officer(officer, new) == (await work.case()).public_id


async def test_the_name_of_a_conversation_opens_none_after_a_case_that_is_not_hers_to_see(work: Casework) -> None:
    officer, case = await work.asked()
    await work.office.handover.take(case, officer)
    await work.say("别找我们社区的人")
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    neighbour = await work.hire("钱", COMMUNITY, there=False)
    [conversation] = await work.rows(Conversation)
    with pytest.raises(NotFound):
        await work.office.cases.open_by_officer(neighbour, NewCase("问问", conversation=conversation.public_id))
    assert (await work.case()).public_id == case


async def test_a_choice_is_a_choice_whatever_she_types(work: Casework) -> None:
    work.engine.choices = (Choice("好", "/affirm"),)
    await work.say("你好")
    answer = await work.say("/leave_queue")
    assert texts(answer)[0].startswith("答：/leave_queue")  # what she types is never a payload
