"""A case that nobody picks up climbs until somebody does, and a woman is told what is true."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.accounts import Role
from bot.domain.case_filter import CaseFilter
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, CaseStatus
from bot.domain.errors import BadInput, NotFound
from bot.domain.messages import Owner
from bot.services.cases import NewCase
from bot.storage.accounts import Account
from bot.storage.case_alerts import CaseAlert
from tests.integration.casework import CITY, COMMUNITY, DISTRICT, OTHER_TOWN, TOWN, Casework, moment, texts

HERE = "转人工，我住柳林第一社区"
NOW = "他拿刀要砍我"
WEEK = moment("2026-11-24 00:00").date()


async def test_the_alert_climbs_from_the_community_to_the_city_and_then_begins_anew(work: Casework) -> None:
    near, town = await work.hire("近", COMMUNITY), await work.hire("街", TOWN)
    await work.hire("别", OTHER_TOWN)
    district, city = await work.hire("区", DISTRICT), await work.hire("市", CITY)
    await work.say(HERE)
    asked = [await work.alerted()]
    for _ in range(4):
        await work.pass_by(near, town, district, city, minutes=15)
        asked.append(await work.alerted())
    assert asked == ["近", "街", "区", "市", "近"]
    told = await work.told_texts()
    assert [text for text in told if "接着请" in text and "街道" in text]  # told at the first step
    assert "几位工作人员都没接上" in told[-1]
    assert len(told) == 3  # and no more than that, as messages are counted


async def test_a_round_that_nobody_accepted_begins_anew(work: Casework) -> None:
    near = await work.hire("近", COMMUNITY)
    await work.say(HERE)
    await work.pass_by(near, minutes=15)
    case = await work.case()
    assert (case.status, await work.alerted()) == (CaseStatus.WAITING, "")
    assert [shown.id for shown in await work.seen(near)] == [case.public_id]  # it waits in sight
    for _ in range(15):
        await work.pass_by(near, minutes=1)
    assert await work.alerted() == "近"


async def test_red_is_asked_for_two_minutes_each(work: Casework) -> None:
    near, town = await work.hire("近", COMMUNITY), await work.hire("街", TOWN)
    work.engine.down = True
    await work.say(f"{NOW}，我在柳林第一社区")
    await work.pass_by(near, town, minutes=1.9)
    assert await work.alerted() == "近"
    await work.pass_by(near, town, minutes=0.1)
    assert await work.alerted() == "街"


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24 10:00", "2026-11-24 16:00"),  # four working hours with lunch between
        ("2026-11-27 17:30", "2026-11-30 12:00"),  # Friday evening to Monday noon
        ("2025-09-27 10:00", "2025-09-28 14:30"),  # Saturday; the Sunday is worked (调休)
        ("2025-09-30 17:00", "2025-10-09 11:30"),  # over 国庆
    ],
)
async def test_yellow_counts_working_hours(work: Casework, now: str, until: str) -> None:
    work.clock.now = moment(now)
    await work.hire("近", COMMUNITY)
    work.engine.intent = "ask_single_mother_aid"
    await work.say("一个人带孩子，想问补助，我住柳林第一社区")
    work.engine.intent = "ask_human"
    await work.say("转人工")
    assert (await work.case()).level is CaseLevel.YELLOW
    [alert] = await work.rows(CaseAlert)
    assert alert.deadline_at == moment(until)


async def test_who_comes_on_duty_is_asked_at_once_the_gravest_first(work: Casework) -> None:
    await work.say("转人工", sender="甲")
    await work.say(NOW, sender="乙")
    assert await work.count(CaseAlert) == 0
    await work.hire("区", DISTRICT)
    alerts = await work.rows(CaseAlert)
    assert [alert.deadline_at - alert.sent_at for alert in alerts] == [timedelta(minutes=2), timedelta(minutes=15)]


async def test_who_went_and_came_again_is_asked_again(work: Casework) -> None:
    near = await work.hire("近", COMMUNITY)
    await work.say(HERE)
    await work.office.handover.decline((await work.case()).public_id, near)
    assert await work.alerted() == ""
    await work.pass_by(near, minutes=1)
    assert await work.alerted() == ""
    await work.office.rota.go_off_duty(near)
    work.clock.pass_by(minutes=1)
    await work.office.rota.come_on_duty(near)
    assert await work.alerted() == "近"


async def test_an_officer_whose_page_is_silent_is_off_duty(work: Casework) -> None:
    near = await work.hire("近", COMMUNITY)
    work.clock.pass_by(minutes=3)
    assert not await work.office.rota.still_there(near)  # and does not slip back by herself
    assert not await work.office.rota.is_there(near)
    await work.say(HERE)
    assert await work.alerted() == ""


async def test_neither_reviewers_nor_the_disabled_are_asked(work: Casework) -> None:
    gone = await work.hire("走", DISTRICT)
    with pytest.raises(NotFound):
        await work.hire("审", DISTRICT, Role.REVIEWER)
    async with work.database.write() as session:
        await session.execute(
            update(Account).where(Account.public_id == gone.id).values(disabled_at=work.clock())
        )  # fmt: skip
    await work.say(HERE)
    assert await work.alerted() == ""


async def test_what_a_disabled_officer_had_goes_to_others_also_of_a_woman_who_called(work: Casework) -> None:
    gone = await work.hire("走", DISTRICT)
    await work.office.cases.open_by_officer(gone, NewCase("她打过电话", area=DISTRICT))
    async with work.database.write() as session:
        await session.execute(update(Account).where(Account.public_id == gone.id).values(disabled_at=work.clock()))
    await work.pass_by(minutes=1)
    case = await work.case()
    assert (case.status, case.officer_id, case.preferred_officer_id) == (CaseStatus.WAITING, None, None)
    await work.hire("区", DISTRICT)
    assert await work.alerted() == "区"


async def test_never_the_community_that_she_ruled_out(work: Casework) -> None:
    near, town = await work.hire("近", COMMUNITY), await work.hire("街", TOWN)
    await work.say("转人工，我住柳林第一社区，别找我们社区的人")
    assert await work.alerted() == "街"
    assert await work.seen(near) == []  # and they do not even see it
    case = await work.case()
    for act in (work.office.handover.take, work.office.reading.case, work.office.papers.notes):
        with pytest.raises(NotFound):
            await act(case.public_id, near)
    await work.pass_by(near, town, minutes=15)
    assert await work.alerted() == ""


async def test_whom_she_rules_out_while_waiting_loses_the_alert(work: Casework) -> None:
    await work.hire("王近", COMMUNITY)
    await work.hire("街", TOWN)
    await work.say(HERE)
    assert await work.alerted() == "王近"
    [words] = texts(await work.say("别找王主任"))
    assert "看不到" in words
    assert await work.alerted() == "街"


async def test_whom_she_rules_out_in_the_talk_loses_the_case(work: Casework) -> None:
    near = await work.hire("近", COMMUNITY)
    await work.say(HERE)
    case = await work.case()
    await work.office.handover.take(case.public_id, near)
    answer = await work.say("您是社区的？别找我们社区的人")
    assert answer.owner is Owner.QUEUE
    assert (await work.case()).officer_id is None
    with pytest.raises(NotFound):
        await work.office.handover.reply(case.public_id, near, "别怕", "1")


async def test_the_rota_decides_who_of_an_office_is_asked(work: Casework) -> None:
    boss = await work.hire("主管", DISTRICT, Role.SUPERVISOR, there=False)
    first, second = await work.hire("甲", DISTRICT), await work.hire("乙", DISTRICT)
    third = await work.hire("丙", DISTRICT)  # there, but not in this week's rota
    await work.office.rota.set_week(boss, DISTRICT, WEEK, [second.id, first.id])
    await work.say("转人工，我住北河区")
    asked = [await work.alerted()]
    for _ in range(4):
        await work.pass_by(first, second, third, minutes=15)
        asked.append(await work.alerted())
    assert asked == ["乙", "甲", "乙", "甲", "乙"]


async def test_weeks_change_hands_whole_or_not_at_all(work: Casework) -> None:
    rota = work.office.rota
    boss = await work.hire("主管", DISTRICT, Role.SUPERVISOR, there=False)
    people = [await work.hire(name, DISTRICT, there=False) for name in "甲乙丙"]
    one, two, three = people
    await rota.set_week(boss, DISTRICT, WEEK, [one.id, two.id])
    await rota.set_week(boss, DISTRICT, WEEK + timedelta(days=7), [three.id])

    async def plan() -> list[tuple[str, str]]:
        return [(turn.name, turn.instead_of) for turn in await rota.weeks(one, DISTRICT, WEEK)]

    turns = await rota.weeks(one, DISTRICT, WEEK)
    await rota.swap(one, turns[0].id, turns[2].id)  # one of the two is hers
    assert await plan() == [("丙", "甲"), ("乙", ""), ("甲", "丙")]
    with pytest.raises(NotFound):
        await rota.stand_in(one, turns[1].id, three.id)  # another's part is not hers to give
    with pytest.raises(BadInput):
        await rota.stand_in(two, turns[1].id, three.id)  # she has that week already
    turns = await rota.weeks(one, DISTRICT, WEEK)
    await rota.swap(two, turns[0].id, turns[1].id)  # of the same week: duty and stand-in
    assert [name for name, _ in await plan()] == ["乙", "丙", "甲"]
    outsider = await work.hire("外", OTHER_TOWN, there=False)
    with pytest.raises(BadInput):
        await rota.set_week(boss, DISTRICT, WEEK, [outsider.id])
    with pytest.raises(NotFound):
        await rota.weeks(outsider, DISTRICT, WEEK)


async def test_many_workers_move_each_case_one_step(work: Casework) -> None:
    near, town, district = [
        await work.hire(name, area) for name, area in (("近", COMMUNITY), ("街", TOWN), ("区", DISTRICT))
    ]
    for sender in "甲乙丙":
        await work.say(HERE, sender=sender)
    await work.wait(near, town, district, minutes=15)
    moved = await asyncio.gather(*(work.office.routing.run_due() for _ in range(6)))
    assert sum(moved) == 3
    assert await work.count(CaseAlert) == 6
    for sender in "甲乙丙":
        assert len(await work.told_texts(sender)) == 2


async def test_an_unknown_place_goes_to_the_highest_who_is_there_and_is_seen_from_the_district_up(
    work: Casework,
) -> None:
    near, district = await work.hire("近", COMMUNITY), await work.hire("区", DISTRICT)
    await work.say("转人工")
    assert await work.alerted() == "区"
    assert await work.seen(near) == []
    assert len(await work.seen(district)) == 1
    await work.pass_by(near, district, minutes=15)
    assert await work.alerted() == "近"  # nobody else is there
    assert len(await work.seen(near)) == 1  # and who is asked may see it


async def test_scopes_see_their_branch_only(work: Casework) -> None:
    district = await work.hire("区", DISTRICT, there=False)
    town, other = await work.hire("街", TOWN, there=False), await work.hire("别", OTHER_TOWN, there=False)
    case_id = await work.office.cases.open_by_officer(
        town, NewCase("她要离婚", topic=Topic.MARRIAGE, area=COMMUNITY)
    )  # fmt: skip
    assert [len(await work.seen(officer)) for officer in (district, town, other)] == [1, 1, 0]
    with pytest.raises(NotFound):
        await work.office.reading.case(case_id, other)
    with pytest.raises(NotFound):
        await work.office.cases.open_by_officer(other, NewCase("她要离婚", area=COMMUNITY))


async def test_lists_filter_count_and_put_the_gravest_first(work: Casework) -> None:
    officer = await work.hire("区", DISTRICT, there=False)
    opened = [
        await work.office.cases.open_by_officer(officer, NewCase(need, level=level, area=DISTRICT))
        for need, level in (("想问补助", CaseLevel.YELLOW), ("现在被打", CaseLevel.RED), ("要离婚", CaseLevel.ORANGE))
    ]
    await work.office.handover.close(opened[0], officer, CaseOutcome.ADVISED)
    await work.say("转人工")
    page = work.office.reading.page
    shown = await page(officer)
    assert [one.level for one in shown] == [CaseLevel.RED, CaseLevel.ORANGE, CaseLevel.ORANGE, CaseLevel.YELLOW]
    assert shown[-1].status is CaseStatus.CLOSED
    assert [shown.need for shown in await page(officer, CaseFilter(words="离婚"))] == ["要离婚"]
    assert len(await page(officer, CaseFilter(officer=officer.id, closed=False))) == 2
    assert len(await page(officer, CaseFilter(status=CaseStatus.WAITING))) == 1
    assert len(await page(officer, limit=2)) == 2
    assert len(await page(officer, offset=2)) == 2
    work.clock.pass_by(minutes=16)
    counted = await work.office.reading.counts(officer)
    assert (counted["overdue"], counted["waiting"], counted["taken"], counted["red"]) == (1, 1, 2, 1)
