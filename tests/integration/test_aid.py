"""Hardship: an application becomes part of a case, officers tick and settle it, she hears of it and can take it back."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.aid import AidFilter, AidStatus, ItemState
from bot.domain.audit import Act
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, CaseStatus, OpenReason
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.messages import Owner
from bot.services.cases import NewCase
from bot.storage.aid import AidApplication, AidItem
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.casework import COMMUNITY, DISTRICT, OTHER_TOWN, TOWN, Casework
from tests.integration.forgetting import WORD, World

SEEN, MISSING, SAID = ItemState.SEEN, ItemState.MISSING, ItemState.SAID
NEED = "我住柳林街道，男人没了，带俩娃过不下去"


async def writes(work: Casework, text: str = NEED, sender: str = "她") -> str:
    """She writes; the public id of her conversation."""
    await work.say(text, sender=sender)
    return str((await work.rows(Conversation))[-1].public_id)


async def applied(work: Casework, programme: str = "dibao", have: tuple[str, ...] = ()) -> tuple[str, str]:
    """(conversation, application) of a woman who wrote and applied."""
    conversation = await writes(work)
    return conversation, (await work.office.aid.apply(conversation, programme, have)).id


async def states(work: Casework) -> dict[str, ItemState]:
    return {item.key: item.state for item in await work.rows(AidItem)}


async def test_applying_opens_a_case_with_the_checklist_and_says_who_comes(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    conversation = await writes(work)
    told = await work.office.aid.apply(conversation, "dibao", ("household", "identity"))
    assert told.missing == ("收入的材料", "说明困难的材料")
    assert "区妇联" in told.told
    assert "14:00" not in told.told  # four working hours from 10:00, with a break at noon, is 16:00
    assert "16:00" in told.told
    case = await work.case()
    assert (case.reason, case.topic, case.level, case.area) == (
        OpenReason.APPLIED, Topic.HARDSHIP, CaseLevel.YELLOW, TOWN,
    )  # fmt: skip
    assert case.need.startswith("申请低保\n")
    assert await work.owner() == Owner.BOT  # the assistant goes on speaking with her
    assert await states(work) == {"household": SAID, "identity": SAID, "income": MISSING, "hardship": MISSING}


async def test_when_nobody_is_there_no_hour_is_promised(work: Casework) -> None:
    conversation = await writes(work)
    told = await work.office.aid.apply(conversation, "temporary", ())
    assert "没法说定几点" in told.told
    assert "12338" in told.told


async def test_what_she_looked_for_before_is_her_place_when_her_words_name_none(work: Casework) -> None:
    conversation = await writes(work, "日子过不下去了")
    told = await work.office.aid.apply(conversation, "dibao", (), place="120113002000")
    assert told.place_known
    assert (await work.case()).area == OTHER_TOWN


async def test_without_a_place_it_is_asked_for_and_her_answer_finds_it(work: Casework) -> None:
    conversation = await writes(work, "日子过不下去了")
    told = await work.office.aid.apply(conversation, "dibao", ())
    assert not told.place_known
    assert await work.office.cases.takes_place(conversation, "我住柳林街道")
    assert not await work.office.cases.takes_place(conversation, "好的")
    await work.say("我住柳林街道")
    assert (await work.case()).area == TOWN
    assert not await work.office.cases.takes_place(conversation, "石桥街道")


async def test_a_second_tap_applies_once_and_two_programmes_share_a_case(work: Casework) -> None:
    conversation, first = await applied(work)
    again = await work.office.aid.apply(conversation, "dibao", ("identity",))
    assert (again.id, again.again) == (first, True)
    assert "身份证" not in again.missing
    other = await work.office.aid.apply(conversation, "school", ())
    assert not other.again
    assert await work.count(Case) == 1
    assert await work.count(AidApplication) == 2


async def test_many_taps_at_once_apply_once(work: Casework) -> None:
    conversation = await writes(work)
    told = await asyncio.gather(*(work.office.aid.apply(conversation, "dibao", ()) for _ in range(6)))
    assert len({one.id for one in told}) == 1
    assert [one.again for one in told].count(False) == 1
    assert await work.count(Case) == 1


async def test_an_open_case_is_used_and_keeps_its_graver_topic(work: Casework) -> None:
    officer, _ = await work.taken()
    [row] = await work.rows(Conversation)
    async with work.database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        case.topic = Topic.MARRIAGE
    told = await work.office.aid.apply(row.public_id, "dibao", ())
    assert "已经加进" in told.told
    case = await work.case()
    assert (case.topic, case.reason, case.officer_id) == (Topic.MARRIAGE, OpenReason.ASKED, officer.id)


async def test_a_programme_that_is_not_there_is_not_found(work: Casework) -> None:
    conversation = await writes(work)
    with pytest.raises(NotFound):
        await work.office.aid.apply(conversation, "gold", ())
    with pytest.raises(NotFound):
        await work.office.aid.apply("nobody", "dibao", ())
    assert await work.count(Case) == 0


async def test_she_ticks_what_she_got_and_an_officer_looks_at_it(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation, application = await applied(work)
    hers = await work.office.aid.tick(conversation, application, "income")
    assert "收入的材料" not in dict(hers.missing).values()
    case = (await work.case()).public_id
    await work.office.aid_desk.check(case, officer, application, {"income": SEEN, "identity": SEEN})
    await work.office.aid.tick(conversation, application, "income")  # what was seen is not set back
    assert (await states(work))["income"] is SEEN
    await work.office.aid_desk.check(case, officer, application, {"income": MISSING})
    [entry] = await work.office.aid_desk.of_case(case, officer)
    assert entry.missing == ("户口本", "收入的材料", "说明困难的材料")


async def test_what_became_of_it_is_told_in_words_that_tell_nobody_else(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation, application = await applied(work)
    case = (await work.case()).public_id
    await work.office.aid_desk.move(case, officer, application, AidStatus.SUBMITTED)
    message = (await work.told())[-1]
    assert "低保" not in message.reply.text
    assert "救助" not in message.reply.text
    assert [choice.payload for choice in message.reply.choices] == ['/apply_for_aid{"aid":"state"}']
    await work.office.aid_desk.move(case, officer, application, AidStatus.REFUSED, "收入超过标准，张秀英的单子不全")
    [hers] = await work.office.aid.hers(conversation)
    assert hers.status is AidStatus.REFUSED
    assert "收入超过标准" in hers.reason
    assert "复议" in hers.refused
    deeds = [deed for deed in work.audit.deeds if deed.act is Act.AID_MOVED]  # type: ignore[union-attr]
    assert [deed.reason for deed in deeds] == ["submitted", "refused"]


async def test_while_a_person_speaks_with_her_it_is_said_outright(work: Casework) -> None:
    officer, case = await work.taken()
    [row] = await work.rows(Conversation)
    application = await work.office.aid_desk.start(case, officer, "dibao")
    await work.office.aid_desk.move(case, officer, application, AidStatus.GRANTED)
    message = (await work.told())[-1]
    assert "批了" in message.reply.text
    assert not message.reply.choices
    assert [one.status for one in await work.office.aid.hers(row.public_id)] == [AidStatus.GRANTED]


async def test_a_no_needs_a_reason_and_a_move_that_is_none_is_refused(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation, application = await applied(work)
    case, desk = (await work.case()).public_id, work.office.aid_desk
    with pytest.raises(BadInput):
        await desk.move(case, officer, application, AidStatus.REFUSED, " ")
    await work.office.aid.withdraw(conversation, application)
    with pytest.raises(Conflict):
        await desk.move(case, officer, application, AidStatus.GRANTED)
    with pytest.raises(Conflict):
        await desk.check(case, officer, application, {"identity": SEEN})


async def test_of_two_officers_at_once_one_settles_it(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    _, application = await applied(work)
    case, desk = (await work.case()).public_id, work.office.aid_desk
    done = await asyncio.gather(
        desk.move(case, officer, application, AidStatus.GRANTED),
        desk.move(case, officer, application, AidStatus.REFUSED, "不符合"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in done) == 1


async def test_taking_it_back_closes_the_case_that_was_opened_for_it(work: Casework) -> None:
    conversation, application = await applied(work)
    assert await work.office.aid.withdraw(conversation, application) == "最低生活保障（低保）"
    case = await work.case()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, CaseOutcome.LEFT)
    assert await work.office.aid.hers(conversation) == []
    with pytest.raises(NotFound):
        await work.office.aid.withdraw(conversation, application)


@pytest.mark.parametrize("why", ["taken", "asked", "other", "danger"])
async def test_taking_it_back_leaves_a_case_that_is_there_for_more(work: Casework, why: str) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation, application = await applied(work)
    case = (await work.case()).public_id
    if why == "taken":
        await work.office.handover.take(case, officer)
    elif why == "asked":  # she wanted a person meanwhile
        await work.office.cases.ask(conversation)
    elif why == "other":
        await work.office.aid.apply(conversation, "school", ())
    else:
        await work.say("他拿刀要砍我")
    await work.office.aid.withdraw(conversation, application)
    assert (await work.case()).status is not CaseStatus.CLOSED


async def test_another_woman_cannot_touch_hers(work: Casework) -> None:
    _, application = await applied(work)
    other = await writes(work, "你好", sender="另一个")
    for act in (work.office.aid.withdraw(other, application), work.office.aid.tick(other, application, "income")):
        with pytest.raises(NotFound):
            await act
    assert await work.office.aid.hers(other) == []


async def test_an_officer_elsewhere_does_not_know_of_it(work: Casework) -> None:
    elsewhere = await work.hire("李", OTHER_TOWN)
    _, application = await applied(work)
    case, desk = (await work.case()).public_id, work.office.aid_desk
    for act in (
        desk.of_case(case, elsewhere), desk.start(case, elsewhere, "school"),
        desk.check(case, elsewhere, application, {"income": SEEN}),
        desk.move(case, elsewhere, application, AidStatus.GRANTED),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await act
    assert await desk.page(elsewhere, AidFilter()) == []
    assert await desk.counts(elsewhere) == {}


async def test_an_application_of_another_case_is_not_found_under_this_one(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    _, application = await applied(work)
    other = await work.office.cases.open_by_officer(officer, NewCase(need="来访", area=COMMUNITY))
    with pytest.raises(NotFound):
        await work.office.aid_desk.move(other, officer, application, AidStatus.GRANTED)


async def test_an_officer_applies_for_one_who_called(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    case = await work.office.cases.open_by_officer(officer, NewCase(need="来电，孩子上学难", area=COMMUNITY))
    desk = work.office.aid_desk
    application = await desk.start(case, officer, "school")
    assert await desk.start(case, officer, "school") == application
    await desk.move(case, officer, application, AidStatus.GRANTED, "下学期起减免")
    with pytest.raises(BadInput):
        await desk.start(case, officer, "gold")
    [entry] = await desk.page(officer, AidFilter(programme="school", status=AidStatus.GRANTED, area=DISTRICT))
    assert (entry.reason, entry.officer) == ("下学期起减免", "张敏")


async def test_the_list_is_filtered_and_counted(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation, application = await applied(work)
    await work.office.aid.apply(conversation, "school", ())
    desk = work.office.aid_desk
    await desk.move((await work.case()).public_id, officer, application, AidStatus.GRANTED)
    assert [one.programme for one in await desk.page(officer, AidFilter())] == ["school", "dibao"]  # open ones first
    assert [one.programme for one in await desk.page(officer, AidFilter(opened=True))] == ["school"]
    assert await desk.page(officer, AidFilter(area=OTHER_TOWN)) == []
    assert await desk.counts(officer) == {("dibao", AidStatus.GRANTED): 1, ("school", AidStatus.COLLECTING): 1}
    assert await desk.counts(officer, begins=work.clock() + timedelta(seconds=1)) == {}
    assert await desk.counts(officer, ends=work.clock()) == {}


async def test_her_copy_tells_of_it_and_what_an_officer_wrote_goes_when_she_is_forgotten(
    database: Database, keyring: Keyring, clock: Clock
) -> None:
    world = World(database, keyring, clock)
    conversation, officer, case = await world.everything()
    desk = world.work.office.aid_desk
    application = await desk.start(case, officer, "dibao")
    await desk.move(case, officer, application, AidStatus.REFUSED, f"{WORD}的单子不全")
    ticket, _ = await world.copies.offer(conversation) or ("", "")
    copy = await world.copies.take(ticket, conversation)
    assert [one.applied_for for one in copy.cases] == [(f"最低生活保障（低保）（没批：{WORD}的单子不全）",)]
    await world.forget(conversation)
    [row] = await world.work.rows(AidApplication)
    assert (row.status, row.reason) == (AidStatus.REFUSED, "")
    await world.work.close()
