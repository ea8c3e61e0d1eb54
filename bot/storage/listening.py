"""When a chat page of hers was last open: an officer who writes wants to know whether anybody is there to read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record


class ChatListener(Record):
    """A conversation whose page asks for later messages by itself. `seen_at`: when it did so last."""

    __tablename__ = "chat_listeners"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    seen_at: Mapped[datetime]


class ListeningStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def seen(self, conversation_id: int, now: datetime) -> None:
        """Her page is open at this moment."""
        moved = await self._session.execute(
            update(ChatListener).where(ChatListener.conversation_id == conversation_id).values(seen_at=now)
        )
        if moved.rowcount:  # type: ignore[attr-defined]
            return
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            kind(ChatListener)
            .values(conversation_id=conversation_id, seen_at=now)
            .on_conflict_do_update(index_elements=["conversation_id"], set_={"seen_at": now})
        )

    async def seen_at(self, conversation_id: int) -> datetime | None:
        """When her page was last open, or None."""
        return await self._session.scalar(
            select(ChatListener.seen_at).where(ChatListener.conversation_id == conversation_id)
        )
