"""Reminding her of her appointment, once for each moment, by the way she writes to us; else an officer calls her."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.appointments import AppointmentStatus
from bot.domain.errors import NotFound
from bot.domain.messages import Message, Reply
from bot.domain.reminders import reminder_words
from bot.services.appointments import CALLED
from bot.services.directory import Directory
from bot.services.late_answers import DeliveryRefused
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.reminders import Ending, Reminder, ReminderStatus, ReminderStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=60)
"""How long a worker may be silent before another sends its reminder; longer than all ways of a channel may take."""
MOST_TRIES = 6
"""After so many (about five minutes) an officer is asked to call, while there is still time."""
FIRST_WAIT = timedelta(seconds=10)
LOOKS, LOOK_AGAIN = 3, 0.3


@dataclass(frozen=True, slots=True)
class Notice:
    """A reminder on its way: what stands in the conversation, and the local moment for channels with fixed forms."""

    message: Message
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """How it went out; `receipt` is the channel's own number of it, where it may say later that it failed."""

    via: str
    receipt: str | None = None


class ReminderChannel(Protocol):
    """How a channel reminds somebody who is not writing now."""

    async def remind(self, sender: str, notice: Notice) -> Reached:
        """Send it by whatever way is open. Raises DeliveryRefused; without `retry` no way is left."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A reminder that was claimed and is to be sent."""

    reminder_id: int
    claimed_until: datetime
    attempts: int
    channel: str
    sender: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class ToCall:
    """A reminder that an officer should bring by telephone. `service`: where she is expected first."""

    id: str
    appointment: str
    number: str
    called: str
    place: str
    starts_at: datetime
    has_phone: bool
    service: str = ""

    @property
    def words(self) -> str:
        """What the officer can do."""
        return "请打电话提醒" if self.has_phone else "无法提醒（没有留电话）"


