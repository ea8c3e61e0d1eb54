"""What officers keep about a case: summary, tasks, referrals, the conversation masked until it is opened with a reason."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.domain.accounts import Officer
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import CaseStatus, Consent, OutsideBody, TaskKind
from bot.domain.errors import BadInput, NotFound
from bot.domain.messages import Author, Owner
from bot.services.case_papers import Correction, Referral
from tests.integration.casework import NOW, OTHER_TOWN, Casework

Act1 = Callable[[str, Officer], Awaitable[object]]


async def test_a_referral_has_a_sheet_and_needs_her_consent(work: Casework) -> None:
    officer, case = await work.taken()
    facts = Referral(OutsideBody.LEGAL_AID, "某区法律援助中心（示例）", "要离婚，需要律师", "13812345678")
    with pytest.raises(BadInput, match="同意"):
        await work.office.papers.refer(case, officer, facts)
    referral = await work.office.papers.refer(
        case, officer, Referral(facts.body, facts.name, facts.facts, facts.contact, consented=True)
    )
    sheet = await work.office.papers.sheet(referral, officer, "打印给她")
    assert (sheet.to, sheet.body, sheet.contact, sheet.officer) == (facts.name, "法律援助", "13812345678", "张敏")
    assert sheet.office == "区妇联"
    assert work.audit.opened == [(officer.id, referral, "打印给她")]
    assert (await work.case()).status is CaseStatus.TAKEN
    other = await work.hire("别", OTHER_TOWN, there=False)
    with pytest.raises(NotFound):
        await work.office.papers.sheet(referral, other, "看看")


async def test_while_a_life_is_in_danger_consent_is_not_waited_for(work: Casework) -> None:
    officer, case = await work.taken()
    await work.say(NOW)
    await work.office.papers.refer(case, officer, Referral(OutsideBody.POLICE, "某派出所（示例）", "持刀"))
    assert "referred" in await work.acts()


async def test_tasks_have_days_and_are_ticked_off_once(work: Casework) -> None:
    officer, case = await work.taken()
    visit = work.clock() + timedelta(days=7)
    with pytest.raises(BadInput):
        await work.office.papers.add_task(case, officer, TaskKind.FOLLOW_UP, "问结果", work.clock())
    later = await work.office.papers.add_task(case, officer, TaskKind.RETURN_VISIT, "回访", visit)
    sooner = await work.office.papers.add_task(
        case, officer, TaskKind.FOLLOW_UP, "陪她去派出所", visit - timedelta(days=5)
    )  # fmt: skip
    assert [task.id for task in await work.office.papers.tasks(case, officer)] == [sooner, later]
    await work.office.papers.finish_task(sooner, officer, "去过了")
    await work.office.papers.finish_task(sooner, officer, "又写一遍")
    [done, _] = await work.office.papers.tasks(case, officer)
    assert (done.result, done.officer) == ("去过了", "张敏")
    stranger = await work.hire("别", OTHER_TOWN, there=False)
    with pytest.raises(BadInput):
        await work.office.papers.add_task(case, officer, TaskKind.FOLLOW_UP, "替我", visit, officer=stranger.id)
    with pytest.raises(NotFound):
        await work.office.papers.finish_task(later, stranger)


async def test_the_summary_can_be_corrected(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.papers.correct(
        case,
        officer,
        Correction(level=CaseLevel.YELLOW, may_call=Consent.YES, need="联系13812345678", wishes="晚上联系"),
    )
    shown = await work.office.reading.case(case, officer)
    assert (shown.level, shown.may_call, shown.wishes) == (CaseLevel.YELLOW, Consent.YES, "晚上联系")
    assert "13812345678" not in shown.need
    with pytest.raises(BadInput):
        await work.office.papers.correct(case, officer, Correction(area="nowhere"))


async def test_the_conversation_is_masked_until_it_is_opened_with_a_reason(work: Casework) -> None:
    officer, case = await work.taken()
    await work.say("我叫王小红，电话13812345678")
    masked = await work.office.reading.transcript(case, officer)
    assert (masked.owner, masked.opened) == (Owner.OFFICER, False)
    assert "13812345678" not in str([line.text for line in masked.lines])
    assert {line.author for line in masked.lines} == {Author.WOMAN, Author.BOT}
    assert work.audit.opened == []
    opened = await work.office.reading.open_transcript(case, officer, "核对电话")
    assert "13812345678" in str([line.text for line in opened.lines])
    assert work.audit.opened == [(officer.id, case, "核对电话")]


async def test_the_history_names_who_did_what(work: Casework) -> None:
    officer, case = await work.taken()
    await work.office.handover.reply(case, officer, "您好", "1")
    told = [(one.who, one.what, one.detail) for one in await work.office.reading.history(case, officer)]
    assert told == [
        ("系统", "建个案", "她要找人"), ("系统", "提醒", "张敏"), ("张敏", "接单", ""), ("张敏", "回复", ""),
    ]  # fmt: skip
