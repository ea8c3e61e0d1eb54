"""After closing she is asked once whether it helped; what she writes soon after opens the case again."""

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.accounts import Officer
from bot.domain.cases import CaseOutcome, CaseStatus, Helped
from bot.domain.errors import NotFound, NotPossibleNow
from bot.domain.messages import InboundKind, Owner
from bot.storage.cases import Case
from bot.storage.outbox import OutboxStore
from tests.integration.casework import DISTRICT, HERE, Casework, texts

Act1 = Callable[[str, Officer], Awaitable[object]]


async def test_closing_asks_once_in_two_taps_whether_it_helped(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.RESOLVED)
    assert await work.owner() == "bot"
    told = await work.told()
    assert [choice.title for choice in told[-1].reply.choices] == ["帮到了", "帮了一部分", "没帮到"]
    first = await work.press(told[-1:], "帮了一部分")
    assert "差在哪儿" in texts(first)[0]
    second = await work.press(first, "等得太久")
    assert "记下了" in texts(second)[0]
    shown = await work.office.reading.case(case, officer)
    assert (shown.helped, shown.helped_why) == (Helped.PARTLY, "slow")
    assert "已经告诉过" in texts(await work.press(told[-1:], "帮到了"))[0]
    assert (await work.case()).helped is Helped.PARTLY
    await work.office.handover.reopen(case, officer)
    await work.office.handover.close(case, officer, CaseOutcome.RESOLVED)
    assert (await work.told())[-1].reply.choices == ()  # asked once
    assert len(work.engine.asked) == 1  # taps are no matter for the engine


async def test_her_answer_may_bring_her_back(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    first = await work.press((await work.told())[-1:], "没帮到")
    again = await work.press(first, "想再找工作人员")
    assert again.owner is Owner.QUEUE
    row = await work.case()
    assert (row.public_id, row.status, row.helped_why) == (case, CaseStatus.ALERTED, "again")
    assert await work.alerted() == "张敏"


async def test_nobody_rates_the_case_of_another(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    choice = (await work.told())[-1].reply.choices[0]
    await work.say("你好", sender="别人")
    with pytest.raises(NotFound):
        await work.say("", sender="别人", kind=InboundKind.CHOICE, choice=choice.id)
    assert (await work.case()).helped is None


@pytest.mark.parametrize(
    ("text", "intent", "hours", "reopens"),
    [
        ("他现在又不肯离婚了", "ask_divorce", 1, True),  # a need
        ("还有件事没说完", "nlu_fallback", 1, True),  # not understood: for a person
        ("谢谢您", "thank", 1, False),  # small talk
        ("妇女之家在哪", "find_place", 1, False),  # the assistant does that
        ("他现在又不肯离婚了", "ask_divorce", 25, False),  # long after
    ],
)
async def test_writing_again_after_closing(work: Casework, text: str, intent: str, hours: float, reopens: bool) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    work.clock.pass_by(hours=hours)
    work.engine.intent = intent
    answer = await work.say(text)
    row = next(one for one in await work.rows(Case) if one.public_id == case)
    assert (row.status is not CaseStatus.CLOSED, answer.owner is Owner.QUEUE) == (reopens, reopens)
    assert "重新打开" in texts(answer)[0] if reopens else texts(answer)[0].startswith("答：")
    if reopens:
        await work.office.rota.come_on_duty(officer)
        assert await work.alerted() == "张敏"


async def test_who_left_the_queue_is_not_called_back_by_her_next_words(work: Casework) -> None:
    await work.press(await work.say(HERE), "不等了")
    work.engine.intent = "ask_divorce"
    assert (await work.say("离婚要什么手续")).owner is Owner.BOT
    assert (await work.case()).status is CaseStatus.CLOSED


async def test_an_officer_reopens_unless_another_case_is_open(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.UNREACHABLE)
    work.clock.pass_by(hours=48)
    await work.say("转人工")
    assert await work.count(Case) == 2
    with pytest.raises(NotPossibleNow):
        await work.office.handover.reopen(case, officer)


async def test_her_earlier_cases_are_at_hand(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.close(case, officer, CaseOutcome.RESOLVED)
    work.clock.pass_by(hours=48)
    await work.say("转人工")
    newest = (await work.seen(officer))[0]
    assert newest.id != case
    assert [shown.id for shown in await work.office.reading.earlier(newest.id, officer)] == [case]


async def test_a_number_answers_the_question_that_came_with_another_answer(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say(HERE, channel="wechat")
    case = (await work.case()).public_id
    await work.office.handover.take(case, officer)
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    async with work.database.write() as session:
        for row in await OutboxStore(session).due(work.clock()):
            await OutboxStore(session).failed(row.public_id, "45047", None)  # no quota: it waits until she writes
    work.clock.pass_by(seconds=5)
    answer = await work.say("谢谢", channel="wechat")
    assert "帮到您了吗" in "".join(texts(answer))
    assert texts(answer)[-1].startswith("答：")
    work.clock.pass_by(seconds=1)
    await work.talk.mark_delivered([message.id for message in answer.messages])
    assert "差在哪儿" in texts(await work.say("2", channel="wechat"))[0]
