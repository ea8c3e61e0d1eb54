"""Searches for a place that found nothing good enough: what was looked for and where about, never her words or her point."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value


class Missed(StrEnum):
    """What was wrong: no such place at all, none with what she needs, or she lives outside the area."""

    NOTHING = "nothing"
    WISHES = "wishes"
    OUTSIDE = "outside"


class PlaceMiss(Record):
    """One search. `area` is a branch, "" unknown; `wishes` are names of facilities and 「hours」, by commas."""

    __tablename__ = "place_misses"
    __table_args__ = (Index("ix_place_misses_at", "at"), Index("ix_place_misses_conversation", "conversation_id"))

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    missed: Mapped[Missed] = mapped_column(by_value(Missed, "missed"))
    kind: Mapped[str] = mapped_column(String(32))
    wishes: Mapped[str] = mapped_column(String(200), default="")
    area: Mapped[str] = mapped_column(String(12), default="")


class PlaceMissStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, conversation: str, miss: PlaceMiss) -> bool:
        """Keep what a woman (by her conversation's public id) did not find; False when there is no such conversation."""
        found = await self._session.scalar(select(Conversation.id).where(Conversation.public_id == conversation))
        if found is None:
            return False
        miss.conversation_id = found
        self._session.add(miss)
        await self._session.flush()
        return True
