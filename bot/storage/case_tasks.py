"""Tasks of many cases at once: of one officer or of a whole branch, by their day, a page at a time."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.care import Days, Due, TaskFilter
from bot.storage.case_lists import Viewer, visible
from bot.storage.case_papers import CaseTask
from bot.storage.cases import Case


class TaskLists:
    """Queries only; a task is there for whoever may see its case."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, viewer: Viewer, wanted: TaskFilter, days: Days, *, offset: int, limit: int
    ) -> list[tuple[CaseTask, Case]]:
        """Open ones, the next due first; or done ones, the last done first."""
        order = [CaseTask.done_at.desc(), CaseTask.id.desc()] if wanted.done else [CaseTask.due_at, CaseTask.id]
        rows = await self._session.execute(
            select(CaseTask, Case)
            .join(Case, Case.id == CaseTask.case_id)
            .where(visible(viewer), *_wanted(wanted, days))
            .order_by(*order)
            .offset(offset)
            .limit(limit)
        )
        return [(task, case) for task, case in rows]

    async def counts(self, viewer: Viewer, officer: str, days: Days) -> Mapping[Due, int]:
        """How many open tasks are overdue, today and coming, of an officer ("" is everybody's)."""
        day = when(
            (CaseTask.due_at < days.begins, Due.OVERDUE.value),
            (CaseTask.due_at < days.ends, Due.TODAY.value),
            else_=Due.COMING.value,
        )
        counted = (
            select(day.label("day"))
            .select_from(CaseTask)
            .join(Case, Case.id == CaseTask.case_id)
            .where(visible(viewer), *_wanted(TaskFilter(officer), days))
            .subquery()
        )
        rows = await self._session.execute(select(counted.c.day, func.count()).group_by(counted.c.day))
        found = {Due(name): count for name, count in rows}
        return {due: found.get(due, 0) for due in (Due.OVERDUE, Due.TODAY, Due.COMING)}

    async def open_of(self, cases: Sequence[int]) -> Mapping[int, list[CaseTask]]:
        """Open tasks by the row of their case, the next due first; a case without any has no entry."""
        rows = await self._session.scalars(
            select(CaseTask)
            .where(CaseTask.case_id.in_(cases), CaseTask.done_at.is_(None))
            .order_by(CaseTask.due_at, CaseTask.id)
        )
        found: dict[int, list[CaseTask]] = {}
        for row in rows:
            found.setdefault(row.case_id, []).append(row)
        return found


def _wanted(wanted: TaskFilter, days: Days) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [CaseTask.done_at.is_not(None) if wanted.done else CaseTask.done_at.is_(None)]
    if wanted.officer:
        found.append(CaseTask.officer_id == wanted.officer)
    if wanted.kind is not None:
        found.append(CaseTask.kind == wanted.kind)
    spans: Mapping[Due | None, ColumnElement[bool]] = {
        Due.OVERDUE: CaseTask.due_at < days.begins,
        Due.TODAY: and_(CaseTask.due_at >= days.begins, CaseTask.due_at < days.ends),
        Due.WEEK: and_(CaseTask.due_at >= days.begins, CaseTask.due_at < days.week),
        Due.COMING: CaseTask.due_at >= days.ends,
    }
    return [*found, spans[wanted.due]] if wanted.due in spans else found
