"""Filters that a reviewer keeps under a name; only she sees them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record, new_public_id, public_id_column

LONGEST_NAME = 40
LONGEST_QUERY = 1000


class SavedFilter(Record):
    """`query` is the part of the address behind the question mark."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("reviewer_id", "name"),)

    public_id: Mapped[str] = public_id_column()
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    at: Mapped[datetime]


class SavedFilterStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, reviewer: str) -> Sequence[SavedFilter]:
        """Hers, by name."""
        rows = await self._session.scalars(
            select(SavedFilter).where(SavedFilter.reviewer_id == reviewer).order_by(SavedFilter.name)
        )
        return rows.all()

    async def count(self, reviewer: str) -> int:
        """How many she has."""
        counted = select(func.count()).select_from(SavedFilter).where(SavedFilter.reviewer_id == reviewer)
        return int(await self._session.scalar(counted) or 0)

    async def save(self, reviewer: str, name: str, query: str, now: datetime) -> None:
        """Keep it, in place of an earlier one of this name."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            kind(SavedFilter)
            .values(public_id=new_public_id(), reviewer_id=reviewer, name=name, query=query, at=now)
            .on_conflict_do_update(index_elements=["reviewer_id", "name"], set_={"query": query, "at": now})
        )

    async def drop(self, reviewer: str, public_id: str) -> None:
        """Let go of one of hers."""
        await self._session.execute(
            delete(SavedFilter).where(SavedFilter.reviewer_id == reviewer, SavedFilter.public_id == public_id)
        )
