"""Booking, moving, cancelling: each one transaction, seats taken by a constraint, the loser rolled back and told."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.appointments import Actor, AppointmentStatus, BookedAppointment, PlannedVisit
from bot.domain.errors import NotChangeable, NotFound, SlotClosed, SlotTaken
from bot.domain.reminders import REMIND_BEFORE, booked_words, cancelled_words, moments, moved_words
from bot.domain.slots import Slot, quanta
from bot.services.availability import Availability, FreeSlot
from bot.services.change_notices import tell_of_change
from bot.services.directory import Directory, Door
from bot.storage.appointments import STANDING, Appointment, AppointmentStore, Visit
from bot.storage.calendars import CalendarStore
from bot.storage.database import Database
from bot.storage.reminders import ReminderStore
from bot.storage.sealing import Keyring

CALLED, PHONE, REQUEST = "appointment called", "appointment phone", "appointment request"
LONGEST_CALLED = 20
SHOWN = 10
NUMBERS_TRIED = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How many standing appointments one conversation may have, and until when she may still change one."""

    at_once: int = 3
    change_until: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What is to be booked: (service, local start) of each visit.

    `key` is the same for every delivery of one confirmation; `conversation` is the public id, "" when an officer books
    for a woman who called; `account` is that officer's. `held_until` makes it an offer that waits for her yes.
    """

    key: str
    visits: tuple[tuple[str, datetime], ...]
    conversation: str = ""
    called: str = ""
    phone: str = field(default="", repr=False)
    remind: bool = False
    actor: Actor = Actor.WOMAN
    account: str = ""
    held_until: datetime | None = None


Wanted = Sequence[tuple[Door, datetime]]


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit that may be booked: its door, its slot, the steps of five minutes and how many seats there are."""

    door: Door
    slot: Slot
    steps: range
    seats: int


