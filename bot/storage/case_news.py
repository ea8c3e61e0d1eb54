"""What an open page of a case shows, as a few numbers: when one of them changes, there is something new to be seen."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.case_alerts import CaseAlert
from bot.storage.case_papers import CaseNote
from bot.storage.cases import Case, CaseEvent
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage


class CaseNews:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def numbers(self, case: Case) -> tuple[Any, ...]:
        """Newest rows of the conversation, how many lines were delivered or failed, who speaks, and the newest act."""
        said = OutboundMessage.conversation_id == case.conversation_id
        of_ours = select(
            func.max(OutboundMessage.id), func.count(OutboundMessage.delivered_at), func.count(OutboundMessage.failure)
        ).where(said)
        numbers = (await self._session.execute(of_ours)).one()
        rest = await self._session.execute(
            select(
                _newest(InboundMessage.id, InboundMessage.conversation_id == case.conversation_id),
                _newest(CaseEvent.id, CaseEvent.case_id == case.id),
                _newest(CaseAlert.id, CaseAlert.case_id == case.id),
                _newest(CaseNote.id, CaseNote.case_id == case.id),
                select(Conversation.version).where(Conversation.id == case.conversation_id).scalar_subquery(),
            )
        )
        return (*numbers, *rest.one(), case.status.value, case.officer_id, case.waiting_since)

    async def is_there(self, public_id: str) -> bool:
        """Whether a case has this name."""
        return await self._session.scalar(select(Case.id).where(Case.public_id == public_id)) is not None

    async def unsent(self, conversation_id: int) -> int:
        """How many lines of ours have not reached her channel."""
        wanted = (
            select(func.count())
            .select_from(OutboundMessage)
            .where(OutboundMessage.conversation_id == conversation_id, OutboundMessage.delivered_at.is_(None))
        )
        return await self._session.scalar(wanted) or 0


def _newest(column: Any, *wanted: Any) -> Any:
    return select(func.max(column)).where(*wanted).scalar_subquery()
