"""One place with its waiting list, for tests of who is offered what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.domain.appointments import BookedAppointment
from bot.services.appointments import BookingRequest
from bot.services.availability import SlotWish
from bot.services.offers import Offers
from bot.services.waiting_list import Waiting, WaitingList
from bot.storage.appointments import Appointment
from bot.storage.conversations import OutboundMessage
from bot.storage.directory import ServiceKind
from bot.storage.turns import TurnStore
from bot.storage.waiting_list import OfferOutcome, WaitingEntry, WaitingOffer
from tests.integration.calendars import CENTRE, Booking, local

FRIDAY = local("2026-11-27 09:00")
HOLD = timedelta(hours=2)
QUARTER = timedelta(minutes=15)


@dataclass
class Reach:
    """A channel with so many messages left."""

    left: int = 5

    async def quota_left(self, sender: str, now: datetime) -> int:
        return self.left


@dataclass
class Office:
    """One place, its calendar and its waiting list."""

    made: Booking
    reach: Reach = field(default_factory=Reach)

    def __post_init__(self) -> None:
        self.offers = self.worker()
        self.waiting = WaitingList(
            self.made.database, self.made.keyring, self.made.appointments, self.made.availability, self.offers,
            clock=self.made.clock,
        )  # fmt: skip

    @property
    def service(self) -> str:
        return self.made.services["甲站 legal"]

    def worker(self, kind: type[Offers] = Offers) -> Offers:
        made = self.made
        return kind(
            made.database, made.keyring, made.appointments, made.availability, {"wechat": self.reach},
            point_of=lambda code: CENTRE, clock=made.clock, hold=HOLD, at_once=3,
        )  # fmt: skip

    async def woman(self, name: str = "她", channel: str = "web") -> str:
        async with self.made.database.write() as session:
            store = TurnStore(session, self.made.keyring)
            known = await store.conversation_of(channel, "main", name)
            return (known or await store.begin(channel, "main", name, self.made.clock())).public_id

    async def book(self, starts_at: datetime = FRIDAY, name: str = "先来的") -> BookedAppointment:
        request = BookingRequest(f"{name} {starts_at}", ((self.service, starts_at),), await self.woman(name))
        return await self.made.appointments.book(request)

    async def join(
        self, name: str, *, may_message: bool = True, channel: str = "web", starts_at: datetime = FRIDAY,
        length: timedelta = QUARTER, **wish: object,
    ) -> Waiting:  # fmt: skip
        wish = {"service": self.service} | wish
        wanted = SlotWish((ServiceKind.LEGAL,), starts_at, starts_at + length, **wish)  # type: ignore[arg-type]
        woman = await self.woman(name, channel)
        joined = await self.waiting.join(woman, wanted, called="王姐", phone="13000000000", may_message=may_message)
        self.made.clock.pass_by(seconds=1)
        return joined

    async def held(self, name: str, channel: str = "web") -> tuple[BookedAppointment, ...]:
        return await self.waiting.offers(await self.woman(name, channel))

    async def entry(self, joined: Waiting) -> WaitingEntry:
        async with self.made.database.read() as session:
            return await session.scalar(select(WaitingEntry).where(WaitingEntry.public_id == joined.id))

    async def outcomes(self) -> list[OfferOutcome]:
        async with self.made.database.read() as session:
            return list(await session.scalars(select(WaitingOffer.outcome).order_by(WaitingOffer.id)))

    async def said_to(self, name: str, channel: str = "web") -> list[str]:
        async with self.made.database.read() as session:
            store = TurnStore(session, self.made.keyring)
            conversation = await store.conversation_of(channel, "main", name)
            rows = await session.scalars(
                select(OutboundMessage)
                .where(OutboundMessage.conversation_id == conversation.id)
                .order_by(OutboundMessage.id)
            )
            return [store.message(row).reply.text for row in rows]

    async def standing(self) -> Sequence[Appointment]:
        async with self.made.database.read() as session:
            return (await session.scalars(select(Appointment).where(Appointment.status.in_(["booked", "held"])))).all()