class Appointments:
    """Her side of the calendar. Public ids in, BookedAppointment out."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        directory: Directory,
        availability: Availability,
        *,
        clock: Callable[[], datetime],
        limits: Limits = Limits(),
        remind_before: Sequence[timedelta] = REMIND_BEFORE,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._directory = directory
        self._availability = availability
        self._clock = clock
        self._limits = limits
        self._remind_before = remind_before

    async def book(self, request: BookingRequest) -> BookedAppointment:
        """Book it, or give back what this very request booked before.

        Raises SlotTaken or SlotClosed (with the nearest free slots), NotChangeable (she has as many as she may have),
        NotFound.
        """
        key = self._keyring.digest(request.key, REQUEST)
        wanted = await self._doors(request.visits)
        try:
            async with self._database.write() as session:
                return await self._book(session, request, key, wanted)
        except SlotTaken as taken:
            twin = await self._made_by(key)
            if twin is not None:  # the same request, delivered twice at the same moment: the other one was first
                return twin
            taken.free = await self._instead(request.visits)
            raise

    async def move(
        self, appointment: str, visits: Sequence[tuple[str, datetime]], *, conversation: str = "",
        actor: Actor = Actor.WOMAN, account: str = "",
    ) -> BookedAppointment:  # fmt: skip
        """Move it to other slots, all of it or nothing: until the new seats are hers, the old ones stay hers."""
        wanted = await self._doors(visits)
        try:
            async with self._database.write() as session:
                row = await self._hers(session, appointment, conversation)
                self._refuse_late(row, actor)
                moved = await self._move(session, row, wanted, actor, account)
                if actor is Actor.OFFICER:
                    await tell_of_change(session, self._keyring, row, moved_words(moved.starts_at), self._clock())
                return moved
        except SlotTaken as taken:
            taken.free = await self._instead(visits)
            raise

    async def cancel(
        self, appointment: str, *, conversation: str = "", actor: Actor = Actor.WOMAN, account: str = ""
    ) -> BookedAppointment:
        """Cancel it and give its seats back. Cancelling twice is no error; what is over cannot be cancelled."""
        async with self._database.write() as session:
            row = await self._hers(session, appointment, conversation)
            now = self._clock()
            if row.status is AppointmentStatus.CANCELLED:
                return self._seen(row)
            if row.status not in STANDING or (actor is Actor.WOMAN and row.visits[0].starts_at <= now):
                raise NotChangeable("这个预约已经结束，不用取消了。")
            if not await self._end(session, row, actor, STANDING, account):
                raise NotChangeable
            if actor is Actor.OFFICER:
                words = cancelled_words(self._seen(row).starts_at)
                await tell_of_change(session, self._keyring, row, words, now)
            return self._seen(row)

    async def give_back(self, appointment: str, *, conversation: str = "", actor: Actor = Actor.SYSTEM) -> bool:
        """Let an offer go that nobody has said yes to; False when she has, or when it is gone already."""
        async with self._database.write() as session:
            row = await self._hers(session, appointment, conversation)
            return await self._end(session, row, actor, [AppointmentStatus.HELD])

    async def confirm(self, appointment: str, *, conversation: str, remind: bool | None = None) -> BookedAppointment:
        """Say yes to an offer from the waiting list; `remind`: whether she wants to be reminded, if she was asked.

        Raises NotChangeable when it has gone to another meanwhile, or when she has as many as she may have.
        """
        async with self._database.write() as session:
            store, now = AppointmentStore(session), self._clock()
            number = await store.lock_conversation(conversation)
            row = await self._hers(session, appointment, conversation)
            if row.status is AppointmentStatus.BOOKED:
                return self._seen(row)
            await self._refuse_too_many(store, number)
            if not await store.turn(row, AppointmentStatus.BOOKED, given=[AppointmentStatus.HELD]):
                raise NotChangeable("这个位子已经给了别人。")
            await session.refresh(row, ["status", "sequence", "held_until"])
            row.remind = row.remind if remind is None else remind
            await store.note(row, Actor.WOMAN, "booked", now)
            await self._remind(session, row)
            return self._seen(row)

    async def record(self, appointment: str, status: AppointmentStatus, *, account: str = "") -> BookedAppointment:
        """An officer writes down that she came, or did not. Raises NotChangeable before it has begun."""
        async with self._database.write() as session:
            row = await self._hers(session, appointment, "")
            if row.visits[0].starts_at > self._clock():
                raise NotChangeable("还没到时间，不能登记到没到。")
            store = AppointmentStore(session)
            given = [AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW]
            if status not in given[1:] or not await store.turn(row, status, given=given):
                raise NotChangeable
            await store.note(row, Actor.OFFICER, status.value, self._clock(), account=account)
            await session.refresh(row, ["status", "sequence"])
            return self._seen(row)

    async def coming(self, conversation: str) -> tuple[BookedAppointment, ...]:
        """Her standing appointments that have not ended, soonest first."""
        async with self._database.read() as session:
            store = AppointmentStore(session)
            number = await store.conversation_id(conversation)
            if number is None:
                return ()
            return tuple(self._seen(row) for row in await store.coming(number, self._clock(), SHOWN))

    async def one(self, appointment: str, *, conversation: str = "") -> BookedAppointment:
        """One appointment. Raises NotFound when it is not hers."""
        async with self._database.read() as session:
            return self._seen(await self._hers(session, appointment, conversation))

    async def made_by(self, key: str) -> BookedAppointment | None:
        """What a request with this key booked before, as it is now; None when it has booked nothing."""
        return await self._made_by(self._keyring.digest(key, REQUEST))

    async def _made_by(self, key: str) -> BookedAppointment | None:
        async with self._database.read() as session:
            row = await AppointmentStore(session).by_request(key)
            return None if row is None else self._seen(row)

    async def _book(
        self, session: AsyncSession, request: BookingRequest, key: str, wanted: Wanted
    ) -> BookedAppointment:
        store = AppointmentStore(session)
        number = await store.lock_conversation(request.conversation) if request.conversation else None
        known = await store.by_request(key)
        if known is not None:
            return self._seen(known)
        if request.actor is Actor.WOMAN:
            await self._refuse_too_many(store, number)
        plan = await self._plan(session, wanted, request.actor)
        row = await self._add(session, request, key, number, synthetic=any(part.door.card.synthetic for part in plan))
        await self._seat(session, row, plan)
        what = "held" if request.held_until else "booked"
        await store.note(row, request.actor, what, self._clock(), account=request.account)
        await ReminderStore(session).add(row.id, self._moments(row))
        if request.actor is Actor.OFFICER:
            await tell_of_change(session, self._keyring, row, booked_words(self._seen(row).starts_at), self._clock())
        return self._seen(row)

    async def _add(
        self, session: AsyncSession, request: BookingRequest, key: str, conversation_id: int | None, *, synthetic: bool
    ) -> Appointment:
        """The row, under a number that no other has. Raises SlotTaken when this very request is being booked elsewhere."""
        for _ in range(NUMBERS_TRIED):
            row = await AppointmentStore(session).add(
                number=f"{secrets.randbelow(900_000) + 100_000}",
                request_key=key,
                conversation_id=conversation_id,
                status=AppointmentStatus.HELD if request.held_until else AppointmentStatus.BOOKED,
                sealed_called=self._sealed(request.called[:LONGEST_CALLED], CALLED),
                sealed_phone=self._sealed(request.phone, PHONE),
                remind=request.remind,
                sequence=0,
                held_until=request.held_until,
                created_at=self._clock(),
                synthetic=synthetic,
            )
            if row is not None:
                return row
        raise SlotTaken("没有约成，请再确认一次。")

    async def _move(
        self, session: AsyncSession, row: Appointment, wanted: Wanted, actor: Actor, account: str
    ) -> BookedAppointment:
        old = list(row.visits)
        calendars, store = CalendarStore(session), AppointmentStore(session)
        await calendars.lock([*(visit.service_id for visit in old), *(door.card.id for door, _ in wanted)])
        await session.refresh(row, ["status", "sequence"])
        if row.status not in STANDING:
            raise NotChangeable
        before = old[0].starts_at
        await calendars.free([visit.id for visit in old])
        for visit in old:
            row.visits.remove(visit)
        await session.flush()
        await self._seat(session, row, await self._plan(session, wanted, actor))
        row.sequence += 1
        row.visits.sort(key=lambda visit: visit.starts_at)
        await store.note(row, actor, "moved", self._clock(), before=before, account=account)
        await self._remind(session, row)
        return self._seen(row)

    async def _end(
        self, session: AsyncSession, row: Appointment, actor: Actor, given: Sequence[AppointmentStatus],
        account: str = "",
    ) -> bool:  # fmt: skip
        """Cancel it if it is still one of `given`, with its seats and reminders; the loser of a race gets False."""
        store, calendars, now = AppointmentStore(session), CalendarStore(session), self._clock()
        await calendars.lock(visit.service_id for visit in row.visits)
        if not await store.cancel(row, now, given=given):
            return False
        await calendars.free([visit.id for visit in row.visits])
        await ReminderStore(session).drop(row.id)
        await store.note(row, actor, "cancelled", now, account=account)
        await session.refresh(row, ["status", "sequence", "cancelled_at", "held_until"])
        return True

    async def _remind(self, session: AsyncSession, row: Appointment) -> None:
        """The reminders of an appointment as it is now, instead of those it had. An offer has none before her yes."""
        await ReminderStore(session).replace(row.id, self._moments(row))

    def _moments(self, row: Appointment) -> dict[timedelta, datetime]:
        wanted = row.remind and row.status is AppointmentStatus.BOOKED
        return moments(row.visits[0].starts_at, self._clock(), self._remind_before) if wanted else {}

    async def _doors(self, visits: Sequence[tuple[str, datetime]]) -> Wanted:
        """The services, before the transaction begins: inside it no second connection is ever taken."""
        found = []
        for service, starts_at in sorted(visits, key=lambda visit: visit[1]):
            door = await self._directory.door(service)
            if door is None:
                raise NotFound("这个地方已经不在目录里了。")
            found.append((door, starts_at))
        return found

    async def _plan(self, session: AsyncSession, wanted: Wanted, actor: Actor) -> list[Planned]:
        """Lock the services and check that each start is a slot. Raises SlotClosed."""
        await CalendarStore(session).lock(door.card.id for door, _ in wanted)
        plan = []
        for door, starts_at in wanted:
            calendar = await self._availability.calendar(session, door, starts_at, starts_at)
            slot = self._availability.bookable(calendar, starts_at, by_officer=actor is Actor.OFFICER)
            if slot is None:
                raise SlotClosed
            plan.append(Planned(door, slot, quanta(slot, calendar.rules), calendar.rules.seats))
        return plan

    async def _seat(self, session: AsyncSession, row: Appointment, plan: Sequence[Planned]) -> None:
        """A visit and its seats for each part. Raises SlotTaken; the caller's transaction is then rolled back."""
        for part in plan:
            card = part.door.card
            visit = Visit(
                appointment_id=row.id,
                service_id=card.id,
                kind=part.door.kind,
                place=card.name,
                address=card.address,
                starts_at=part.slot.starts_at,
                ends_at=part.slot.ends_at,
                synthetic=card.synthetic,
            )
            row.visits.append(visit)
            await session.flush()
            if not await CalendarStore(session).take(card.id, visit.id, part.steps, part.seats):
                raise SlotTaken

    async def _instead(self, visits: Sequence[tuple[str, datetime]]) -> tuple[FreeSlot, ...]:
        """The nearest free slots to what was asked for, also at the next nearest place."""
        service, starts_at = min(visits, key=lambda visit: visit[1])
        doors = [await self._directory.door(name) for name, _ in visits]
        kinds = tuple(door.kind for door in doors if door is not None)
        if not kinds:
            return ()
        return await self._availability.instead_of(service, kinds, starts_at)

    async def _hers(self, session: AsyncSession, appointment: str, conversation: str) -> Appointment:
        """The row; NotFound when it is another woman's. Officers' calls leave the conversation out."""
        store = AppointmentStore(session)
        row = await store.by_id(appointment)
        if row is None or (conversation and row.conversation_id != await store.conversation_id(conversation)):
            raise NotFound("没有找到这个预约。")
        return row

    async def _refuse_too_many(self, store: AppointmentStore, conversation_id: int | None) -> None:
        """Offers that wait for her yes do not count: she has not asked for that hour yet."""
        booked = 0 if conversation_id is None else await store.booked(conversation_id, self._clock())
        if booked >= self._limits.at_once:
            raise NotChangeable(f"您已经有 {booked} 个预约了，先取消一个再约。")

    def _refuse_late(self, row: Appointment, actor: Actor) -> None:
        if row.status not in STANDING:
            raise NotChangeable
        if actor is Actor.WOMAN and row.visits[0].starts_at - self._clock() < self._limits.change_until:
            hours = round(self._limits.change_until.total_seconds() / 3600)
            raise NotChangeable(f"离预约不到 {hours} 小时，改不了了；去不了可以取消，再重新约。")

    def _sealed(self, text: str, purpose: str) -> bytes | None:
        return self._keyring.seal(text, purpose) if text else None

    def _seen(self, row: Appointment) -> BookedAppointment:
        return BookedAppointment(
            id=row.public_id,
            number=row.number,
            status=row.status,
            visits=tuple(self._visit(visit) for visit in row.visits),
            sequence=row.sequence,
            remind=row.remind,
            called=self._keyring.open(row.sealed_called, CALLED) if row.sealed_called else "",
            held_until=row.held_until and row.held_until.astimezone(self._availability.now().tzinfo),
        )

    def _visit(self, row: Visit) -> PlannedVisit:
        zone = self._availability.now().tzinfo
        return PlannedVisit(
            service=row.service_id,
            kind=row.kind.value,
            place=row.place,
            address=row.address,
            starts_at=row.starts_at.astimezone(zone),
            ends_at=row.ends_at.astimezone(zone),
            synthetic=row.synthetic,
        )
