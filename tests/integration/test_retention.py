"""What was kept long enough goes, in small steps, once, whatever dies in between; nothing that somebody still needs goes."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.domain.accounts import Officer, Role
from bot.domain.audit import Act
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import CaseOutcome, CaseStatus, OpenReason
from bot.domain.errors import NotFound
from bot.domain.messages import InboundKind
from bot.domain.retention import STAYING, Kept, rules
from bot.services import retention as service
from bot.services.retention import NO_ENGINE
from bot.storage.accounts import Account
from bot.storage.audit import AuditEntry
from bot.storage.cases import Case
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus, OfferedChoice, SharedPoint
from bot.storage.database import Database
from bot.storage.holds import CaseHold
from bot.storage.records import Record, new_public_id
from bot.storage.retention import RetentionRun, RetentionStore
from bot.storage.sealing import Keyring
from bot.storage.wechat import AFTER_MESSAGE, WeChatNonce, WeChatProgress, WeChatReply, WeChatStore, WeChatWindow
from tests.conftest import Clock
from tests.integration.calendars import local
from tests.integration.forgetting import NAME, TIMES, World, tables_with

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
async def world(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[World]:
    made = World(database, keyring, clock)
    yield made
    await made.close()


async def count(world: World, table: type[Record]) -> int:
    return await world.work.count(table)


def test_every_table_has_a_rule_or_a_reason_to_stay_and_none_has_both() -> None:
    """A table that is added without one is kept for ever and nobody knows: name it in bot/domain/retention.py."""
    named = [table for rule in rules(TIMES) for table in rule.tables]
    assert len(named) == len(set(named))
    assert not set(named) & set(STAYING)
    assert set(Record.metadata.tables) == set(named) | set(STAYING)
    assert {rule.kept for rule in rules(TIMES)} == set(Kept)


@dataclass(frozen=True)
class Situation:
    """A talk: days since she wrote last, whether a turn is open, and its case (days since it was closed; None: open)."""

    silent: int
    busy: bool = False
    case: bool = False
    closed: int | None = None
    held: bool = False

    @property
    def case_stays(self) -> bool:
        return self.case and (self.held or self.closed is None or DAY * self.closed <= TIMES.case)

    @property
    def expected(self) -> tuple[bool, bool]:
        """(whether the conversation is there afterwards, whether its original is)."""
        idle = not self.busy and not self.case_stays
        there = not (idle and DAY * self.silent > TIMES.masked)
        return there, there and not (idle and DAY * self.silent > TIMES.text)


SITUATIONS = st.builds(
    Situation, silent=st.integers(0, 1500), busy=st.booleans(), case=st.booleans(),
    closed=st.none() | st.integers(0, 1500), held=st.booleans(),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(SITUATIONS, min_size=1, max_size=8))
@example([Situation(181), Situation(180), Situation(731), Situation(730)])  # one day makes it
@example([Situation(1500, case=True, closed=1096), Situation(1500, case=True, closed=1095)])  # a case keeps its talk
@example([Situation(1500, case=True, closed=1500, held=True), Situation(1500, case=True), Situation(1500, busy=True)])
def test_nothing_goes_too_early_and_nothing_stays_too_long(situations: list[Situation]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_after_a_run(Path(folder), situations))
    assert found == [situation.expected for situation in situations]


async def _after_a_run(folder: Path, situations: list[Situation]) -> list[tuple[bool, bool]]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Record.metadata.create_all)
    world = World(database, Keyring(b"k" * 32), Clock(NOW))
    officer = await world.work.hire("张敏", "12", Role.SUPERVISOR, there=False)
    numbers = [await put(database, situation, officer) for situation in situations]
    await world.retention.run()
    async with database.read() as session:
        rows = await session.execute(select(Conversation.id, func.length(Conversation.sealed_sender)))
        left = {number: length > 0 for number, length in rows}
    await world.close()
    await database.close()
    return [(number in left, left.get(number, False)) for number in numbers]


async def put(database: Database, situation: Situation, officer: Officer) -> int:
    async with database.write() as session:
        silent_since = NOW - DAY * situation.silent
        row = Conversation(
            channel="web", account="web", sender_digest=new_public_id(), sealed_sender=b"x", created_at=silent_since,
            last_inbound_at=silent_since,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(
            InboundMessage(
                conversation_id=row.id, message_key=new_public_id(), kind=InboundKind.TEXT, sealed=b"x", masked="话",
                status=InboundStatus.RECEIVED if situation.busy else InboundStatus.ANSWERED, sent_at=silent_since,
                received_at=silent_since,
            )
        )  # fmt: skip
        if situation.case:
            closed_at = None if situation.closed is None else NOW - DAY * situation.closed
            case = Case(
                conversation_id=row.id, level=CaseLevel.YELLOW, reason=OpenReason.ASKED, due_at=NOW, opened_at=NOW,
                routing_since=NOW, closed_at=closed_at, status=CaseStatus.CLOSED if closed_at else CaseStatus.WAITING,
                outcome=CaseOutcome.ADVISED if closed_at else None,
            )  # fmt: skip
            session.add(case)
            await session.flush()
            if situation.held:
                session.add(CaseHold(case_id=case.id, set_by=officer.id, set_at=NOW, reason="法院来函"))
        return row.id


async def test_what_passes_goes_when_its_time_is_over(world: World) -> None:
    await world.work.say("", kind=InboundKind.LOCATION, point=None)
    async with world.database.write() as session:
        session.add(SharedPoint(public_id="p", sealed=b"x", expires_at=world.clock() + timedelta(minutes=10)))
        store = WeChatStore(session, world.keyring)
        await store.is_fresh("n", "m", world.clock())
        await store.say("m", "好", world.clock())
        await store.advance("m", 1, world.clock())
        await store.open_window("她", AFTER_MESSAGE, world.clock())
    await world.retention.run()
    tables = (SharedPoint, WeChatNonce, WeChatReply, WeChatProgress, WeChatWindow)
    assert [await count(world, table) for table in tables] == [1] * 5
    world.clock.pass_by(minutes=16)
    await world.retention.run()
    assert [await count(world, table) for table in tables] == [0, 0, 0, 1, 1]
    world.clock.pass_by(days=8)
    await world.retention.run()
    assert [await count(world, table) for table in tables] == [0] * 5


async def test_choices_go_and_what_was_said_stays(world: World) -> None:
    await world.work.asked()
    assert await count(world, OfferedChoice) > 0
    world.clock.pass_by(days=29)
    await world.retention.run()
    assert await count(world, OfferedChoice) > 0
    world.clock.pass_by(days=2)
    await world.retention.run()
    assert await count(world, OfferedChoice) == 0
    assert await world.work.told_texts()


async def test_name_and_number_leave_an_appointment_that_is_over_and_the_row_later(world: World) -> None:
    await world.furnish()
    booked = await world.book(await world.made.woman(), local("2026-11-27 09:00"))
    world.clock.now = local("2026-11-27 09:40") + timedelta(days=30)
    await world.retention.run()
    assert (await world.made.appointments.one(booked.id)).called == NAME
    world.clock.pass_by(seconds=1)
    await world.retention.run()
    assert (await world.made.appointments.one(booked.id)).called == ""
    assert await tables_with(world.database, world.keyring, NAME) == set()
    world.clock.pass_by(days=1066)
    await world.retention.run()
    with pytest.raises(NotFound):
        await world.made.appointments.one(booked.id)


async def test_a_talk_with_something_to_come_is_not_touched(world: World) -> None:
    await world.furnish()
    await world.work.say("你好")
    conversation = await world.conversation()
    await world.book(conversation, local("2026-11-27 09:00"))
    short = world.purger(type(TIMES)(text=timedelta(hours=1), masked=timedelta(hours=2)))
    world.clock.pass_by(hours=3)
    await short.run()
    assert await count(world, Conversation) == 1
    world.clock.pass_by(days=4)
    await short.run()
    assert await count(world, Conversation) == 0


async def test_one_run_a_slot_however_many_processes(world: World) -> None:
    await world.work.say("你好")
    world.clock.pass_by(days=800)
    went = await asyncio.gather(*(world.purger().run_due() for _ in range(5)))
    assert sorted(went) == [0, 0, 0, 0, 2]  # the original, then the row
    assert await count(world, RetentionRun) == 1
    again = world.purger()
    assert await again.run_due() == 0
    world.clock.pass_by(minutes=10)
    assert await again.run_due() == 0
    assert await count(world, RetentionRun) == 2


async def test_many_processes_at_the_same_rows_are_harmless(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    for number in range(20):
        await world.work.say("你好", sender=str(number))
    world.clock.pass_by(days=800)
    done = await asyncio.gather(*(world.purger().run() for _ in range(4)))
    assert sum(one.removed[Kept.CONVERSATIONS] for one in done) == 20
    assert await count(world, Conversation) == 0


async def test_a_run_that_died_is_finished_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    for number in range(5):
        await world.work.say("你好", sender=str(number))
    world.clock.pass_by(days=200)
    batches = 0
    purge = RetentionStore.purge

    async def dying(self: RetentionStore, kept: Kept, *more: object) -> int:
        nonlocal batches
        batches += kept is Kept.TEXT
        if batches == 2:
            raise KeyboardInterrupt
        return await purge(self, kept, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(RetentionStore, "purge", dying)
        with pytest.raises(KeyboardInterrupt):
            await world.purger().run_due()
    async with world.database.read() as session:
        left = await session.scalar(
            select(func.count()).select_from(Conversation).where(func.length(Conversation.sealed_sender) > 0)
        )
    assert left == 3  # the first batch is done, and stays done
    [died] = await world.work.rows(RetentionRun)
    assert died.ended_at is None
    world.clock.pass_by(minutes=10)
    assert await world.purger().run_due() == 3


async def test_a_trial_counts_and_removes_nothing(world: World) -> None:
    await world.work.say("你好")
    world.clock.pass_by(days=800)
    counted = await world.retention.purge(dry_run=True)
    assert (counted.removed[Kept.TEXT], counted.removed[Kept.CONVERSATIONS]) == (1, 1)
    assert await count(world, Conversation) == 1
    assert await count(world, RetentionRun) == 0


async def test_without_the_engine_the_rest_goes_and_the_run_says_so(world: World) -> None:
    await world.work.say("你好")
    world.clock.pass_by(days=200)
    world.engine.down = True
    assert await world.retention.run_due() == 1
    [run] = await world.work.rows(RetentionRun)
    assert (run.removed, run.note) == ("text=1", NO_ENGINE)


async def test_what_went_of_people_stands_in_the_audit_log_in_numbers(world: World) -> None:
    await world.work.say("你好")
    await world.retention.run()
    world.clock.pass_by(days=200)
    await world.retention.run()
    async with world.database.read() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.act == Act.RETENTION_RAN.value))
        assert [row.reason for row in rows] == ["text=1"]


async def test_the_page_tells_what_there_is_and_what_goes_when(world: World) -> None:
    await world.work.say("你好")
    auditor = await world.work.hire("审计", "", Role.AUDITOR, there=False)
    world.clock.pass_by(days=175)
    shown = await world.retention.overview(auditor)
    [line] = [line for line in shown.lines if line.rule.kept is Kept.TEXT]
    assert (line.total, line.due) == (1, (0, 1, 1))
    assert shown.unnamed == ()
    assert ("accounts", STAYING["accounts"], 1) in shown.staying
    await world.retention.run_due()
    assert (await world.retention.overview(auditor)).runs[0].removed == ()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER])
async def test_others_do_not_see_the_page(world: World, role: Role) -> None:
    somebody = await world.work.hire("某人", "", role, there=False)
    with pytest.raises(NotFound):
        await world.retention.overview(somebody)
    assert await count(world, Account) == 1
