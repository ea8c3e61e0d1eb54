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
    await tell_quietly(session, keyring, row.conversation_id, Reply(words), now, agreed=row.remind)


async def tell_quietly(
    session: AsyncSession, keyring: Keyring, conversation_id: int, reply: Reply, now: datetime, *, agreed: bool = False
) -> None:
    """Say something in her conversation; unless she `agreed` to be written to, no phone rings for it."""
    turns = TurnStore(session, keyring)
    fetched = (await turns.conversation(conversation_id)).channel in FETCHED
    (message,) = await turns.say(
        conversation_id,
        [reply],
        now=now,
        masked=[reply.text],
        delivered=fetched,
        next_attempt_at=None if fetched else now,
    )
    if not fetched and not agreed:
        await OutboxStore(session).failed(message.id, NOT_AGREED, None)
