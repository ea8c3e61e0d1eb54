"""What has to be known of a conversation to tell her what is open at this hour."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.conversations import Conversation
from bot.storage.review_entries import ReviewEntry


class AfterHoursStore:
    """Reads only; what was said is noted in the row of the conversation, by whoever holds it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known(self, conversation_id: int) -> tuple[date | None, str]:
        """The evening on which she was last told, and the branch in which she is, "" unknown."""
        rows = await self._session.execute(
            select(Conversation.after_hours_on, func.coalesce(ReviewEntry.area, ""))
            .outerjoin(ReviewEntry, ReviewEntry.conversation_id == Conversation.id)
            .where(Conversation.id == conversation_id)
        )
        found = rows.one()
        return found[0], found[1]
