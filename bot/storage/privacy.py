"""Forgetting one woman: what she asked for, what stands in the way, and taking her out of every table."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.appointments import AppointmentStatus
from bot.domain.cases import CaseStatus
from bot.domain.retention import Block
from bot.storage.aid import AidApplication
from bot.storage.appointments import Appointment, AppointmentStore, Visit
from bot.storage.case_papers import REFERRAL, CaseNote, CaseReferral, CaseReply, CaseTask
from bot.storage.cases import Case, CaseEvent, CaseExclusion
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus, OutboundMessage, SharedPoint
from bot.storage.holds import CaseHold, is_held
from bot.storage.records import Record
from bot.storage.reminders import Reminder
from bot.storage.sealing import Keyring
from bot.storage.suggestions import Suggestion
from bot.storage.turns import TurnStore
from bot.storage.volunteers import VolunteerStore
from bot.storage.wechat import WeChatProgress, WeChatStore

TICKET = "record copy"
STEP = 500
"""Pages of SQLite's index of words that are merged in one transaction."""
DISTRICT = 6
"""Digits of a division code that are left of where she lives."""


class ForgetRequest(Record):
    """She wants her records gone. Named by the conversation's public id, for the row outlives the conversation.

    `erased_at`: our tables are done, and the engine is asked until it has forgotten too; then the row goes.
    """

    __tablename__ = "forget_requests"

    conversation: Mapped[str] = mapped_column(String(32), unique=True)
    keep_appointments: Mapped[bool]
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]