class Reminders:
    """Run by every bot process; rows decide who sends what.

    On the web the claim, the words and the end are one transaction: exactly once, whatever is killed. Elsewhere the
    words are stored with the claim and then sent: a worker killed before it sent loses nothing (the claim runs out and
    another sends), one killed between sending and writing that down makes it go out a second time, never a third
    for the same death.
    """

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        directory: Directory,
        channels: Mapping[str, ReminderChannel],
        *,
        clock: Callable[[], datetime],
        zone: str,
        pulled: frozenset[str] = frozenset({"web"}),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._directory = directory
        self._channels = channels
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._pulled = pulled

    async def send_due(self) -> int:
        """Send what has come due; return how many were settled."""
        async with self._database.read() as session:
            due = await ReminderStore(session).due(self._clock())
        return sum([await self._settle(reminder_id) for reminder_id in due])

    async def not_received(self, via: str, receipt: str, failure: str) -> None:
        """A channel says afterwards that she did not get one: an officer is asked to call.

        Its word may be quicker than our own note that it was sent, so we look a few times.
        """
        for _ in range(LOOKS):
            async with self._database.write() as session:
                if await ReminderStore(session).not_received(via, receipt, failure):
                    return log.info("a reminder by %s was not received: %s", via, failure)
            await asyncio.sleep(LOOK_AGAIN)

    async def listed(self, division: str, limit: int = 100) -> list[ToCall]:
        """What officers of a branch of the area should call about, the soonest visit first."""
        doors = {door.card.id for door in await self._directory.doors_in(division)}
        now = self._clock()
        async with self._database.read() as session:
            rows = await ReminderStore(session).listed(now, limit)
        return [
            self._to_call(row)
            for row in rows
            if row.appointment.visits[0].service_id in doors and row.appointment.visits[0].starts_at > now
        ]

    async def called(self, reminder: str) -> None:
        """An officer has called her. Raises NotFound when there is nothing (any more) to call about."""
        async with self._database.write() as session:
            if not await ReminderStore(session).called(reminder, self._clock()):
                raise NotFound("这条提醒已经处理过了，或者预约有变动。")

    async def _settle(self, reminder_id: int) -> bool:
        errand = await self._begin(reminder_id)
        if not isinstance(errand, Errand):
            return errand
        channel = self._channels.get(errand.channel)
        try:
            if channel is None:
                raise DeliveryRefused("no_delivery", retry=False)
            reached = await channel.remind(errand.sender, errand.notice)
        except DeliveryRefused as refused:
            return await self._refused(errand, refused)
        return await self._finish(errand, Ending(ReminderStatus.SENT, reached.via, reached.receipt))

    async def _begin(self, reminder_id: int) -> Errand | bool:
        """Claim one: an errand to run, or whether it is settled already."""
        now = self._clock()
        until = now + CLAIM
        async with self._database.write() as session:
            store = ReminderStore(session)
            row = await store.claim(reminder_id, now, until)
            if row is None:
                return False
            if await self._is_useless(store, row, now):
                return await store.finish(reminder_id, until, Ending(ReminderStatus.SKIPPED), now)
            number = row.appointment.conversation_id
            turns = TurnStore(session, self._keyring)
            conversation = await turns.lock(number) if number is not None else None
            if conversation is None or row.attempts > MOST_TRIES:
                why = "no_conversation" if conversation is None else row.failure
                await self._unsay(session, row)
                return await store.finish(reminder_id, until, Ending(ReminderStatus.LISTED, failure=why), now)
            pulled = conversation.channel in self._pulled
            message = await self._said(session, row, conversation.id, delivered=pulled)
            if pulled:
                return await store.finish(reminder_id, until, Ending(ReminderStatus.SENT, conversation.channel), now)
            starts_at = row.appointment.visits[0].starts_at.astimezone(self._zone)
            return Errand(
                reminder_id, until, row.attempts, conversation.channel, turns.sender_of(conversation),
                Notice(message, starts_at),
            )  # fmt: skip

    async def _is_useless(self, store: ReminderStore, row: Reminder, now: datetime) -> bool:
        """Late is better than never, but not once it has begun, and not beside a later one that says the same."""
        appointment = row.appointment
        begun = not appointment.visits or appointment.visits[0].starts_at <= now
        return begun or appointment.status is not AppointmentStatus.BOOKED or await store.next_is_due(row, now)

    async def _said(self, session: AsyncSession, row: Reminder, conversation_id: int, *, delivered: bool) -> Message:
        """The words in the conversation, stored once before anybody sees them; the outbox leaves them to us."""
        turns = TurnStore(session, self._keyring)
        known = await OutboxStore(session).message(row.message_id) if row.message_id else None
        if known is not None:
            return turns.message(known)
        words = reminder_words(row.appointment.visits[0].starts_at.astimezone(self._zone))
        (message,) = await turns.say(
            conversation_id, [Reply(words)], now=self._clock(), masked=[words], delivered=delivered
        )
        row.message_id = message.id
        await session.flush()
        return message

    async def _refused(self, errand: Errand, refused: DeliveryRefused) -> bool:
        log.info("reminder %d refused: %s", errand.reminder_id, refused.code)
        if refused.retry and errand.attempts < MOST_TRIES:
            again = self._clock() + FIRST_WAIT * 2 ** (errand.attempts - 1)
            async with self._database.write() as session:
                await ReminderStore(session).release(errand.reminder_id, errand.claimed_until, again, refused.code)
            return False
        return await self._finish(errand, Ending(ReminderStatus.LISTED, failure=refused.code))

    async def _finish(self, errand: Errand, ending: Ending) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            outbox = OutboxStore(session)
            if ending.status is ReminderStatus.SENT:
                await outbox.delivered([errand.notice.message.id], now)
            else:
                await outbox.withdraw(errand.notice.message.id)
            return await ReminderStore(session).finish(errand.reminder_id, errand.claimed_until, ending, now)

    async def _unsay(self, session: AsyncSession, row: Reminder) -> None:
        if row.message_id:
            await OutboxStore(session).withdraw(row.message_id)

    def _to_call(self, row: Reminder) -> ToCall:
        appointment = row.appointment
        return ToCall(
            id=row.public_id,
            appointment=appointment.public_id,
            number=appointment.number,
            called=self._keyring.open(appointment.sealed_called, CALLED) if appointment.sealed_called else "",
            place=appointment.visits[0].place,
            starts_at=appointment.visits[0].starts_at.astimezone(self._zone),
            has_phone=appointment.sealed_phone is not None,
            service=appointment.visits[0].service_id,
        )
