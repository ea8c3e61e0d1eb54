"""Every open case in a few short columns, without a word of hers: what a page that watches the queue is told."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import AlertOutcome, CaseStatus
from bot.domain.rota import Exclusion
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case, CaseExclusion

OPEN = text("cases.status != 'closed'")
"""Written out: a value that is sent apart from the statement would keep SQLite from the index of open cases."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Where a case stands. `officer`: who has it, `asked`: who is asked until `until`; "" and None when nobody is."""

    id: str
    status: CaseStatus
    level: CaseLevel
    topic: Topic
    area: str
    officer: str
    due_at: datetime
    waiting_since: datetime | None
    asked: str
    until: datetime | None
    excluded: tuple[Exclusion, ...]
    federation: str


def _row(found: Sequence[Any]) -> int:
    """Sorted here: an order in the statement would keep SQLite from the index of open cases."""
    return int(found[0])


class OpenCases:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def every(self) -> Sequence[OpenCase]:
        """All of them, wherever they lie, in the order in which they were opened."""
        excluded = defaultdict(set)
        for case, kind, value in await self._session.execute(
            select(CaseExclusion.case_id, CaseExclusion.kind, CaseExclusion.value)
            .join(Case, Case.id == CaseExclusion.case_id)
            .where(OPEN)
        ):
            excluded[case].add((kind, value))
        rows = await self._session.execute(
            select(
                Case.id, Case.public_id, Case.status, Case.level, Case.topic, Case.area, Case.officer_id, Case.due_at,
                Case.waiting_since, CaseAlert.officer_id, CaseAlert.deadline_at, Case.federation_id,
            )
            .outerjoin(CaseAlert, and_(CaseAlert.case_id == Case.id, CaseAlert.outcome == AlertOutcome.PENDING))
            .where(OPEN)
        )  # fmt: skip
        return [
            OpenCase(
                name, status, level, topic, area, officer or "", due_at, waiting_since, asked or "", until,
                tuple(sorted(excluded.get(row, ()))), federation or "",
            )
            for row, name, status, level, topic, area, officer, due_at, waiting_since, asked, until, federation
            in sorted(rows, key=_row)
        ]  # fmt: skip
