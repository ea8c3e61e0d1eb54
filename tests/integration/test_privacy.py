"""Forgetting: she is out of every table and file when she wishes it, what has to stay stays and is said, and nobody else sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.cases import CaseOutcome
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.retention import Block
from bot.services.record_copy_files import as_html, as_json
from bot.storage.appointments import Appointment
from bot.storage.audit import AuditEntry
from bot.storage.case_papers import CaseReferral
from bot.storage.cases import Case
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage, SharedPoint
from bot.storage.database import Database
from bot.storage.holds import CaseHold
from bot.storage.privacy import ForgetRequest
from bot.storage.records import Record
from bot.storage.reminders import Reminder
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import local
from tests.integration.casework import HERE
from tests.integration.conftest import texts
from tests.integration.forgetting import NAME, PHONE, WORD, World, files_with, index_with, tables_with


@pytest.fixture
async def world(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[World]:
    made = World(database, keyring, clock)
    yield made
    await made.close()


async def acts(world: World, act: Act) -> list[AuditEntry]:
    async with world.database.read() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.act == act.value)))


async def test_she_is_forgotten_in_every_table_and_file(world: World, tmp_path: Path) -> None:
    conversation, _, case = await world.everything()
    before = await tables_with(world.database, world.keyring, WORD, NAME, PHONE)
    assert {
        "inbound_messages", "outbound_messages", "cases", "case_notes", "case_tasks", "case_referrals", "appointments",
        "waiting_entries", "review_marks", "dialogue_tests",
    } <= before  # fmt: skip
    assert world.engine.kept[conversation]
    if world.database.is_sqlite:
        assert files_with(tmp_path, WORD)
        assert await index_with(world.database, WORD)
    assert await world.forget(conversation) == 1
    assert await tables_with(world.database, world.keyring, WORD, NAME, PHONE, "39.130011", "姓胡") == set()
    assert conversation not in world.engine.kept
    assert await world.work.rows(SharedPoint) == []
    assert await world.work.rows(ForgetRequest) == []
    if world.database.is_sqlite:
        assert not await index_with(world.database, WORD)
        assert files_with(tmp_path, WORD, NAME, PHONE) == set()
    kept = await world.work.case()
    assert (kept.public_id, kept.conversation_id, kept.need, kept.area) == (case, None, "", "120113")


def test_whatever_hangs_on_her_messages_goes_with_them() -> None:
    """A key that would keep a row of hers back has to be named here, and taken care of in `ForgetStore.erase`."""
    hers = {"conversations", "inbound_messages", "outbound_messages"}
    kept = {
        f"{table.name}.{key.parent.name}"
        for table in Record.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in hers and key.ondelete != "CASCADE"
    }
    assert kept == {
        "appointments.conversation_id",
        "cases.conversation_id",
        "outbound_messages.inbound_id",
        "suggestions.conversation_id",  # what was promised stays; her words lie in suggestion_words and go
    }


async def test_others_keep_everything(world: World) -> None:
    await world.furnish()
    await world.work.say("我的事", sender="甲")
    await world.work.say("另一件事", sender="乙")
    first = await world.conversation(0)
    await world.forget(first)
    assert [row.public_id for row in await world.work.rows(Conversation)] != [first]
    assert len(await world.work.rows(InboundMessage)) == 1
    assert texts(await world.work.say("还在吗", sender="乙")) == ["答：还在吗"]


async def test_her_token_opens_nothing_afterwards_and_a_new_talk_may_begin(world: World) -> None:
    await world.work.say("你好")
    await world.forget(await world.conversation())
    with pytest.raises(NotFound, match="已经删除"):
        await world.work.talk.history("web", "main", "她")
    assert texts(await world.work.say("又来了")) == ["答：又来了"]
    assert len(await world.work.rows(InboundMessage)) == 1


async def test_nothing_goes_before_her_answer_is_there_or_while_a_turn_is_under_way(world: World) -> None:
    await world.work.say("你好")
    conversation = await world.conversation()
    await world.privacy.ask(conversation, keep_appointments=False)
    assert await world.privacy.forget_due() == 0
    world.engine.down = True
    world.clock.pass_by(seconds=11)
    await world.work.say("等等，还有一句")  # written down, not answered
    assert await world.privacy.forget_due() == 0
    assert len(await world.work.rows(Conversation)) == 1
    world.engine.down = False
    world.clock.pass_by(seconds=30)
    await world.work.late.answer_open_turns()
    assert await world.privacy.forget_due() == 1
    assert await world.work.rows(Conversation) == []


async def test_what_was_not_delivered_is_brought_to_her_first(world: World) -> None:
    await world.work.say("你好", channel="wechat")
    await world.privacy.ask(await world.conversation(), keep_appointments=False)
    world.clock.pass_by(seconds=11)
    assert await world.privacy.forget_due() == 0
    world.clock.pass_by(seconds=15)
    assert await world.work.late.deliver_due() == 1
    assert await world.privacy.forget_due() == 1


async def test_the_last_words_are_not_waited_for_for_ever(world: World) -> None:
    await world.work.say("你好", channel="wechat")
    await world.privacy.ask(await world.conversation(), keep_appointments=False)
    world.clock.pass_by(minutes=11)
    assert await world.privacy.forget_due() == 1


async def test_an_open_case_keeps_her_records_until_it_is_closed(world: World) -> None:
    officer, case = await world.work.taken()
    conversation = await world.conversation()
    assert (await world.privacy.outlook(conversation)).block is Block.OPEN_CASE
    assert await world.privacy.ask(conversation, keep_appointments=False) is Block.OPEN_CASE
    assert await world.pass_and_do() == 0
    await world.work.office.handover.close(case, officer, CaseOutcome.RESOLVED)
    world.clock.pass_by(hours=1)
    assert await world.privacy.forget_due() == 1
    assert await world.work.rows(Conversation) == []


async def test_a_case_that_opens_after_her_yes_keeps_them_too(world: World) -> None:
    await world.work.say("你好")
    assert await world.privacy.ask(await world.conversation(), keep_appointments=False) is None
    await world.work.say("他拿刀要砍我")
    assert await world.pass_and_do() == 0
    assert len(await world.work.rows(Conversation)) == 1


async def test_a_wish_can_be_taken_back(world: World) -> None:
    await world.work.asked()
    conversation = await world.conversation()
    await world.privacy.ask(conversation, keep_appointments=False)
    assert len(await world.work.rows(ForgetRequest)) == 1
    assert await world.privacy.withdraw(conversation)
    assert not await world.privacy.withdraw(conversation)
    assert await world.work.rows(ForgetRequest) == []
    assert len(await acts(world, Act.DELETION_WITHDRAWN)) == 1


async def test_a_hold_keeps_everything_from_her_wish_and_from_age(world: World) -> None:
    conversation, officer, case = await world.everything()
    await world.holds.set(case, officer, "法院来函要求保全")
    held = await tables_with(world.database, world.keyring, WORD, NAME)
    assert await world.privacy.ask(conversation, keep_appointments=False) is Block.HELD
    assert await world.pass_and_do() == 0
    world.clock.pass_by(days=5000)
    await world.retention.run()
    assert await tables_with(world.database, world.keyring, WORD, NAME) == held
    await world.holds.lift(case, officer, "法院不再需要")
    assert await world.privacy.forget_due() == 1
    assert await tables_with(world.database, world.keyring, WORD, NAME) == set()


async def test_what_officers_wrote_of_a_hold_and_a_referral_goes_with_her(world: World) -> None:
    conversation, officer, case = await world.everything()
    await world.holds.set(case, officer, "王芳家的案子要保全")
    await world.holds.lift(case, officer, "王芳家的案子结了")
    assert await world.forget(conversation) == 1
    [hold] = await world.work.rows(CaseHold)
    assert (hold.reason, hold.lift_reason, hold.set_by) == ("", "", officer.id)
    assert [row.body_name for row in await world.work.rows(CaseReferral)] == [""]


async def test_only_a_supervisor_sets_a_hold_and_only_with_a_reason(world: World) -> None:
    officer, case = await world.work.taken()
    supervisor = await world.work.hire("王主任", officer.area, Role.SUPERVISOR)
    with pytest.raises(NotFound):
        await world.holds.set(case, officer, "法院来函要求保全")
    with pytest.raises(BadInput):
        await world.holds.set(case, supervisor, " ")
    await world.holds.set(case, supervisor, "法院来函，当事人张小红")
    with pytest.raises(Conflict):
        await world.holds.set(case, supervisor, "再来一次")
    shown = await world.holds.of(case, officer)
    assert (shown.running, shown.may_set, shown.holds[0].set_by) == (True, False, "王主任")
    assert "张小红" not in shown.holds[0].reason
    await world.holds.lift(case, supervisor, "法院不再需要")
    with pytest.raises(Conflict):
        await world.holds.lift(case, supervisor, "再来一次")
    assert [row.object_id for row in await acts(world, Act.HOLD_SET) + await acts(world, Act.HOLD_LIFTED)] == [case] * 2


async def test_a_hold_elsewhere_is_not_there(world: World) -> None:
    _, case = await world.work.taken()
    stranger = await world.work.hire("李主任", "120105", Role.SUPERVISOR)
    with pytest.raises(NotFound):
        await world.holds.of(case, stranger)
    with pytest.raises(NotFound):
        await world.holds.set(case, stranger, "法院来函要求保全")


async def test_of_many_holds_at_once_one_runs(world: World) -> None:
    officer, case = await world.work.taken()
    supervisor = await world.work.hire("王主任", officer.area, Role.SUPERVISOR)
    done = await asyncio.gather(
        *(world.holds.set(case, supervisor, f"法院来函 {number}") for number in range(5)), return_exceptions=True
    )
    assert [type(one) for one in done].count(Conflict) == 4
    assert len(await world.work.rows(CaseHold)) == 1


async def test_appointments_to_come_are_cancelled_and_their_seats_free(world: World) -> None:
    await world.furnish()
    await world.work.say("你好")
    conversation = await world.conversation()
    await world.book(conversation, local("2026-11-27 09:00"))
    await world.forget(conversation)
    [row] = await world.work.rows(Appointment)
    assert (row.status, row.conversation_id, row.sealed_called, row.sealed_phone) == ("cancelled", None, None, None)
    assert await world.work.rows(Reminder) == []
    assert await world.book(await world.made.woman("乙"), local("2026-11-27 09:00"))


async def test_an_appointment_that_she_keeps_stays_with_name_and_number_until_it_is_over(world: World) -> None:
    await world.furnish()
    await world.work.say("你好")
    conversation = await world.conversation()
    kept = await world.book(conversation, local("2026-11-27 09:00"))
    await world.forget(conversation, keep_appointments=True)
    assert (await world.made.appointments.one(kept.id)).called == NAME
    [row] = await world.work.rows(Appointment)
    assert (row.status, row.conversation_id, row.remind) == ("booked", None, False)
    assert await world.work.rows(Reminder) == []
    world.clock.pass_by(days=34)
    await world.retention.run()
    assert await tables_with(world.database, world.keyring, NAME, PHONE) == set()


async def test_the_engine_is_asked_until_it_has_forgotten(world: World) -> None:
    await world.work.say(WORD)
    conversation = await world.conversation()
    world.engine.down = True
    await world.privacy.ask(conversation, keep_appointments=False)
    world.clock.pass_by(seconds=11)
    assert await world.privacy.forget_due() == 1
    assert await world.work.rows(Conversation) == []
    assert world.engine.kept[conversation]
    world.clock.pass_by(seconds=31)
    await world.privacy.forget_due()
    assert len(await world.work.rows(ForgetRequest)) == 1
    world.engine.down = False
    world.clock.pass_by(seconds=31)
    await world.privacy.forget_due()
    assert world.engine.kept == {}
    assert await world.work.rows(ForgetRequest) == []


async def test_many_processes_forget_once(world: World) -> None:
    await world.work.say("你好")
    await world.privacy.ask(await world.conversation(), keep_appointments=False)
    world.clock.pass_by(seconds=11)
    done = await asyncio.gather(*(world.worker().forget_due() for _ in range(5)))
    assert sum(done) == 1
    assert len(await acts(world, Act.RECORDS_DELETED)) == 1


async def test_the_audit_log_tells_of_it_without_a_word_of_hers(world: World) -> None:
    conversation, _, _ = await world.everything()
    await world.forget(conversation)
    for act in (Act.DELETION_ASKED, Act.RECORDS_DELETED):
        assert [row.object_id for row in await acts(world, act)] == [conversation]
    assert (await world.audit.verify()).broken_at is None


async def test_her_copy_holds_both_sides_appointments_and_what_is_public_of_cases(world: World) -> None:
    conversation, _, case = await world.everything()
    tickets = await world.copies.offer(conversation)
    assert tickets is not None
    records = await world.copies.take(tickets[0], conversation)
    page, data = as_html(records), json.loads(as_json(records))
    for words in (WORD, NAME, PHONE, "答：", "甲站", world.coming.number, case, "家庭" if "家庭" in page else "已结案"):
        assert words in page, words
    assert {line["author"] for line in data["lines"]} == {"woman", "bot", "officer"}
    assert data["cases"][0]["referred_to"] == ["法院"]
    assert "她说" not in page  # notes among officers
    assert "张敏" not in page
    assert [row.object_id for row in await acts(world, Act.RECORDS_COPIED)] == [conversation]


async def test_what_she_wrote_is_text_on_the_page_of_her_copy(world: World) -> None:
    await world.work.say("<script>alert(1)</script>")
    conversation = await world.conversation()
    page = as_html(await world.copies.for_office(conversation, "本人到场申请"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_a_ticket_works_once_for_minutes_and_only_in_her_conversation(world: World) -> None:
    await world.work.say("甲的话", sender="甲")
    await world.work.say("乙的话", sender="乙")
    hers, other = await world.conversation(0), await world.conversation(1)
    first, second = await world.copies.offer(hers) or ("", "")
    with pytest.raises(NotFound):
        await world.copies.take(first, other)
    taken = await asyncio.gather(*(world.copies.take(first, hers) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in taken].count(NotFound) == 4
    world.clock.pass_by(minutes=16)
    with pytest.raises(NotFound, match="过期"):
        await world.copies.take(second, hers)
    with pytest.raises(NotFound):
        await world.copies.take("", hers)


async def test_where_there_are_no_files_she_gets_her_latest_words_and_where_to_get_the_rest(world: World) -> None:
    await world.work.say("一" * 700, channel="wechat")
    await world.work.say(f"我的{WORD}", channel="wechat")
    conversation = await world.conversation()
    assert await world.copies.offer(conversation) is None
    told = await world.copies.short(conversation)
    assert WORD in told
    assert "一一" not in told
    assert "12338" in told


async def test_the_office_exports_with_a_row_in_the_audit_log(world: World) -> None:
    await world.work.say(HERE)
    conversation = await world.conversation()
    records = await world.copies.for_office(conversation, "本人到场申请")
    assert records.lines[0].text == HERE
    [row] = await acts(world, Act.EXPORTED)
    assert (row.object_id, row.reason, row.source) == (conversation, "本人到场申请", "command line")
    with pytest.raises(NotFound):
        await world.copies.for_office("nobody", "本人到场申请")
    assert len(await acts(world, Act.EXPORTED)) == 1


async def test_a_message_that_lost_its_original_is_read_masked(world: World) -> None:
    await world.work.say(f"我叫{NAME}，{WORD}")
    conversation = await world.conversation()
    world.clock.pass_by(days=181)
    await world.retention.run()
    records = await world.copies.for_office(conversation, "核对清理的结果")
    told = "\n".join(line.text for line in records.lines)
    assert WORD in told
    assert NAME not in told
    async with world.database.read() as session:
        for table in (InboundMessage, OutboundMessage):
            assert set(await session.scalars(select(table.sealed))) == {b""}


async def test_every_case_leaves_the_office_its_numbers(world: World) -> None:
    conversation, _, _ = await world.everything()
    before = await world.work.case()
    await world.forget(conversation)
    after = await world.work.case()
    same = ("status", "level", "topic", "reason", "outcome", "opened_at", "taken_at", "closed_at", "officer_id")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert after.closed_at is not None
    assert after.closed_at - after.opened_at < timedelta(days=1)
    assert [row.public_id for row in await world.work.rows(Case)] == [before.public_id]
