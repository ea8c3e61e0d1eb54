"""Which activities are there already, by the numbers that a file names them with."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.activities import Activity

A_QUERY = 500


async def known_activities(session: AsyncSession, numbers: Sequence[str]) -> set[str]:
    """Which of these public ids an activity has."""
    found = set[str]()
    for at in range(0, len(numbers), A_QUERY):
        named = Activity.public_id.in_(numbers[at : at + A_QUERY])
        found |= set(await session.scalars(select(Activity.public_id).where(named)))
    return found
