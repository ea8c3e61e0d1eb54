"""Who may see the console: one-time links and the sessions they open. Only digests of secrets are kept."""

from datetime import datetime

from sqlalchemy import String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record


class ConsoleLink(Record):
    """A link that opens the console once."""

    __tablename__ = "console_links"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ConsoleSession(Record):
    """An open console in one browser."""

    __tablename__ = "console_sessions"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]


class AccountStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_link(self, digest: str, expires_at: datetime) -> None:
        """Make a link usable until then."""
        self._session.add(ConsoleLink(digest=digest, expires_at=expires_at))
        await self._session.flush()

    async def use_link(self, digest: str, now: datetime) -> bool:
        """Use it up; False when it is unknown, too old or was used."""
        used = await self._session.execute(
            update(ConsoleLink)
            .where(ConsoleLink.digest == digest, ConsoleLink.used_at.is_(None), ConsoleLink.expires_at > now)
            .values(used_at=now)
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]

    async def open_session(self, digest: str, now: datetime, expires_at: datetime) -> None:
        """Begin a session; sessions that have ended are forgotten."""
        await self._session.execute(delete(ConsoleSession).where(ConsoleSession.expires_at <= now))
        self._session.add(ConsoleSession(digest=digest, expires_at=expires_at))
        await self._session.flush()

    async def has_session(self, digest: str, now: datetime) -> bool:
        """Whether this session is open."""
        found = await self._session.scalar(
            select(ConsoleSession.id).where(ConsoleSession.digest == digest, ConsoleSession.expires_at > now)
        )
        return found is not None

    async def close_session(self, digest: str) -> None:
        """End it."""
        await self._session.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))
