"""An officer takes over and the assistant is silent; whatever she does is written down, and nothing is said twice."""

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.accounts import Officer, Role
from bot.domain.audit import Act
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import CaseOutcome, CaseStatus
from bot.domain.errors import AlreadyTaken, BadInput, NotPossibleNow, TooLong
from bot.domain.messages import Author, Owner
from bot.domain.offices import OfficeLevel
from bot.domain.risk import RiskLevel
from bot.services.case_papers import Correction
from bot.services.cases import NewCase
from bot.storage.conversations import OutboundMessage
from tests.integration.casework import COMMUNITY, DISTRICT, HERE, NOW, OTHER_TOWN, TOWN, Casework, texts

Act1 = Callable[[str, Officer], Awaitable[object]]


async def test_taking_makes_the_assistant_silent_and_tells_her(work: Casework) -> None:
    officer, case = await work.taken()
    assert await work.owner() == "officer"
    assert "区妇联的工作人员接上了" in (await work.told_texts())[-1]
    assert texts(await work.say("在吗")) == []
    assert work.engine.asked == [(HERE.replace("，", ","), None)]
    shown = await work.office.reading.case(case, officer)
    assert (shown.status, shown.officer_name) == (CaseStatus.TAKEN, "张敏")
    assert shown.waiting_since is not None  # she waits for an answer
    assert [deed.act for deed in work.audit.deeds] == [Act.CASE_TAKEN]
    assert await work.acts() == ["opened", "alerted", "taken"]


async def test_others_learn_who_has_it(work: Casework) -> None:
    _, case = await work.taken()
    other = await work.hire("李", DISTRICT)
    for act in (
        work.office.handover.take(case, other),
        work.office.handover.reply(case, other, "您好", "1"),
        work.office.handover.release(case, other),
        work.office.handover.close(case, other, CaseOutcome.RESOLVED),
    ):
        with pytest.raises(AlreadyTaken, match="张敏") as refused:
            await act
        assert refused.value.name == "张敏"
    assert await work.told_texts() == await work.told_texts()
    assert await work.count(OutboundMessage) == 2  # nothing of the other's was sent


