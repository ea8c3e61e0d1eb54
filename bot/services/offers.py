"""Seats that became free are offered to those who wait, in their order: held for a while, told quietly, passed on.

One worker at a time looks after the list (a lease in one row), so the order holds; every step is a conditional update
or has a key of its own, so a worker killed at any line leaves nothing that the next does not put right. An appointment's
own status is the truth about its offer: BOOKED is yes, CANCELLED is no or too late.

What is decided here: she who answers "no" keeps her place and is not offered that hour again; she who does not answer goes
to the end, is told so once, and leaves the list after the third time. Between nine in the evening and eight in the
morning nothing is offered: a message could wake whom it must not, and an offer would pass unseen.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Protocol

from bot.domain.appointments import Actor, AppointmentStatus, BookedAppointment
from bot.domain.errors import NotFound, SlotTaken
from bot.domain.geography import Point
from bot.domain.messages import Choice, Reply
from bot.domain.reminders import missed_words, offer_words, over_words
from bot.services.appointments import CALLED, PHONE, Appointments, BookingRequest
from bot.services.availability import Availability, FreeSlot, SlotWish
from bot.storage.appointments import AppointmentStore
from bot.storage.calendars import CalendarStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from bot.storage.waiting_list import (
    OfferOutcome,
    WaitingEntry,
    WaitingListStore,
    WaitingOffer,
    WaitingStatus,
)

LEASE = timedelta(minutes=2)
LOOK_EVERY = timedelta(minutes=5)
"""Even when no calendar has changed: time itself opens new days."""
WAKING = (time(8), time(21))
MOST_MISSED = 3
MOST_LOOKED = 500
YES, NO = "要，就约这个", "不要"


class Reach(Protocol):
    """Whether a channel can say something unasked now."""

    async def quota_left(self, sender: str, now: datetime) -> int:
        """How many messages it may still carry to her."""


class Offers:
    """Run by every bot process. `hold` is how long a seat is kept; `at_once` how many appointments she may have."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        appointments: Appointments,
        availability: Availability,
        reaches: Mapping[str, Reach],
        *,
        point_of: Callable[[str], Point | None],
        clock: Callable[[], datetime],
        hold: timedelta,
        at_once: int,
        pulled: frozenset[str] = frozenset({"web"}),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._appointments = appointments
        self._availability = availability
        self._reaches = reaches
        self._point_of = point_of
        self._clock = clock
        self._hold = hold
        self._at_once = at_once
        self._pulled = pulled

    async def tend(self) -> int:
        """Take back what nobody answered, and offer what is free; return how much was done."""
        now = self._clock()
        if not await self._anything(now):
            return 0
        async with self._database.write() as session:
            if not await WaitingListStore(session).take_watch(now, now + LEASE):
                return 0
        done = await self._settle_answered(now) + await self._close_outlived(now)
        async with self._database.read() as session:
            turnover, watch = await CalendarStore(session).turnover(), await WaitingListStore(session).watch()
        looked_at = watch.looked_at
        if self._is_waking():
            done += await self._offer_round()
            looked_at = now
        else:
            turnover = watch.turnover
        async with self._database.write() as session:
            await WaitingListStore(session).end_watch(now + LEASE, looked_at, turnover)
        return done

    async def settle(self, appointment: str) -> None:
        """Bring the list up to date with what became of one offered appointment."""
        async with self._database.read() as session:
            offers = await WaitingListStore(session).open_offers(appointment=appointment)
        for offer in offers:
            await self._settle(offer)

    async def _anything(self, now: datetime) -> bool:
        """Reads only: most times there is nothing to do."""
        async with self._database.read() as session:
            store = WaitingListStore(session)
            if await AppointmentStore(session).held_too_long(now, 1) or await store.has_answered_offer():
                return True
            if not await store.has_open():
                return False
            if await store.outlived(now + self._hold, 1):
                return True
            watch, newest = await store.watch(), await store.newest()
            stale = now - watch.looked_at >= LOOK_EVERY or (newest is not None and newest >= watch.looked_at)
            return self._is_waking() and (stale or await CalendarStore(session).turnover() != watch.turnover)

    def _is_waking(self) -> bool:
        return WAKING[0] <= self._availability.now().time() < WAKING[1]

    async def _settle_answered(self, now: datetime) -> int:
        async with self._database.read() as session:
            late = await AppointmentStore(session).held_too_long(now, MOST_LOOKED)
        done = sum([await self._appointments.give_back(appointment) for appointment in late])
        async with self._database.read() as session:
            offers = await WaitingListStore(session).open_offers(limit=MOST_LOOKED)
        return done + sum([await self._settle(offer) for offer in offers])

    async def _settle(self, offer: WaitingOffer) -> bool:
        outcome = await self._outcome(offer)
        if outcome is None:
            return False
        entry, now = offer.entry, self._clock()
        stays = entry.missed + 1 < MOST_MISSED
        tells = outcome is OfferOutcome.MISSED and await self._may_say(entry)
        async with self._database.write() as session:
            store = WaitingListStore(session)
            await TurnStore(session, self._keyring).lock(entry.conversation_id)
            if not await store.settle(offer.id, outcome, now):
                return False
            status = {OfferOutcome.ACCEPTED: WaitingStatus.SERVED, OfferOutcome.DECLINED: WaitingStatus.WAITING}.get(
                outcome, WaitingStatus.WAITING if stays else WaitingStatus.LEFT
            )
            await store.turn(entry.id, [WaitingStatus.OFFERED], status, now)
            if outcome is OfferOutcome.MISSED:
                await store.requeue(entry.id, now)
            if outcome is not OfferOutcome.ACCEPTED and offer.message_id:
                await OutboxStore(session).withdraw(
                    offer.message_id
                )  # if it has not reached her yet, it is too late now
            if tells:
                await self._say(TurnStore(session, self._keyring), entry.conversation, Reply(missed_words(stays=stays)))
        return True

    async def _outcome(self, offer: WaitingOffer) -> OfferOutcome | None:
        """None while it is held. Who cancelled it tells whether she said no or said nothing."""
        match offer.appointment.status:
            case AppointmentStatus.HELD:
                return None
            case AppointmentStatus.CANCELLED:
                async with self._database.read() as session:
                    actor = await AppointmentStore(session).last_actor(offer.appointment_id)
                return OfferOutcome.MISSED if actor is Actor.SYSTEM else OfferOutcome.DECLINED
            case _:
                return OfferOutcome.ACCEPTED

    async def _close_outlived(self, now: datetime) -> int:
        """Those whose time has come too near to be offered anything in it."""
        async with self._database.read() as session:
            queue = {entry.id: entry for entry in await WaitingListStore(session).queue(MOST_LOOKED)}
            over = [
                queue[number]
                for number in await WaitingListStore(session).outlived(now + self._hold, MOST_LOOKED)
                if number in queue
            ]
        return sum([await self._close(entry, now) for entry in over])

    async def _close(self, entry: WaitingEntry, now: datetime) -> bool:
        tells = await self._may_say(entry)
        async with self._database.write() as session:
            turns = TurnStore(session, self._keyring)
            await turns.lock(entry.conversation_id)
            if not await WaitingListStore(session).turn(entry.id, [WaitingStatus.WAITING], WaitingStatus.OVER, now):
                return False
            if tells:
                await self._say(turns, entry.conversation, Reply(over_words()))
        return True

    async def _offer_round(self) -> int:
        """Everybody in order; what one is offered is held and no longer free for the next."""
        async with self._database.read() as session:
            queue = await WaitingListStore(session).queue(MOST_LOOKED)
        return sum([await self._offer(entry) for entry in queue])

    async def _offer(self, entry: WaitingEntry) -> bool:
        now = self._clock()
        async with self._database.read() as session:
            if await AppointmentStore(session).booked(entry.conversation_id, now) >= self._at_once:
                return False  # she could not say yes
        key = f"waiting {entry.public_id} {len(entry.offers)}"
        left = await self._appointments.made_by(key)
        if left is not None and left.status is AppointmentStatus.HELD:  # a worker died after it took this seat for her
            return await self._tell(entry, left)
        if left is not None:
            key = f"{key} {now.isoformat()}"
        for free in await self._availability.free(self._wish(entry, now)):
            try:
                held = await self._appointments.book(self._request(entry, free, key, now))
            except (SlotTaken, NotFound):
                continue
            return await self._tell(entry, held)
        return False

    def _wish(self, entry: WaitingEntry, now: datetime) -> SlotWish:
        """Nothing that begins before the offer would end: those seats are for whoever comes."""
        hours = (entry.hours_from, entry.hours_to) if entry.hours_from and entry.hours_to else None
        zone = self._availability.now().tzinfo
        return SlotWish(
            kinds=tuple(ServiceKind(kind) for kind in entry.kinds.split(",")),
            first=max(entry.first, now + self._hold).astimezone(zone),
            last=entry.last.astimezone(zone),
            point=None if entry.service_id else self._point_of(entry.division),
            service=entry.service_id,
            hours=hours,
            together=entry.together,
            within="" if entry.service_id else within(entry.division),
            refused=frozenset(
                (visit.service_id, visit.starts_at) for offer in entry.offers for visit in offer.appointment.visits[:1]
            ),
        )

    def _request(self, entry: WaitingEntry, free: FreeSlot, key: str, now: datetime) -> BookingRequest:
        return BookingRequest(
            key=key,
            visits=tuple((visit.service, visit.starts_at) for visit in free.visits),
            conversation=entry.conversation.public_id,
            called=self._keyring.open(entry.sealed_called, CALLED) if entry.sealed_called else "",
            phone=self._keyring.open(entry.sealed_phone, PHONE) if entry.sealed_phone else "",
            actor=Actor.SYSTEM,
            held_until=now + self._hold,
        )

    async def _tell(self, entry: WaitingEntry, held: BookedAppointment) -> bool:
        """Write the offer down and say it, or give the seat back at once when she has left meanwhile."""
        tells, now = await self._may_say(entry), self._clock()
        async with self._database.write() as session:
            store, turns = WaitingListStore(session), TurnStore(session, self._keyring)
            await turns.lock(entry.conversation_id)
            made = await store.turn(entry.id, [WaitingStatus.WAITING], WaitingStatus.OFFERED, now)
            if made:
                message = await self._say(turns, entry.conversation, self._words(held)) if tells else None
                await store.offer(entry.id, held.id, message, now)
        if not made:
            await self._appointments.give_back(held.id)
        return made

    def _words(self, held: BookedAppointment) -> Reply:
        local = self._availability.now()
        argument = f'{{"appointment":"{held.id}"}}'
        return Reply(
            offer_words(held.starts_at, held.held_until or local, local),
            choices=(Choice(YES, f"/accept_offer{argument}"), Choice(NO, f"/decline_offer{argument}")),
        )

    async def _may_say(self, entry: WaitingEntry) -> bool:
        """Whether she agreed to be written to, and can be now; else she hears it when she writes."""
        conversation = entry.conversation
        if not entry.may_message or conversation.channel in self._pulled:
            return entry.may_message
        reach = self._reaches.get(conversation.channel)
        async with self._database.read() as session:
            sender = TurnStore(session, self._keyring).sender_of(conversation)
        return reach is not None and await reach.quota_left(sender, self._clock()) > 0

    async def _say(self, turns: TurnStore, conversation: Conversation, reply: Reply) -> str:
        now, pulled = self._clock(), conversation.channel in self._pulled
        (message,) = await turns.say(
            conversation.id, [reply], now=now, masked=[reply.text], delivered=pulled,
            next_attempt_at=None if pulled else now,
        )  # fmt: skip
        return message.id


def within(division: str) -> str:
    """The prefix of division codes about which she waits: a village's town, else the town, district or city itself."""
    for digits in (9, 6, 4):
        if division[digits - 2 : digits].strip("0"):
            return division[:digits]
    return division[:2]
