"""Two at the same moment: one officer gets the case, a late answer is dropped, nothing is sent twice, nothing is lost."""

import asyncio
from collections import Counter

import pytest

from bot.domain.cases import CaseOutcome, CaseStatus
from bot.domain.errors import AlreadyTaken, BotError, NotPossibleNow
from bot.domain.messages import Author, Owner
from bot.services.audit import Audit
from bot.storage.audit import AuditEntry
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case
from bot.storage.conversations import InboundMessage, InboundStatus, OutboundMessage
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, TOWN, Casework, texts

AT_ONCE = 50


async def test_fifty_officers_press_at_once_and_one_gets_it(work: Casework) -> None:
    officers = [await work.hire(f"官{number}", DISTRICT, there=number == 0) for number in range(AT_ONCE)]
    await work.say("转人工")
    case = (await work.case()).public_id
    names = {officer.id: officer.name for officer in officers}

    async def press(number: int) -> str:
        try:
            await work.office.handover.take(case, officers[number])
        except AlreadyTaken as taken:
            return f"lost to {taken.name}"
        return "won"

    outcomes = Counter(await asyncio.gather(*(press(number) for number in range(AT_ONCE))))
    row = await work.case()
    assert outcomes == {"won": 1, f"lost to {names[str(row.officer_id)]}": AT_ONCE - 1}
    assert await work.owner() == "officer"
    assert (await work.acts()).count("taken") == 1
    assert sum("接上了" in text for text in await work.told_texts()) == 1
    assert [alert.outcome.value for alert in await work.rows(CaseAlert)].count("pending") == 0


async def test_a_late_answer_is_dropped_when_an_officer_took_over_meanwhile(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say("他拿刀要砍我")  # a case, and the assistant still answers
    case = (await work.case()).public_id
    work.engine.delay = 0.5
    waiting = asyncio.create_task(work.say("我该怎么办"))
    await asyncio.sleep(0.2)
    await work.office.handover.reply(case, officer, "我在，您别怕", "1")
    answer = await waiting
    assert (answer.owner, texts(answer)) == (Owner.OFFICER, [])
    said = await work.told_texts()
    assert said[-1] == "我在，您别怕"
    assert not any(text.startswith("答：我该") for text in said)
    assert (await work.case()).waiting_since is not None  # and the officer sees that she asked


async def test_a_message_on_its_way_to_an_officer_who_gives_back_is_answered_by_the_assistant(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say("转人工")
    case = (await work.case()).public_id
    await work.office.handover.take(case, officer)
    decide = work.turns._decide

    async def given_back_meanwhile(situation):
        outcome = await decide(situation)
        work.turns._decide = decide
        await work.office.handover.give_back(case, officer)
        return outcome

    work.turns._decide = given_back_meanwhile
    assert texts(await work.say("妇女之家在哪")) == ["答：妇女之家在哪"]


async def test_the_same_form_at_once_is_sent_once(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    await work.say("转人工")
    case = (await work.case()).public_id
    sent = await asyncio.gather(*(work.office.handover.reply(case, officer, "您好", "form") for _ in range(12)))
    assert len({one.message for one in sent}) == 1
    assert Counter(one.again for one in sent) == {False: 1, True: 11}
    ours = [row for row in await work.rows(OutboundMessage) if row.author is Author.OFFICER]
    assert len(ours) == 1


async def test_two_officers_reply_at_once_and_she_hears_one_of_them(work: Casework) -> None:
    officers = [await work.hire(name, DISTRICT) for name in ("甲", "乙")]
    await work.say("转人工")
    case = (await work.case()).public_id
    outcomes = await asyncio.gather(
        *(work.office.handover.reply(case, officer, f"我是{officer.name}", "1") for officer in officers),
        return_exceptions=True,
    )
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Sent": 1, "AlreadyTaken": 1}
    assert sum(text.startswith("我是") for text in await work.told_texts()) == 1


async def test_taking_closing_leaving_and_expiring_at_once_leave_one_true_state(work: Casework) -> None:
    officers = [await work.hire("甲", TOWN), await work.hire("乙", DISTRICT)]
    for round_number in range(6):
        sender = f"她{round_number}"
        answer = await work.say("转人工，我住柳林街道", sender=sender)
        case = next(row for row in await work.rows(Case) if row.status is not CaseStatus.CLOSED)
        await work.wait(*officers, minutes=15)

        async def end(officer) -> None:
            await work.office.handover.take(case.public_id, officer)  # noqa: B023
            await work.office.handover.close(case.public_id, officer, CaseOutcome.RESOLVED)  # noqa: B023

        outcomes = await asyncio.gather(
            *(end(officer) for officer in officers),
            work.office.routing.run_due(),
            work.press(answer, "不等了", sender=sender),
            work.say("在吗", sender=sender),
            return_exceptions=True,
        )
        assert all(
            not isinstance(one, BaseException) or isinstance(one, AlreadyTaken | NotPossibleNow) for one in outcomes
        )
        row = next(one for one in await work.rows(Case) if one.id == case.id)
        if row.status is CaseStatus.TAKEN:  # she left too late: the officer still has it
            await work.office.handover.close(
                row.public_id, next(o for o in officers if o.id == row.officer_id), CaseOutcome.RESOLVED
            )
        row = next(one for one in await work.rows(Case) if one.id == case.id)
        assert row.status is CaseStatus.CLOSED
        pending = [alert for alert in await work.rows(CaseAlert) if alert.outcome.value == "pending"]
        assert pending == []
    assert {row.status for row in await work.rows(InboundMessage)} == {InboundStatus.ANSWERED}


async def test_acts_at_once_are_all_in_the_chain_of_the_audit_log(
    migrated_database: Database, keyring: Keyring, clock: Clock
) -> None:
    audit = Audit(migrated_database, keyring, clock=clock)
    work = Casework(migrated_database, keyring, clock, audit=audit)
    officers = [await work.hire(name, DISTRICT) for name in "甲乙丙丁"]
    for sender in "春夏秋冬":
        await work.say("转人工", sender=sender)
    cases = [row.public_id for row in await work.rows(Case)]

    async def work_on(officer, case: str) -> None:
        await work.office.handover.take(case, officer)
        await work.office.handover.release(case, officer)

    outcomes = await asyncio.gather(
        *(work_on(officer, case) for officer in officers for case in cases),
        *(work.say("救命他正在打我", sender=sender) for sender in "春夏秋冬"),
        work.office.routing.run_due(),
        return_exceptions=True,
    )
    assert all(not isinstance(one, BaseException) or isinstance(one, AlreadyTaken | NotPossibleNow) for one in outcomes)
    acts = Counter(entry.act for entry in await work.rows(AuditEntry))
    done = Counter(await work.acts())
    assert acts["case_taken"] == done["taken"] >= len(cases)
    assert acts["case_released"] == done["released"]
    assert (await audit.verify()).broken_at is None


async def test_errors_of_a_lost_race_have_words(work: Casework) -> None:
    officer, other = await work.hire("甲", DISTRICT), await work.hire("乙", DISTRICT)
    await work.say("转人工")
    case = (await work.case()).public_id
    await work.office.handover.take(case, officer)
    with pytest.raises(BotError, match="甲已经接了"):
        await work.office.handover.take(case, other)
