"""Volunteers, calls for help, and who was asked for which call. Who left keeps the hours, not the contact."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, false, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.volunteers import TAKES_A_PLACE, CallStatus, MatchStatus, VolunteerKind, VolunteerStatus
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column


class Volunteer(Record):
    """Somebody who helps. `conversation_id` None: known to the office only, not by chat.

    `skills` and `free` are codes between signs: 「+law+mind+」; "" none, and for `free`: nothing is fixed. `area`: a branch.
    `earlier_minutes`: served before this system, or told by a spreadsheet.
    """

    __tablename__ = "volunteers"
    __table_args__ = (
        Index("ux_volunteers_conversation", "conversation_id", unique=True),
        Index("ix_volunteers_list", "status", "kind", "area"),
        CheckConstraint("(status = 'left') = (left_at IS NOT NULL)", name="left_has_a_time"),
        CheckConstraint("status <> 'left' OR sealed_contact IS NULL", name="who_left_has_no_contact"),
        CheckConstraint("earlier_minutes >= 0", name="hours_are_not_negative"),
    )

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    kind: Mapped[VolunteerKind] = mapped_column(by_value(VolunteerKind, "volunteer_kind"))
    skills: Mapped[str] = mapped_column(String(400), default="")
    area: Mapped[str] = mapped_column(String(12))
    free: Mapped[str] = mapped_column(String(100), default="")
    sealed_contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[VolunteerStatus] = mapped_column(
        by_value(VolunteerStatus, "volunteer_status"), default=VolunteerStatus.APPLIED
    )
    earlier_minutes: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime] = mapped_column(index=True)
    left_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())


class VolunteerCall(Record):
    """Something that needs people. `need` is an officer's words, or a woman's masked question when `case_id` is set.

    `kind` None: any; `starts_at` None: the time is open; `wanted`: how many people.
    """

    __tablename__ = "volunteer_calls"
    __table_args__ = (
        Index("ix_volunteer_calls_list", "status", "id"),
        Index("ix_volunteer_calls_case", "case_id"),
        CheckConstraint("wanted BETWEEN 1 AND 200", name="somebody_is_wanted"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
    )

    public_id: Mapped[str] = public_id_column()
    area: Mapped[str] = mapped_column(String(12))
    need: Mapped[str] = mapped_column(String(600))
    kind: Mapped[VolunteerKind | None] = mapped_column(by_value(VolunteerKind, "volunteer_call_kind"))
    skills: Mapped[str] = mapped_column(String(400), default="")
    starts_at: Mapped[datetime | None]
    wanted: Mapped[int] = mapped_column(default=1)
    status: Mapped[CallStatus] = mapped_column(by_value(CallStatus, "volunteer_call_status"), default=CallStatus.OPEN)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    made_by: Mapped[str] = mapped_column(String(32), default="")
    made_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())


class VolunteerMatch(Record):
    """One volunteer asked for one call. `place` counts from 1 to the call's `wanted`: of many who accept, that many come in.

    `minutes` are recorded by an officer when it is done.
    """

    __tablename__ = "volunteer_matches"
    __table_args__ = (
        Index("ux_volunteer_matches_asked", "call_id", "volunteer_id", unique=True),
        Index("ux_volunteer_matches_place", "call_id", "place", unique=True),
        Index("ix_volunteer_matches_volunteer", "volunteer_id"),
        CheckConstraint("(status IN ('accepted', 'done')) = (place IS NOT NULL)", name="who_comes_has_a_place"),
        CheckConstraint("minutes = 0 OR status = 'done'", name="hours_when_done"),
        CheckConstraint("minutes BETWEEN 0 AND 6000", name="hours_are_hours"),
    )

    public_id: Mapped[str] = public_id_column()
    call_id: Mapped[int] = mapped_column(ForeignKey("volunteer_calls.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id", ondelete="CASCADE"))
    status: Mapped[MatchStatus] = mapped_column(
        by_value(MatchStatus, "volunteer_match_status"), default=MatchStatus.ASKED
    )
    place: Mapped[int | None]
    minutes: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(String(32), default="")


class VolunteerStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def conversation(self, public_id: str) -> Conversation | None:
        """The row, not held."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def of(self, conversation_id: int, *, lock: bool = False) -> Volunteer | None:
        """Hers."""
        query = select(Volunteer).where(Volunteer.conversation_id == conversation_id)
        query = query.execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def add(self, row: Volunteer) -> bool:
        """Keep a new one; False when this conversation has one already."""
        try:
            async with self._session.begin_nested():
                self._session.add(row)
                await self._session.flush()
        except IntegrityError:
            if row.conversation_id is None or await self.of(row.conversation_id) is None:
                raise
            return False
        return True

    async def named(self, public_id: str, *, lock: bool = False) -> Volunteer | None:
        """The row; `lock` holds it until the commit."""
        query = select(Volunteer).where(Volunteer.public_id == public_id).execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def add_call(self, row: VolunteerCall) -> VolunteerCall:
        """Keep a new call."""
        self._session.add(row)
        await self._session.flush()
        return row

    async def call(self, public_id: str, *, lock: bool = False) -> VolunteerCall | None:
        """The call; `lock` holds it until the commit."""
        query = select(VolunteerCall).where(VolunteerCall.public_id == public_id)
        query = query.execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def hold_match(self, public_id: str) -> tuple[VolunteerCall, Volunteer, VolunteerMatch] | None:
        """The call, held before the match, so that all who answer one call do so one after the other."""
        number = await self._session.scalar(select(VolunteerMatch.call_id).where(VolunteerMatch.public_id == public_id))
        if number is None:
            return None
        call = await self._session.scalar(
            select(VolunteerCall)
            .where(VolunteerCall.id == number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = (
            await self._session.execute(
                select(VolunteerMatch, Volunteer)
                .join(Volunteer, Volunteer.id == VolunteerMatch.volunteer_id)
                .where(VolunteerMatch.public_id == public_id)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return None if call is None or found is None else (call, found[1], found[0])

    async def ask(self, call: VolunteerCall, volunteer: Volunteer, now: datetime) -> VolunteerMatch | None:
        """Write down that she is asked; None when she was asked for it before."""
        row = VolunteerMatch(call_id=call.id, volunteer_id=volunteer.id, status=MatchStatus.ASKED, asked_at=now)
        try:
            async with self._session.begin_nested():
                self._session.add(row)
                await self._session.flush()
        except IntegrityError:
            return None
        return row

    async def take_place(self, call: VolunteerCall, match: VolunteerMatch, now: datetime) -> bool:
        """The next free place of a held call; False when all are taken. The index on places holds whatever else happens."""
        taken = set(
            await self._session.scalars(
                select(VolunteerMatch.place).where(
                    VolunteerMatch.call_id == call.id, VolunteerMatch.place.is_not(None)
                )
            )
        )  # fmt: skip
        free = next((place for place in range(1, call.wanted + 1) if place not in taken), None)
        if free is None:
            return False
        match.status, match.place, match.answered_at = MatchStatus.ACCEPTED, free, now
        if len(taken) + 1 >= call.wanted:
            call.status = CallStatus.FILLED
        await self._session.flush()
        return True

    async def give_up(self, call: VolunteerCall, match: VolunteerMatch, now: datetime) -> None:
        """She does not come (any more); her place is free again."""
        if match.place is not None and call.status is CallStatus.FILLED:
            call.status = CallStatus.OPEN
        match.status, match.place, match.answered_at = MatchStatus.DECLINED, None, now
        await self._session.flush()

    async def matches(self, call: VolunteerCall) -> list[tuple[VolunteerMatch, Volunteer]]:
        """All who were asked for it: who comes first."""
        rows = await self._session.execute(
            select(VolunteerMatch, Volunteer)
            .join(Volunteer, Volunteer.id == VolunteerMatch.volunteer_id)
            .where(VolunteerMatch.call_id == call.id)
            .order_by(VolunteerMatch.place.is_(None), VolunteerMatch.place, VolunteerMatch.id)
        )
        return [(match, volunteer) for match, volunteer in rows]

    async def of_volunteer(self, volunteer: Volunteer, limit: int) -> list[tuple[VolunteerMatch, VolunteerCall]]:
        """What she was asked for, the newest first."""
        rows = await self._session.execute(
            select(VolunteerMatch, VolunteerCall)
            .join(VolunteerCall, VolunteerCall.id == VolunteerMatch.call_id)
            .where(VolunteerMatch.volunteer_id == volunteer.id)
            .order_by(VolunteerMatch.id.desc())
            .limit(limit)
        )
        return [(match, call) for match, call in rows]

    async def minutes(self, volunteers: Sequence[int]) -> dict[int, int]:
        """Minutes recorded here, by the volunteer's row; nothing for those without any."""
        rows = await self._session.execute(
            select(VolunteerMatch.volunteer_id, func.sum(VolunteerMatch.minutes))
            .where(VolunteerMatch.volunteer_id.in_(volunteers), VolunteerMatch.minutes > 0)
            .group_by(VolunteerMatch.volunteer_id)
        )
        return {number: int(total) for number, total in rows}

    async def withdraw(self, volunteer_id: int, now: datetime) -> None:
        """Every place that she had taken in what is not over is free again, and nothing she was asked stays open."""
        open_calls = select(VolunteerCall.id).where(VolunteerCall.status != CallStatus.CLOSED)
        hers = select(VolunteerMatch.call_id).where(
            VolunteerMatch.volunteer_id == volunteer_id, VolunteerMatch.status == MatchStatus.ACCEPTED
        )
        await self._session.execute(
            update(VolunteerCall)
            .where(VolunteerCall.id.in_(hers), VolunteerCall.status == CallStatus.FILLED)
            .values(status=CallStatus.OPEN)
            .execution_options(synchronize_session=False)
        )
        await self._session.execute(
            update(VolunteerMatch)
            .where(
                VolunteerMatch.volunteer_id == volunteer_id,
                VolunteerMatch.call_id.in_(open_calls),
                VolunteerMatch.status.in_((MatchStatus.ASKED, MatchStatus.ACCEPTED)),
            )
            .values(status=MatchStatus.DECLINED, place=None, answered_at=now)
            .execution_options(synchronize_session=False)
        )

    async def known(self, public_ids: Sequence[str], table: type[Volunteer] | type[VolunteerCall]) -> set[str]:
        """Which of these there are."""
        return set(await self._session.scalars(select(table.public_id).where(table.public_id.in_(public_ids))))

    async def remove_synthetic(self) -> None:
        """Sample rows go, and what hangs on them."""
        for table in (VolunteerCall, Volunteer):
            for row in await self._session.scalars(select(table).where(table.synthetic)):
                await self._session.delete(row)
        await self._session.flush()

    async def is_empty(self) -> bool:
        """Whether there is nobody at all."""
        return await self._session.scalar(select(Volunteer.id).limit(1)) is None

    async def forget_case_words(self, case_ids: Sequence[int]) -> None:
        """What a woman asked goes from calls that were made for her."""
        await self._session.execute(
            update(VolunteerCall)
            .where(VolunteerCall.case_id.in_(case_ids))
            .values(need="")
            .execution_options(synchronize_session=False)
        )


def coded(keys: Sequence[str]) -> str:
    """「+law+mind+」, so that one code is found in it whole; "" for none."""
    return f"+{'+'.join(keys)}+" if keys else ""


def decoded(text: str) -> tuple[str, ...]:
    """The codes again."""
    return tuple(one for one in text.split("+") if one)


def comes(match: VolunteerMatch) -> bool:
    """Whether she takes one of the places."""
    return match.status in TAKES_A_PLACE
