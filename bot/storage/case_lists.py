"""Lists of cases as an officer may see them: filtered, in the order of need, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_filter import CaseFilter
from bot.domain.cases import UNTAKEN, AlertOutcome, CaseStatus, ExclusionKind
from bot.domain.federations import EVERY
from bot.domain.offices import OfficeLevel
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case, CaseExclusion, gravity
from bot.storage.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: `sees_unknown` tells whether cases without a place are hers to see. `federation`: where she works, if that
    is no office of the area tree; then only what was routed there is hers."""

    officer: str
    name: str
    area: str
    level: OfficeLevel
    sees_unknown: bool
    federation: str = ""


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case, the conversation's public id ("" without one), and the alert that runs."""

    case: Case
    conversation: str
    alert: CaseAlert | None


class CaseLists:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, viewer: Viewer, wanted: CaseFilter, *, offset: int, limit: int) -> list[ListedCase]:
        """Open ones first: the gravest, then the earliest due; closed ones by the day they were closed, newest first."""
        rows = await self._session.execute(
            select(Case, Conversation.public_id, CaseAlert)
            .outerjoin(Conversation, Conversation.id == Case.conversation_id)
            .outerjoin(CaseAlert, and_(CaseAlert.case_id == Case.id, CaseAlert.outcome == AlertOutcome.PENDING))
            .where(visible(viewer), *_wanted(wanted))
            .order_by(
                when((Case.status == CaseStatus.CLOSED, 1), else_=0),
                when((Case.status == CaseStatus.CLOSED, 0), else_=gravity()),
                Case.closed_at.desc(),
                Case.due_at,
                Case.id,
            )
            .offset(offset)
            .limit(limit)
        )
        return [ListedCase(case, conversation or "", alert) for case, conversation, alert in rows]

    async def counts(self, viewer: Viewer, now: datetime) -> Mapping[str, int]:
        """How many open cases of each status and level she sees, and how many are overdue: 「waiting」「red」「overdue」…"""
        rows = await self._session.execute(
            select(Case.status, Case.level, func.count(), func.sum(when((_overdue(now), 1), else_=0)))
            .where(visible(viewer), Case.status != CaseStatus.CLOSED)
            .group_by(Case.status, Case.level)
        )
        counted: dict[str, int] = {"overdue": 0}
        for status, level, count, overdue in rows:
            counted["overdue"] += int(overdue or 0)
            for name in (status.value, level.value):
                counted[name] = counted.get(name, 0) + count
        return counted

    async def officers(self, viewer: Viewer) -> Sequence[str]:
        """Who has or had a case that she may see."""
        rows = await self._session.scalars(
            select(Case.officer_id).where(visible(viewer), Case.officer_id.is_not(None)).distinct()
        )
        return [officer for officer in rows if officer is not None]

    async def earlier(self, viewer: Viewer, case: Case) -> Sequence[Case]:
        """Her other cases, newest first."""
        if case.conversation_id is None:
            return []
        rows = await self._session.scalars(
            select(Case)
            .where(visible(viewer), Case.conversation_id == case.conversation_id, Case.id != case.id)
            .order_by(Case.opened_at.desc())
            .limit(20)
        )
        return rows.all()


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Which cases she may know of: the same rule as `bot.services.case_access.may_see`, for many rows at once."""
    excluded = exists().where(
        CaseExclusion.case_id == Case.id,
        or_(
            and_(CaseExclusion.kind == ExclusionKind.OFFICER, CaseExclusion.value == viewer.officer),
            _no_office(viewer),
            and_(
                CaseExclusion.kind == ExclusionKind.SURNAME,
                literal(viewer.name).startswith(CaseExclusion.value, autoescape=False),
            ),
        ),
    )
    asked = (
        select(CaseAlert.id)
        .where(
            CaseAlert.case_id == Case.id,
            CaseAlert.officer_id == viewer.officer,
            CaseAlert.outcome == AlertOutcome.PENDING,
        )
        .correlate(Case)
        .exists()
    )
    if viewer.federation:
        return and_(
            ~excluded, or_(Case.federation_id == viewer.federation, Case.officer_id == viewer.officer, asked)
        )  # fmt: skip
    branch = and_(Case.area != "", Case.area.startswith(viewer.area, autoescape=True))
    unknown = and_(Case.area == "", literal(viewer.sees_unknown))
    return and_(~excluded, or_(branch, unknown, Case.officer_id == viewer.officer, asked))


def _no_office(viewer: Viewer) -> ColumnElement[bool]:
    """Whether her office is ruled out: by its level, or the federation at work by its name."""
    if viewer.federation:
        named = CaseExclusion.value.in_((viewer.federation, EVERY))
        return and_(CaseExclusion.kind == ExclusionKind.FEDERATION, named)
    return and_(CaseExclusion.kind == ExclusionKind.LEVEL, CaseExclusion.value == viewer.level.value)


def _wanted(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(Case.status == wanted.status)
    if wanted.closed is not None:
        found.append((Case.status == CaseStatus.CLOSED) if wanted.closed else (Case.status != CaseStatus.CLOSED))
    if wanted.level is not None:
        found.append(Case.level == wanted.level)
    if wanted.officer:
        found.append(Case.officer_id == wanted.officer)
    if wanted.conversation:
        found.append(Conversation.public_id == wanted.conversation)
    if wanted.alerted_to:
        found.append(CaseAlert.officer_id == wanted.alerted_to)
    if wanted.area:
        found.append(Case.area.startswith(wanted.area, autoescape=True))
    if wanted.words:
        found.append(
            or_(*(column.contains(wanted.words, autoescape=True) for column in (Case.need, Case.place, Case.wishes)))
        )
    return [*found, *_by_matter(wanted)]


def _by_matter(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.overdue_at is not None:
        found.append(_overdue(wanted.overdue_at))
    if wanted.topic is not None:
        found.append(Case.topic == wanted.topic)
    if wanted.untaken:
        found.append(Case.status.in_(UNTAKEN))
    if wanted.since is not None:
        found.append(Case.opened_at >= wanted.since)
    if wanted.until is not None:
        found.append(Case.opened_at < wanted.until)
    return found


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(Case.status.in_(UNTAKEN), Case.due_at <= now)
