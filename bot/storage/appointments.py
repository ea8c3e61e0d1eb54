"""Appointments, the visits they are made of, and what happened to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from bot.domain.appointments import Actor, AppointmentStatus
from bot.storage.calendars import CalendarStore
from bot.storage.conversations import Conversation
from bot.storage.directory import Location, ServiceAtLocation, ServiceKind
from bot.storage.records import Record, by_value, public_id_column

STANDING = (AppointmentStatus.BOOKED, AppointmentStatus.HELD)
"""What takes seats and is still to come."""


class Appointment(Record):
    """A woman's appointment: one visit, or two that belong together. A cancelled row stays: it is history.

    `request_key` is the same for every delivery of one confirmation. Without a conversation an officer booked for
    a woman who called. `called` and `phone` are sealed.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_a_time"),
        CheckConstraint("(status = 'held') = (held_until IS NOT NULL)", name="held_has_an_end"),
        Index("ix_appointments_held", "held_until", sqlite_where=text("status = 'held'"),
              postgresql_where=text("status = 'held'")),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    number: Mapped[str] = mapped_column(String(8), unique=True)
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    status: Mapped[AppointmentStatus] = mapped_column(
        by_value(AppointmentStatus, "appointment_status"), default=AppointmentStatus.BOOKED
    )
    sealed_called: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    remind: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    synthetic: Mapped[bool] = mapped_column(default=False)
    visits: Mapped[list["Visit"]] = relationship(
        back_populates="appointment", cascade="all, delete-orphan", lazy="raise", order_by="Visit.starts_at"
    )


