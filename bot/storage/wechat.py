"""What the WeChat channel must share between workers: the access token and the nonces seen."""

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record
from bot.storage.sealing import Keyring

LEASE = timedelta(seconds=10)
NONCE_LIFETIME = timedelta(minutes=15)
PURPOSE = "wechat token"


class WeChatToken(Record):
    """The access token of an account; `fetching_until` is held by the one worker that fetches a new one."""

    __tablename__ = "wechat_tokens"

    app_id: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    fetching_until: Mapped[datetime]


class WeChatNonce(Record):
    """A nonce that came, with a digest of the body it came with."""

    __tablename__ = "wechat_nonces"
    __table_args__ = (UniqueConstraint("nonce"),)

    nonce: Mapped[str] = mapped_column(String(64))
    body_digest: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WeChatStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def token(self, app_id: str, now: datetime) -> str | None:
        """The token, if there is one that is still good."""
        row = await self._session.scalar(select(WeChatToken).where(WeChatToken.app_id == app_id))
        if row is None or row.sealed is None or row.expires_at <= now:
            return None
        return self._keyring.open(row.sealed, PURPOSE)

    async def may_fetch(self, app_id: str, now: datetime) -> bool:
        """Take the lease for fetching; False when another worker has it, or has just brought a token."""
        if await self._session.scalar(select(WeChatToken.id).where(WeChatToken.app_id == app_id)) is None:
            try:
                async with self._session.begin_nested():
                    self._session.add(WeChatToken(app_id=app_id, expires_at=now, fetching_until=now))
            except IntegrityError:
                return False
        taken = await self._session.execute(
            update(WeChatToken)
            .where(WeChatToken.app_id == app_id, WeChatToken.fetching_until <= now, WeChatToken.expires_at <= now)
            .values(fetching_until=now + LEASE)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def keep(self, app_id: str, token: str, now: datetime, lifetime: timedelta) -> None:
        """Keep a fetched token and give the lease back."""
        await self._session.execute(
            update(WeChatToken)
            .where(WeChatToken.app_id == app_id)
            .values(sealed=self._keyring.seal(token, PURPOSE), expires_at=now + lifetime, fetching_until=now)
        )

    async def spoil(self, app_id: str, token: str, now: datetime) -> None:
        """Forget a token that was refused, unless another worker has replaced it."""
        if await self.token(app_id, now) == token:
            await self._session.execute(update(WeChatToken).where(WeChatToken.app_id == app_id).values(expires_at=now))

    async def is_fresh(self, nonce: str, body_digest: str, now: datetime) -> bool:
        """Whether this nonce is new, or came with the very same body (WeChat's own repeats)."""
        await self._session.execute(delete(WeChatNonce).where(WeChatNonce.seen_at < now - NONCE_LIFETIME))
        known = await self._session.scalar(select(WeChatNonce.body_digest).where(WeChatNonce.nonce == nonce))
        if known is not None:
            return known == body_digest
        try:
            async with self._session.begin_nested():
                self._session.add(WeChatNonce(nonce=nonce, body_digest=body_digest, seen_at=now))
        except IntegrityError:
            known = await self._session.scalar(select(WeChatNonce.body_digest).where(WeChatNonce.nonce == nonce))
            return known == body_digest
        return True

    async def nonces(self) -> int:
        """How many are remembered."""
        return await self._session.scalar(select(func.count()).select_from(WeChatNonce)) or 0
