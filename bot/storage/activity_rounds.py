"""What is due of activities: reminders, questions afterwards, seats that somebody waits for. Each is taken by one worker."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.activities import SEATED, ActivityStatus, SignUpStatus
from bot.storage.activities import Activity, ActivitySignUp


class ActivityRoundsStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def due_reminders(self, now: datetime, limit: int = 50) -> Sequence[int]:
        """Sign-ups that are to be reminded now of what has not begun."""
        rows = await self._session.scalars(
            select(ActivitySignUp.id)
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(
                ActivitySignUp.remind_at <= now, ActivitySignUp.reminded_at.is_(None),
                ActivitySignUp.status == SignUpStatus.SIGNED_UP,
                Activity.status == ActivityStatus.PUBLISHED, Activity.starts_at > now,
            )
            .order_by(ActivitySignUp.remind_at)
            .limit(limit)
        )  # fmt: skip
        return rows.all()

    async def conversation_of(self, sign_up_id: int) -> int:
        """Whose it is, 0 when it is gone: the conversation is held before the sign-up, as whoever deletes one does."""
        found = await self._session.scalar(
            select(ActivitySignUp.conversation_id).where(ActivitySignUp.id == sign_up_id)
        )
        return found or 0

    async def take_reminder(self, sign_up_id: int, now: datetime) -> ActivitySignUp | None:
        """Of many workers exactly one gets it, and only while it is still wanted."""
        taken = await self._session.execute(
            update(ActivitySignUp)
            .where(
                ActivitySignUp.id == sign_up_id, ActivitySignUp.reminded_at.is_(None),
                ActivitySignUp.remind_at <= now, ActivitySignUp.status == SignUpStatus.SIGNED_UP,
            )
            .values(reminded_at=now)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        return await self._session.get(ActivitySignUp, sign_up_id) if taken.rowcount else None  # type: ignore[attr-defined]

    async def stale_reminders(self, now: datetime, limit: int = 50) -> Sequence[ActivitySignUp]:
        """Those whose activity has begun and whose reminding message still hangs on the row."""
        rows = await self._session.scalars(
            select(ActivitySignUp)
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(ActivitySignUp.reminder_id.is_not(None), Activity.starts_at <= now)
            .limit(limit)
        )
        return rows.all()

    async def unasked(self, ended_before: datetime, ended_after: datetime, limit: int = 50) -> Sequence[int]:
        """Sign-ups of women who came and were not asked how it was."""
        rows = await self._session.scalars(
            select(ActivitySignUp.id)
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(
                ActivitySignUp.status == SignUpStatus.ATTENDED, ActivitySignUp.feedback_asked_at.is_(None),
                ActivitySignUp.rating.is_(None), Activity.status == ActivityStatus.PUBLISHED,
                Activity.ends_at <= ended_before, Activity.ends_at > ended_after,
            )
            .order_by(ActivitySignUp.id)
            .limit(limit)
        )  # fmt: skip
        return rows.all()

    async def take_asking(self, sign_up_id: int, now: datetime) -> ActivitySignUp | None:
        """Of many workers exactly one asks her."""
        taken = await self._session.execute(
            update(ActivitySignUp)
            .where(ActivitySignUp.id == sign_up_id, ActivitySignUp.feedback_asked_at.is_(None))
            .values(feedback_asked_at=now)
            .execution_options(synchronize_session=False)
        )
        return await self._session.get(ActivitySignUp, sign_up_id) if taken.rowcount else None  # type: ignore[attr-defined]

    async def with_room(self, now: datetime, limit: int = 50) -> Sequence[int]:
        """Activities to come where somebody waits though a seat is free: one was deleted, or seats were added."""
        seated = (
            select(func.count())
            .where(ActivitySignUp.activity_id == Activity.id, ActivitySignUp.status.in_(SEATED))
            .scalar_subquery()
        )
        waits = exists().where(ActivitySignUp.activity_id == Activity.id, ActivitySignUp.status == SignUpStatus.WAITING)
        rows = await self._session.scalars(
            select(Activity.id)
            .where(
                Activity.status == ActivityStatus.PUBLISHED, Activity.starts_at > now, waits,
                or_(Activity.seats.is_(None), Activity.seats > seated),
            )
            .limit(limit)
        )  # fmt: skip
        return rows.all()