async def test_a_case_taken_out_of_danger_is_quiet_when_she_is_not_there(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say(NOW)
    work.clock.pass_by(minutes=11)
    before = await work.told_texts()
    await work.office.handover.take((await work.case()).public_id, officer)
    assert await work.told_texts() == before  # she did not ask: nothing appears on her screen by itself
    assert await work.owner() == "officer"


async def test_a_reply_takes_the_conversation_and_reaches_her(work: Casework) -> None:
    officer, case = await work.asked()
    sent = await work.office.handover.reply(case, officer, " 您好，我是区妇联的。 ", "1")
    [*_, last] = await work.told()
    assert (last.id, last.author, last.reply.text) == (sent.message, Author.OFFICER, "您好，我是区妇联的。")
    assert await work.owner() == "officer"
    row = await work.case()
    assert (row.officer_id, row.waiting_since) == (officer.id, None)


async def test_a_reply_to_wechat_goes_through_the_outbox(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say(HERE, channel="wechat", sender="openid")
    await work.office.handover.reply((await work.case()).public_id, officer, "您好", "1")
    while await work.late.deliver_due():
        pass
    assert ("openid", "您好") in work.wechat.sent


async def test_a_form_that_is_sent_twice_says_it_once(work: Casework) -> None:
    officer, case = await work.taken()
    first = await work.office.handover.reply(case, officer, "您好", "form 1")
    again = await work.office.handover.reply(case, officer, "您好", "form 1")
    assert (again.message, first.again, again.again) == (first.message, False, True)
    assert (await work.told_texts()).count("您好") == 1
    await work.office.handover.reply(case, officer, "您好", "form 2")  # she means to say it twice
    assert (await work.told_texts()).count("您好") == 2
    await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    assert (await work.office.handover.reply(case, officer, "您好", "form 1")).again


@pytest.mark.parametrize(
    ("text", "key", "error"),
    [("", "1", BadInput), ("  ", "1", BadInput), ("好", "", BadInput), ("长" * 2001, "1", TooLong)],
)
async def test_what_cannot_be_sent_is_refused(work: Casework, text: str, key: str, error: type[Exception]) -> None:
    officer, case = await work.taken()
    with pytest.raises(error):
        await work.office.handover.reply(case, officer, text, key)


async def test_who_has_no_conversation_cannot_be_written_to(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    case = await work.office.cases.open_by_officer(officer, NewCase("她来过"))
    with pytest.raises(BadInput, match="电话"):
        await work.office.handover.reply(case, officer, "您好", "1")


async def test_an_emergency_gets_the_words_over_an_officer_once(work: Casework) -> None:
    officer, case = await work.taken()
    assert "110" in texts(await work.say(NOW))[0]
    assert texts(await work.say(NOW)) == []
    shown = await work.office.reading.case(case, officer)
    assert (shown.level, shown.risk) == (CaseLevel.RED, RiskLevel.EMERGENCY)
    assert shown.officer == officer.id


async def test_a_released_case_goes_to_another_and_she_is_told(work: Casework) -> None:
    officer, case = await work.taken()
    other = await work.hire("李", DISTRICT)
    await work.office.handover.release(case, officer, "要开会，她电话13812345678")
    assert await work.owner() == "queue"
    assert await work.alerted() == "李"
    assert "另请人" in (await work.told_texts())[-1]
    assert "13812345678" not in str([deed.reason for deed in work.audit.deeds])
    await work.pass_by(officer, other, minutes=15)
    assert await work.alerted() == ""  # who gave it away is not asked at once


async def test_declining_asks_the_next(work: Casework) -> None:
    officer, case = await work.asked()
    await work.hire("李", DISTRICT)
    await work.office.handover.decline(case, officer, "不在单位")
    assert await work.alerted() == "李"
    with pytest.raises(NotPossibleNow):
        await work.office.handover.decline(case, officer)


async def test_a_transfer_to_a_person_asks_her_and_only_one_who_can(work: Casework) -> None:
    officer, case = await work.taken()
    there = await work.hire("街", TOWN)
    away = await work.hire("走", TOWN, there=False)
    reviewer = await work.hire("审", DISTRICT, Role.REVIEWER, there=False)
    for wrong in (away.id, reviewer.id, officer.id, "nobody"):
        with pytest.raises(BadInput):
            await work.office.handover.transfer_to_officer(case, officer, wrong)
    assert (await work.case()).officer_id == officer.id
    await work.office.handover.transfer_to_officer(case, officer, there.id, "她熟悉")
    assert (await work.alerted(), await work.owner()) == ("街", "queue")
    assert "街道（镇）妇联" in (await work.told_texts())[-1]
    await work.office.handover.take(case, there)
    assert (await work.case()).officer_id == there.id


async def test_a_transfer_to_somebody_outside_the_branch_lets_her_see_it(work: Casework) -> None:
    officer, case = await work.taken()
    other = await work.hire("别", OTHER_TOWN)
    assert await work.seen(other) == []
    await work.office.handover.transfer_to_officer(case, officer, other.id)
    await work.office.handover.take(case, other)
    assert [shown.id for shown in await work.seen(other)] == [case]


async def test_a_transfer_reaches_only_the_way_up_and_the_givers_own_branch(work: Casework) -> None:
    officer = await work.hire("张敏", TOWN)
    await work.say(HERE)
    case = (await work.case()).public_id
    await work.office.handover.take(case, officer)
    stranger, above = await work.hire("别", OTHER_TOWN), await work.hire("区", DISTRICT)
    assert [one.id for one in await work.office.room.colleagues(case, officer)] == [above.id]
    with pytest.raises(BadInput):  # an id that no form of hers offered
        await work.office.handover.transfer_to_officer(case, officer, stranger.id)
    assert (await work.case()).officer_id == officer.id
    assert await work.seen(stranger) == []
    await work.office.handover.transfer_to_officer(case, officer, above.id)
    assert await work.alerted() == "区"


async def test_a_transfer_to_a_level_begins_there(work: Casework) -> None:
    officer, case = await work.taken()
    await work.hire("近", COMMUNITY)
    await work.hire("街", TOWN)
    await work.office.handover.transfer_to_level(case, officer, OfficeLevel.TOWN)
    assert await work.alerted() == "街"


async def test_a_level_that_is_not_known_cannot_be_handed_to(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say("转人工，我住北河区")
    case = (await work.case()).public_id
    await work.office.handover.take(case, officer)
    with pytest.raises(BadInput, match="地区"):
        await work.office.handover.transfer_to_level(case, officer, OfficeLevel.COMMUNITY)
    await work.office.papers.correct(case, officer, Correction(area=COMMUNITY))
    await work.office.handover.transfer_to_level(case, officer, OfficeLevel.COMMUNITY)
    assert (await work.case()).status is CaseStatus.WAITING  # nobody is there yet, and the way up stays open
    await work.pass_by(minutes=1)
    assert await work.alerted() in {"张敏", ""}


async def test_giving_back_leaves_the_form_and_the_case_stays_hers(work: Casework) -> None:
    officer, case = await work.taken()
    work.engine.were_reset.clear()
    await work.office.handover.give_back(case, officer)
    assert len(work.engine.were_reset) == 1
    assert await work.owner() == "bot"
    assert texts(await work.say("妇女之家在哪"))[0].startswith("答：")
    assert (await work.case()).officer_id == officer.id
    with pytest.raises(NotPossibleNow):
        await work.office.handover.give_back(case, officer)
    await work.office.handover.reply(case, officer, "我又来了", "2")
    assert await work.owner() == "officer"


async def test_a_form_is_left_even_when_the_engine_was_down_at_that_moment(work: Casework) -> None:
    officer, case = await work.taken()

    class Down:
        async def reset(self, conversation: str) -> None:
            from bot.domain.errors import EngineUnavailable

            raise EngineUnavailable

    work.office.handover._forms = Down()
    await work.office.handover.give_back(case, officer)
    work.engine.were_reset.clear()
    await work.say("你好")
    assert len(work.engine.were_reset) == 1
    await work.say("再问一句")
    assert len(work.engine.were_reset) == 1


async def test_asking_again_after_giving_back_tells_her_officer(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.give_back(case, officer)
    answer = await work.say("转人工")
    assert answer.owner is Owner.OFFICER
    assert "在跟进" in texts(answer)[0]
    assert (await work.case()).waiting_since is not None


async def test_an_officer_who_is_gone_in_mid_reply_loses_the_case_and_it_is_not_forgotten(work: Casework) -> None:
    officer, case = await work.taken()
    other = await work.hire("李", DISTRICT, there=False)
    await work.say("您还在吗")
    await work.pass_by(minutes=3)
    assert (await work.case()).officer_id == officer.id  # a short silence is nothing
    await work.pass_by(minutes=5)
    assert (await work.case()).status is CaseStatus.WAITING
    assert await work.owner() == "queue"
    assert "暂时离开" in (await work.told_texts())[-1]
    # What she was writing takes it again while nobody else has it …
    await work.office.handover.reply(case, officer, "网断了一下", "1")
    assert await work.owner() == "officer"
    # … and is not sent once somebody has.
    await work.say("好")
    await work.pass_by(minutes=8)
    await work.office.rota.come_on_duty(other)
    await work.office.handover.take(case, other)
    with pytest.raises(AlreadyTaken, match="李"):
        await work.office.handover.reply(case, officer, "我又回来了", "2")
    assert "我又回来了" not in await work.told_texts()


async def test_an_officer_who_answered_may_go_home(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.reply(case, officer, "明天再联系您", "1")
    await work.pass_by(minutes=600)
    assert (await work.case()).officer_id == officer.id
    await work.say("谢谢，还有一件事")
    await work.pass_by(minutes=6)
    assert (await work.case()).status is CaseStatus.WAITING
    await work.office.rota.come_on_duty(officer)
    assert await work.alerted() == "张敏"  # who had it before is asked first


async def test_outcomes_and_states_that_cannot_be_are_refused(work: Casework) -> None:
    officer, case = await work.asked()
    acts: list[Act1] = [
        lambda case, by: work.office.handover.close(case, by, CaseOutcome.RESOLVED),
        work.office.handover.release,
        work.office.handover.give_back,
        work.office.handover.reopen,
    ]
    for act in acts:
        with pytest.raises(NotPossibleNow):
            await act(case, officer)
    await work.office.handover.take(case, officer)
    with pytest.raises(BadInput):
        await work.office.handover.close(case, officer, CaseOutcome.LEFT)  # only she can leave


async def test_a_supervisor_may_move_the_case_of_another(work: Casework) -> None:
    _, case = await work.taken()
    boss = await work.hire("主管", DISTRICT, Role.SUPERVISOR, there=False)
    await work.office.handover.release(case, boss)
    assert (await work.case()).officer_id is None
