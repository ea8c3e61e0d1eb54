"""Check-ins: what the log keeps of one (nothing), what is kept when she agrees, and who sees it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.domain.accounts import Role
from bot.domain.check_in import ANSWER_SENT, ANSWERS, FORGOTTEN, RESULT_GONE, RESULT_SAID, Scores
from bot.domain.errors import NotFound
from bot.domain.messages import Choice, Entity, InboundKind, Understanding
from bot.domain.periods import month_named
from bot.language.cleaning import clean
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.check_in import CheckIns
from bot.services.figures import FigureOffice
from bot.storage.check_in import CheckIn
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage
from bot.storage.database import Database
from bot.storage.review_entries import ReviewEntry
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, DIVISIONS, OTHER_TOWN, Casework
from tests.integration.conftest import Talk
from tests.integration.forgetting import World, tables_with

ZONE = "Asia/Shanghai"
LAST = Choice(ANSWERS[3], '/take_check_in{"item":"3","answer":"3"}')
FIRST = Choice(ANSWERS[2], '/take_check_in{"item":"0","answer":"2"}')


@pytest.fixture
def check_ins(database: Database, keyring: Keyring, clock: Clock) -> CheckIns:
    return CheckIns(database, keyring, clock=clock, zone=ZONE)


async def rows(database: Database, table: type) -> list:
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(table.id)))


async def pressed(talk: Talk, choice: Choice) -> None:
    """She is offered one answer and presses it; the engine says back what it heard, as a result would be said."""
    talk.engine.choices = (choice,)
    talk.engine.understood = Understanding(
        "take_check_in", 1.0, (), (Entity("answer", "甲乙丙", choice.title, 0, 1),)
    )  # fmt: skip
    asked = await talk.say("做个情绪测试", message_id=f"{choice.payload} 1")
    offered = asked.messages[0].reply.choices[0].id
    await talk.say(message_id=f"{choice.payload} 2", kind=InboundKind.CHOICE, choice=offered)


async def test_which_answer_she_gave_is_nowhere_but_the_engine_gets_it(talk: Talk) -> None:
    await pressed(talk, FIRST)
    assert talk.engine.asked[-1] == (clean(ANSWER_SENT), FIRST.payload)
    said = (await rows(talk.database, InboundMessage))[-1]
    assert (said.payload, said.masked) == (FORGOTTEN, mask(ANSWER_SENT))
    assert "甲乙丙" not in (said.understanding or "")
    lines = (await talk.conversations.history("web", "main", "她"))[1]
    assert ANSWERS[2] not in [line.text for line in lines]


async def test_an_answer_by_its_number_is_not_kept_either(talk: Talk) -> None:
    talk.engine.choices = (FIRST,)
    await talk.say("做个情绪测试", message_id="1", channel="wechat")
    await talk.say("1", message_id="2", channel="wechat")
    assert talk.engine.asked[-1] == (clean(ANSWER_SENT), FIRST.payload)
    assert (await rows(talk.database, InboundMessage))[-1].masked == mask(ANSWER_SENT)


async def test_other_choices_are_written_down_as_ever(talk: Talk) -> None:
    await pressed(talk, Choice("好，开始", '/take_check_in{"step":"begin"}'))
    assert (await rows(talk.database, InboundMessage))[-1].masked == mask("好，开始")


async def test_an_answer_that_waits_for_the_engine_is_not_lost(talk: Talk) -> None:
    talk.engine.choices = (FIRST,)
    asked = await talk.say("做个情绪测试", message_id="1")
    talk.engine.down = True
    await talk.say(message_id="2", kind=InboundKind.CHOICE, choice=asked.messages[0].reply.choices[0].id)
    talk.engine.down = False
    talk.clock.pass_by(seconds=30)
    await talk.late.answer_open_turns()
    assert talk.engine.asked[-1] == (clean(ANSWER_SENT), FIRST.payload)
    assert (await rows(talk.database, InboundMessage))[-1].payload == FORGOTTEN


async def test_the_result_is_read_once_and_then_gone(talk: Talk, check_ins: CheckIns, clock: Clock) -> None:
    await pressed(talk, LAST)
    assert (await rows(talk.database, OutboundMessage))[-1].masked == RESULT_SAID
    lines = (await talk.conversations.history("web", "main", "她"))[1]
    assert lines[-1].text == f"答：{LAST.payload}", "she can read it again for a while"
    assert await check_ins.forget_results() == 0
    clock.pass_by(minutes=16)
    assert await check_ins.forget_results() == 1
    assert await check_ins.forget_results() == 0
    lines = (await talk.conversations.history("web", "main", "她"))[1]
    assert lines[-1].text == RESULT_GONE
    assert await tables_with(talk.database, talk.keyring, f"答：{LAST.payload}") == set()


async def test_a_result_that_has_not_reached_her_waits(talk: Talk, check_ins: CheckIns, clock: Clock) -> None:
    talk.engine.choices = (LAST,)
    await talk.say("做个情绪测试", message_id="1", channel="wechat")
    await talk.say("1", message_id="2", channel="wechat")
    clock.pass_by(minutes=16)
    assert await check_ins.forget_results() == 0
    await talk.late.deliver_due()
    assert await check_ins.forget_results() == 1


async def hers(talk: Talk | Casework) -> str:
    return (await rows(talk.database, Conversation))[0].public_id


async def test_a_day_has_one_result_the_last_one(talk: Talk, check_ins: CheckIns, clock: Clock) -> None:
    await talk.say("你好")
    conversation = await hers(talk)
    await check_ins.keep(conversation, Scores(1, 2))
    await check_ins.keep(conversation, Scores(5, 6))
    assert len(await rows(talk.database, CheckIn)) == 1
    clock.pass_by(days=1)
    await check_ins.keep(conversation, Scores(0, 0))
    kept = await rows(talk.database, CheckIn)
    assert [row.day for row in kept] == [
        (clock() - timedelta(days=1)).astimezone(ZoneInfo(ZONE)).date(), clock().astimezone(ZoneInfo(ZONE)).date()
    ]  # fmt: skip
    assert b"5+6" not in kept[0].sealed_scores
    assert await check_ins.withdraw(conversation) == 2
    assert await rows(talk.database, CheckIn) == []


async def test_nobody_unknown_has_any(check_ins: CheckIns) -> None:
    with pytest.raises(NotFound):
        await check_ins.keep("nobody", Scores(0, 0))
    with pytest.raises(NotFound):
        await check_ins.withdraw("nobody")


async def test_whoever_may_see_her_case_sees_it_and_nobody_else(work: Casework, check_ins: CheckIns) -> None:
    officer, case = await work.taken()
    assert await check_ins.of_case(case, officer) == ()
    await check_ins.keep(await hers(work), Scores(4, 1))
    [kept] = await check_ins.of_case(case, officer)
    assert "低落 4 分、担心 1 分" in kept.words
    assert "不是诊断" in kept.words
    for stranger in (await work.hire("别", OTHER_TOWN), await work.hire("质检", DISTRICT, Role.REVIEWER, there=False)):
        with pytest.raises(NotFound):
            await check_ins.of_case(case, stranger)


async def test_it_is_in_her_copy_and_goes_when_she_is_forgotten(
    database: Database, keyring: Keyring, clock: Clock, check_ins: CheckIns
) -> None:
    world = World(database, keyring, clock)
    await world.work.say("你好")
    conversation = await world.conversation()
    await check_ins.keep(conversation, Scores(3, 6))
    records = await world.copies.for_office(conversation, "她要一份")
    assert [(one.low, one.worry) for one in records.check_ins] == [(3, 6)]
    await world.forget(conversation)
    assert await rows(database, CheckIn) == []
    await world.close()


async def test_it_goes_by_age(database: Database, keyring: Keyring, clock: Clock, check_ins: CheckIns) -> None:
    world = World(database, keyring, clock)
    await world.work.say("你好")
    conversation = await world.conversation()
    await check_ins.keep(conversation, Scores(3, 6))
    clock.pass_by(days=100)
    await check_ins.keep(conversation, Scores(1, 1))
    clock.pass_by(days=81)
    await world.retention.run_due()
    assert [row.day for row in await rows(database, CheckIn)] == [
        (clock() - timedelta(days=81)).astimezone(ZoneInfo(ZONE)).date()
    ]
    await world.close()


async def test_figures_count_them_by_area_and_never_fewer_than_five(
    database: Database, keyring: Keyring, clock: Clock, check_ins: CheckIns
) -> None:
    talk = Casework(database, keyring, clock)
    for number in range(30):
        await talk.say("你好", sender=f"她{number}")
    for number, one in enumerate(await rows(database, Conversation)):
        async with database.write() as session:
            entry = (await session.scalars(select(ReviewEntry).where(ReviewEntry.conversation_id == one.id))).one()
            entry.area = DISTRICT
        await check_ins.keep(one.public_id, Scores(4, 0) if number < 3 else Scores(2, 2))
    office = FigureOffice(
        database, Gazetteer(DIVISIONS, {}, (), (), ()), clock=clock, zone=ZONE, check_ins=check_ins
    )  # fmt: skip
    table = (await office.count(month_named(f"{clock():%Y-%m}"), DISTRICT)).tables["check_in"]
    assert str(table.total) == "30"
    assert table.row("high").cell.count is None, "three women are never told of, nor what would give them away"
    assert table.row("low").cell.count is None
    await talk.close()


async def test_her_case_counts_check_ins_and_not_their_steps(work: Casework) -> None:
    work.engine.intent = "take_check_in"
    work.engine.choices = (FIRST,)
    for _ in range(3):
        await work.press(await work.say("做个情绪测试"), FIRST.title)
    work.engine.choices = ()
    await work.say("转人工")
    assert "做个情绪小自测 3 次" in (await work.case()).tried
