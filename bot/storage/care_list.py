"""The people in officers' care, one row for each woman and the officer who has her case: what is due next comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.care import CareFilter, Days, Due
from bot.domain.cases import CaseAct, CaseStatus
from bot.storage.appointments import STANDING, Appointment, Visit
from bot.storage.case_lists import Viewer, visible
from bot.storage.case_papers import CaseTask
from bot.storage.cases import Case, CaseEvent, gravity
from bot.storage.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Cared:
    """Her case, and the moments around it: her next visit to a place, when she wrote last, when an officer answered last.

    None: there is none.
    """

    case: Case
    next_visit: datetime | None
    wrote_at: datetime | None
    replied_at: datetime | None


class CareLists:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, viewer: Viewer, wanted: CareFilter, days: Days, now: datetime, *, offset: int, limit: int
    ) -> list[Cared]:
        """What is due soonest first, then the gravest, then the newest. Nobody who is in nobody's care."""
        rows = await self._session.execute(
            select(Case, _next_visit(now), Conversation.last_inbound_at, _replied())
            .outerjoin(Conversation, Conversation.id == Case.conversation_id)
            .where(visible(viewer), Case.officer_id.is_not(None), _is_her_newest(), *_wanted(wanted, days))
            .order_by(
                when((Case.status == CaseStatus.CLOSED, 1), else_=0),
                _next_due().nulls_last(),
                gravity(),
                Case.id.desc(),
            )
            .offset(offset)
            .limit(limit)
        )
        return [Cared(*row) for row in rows]


def _is_her_newest() -> ColumnElement[bool]:
    """One row a person: her open case, or else the newest that the same officer closed."""
    other = aliased(Case)
    newer = exists().where(
        other.conversation_id == Case.conversation_id,
        other.officer_id == Case.officer_id,
        or_(other.status != CaseStatus.CLOSED, other.id > Case.id),
    )
    return or_(Case.status != CaseStatus.CLOSED, ~newer)


def _next_due() -> ScalarSelect[Any]:
    return (
        select(func.min(CaseTask.due_at))
        .where(CaseTask.case_id == Case.id, CaseTask.done_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )


def _next_visit(now: datetime) -> ScalarSelect[Any]:
    return (
        select(func.min(Visit.starts_at))
        .join(Appointment, Appointment.id == Visit.appointment_id)
        .where(
            Appointment.conversation_id == Case.conversation_id,
            Appointment.status.in_(STANDING),
            Visit.ends_at > now,
        )
        .correlate(Case)
        .scalar_subquery()
    )


def _replied() -> ScalarSelect[Any]:
    return (
        select(func.max(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.act == CaseAct.REPLIED)
        .correlate(Case)
        .scalar_subquery()
    )


def _wanted(wanted: CareFilter, days: Days) -> list[ColumnElement[bool]]:
    exact: Mapping[Any, object] = {
        Case.officer_id: wanted.officer or None,
        Case.topic: wanted.topic,
        Case.level: wanted.level,
        Case.helped: wanted.helped,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    if wanted.area:
        found.append(Case.area.startswith(wanted.area, autoescape=True))
    if wanted.words:
        columns = (Case.need, Case.place, Case.wishes)
        found.append(or_(*(column.contains(wanted.words, autoescape=True) for column in columns)))
    return [*found, *_by_state(wanted), *_by_due(wanted.due, days)]


def _by_state(wanted: CareFilter) -> Sequence[ColumnElement[bool]]:
    lately = Case.status == CaseStatus.CLOSED
    if wanted.closed_since is not None:
        lately = and_(lately, Case.closed_at >= wanted.closed_since)
    if wanted.closed is None:
        return [or_(Case.status != CaseStatus.CLOSED, lately)]
    return [lately if wanted.closed else Case.status != CaseStatus.CLOSED]


def _by_due(due: Due | None, days: Days) -> Sequence[ColumnElement[bool]]:
    at = _next_due()
    spans: Mapping[Due | None, Sequence[ColumnElement[bool]]] = {
        Due.OVERDUE: [at < days.begins],
        Due.TODAY: [at >= days.begins, at < days.ends],
        Due.WEEK: [at >= days.begins, at < days.week],
        Due.COMING: [at >= days.ends],
        Due.NONE: [at.is_(None)],
    }
    return spans.get(due, ())
