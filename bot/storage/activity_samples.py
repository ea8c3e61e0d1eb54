"""Invented activities in the tables, and the invented women who hold their seats."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.activities import SignUpStatus
from bot.storage.activities import Activity, ActivitySignUp, ActivityStore
from bot.storage.conversations import Conversation

ACCOUNT = "sample"
"""Marks a conversation of nobody; on the web channel, where what is said waits to be fetched and no phone rings."""


class ActivitySamples:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def remove(self) -> int:
        """Take out sample activities, sign-ups and who held them → how many activities."""
        removed = await ActivityStore(self._session).remove_sample()
        await self._session.execute(delete(Conversation).where(Conversation.account == ACCOUNT))
        return removed

    async def is_empty(self) -> bool:
        """Whether there is no activity at all."""
        return not await self._session.scalar(select(exists().select_from(Activity)))

    async def women(self, number: int, now: datetime) -> list[int]:
        """So many conversations of nobody, in which nothing was ever said → their numbers inside."""
        made = [
            Conversation(
                channel="web", account=ACCOUNT, sender_digest=secrets.token_hex(32), sealed_sender=b"",
                created_at=now, last_inbound_at=now,
            )
            for _ in range(number)
        ]  # fmt: skip
        self._session.add_all(made)
        await self._session.flush()
        return [one.id for one in made]

    async def seat(self, row: Activity, women: Sequence[int], now: datetime) -> None:
        """A seat for each of them."""
        for seat, woman in enumerate(women, start=1):
            self._session.add(
                ActivitySignUp(
                    activity_id=row.id,
                    conversation_id=woman,
                    status=SignUpStatus.SIGNED_UP,
                    seat=seat,
                    signed_up_at=now,
                )
            )
        await self._session.flush()
