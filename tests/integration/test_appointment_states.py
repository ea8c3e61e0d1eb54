"""Whatever is booked, moved, cancelled, closed and opened, in any order: the calendar agrees with a simple model."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule
from sqlalchemy import select

from bot.domain.appointments import Actor
from bot.domain.errors import Conflict, NotChangeable, SlotClosed, SlotTaken
from bot.services.appointments import BookingRequest, Limits
from bot.services.audit import Audit
from bot.services.calendars import Calendars
from bot.storage import tables
from bot.storage.calendars import Seat
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import booking, local

STARTS = [local("2026-11-26 09:00") + timedelta(minutes=45 * at) for at in range(4)]
HALF_HOUR = timedelta(minutes=30)


class CalendarMachine(RuleBasedStateMachine):
    """One service with two seats, four slots of forty minutes; the model is a dictionary of who has what."""

    booked = Bundle("booked")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite+aiosqlite:///{Path(self.folder.name) / 'bot.db'}")
        self.model: dict[str, datetime] = {}
        self.closed: dict[str, datetime] = {}
        self.requests = 0
        self.run(self.prepare())

    def run(self, work):
        return self.loop.run_until_complete(work)

    async def prepare(self) -> None:
        clock = Clock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
        async with self.database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        made = await booking(
            self.database, Keyring(b"k" * 32), clock, [("甲站", [ServiceKind.LEGAL], 0.0)], limits=Limits(at_once=99)
        )
        self.appointments, self.service = made.appointments, made.services["甲站 legal"]
        keyring = Keyring(b"k" * 32)
        self.calendars = Calendars(
            self.database, keyring, made.directory, made.availability, Audit(self.database, keyring, clock=clock),
            clock=clock, zone="Asia/Shanghai",
        )  # fmt: skip
        await self.calendars.set_rules(self.service, {"seats": 2})

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def room(self, start: datetime) -> bool:
        return list(self.model.values()).count(start) < 2 and start not in self.closed.values()

    @rule(target=booked, start=st.sampled_from(STARTS), again=st.booleans())
    def book(self, start: datetime, again: bool):
        self.requests += 1
        request = BookingRequest(f"她 {self.requests}", ((self.service, start),))
        try:
            made = self.run(self.appointments.book(request))
        except SlotClosed:
            assert start in self.closed.values()
            return multiple()
        except SlotTaken:
            assert not self.room(start)
            return multiple()
        assert self.room(start)
        self.model[made.id] = start
        if again:  # the confirmation is delivered twice
            assert self.run(self.appointments.book(request)).id == made.id
        return made.id

    @rule(appointment=booked, start=st.sampled_from(STARTS))
    def move(self, appointment: str, start: datetime) -> None:
        if appointment not in self.model:
            with pytest.raises(NotChangeable):
                self.run(self.appointments.move(appointment, [(self.service, start)]))
            return
        before = self.model.pop(appointment)
        try:
            moved = self.run(self.appointments.move(appointment, [(self.service, start)]))
        except SlotTaken:
            assert not self.room(start)
            self.model[appointment] = before
            return
        assert self.room(start)
        assert moved.starts_at == start
        self.model[appointment] = start

    @rule(appointment=consumes(booked), twice=st.booleans())
    def cancel(self, appointment: str, twice: bool) -> None:
        self.run(self.appointments.cancel(appointment, actor=Actor.OFFICER))
        if twice:
            self.run(self.appointments.cancel(appointment, actor=Actor.OFFICER))
        self.model.pop(appointment, None)

    @rule(start=st.sampled_from(STARTS))
    def close(self, start: datetime) -> None:
        before = {change.id for change in self.day().changes}
        try:
            self.run(self.calendars.close(self.service, start, start + HALF_HOUR))
        except Conflict:
            assert start in self.model.values()
            return
        assert start not in self.model.values()
        (new,) = {change.id for change in self.day().changes} - before
        self.closed[new] = start

    @precondition(lambda self: self.closed)
    @rule(data=st.data())
    def open_again(self, data) -> None:
        change = data.draw(st.sampled_from(sorted(self.closed, key=lambda name: self.closed[name])))
        self.run(self.calendars.undo(self.service, change))
        del self.closed[change]

    @invariant()
    def the_day_shows_what_the_model_says(self) -> None:
        shown = {slot.starts_at: left for slot, left in self.day().slots}
        for start in STARTS:
            if start in self.closed.values():
                assert start not in shown
            else:
                assert shown[start] == 2 - list(self.model.values()).count(start)
        assert {entry.appointment for entry in self.day().entries if entry.status == "booked"} == set(self.model)

    @invariant()
    def no_seat_is_taken_without_an_appointment(self) -> None:
        async def seats() -> int:
            async with self.database.read() as session:
                return len((await session.scalars(select(Seat.id))).all())

        assert self.run(seats()) == 9 * len(self.model)  # 40 minutes and a pause of 5, in steps of 5

    def day(self):
        return self.run(self.calendars.days(self.service, STARTS[0].date(), 1))[0]


CalendarMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCalendarMachine = CalendarMachine.TestCase
