"""Applications of many cases at once, as an officer may see them: a page at a time, and how many there are of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.aid import OPEN, AidFilter, AidStatus
from bot.storage.aid import AidApplication
from bot.storage.case_lists import Viewer, visible
from bot.storage.cases import Case


@dataclass(frozen=True, slots=True)
class Span:
    """When they were made; None: no bound."""

    begins: datetime | None = None
    ends: datetime | None = None


class AidLists:
    """Queries only; an application is there for whoever may see its case."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, viewer: Viewer, wanted: AidFilter, *, offset: int, limit: int
    ) -> list[tuple[AidApplication, Case]]:
        """Open ones first, those that wait longest before; then settled ones, the last settled first."""
        rows = await self._session.execute(
            select(AidApplication, Case)
            .join(Case, Case.id == AidApplication.case_id)
            .where(visible(viewer), *_wanted(wanted))
            .order_by(
                when((AidApplication.status.in_(OPEN), 0), else_=1),
                AidApplication.settled_at.desc(),
                AidApplication.id,
            )
            .offset(offset)
            .limit(limit)
        )
        return [(row, case) for row, case in rows]

    async def counts(self, viewer: Viewer, area: str, span: Span) -> Mapping[tuple[str, AidStatus], int]:
        """(programme, status) → applications made in this area and span."""
        conditions = [visible(viewer), *_wanted(AidFilter(area=area))]
        if span.begins is not None:
            conditions.append(AidApplication.applied_at >= span.begins)
        if span.ends is not None:
            conditions.append(AidApplication.applied_at < span.ends)
        rows = await self._session.execute(
            select(AidApplication.programme, AidApplication.status, func.count())
            .join(Case, Case.id == AidApplication.case_id)
            .where(*conditions)
            .group_by(AidApplication.programme, AidApplication.status)
        )
        return {(programme, status): count for programme, status, count in rows}


def _wanted(wanted: AidFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.programme:
        found.append(AidApplication.programme == wanted.programme)
    if wanted.status is not None:
        found.append(AidApplication.status == wanted.status)
    if wanted.opened:
        found.append(AidApplication.status.in_(OPEN))
    if wanted.area:
        found.append(Case.area.startswith(wanted.area, autoescape=True))
    return found
