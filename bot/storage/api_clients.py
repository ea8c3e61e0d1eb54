"""Other systems that may read our open API; of a key only its digest is kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record, public_id_column


class ApiClient(Record):
    """One system. `scopes` are words of `bot.domain.sharing.Scope`, with blanks between."""

    __tablename__ = "api_clients"

    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(String(100))
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiClientStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, name: str, key_digest: str, scopes: str, now: datetime) -> ApiClient:
        """A new client."""
        row = ApiClient(name=name, key_digest=key_digest, scopes=scopes, created_at=now)
        self._session.add(row)
        await self._session.flush()
        return row

    async def with_key(self, digests: Sequence[str]) -> ApiClient | None:
        """The client of this key, unless it was revoked."""
        return await self._session.scalar(
            select(ApiClient).where(ApiClient.key_digest.in_(digests), ApiClient.revoked_at.is_(None))
        )

    async def named(self, public_id: str) -> ApiClient | None:
        """One client, revoked or not."""
        return await self._session.scalar(select(ApiClient).where(ApiClient.public_id == public_id))

    async def all(self) -> Sequence[ApiClient]:
        """Every client, the oldest first."""
        return (await self._session.scalars(select(ApiClient).order_by(ApiClient.id))).all()
