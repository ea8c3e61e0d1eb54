"""Which rows are due to go, and letting them go, a small batch at a time; and the runs of the job that does it.

Rows that another process works on are skipped, not waited for: they are taken the next time.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from bot.domain.cases import CaseStatus
from bot.domain.retention import Kept
from bot.storage.accounts import Invitation
from bot.storage.activities import Activity, ActivitySignUp
from bot.storage.appointments import STANDING, Appointment, Visit
from bot.storage.cases import Case
from bot.storage.check_in import CheckIn
from bot.storage.console_sessions import ConsoleSession, SignInTries
from bot.storage.conversations import (
    Conversation,
    InboundMessage,
    InboundStatus,
    OfferedChoice,
    OutboundMessage,
    SharedPoint,
)
from bot.storage.holds import CaseHold, is_held
from bot.storage.mobile import MobileSubscription
from bot.storage.privacy import ForgetRequest, RecordCopy
from bot.storage.records import Record
from bot.storage.suggestions import Suggestion
from bot.storage.volunteers import Volunteer, VolunteerCall
from bot.storage.waiting_list import WaitingEntry
from bot.storage.wechat import WeChatNonce, WeChatProgress, WeChatReply, WeChatWindow

Conditions = tuple[ColumnElement[bool], ...]


class RetentionRun(Record):
    """One run of the job. `slot` is its place in time: of many processes one makes it. `removed`: 「text=3 cases=1」.

    Without `ended_at` the process died; the next slot goes on where it stopped. `note` tells what could not be done.
    """

    __tablename__ = "retention_runs"
    __table_args__ = (UniqueConstraint("slot"),)

    slot: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    removed: Mapped[str] = mapped_column(String(500), default="")
    note: Mapped[str] = mapped_column(String(100), default="")


BY_AGE: Mapping[Kept, tuple[type[Record], InstrumentedAttribute[datetime]]] = {
    Kept.SHARED_POINTS: (SharedPoint, SharedPoint.expires_at),
    Kept.WECHAT_NONCES: (WeChatNonce, WeChatNonce.seen_at),
    Kept.WECHAT_REPLIES: (WeChatReply, WeChatReply.said_at),
    Kept.WECHAT_PROGRESS: (WeChatProgress, WeChatProgress.updated_at),
    Kept.WECHAT_WINDOWS: (WeChatWindow, WeChatWindow.ends_at),
    Kept.CONSOLE_SESSIONS: (ConsoleSession, ConsoleSession.opened_at),
    Kept.SIGN_IN_TRIES: (SignInTries, SignInTries.tried_at),
    Kept.INVITATIONS: (Invitation, Invitation.expires_at),
    Kept.RECORD_COPIES: (RecordCopy, RecordCopy.expires_at),
    Kept.MOBILE_SUBSCRIPTIONS: (MobileSubscription, MobileSubscription.ends_at),
    Kept.RUNS: (RetentionRun, RetentionRun.started_at),
}
"""What is deleted by one column and nothing else."""


@dataclass(frozen=True, slots=True)
class Due:
    """Which rows (by id) a rule is about, and which of them are due."""

    table: type[Record]
    where: Conditions


class RetentionStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def total(self, kept: Kept) -> int:
        """How many rows the rule is about."""
        return await self._count(_all(kept))

    async def due(self, kept: Kept, before: datetime, now: datetime) -> int:
        """How many of them would go now."""
        return await self._count(_due(kept, before, now))

    async def purge(self, kept: Kept, before: datetime, now: datetime, limit: int) -> int:
        """Let a batch go; how many went."""
        due = _due(kept, before, now)
        wanted = select(due.table.id).where(*due.where).order_by(due.table.id).limit(limit)
        held = (await self._session.scalars(wanted.with_for_update(skip_locked=True, of=due.table))).all()
        # Looked at once more, now that they are held: a hold set while we looked is seen by a new statement only.
        ids = (await self._session.scalars(select(due.table.id).where(due.table.id.in_(held), *due.where))).all()
        if not ids:
            return 0
        if kept is Kept.CONTACTS:
            await self._change(Appointment, ids, sealed_called=None, sealed_phone=None)
        elif kept is Kept.TEXT:
            await self._blank(ids)
        else:
            await self._session.execute(delete(due.table).where(due.table.id.in_(ids)))
        return len(ids)

    async def tables(self) -> Mapping[str, int]:
        """Every table of this database and how many rows it has, whether a rule names it or not."""
        connection = await self._session.connection()
        known = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        tables: list[Table] = [table for table in Record.metadata.sorted_tables if table.name in set(known)]
        return {
            table.name: int(await self._session.scalar(select(func.count()).select_from(table)) or 0)
            for table in tables
        }

    async def begin_run(self, slot: int, now: datetime) -> bool:
        """Be the one run of this slot; False when another process is."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        made = await self._session.scalar(
            kind(RetentionRun)
            .values(slot=slot, started_at=now, removed="", note="")
            .on_conflict_do_nothing(index_elements=["slot"])
            .returning(RetentionRun.id)
        )
        return made is not None

    async def end_run(self, slot: int, now: datetime, removed: str, note: str) -> None:
        """Write down what came of it. Earlier runs that removed nothing and had no trouble tell nothing, and go."""
        await self._session.execute(
            update(RetentionRun).where(RetentionRun.slot == slot).values(ended_at=now, removed=removed, note=note)
        )
        await self._session.execute(
            delete(RetentionRun).where(
                RetentionRun.slot < slot,
                RetentionRun.ended_at.is_not(None),
                RetentionRun.removed == "",
                RetentionRun.note == "",
            )
        )

    async def runs(self, limit: int) -> Sequence[RetentionRun]:
        """The last ones, newest first."""
        rows = await self._session.scalars(select(RetentionRun).order_by(RetentionRun.slot.desc()).limit(limit))
        return rows.all()

    async def waiting_wishes(self) -> int:
        """How many women asked to be forgotten and still are not: a case is open, or a hold runs."""
        return int(await self._session.scalar(select(func.count()).select_from(ForgetRequest)) or 0)

    async def holds(self) -> int:
        """How many holds run."""
        return int(await self._session.scalar(select(func.count()).where(CaseHold.lifted_at.is_(None))) or 0)

    async def _count(self, due: Due) -> int:
        query: Select[Any] = select(func.count()).select_from(due.table).where(*due.where)
        return int(await self._session.scalar(query) or 0)

    async def _change(self, table: type[Record], ids: Sequence[int], **values: object) -> None:
        await self._session.execute(
            update(table).where(table.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
        )

    async def _blank(self, conversations: Sequence[int]) -> None:
        """Her words as she wrote them and who she is go; what is masked stays, and leads back to nobody."""
        for table in (InboundMessage, OutboundMessage):
            await self._session.execute(
                update(table)
                .where(table.conversation_id.in_(conversations))
                .values(sealed=b"")
                .execution_options(synchronize_session=False)
            )
        await self._session.execute(delete(OfferedChoice).where(OfferedChoice.conversation_id.in_(conversations)))
        for number in conversations:
            await self._change(Conversation, [number], sealed_sender=b"", sender_digest=secrets.token_hex(32))


def _all(kept: Kept) -> Due:
    if kept in BY_AGE:
        return Due(BY_AGE[kept][0], ())
    table = OTHERS[kept][0]
    return Due(table, {Kept.CONTACTS: (_has_contact(),), Kept.TEXT: (_has_text(),)}.get(kept, ()))


def _due(kept: Kept, before: datetime, now: datetime) -> Due:
    """Idle and unheld talks, services that are over, cases that are closed: nothing that anybody is in the middle of."""
    if kept in BY_AGE:
        table, column = BY_AGE[kept]
        return Due(table, (column < before,))
    table, conditions = OTHERS[kept]
    return Due(table, conditions(before, now))


def _old_choices(before: datetime, _: datetime) -> Conditions:
    return (exists().where(OutboundMessage.id == OfferedChoice.outbound_id, OutboundMessage.created_at < before),)


def _done_waiting(before: datetime, _: datetime) -> Conditions:
    return (WaitingEntry.closed_at < before, ~is_held(WaitingEntry.conversation_id))


def _closed_cases(before: datetime, _: datetime) -> Conditions:
    """Another case of hers that is held keeps this one too: they tell one story."""
    held = exists().where(CaseHold.case_id == Case.id, CaseHold.lifted_at.is_(None))
    sister = aliased(Case)
    of_sister = exists().where(
        CaseHold.case_id == sister.id,
        CaseHold.lifted_at.is_(None),
        sister.conversation_id == Case.conversation_id,
    )
    return (Case.status == CaseStatus.CLOSED, Case.closed_at < before, ~held, ~of_sister)


def _old_contacts(before: datetime, now: datetime) -> Conditions:
    return (_has_contact(), *_over(before, now))


def _old_text(before: datetime, now: datetime) -> Conditions:
    return (_has_text(), *_silent(before, now))


def _past_sign_ups(before: datetime, _: datetime) -> Conditions:
    ended = exists().where(Activity.id == ActivitySignUp.activity_id, Activity.ends_at < before)
    return (ended, ~is_held(ActivitySignUp.conversation_id))


def _settled_suggestions(before: datetime, _: datetime) -> Conditions:
    return (Suggestion.settled_at < before, ~is_held(Suggestion.conversation_id))


def _old_check_ins(before: datetime, _: datetime) -> Conditions:
    return (CheckIn.consented_at < before, ~is_held(CheckIn.conversation_id))


def _gone_volunteers(before: datetime, _: datetime) -> Conditions:
    return (Volunteer.left_at < before, ~is_held(Volunteer.conversation_id))


def _closed_calls(before: datetime, _: datetime) -> Conditions:
    return (VolunteerCall.closed_at < before,)


def _has_contact() -> ColumnElement[bool]:
    return or_(Appointment.sealed_called.is_not(None), Appointment.sealed_phone.is_not(None))


def _has_text() -> ColumnElement[bool]:
    return func.length(Conversation.sealed_sender) > 0


def _over(before: datetime, _: datetime) -> Conditions:
    later = exists().where(Visit.appointment_id == Appointment.id, Visit.ends_at >= before)
    return (Appointment.created_at < before, ~later, ~is_held(Appointment.conversation_id))


def _silent(before: datetime, now: datetime) -> Conditions:
    """She has not written since; no turn is under way, no case is kept, nothing is booked or waited for.

    A volunteer is asked for help in her talk, so it stays until she leaves.
    """
    number = Conversation.id
    answering = and_(InboundMessage.conversation_id == number, InboundMessage.status != InboundStatus.ANSWERED)
    coming = (
        select(Visit.id)
        .join(Appointment, Appointment.id == Visit.appointment_id)
        .where(Appointment.conversation_id == number, Appointment.status.in_(STANDING), Visit.ends_at > now)
        .exists()
    )
    signed_up = and_(
        ActivitySignUp.conversation_id == number, Activity.id == ActivitySignUp.activity_id, Activity.ends_at > now
    )
    return (
        Conversation.last_inbound_at < before,
        ~exists().where(answering),
        ~exists().where(Case.conversation_id == number),
        ~exists().where(Volunteer.conversation_id == number, Volunteer.left_at.is_(None)),
        ~coming,
        ~exists().where(signed_up),
        ~exists().where(WaitingEntry.conversation_id == number, WaitingEntry.closed_at.is_(None)),
    )


OTHERS: Mapping[Kept, tuple[type[Record], Callable[[datetime, datetime], Conditions]]] = {
    Kept.CHOICES: (OfferedChoice, _old_choices),
    Kept.CONTACTS: (Appointment, _old_contacts),
    Kept.WAITING: (WaitingEntry, _done_waiting),
    Kept.APPOINTMENTS: (Appointment, _over),
    Kept.SIGN_UPS: (ActivitySignUp, _past_sign_ups),
    Kept.CASES: (Case, _closed_cases),
    Kept.SUGGESTIONS: (Suggestion, _settled_suggestions),
    Kept.VOLUNTEERS: (Volunteer, _gone_volunteers),
    Kept.VOLUNTEER_CALLS: (VolunteerCall, _closed_calls),
    Kept.CHECK_INS: (CheckIn, _old_check_ins),
    Kept.TEXT: (Conversation, _old_text),
    Kept.CONVERSATIONS: (Conversation, _silent),
}
"""What takes more than one column to know: (table, conditions by what is older than, and now)."""
