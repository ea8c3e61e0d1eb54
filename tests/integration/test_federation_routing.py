"""A case goes up the area tree; to the federation at her work only when she chooses it, and never where she keeps away from."""

import asyncio

import pytest

from bot.domain.accounts import Permission, Role
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import CaseOutcome, CaseStatus
from bot.domain.errors import AlreadyTaken, BadInput, NotFound, NotPossibleNow
from bot.domain.federations import AREA_TREE, EVERY, FederationKind
from bot.domain.offices import OfficeLevel
from bot.domain.rota import monday
from bot.services.case_watch import standing_of
from bot.services.cases import NewCase
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from bot.storage.federations import Federation
from tests.integration.casework import COMMUNITY, DISTRICT, HERE, NOW, TOWN, Casework, texts
from tests.integration.federating import FARM, found, hire_at, offered, tap


@pytest.fixture
async def farm(work: Casework) -> str:
    return await found(work)


async def knows(work: Casework, officer, case: str) -> bool:
    """Whether she learns of it anywhere: her list, the page, what her page watches."""
    listed = case in [row.id for row in await work.seen(officer)]
    watched = standing_of(await work.office.watch.latest(fresh=True), officer).counts
    try:
        await work.office.reading.case(case, officer)
        opened = True
    except NotFound:
        opened = False
    assert listed == opened == bool(watched.get("waiting", 0) + watched.get("alerted", 0) + watched.get("taken", 0))
    return listed


async def test_without_her_choice_nobody_at_work_is_asked_or_knows(work: Casework, farm: str) -> None:
    of_farm = await hire_at(work, farm)  # her account sits in the very same district
    await work.say(HERE)
    assert await work.alerted() == ""
    assert not await knows(work, of_farm, (await work.case()).public_id)
    await work.say("在吗")
    await work.pass_by(of_farm, hours=3)
    assert await work.alerted() == ""


async def test_an_unknown_place_changes_nothing_of_that(work: Casework, farm: str) -> None:
    of_farm = await hire_at(work, farm, area="")
    await work.say("转人工")
    assert (await work.alerted(), await knows(work, of_farm, (await work.case()).public_id)) == ("", False)


async def test_her_tap_opens_a_case_there_and_names_nobody_on_her_screen(work: Casework, farm: str) -> None:
    of_farm, near = await hire_at(work, farm), await work.hire("王近", COMMUNITY)
    await work.say("我住柳林第一社区")
    answer = await tap(work, "work", farm)
    case = await work.case()
    assert (case.federation_id, await work.alerted(), await work.owner()) == (farm, "吴单位", "queue")
    assert "您选的妇联" in " ".join(texts(answer))
    assert FARM not in " ".join(texts(answer))
    assert case.wishes == f"请找{FARM}（她自己选的）"  # the officers know
    assert await knows(work, of_farm, case.public_id)
    assert await knows(work, near, case.public_id)  # in danger somebody near has to see it
    await work.office.handover.take(case.public_id, of_farm)
    assert "您选的妇联的工作人员接上了" in (await work.told_texts())[-1]


async def test_her_tap_takes_the_alert_from_the_area_and_asks_there(work: Casework, farm: str) -> None:
    of_farm = await hire_at(work, farm)
    near = await work.hire("王近", COMMUNITY)
    button = await offered(work, "work", farm)
    await work.say(HERE)
    assert await work.alerted() == "王近"
    await work.press(button, "点这个")
    assert await work.alerted() == "吴单位"
    assert [row.outcome.value for row in await work.rows(CaseAlert)] == ["withdrawn", "pending"]
    assert "chosen" in await work.acts()
    await work.office.handover.take((await work.case()).public_id, of_farm)
    assert near.id != (await work.case()).officer_id


async def test_nobody_takes_it_there_and_it_goes_up_the_area_tree(work: Casework, farm: str) -> None:
    of_farm, near = await hire_at(work, farm), await work.hire("王近", COMMUNITY)
    await work.say("我住柳林第一社区")
    await tap(work, "work", farm)
    await work.pass_by(of_farm, near, hours=6)
    assert await work.alerted() == "王近"
    assert "社区（村）妇联" in (await work.told_texts())[-1]


async def test_in_danger_the_area_is_asked_first_and_work_after_it(work: Casework, farm: str) -> None:
    await hire_at(work, farm)
    near = await work.hire("王近", COMMUNITY)
    button = await offered(work, "work", farm)
    await work.say(f"{NOW}，我住柳林第一社区")
    await work.press(button, "点这个")
    assert ((await work.case()).level, await work.alerted()) == (CaseLevel.RED, "王近")
    await work.office.handover.decline((await work.case()).public_id, near)
    assert await work.alerted() == "吴单位"


