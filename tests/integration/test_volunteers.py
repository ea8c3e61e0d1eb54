"""Volunteers: signed up by chat, taken in, asked, first come, hours told, and gone when she wishes it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.audit import Act
from bot.domain.cases import CaseOutcome
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.volunteers import (
    CallFilter,
    CallStatus,
    Draft,
    VolunteerStatus,
)
from bot.services.record_copy_files import as_html, as_json
from bot.services.volunteer_calls import Answered
from bot.storage.audit import AuditEntry
from bot.storage.conversations import OfferedChoice
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerMatch
from tests.conftest import Clock
from tests.integration.casework import OTHER_TOWN, TOWN
from tests.integration.forgetting import TIMES
from tests.integration.helping import DRAFT, FARMER, PHONE, VOLUNTEER, Helping, helping_over


@pytest.fixture
async def helping(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Helping]:
    async with helping_over(database, keyring, clock) as made:
        yield made


async def test_she_signs_up_and_sees_how_it_stands(helping: Helping) -> None:
    conversation = await helping.woman()
    assert await helping.volunteers.mine(conversation) is None
    mine = await helping.volunteers.apply(conversation, DRAFT)
    assert (mine.kind, mine.skills, mine.area, mine.free) == ("巾帼志愿者", "陪伴聊天", "北河区 柳林街道", "周末白天")
    assert mine.status is VolunteerStatus.APPLIED
    assert mine.draft == DRAFT


@pytest.mark.parametrize(
    "draft",
    [
        Draft(None, ("company",), TOWN),
        Draft(VOLUNTEER, (), TOWN),
        Draft(VOLUNTEER, ("flying",), TOWN),  # no such skill
        Draft(VOLUNTEER, ("company",), ""),
        Draft(VOLUNTEER, ("company",), "999999"),  # no such place
    ],
)
async def test_half_a_sign_up_is_none(helping: Helping, draft: Draft) -> None:
    conversation = await helping.woman()
    with pytest.raises(BadInput, match="还差一步"):
        await helping.volunteers.apply(conversation, draft)
    assert await helping.world.work.rows(Volunteer) == []


async def test_two_taps_at_once_sign_her_up_once(helping: Helping) -> None:
    conversation = await helping.woman()
    await asyncio.gather(*(helping.volunteers.apply(conversation, DRAFT) for _ in range(4)))
    assert len(await helping.world.work.rows(Volunteer)) == 1


async def test_a_change_keeps_her_in_and_another_kind_is_looked_at_again(helping: Helping) -> None:
    conversation, _ = await helping.ready()
    more = await helping.volunteers.apply(conversation, DRAFT.with_skill("craft"))
    assert (more.skills, more.status) == ("陪伴聊天、手工手艺", VolunteerStatus.ACCEPTED)
    assert (await helping.volunteers.apply(conversation, FARMER)).status is VolunteerStatus.APPLIED


async def test_pause_resume_and_leave_are_hers(helping: Helping) -> None:
    conversation, _ = await helping.ready()
    assert await helping.volunteers.pause(conversation)
    assert not await helping.volunteers.pause(conversation)
    assert await helping.volunteers.resume(conversation)
    await helping.volunteers.keep_contact(conversation, PHONE)
    await helping.volunteers.leave(conversation)
    assert await helping.volunteers.mine(conversation) is None
    [row] = await helping.world.work.rows(Volunteer)
    assert (row.status, row.sealed_contact) == (VolunteerStatus.LEFT, None)
    with pytest.raises(NotFound):
        await helping.volunteers.pause(conversation)
    assert (await helping.volunteers.apply(conversation, DRAFT)).status is VolunteerStatus.APPLIED


async def test_taking_her_in_is_told_and_logged_and_lies_in_a_branch(helping: Helping) -> None:
    _, volunteer = await helping.ready()
    assert len(await helping.told("已经接纳")) == 1
    with pytest.raises(Conflict):
        await helping.volunteers.desk.accept(volunteer, await helping.officer())
    with pytest.raises(NotFound):
        await helping.volunteers.desk.one(volunteer, await helping.officer(OTHER_TOWN))
    async with helping.world.database.read() as session:
        acts = (await session.scalars(select(AuditEntry.act))).all()
    assert Act.VOLUNTEER_ACCEPTED in acts


async def test_her_telephone_is_sealed_and_whoever_sees_it_is_in_the_log(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    await helping.volunteers.keep_contact(conversation, PHONE)
    assert PHONE.encode() not in ((await helping.world.work.rows(Volunteer))[0].sealed_contact or b"")
    assert await helping.volunteers.desk.contact(volunteer, await helping.officer()) == PHONE
    with pytest.raises(NotFound):
        await helping.volunteers.desk.contact(volunteer, await helping.officer(OTHER_TOWN))
    async with helping.world.database.read() as session:
        seen = (await session.scalars(select(AuditEntry).where(AuditEntry.act == Act.PHONE_SEEN))).all()
    assert [row.object_id for row in seen] == [volunteer]


async def test_who_fits_is_proposed_asked_in_the_chat_and_answers_by_a_tap(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    await helping.ready("专家", FARMER)
    officer = await helping.officer()
    call = await helping.call(officer)
    [proposal] = (await helping.volunteers.calls.one(call, officer)).proposals
    assert (proposal.volunteer.id, proposal.why) == (volunteer, "特长对得上：陪伴聊天；就在这一带；时间合适")
    assert await helping.volunteers.calls.ask(call, [volunteer, "nobody"], officer) == (1, 0)
    assert await helping.volunteers.calls.ask(call, [volunteer], officer) == (0, 0)
    assert len(await helping.told("陪独居老人说说话")) == 1
    titles = [choice.title for choice in await helping.world.work.rows(OfferedChoice)]
    assert titles[-2:] == ["可以，算我一个", "这次不行"]
    [asked] = await helping.volunteers.asked(conversation)
    outcome, one = await helping.volunteers.answer(conversation, asked.id, comes=True)
    assert (outcome, one.when, one.call) == (Answered.COMES, "11月28日（周六）10:00", CallStatus.FILLED)
    other = await helping.woman("别人")
    with pytest.raises(NotFound):
        await helping.volunteers.answer(other, asked.id, comes=True)


async def test_of_many_who_accept_at_once_as_many_come_as_are_wanted(helping: Helping) -> None:
    women = [await helping.ready(f"她{at}") for at in range(5)]
    officer = await helping.officer()
    call = await helping.call(officer, wanted=2)
    await helping.volunteers.calls.ask(call, [volunteer for _, volunteer in women], officer)
    hers = {conversation: (await helping.volunteers.asked(conversation))[0].id for conversation, _ in women}
    answers = await asyncio.gather(*(helping.volunteers.answer(who, one, comes=True) for who, one in hers.items()))
    assert sorted(outcome for outcome, _ in answers) == [Answered.COMES] * 2 + [Answered.FULL] * 3
    assert sorted(row.place or 0 for row in await helping.world.work.rows(VolunteerMatch)) == [0, 0, 0, 1, 2]


async def test_who_cannot_come_after_all_frees_her_place(helping: Helping) -> None:
    (first, one), (second, two) = await helping.ready("甲"), await helping.ready("乙")
    officer = await helping.officer()
    call = await helping.call(officer)
    await helping.volunteers.calls.ask(call, [one, two], officer)
    hers, other = [(await helping.volunteers.asked(who))[0].id for who in (first, second)]
    await helping.volunteers.answer(first, hers, comes=True)
    assert (await helping.volunteers.answer(second, other, comes=True))[0] is Answered.FULL
    assert (await helping.volunteers.answer(second, other, comes=False))[0] is Answered.DECLINED
    assert (await helping.world.work.rows(VolunteerCall))[0].status is CallStatus.FILLED
    await helping.volunteers.leave(first)
    assert (await helping.world.work.rows(VolunteerCall))[0].status is CallStatus.OPEN
    assert (await helping.volunteers.answer(second, other, comes=True))[0] is Answered.COMES


async def test_hours_are_recorded_corrected_and_told(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    officer = await helping.officer()
    call = await helping.call(officer)
    await helping.volunteers.calls.ask(call, [volunteer], officer)
    match = (await helping.match()).public_id
    with pytest.raises(Conflict, match="没有答应"):
        await helping.volunteers.calls.record(match, officer, 60)
    await helping.volunteers.answer(conversation, match, comes=True)
    with pytest.raises(BadInput, match="小时数"):
        await helping.volunteers.calls.record(match, officer, 0)
    await helping.volunteers.calls.record(match, officer, 60)
    await helping.volunteers.calls.record(match, officer, 150)
    assert (mine := await helping.volunteers.mine(conversation)) is not None
    assert mine.minutes == 150
    assert len(await helping.told("2.5 小时")) == 1
    assert (await helping.volunteers.answer(conversation, match, comes=False))[0] is Answered.OVER
    assert (await helping.volunteers.desk.counts(officer)).minutes == 150


async def test_a_closed_call_takes_nobody_and_who_waited_hears_of_it(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    officer = await helping.officer()
    call = await helping.call(officer)
    await helping.volunteers.calls.ask(call, [volunteer], officer)
    await helping.volunteers.calls.close(call, officer)
    assert len(await helping.told("不用您跑了")) == 1
    match = (await helping.match()).public_id
    assert (await helping.volunteers.answer(conversation, match, comes=True))[0] is Answered.OVER
    assert await helping.volunteers.asked(conversation) == []
    with pytest.raises(Conflict):
        await helping.volunteers.calls.ask(call, [volunteer], officer)


async def test_who_is_not_taken_in_or_has_paused_is_not_asked(helping: Helping) -> None:
    conversation, _ = await helping.ready()
    await helping.volunteers.apply(await helping.woman("乙"), DRAFT)
    await helping.volunteers.pause(conversation)
    officer = await helping.officer()
    sheet = await helping.volunteers.calls.one(await helping.call(officer), officer)
    assert sheet.proposals == ()


async def test_where_to_meet_is_told_to_those_who_come(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    officer = await helping.officer()
    call = await helping.call(officer)
    await helping.volunteers.calls.ask(call, [volunteer], officer)
    assert await helping.volunteers.calls.tell(call, officer, "九点半社区门口碰头") == 0
    await helping.volunteers.answer(conversation, (await helping.match()).public_id, comes=True)
    assert await helping.volunteers.calls.tell(call, officer, "九点半社区门口碰头") == 1
    assert len(await helping.told("九点半社区门口碰头")) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"need": "  "}, "请写要帮什么忙"),
        ({"need": "帮李小明搬家，电话13912345678"}, "像有姓名、电话"),
        ({"area": OTHER_TOWN}, "管辖范围"),
        ({"skills": ("flying",)}, "没有这项特长"),
        ({"wanted": 0}, "人数"),
    ],
)
async def test_a_call_that_cannot_be_made_says_why(helping: Helping, more: dict[str, object], why: str) -> None:
    officer = await helping.officer(TOWN)
    with pytest.raises(BadInput, match=why):
        await helping.call(officer, **more)
    assert await helping.world.work.rows(VolunteerCall) == []


async def test_an_expert_is_told_the_masked_question_and_nothing_else(helping: Helping) -> None:
    conversation, expert = await helping.ready("专家", FARMER)
    officer, case, _ = await helping.farmer()
    form = await helping.volunteers.calls.question_of(case, officer)
    assert form.skills == ("planting",)
    [found] = await helping.volunteers.calls.experts_for(form.need, form.area, officer)
    assert found.volunteer.id == expert
    call = await helping.volunteers.calls.make(officer, form)
    assert await helping.volunteers.calls.ask(call, [expert], officer) == (1, 0)
    [told] = await helping.told("有位姐妹有个问题")
    assert "黄瓜" in told
    assert "13912345678" not in told
    assert "李小明" not in told
    [asked] = await helping.volunteers.asked(conversation)
    assert "13912345678" not in asked.need
    assert [one.id for one in await helping.volunteers.calls.of_case(case, officer)] == [call]
    stranger = await helping.officer(OTHER_TOWN)
    for refused in (helping.volunteers.calls.one(call, stranger), helping.volunteers.calls.question_of(case, stranger)):
        with pytest.raises(NotFound):
            await refused
    assert "黄瓜" not in (await helping.volunteers.calls.page(officer, CallFilter()))[0].need


async def test_without_a_known_skill_no_expert_is_found(helping: Helping) -> None:
    await helping.ready("专家", FARMER)
    assert await helping.volunteers.calls.experts_for("我想离婚", TOWN, await helping.officer()) == []


async def test_her_copy_tells_it_all_and_her_deletion_ends_it(helping: Helping) -> None:
    conversation, volunteer = await helping.ready()
    officer = await helping.officer()
    await helping.volunteers.keep_contact(conversation, PHONE)
    call = await helping.call(officer)
    await helping.volunteers.calls.ask(call, [volunteer], officer)
    match = (await helping.match()).public_id
    await helping.volunteers.answer(conversation, match, comes=True)
    records = await helping.world.copies.for_office(conversation, "本人要")
    for told in (as_html(records), as_json(records)):
        for words in ("巾帼志愿者", "陪伴聊天", PHONE, "陪独居老人说说话"):
            assert words in told, words
    await helping.world.forget(conversation)
    assert await helping.world.work.rows(Volunteer) == []
    assert await helping.world.work.rows(VolunteerMatch) == []
    [left] = await helping.world.work.rows(VolunteerCall)
    assert left.status is CallStatus.OPEN


async def test_her_question_goes_from_the_calls_when_she_is_forgotten(helping: Helping) -> None:
    _, expert = await helping.ready("专家", FARMER)
    officer, case, asker = await helping.farmer()
    call = await helping.volunteers.calls.make(officer, await helping.volunteers.calls.question_of(case, officer))
    await helping.volunteers.calls.ask(call, [expert], officer)
    await helping.world.work.office.handover.close(case, officer, CaseOutcome.ADVISED)
    await helping.world.forget(asker)
    [row] = await helping.world.work.rows(VolunteerCall)
    assert row.need == ""


async def test_who_left_goes_after_years_and_who_helps_stays(helping: Helping) -> None:
    conversation, _ = await helping.ready("甲")
    await helping.ready("乙")
    await helping.volunteers.leave(conversation)
    officer = await helping.officer()
    await helping.volunteers.calls.close(await helping.call(officer), officer)
    helping.world.clock.pass_by(days=(TIMES.appointment + timedelta(days=1)).days)
    await helping.world.retention.run_due()
    [row] = await helping.world.work.rows(Volunteer)
    assert row.status is VolunteerStatus.ACCEPTED
    assert await helping.world.work.rows(VolunteerCall) == []
