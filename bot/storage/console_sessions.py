"""Open consoles, and how often somebody tried to sign in from where. Only digests of tokens and names are kept."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.accounts import Account
from bot.storage.records import Record


class ConsoleSession(Record):
    """An open console in one browser. `stepped_up_at`: when the second factor was last given."""

    __tablename__ = "console_sessions"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime]


class SignInTries(Record):
    """Tries of one name from one place: `count` so far, and not before `next_at` again."""

    __tablename__ = "sign_in_tries"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    count: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    tried_at: Mapped[datetime] = mapped_column(index=True)


class ConsoleSessionStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, account: Account, digest: str, now: datetime, longest: timedelta) -> None:
        """Begin a session; sessions past the absolute limit are forgotten."""
        await self._session.execute(delete(ConsoleSession).where(ConsoleSession.opened_at <= now - longest))
        self._session.add(
            ConsoleSession(account_id=account.id, digest=digest, opened_at=now, seen_at=now, stepped_up_at=now)
        )
        await self._session.flush()

    async def find(
        self, digests: Sequence[str], now: datetime, *, idle: timedelta, longest: timedelta
    ) -> tuple[Account, ConsoleSession] | None:
        """The session and whose it is, while neither limit has passed and the account is not disabled."""
        row = (
            await self._session.execute(
                select(Account, ConsoleSession)
                .join(ConsoleSession, ConsoleSession.account_id == Account.id)
                .where(
                    ConsoleSession.digest.in_(digests),
                    ConsoleSession.seen_at > now - idle,
                    ConsoleSession.opened_at > now - longest,
                    Account.disabled_at.is_(None),
                )
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def touch(self, digest: str, now: datetime) -> None:
        """She is still here."""
        await self._session.execute(
            update(ConsoleSession)
            .where(ConsoleSession.digest == digest, ConsoleSession.seen_at < now)
            .values(seen_at=now)
        )

    async def step_up(self, digest: str, now: datetime) -> bool:
        """She gave her second factor again; False when the session ended meanwhile."""
        done = await self._session.execute(
            update(ConsoleSession).where(ConsoleSession.digest == digest).values(stepped_up_at=now, seen_at=now)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def close(self, digest: str) -> None:
        """End it."""
        await self._session.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))

    async def close_all(self, account: Account) -> None:
        """End every session of an account."""
        await self._session.execute(delete(ConsoleSession).where(ConsoleSession.account_id == account.id))


class SignInTryStore:
    """Counts before anything is verified, so that many tries at once are not one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(
        self, digest: str, now: datetime, *, pause: Callable[[int], timedelta], forget: timedelta
    ) -> datetime | None:
        """Count one try; or the moment to wait for, when it comes too early. `pause(n)` follows the n-th try."""
        await self._session.execute(delete(SignInTries).where(SignInTries.tried_at <= now - forget))
        on_sqlite = self._session.get_bind().dialect.name == "sqlite"
        kind = sqlite.insert if on_sqlite else postgresql.insert
        await self._session.execute(
            kind(SignInTries)
            .values(digest=digest, count=0, next_at=now, tried_at=now)
            .on_conflict_do_nothing(index_elements=["digest"])
        )
        row = (
            await self._session.scalars(
                select(SignInTries)
                .where(SignInTries.digest == digest)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        ).one()
        if row.next_at > now:
            return row.next_at
        row.count += 1
        row.tried_at, row.next_at = now, now + pause(row.count)
        await self._session.flush()
        return None

    async def forget(self, digest: str) -> None:
        """She got in: her slips no longer count."""
        await self._session.execute(delete(SignInTries).where(SignInTries.digest == digest))
