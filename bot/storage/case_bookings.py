"""Which appointments the woman of a case has or had."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.appointments import STANDING, Appointment


async def appointments_of(session: AsyncSession, conversation_id: int, limit: int) -> Sequence[str]:
    """Public ids: those that stand first, then the others, the last made first."""
    rows = await session.scalars(
        select(Appointment.public_id)
        .where(Appointment.conversation_id == conversation_id)
        .order_by(Appointment.status.in_(STANDING).desc(), Appointment.id.desc())
        .limit(limit)
    )
    return rows.all()
