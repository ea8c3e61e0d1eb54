"""What reviewers made of conversations: who looked at them, what was understood wrongly, marks, and dialogue tests.

Every text here is masked. All of it goes when the conversation is deleted: masked words are still her words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.case_topics import Topic
from bot.domain.reviews import CorrectionState, MarkedEntity, MarkKind, read_entities
from bot.domain.risk import RiskLevel
from bot.storage.accounts import names_of
from bot.storage.conversations import InboundMessage
from bot.storage.records import Record, by_value, new_public_id, public_id_column

LONGEST_WISH = 200
LONGEST_MARK = 500


class Reviewed(Record):
    """A reviewer has been through a conversation. What she wrote after `at` has not been looked at."""

    __tablename__ = "reviewed_conversations"
    __table_args__ = (UniqueConstraint("conversation_id", "reviewer_id"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), index=True)
    at: Mapped[datetime]


class Correction(Record):
    """One reviewer's judgement of one message; another reviewer's is a row of its own.

    None, and "" for the wish: she said nothing about it. `entities`: see `bot.domain.reviews.write_entities`. `changes`:
    it says something else than what was understood. A judgement that was changed after it was decided is open again.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        UniqueConstraint("inbound_id", "reviewer_id"),
        Index("ux_corrections_accepted", "inbound_id", unique=True,
              sqlite_where=text("state = 'accepted'"), postgresql_where=text("state = 'accepted'")),
        Index("ix_corrections_state", "state", "id"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_a_time"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_messages.id", ondelete="CASCADE"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), index=True)
    intent: Mapped[str | None] = mapped_column(String(64))
    topic: Mapped[Topic | None] = mapped_column(by_value(Topic, "topic"))
    risk: Mapped[RiskLevel | None] = mapped_column(by_value(RiskLevel, "risk"))
    entities: Mapped[str | None]
    new_intent_wish: Mapped[str] = mapped_column(String(LONGEST_WISH), default="")
    changes: Mapped[bool]
    state: Mapped[CorrectionState] = mapped_column(by_value(CorrectionState, "state"), default=CorrectionState.OPEN)
    at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    decided_at: Mapped[datetime | None]


