"""Mobile units and stops for the offices that run them: lists, changes and counts of one branch of the area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.domain.mobile import StopFilter, StopStatus
from bot.storage.mobile import MobileStop, MobileSubscription, MobileUnit


@dataclass(frozen=True, slots=True)
class MobileCounts:
    """`units` that stop in the branch in the span, their `stops` there, how many of those `cancelled`, who is told now."""

    units: int
    stops: int
    cancelled: int
    subscriptions: int


class MobileLists:
    """Flushes; the caller commits. `area` is always a prefix of division codes."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, area: str, wanted: StopFilter, span: tuple[datetime | None, datetime | None], *, offset: int, limit: int
    ) -> Sequence[MobileStop]:
        """A page, the soonest first. `span`: the moments that the filter's days begin and end with."""
        rows = await self._session.scalars(
            select(MobileStop)
            .join(MobileUnit, MobileUnit.id == MobileStop.unit_id)
            .where(_in(MobileStop.division_code, area), *_wanted(wanted, span))
            .options(selectinload(MobileStop.unit))
            .order_by(MobileStop.starts_at, MobileStop.id)
            .offset(offset)
            .limit(limit)
        )
        return rows.all()

    async def named(self, public_id: str, *, lock: bool = False) -> MobileStop | None:
        """One stop with its unit."""
        query = select(MobileStop).where(MobileStop.public_id == public_id).options(selectinload(MobileStop.unit))
        return await self._session.scalar(query.with_for_update(of=MobileStop) if lock else query)

    async def units(self, area: str) -> Sequence[MobileUnit]:
        """Units of the offices of a branch, by name."""
        rows = await self._session.scalars(
            select(MobileUnit).where(_in(MobileUnit.division_code, area)).order_by(MobileUnit.name, MobileUnit.id)
        )
        return rows.all()

    async def unit(self, public_id: str) -> MobileUnit | None:
        """One of them."""
        return await self._session.scalar(select(MobileUnit).where(MobileUnit.public_id == public_id))

    async def unit_named(self, name: str, division_code: str) -> MobileUnit | None:
        """The unit of this name that this office runs."""
        return await self._session.scalar(
            select(MobileUnit).where(MobileUnit.name == name, MobileUnit.division_code == division_code)
        )

    async def add(self, row: MobileUnit | MobileStop) -> None:
        """Put one in. Raises IntegrityError when the unit is somewhere else at that time."""
        self._session.add(row)
        await self._session.flush()

    async def is_empty(self) -> bool:
        """Whether there is no unit at all."""
        return await self._session.scalar(select(MobileUnit.id).limit(1)) is None

    async def remove_synthetic(self) -> None:
        """Take the sample units out, and their stops with them."""
        sample = select(MobileUnit.id).where(MobileUnit.synthetic)
        await self._session.execute(delete(MobileStop).where(MobileStop.unit_id.in_(sample)))
        await self._session.execute(delete(MobileUnit).where(MobileUnit.synthetic))

    async def counts(self, area: str, first: datetime, last: datetime, now: datetime) -> MobileCounts:
        """Of a branch and a span of time."""
        in_span = (_in(MobileStop.division_code, area), MobileStop.starts_at >= first, MobileStop.starts_at < last)
        stops, units = (
            await self._session.execute(
                select(func.count(), func.count(MobileStop.unit_id.distinct())).select_from(MobileStop).where(*in_span)
            )
        ).one()
        off = select(func.count()).where(*in_span, MobileStop.status == StopStatus.CANCELLED)
        told = select(func.count()).where(
            _in(MobileSubscription.division_code, area), MobileSubscription.ends_at > now
        )  # fmt: skip
        return MobileCounts(
            units, stops, int(await self._session.scalar(off) or 0), int(await self._session.scalar(told) or 0)
        )


def _in(column: object, area: str) -> ColumnElement[bool]:
    return column.startswith(area, autoescape=True)  # type: ignore[attr-defined, no-any-return]


def _wanted(wanted: StopFilter, span: tuple[datetime | None, datetime | None]) -> list[ColumnElement[bool]]:
    first, last = span
    found: list[ColumnElement[bool]] = []
    if wanted.area:
        found.append(_in(MobileStop.division_code, wanted.area))
    if wanted.kind is not None:
        found.append(MobileUnit.kind == wanted.kind)
    if wanted.status is not None:
        found.append(MobileStop.status == wanted.status)
    if first is not None:
        found.append(MobileStop.starts_at >= first)
    if last is not None:
        found.append(MobileStop.starts_at < last)
    if wanted.words:
        columns = (MobileStop.place, MobileUnit.name, MobileUnit.offers)
        found.append(or_(*(column.contains(wanted.words, autoescape=True) for column in columns)))
    return found
