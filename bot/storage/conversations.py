"""Conversations and the log of every message in them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.check_in import RESULT_SAID
from bot.domain.messages import Author, InboundKind, Owner
from bot.domain.risk import RiskKind, RiskLevel
from bot.storage.records import Record, by_value, public_id_column


class Conversation(Record):
    """One person on one channel: `sender_digest` finds it again, `sealed_sender` is needed to write to her.

    `after_hours_on`: the local day of the evening on which she was last told what is open then.
    `leave_forms`: a person spoke meanwhile, so the engine has to leave its form before it is asked again.
    """

    __tablename__ = "conversations"

    public_id: Mapped[str] = public_id_column()
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    sender_digest: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_sender: Mapped[bytes] = mapped_column(LargeBinary)
    owner: Mapped[Owner] = mapped_column(by_value(Owner, "owner"), default=Owner.BOT)
    version: Mapped[int] = mapped_column(default=0)
    risk: Mapped[RiskLevel] = mapped_column(by_value(RiskLevel, "risk"), default=RiskLevel.NONE)
    safety_words_at: Mapped[datetime | None]
    leave_forms: Mapped[bool] = mapped_column(default=False, server_default=false())
    after_hours_on: Mapped[date | None]
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime] = mapped_column(index=True)


class InboundStatus(StrEnum):
    """How far the work on an inbound message has come. `WAITING`: she was told that the answer comes later."""

    RECEIVED = "received"
    WAITING = "waiting"
    ANSWERED = "answered"


class InboundMessage(Record):
    """What she sent, written before any work. `claimed_until` is held by the worker that is answering."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("message_key"),
        Index("ix_inbound_messages_open", "claimed_until", sqlite_where=text("status != 'answered'"),
              postgresql_where=text("status != 'answered'")),
        Index("ix_inbound_messages_conversation", "conversation_id", "id"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_key: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str | None]
    kind: Mapped[InboundKind] = mapped_column(by_value(InboundKind, "kind"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    masked: Mapped[str]
    status: Mapped[InboundStatus] = mapped_column(by_value(InboundStatus, "status"), default=InboundStatus.RECEIVED)
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    risk: Mapped[RiskLevel] = mapped_column(by_value(RiskLevel, "risk"), default=RiskLevel.NONE)
    risk_kind: Mapped[RiskKind | None] = mapped_column(by_value(RiskKind, "risk_kind"))
    understanding: Mapped[str | None]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    engine_ms: Mapped[float | None]


class OutboundMessage(Record):
    """What was said to her. Stored first, then delivered; `delivered_at` is None while it waits in the outbox."""

    __tablename__ = "outbound_messages"
    __table_args__ = (
        Index("ix_outbound_messages_outbox", "next_attempt_at", sqlite_where=text("delivered_at IS NULL"),
              postgresql_where=text("delivered_at IS NULL")),
        Index("ix_outbound_messages_conversation", "conversation_id", "id"),
        Index("ix_outbound_messages_check_in", "created_at", sqlite_where=text(f"masked = '{RESULT_SAID}'"),
              postgresql_where=text(f"masked = '{RESULT_SAID}'")),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id", ondelete="SET NULL"))
    author: Mapped[Author] = mapped_column(by_value(Author, "author"), default=Author.BOT)
    holding: Mapped[bool] = mapped_column(default=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    masked: Mapped[str]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(64))


class OfferedChoice(Record):
    """A choice that hung under a message; only these carry payloads. `position` counts from 1."""

    __tablename__ = "offered_choices"
    __table_args__ = (Index("ix_offered_choices_outbound", "outbound_id", "position"),)

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_messages.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str]
    payload: Mapped[str]


class SharedPoint(Record):
    """Where she is, sealed, for one lookup: taking it deletes it, and nobody else ever gets it."""

    __tablename__ = "shared_points"

    public_id: Mapped[str] = public_id_column()
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)


async def hold_conversation(session: AsyncSession, conversation_id: int) -> Conversation:
    """The row as it is now; nobody else changes its owner before this transaction ends. Hold it before any case of it."""
    found = await session.scalars(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.one()
