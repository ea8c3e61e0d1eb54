"""Mobile units, their stops, and who wishes to be told of stops near her. Codes are those of data/places."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    false,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.domain.accounts import CODE_DIGITS
from bot.domain.geography import Point
from bot.domain.mobile import DISTRICT_DIGITS, TOWN_DIGITS, StopStatus, UnitKind
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column

METRES_A_DEGREE = 111_000
NARROWEST = 0.7
"""The cosine of 45°: a degree of longitude is longer than this share of one of latitude where most people live."""


class MobileUnit(Record):
    """What comes. `offers` in words for women; `division_code`: the branch whose office runs it."""

    __tablename__ = "mobile_units"
    __table_args__ = (UniqueConstraint("name", "division_code"),)

    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[UnitKind] = mapped_column(by_value(UnitKind, "unit_kind"))
    offers: Mapped[str] = mapped_column(String(120), default="")
    division_code: Mapped[str] = mapped_column(String(12), index=True)
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())


class MobileStop(Record):
    """One unit at one place for some hours. `revision` counts changes that women must hear of; `reason` why it is cancelled.

    `moved`: what was changed, in words for women. `approximate`: the point is the centre of its division.
    """

    __tablename__ = "mobile_stops"
    __table_args__ = (
        Index(
            "ux_mobile_stops_unit_time", "unit_id", "starts_at", unique=True,
            sqlite_where=text("status = 'planned'"), postgresql_where=text("status = 'planned'"),
        ),
        Index("ix_mobile_stops_time", "starts_at", "id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_begins"),
        CheckConstraint("(status = 'cancelled') = (reason != '')", name="cancelled_has_a_reason"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    unit_id: Mapped[int] = mapped_column(ForeignKey("mobile_units.id", ondelete="CASCADE"))
    division_code: Mapped[str] = mapped_column(String(12), index=True)
    place: Mapped[str] = mapped_column(String(120))
    latitude_wgs84: Mapped[float]
    longitude_wgs84: Mapped[float]
    approximate: Mapped[bool] = mapped_column(default=True, server_default=true())
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[StopStatus] = mapped_column(by_value(StopStatus, "stop_status"), default=StopStatus.PLANNED)
    reason: Mapped[str] = mapped_column(String(120), default="")
    moved: Mapped[str] = mapped_column(String(120), default="")
    revision: Mapped[int] = mapped_column(default=0)
    unit: Mapped[MobileUnit] = relationship(lazy="raise")

    @property
    def point(self) -> Point:
        """Where it stands."""
        return Point(self.latitude_wgs84, self.longitude_wgs84)


class MobileSubscription(Record):
    """She wishes to hear of stops near a place that she named; the point is that place's centre, never hers."""

    __tablename__ = "mobile_subscriptions"
    __table_args__ = (Index("ix_mobile_subscriptions_point", "latitude_wgs84", "longitude_wgs84"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    division_code: Mapped[str] = mapped_column(String(12))
    latitude_wgs84: Mapped[float]
    longitude_wgs84: Mapped[float]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def point(self) -> Point:
        """The centre of the place that she named."""
        return Point(self.latitude_wgs84, self.longitude_wgs84)


class MobileNotice(Record):
    """What she was told of one stop, as it was then; `cancelled`: she was told that it does not take place."""

    __tablename__ = "mobile_notices"
    __table_args__ = (UniqueConstraint("subscription_id", "stop_id"),)

    subscription_id: Mapped[int] = mapped_column(ForeignKey("mobile_subscriptions.id", ondelete="CASCADE"))
    stop_id: Mapped[int] = mapped_column(ForeignKey("mobile_stops.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    starts_at: Mapped[datetime]
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())


class MobileStore:
    """What women need. Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def conversation(self, public_id: str) -> Conversation | None:
        """The row, not held."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def coming(self, point: Point, within_m: float, now: datetime, until: datetime) -> Sequence[MobileStop]:
        """Planned stops that are not over, in a box around the point, the soonest first."""
        high, wide = _box(within_m)
        rows = await self._session.scalars(
            select(MobileStop)
            .where(
                MobileStop.status == StopStatus.PLANNED, MobileStop.ends_at > now, MobileStop.starts_at < until,
                MobileStop.latitude_wgs84.between(point.latitude - high, point.latitude + high),
                MobileStop.longitude_wgs84.between(point.longitude - wide, point.longitude + wide),
            )
            .options(selectinload(MobileStop.unit))
            .order_by(MobileStop.starts_at, MobileStop.id)
        )  # fmt: skip
        return rows.all()

    async def due(self, now: datetime, until: datetime) -> Sequence[MobileStop]:
        """Planned stops that begin before `until` and have not begun."""
        rows = await self._session.scalars(
            select(MobileStop)
            .where(
                MobileStop.status == StopStatus.PLANNED, MobileStop.starts_at > now, MobileStop.starts_at <= until
            )
            .order_by(MobileStop.starts_at, MobileStop.id)
        )  # fmt: skip
        return rows.all()

    async def untold(self, stop: MobileStop, within_m: float, now: datetime) -> Sequence[MobileSubscription]:
        """Wishes near the stop, as far as a box can tell, or for its town or district, that were told nothing of it."""
        told = select(MobileNotice.subscription_id).where(MobileNotice.stop_id == stop.id)
        high, wide = _box(within_m)
        rows = await self._session.scalars(
            select(MobileSubscription).where(
                MobileSubscription.ends_at > now,
                MobileSubscription.id.not_in(told),
                or_(
                    MobileSubscription.latitude_wgs84.between(stop.latitude_wgs84 - high, stop.latitude_wgs84 + high)
                    & MobileSubscription.longitude_wgs84.between(
                        stop.longitude_wgs84 - wide, stop.longitude_wgs84 + wide
                    ),
                    MobileSubscription.division_code.startswith(stop.division_code[:TOWN_DIGITS], autoescape=True),
                    MobileSubscription.division_code == stop.division_code[:DISTRICT_DIGITS].ljust(CODE_DIGITS, "0"),
                ),
            )
        )
        return rows.all()

    async def outdated(self, now: datetime) -> list[tuple[MobileNotice, MobileStop, MobileSubscription]]:
        """What was told and is no longer so, of stops that were still to come when she was told."""
        rows = await self._session.execute(
            select(MobileNotice, MobileStop, MobileSubscription)
            .join(MobileStop, MobileStop.id == MobileNotice.stop_id)
            .join(MobileSubscription, MobileSubscription.id == MobileNotice.subscription_id)
            .where(
                MobileNotice.cancelled.is_(False),
                MobileNotice.revision < MobileStop.revision,
                or_(MobileNotice.starts_at > now, MobileStop.starts_at > now),
            )
        )
        return [(notice, stop, wish) for notice, stop, wish in rows]

    async def note_told(self, subscription: int, stop: MobileStop) -> bool:
        """Write down that she is told now; False when another worker was quicker."""
        made = await self._session.scalar(
            _insert(self._session)(MobileNotice)
            .values(subscription_id=subscription, stop_id=stop.id, revision=stop.revision, starts_at=stop.starts_at)
            .on_conflict_do_nothing(index_elements=["subscription_id", "stop_id"])
            .returning(MobileNotice.id)
        )
        return made is not None

    async def note_change(self, notice: MobileNotice, stop: MobileStop) -> bool:
        """The same for a change of what she was told."""
        moved = await self._session.execute(
            update(MobileNotice)
            .where(MobileNotice.id == notice.id, MobileNotice.revision < stop.revision)
            .values(
                revision=stop.revision, starts_at=stop.starts_at, cancelled=stop.status is StopStatus.CANCELLED
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        return bool(moved.rowcount)  # type: ignore[attr-defined]

    async def subscribe(self, conversation_id: int, code: str, centre: Point, now: datetime, ends_at: datetime) -> None:
        """One wish a woman: another place takes the place of the one before."""
        values = {
            "division_code": code, "latitude_wgs84": centre.latitude, "longitude_wgs84": centre.longitude,
            "created_at": now, "ends_at": ends_at,
        }  # fmt: skip
        await self._session.execute(
            _insert(self._session)(MobileSubscription)
            .values(conversation_id=conversation_id, **values)
            .on_conflict_do_update(index_elements=["conversation_id"], set_=values)
        )

    async def subscription(self, conversation_id: int, now: datetime) -> MobileSubscription | None:
        """Her wish while it lasts."""
        return await self._session.scalar(
            select(MobileSubscription).where(
                MobileSubscription.conversation_id == conversation_id, MobileSubscription.ends_at > now
            )
        )

    async def unsubscribe(self, conversation_id: int) -> bool:
        """False when there was no wish."""
        gone = await self._session.execute(
            delete(MobileSubscription).where(MobileSubscription.conversation_id == conversation_id)
        )
        return bool(gone.rowcount)  # type: ignore[attr-defined]


def _insert(session: AsyncSession) -> Any:
    """The dialect's insert, which knows `on_conflict`; the two share no type."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def _box(within_m: float) -> tuple[float, float]:
    """Half the height and width in degrees of a box that holds the circle."""
    high = within_m / METRES_A_DEGREE
    return high, high / NARROWEST
