"""The calendar of each service: its own rules, what officers changed, and the seats that are taken."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    cast,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.records import Record, public_id_column

MOST_NAMES = 500
"""Services asked for in one query."""


class BookingCalendar(Record):
    """One row a service (by the directory's public id, which outlives imports). Counting `version` up locks it.

    The numbers are the service's own rules; None means the kind's (data/appointments/rules.yml).
    """

    __tablename__ = "booking_calendars"

    service_id: Mapped[str] = mapped_column(String(32), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int | None]
    buffer_minutes: Mapped[int | None]
    seats: Mapped[int | None]
    lead_hours: Mapped[int | None]
    horizon_days: Mapped[int | None]


class CalendarChangeRow(Record):
    """Hours that an officer closed or opened besides the schedule."""

    __tablename__ = "calendar_changes"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        Index("ix_calendar_changes_service", "service_id", "ends_at"),
    )

    public_id: Mapped[str] = public_id_column()
    service_id: Mapped[str] = mapped_column(String(32))
    opens: Mapped[bool]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]


class Seat(Record):
    """One seat for five minutes. Its constraint is what makes a double booking impossible."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("service_id", "quantum", "seat"),)

    service_id: Mapped[str] = mapped_column(String(32))
    quantum: Mapped[int]
    seat: Mapped[int]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), index=True)


class CalendarStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, services: Iterable[str]) -> None:
        """Let nobody else book or change these services before this transaction ends. In one order, so none waits in a ring."""
        on_sqlite = self._session.get_bind().dialect.name == "sqlite"
        kind = sqlite.insert if on_sqlite else postgresql.insert
        for service in sorted(set(services)):
            await self._session.execute(
                kind(BookingCalendar)
                .values(service_id=service, version=1)
                .on_conflict_do_update(index_elements=["service_id"], set_={"version": BookingCalendar.version + 1})
            )

    async def turnover(self) -> int:
        """A number that grows with every booking and change of any calendar."""
        return await self._session.scalar(select(func.coalesce(func.sum(BookingCalendar.version), 0))) or 0

    async def calendars(self, services: Sequence[str]) -> Mapping[str, BookingCalendar]:
        """The rows there are, by service."""
        found: dict[str, BookingCalendar] = {}
        for chunk in _chunks(services):
            rows = await self._session.scalars(select(BookingCalendar).where(BookingCalendar.service_id.in_(chunk)))
            found |= {row.service_id: row for row in rows}
        return found

    async def set_rules(self, service: str, rules: Mapping[str, int | None]) -> None:
        """The service's own numbers; None gives one back to the kind."""
        await self.lock([service])
        row = await self._session.scalar(select(BookingCalendar).where(BookingCalendar.service_id == service))
        for name, value in rules.items():
            setattr(row, name, value)

    async def changes(
        self, services: Sequence[str], first: datetime, last: datetime
    ) -> Mapping[str, list[CalendarChangeRow]]:
        """What was changed in a span of time, by service."""
        found: dict[str, list[CalendarChangeRow]] = {}
        for chunk in _chunks(services):
            rows = await self._session.scalars(
                select(CalendarChangeRow)
                .where(
                    CalendarChangeRow.service_id.in_(chunk),
                    CalendarChangeRow.ends_at > first,
                    CalendarChangeRow.starts_at < last,
                )
                .order_by(CalendarChangeRow.starts_at)
            )
            for row in rows:
                found.setdefault(row.service_id, []).append(row)
        return found

    async def add_change(self, row: CalendarChangeRow) -> None:
        """Put a change in."""
        self._session.add(row)
        await self._session.flush()

    async def change(self, public_id: str) -> CalendarChangeRow | None:
        """One change."""
        return await self._session.scalar(select(CalendarChangeRow).where(CalendarChangeRow.public_id == public_id))

    async def remove_change(self, public_id: str) -> bool:
        """Take a change back; False when it is gone already."""
        gone = await self._session.execute(delete(CalendarChangeRow).where(CalendarChangeRow.public_id == public_id))
        return bool(gone.rowcount)  # type: ignore[attr-defined]

    async def taken(self, services: Sequence[str], first: int, last: int) -> Mapping[str, Mapping[int, int]]:
        """How many seats are taken in each quantum of [first, last), by service; what is free has no entry.

        One row a service, its numbers joined in the database: a full week is hundreds of them, and rows are what costs.
        """
        found: dict[str, Mapping[int, int]] = {}
        numbers = func.aggregate_strings(cast(Seat.quantum, String), ",")
        for chunk in _chunks(services):
            rows = await self._session.execute(
                select(Seat.service_id, numbers)
                .where(Seat.service_id.in_(chunk), Seat.quantum >= first, Seat.quantum < last)
                .group_by(Seat.service_id)
            )
            found |= {service: Counter(map(int, joined.split(","))) for service, joined in rows}
        return found

    async def take(self, service: str, visit_id: int, steps: range, seats: int) -> bool:
        """Take the first seat that is free through all of `steps`; False when there is none.

        After False the transaction can only be rolled back: there is no savepoint, as the loser keeps nothing.
        """
        seat = 0 if seats == 1 else await self._free_seat(service, steps, seats)
        if seat is None:
            return False
        try:
            await self._session.execute(
                insert(Seat),
                [{"service_id": service, "quantum": step, "seat": seat, "visit_id": visit_id} for step in steps],
            )
        except IntegrityError:
            return False
        return True

    async def _free_seat(self, service: str, steps: range, seats: int) -> int | None:
        """Of several; where there is but one, the constraint alone decides."""
        rows = await self._session.scalars(
            select(Seat.seat)
            .where(Seat.service_id == service, Seat.quantum >= steps.start, Seat.quantum < steps.stop)
            .distinct()
        )
        taken = set(rows)
        return next((number for number in range(seats) if number not in taken), None)

    async def free(self, visit_ids: Sequence[int]) -> None:
        """Give the seats of these visits back."""
        await self._session.execute(delete(Seat).where(Seat.visit_id.in_(visit_ids)))


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[at : at + MOST_NAMES] for at in range(0, len(names), MOST_NAMES))
