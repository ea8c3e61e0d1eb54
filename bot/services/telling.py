"""Saying something to her outside the engine's answer: stored in the outbox first, then delivered by her channel."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.messages import Author, Message, Reply
from bot.language.masking import mask
from bot.services.turns import PASSIVE_REPLY
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore


class Telling:
    """`pulled` names the channels whose pages fetch messages themselves."""

    def __init__(self, keyring: Keyring, *, pulled: frozenset[str] = frozenset({"web"})) -> None:
        self._keyring = keyring
        self._pulled = pulled

    async def say(
        self, session: AsyncSession, conversation: Conversation, replies: Sequence[Reply], now: datetime, *,
        author: Author = Author.BOT, answering: InboundMessage | None = None,
    ) -> list[Message]:  # fmt: skip
        """Put these into the outbox, in the caller's transaction.

        `answering`: the message whose turn is under way; its channel hands them over, and the outbox only if it does not.
        """
        pulled = conversation.channel in self._pulled
        passive = answering is not None and answering.status is InboundStatus.RECEIVED
        return await TurnStore(session, self._keyring).say(
            conversation.id,
            replies,
            now=now,
            masked=[mask(reply.text) for reply in replies],
            inbound_id=None if answering is None else answering.id,
            author=author,
            delivered=pulled,
            next_attempt_at=None if pulled else now + PASSIVE_REPLY if passive else now,
        )
