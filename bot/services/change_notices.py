"""Telling a woman that an officer booked, moved or cancelled her appointment, in words that tell nobody else anything."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.messages import Reply
from bot.storage.appointments import Appointment
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

FETCHED = frozenset({"web"})
"""Channels whose pages fetch messages themselves."""
NOT_AGREED = "not_agreed"


async def tell_of_change(session: AsyncSession, keyring: Keyring, row: Appointment, words: str, now: datetime) -> None:
    """Say it in her conversation, if she has one.

    Where a message would make her phone ring it is sent at once only if she agreed to reminders; otherwise it waits and
    goes out with the next answer to her.
    """
    if row.conversation_id is None:
        return
    turns = TurnStore(session, keyring)
    fetched = (await turns.conversation(row.conversation_id)).channel in FETCHED
    (message,) = await turns.say(
        row.conversation_id,
        [Reply(words)],
        now=now,
        masked=[words],
        delivered=fetched,
        next_attempt_at=None if fetched else now,
    )
    if not fetched and not row.remind:
        await OutboxStore(session).failed(message.id, NOT_AGREED, None)
