"""The log as staff read it: masked text, what was understood, how grave, how fast."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.risk import RiskLevel
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus

PAGE = 50


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One inbound message. `number` is for paging only."""

    number: int
    conversation: str
    channel: str
    received_at: datetime
    masked: str
    intent: str | None
    confidence: float | None
    risk: RiskLevel
    status: InboundStatus
    engine_ms: float | None


class MessageLog:
    """Queries for the console; text is masked, never opened."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def latest(self, *, before: int | None = None, risky: bool = False) -> list[LoggedMessage]:
        """A page of messages, newest first."""
        query = select(InboundMessage, Conversation).join(
            Conversation, Conversation.id == InboundMessage.conversation_id
        )
        if before is not None:
            query = query.where(InboundMessage.id < before)
        if risky:
            query = query.where(InboundMessage.risk.in_([RiskLevel.URGENT, RiskLevel.EMERGENCY]))
        rows = await self._session.execute(query.order_by(InboundMessage.id.desc()).limit(PAGE))
        return [
            LoggedMessage(
                number=row.id,
                conversation=conversation.public_id,
                channel=conversation.channel,
                received_at=row.received_at,
                masked=row.masked,
                intent=row.intent,
                confidence=row.confidence,
                risk=row.risk,
                status=row.status,
                engine_ms=row.engine_ms,
            )
            for row, conversation in rows
        ]
