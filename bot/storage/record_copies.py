"""Reading everything of one conversation, for the woman whose it is."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.cases import OutsideBody
from bot.domain.messages import InboundKind
from bot.storage.aid import AidApplication
from bot.storage.appointments import Appointment, Visit
from bot.storage.case_papers import CaseReferral
from bot.storage.cases import Case
from bot.storage.conversations import InboundMessage, OutboundMessage
from bot.storage.suggestions import Suggestion, SuggestionWords


class CopyStore:
    """Queries only; every list is whole, the oldest first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def inbound(self, conversation_id: int) -> Sequence[InboundMessage]:
        """What she sent; what the channel told of her (events) is not hers."""
        rows = await self._session.scalars(
            select(InboundMessage)
            .where(InboundMessage.conversation_id == conversation_id, InboundMessage.kind != InboundKind.EVENT)
            .order_by(InboundMessage.id)
        )
        return rows.all()

    async def outbound(self, conversation_id: int) -> Sequence[OutboundMessage]:
        """What was said to her."""
        rows = await self._session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.conversation_id == conversation_id)
            .order_by(OutboundMessage.id)
        )
        return rows.all()

    async def visits(self, conversation_id: int) -> list[tuple[Appointment, Visit]]:
        """Every service that she ever booked."""
        rows = await self._session.execute(
            select(Appointment, Visit)
            .join(Visit, Visit.appointment_id == Appointment.id)
            .where(Appointment.conversation_id == conversation_id)
            .order_by(Visit.starts_at, Visit.id)
        )
        return [(appointment, visit) for appointment, visit in rows]

    async def suggestions(self, conversation_id: int) -> list[tuple[Suggestion, str]]:
        """What she suggested, with the words that are kept of it."""
        rows = await self._session.execute(
            select(Suggestion, SuggestionWords.masked)
            .join(SuggestionWords, SuggestionWords.suggestion_id == Suggestion.id)
            .where(Suggestion.conversation_id == conversation_id)
            .order_by(Suggestion.id)
        )
        return [(suggestion, masked) for suggestion, masked in rows]

    async def applications(self, conversation_id: int) -> list[tuple[str, AidApplication]]:
        """What she applied for, by the public id of the case."""
        rows = await self._session.execute(
            select(Case.public_id, AidApplication)
            .join(Case, Case.id == AidApplication.case_id)
            .where(Case.conversation_id == conversation_id)
            .order_by(AidApplication.id)
        )
        return [(case, application) for case, application in rows]

    async def cases(self, conversation_id: int) -> list[tuple[Case, list[OutsideBody]]]:
        """Her cases, and where each was referred to."""
        rows = await self._session.scalars(
            select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id)
        )
        cases = rows.all()
        referred = await self._session.execute(
            select(CaseReferral.case_id, CaseReferral.body)
            .where(CaseReferral.case_id.in_([case.id for case in cases]))
            .order_by(CaseReferral.id)
        )
        bodies = [(case_id, body) for case_id, body in referred]
        return [(case, [body for case_id, body in bodies if case_id == case.id]) for case in cases]