async def test_of_two_federations_only_the_chosen_one_knows(work: Casework, farm: str) -> None:
    zone = await found(work, "某某园区妇联", FederationKind.ZONE)
    of_farm, of_zone = await hire_at(work, farm), await hire_at(work, zone, "郑园区")
    await tap(work, "work", farm)
    case = (await work.case()).public_id
    assert (await knows(work, of_farm, case), await knows(work, of_zone, case)) == (True, False)
    await choose_in_queue(work, "某某园区妇联")
    assert (await knows(work, of_farm, case), await knows(work, of_zone, case)) == (False, True)
    assert await work.alerted() == "郑园区"


async def choose_in_queue(work: Casework, name: str) -> None:
    """She waits for a person and asks for her work's federation: the desk offers them, one a line."""
    answer = await work.say("我想找单位的妇联")
    [offer] = answer.messages
    mark = next(line[0] for line in offer.reply.text.splitlines() if line[2:] == name)
    await work.press(answer, f"请{mark}的人帮我")


@pytest.mark.parametrize("words", ["别让我单位知道", "这事千万不要告诉我们公司", "别找单位的人"])
async def test_her_words_take_it_away_from_work(work: Casework, farm: str, words: str) -> None:
    of_farm = await hire_at(work, farm)
    await work.hire("王近", COMMUNITY)
    await work.say("我住柳林第一社区")
    await tap(work, "work", farm)
    case = (await work.case()).public_id
    await work.office.handover.take(case, of_farm)
    await work.say(words)
    row = await work.case()
    assert (row.federation_id, row.officer_id, await work.alerted()) == (None, None, "王近")
    assert "不让她单位知道" in row.wishes
    assert not await knows(work, of_farm, case)


async def test_what_she_ruled_out_before_there_was_a_case_counts(work: Casework, farm: str) -> None:
    of_farm, near = await hire_at(work, farm), await work.hire("王近", COMMUNITY)
    await work.say("别让我单位知道")
    await work.say(HERE)
    case = (await work.case()).public_id
    await work.office.handover.take(case, near)
    with pytest.raises(BadInput, match="不要让那里知道"):
        await work.office.handover.transfer_to_federation(case, near, farm, "她单位", she_asked=True)
    assert not await knows(work, of_farm, case)


async def test_what_she_ruled_out_after_the_end_counts_when_it_opens_again(work: Casework, farm: str) -> None:
    of_farm = await hire_at(work, farm)
    await tap(work, "work", farm)
    case = (await work.case()).public_id
    await work.office.handover.take(case, of_farm)
    await work.office.handover.close(case, of_farm, CaseOutcome.RESOLVED)
    await tap(work, "keep_away", farm)
    await work.say("转人工")
    assert ((await work.case()).federation_id, await work.alerted()) == (None, "")
    assert not await knows(work, of_farm, case)


async def test_to_keep_away_from_a_system_is_to_keep_away_from_what_is_below_it(work: Casework, farm: str) -> None:
    [above] = await work.rows(Federation)
    company = await found(work, "某某种业妇联", FederationKind.COMPANY, parent_id=above.id)
    of_company = await hire_at(work, company, "冯公司")
    await tap(work, "work", company)
    case = (await work.case()).public_id
    assert await work.alerted() == "冯公司"
    await tap_in_queue(work, "keep_away", farm)
    assert (await work.alerted(), await knows(work, of_company, case)) == ("", False)


async def tap_in_queue(work: Casework, act: str, federation: str) -> None:
    """She goes on with the assistant and presses there; the case stays."""
    await work.press(await work.told(), "边等边问助手")
    await tap(work, act, federation)


async def test_her_last_word_counts_and_she_may_go_back_to_the_area(work: Casework, farm: str) -> None:
    of_farm, near = await hire_at(work, farm), await work.hire("王近", COMMUNITY)
    await work.say("我住柳林第一社区，别让我单位知道")
    await tap(work, "work", farm)  # she has thought about it
    case = (await work.case()).public_id
    assert await work.alerted() == "吴单位"
    await tap_in_queue(work, "work", AREA_TREE)
    assert ((await work.case()).federation_id, await work.alerted()) == (None, "王近")
    assert (await knows(work, of_farm, case), await knows(work, near, case)) == (False, True)
    await tap(work, "keep_away", EVERY)
    assert "不让她单位知道" in (await work.case()).wishes


async def test_an_officer_keeps_the_case_and_hands_it_on_as_she_asked(work: Casework, farm: str) -> None:
    near, of_farm = await work.hire("王近", COMMUNITY), await hire_at(work, farm)
    button = await offered(work, "work", farm)
    await work.say(HERE)
    case = (await work.case()).public_id
    await work.office.handover.take(case, near)
    answer = await work.press(button, "点这个")
    row = await work.case()
    assert (row.officer_id, row.federation_id, row.status) == (near.id, farm, CaseStatus.TAKEN)
    assert "由她转过去" in texts(answer)[0]
    with pytest.raises(BadInput, match="本人提出"):
        await work.office.handover.transfer_to_federation(case, near, farm, she_asked=False)
    await work.office.handover.transfer_to_federation(case, near, farm, she_asked=True)
    assert await work.alerted() == "吴单位"
    assert "您选的妇联" in (await work.told_texts())[-1]
    await work.office.handover.take(case, of_farm)
    await work.hire("李近", COMMUNITY)
    await work.office.handover.transfer_to_level(case, of_farm, OfficeLevel.COMMUNITY)
    assert ((await work.case()).federation_id, await work.alerted()) == (None, "李近")  # 王近 gave it away
    assert not await knows(work, of_farm, case)


