"""Addresses of other systems that take cases over, and what is on its way to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.cases import OutsideBody
from bot.storage.case_papers import CaseReferral
from bot.storage.cases import Case
from bot.storage.records import Record, by_value, public_id_column

NAME, FAILURE = 100, 100


class Webhook(Record):
    """Where referrals to one body go besides the printed sheet. `body_name`: as officers write it in a referral."""

    __tablename__ = "webhooks"

    public_id: Mapped[str] = public_id_column()
    body: Mapped[OutsideBody] = mapped_column(by_value(OutsideBody, "webhook_body"))
    body_name: Mapped[str] = mapped_column(String(NAME))
    url: Mapped[str] = mapped_column(String(500))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class WebhookDelivery(Record):
    """One referral on its way to one address. Neither delivered nor due again: it was given up."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "referral_id"),
        Index("ix_webhook_deliveries_due", "next_attempt_at"),
        CheckConstraint("delivered_at IS NULL OR next_attempt_at IS NULL", name="what_arrived_is_not_due"),
    )

    public_id: Mapped[str] = public_id_column()
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("case_referrals.id", ondelete="CASCADE"), index=True)
    failures: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(FAILURE))
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class WebhookStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, body: OutsideBody, body_name: str, url: str, sealed_secret: bytes, now: datetime) -> Webhook:
        """A new address."""
        row = Webhook(body=body, body_name=body_name, url=url, sealed_secret=sealed_secret, created_at=now)
        self._session.add(row)
        await self._session.flush()
        return row

    async def named(self, public_id: str) -> Webhook | None:
        """One address, in use or not."""
        return await self._session.scalar(select(Webhook).where(Webhook.public_id == public_id))

    async def all(self) -> Sequence[Webhook]:
        """Every address, the oldest first."""
        return (await self._session.scalars(select(Webhook).order_by(Webhook.id))).all()

    async def of(self, body: OutsideBody, body_name: str) -> Sequence[Webhook]:
        """The addresses of one body that are in use."""
        rows = await self._session.scalars(
            select(Webhook).where(
                Webhook.body == body, Webhook.body_name == body_name, Webhook.revoked_at.is_(None)
            )
        )  # fmt: skip
        return rows.all()

    async def put(self, webhook: Webhook, referral: CaseReferral, now: datetime) -> None:
        """Put a referral on its way."""
        self._session.add(
            WebhookDelivery(webhook_id=webhook.id, referral_id=referral.id, created_at=now, next_attempt_at=now)
        )
        await self._session.flush()

    async def claim(self, now: datetime, until: datetime) -> WebhookDelivery | None:
        """The one due longest, taken until then so that no other process sends it too; None when nothing is due."""
        due = await self._session.scalar(
            select(WebhookDelivery)
            .where(WebhookDelivery.next_attempt_at <= now)
            .order_by(WebhookDelivery.next_attempt_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if due is not None:
            due.next_attempt_at = until
            await self._session.flush()
        return due

    async def parts(self, delivery: WebhookDelivery) -> tuple[Webhook, CaseReferral, Case]:
        """Where it goes, and what."""
        webhook = await self._session.get_one(Webhook, delivery.webhook_id)
        referral = await self._session.get_one(CaseReferral, delivery.referral_id)
        return webhook, referral, await self._session.get_one(Case, referral.case_id)

    async def delivery(self, public_id: str) -> WebhookDelivery | None:
        """One delivery; None when her records were deleted meanwhile."""
        return await self._session.scalar(select(WebhookDelivery).where(WebhookDelivery.public_id == public_id))

    async def give_up(self, webhook: Webhook, words: str) -> None:
        """Nothing goes to this address any more."""
        await self._session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.next_attempt_at.is_not(None))
            .values(next_attempt_at=None, failure=words)
        )

    async def of_referrals(self, referrals: Sequence[int]) -> dict[int, WebhookDelivery]:
        """The latest delivery of each referral, by the referral's row."""
        rows = await self._session.scalars(
            select(WebhookDelivery).where(WebhookDelivery.referral_id.in_(referrals)).order_by(WebhookDelivery.id)
        )
        return {row.referral_id: row for row in rows}
