"""What the WeChat channel shares between workers: token, nonces, what was said, and how much may still be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record
from bot.storage.sealing import CannotOpen, Keyring

LEASE = timedelta(seconds=10)
PURPOSE, REPLY, MESSAGE, SENDER = "wechat token", "wechat reply", "wechat message", "wechat sender"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many customer-service messages Tencent allows, and how long, after something she did."""

    name: str
    messages: int
    lasts: timedelta


AFTER_MESSAGE = Allowance("message", 5, timedelta(hours=48))
AFTER_EVENT = Allowance("event", 3, timedelta(minutes=1))
"""After a menu click, a scan, or when she begins to follow."""


class WeChatToken(Record):
    """The access token of an account; `fetching_until` is held by the one worker that fetches a new one."""

    __tablename__ = "wechat_tokens"

    app_id: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    fetching_until: Mapped[datetime]


class WeChatNonce(Record):
    """A nonce that came, with a digest of the id of the message it came with."""

    __tablename__ = "wechat_nonces"
    __table_args__ = (UniqueConstraint("nonce"),)

    nonce: Mapped[str] = mapped_column(String(64))
    message_digest: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WeChatReply(Record):
    """What was said at once to one message: its repeats are told the same. Kept for minutes."""

    __tablename__ = "wechat_replies"

    message_digest: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    said_at: Mapped[datetime] = mapped_column(index=True)


class WeChatProgress(Record):
    """How many parts of a long message have reached her. The row goes when all have."""

    __tablename__ = "wechat_progress"

    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    parts: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class WeChatWindow(Record):
    """What she may still be sent by customer-service message, since she wrote (or clicked, scanned, followed)."""

    __tablename__ = "wechat_windows"
    __table_args__ = (
        UniqueConstraint("sender_digest", "opened_by"),
        CheckConstraint("remaining >= 0", name="remaining_is_not_negative"),
    )

    sender_digest: Mapped[str] = mapped_column(String(64))
    opened_by: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    remaining: Mapped[int]


class WeChatStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def token(self, app_id: str, now: datetime) -> str | None:
        """The token, if there is one that is still good. Raises CannotOpen when our own key has changed."""
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

    async def spoil(self, app_id: str, token: str | None, now: datetime) -> None:
        """Forget a token that was refused (or, None, that cannot be opened), unless another worker has replaced it."""
        try:
            kept = await self.token(app_id, now)
        except CannotOpen:
            kept = None
        if kept == token:
            await self._session.execute(update(WeChatToken).where(WeChatToken.app_id == app_id).values(expires_at=now))

    async def is_fresh(self, nonce: str, message_id: str, now: datetime) -> bool:
        """Whether this nonce is new, or came with the very same message (WeChat's own repeats)."""
        digest = self._keyring.digest(message_id, MESSAGE)
        seen = select(WeChatNonce.message_digest).where(WeChatNonce.nonce == nonce)
        known = await self._session.scalar(seen)
        if known is None:
            try:
                async with self._session.begin_nested():
                    self._session.add(WeChatNonce(nonce=nonce, message_digest=digest, seen_at=now))
            except IntegrityError:
                known = await self._session.scalar(seen)
        return known is None or known == digest

    async def nonces(self) -> int:
        """How many are remembered."""
        return await self._session.scalar(select(func.count()).select_from(WeChatNonce)) or 0

    async def said(self, message_id: str) -> str | None:
        """What this message was answered at once, or None."""
        digest = self._keyring.digest(message_id, MESSAGE)
        sealed = await self._session.scalar(select(WeChatReply.sealed).where(WeChatReply.message_digest == digest))
        return None if sealed is None else self._keyring.open(sealed, REPLY)

    async def say(self, message_id: str, text: str, now: datetime) -> bool:
        """Remember what is said; False when another attempt of the same message has said something already."""
        try:
            async with self._session.begin_nested():
                digest, sealed = self._keyring.digest(message_id, MESSAGE), self._keyring.seal(text, REPLY)
                self._session.add(WeChatReply(message_digest=digest, sealed=sealed, said_at=now))
        except IntegrityError:
            return False
        return True

    async def progress(self, message_id: str) -> int:
        """How many parts of one of our messages she has."""
        wanted = select(WeChatProgress.parts).where(WeChatProgress.message_id == message_id)
        return await self._session.scalar(wanted) or 0

    async def advance(self, message_id: str, parts: int, now: datetime) -> None:
        """She has so many parts of it now."""
        changed = await self._session.execute(
            update(WeChatProgress).where(WeChatProgress.message_id == message_id).values(parts=parts, updated_at=now)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            self._session.add(WeChatProgress(message_id=message_id, parts=parts, updated_at=now))
            await self._session.flush()

    async def finish(self, message_id: str) -> None:
        """She has all of it."""
        await self._session.execute(delete(WeChatProgress).where(WeChatProgress.message_id == message_id))

    async def open_window(self, sender: str, allowance: Allowance, at: datetime) -> None:
        """She did something at this time. A repeat of it, or an older one that comes late, gives nothing new."""
        values = {"opened_at": at, "ends_at": at + allowance.lasts, "remaining": allowance.messages}
        digest = self._keyring.digest(sender, SENDER)
        window = (WeChatWindow.sender_digest == digest, WeChatWindow.opened_by == allowance.name)
        renew = update(WeChatWindow).where(*window, WeChatWindow.opened_at < at).values(**values)
        if await self._session.scalar(select(WeChatWindow.id).where(*window)) is None:
            try:
                async with self._session.begin_nested():
                    self._session.add(WeChatWindow(sender_digest=digest, opened_by=allowance.name, **values))
            except IntegrityError:
                await self._session.execute(renew)
        else:
            await self._session.execute(renew)

    async def windows(self, sender: str, now: datetime) -> list[int]:
        """What remains in each open window; no window: nothing is known of her, or she has been silent too long."""
        digest = self._keyring.digest(sender, SENDER)
        wanted = select(WeChatWindow.remaining).where(WeChatWindow.sender_digest == digest, WeChatWindow.ends_at > now)
        return list(await self._session.scalars(wanted))

    async def widest_window(self, sender: str, now: datetime) -> tuple[int, datetime] | None:
        """(what remains, until when) of the open window that allows most; None when none is open."""
        digest = self._keyring.digest(sender, SENDER)
        found = await self._session.execute(
            select(WeChatWindow.remaining, WeChatWindow.ends_at)
            .where(WeChatWindow.sender_digest == digest, WeChatWindow.ends_at > now)
            .order_by(WeChatWindow.remaining.desc(), WeChatWindow.ends_at.desc())
            .limit(1)
        )
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    async def spend(self, sender: str, now: datetime) -> None:
        """One customer-service message was sent. It is counted in every open window, so we never count too few."""
        await self._session.execute(
            update(WeChatWindow)
            .where(
                WeChatWindow.sender_digest == self._keyring.digest(sender, SENDER),
                WeChatWindow.ends_at > now,
                WeChatWindow.remaining > 0,
            )
            .values(remaining=WeChatWindow.remaining - 1)
        )

    async def exhaust(self, sender: str) -> None:
        """Tencent says that nothing remains, whatever we counted (somebody may send from mp.weixin.qq.com too)."""
        digest = self._keyring.digest(sender, SENDER)
        await self._session.execute(
            update(WeChatWindow).where(WeChatWindow.sender_digest == digest).values(remaining=0)
        )

    async def close_windows(self, sender: str) -> None:
        """She cannot be written to any more: she went away, or was silent too long."""
        digest = self._keyring.digest(sender, SENDER)
        await self._session.execute(delete(WeChatWindow).where(WeChatWindow.sender_digest == digest))
