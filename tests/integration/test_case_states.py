"""Whatever she and three officers do, in any order: the case and the conversation agree with a simple model."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.cases import CaseOutcome
from bot.domain.errors import AlreadyTaken, NotPossibleNow
from bot.storage import tables
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, Casework

OFFICERS = st.sampled_from([0, 0, 0, 1, 2])  # the first more often, so that she gets far
NONE, WAITS, TAKEN, CLOSED = "none", "waits", "taken", "closed"


class CaseMachine(RuleBasedStateMachine):
    """The model: where her last case stands, who has it, who speaks, whether she is in danger, how many cases there were."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite+aiosqlite:///{Path(self.folder.name) / 'bot.db'}")
        self.work = Casework(self.database, Keyring(b"k" * 32), Clock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC)))
        self.state, self.holder, self.owner = NONE, None, "bot"
        self.danger, self.by_officer, self.cases, self.keys = False, False, 0, 0

    def run(self, work):
        return self.loop.run_until_complete(work)

    @initialize()
    def prepare(self) -> None:
        async def make() -> None:
            async with self.database.engine.begin() as connection:
                await connection.run_sync(tables.metadata.create_all)
            self.officers = [await self.work.hire(name, DISTRICT) for name in "甲乙丙"]
            await self.work.say("你好")

        self.run(make())

    def teardown(self) -> None:
        self.run(self.work.close())
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def last(self) -> str:
        """The last case's public id, "" before the first."""
        rows = self.run(self.work.rows(Case))
        return rows[-1].public_id if rows else ""

    def opens(self) -> None:
        """A closed case that an officer closed opens again; anything else closed, or nothing, makes a new one."""
        if self.state in {NONE, CLOSED}:
            if not (self.state == CLOSED and self.by_officer):
                self.cases, self.danger = self.cases + 1, False
            self.state = WAITS

    @rule()
    def she_asks(self) -> None:
        self.run(self.work.say("转人工"))
        if self.owner == "bot":
            self.opens()
            self.owner = "officer" if self.state == TAKEN else "queue"

    @rule()
    def she_is_in_danger(self) -> None:
        self.run(self.work.say("他拿刀要砍我"))
        self.opens()
        self.danger = True

    @rule()
    def she_leaves(self) -> None:
        self.run(self.work.say("不等了"))
        if self.owner == "queue":
            self.owner = "bot"
            if not self.danger:
                self.state, self.by_officer = CLOSED, False

    @rule()
    def she_goes_on(self) -> None:
        self.run(self.work.say("嗯"))

    @rule(officer=OFFICERS)
    def take(self, officer: int) -> None:
        if self.attempt(self.work.office.handover.take, officer, free=True):
            self.state, self.holder, self.owner = TAKEN, officer, self.owner if self.mine else "officer"

    @rule(officer=OFFICERS)
    def reply(self, officer: int) -> None:
        self.keys += 1
        if self.attempt(
            lambda case, by: self.work.office.handover.reply(case, by, "您好", str(self.keys)), officer, free=True
        ):
            self.state, self.holder, self.owner = TAKEN, officer, "officer"

    @rule(officer=OFFICERS)
    def release(self, officer: int) -> None:
        if self.attempt(self.work.office.handover.release, officer):
            self.given_away()

    @rule(officer=OFFICERS, to=OFFICERS)
    def transfer(self, officer: int, to: int) -> None:
        if officer == to:
            return
        target = self.officers[to].id
        if self.attempt(lambda case, by: self.work.office.handover.transfer_to_officer(case, by, target), officer):
            self.given_away()
            [pending] = self.pending()
            assert pending.officer_id == target

    @rule(officer=OFFICERS)
    def close(self, officer: int) -> None:
        if self.attempt(lambda case, by: self.work.office.handover.close(case, by, CaseOutcome.ADVISED), officer):
            self.state, self.holder, self.owner, self.by_officer = CLOSED, None, "bot", True

    @rule(officer=OFFICERS)
    def give_back(self, officer: int) -> None:
        case = self.last()
        if self.state == TAKEN and self.holder == officer and self.owner == "bot":
            try:
                self.run(self.work.office.handover.give_back(case, self.officers[officer]))
            except NotPossibleNow:
                return
            raise AssertionError("given back twice")
        if self.attempt(self.work.office.handover.give_back, officer):
            self.owner = "bot"

    @rule(officer=OFFICERS)
    def reopen(self, officer: int) -> None:
        if not self.last():
            return
        try:
            self.run(self.work.office.handover.reopen(self.last(), self.officers[officer]))
        except NotPossibleNow:
            assert self.state != CLOSED
            return
        assert self.state == CLOSED
        self.state, self.holder = TAKEN, officer

    @rule(minutes=st.sampled_from([1, 15, 40]))
    def time_passes(self, minutes: int) -> None:
        self.run(self.work.pass_by(*self.officers, minutes=minutes))

    def attempt(self, act, officer: int, *, free: bool = False) -> bool:
        """Do it, and check that it was possible just when the model says so. `free`: what waits may be had by anybody."""
        case, self.mine = self.last(), self.state == TAKEN and self.holder == officer
        if not case:
            return False
        try:
            self.run(act(case, self.officers[officer]))
        except AlreadyTaken as error:
            taken = error
        except NotPossibleNow:
            assert self.state == CLOSED or (self.state == WAITS and not free)
            return False
        else:
            assert self.mine or (free and self.state == WAITS)
            return True
        assert self.state == TAKEN
        assert taken.officer == self.officers[self.holder].id != self.officers[officer].id
        return False

    def given_away(self) -> None:
        self.state, self.holder = WAITS, None
        self.owner = "queue" if self.owner == "officer" else self.owner

    def pending(self) -> list[CaseAlert]:
        return [alert for alert in self.run(self.work.rows(CaseAlert)) if alert.outcome.value == "pending"]

    @invariant()
    def the_case_is_where_the_model_says(self) -> None:
        if not hasattr(self, "officers"):
            return
        rows = self.run(self.work.rows(Case))
        assert len(rows) == self.cases
        assert all(row.status == "closed" for row in rows[:-1])
        if rows:
            status = rows[-1].status.value
            assert {"waiting": WAITS, "alerted": WAITS}.get(status, status) == self.state
            assert (status == "alerted") == bool(self.pending())
            if self.state != CLOSED:
                assert rows[-1].officer_id == (None if self.holder is None else self.officers[self.holder].id)
        assert len(self.pending()) <= 1

    @invariant()
    def whoever_speaks_is_whom_the_model_names(self) -> None:
        if hasattr(self, "officers"):
            [conversation] = self.run(self.work.rows(Conversation))
            assert conversation.owner == self.owner
            assert conversation.owner != "officer" or self.state == TAKEN


CaseMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCaseMachine = CaseMachine.TestCase