class ReviewMark(Record):
    """A flag, a tag or a note; without `inbound_id` it is of the whole conversation. A flag's text is ""."""

    __tablename__ = "review_marks"
    __table_args__ = (
        Index("ux_review_marks_message", "inbound_id", "kind", "text", unique=True,
              sqlite_where=text("kind != 'note' AND inbound_id IS NOT NULL"),
              postgresql_where=text("kind != 'note' AND inbound_id IS NOT NULL")),
        Index("ux_review_marks_conversation", "conversation_id", "kind", "text", unique=True,
              sqlite_where=text("kind != 'note' AND inbound_id IS NULL"),
              postgresql_where=text("kind != 'note' AND inbound_id IS NULL")),
        Index("ix_review_marks_conversation", "conversation_id", "kind"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id", ondelete="CASCADE"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), index=True)
    kind: Mapped[MarkKind] = mapped_column(by_value(MarkKind, "mark_kind"))
    text: Mapped[str] = mapped_column(String(LONGEST_MARK), default="")
    at: Mapped[datetime]


class DialogueTest(Record):
    """A conversation kept as a test of the talk: `steps` is the JSON that `bot.services.dialogue_tests` writes and reads."""

    __tablename__ = "dialogue_tests"

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    steps: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class AcceptedCorrection:
    """What is right about one message. `text` is masked, and `entities` count its characters; None: nothing was said of it.

    `understood` is the intent that the assistant had heard; `changes`: something is to be understood otherwise (not: all was
    right). `of_herself`: the reviewer accepted her own judgement, nobody else has looked at it.
    """

    id: str
    inbound_id: int
    text: str
    understood: str | None
    intent: str | None
    topic: Topic | None
    risk: RiskLevel | None
    entities: tuple[MarkedEntity, ...] | None
    new_intent_wish: str
    changes: bool
    of_herself: bool
    decided_at: datetime


class ReviewStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def corrections_accepted(self, since: datetime | None = None) -> list[AcceptedCorrection]:
        """Every accepted judgement, at most one a message, in the order of acceptance; `since`: accepted at or after it."""
        query = select(Correction, InboundMessage).join(InboundMessage, InboundMessage.id == Correction.inbound_id)
        query = query.where(Correction.state == CorrectionState.ACCEPTED)
        if since is not None:
            query = query.where(Correction.decided_at >= since)
        rows = await self._session.execute(query.order_by(Correction.decided_at, Correction.id))
        return [_accepted(correction, inbound) for correction, inbound in rows]

    async def judge(self, correction: Correction) -> str:
        """Keep her judgement of the message, in place of an earlier one of hers → its public id. It is open again."""
        said = {
            "intent": correction.intent,
            "topic": correction.topic,
            "risk": correction.risk,
            "entities": correction.entities,
            "new_intent_wish": correction.new_intent_wish,
            "changes": correction.changes,
            "state": CorrectionState.OPEN,
            "at": correction.at,
            "decided_by": None,
            "decided_at": None,
        }
        named = {"inbound_id": correction.inbound_id, "reviewer_id": correction.reviewer_id}
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        kept = await self._session.execute(
            kind(Correction)
            .values(public_id=new_public_id(), **named, **said)
            .on_conflict_do_update(index_elements=["inbound_id", "reviewer_id"], set_=said)
            .returning(Correction.public_id)
        )
        return str(kept.scalar_one())

    async def withdraw(self, inbound_id: int, reviewer: str) -> None:
        """She says nothing about the message any more."""
        await self._session.execute(
            delete(Correction).where(Correction.inbound_id == inbound_id, Correction.reviewer_id == reviewer)
        )

    async def judgements(self, inbound_ids: Sequence[int]) -> Sequence[Correction]:
        """Every reviewer's, oldest first."""
        rows = await self._session.scalars(
            select(Correction)
            .where(Correction.inbound_id.in_(inbound_ids))
            .order_by(Correction.id)
            .execution_options(populate_existing=True)
        )
        return rows.all()

    async def names(self, reviewers: Sequence[str]) -> Mapping[str, str]:
        """Public id → name."""
        return await names_of(self._session, reviewers)

    async def decide(self, correction: Correction, state: CorrectionState, by: str | None, now: datetime) -> None:
        """Accept, reject, or open again; `by` is None when two agree."""
        correction.state, correction.decided_by = state, by
        correction.decided_at = None if state is CorrectionState.OPEN else now
        await self._session.flush()

    async def named(self, public_id: str) -> Correction | None:
        """One judgement."""
        return await self._session.scalar(select(Correction).where(Correction.public_id == public_id))

    async def of_talk(self, conversation_id: int, reviewer: str) -> Sequence[Correction]:
        """All that she judged in a conversation, in the order of its messages."""
        rows = await self._session.scalars(
            select(Correction)
            .join(InboundMessage, InboundMessage.id == Correction.inbound_id)
            .where(InboundMessage.conversation_id == conversation_id, Correction.reviewer_id == reviewer)
            .order_by(Correction.inbound_id)
        )
        return rows.all()


def _accepted(correction: Correction, inbound: InboundMessage) -> AcceptedCorrection:
    assert correction.decided_at is not None  # noqa: S101 - the table holds it so
    return AcceptedCorrection(
        id=correction.public_id,
        inbound_id=inbound.id,
        text=inbound.masked,
        understood=inbound.intent,
        intent=correction.intent,
        topic=correction.topic,
        risk=correction.risk,
        entities=read_entities(correction.entities),
        new_intent_wish=correction.new_intent_wish,
        changes=correction.changes,
        of_herself=correction.decided_by == correction.reviewer_id,
        decided_at=correction.decided_at,
    )
