"""What was said and has not reached her, and what a page asks for when it comes back."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.conversations import Conversation, InboundMessage, InboundStatus, OutboundMessage


class OutboxStore:
    """Deliveries to be made and conversations to be read again. Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def due(self, now: datetime, limit: int = 20) -> list[OutboundMessage]:
        """Undelivered messages whose turn has come, oldest first."""
        rows = await self._session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.delivered_at.is_(None), OutboundMessage.next_attempt_at <= now)
            .order_by(OutboundMessage.id)
            .limit(limit)
        )
        return list(rows)

    async def outbound(self, outbound_id: int) -> OutboundMessage:
        """The row itself."""
        return await self._session.get_one(OutboundMessage, outbound_id)

    async def claim(self, row: OutboundMessage, until: datetime) -> bool:
        """Take one delivery; False when another worker has it."""
        taken = await self._session.execute(
            update(OutboundMessage)
            .where(
                OutboundMessage.id == row.id,
                OutboundMessage.delivered_at.is_(None),
                OutboundMessage.next_attempt_at == row.next_attempt_at,
            )
            .values(next_attempt_at=until, attempts=OutboundMessage.attempts + 1)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def delivered(self, public_ids: list[str], now: datetime) -> None:
        """They reached the channel."""
        await self._session.execute(
            update(OutboundMessage)
            .where(OutboundMessage.public_id.in_(public_ids), OutboundMessage.delivered_at.is_(None))
            .values(delivered_at=now, next_attempt_at=None, failure=None)
        )

    async def failed(self, public_id: str, code: str, again_at: datetime | None) -> None:
        """Not delivered: try again at a time, or (None) wait until she writes."""
        await self._session.execute(
            update(OutboundMessage)
            .where(OutboundMessage.public_id == public_id, OutboundMessage.delivered_at.is_(None))
            .values(next_attempt_at=again_at, failure=code)
        )

    async def withdraw(self, public_id: str) -> None:
        """Unsay what has not reached her and must not come late."""
        await self._session.execute(
            delete(OutboundMessage).where(
                OutboundMessage.public_id == public_id, OutboundMessage.delivered_at.is_(None)
            )
        )

    async def message(self, public_id: str) -> OutboundMessage | None:
        """One message, or None when it was withdrawn."""
        return await self._session.scalar(select(OutboundMessage).where(OutboundMessage.public_id == public_id))

    async def stranded(self, conversation_id: int) -> list[OutboundMessage]:
        """What could not be delivered by itself and goes out with the next answer."""
        rows = await self._session.scalars(
            select(OutboundMessage)
            .where(
                OutboundMessage.conversation_id == conversation_id,
                OutboundMessage.delivered_at.is_(None),
                OutboundMessage.failure.is_not(None),
            )
            .order_by(OutboundMessage.id)
        )
        return list(rows)

    async def after(self, conversation_id: int, public_id: str | None, limit: int = 50) -> list[OutboundMessage]:
        """Messages after this one, oldest first; with None (or a name that is gone) the latest ones."""
        wanted = select(OutboundMessage).where(OutboundMessage.conversation_id == conversation_id)
        since = None
        if public_id is not None:
            since = await self._session.scalar(
                select(OutboundMessage.id).where(
                    OutboundMessage.conversation_id == conversation_id, OutboundMessage.public_id == public_id
                )
            )
        if since is not None:
            found = await self._session.scalars(
                wanted.where(OutboundMessage.id > since).order_by(OutboundMessage.id).limit(limit)
            )
            return list(found)
        found = await self._session.scalars(wanted.order_by(OutboundMessage.id.desc()).limit(limit))
        return list(found)[::-1]

    async def inbound_history(self, conversation_id: int, limit: int = 50) -> list[InboundMessage]:
        """What she sent last, oldest first."""
        found = await self._session.scalars(
            select(InboundMessage)
            .where(InboundMessage.conversation_id == conversation_id)
            .order_by(InboundMessage.id.desc())
            .limit(limit)
        )
        return list(found)[::-1]

    async def unanswered(self, now: datetime, limit: int = 20) -> list[int]:
        """Ids of open inbound messages that nobody works on, the oldest first."""
        found = await self._session.scalars(
            select(InboundMessage.id)
            .where(
                InboundMessage.status != InboundStatus.ANSWERED,
                (InboundMessage.claimed_until.is_(None)) | (InboundMessage.claimed_until < now),
            )
            .order_by(InboundMessage.id)
            .limit(limit)
        )
        return list(found)

    async def conversation(self, row: OutboundMessage) -> Conversation:
        """Whose message it is."""
        return await self._session.get_one(Conversation, row.conversation_id)
