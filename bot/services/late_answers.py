"""Answers that come later: turns that a dead process or a silent engine left open, and messages not yet delivered."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import EngineUnavailable
from bot.domain.messages import Message
from bot.services.turns import Turn, Turns
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)


class DeliveryRefused(Exception):
    """A channel could not deliver. `retry`: trying again may help; otherwise it waits until she writes."""

    def __init__(self, code: str, *, retry: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retry = retry


class Delivery(Protocol):
    """How a channel sends a message that nobody is waiting for."""

    async def deliver(self, sender: str, message: Message) -> None:
        """Send it, or raise DeliveryRefused."""


class LateAnswers:
    """Run by every bot process; rows decide who does what, so any number may run."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        turns: Turns,
        deliveries: Mapping[str, Delivery],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._turns = turns
        self._deliveries = deliveries
        self._clock = clock

    async def answer_open_turns(self) -> int:
        """Work on what nobody works on; return how many were answered."""
        async with self._database.read() as session:
            open_ids = await OutboxStore(session).unanswered(self._clock())
        return sum([await self._answer(inbound_id) for inbound_id in open_ids])

    async def _answer(self, inbound_id: int) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            store = TurnStore(session, self._keyring)
            if not await store.claim(inbound_id, now, now + CLAIM):
                return False
            row = await store.inbound(inbound_id)
            turn, attempts = Turn(row.id, row.conversation_id), row.attempts
        try:
            await self._turns.run(turn)
        except EngineUnavailable:
            pass
        except Exception:
            log.exception("turn %s failed again (attempt %d)", inbound_id, attempts)
        else:
            return True
        wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 10)))
        async with self._database.write() as session:
            await TurnStore(session, self._keyring).release(inbound_id, self._clock() + wait)
        return False

    async def deliver_due(self) -> int:
        """Hand over what is due; return how many reached their channel."""
        async with self._database.read() as session:
            due = await OutboxStore(session).due(self._clock())
        return sum([await self._deliver(row.id) for row in due])

    async def _deliver(self, outbound_id: int) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            outbox, store = OutboxStore(session), TurnStore(session, self._keyring)
            row = await outbox.outbound(outbound_id)
            if not await outbox.claim(row, now + CLAIM):
                return False
            conversation = await outbox.conversation(row)
            channel, sender, attempts = conversation.channel, store.sender_of(conversation), row.attempts
            message = store.message(row)
        refused = await self._hand_over(channel, sender, message)
        async with self._database.write() as session:
            if refused is None:
                await OutboxStore(session).delivered([message.id], self._clock())
            else:
                wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 10)))
                again = self._clock() + wait if refused.retry else None
                await OutboxStore(session).failed(message.id, refused.code, again)
        return refused is None

    async def _hand_over(self, channel: str, sender: str, message: Message) -> DeliveryRefused | None:
        delivery = self._deliveries.get(channel)
        if delivery is None:
            return DeliveryRefused("no_delivery", retry=False)
        try:
            await delivery.deliver(sender, message)
        except DeliveryRefused as refused:
            log.info("delivery of %s refused: %s", message.id, refused.code)
            return refused
        return None
