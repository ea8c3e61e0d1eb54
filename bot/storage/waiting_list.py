"""The waiting list: who waits for what, what was offered to her, and which worker looks after it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.domain.appointments import AppointmentStatus
from bot.storage.appointments import Appointment
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column

ONLY = 1
"""The watch is one row."""
LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class WaitingStatus(StrEnum):
    """`OFFERED` has a seat that is kept for her; `OVER` waited until her time had passed."""

    WAITING = "waiting"
    OFFERED = "offered"
    SERVED = "served"
    LEFT = "left"
    OVER = "over"


OPEN = (WaitingStatus.WAITING, WaitingStatus.OFFERED)


class OfferOutcome(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"


class WaitingEntry(Record):
    """One woman's wish that nothing free could fill. `queued_at` is her place in the order.

    `kinds` is one kind of service or two with a comma; `service_id` the one place she wants, else `division` where
    about. Name and number are sealed as in an appointment, and go when the entry is closed.
    """

    __tablename__ = "waiting_entries"
    __table_args__ = (
        CheckConstraint("(status IN ('waiting', 'offered')) = (closed_at IS NULL)", name="closed_has_a_time"),
        Index("ix_waiting_entries_order", "queued_at", "id", sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
        Index("ix_waiting_entries_conversation", "conversation_id", "joined_at"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    status: Mapped[WaitingStatus] = mapped_column(
        by_value(WaitingStatus, "waiting_status"), default=WaitingStatus.WAITING
    )
    kinds: Mapped[str] = mapped_column(String(64))
    service_id: Mapped[str] = mapped_column(String(32), default="")
    division: Mapped[str] = mapped_column(String(12), default="")
    first: Mapped[datetime]
    last: Mapped[datetime]
    hours_from: Mapped[time | None]
    hours_to: Mapped[time | None]
    together: Mapped[bool] = mapped_column(default=False)
    may_message: Mapped[bool] = mapped_column(default=False)
    sealed_called: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    missed: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    joined_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    conversation: Mapped[Conversation] = relationship(lazy="raise")
    offers: Mapped[list["WaitingOffer"]] = relationship(back_populates="entry", lazy="raise", passive_deletes=True)


class WaitingOffer(Record):
    """A held appointment that was offered to her. At most one of an entry is open, by constraint."""

    __tablename__ = "waiting_offers"
    __table_args__ = (
        CheckConstraint("(outcome = 'open') = (settled_at IS NULL)", name="settled_has_a_time"),
        Index("ix_waiting_offers_open", "entry_id", unique=True, sqlite_where=text("outcome = 'open'"),
              postgresql_where=text("outcome = 'open'")),
    )  # fmt: skip

    entry_id: Mapped[int] = mapped_column(ForeignKey("waiting_entries.id", ondelete="CASCADE"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), unique=True)
    outcome: Mapped[OfferOutcome] = mapped_column(by_value(OfferOutcome, "offer_outcome"), default=OfferOutcome.OPEN)
    message_id: Mapped[str | None] = mapped_column(String(32))
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    entry: Mapped[WaitingEntry] = relationship(back_populates="offers", lazy="raise")
    appointment: Mapped[Appointment] = relationship(lazy="raise")


class WaitingListWatch(Record):
    """The one row that a worker holds while it looks after the list: so the order is kept, however many run."""

    __tablename__ = "waiting_list_watch"

    busy_until: Mapped[datetime]
    looked_at: Mapped[datetime]
    turnover: Mapped[int]


@dataclass(frozen=True, slots=True)
class Watch:
    """When the list was last looked through, and how the calendars stood then."""

    busy_until: datetime = LONG_AGO
    looked_at: datetime = LONG_AGO
    turnover: int = -1


class WaitingListStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, entry: WaitingEntry) -> None:
        """Put an entry in."""
        self._session.add(entry)
        await self._session.flush()

    async def entries(self, conversation_id: int) -> Sequence[WaitingEntry]:
        """Her open entries, the oldest first."""
        rows = await self._session.scalars(
            select(WaitingEntry)
            .where(WaitingEntry.conversation_id == conversation_id, WaitingEntry.closed_at.is_(None))
            .order_by(WaitingEntry.joined_at, WaitingEntry.id)
        )
        return rows.all()

    async def queue(self, limit: int) -> Sequence[WaitingEntry]:
        """Those who wait and have no offer, in their order, with what was offered to them before."""
        offered = selectinload(WaitingEntry.offers).selectinload(WaitingOffer.appointment)
        rows = await self._session.scalars(
            select(WaitingEntry)
            .where(WaitingEntry.status == WaitingStatus.WAITING, WaitingEntry.closed_at.is_(None))
            .options(offered.selectinload(Appointment.visits), selectinload(WaitingEntry.conversation))
            .order_by(WaitingEntry.queued_at, WaitingEntry.id)
            .limit(limit)
        )
        return rows.all()

    async def has_open(self) -> bool:
        """Whether anybody waits."""
        return bool(await self._session.scalar(select(exists().where(WaitingEntry.closed_at.is_(None)))))

    async def newest(self) -> datetime | None:
        """When somebody last came to the end of the queue."""
        return await self._session.scalar(
            select(func.max(WaitingEntry.queued_at)).where(WaitingEntry.closed_at.is_(None))
        )

    async def outlived(self, before: datetime, limit: int) -> Sequence[int]:
        """Ids of entries whose time is over, and that have no offer."""
        rows = await self._session.scalars(
            select(WaitingEntry.id)
            .where(WaitingEntry.status == WaitingStatus.WAITING, WaitingEntry.last <= before)
            .order_by(WaitingEntry.id)
            .limit(limit)
        )
        return rows.all()

    async def open_offers(
        self, *, conversation_id: int | None = None, appointment: str = "", limit: int = 200
    ) -> Sequence[WaitingOffer]:
        """Offers that are not settled, with appointment, entry and conversation; all, one woman's, or of one appointment."""
        wanted = select(WaitingOffer).join(WaitingEntry).where(WaitingOffer.outcome == OfferOutcome.OPEN)
        if conversation_id is not None:
            wanted = wanted.where(WaitingEntry.conversation_id == conversation_id)
        if appointment:
            wanted = wanted.join(Appointment).where(Appointment.public_id == appointment)
        rows = await self._session.scalars(
            wanted.options(
                selectinload(WaitingOffer.appointment).selectinload(Appointment.visits),
                selectinload(WaitingOffer.entry).selectinload(WaitingEntry.conversation),
            )
            .order_by(WaitingOffer.id)
            .limit(limit)
        )
        return rows.all()

    async def has_answered_offer(self) -> bool:
        """Whether an open offer's appointment has been booked or cancelled meanwhile."""
        found = await self._session.scalar(
            select(WaitingOffer.id)
            .join(Appointment)
            .where(WaitingOffer.outcome == OfferOutcome.OPEN, Appointment.status != AppointmentStatus.HELD)
            .limit(1)
        )
        return found is not None

    async def turn(self, entry_id: int, given: Sequence[WaitingStatus], status: WaitingStatus, now: datetime) -> bool:
        """Change an entry's status if it is still one of `given`; closing forgets name and number."""
        values: dict[str, object] = {"status": status}
        if status not in OPEN:
            values |= {"closed_at": now, "sealed_called": None, "sealed_phone": None}
        done = await self._session.execute(
            update(WaitingEntry)
            .where(WaitingEntry.id == entry_id, WaitingEntry.status.in_(given))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def offer(self, entry_id: int, appointment: str, message_id: str | None, now: datetime) -> None:
        """Write an offer down; the caller has turned the entry."""
        number = await self._session.scalar(select(Appointment.id).where(Appointment.public_id == appointment))
        self._session.add(WaitingOffer(entry_id=entry_id, appointment_id=number, message_id=message_id, made_at=now))
        await self._session.flush()

    async def settle(self, offer_id: int, outcome: OfferOutcome, now: datetime) -> bool:
        """End an open offer; the loser of a race gets False."""
        done = await self._session.execute(
            update(WaitingOffer)
            .where(WaitingOffer.id == offer_id, WaitingOffer.outcome == OfferOutcome.OPEN)
            .values(outcome=outcome, settled_at=now)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def requeue(self, entry_id: int, now: datetime) -> None:
        """She missed an offer: behind all who wait now."""
        await self._session.execute(
            update(WaitingEntry)
            .where(WaitingEntry.id == entry_id)
            .values(queued_at=now, missed=WaitingEntry.missed + 1)
            .execution_options(synchronize_session=False)
        )

    async def watch(self) -> Watch:
        """How things stand."""
        row = await self._session.scalar(select(WaitingListWatch).where(WaitingListWatch.id == ONLY))
        return Watch() if row is None else Watch(row.busy_until, row.looked_at, row.turnover)

    async def take_watch(self, now: datetime, until: datetime) -> bool:
        """Be the one worker that looks after the list until then; False when another is."""
        on_sqlite = self._session.get_bind().dialect.name == "sqlite"
        kind = sqlite.insert if on_sqlite else postgresql.insert
        await self._session.execute(
            kind(WaitingListWatch)
            .values(id=ONLY, busy_until=LONG_AGO, looked_at=LONG_AGO, turnover=-1)
            .on_conflict_do_nothing(index_elements=["id"])
        )
        taken = await self._session.execute(
            update(WaitingListWatch)
            .where(WaitingListWatch.id == ONLY, WaitingListWatch.busy_until <= now)
            .values(busy_until=until)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def end_watch(self, until: datetime, looked_at: datetime, turnover: int) -> None:
        """Give it back, if it is still ours, with how far we came."""
        await self._session.execute(
            update(WaitingListWatch)
            .where(WaitingListWatch.id == ONLY, WaitingListWatch.busy_until == until)
            .values(busy_until=LONG_AGO, looked_at=looked_at, turnover=turnover)
        )
