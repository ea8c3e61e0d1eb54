"""Who works at the offices of a branch, who of them is there now, and the rota of all these offices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Role
from bot.storage.accounts import Account
from bot.storage.rota import TAKERS, DutyWeek, Presence


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who may take cases. `office` is her branch; `there_since`: since when she is 在岗, None when she is not."""

    id: str
    name: str
    office: str
    role: Role
    there_since: datetime | None


class DutyLists:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def staff(self, area: str, now: datetime) -> list[StaffMember]:
        """Whoever may take cases at an office in this branch, by office, then name."""
        rows = await self._session.execute(
            select(Account.public_id, Account.name, Account.scope, Account.role, Presence.on_since)
            .outerjoin(Presence, and_(Presence.officer_id == Account.public_id, Presence.expires_at > now))
            .where(
                Account.scope.startswith(area, autoescape=True), Account.disabled_at.is_(None), Account.role.in_(TAKERS)
            )
            .order_by(Account.scope, Account.name, Account.public_id)
        )
        return [StaffMember(*row) for row in rows]

    async def weeks_within(self, area: str, first: date, last: date) -> Sequence[DutyWeek]:
        """Every part of the weeks that begin in [first, last) at the offices of a branch, by week, office and rank."""
        rows = await self._session.scalars(
            select(DutyWeek)
            .where(DutyWeek.office.startswith(area, autoescape=True), DutyWeek.week >= first, DutyWeek.week < last)
            .order_by(DutyWeek.week, DutyWeek.office, DutyWeek.rank)
        )
        return rows.all()