class RecordCopy(Record):
    """A one-time link to her own records, good for the conversation that asked and for minutes."""

    __tablename__ = "record_copies"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ForgetStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def conversation(self, public_id: str) -> Conversation | None:
        """The row, not held."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def hold(self, public_id: str) -> Conversation | None:
        """The row, and nobody writes into the conversation before this transaction ends."""
        return await self._session.scalar(
            select(Conversation).where(Conversation.public_id == public_id).with_for_update()
        )

    async def ask(self, conversation: str, now: datetime, due: datetime, *, keep_appointments: bool) -> None:
        """Write her wish down; a second one changes the first."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        values = {"keep_appointments": keep_appointments, "asked_at": now, "next_at": due}
        await self._session.execute(
            kind(ForgetRequest)
            .values(conversation=conversation, **values)
            .on_conflict_do_update(
                index_elements=["conversation"], set_=values, where=ForgetRequest.erased_at.is_(None)
            )
        )

    async def withdraw(self, conversation: str) -> bool:
        """She changed her mind; False when there was nothing to take back."""
        gone = await self._session.execute(
            delete(ForgetRequest).where(
                ForgetRequest.conversation == conversation, ForgetRequest.erased_at.is_(None)
            )
        )  # fmt: skip
        return bool(gone.rowcount)  # type: ignore[attr-defined]

    async def request(self, conversation: str, *, lock: bool = False) -> ForgetRequest | None:
        """Her wish, if there is one."""
        query = select(ForgetRequest).where(ForgetRequest.conversation == conversation)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Conversations whose turn has come, the oldest wish first."""
        rows = await self._session.scalars(
            select(ForgetRequest.conversation)
            .where(ForgetRequest.next_at <= now)
            .order_by(ForgetRequest.asked_at, ForgetRequest.id)
            .limit(limit)
        )
        return rows.all()

    async def postpone(self, request: ForgetRequest, until: datetime) -> None:
        """Look again then."""
        request.next_at = until
        await self._session.flush()

    async def mark_erased(self, request: ForgetRequest, now: datetime, again: datetime) -> None:
        """Our tables are done."""
        request.erased_at, request.next_at = now, again
        await self._session.flush()

    async def done(self, conversation: str) -> None:
        """The engine has forgotten too."""
        await self._session.execute(
            delete(ForgetRequest).where(
                ForgetRequest.conversation == conversation, ForgetRequest.erased_at.is_not(None)
            )
        )  # fmt: skip

    async def block(self, conversation_id: int) -> Block | None:
        """What stands in the way now."""
        if await self._session.scalar(select(is_held(Conversation.id)).where(Conversation.id == conversation_id)):
            return Block.HELD
        is_open = exists().where(Case.conversation_id == conversation_id, Case.status != CaseStatus.CLOSED)
        return Block.OPEN_CASE if await self._session.scalar(select(is_open)) else None

    async def is_busy(self, conversation_id: int) -> bool:
        """Whether a turn is under way."""
        return bool(
            await self._session.scalar(
                select(
                    exists().where(
                        InboundMessage.conversation_id == conversation_id,
                        InboundMessage.status != InboundStatus.ANSWERED,
                    )
                )
            )
        )

    async def is_owed(self, conversation_id: int) -> bool:
        """Whether something said to her has not reached her."""
        return bool(
            await self._session.scalar(
                select(
                    exists().where(
                        OutboundMessage.conversation_id == conversation_id, OutboundMessage.delivered_at.is_(None)
                    )
                )
            )
        )

    async def closed_cases(self, conversation_id: int) -> int:
        """How many cases of hers are closed: what is left of them is said to her."""
        wanted = select(func.count()).where(
            Case.conversation_id == conversation_id, Case.status == CaseStatus.CLOSED
        )  # fmt: skip
        return int(await self._session.scalar(wanted) or 0)

    async def suggestions(self, conversation_id: int) -> int:
        """How many suggestions of hers there are: what was asked for stays without her words."""
        wanted = select(func.count()).where(Suggestion.conversation_id == conversation_id)
        return int(await self._session.scalar(wanted) or 0)

    async def messages(self, conversation_id: int) -> int:
        """How many messages of both sides there are."""
        counts = [
            await self._session.scalar(select(func.count()).where(table.conversation_id == conversation_id))
            for table in (InboundMessage, OutboundMessage)
        ]
        return sum(int(count or 0) for count in counts)

    async def erase(self, conversation: Conversation, now: datetime, *, keep_appointments: bool) -> None:
        """Take her out of every table; the conversation is held, nothing blocks, no turn is under way.

        What stays: appointments without her, cases without her words, the audit log, which never held any.
        """
        await self._appointments(conversation.id, now, keep=keep_appointments)
        await self._passing(conversation)
        await self._volunteering(conversation.id, now)
        await self._cases(conversation.id)
        await self._session.execute(delete(Conversation).where(Conversation.id == conversation.id))
        self._session.expunge_all()

    async def _appointments(self, conversation_id: int, now: datetime, *, keep: bool) -> None:
        hers = select(Appointment.id).where(Appointment.conversation_id == conversation_id)
        await self._session.execute(delete(Reminder).where(Reminder.appointment_id.in_(hers)))
        if keep:
            coming = exists().where(Visit.appointment_id == Appointment.id, Visit.ends_at > now)
            await self._session.execute(
                update(Appointment)
                .where(
                    Appointment.conversation_id == conversation_id,
                    Appointment.status == AppointmentStatus.BOOKED,
                    coming,
                )
                .values(conversation_id=None, remind=False)
                .execution_options(synchronize_session=False)
            )
        await AppointmentStore(self._session).forget(conversation_id, now)

    async def _passing(self, conversation: Conversation) -> None:
        """What is not bound to the conversation by a key, and would only go with time."""
        payloads = await self._session.scalars(
            select(InboundMessage.payload).where(
                InboundMessage.conversation_id == conversation.id, InboundMessage.payload.contains("#")
            )
        )
        points = [payload.partition("#")[2] for payload in payloads if payload]
        await self._session.execute(delete(SharedPoint).where(SharedPoint.public_id.in_(points)))
        ours = select(OutboundMessage.public_id).where(OutboundMessage.conversation_id == conversation.id)
        await self._session.execute(delete(WeChatProgress).where(WeChatProgress.message_id.in_(ours)))
        if conversation.sealed_sender:
            sender = TurnStore(self._session, self._keyring).sender_of(conversation)
            await WeChatStore(self._session, self._keyring).close_windows(sender)

    async def _volunteering(self, conversation_id: int, now: datetime) -> None:
        """Places that she had taken as a volunteer are free for others; the rest goes with the conversation."""
        store = VolunteerStore(self._session)
        row = await store.of(conversation_id)
        if row is not None:
            await store.withdraw(row.id, now)

    async def _cases(self, conversation_id: int) -> None:
        """What is left: that a case of this topic and level was opened, taken and closed in this district, and when."""
        cases = (await self._session.scalars(select(Case.id).where(Case.conversation_id == conversation_id))).all()
        for table in (CaseNote, CaseTask, CaseReply, CaseExclusion):
            await self._session.execute(delete(table).where(table.case_id.in_(cases)))
        await self._session.execute(update(CaseEvent).where(CaseEvent.case_id.in_(cases)).values(detail=""))
        nothing = self._keyring.seal("", REFERRAL)
        await self._session.execute(
            update(CaseReferral)
            .where(CaseReferral.case_id.in_(cases))
            .values(body_name="", sealed_facts=nothing, sealed_contact=None)
        )
        await VolunteerStore(self._session).forget_case_words(cases)
        # Officers wrote these freely: a name may stand in them that masking does not know.
        await self._session.execute(update(AidApplication).where(AidApplication.case_id.in_(cases)).values(reason=""))
        await self._session.execute(
            update(CaseHold).where(CaseHold.case_id.in_(cases)).values(reason="", lift_reason="")
        )
        await self._session.execute(
            update(Case)
            .where(Case.id.in_(cases))
            .values(
                need="", place="", tried="", wishes="", conversation_id=None,
                area=func.substr(Case.area, 1, DISTRICT), route_from=func.substr(Case.route_from, 1, DISTRICT),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip

    async def close_up(self, *, first: bool) -> bool:
        """One step of rewriting SQLite's index of words without what was taken out of it; False when nothing is left to do.

        PostgreSQL's VACUUM does that by itself.
        """
        if self._session.get_bind().dialect.name != "sqlite":
            return False
        before = await self._session.scalar(text("SELECT total_changes()"))
        pages = -STEP if first else STEP
        await self._session.execute(
            text("INSERT INTO message_grams(message_grams, rank) VALUES ('merge', :pages)"), {"pages": pages}
        )
        after = await self._session.scalar(text("SELECT total_changes()"))
        return int(after or 0) - int(before or 0) >= 2  # FTS5: fewer means that there was nothing to merge

    async def offer_copy(self, conversation_id: int, expires_at: datetime) -> str:
        """A new ticket to a copy of her records."""
        ticket = secrets.token_urlsafe(24)
        self._session.add(
            RecordCopy(
                conversation_id=conversation_id, digest=self._keyring.digest(ticket, TICKET), expires_at=expires_at
            )
        )
        await self._session.flush()
        return ticket

    async def take_copy(self, ticket: str, conversation_id: int, now: datetime) -> bool:
        """Use a ticket up: of many at once exactly one gets True, and only in the conversation that asked."""
        used = await self._session.execute(
            delete(RecordCopy).where(
                RecordCopy.digest.in_(self._keyring.digests(ticket, TICKET)),
                RecordCopy.conversation_id == conversation_id,
                RecordCopy.expires_at > now,
            )
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]
