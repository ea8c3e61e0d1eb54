"""One narrow row a conversation, with everything that reviewers filter by; kept in the transactions that change it.

Without it the first page of a filter would read every message. Turns write it through `ReviewEntryStore`, cases through the
two listeners at the end, so that whoever changes a case by way of its class keeps it in step.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, event, exists, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.case_topics import Topic
from bot.domain.cases import Helped
from bot.domain.messages import Owner
from bot.domain.risk import RiskLevel
from bot.domain.worth_a_look import Reason
from bot.storage import message_words  # noqa: F401 - whoever writes messages needs its triggers
from bot.storage.cases import Case
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus
from bot.storage.records import Record, by_value

LONGEST_INTENTS = 2000
EVERY_REASON = sum(Reason)


class ReviewEntry(Record):
    """What is known of a conversation.

    `messages` counts hers; `intents` is 「|ask_divorce|greet|」; `reasons` a set of `Reason`; `risk` the rank of the gravest
    level. `lowest_confidence`: None when nothing was understood from words that she typed.
    `area` is a branch, "" unknown: the newest case's, or the place that she named.
    """

    __tablename__ = "review_entries"
    __table_args__ = (
        Index("ix_review_entries_last", "last_at", "conversation_id"),
        Index("ix_review_entries_worth", "reasons", "last_at", "conversation_id",
              sqlite_where=text("reasons > 0"), postgresql_where=text("reasons > 0")),
    )  # fmt: skip

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(default=1)
    area: Mapped[str] = mapped_column(String(12), default="")
    topic: Mapped[Topic] = mapped_column(by_value(Topic, "topic"), default=Topic.UNKNOWN)
    intents: Mapped[str] = mapped_column(String(LONGEST_INTENTS), default="")
    lowest_confidence: Mapped[float | None]
    risk: Mapped[int] = mapped_column(default=0)
    handed_over: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[int] = mapped_column(default=0)


class ReviewEntryStore:
    """What turns write. The caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def heard(self, conversation: Conversation, now: datetime) -> None:
        """She sent something, and waits for an answer."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        new = kind(ReviewEntry).values(
            conversation_id=conversation.id,
            channel=conversation.channel,
            first_at=now,
            last_at=now,
            messages=1,
            area="",
            topic=Topic.UNKNOWN,
            intents="",
            risk=0,
            handed_over=False,
            reasons=int(Reason.UNANSWERED),
        )
        await self._session.execute(
            new.on_conflict_do_update(
                index_elements=["conversation_id"],
                set_={
                    "last_at": now,
                    "messages": ReviewEntry.messages + 1,
                    "reasons": ReviewEntry.reasons.op("|")(int(Reason.UNANSWERED)),
                },
            )
        )

    async def answered(self, conversation_id: int, *, by_person: bool) -> None:
        """Something was said to her; she waits on when another message of hers is open, or when she waits for a person."""
        open_message = exists().where(
            InboundMessage.conversation_id == conversation_id, InboundMessage.status != InboundStatus.ANSWERED
        )
        with_the_bot = exists().where(Conversation.id == conversation_id, Conversation.owner == Owner.BOT)
        await self._session.execute(
            update(ReviewEntry)
            .where(ReviewEntry.conversation_id == conversation_id, ~open_message, or_(with_the_bot, literal(by_person)))
            .values(reasons=ReviewEntry.reasons.op("&")(EVERY_REASON - Reason.UNANSWERED))
            .execution_options(synchronize_session=False)
        )

    async def understood(
        self, conversation_id: int, *, intent: str, confidence: float | None, risk: RiskLevel, reasons: Reason,
        topic: Topic = Topic.UNKNOWN, area: str = "",
    ) -> None:  # fmt: skip
        """What a turn came to; the conversation is held. `confidence`: None when she did not type. A case's area stays."""
        known = await self._session.execute(
            select(ReviewEntry.intents, ReviewEntry.lowest_confidence, ReviewEntry.risk, ReviewEntry.handed_over).where(
                ReviewEntry.conversation_id == conversation_id
            )
        )
        found = known.one_or_none()
        if found is None:
            return
        intents, lowest, gravest, handed_over = found
        values: dict[str, Any] = {
            "intents": _with(intents, intent),
            "lowest_confidence": lowest if confidence is None else min(confidence, 1.0 if lowest is None else lowest),
            "risk": max(gravest, risk.rank),
            "reasons": ReviewEntry.reasons.op("|")(int(reasons)),
        }
        if topic is not Topic.UNKNOWN and not handed_over:
            values["topic"] = topic
        if area and not handed_over:
            values["area"] = area
        await self._session.execute(
            update(ReviewEntry)
            .where(ReviewEntry.conversation_id == conversation_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def _with(intents: str, intent: str) -> str:
    if not intent or f"|{intent}|" in intents or len(intents) + len(intent) + 2 > LONGEST_INTENTS:
        return intents
    return f"{intents or '|'}{intent}|"


@event.listens_for(Case, "after_insert")
@event.listens_for(Case, "after_update")
def _follow_case(_: Any, connection: Connection, case: Case) -> None:
    if case.conversation_id is None:
        return
    values: dict[str, Any] = {"handed_over": True}
    if case.area:
        values["area"] = case.area
    if case.topic is not Topic.UNKNOWN:
        values["topic"] = case.topic
    if case.helped is Helped.NO:
        values["reasons"] = ReviewEntry.reasons.op("|")(int(Reason.UNHELPED))
    connection.execute(update(ReviewEntry).where(ReviewEntry.conversation_id == case.conversation_id).values(values))
