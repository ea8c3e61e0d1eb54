"""Reminders of appointments: one row for each moment, taken by one worker, gone when the appointment moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.domain.appointments import AppointmentStatus
from bot.storage.appointments import Appointment, Visit
from bot.storage.records import Record, by_value, public_id_column

MINUTE = timedelta(minutes=1)


class ReminderStatus(StrEnum):
    """`LISTED` could not be sent, and an officer calls her; `CALLED` when that is done; `SKIPPED` had no use any more."""

    WAITING = "waiting"
    SENT = "sent"
    LISTED = "listed"
    CALLED = "called"
    SKIPPED = "skipped"


class Reminder(Record):
    """One moment at which she is reminded. `claimed_until` is held by the worker that sends it.

    `via` is how it went out, `receipt` the channel's own number of it, `message_id` what stands in the conversation,
    `failure` the last code that a channel refused it with.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("appointment_id", "minutes_before"),
        CheckConstraint("(status = 'waiting') = (done_at IS NULL)", name="done_has_a_time"),
        Index("ix_reminders_due", "due_at", sqlite_where=text("status = 'waiting'"),
              postgresql_where=text("status = 'waiting'")),
        Index("ix_reminders_listed", "due_at", sqlite_where=text("status = 'listed'"),
              postgresql_where=text("status = 'listed'")),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"))
    minutes_before: Mapped[int]
    due_at: Mapped[datetime]
    status: Mapped[ReminderStatus] = mapped_column(
        by_value(ReminderStatus, "reminder_status"), default=ReminderStatus.WAITING
    )
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    via: Mapped[str] = mapped_column(String(16), default="")
    receipt: Mapped[str | None] = mapped_column(String(64), index=True)
    message_id: Mapped[str | None] = mapped_column(String(32))
    failure: Mapped[str | None] = mapped_column(String(64))
    appointment: Mapped[Appointment] = relationship(lazy="raise")


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a reminder."""

    status: ReminderStatus
    via: str = ""
    receipt: str | None = None
    failure: str | None = None


class ReminderStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace(self, appointment_id: int, moments: Mapping[timedelta, datetime]) -> None:
        """These moments (by how long before) instead of all that were there."""
        await self.drop(appointment_id)
        await self.add(appointment_id, moments)

    async def add(self, appointment_id: int, moments: Mapping[timedelta, datetime]) -> None:
        """The reminders of an appointment that has none."""
        rows = [
            {"appointment_id": appointment_id, "minutes_before": span // MINUTE, "due_at": due}
            for span, due in moments.items()
        ]
        if rows:
            await self._session.execute(insert(Reminder), rows)

    async def drop(self, appointment_id: int) -> None:
        """None at all; a worker that is sending one finds its row gone and writes nothing."""
        await self._session.execute(delete(Reminder).where(Reminder.appointment_id == appointment_id))

    async def due(self, now: datetime, limit: int = 50) -> Sequence[int]:
        """Ids of those whose time has come and that nobody is sending, oldest first."""
        found = await self._session.scalars(
            select(Reminder.id)
            .where(Reminder.status == ReminderStatus.WAITING, Reminder.due_at <= now, _unclaimed(now))
            .order_by(Reminder.due_at, Reminder.id)
            .limit(limit)
        )
        return found.all()

    async def claim(self, reminder_id: int, now: datetime, until: datetime) -> Reminder | None:
        """Take one, with its appointment; None when another worker has it, or when it is gone."""
        taken = await self._session.execute(
            update(Reminder)
            .where(
                Reminder.id == reminder_id,
                Reminder.status == ReminderStatus.WAITING,
                Reminder.due_at <= now,
                _unclaimed(now),
            )
            .values(claimed_until=until, attempts=Reminder.attempts + 1)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            return None
        return await self._session.scalar(
            select(Reminder)
            .where(Reminder.id == reminder_id)
            .options(selectinload(Reminder.appointment).selectinload(Appointment.visits))
            .execution_options(populate_existing=True)
        )

    async def next_is_due(self, row: Reminder, now: datetime) -> bool:
        """Whether a later reminder of the same appointment has come due too, so that this one says nothing new."""
        later = await self._session.scalar(
            select(Reminder.id)
            .where(
                Reminder.appointment_id == row.appointment_id,
                Reminder.minutes_before < row.minutes_before,
                Reminder.due_at <= now,
            )
            .limit(1)
        )
        return later is not None

    async def finish(self, reminder_id: int, claimed_until: datetime, ending: Ending, now: datetime) -> bool:
        """End what this claim took. False when the claim ran out, or the appointment was moved or cancelled."""
        done = await self._session.execute(
            update(Reminder)
            .where(
                Reminder.id == reminder_id,
                Reminder.status == ReminderStatus.WAITING,
                Reminder.claimed_until == claimed_until,
            )
            .values(
                status=ending.status,
                claimed_until=None,
                done_at=now,
                via=ending.via,
                receipt=ending.receipt,
                failure=ending.failure,
            )
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def release(self, reminder_id: int, claimed_until: datetime, again_at: datetime, failure: str) -> None:
        """Give it back; nobody takes it before `again_at`."""
        await self._session.execute(
            update(Reminder)
            .where(
                Reminder.id == reminder_id,
                Reminder.status == ReminderStatus.WAITING,
                Reminder.claimed_until == claimed_until,
            )
            .values(claimed_until=again_at, failure=failure)
        )

    async def not_received(self, via: str, receipt: str, failure: str) -> bool:
        """The channel says afterwards that one it took has not reached her: it is listed."""
        done = await self._session.execute(
            update(Reminder)
            .where(Reminder.via == via, Reminder.receipt == receipt, Reminder.status == ReminderStatus.SENT)
            .values(status=ReminderStatus.LISTED, failure=failure)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def listed(self, now: datetime, limit: int) -> Sequence[Reminder]:
        """Those an officer should call about, of appointments still to come, the soonest first."""
        rows = await self._session.scalars(
            select(Reminder)
            .join(Appointment, Appointment.id == Reminder.appointment_id)
            .join(Visit, Visit.appointment_id == Appointment.id)
            .where(
                Reminder.status == ReminderStatus.LISTED,
                Appointment.status == AppointmentStatus.BOOKED,
                Visit.starts_at > now,
            )
            .options(selectinload(Reminder.appointment).selectinload(Appointment.visits))
            .order_by(Visit.starts_at, Reminder.id)
            .limit(limit * 2)
        )
        return list(dict.fromkeys(rows))[:limit]

    async def called(self, public_id: str, now: datetime) -> bool:
        """An officer has called her; False when it is not listed (any more)."""
        done = await self._session.execute(
            update(Reminder)
            .where(Reminder.public_id == public_id, Reminder.status == ReminderStatus.LISTED)
            .values(status=ReminderStatus.CALLED, done_at=now, via="phone")
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Reminder.claimed_until.is_(None), Reminder.claimed_until < now)
