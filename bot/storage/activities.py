"""Activities and who comes to them. A seat is a number that one woman holds, by constraint; who waits has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    exists,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.activities import SEATED, ActivityFilter, ActivityStatus, ActivityTopic, SignUpStatus
from bot.domain.geography import Point
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column

CALLED, FEEDBACK = "activity called", "activity feedback"
"""What sealed words are sealed for."""
SEATED_SQL = text("status IN ('signed_up', 'attended', 'no_show')")
STANDING_SQL = text("status != 'cancelled'")


class Activity(Record):
    """One date of one activity. `seats` None: no limit. `division_code`: a branch of the area. `series`: what repeats share.

    Latitude and longitude (WGS-84) stand both or neither. `sign_in_code`: six digits that the officer shows on the day.
    """

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_begins"),
        CheckConstraint("seats IS NULL OR seats >= 1", name="has_seats"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_is_whole"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_a_time"),
        Index("ix_activities_coming", "status", "starts_at"),
        Index("ix_activities_series", "series"),
    )

    public_id: Mapped[str] = public_id_column()
    topic: Mapped[ActivityTopic] = mapped_column(by_value(ActivityTopic, "activity_topic"))
    title: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(600), default="")
    audience: Mapped[str] = mapped_column(String(60), default="")
    division_code: Mapped[str] = mapped_column(String(12), default="")
    place: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seats: Mapped[int | None]
    status: Mapped[ActivityStatus] = mapped_column(
        by_value(ActivityStatus, "activity_status"), default=ActivityStatus.DRAFT
    )
    reason: Mapped[str] = mapped_column(String(120), default="")
    series: Mapped[str | None] = mapped_column(String(32))
    sign_in_code: Mapped[str] = mapped_column(String(6))
    organizer: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(32), default="")
    cancelled_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def point(self) -> Point | None:
        """Where exactly, if it was written down."""
        return None if self.latitude is None or self.longitude is None else Point(self.latitude, self.longitude)


class ActivitySignUp(Record):
    """One woman's place, or her turn to wait: in the order of `id`. `seat`: her number, from 1.

    `remind_at`: when to remind her, None when she does not want it or it is too late; `reminder_id`: the message that did.
    Rating from 1 to 5; her words about it are sealed and masked like messages.
    """

    __tablename__ = "activity_sign_ups"
    __table_args__ = (
        CheckConstraint("(status IN ('signed_up', 'attended', 'no_show')) = (seat IS NOT NULL)", name="seated_has_a_seat"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_a_time"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_is_known"),
        Index("ux_activity_sign_ups_seat", "activity_id", "seat", unique=True,
              sqlite_where=SEATED_SQL, postgresql_where=SEATED_SQL),
        Index("ux_activity_sign_ups_hers", "activity_id", "conversation_id", unique=True,
              sqlite_where=STANDING_SQL, postgresql_where=STANDING_SQL),
        Index("ix_activity_sign_ups_conversation", "conversation_id"),
        Index("ix_activity_sign_ups_reminders", "remind_at", sqlite_where=text("reminded_at IS NULL"),
              postgresql_where=text("reminded_at IS NULL")),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    status: Mapped[SignUpStatus] = mapped_column(by_value(SignUpStatus, "sign_up_status"))
    seat: Mapped[int | None]
    remind: Mapped[bool] = mapped_column(default=False)
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    reminder_id: Mapped[str | None] = mapped_column(String(32))
    sealed_called: Mapped[bytes | None] = mapped_column(LargeBinary)
    feedback_asked_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked_words: Mapped[str] = mapped_column(String(300), default="")
    signed_up_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of an activity hold a seat, wait, came, did not come, and rated it with which sum."""

    seated: int = 0
    waiting: int = 0
    attended: int = 0
    no_show: int = 0
    rated: int = 0
    stars: int = 0


class ActivityStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def conversation(self, public_id: str) -> Conversation | None:
        """The row, not held."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def add(self, row: Activity | ActivitySignUp) -> None:
        """Put one in. Raises IntegrityError when a seat is taken or she has one already."""
        self._session.add(row)
        await self._session.flush()

    async def named(self, public_id: str, *, lock: bool = False) -> Activity | None:
        """The activity; `lock`: nobody else gives or takes its seats before the commit."""
        query = select(Activity).where(Activity.public_id == public_id).execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def numbered(self, activity_id: int, *, lock: bool = False) -> Activity | None:
        """The same by its number inside."""
        query = select(Activity).where(Activity.id == activity_id).execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def coming(
        self, now: datetime, *, topic: ActivityTopic | None = None, area: str = "", first: datetime | None = None,
        last: datetime | None = None, words: str = "", limit: int = 300,
    ) -> Sequence[Activity]:  # fmt: skip
        """Published ones that have not begun, the soonest first."""
        conditions = [Activity.status == ActivityStatus.PUBLISHED, Activity.starts_at > now]
        conditions += _wanted(ActivityFilter(topic=topic, area=area, first=first, last=last, words=words))
        rows = await self._session.scalars(
            select(Activity).where(*conditions).order_by(Activity.starts_at, Activity.id).limit(limit)
        )
        return rows.all()

    async def page(
        self, scope: str, wanted: ActivityFilter, *, offset: int = 0, limit: int = 50, newest: bool = True
    ) -> Sequence[Activity]:
        """Of a branch, whatever their status, by when they begin."""
        order = (Activity.starts_at.desc(), Activity.id.desc()) if newest else (Activity.starts_at, Activity.id)
        rows = await self._session.scalars(
            select(Activity).where(*_in(scope), *_wanted(wanted)).order_by(*order).offset(offset).limit(limit)
        )
        return rows.all()

    async def tallies(self, activity_ids: Sequence[int]) -> dict[int, Tally]:
        """Counts by activity; an activity of nobody is not in it."""
        found = await self._session.execute(
            select(
                ActivitySignUp.activity_id,
                func.count().filter(ActivitySignUp.status.in_(SEATED)),
                func.count().filter(ActivitySignUp.status == SignUpStatus.WAITING),
                func.count().filter(ActivitySignUp.status == SignUpStatus.ATTENDED),
                func.count().filter(ActivitySignUp.status == SignUpStatus.NO_SHOW),
                func.count(ActivitySignUp.rating),
                func.coalesce(func.sum(ActivitySignUp.rating), 0),
            )
            .where(ActivitySignUp.activity_id.in_(activity_ids), ActivitySignUp.status != SignUpStatus.CANCELLED)
            .group_by(ActivitySignUp.activity_id)
        )
        return {
            number: Tally(seated, waiting, attended, no_show, rated, int(stars or 0))
            for number, seated, waiting, attended, no_show, rated, stars in found
        }

    async def counts(self, scope: str, area: str, first: datetime | None, last: datetime | None) -> dict[str, int]:
        """Of published ones in a branch and span: activities, seated, waiting, attended, rated, stars; and cancelled ones."""
        where = [*_in(scope), *_wanted(ActivityFilter(area=area, first=first, last=last))]
        held = Activity.status == ActivityStatus.PUBLISHED
        activities, cancelled = (
            await self._session.execute(
                select(
                    func.count().filter(held), func.count().filter(Activity.status == ActivityStatus.CANCELLED)
                ).where(*where)
            )
        ).one()
        seated, waiting, attended, rated, stars = (
            await self._session.execute(
                select(
                    func.count().filter(ActivitySignUp.status.in_(SEATED)),
                    func.count().filter(ActivitySignUp.status == SignUpStatus.WAITING),
                    func.count().filter(ActivitySignUp.status == SignUpStatus.ATTENDED),
                    func.count(ActivitySignUp.rating),
                    func.coalesce(func.sum(ActivitySignUp.rating), 0),
                )
                .join(Activity, Activity.id == ActivitySignUp.activity_id)
                .where(held, *where)
            )
        ).one()
        return {
            "activities": activities, "cancelled": cancelled, "seated": seated, "waiting": waiting,
            "attended": attended, "rated": rated, "stars": int(stars or 0),
        }  # fmt: skip

    async def free_seat(self, row: Activity) -> int | None:
        """The lowest number that nobody holds; None when it is full. The caller holds the activity."""
        held = set(
            await self._session.scalars(
                select(ActivitySignUp.seat).where(
                    ActivitySignUp.activity_id == row.id, ActivitySignUp.status.in_(SEATED)
                )
            )
        )
        if row.seats is not None and len(held) >= row.seats:
            return None
        return next(number for number in range(1, len(held) + 2) if number not in held)

    async def hers(self, conversation_id: int, activity_id: int, *, lock: bool = False) -> ActivitySignUp | None:
        """Her standing sign-up for one activity."""
        query = select(ActivitySignUp).where(
            ActivitySignUp.activity_id == activity_id,
            ActivitySignUp.conversation_id == conversation_id,
            ActivitySignUp.status != SignUpStatus.CANCELLED,
        )
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def all_hers(
        self, conversation_id: int, since: datetime, limit: int = 20
    ) -> Sequence[tuple[ActivitySignUp, Activity]]:
        """Her standing sign-ups for what ends after `since`, the soonest first."""
        rows = await self._session.execute(
            select(ActivitySignUp, Activity)
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(
                ActivitySignUp.conversation_id == conversation_id,
                ActivitySignUp.status != SignUpStatus.CANCELLED,
                Activity.ends_at > since,
            )
            .order_by(Activity.starts_at, Activity.id)
            .limit(limit)
        )
        return [(sign_up, activity) for sign_up, activity in rows]

    async def everything_of(self, conversation_id: int) -> Sequence[tuple[ActivitySignUp, Activity]]:
        """Every sign-up of hers, cancelled ones too, the oldest first: for her copy."""
        rows = await self._session.execute(
            select(ActivitySignUp, Activity)
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(ActivitySignUp.conversation_id == conversation_id)
            .order_by(Activity.starts_at, ActivitySignUp.id)
        )
        return [(sign_up, activity) for sign_up, activity in rows]

    async def sign_up(self, public_id: str) -> tuple[ActivitySignUp, Activity] | None:
        """One by its name, with its activity, not held."""
        row = (
            await self._session.execute(
                select(ActivitySignUp, Activity)
                .join(Activity, Activity.id == ActivitySignUp.activity_id)
                .where(ActivitySignUp.public_id == public_id)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def attendees(self, row: Activity, *, offset: int = 0, limit: int = 500) -> Sequence[ActivitySignUp]:
        """Who comes by seat, then who waits in their order."""
        rows = await self._session.scalars(
            select(ActivitySignUp)
            .where(ActivitySignUp.activity_id == row.id, ActivitySignUp.status != SignUpStatus.CANCELLED)
            .order_by(ActivitySignUp.seat.is_(None), ActivitySignUp.seat, ActivitySignUp.id)
            .offset(offset)
            .limit(limit)
        )
        return rows.all()

    async def next_waiting(self, activity_id: int) -> ActivitySignUp | None:
        """Who has waited longest."""
        return await self._session.scalar(
            select(ActivitySignUp)
            .where(ActivitySignUp.activity_id == activity_id, ActivitySignUp.status == SignUpStatus.WAITING)
            .order_by(ActivitySignUp.id)
            .limit(1)
        )

    async def waiting_before(self, sign_up: ActivitySignUp) -> int:
        """How many wait longer than she."""
        found = await self._session.scalar(
            select(func.count()).where(
                ActivitySignUp.activity_id == sign_up.activity_id,
                ActivitySignUp.status == SignUpStatus.WAITING,
                ActivitySignUp.id < sign_up.id,
            )
        )
        return int(found or 0)

    async def move(
        self, sign_up: ActivitySignUp, came_from: Sequence[SignUpStatus], status: SignUpStatus, now: datetime,
        seat: int | None = None,
    ) -> bool:  # fmt: skip
        """Into another state, if it is still in one of `came_from`; cancelling forgets how she is called."""
        values: dict[str, object] = {"status": status}
        if status is SignUpStatus.CANCELLED:
            values |= {"seat": None, "cancelled_at": now, "remind_at": None, "sealed_called": None}
        elif seat is not None:
            values["seat"] = seat
        done = await self._session.execute(
            update(ActivitySignUp)
            .where(ActivitySignUp.id == sign_up.id, ActivitySignUp.status.in_(came_from))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if not done.rowcount:  # type: ignore[attr-defined]
            return False
        await self._session.refresh(sign_up)
        return True

    async def by_code(self, code: str, begins_before: datetime, ends_after: datetime) -> Sequence[Activity]:
        """Published activities under way with this code."""
        rows = await self._session.scalars(
            select(Activity).where(
                Activity.sign_in_code == code, Activity.status == ActivityStatus.PUBLISHED,
                Activity.starts_at <= begins_before, Activity.ends_at >= ends_after,
            )
        )  # fmt: skip
        return rows.all()

    async def code_in_use(self, code: str, now: datetime) -> bool:
        """Whether an activity that is not over has it."""
        return bool(
            await self._session.scalar(select(exists().where(Activity.sign_in_code == code, Activity.ends_at > now)))
        )

    async def remove_sample(self) -> int:
        """Take out sample rows, sign-ups with them."""
        rows = (await self._session.scalars(select(Activity).where(Activity.synthetic.is_(True)))).all()
        for row in rows:
            await self._session.delete(row)
        await self._session.flush()
        return len(rows)


def _in(scope: str) -> list[ColumnElement[bool]]:
    return [Activity.division_code.startswith(scope, autoescape=True)] if scope else []


def _wanted(wanted: ActivityFilter) -> list[ColumnElement[bool]]:
    conditions = _in(wanted.area)
    if wanted.topic is not None:
        conditions.append(Activity.topic == wanted.topic)
    if wanted.status is not None:
        conditions.append(Activity.status == wanted.status)
    if wanted.series:
        conditions.append(Activity.series == wanted.series)
    if wanted.first is not None:
        conditions.append(Activity.starts_at >= wanted.first)
    if wanted.last is not None:
        conditions.append(Activity.starts_at < wanted.last)
    if wanted.words:
        columns = (Activity.title, Activity.description, Activity.audience, Activity.place, Activity.organizer)
        conditions.append(or_(*(column.contains(wanted.words, autoescape=True) for column in columns)))
    return conditions