async def test_colleagues_of_another_federation_are_no_choice(work: Casework, farm: str) -> None:
    zone = await found(work, "某某园区妇联", FederationKind.ZONE)
    near, of_farm = await work.hire("王近", COMMUNITY), await hire_at(work, farm)
    other = await hire_at(work, zone, "郑园区")
    await work.say(HERE)
    case = (await work.case()).public_id
    await work.office.handover.take(case, near)
    assert await work.office.room.colleagues(case, near) == []
    for somebody in (of_farm, other):
        with pytest.raises(BadInput):
            await work.office.handover.transfer_to_officer(case, near, somebody.id)


async def test_a_federation_without_staff_is_told_and_nothing_is_opened(work: Casework, farm: str) -> None:
    answer = await tap(work, "work", farm)
    assert "还没有人在这里接" in texts(answer)[0]
    assert await work.count(Case) == 0
    answer = await tap(work, "work", "nobodyknowsthisone00")
    assert "还没有人在这里接" in texts(answer)[0]
    area = await found(work, "北河区妇联", FederationKind.AREA)
    await hire_at(work, area, "不该")
    assert (
        "还没有人在这里接" in texts(await tap(work, "work", area))[0]
    )  # offices of the area are no federation at work


async def test_who_works_for_a_federation_sees_no_woman_of_the_branch(work: Casework, farm: str) -> None:
    boss = await hire_at(work, farm, "吴头", role=Role.SUPERVISOR)
    held = {permission for permission in Permission if boss.may(permission)}
    assert held == {Permission.SEE_CASES, Permission.TAKE_CASES, Permission.ASSIGN_CASES, Permission.OPEN_SEALED}
    await work.say("我住柳林第一社区，孩子没人带怎么办")
    [talk] = await work.rows(Conversation)
    with pytest.raises(NotFound):
        await work.office.cases.open_by_officer(boss, NewCase("看看", talk.public_id))
    walked_in = await work.office.cases.open_by_officer(boss, NewCase("当面来的"))
    assert (await work.case()).federation_id == farm
    assert await knows(work, boss, walked_in)


async def test_the_rota_is_of_the_areas_offices(work: Casework, farm: str) -> None:
    boss, of_farm = await work.hire("钱区", DISTRICT, Role.SUPERVISOR), await hire_at(work, farm)
    week = monday(work.clock().date())
    with pytest.raises(BadInput):
        await work.office.rota.set_week(boss, DISTRICT, week, [of_farm.id])
    await work.office.rota.set_week(boss, DISTRICT, week, [boss.id])
    await tap(work, "work", farm)
    assert await work.alerted() == "吴单位"  # a rota of the office where her account sits does not hide her


async def test_a_tap_and_an_officer_at_once_leave_one_true_state(work: Casework, farm: str) -> None:
    of_farm = await hire_at(work, farm)
    near = await work.hire("王近", TOWN)
    for round_number in range(6):
        sender = f"她{round_number}"
        button = await offered(work, "work", farm, sender=sender)
        away = await offered(work, "keep_away", EVERY, sender=sender)
        await work.say("转人工，我住柳林街道", sender=sender)
        case = (await work.rows(Case))[-1]
        await work.wait(of_farm, near, minutes=5)
        outcomes = await asyncio.gather(
            work.office.handover.take(case.public_id, near), work.office.handover.take(case.public_id, of_farm),
            work.press(button, "点这个", sender=sender), work.office.routing.run_due(),
            work.press(away, "点这个", sender=sender), return_exceptions=True,
        )  # fmt: skip
        allowed = AlreadyTaken | NotPossibleNow | NotFound
        assert all(not isinstance(one, BaseException) or isinstance(one, allowed) for one in outcomes), outcomes
        row = next(one for one in await work.rows(Case) if one.id == case.id)
        pending = [
            one for one in await work.rows(CaseAlert) if one.case_id == case.id and one.outcome.value == "pending"
        ]
        assert (row.status is CaseStatus.ALERTED) == (len(pending) == 1)
        holder = row.officer_id or (pending[0].officer_id if pending else "")
        assert holder != of_farm.id or row.federation_id == farm
        if row.status is CaseStatus.TAKEN:
            owner = near if row.officer_id == near.id else of_farm
            await work.office.handover.close(row.public_id, owner, CaseOutcome.RESOLVED)
        await work.wait(of_farm, near, hours=30)