class Visit(Record):
    """One service of an appointment. Place and address are kept as they were told: the directory may change."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        Index("ix_visits_service", "service_id", "starts_at"),
    )

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    service_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[ServiceKind] = mapped_column(by_value(ServiceKind, "service_kind"))
    place: Mapped[str]
    address: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    synthetic: Mapped[bool] = mapped_column(default=False)
    appointment: Mapped[Appointment] = relationship(back_populates="visits", lazy="raise")


class AppointmentEvent(Record):
    """What happened to an appointment, when and by whom; `what` is a word of the code, never her words."""

    __tablename__ = "appointment_events"

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[Actor] = mapped_column(by_value(Actor, "actor"))
    what: Mapped[str] = mapped_column(String(32))
    before: Mapped[datetime | None]


class AppointmentStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def conversation_id(self, public_id: str) -> int | None:
        """The row's number of a conversation."""
        return await self._session.scalar(select(Conversation.id).where(Conversation.public_id == public_id))

    async def lock_conversation(self, public_id: str) -> int | None:
        """The same, and nobody else may book for her before this transaction ends."""
        return await self._session.scalar(
            select(Conversation.id).where(Conversation.public_id == public_id).with_for_update()
        )

    async def by_request(self, request_key: str) -> Appointment | None:
        """The appointment that this confirmation made before."""
        return await self._one(Appointment.request_key == request_key)

    async def by_id(self, public_id: str) -> Appointment | None:
        """One appointment with its visits."""
        return await self._one(Appointment.public_id == public_id)

    async def add(self, **values: object) -> Appointment | None:
        """A new row without visits; None when its number or its request is there already."""
        on_sqlite = self._session.get_bind().dialect.name == "sqlite"
        kind = sqlite.insert if on_sqlite else postgresql.insert
        row = await self._session.scalar(
            kind(Appointment).values(**values).on_conflict_do_nothing().returning(Appointment)
        )
        if row is not None:
            set_committed_value(row, "visits", [])
        return row

    async def coming(self, conversation_id: int, now: datetime, limit: int) -> Sequence[Appointment]:
        """Her standing appointments that have not ended, soonest first."""
        rows = await self._session.scalars(
            select(Appointment)
            .join(Visit)
            .where(
                Appointment.conversation_id == conversation_id,
                Appointment.status.in_(STANDING),
                Visit.ends_at > now,
            )
            .options(selectinload(Appointment.visits))
            .order_by(Visit.starts_at)
            .limit(limit * 2)
        )
        return list(dict.fromkeys(rows))[:limit]

    async def booked(self, conversation_id: int, now: datetime) -> int:
        """How many she has booked that have not ended; offers that wait for her yes are not counted."""
        count = await self._session.scalar(
            select(func.count(func.distinct(Appointment.id)))
            .join(Visit)
            .where(
                Appointment.conversation_id == conversation_id,
                Appointment.status == AppointmentStatus.BOOKED,
                Visit.ends_at > now,
            )
        )
        return count or 0

    async def visits_of(self, services: Sequence[str], first: datetime, last: datetime, limit: int) -> Sequence[Visit]:
        """Visits that begin in [first, last) at these services, with their appointments, soonest first."""
        rows = await self._session.scalars(
            select(Visit)
            .where(Visit.service_id.in_(services), Visit.starts_at >= first, Visit.starts_at < last)
            .options(selectinload(Visit.appointment).selectinload(Appointment.visits))
            .order_by(Visit.starts_at, Visit.id)
            .limit(limit)
        )
        return rows.all()

    async def standing_from(
        self, first: datetime, last: datetime, limit: int, *, offset: int = 0, division: str = ""
    ) -> Sequence[Visit]:
        """Standing visits that begin in [first, last), with their appointments, soonest first.

        `division`: only at places in this branch of the area (a prefix of division codes); "" is everywhere.
        """
        asked = (
            select(Visit)
            .join(Appointment)
            .where(Visit.starts_at >= first, Visit.starts_at < last, Appointment.status.in_(STANDING))
            .options(selectinload(Visit.appointment).selectinload(Appointment.visits))
            .order_by(Visit.starts_at, Visit.id)
            .limit(limit)
            .offset(offset)
        )
        if division:
            asked = (
                asked.join(ServiceAtLocation, ServiceAtLocation.public_id == Visit.service_id)
                .join(Location, Location.id == ServiceAtLocation.location_id)
                .where(Location.division_code.startswith(division, autoescape=True))
            )
        return (await self._session.scalars(asked)).all()

    async def count_standing(self, services: Sequence[str], first: datetime, last: datetime) -> Mapping[str, int]:
        """How many standing visits begin in [first, last), by service; a service with none has no entry."""
        rows = await self._session.execute(
            select(Visit.service_id, func.count())
            .join(Appointment)
            .where(
                Visit.service_id.in_(services),
                Visit.starts_at >= first,
                Visit.starts_at < last,
                Appointment.status.in_(STANDING),
            )
            .group_by(Visit.service_id)
        )
        return {service: count for service, count in rows}

    async def standing_between(self, service: str, first: datetime, last: datetime) -> Sequence[Visit]:
        """Visits that take a seat and touch a span of time."""
        rows = await self._session.scalars(
            select(Visit)
            .join(Appointment)
            .where(
                Visit.service_id == service,
                Visit.starts_at < last,
                Visit.ends_at > first,
                Appointment.status.in_(STANDING),
            )
            .options(selectinload(Visit.appointment).selectinload(Appointment.visits))
            .order_by(Visit.starts_at)
        )
        return rows.all()

    async def turn(self, row: Appointment, status: AppointmentStatus, *, given: Sequence[AppointmentStatus]) -> bool:
        """Change the status if it is still one of `given`; the loser of a race gets False."""
        done = await self._session.execute(
            update(Appointment)
            .where(Appointment.id == row.id, Appointment.status.in_(given), Appointment.sequence == row.sequence)
            .values(status=status, sequence=Appointment.sequence + 1, held_until=None)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def cancel(self, row: Appointment, now: datetime, *, given: Sequence[AppointmentStatus] = STANDING) -> bool:
        """Cancel it if its status is one of `given`; the loser of a race gets False."""
        done = await self._session.execute(
            update(Appointment)
            .where(Appointment.id == row.id, Appointment.status.in_(given))
            .values(
                status=AppointmentStatus.CANCELLED,
                cancelled_at=now,
                held_until=None,
                sequence=Appointment.sequence + 1,
            )
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def note(
        self, row: Appointment, actor: Actor, what: str, now: datetime, *, before: datetime | None = None
    ) -> None:
        """Write down what happened."""
        self._session.add(AppointmentEvent(appointment_id=row.id, at=now, actor=actor, what=what, before=before))
        await self._session.flush()

    async def last_actor(self, appointment_id: int) -> Actor | None:
        """Who did the last thing to it."""
        return await self._session.scalar(
            select(AppointmentEvent.actor)
            .where(AppointmentEvent.appointment_id == appointment_id)
            .order_by(AppointmentEvent.id.desc())
            .limit(1)
        )

    async def held_too_long(self, now: datetime, limit: int) -> Sequence[str]:
        """Public ids of offers nobody said yes to in time, the oldest first."""
        rows = await self._session.scalars(
            select(Appointment.public_id)
            .where(Appointment.status == AppointmentStatus.HELD, Appointment.held_until <= now)
            .order_by(Appointment.held_until, Appointment.id)
            .limit(limit)
        )
        return rows.all()

    async def forget(self, conversation_id: int, now: datetime) -> Sequence[str]:
        """Before a conversation is deleted: her name and number leave all her appointments, those to come are cancelled.

        What stays is a row without her: that at this hour somebody came, or did not. Returns the services that have
        seats again.
        """
        coming = await self._session.scalars(
            select(Appointment)
            .where(Appointment.conversation_id == conversation_id, Appointment.status.in_(STANDING))
            .options(selectinload(Appointment.visits))
        )
        ended = [row for row in coming if row.visits[-1].ends_at > now]
        calendars = CalendarStore(self._session)
        services = sorted({visit.service_id for row in ended for visit in row.visits})
        await calendars.lock(services)
        for row in ended:
            if await self.cancel(row, now):
                await calendars.free([visit.id for visit in row.visits])
                await self.note(row, Actor.SYSTEM, "forgotten", now)
        await self._session.execute(
            update(Appointment)
            .where(Appointment.conversation_id == conversation_id)
            .values(sealed_called=None, sealed_phone=None, remind=False, conversation_id=None)
            .execution_options(synchronize_session=False)
        )
        return services

    async def _one(self, condition: object) -> Appointment | None:
        found: Appointment | None = await self._session.scalar(
            select(Appointment).where(condition).options(selectinload(Appointment.visits))  # type: ignore[arg-type]
        )
        return found
