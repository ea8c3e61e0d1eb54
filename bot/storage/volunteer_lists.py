"""Lists and counts of volunteers and of calls for help, as an officer may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.volunteers import (
    TAKES_A_PLACE,
    CallFilter,
    CallStatus,
    MatchStatus,
    VolunteerFilter,
    VolunteerKind,
    VolunteerStatus,
)
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerMatch


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers of a branch: volunteers by status, open calls, minutes recorded."""

    volunteers: dict[VolunteerStatus, int]
    open_calls: int
    minutes: int


class VolunteerLists:
    """Queries only; `branch` is whose lists they are."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def volunteers(
        self, branch: str, wanted: VolunteerFilter, *, offset: int, limit: int, everybody: bool = False
    ) -> Sequence[Volunteer]:
        """Who waits for an answer first, then the newest. `everybody`: those who left too, when no status is asked for."""
        conditions = [within(Volunteer.area, branch), within(Volunteer.area, wanted.area)]
        if wanted.kind is not None:
            conditions.append(Volunteer.kind == wanted.kind)
        if wanted.skill:
            conditions.append(Volunteer.skills.contains(f"+{wanted.skill}+", autoescape=True))
        if wanted.status is not None:
            conditions.append(Volunteer.status == wanted.status)
        elif not everybody:
            conditions.append(Volunteer.status != VolunteerStatus.LEFT)
        rows = await self._session.scalars(
            select(Volunteer)
            .where(*conditions)
            .order_by(Volunteer.status != VolunteerStatus.APPLIED, Volunteer.id.desc())
            .offset(offset)
            .limit(limit)
        )
        return rows.all()

    async def calls(
        self, branch: str, wanted: CallFilter, *, offset: int, limit: int, of_cases: bool = True
    ) -> list[tuple[VolunteerCall, int]]:
        """(call, how many come): what still looks for people first. `of_cases`: with those made for a woman's question."""
        conditions = [within(VolunteerCall.area, branch), within(VolunteerCall.area, wanted.area)]
        if wanted.skill:
            conditions.append(VolunteerCall.skills.contains(f"+{wanted.skill}+", autoescape=True))
        if wanted.status is not None:
            conditions.append(VolunteerCall.status == wanted.status)
        if not of_cases:
            conditions.append(VolunteerCall.case_id.is_(None))
        rows = await self._session.execute(
            select(VolunteerCall, _coming())
            .where(*conditions)
            .order_by(
                VolunteerCall.status == CallStatus.CLOSED,
                VolunteerCall.status != CallStatus.OPEN,
                VolunteerCall.id.desc(),
            )
            .offset(offset)
            .limit(limit)
        )
        return [(call, int(count)) for call, count in rows]

    async def of_case(self, case_id: int) -> list[tuple[VolunteerCall, int]]:
        """(call, how many come) of those made for a case, the newest first."""
        rows = await self._session.execute(
            select(VolunteerCall, _coming())
            .where(VolunteerCall.case_id == case_id)
            .order_by(VolunteerCall.id.desc())
            .limit(20)
        )
        return [(call, int(count)) for call, count in rows]

    async def to_ask(self, call: VolunteerCall | None, area: str, kind: VolunteerKind | None) -> Sequence[Volunteer]:
        """Everybody accepted who serves the district of `area` or wider around it, and was not asked for this call yet.

        Experts and mentors help by talk, so those of the whole area count.
        """
        conditions = [Volunteer.status == VolunteerStatus.ACCEPTED]
        if kind is not None:
            conditions.append(Volunteer.kind == kind)
        by_talk = Volunteer.kind != VolunteerKind.VOLUNTEER
        conditions.append(or_(by_talk, within(Volunteer.area, area[:6])))
        if call is not None:
            asked = select(VolunteerMatch.volunteer_id).where(VolunteerMatch.call_id == call.id)
            conditions.append(Volunteer.id.not_in(asked))
        return (await self._session.scalars(select(Volunteer).where(and_(*conditions)).order_by(Volunteer.id))).all()

    async def counts(
        self, branch: str, area: str = "", begins: datetime | None = None, ends: datetime | None = None
    ) -> Counted:
        """Volunteers who signed up, calls that are open of those made, and minutes recorded, in this span (None: no bound)."""
        who = [within(Volunteer.area, branch), within(Volunteer.area, area)]
        rows = await self._session.execute(
            select(Volunteer.status, func.count())
            .where(*who, *_span(Volunteer.applied_at, begins, ends))
            .group_by(Volunteer.status)
        )
        calls = [within(VolunteerCall.area, branch), within(VolunteerCall.area, area)]
        open_calls = select(func.count()).where(
            *calls, VolunteerCall.status == CallStatus.OPEN, *_span(VolunteerCall.made_at, begins, ends)
        )
        minutes = (
            select(func.sum(VolunteerMatch.minutes))
            .join(VolunteerCall, VolunteerCall.id == VolunteerMatch.call_id)
            .where(*calls, VolunteerMatch.status == MatchStatus.DONE, *_span(VolunteerMatch.answered_at, begins, ends))
        )
        return Counted(
            {status: int(count) for status, count in rows},
            int(await self._session.scalar(open_calls) or 0),
            int(await self._session.scalar(minutes) or 0),
        )


def _coming() -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(VolunteerMatch.call_id == VolunteerCall.id, VolunteerMatch.status.in_(TAKES_A_PLACE))
        .scalar_subquery()
    )


def within(column: InstrumentedAttribute[str], branch: str) -> ColumnElement[bool]:
    """Whether an area lies in a branch; "" holds everything."""
    return column.startswith(branch, autoescape=True) if branch else true()


def _span(
    column: InstrumentedAttribute[Any], begins: datetime | None, ends: datetime | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if begins is not None:
        found.append(column >= begins)
    if ends is not None:
        found.append(column < ends)
    return found
