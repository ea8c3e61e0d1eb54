"""Judgements across conversations: what several reviewers judged, and what waits for a decision."""

from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.reviews import CorrectionState
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.review_entries import ReviewEntry
from bot.storage.review_lists import in_reach
from bot.storage.reviews import Correction


class JudgementLists:
    """Queries only. `scope` is the reviewer's branch."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def judged_twice(self, scope: str, limit: int) -> Sequence[Correction]:
        """Judgements of what several reviewers judged, in a branch; those of a message together, the newest first."""
        twice = (
            select(Correction.inbound_id)
            .join(InboundMessage, InboundMessage.id == Correction.inbound_id)
            .join(ReviewEntry, ReviewEntry.conversation_id == InboundMessage.conversation_id)
            .where(in_reach(scope))
            .group_by(Correction.inbound_id)
            .having(func.count() > 1)
            .order_by(Correction.inbound_id.desc())
            .limit(limit)
        )
        rows = await self._session.scalars(
            select(Correction)
            .where(Correction.inbound_id.in_(twice))
            .order_by(Correction.inbound_id.desc(), Correction.id)
        )
        return rows.all()

    async def undecided(
        self, reviewer: str, scope: str, *, offset: int, limit: int
    ) -> list[tuple[InboundMessage, str]]:
        """(message, its conversation's public id) of what she has judged and nobody has decided; newest first.

        Only where somebody would change something: that all was understood needs no decision.
        """
        hers, open_one, settled = aliased(Correction), aliased(Correction), aliased(Correction)
        rows = await self._session.execute(
            select(InboundMessage, Conversation.public_id)
            .join(Conversation, Conversation.id == InboundMessage.conversation_id)
            .join(ReviewEntry, ReviewEntry.conversation_id == InboundMessage.conversation_id)
            .where(
                in_reach(scope),
                exists().where(hers.inbound_id == InboundMessage.id, hers.reviewer_id == reviewer),
                exists().where(
                    open_one.inbound_id == InboundMessage.id,
                    open_one.state == CorrectionState.OPEN,
                    open_one.changes,
                ),
                ~exists().where(settled.inbound_id == InboundMessage.id, settled.state == CorrectionState.ACCEPTED),
            )
            .order_by(InboundMessage.id.desc())
            .offset(offset)
            .limit(limit)
        )
        return [(message, conversation) for message, conversation in rows]
