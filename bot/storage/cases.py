"""Cases, their history, and whom she ruled out. Notes, tasks and referrals are in `case_papers`, alerts in `case_alerts`.

Who changes a case holds its conversation's row first and the case's row second, always in this order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    select,
    text,
    update,
)
from sqlalchemy import case as when
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import (
    UNTAKEN,
    CaseAct,
    CaseOutcome,
    CaseStatus,
    Consent,
    ExclusionKind,
    Helped,
    OpenReason,
)
from bot.domain.messages import InboundKind, Owner
from bot.domain.risk import RiskKind, RiskLevel
from bot.storage.conversations import (
    Conversation,
    InboundMessage,
    InboundStatus,
    OutboundMessage,
    hold_conversation,
)
from bot.storage.records import Record, by_value, public_id_column

WOMAN, SYSTEM = "woman", "system"
"""Who acted, when it was no officer; an officer is named by her account's public id."""
LONGEST_DETAIL = 200


class Case(Record):
    """What a person takes over. Texts in it are masked. `area`, `route_from` are branches of the area tree, "" unknown.

    `waiting_since`: she wrote and her officer has not answered. `told_at`: she knows that a person was asked for.
    `routing_since`: when the present round of asking officers began; `next_look_at`: when to look again for somebody.
    `preferred_officer_id` had the case before and is asked first. Without a conversation she came or called.
    `federation_id`: the federation at her work that she chose herself; None is the area tree, as ever.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ux_cases_open", "conversation_id", unique=True,
              sqlite_where=text("status != 'closed' AND conversation_id IS NOT NULL"),
              postgresql_where=text("status != 'closed' AND conversation_id IS NOT NULL")),
        Index("ix_cases_waiting", "next_look_at", sqlite_where=text("status = 'waiting'"),
              postgresql_where=text("status = 'waiting'")),
        Index("ix_cases_open", "due_at", sqlite_where=text("status != 'closed'"),
              postgresql_where=text("status != 'closed'")),
        Index("ix_cases_officer", "officer_id", "status"),
        Index("ix_cases_area", "area"),
        Index("ix_cases_conversation", "conversation_id"),
        CheckConstraint("status NOT IN ('waiting', 'alerted') OR officer_id IS NULL", name="nobody_has_what_waits"),
        CheckConstraint("status != 'taken' OR officer_id IS NOT NULL", name="somebody_has_what_is_taken"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_an_outcome"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    status: Mapped[CaseStatus] = mapped_column(by_value(CaseStatus, "case_status"), default=CaseStatus.WAITING)
    level: Mapped[CaseLevel] = mapped_column(by_value(CaseLevel, "case_level"))
    reason: Mapped[OpenReason] = mapped_column(by_value(OpenReason, "open_reason"))
    topic: Mapped[Topic] = mapped_column(by_value(Topic, "topic"), default=Topic.UNKNOWN)
    area: Mapped[str] = mapped_column(String(12), default="")
    route_from: Mapped[str] = mapped_column(String(12), default="")
    due_at: Mapped[datetime]
    need: Mapped[str] = mapped_column(String(1000), default="")
    place: Mapped[str] = mapped_column(String(100), default="")
    risk: Mapped[RiskLevel] = mapped_column(by_value(RiskLevel, "risk"), default=RiskLevel.NONE)
    risk_kind: Mapped[RiskKind | None] = mapped_column(by_value(RiskKind, "risk_kind"))
    tried: Mapped[str] = mapped_column(String(500), default="")
    may_call: Mapped[Consent] = mapped_column(by_value(Consent, "may_call"), default=Consent.UNKNOWN)
    safe_to_write: Mapped[Consent] = mapped_column(by_value(Consent, "safe_to_write"), default=Consent.UNKNOWN)
    wishes: Mapped[str] = mapped_column(String(500), default="")
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    preferred_officer_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    federation_id: Mapped[str | None] = mapped_column(ForeignKey("federations.public_id"), index=True)
    opened_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    routing_since: Mapped[datetime]
    next_look_at: Mapped[datetime | None]
    outcome: Mapped[CaseOutcome | None] = mapped_column(by_value(CaseOutcome, "case_outcome"))
    helped: Mapped[Helped | None] = mapped_column(by_value(Helped, "helped"))
    helped_why: Mapped[str] = mapped_column(String(32), default="")
    help_asked_at: Mapped[datetime | None]
    rated_at: Mapped[datetime | None]


class CaseEvent(Record):
    """One act of a case's history, never changed. `actor` is an account's public id, 「woman」 or 「system」."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case", "case_id", "id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(32))
    act: Mapped[CaseAct] = mapped_column(by_value(CaseAct, "case_act"))
    detail: Mapped[str] = mapped_column(String(LONGEST_DETAIL), default="")


class CaseExclusion(Record):
    """Somebody she does not want: `value` is a level of offices, a surname, or an account's or a federation's public id
    (`bot.domain.federations.EVERY` for all federations at work)."""

    __tablename__ = "case_exclusions"
    __table_args__ = (UniqueConstraint("case_id", "kind", "value"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    kind: Mapped[ExclusionKind] = mapped_column(by_value(ExclusionKind, "exclusion_kind"))
    value: Mapped[str] = mapped_column(String(40))


class CaseStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold_conversation(self, conversation_id: int) -> Conversation:
        """The conversation as it is now; nobody else changes its owner before this transaction ends."""
        return await hold_conversation(self._session, conversation_id)

    async def conversation_named(self, public_id: str) -> int | None:
        """The row of a conversation, by its public id."""
        return await self._session.scalar(select(Conversation.id).where(Conversation.public_id == public_id))

    async def conversation_name(self, case: Case) -> str:
        """The public id of its conversation; "" when there is none."""
        if case.conversation_id is None:
            return ""
        wanted = select(Conversation.public_id).where(Conversation.id == case.conversation_id)
        return await self._session.scalar(wanted) or ""

    async def named(self, public_id: str) -> Case | None:
        """The case, not held."""
        return await self._session.scalar(select(Case).where(Case.public_id == public_id))

    async def hold(self, public_id: str) -> tuple[Case, Conversation | None] | None:
        """The case as it is now and its conversation; nobody else changes either before this transaction ends."""
        known = (
            await self._session.execute(select(Case.conversation_id).where(Case.public_id == public_id))
        ).one_or_none()
        if known is None:
            return None
        conversation = None if known[0] is None else await self.hold_conversation(known[0])
        case = await self._held(Case.public_id == public_id)
        return None if case is None else (case, conversation)

    async def hold_open(self, conversation_id: int) -> Case | None:
        """The open case of a conversation that is held already."""
        return await self._held(Case.conversation_id == conversation_id, Case.status != CaseStatus.CLOSED)

    async def lacks_place(self, conversation: str, reasons: Collection[OpenReason]) -> bool:
        """Whether a conversation has an open case, opened for one of these reasons, of which no area is known."""
        found = await self._session.scalar(
            select(Case.id)
            .join(Conversation, Conversation.id == Case.conversation_id)
            .where(
                Conversation.public_id == conversation,
                Case.status != CaseStatus.CLOSED,
                Case.reason.in_(reasons),
                Case.area == "",
            )
        )
        return found is not None

    async def hold_last_closed(self, conversation_id: int) -> Case | None:
        """The case of a held conversation that was closed last."""
        newest = await self._session.scalar(
            select(Case.id)
            .where(Case.conversation_id == conversation_id, Case.status == CaseStatus.CLOSED)
            .order_by(Case.closed_at.desc(), Case.id.desc())
            .limit(1)
        )
        return None if newest is None else await self._held(Case.id == newest)

    async def add(self, case: Case) -> bool:
        """Put a new case in; False when the conversation has an open one."""
        try:
            async with self._session.begin_nested():
                self._session.add(case)
        except IntegrityError:
            return False
        return True

    async def take(self, case: Case, officer: str, now: datetime) -> bool:
        """Give the case to an officer if nobody has it: of many at once exactly one gets True."""
        taken = await self._session.execute(
            update(Case)
            .where(Case.id == case.id, Case.officer_id.is_(None), Case.status.in_(UNTAKEN))
            .values(status=CaseStatus.TAKEN, officer_id=officer, taken_at=now, next_look_at=None)
            .execution_options(synchronize_session=False)
        )
        await self._session.refresh(case)
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def own(self, conversation: Conversation, owner: Owner) -> None:
        """Another owner speaks from now on; the version tells late answers that they are late."""
        if conversation.owner is not owner:
            conversation.owner = owner
            conversation.version += 1
            await self._session.flush()

    async def give_to_bot(self, conversation: Conversation) -> None:
        """The assistant speaks again; before the engine is asked, it leaves its form."""
        await self.own(conversation, Owner.BOT)
        conversation.leave_forms = True

    async def note(self, case: Case, act: CaseAct, actor: str, now: datetime, detail: str = "") -> None:
        """Add to the history; `detail` is masked."""
        self._session.add(CaseEvent(case_id=case.id, at=now, actor=actor, act=act, detail=detail[:LONGEST_DETAIL]))
        await self._session.flush()

    async def events(self, case: Case) -> Sequence[CaseEvent]:
        """The history, oldest first."""
        rows = await self._session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id))
        return rows.all()

    async def exclusions(self, case: Case) -> frozenset[tuple[ExclusionKind, str]]:
        """Whom she ruled out."""
        rows = await self._session.execute(
            select(CaseExclusion.kind, CaseExclusion.value).where(CaseExclusion.case_id == case.id)
        )
        return frozenset((kind, value) for kind, value in rows)

    async def exclude(self, case: Case, named: Sequence[tuple[ExclusionKind, str]]) -> None:
        """Rule these out; the case is held, so nobody adds the same at this moment."""
        self._session.add_all(CaseExclusion(case_id=case.id, kind=kind, value=value) for kind, value in named)
        await self._session.flush()

    async def allow_federations(self, case: Case, federations: Collection[str]) -> None:
        """She chose one of these after she had ruled it out: her last word counts."""
        await self._session.execute(
            delete(CaseExclusion).where(
                CaseExclusion.case_id == case.id,
                CaseExclusion.kind == ExclusionKind.FEDERATION,
                CaseExclusion.value.in_(federations),
            )
        )

    async def said(self, conversation_id: int, limit: int) -> Sequence[InboundMessage]:
        """What she sent last, newest first."""
        rows = await self._session.scalars(
            select(InboundMessage)
            .where(InboundMessage.conversation_id == conversation_id, InboundMessage.kind != InboundKind.EVENT)
            .order_by(InboundMessage.id.desc())
            .limit(limit)
        )
        return rows.all()

    async def being_answered(self, conversation_id: int) -> InboundMessage | None:
        """The message whose turn is under way, if there is one: the oldest that is open."""
        return await self._session.scalar(
            select(InboundMessage)
            .where(InboundMessage.conversation_id == conversation_id, InboundMessage.status != InboundStatus.ANSWERED)
            .order_by(InboundMessage.id)
            .limit(1)
        )

    async def was_answered(self, inbound_id: int) -> bool:
        """Whether anything but a holding sentence was said to this message."""
        found = await self._session.scalar(
            select(OutboundMessage.id).where(
                OutboundMessage.inbound_id == inbound_id, OutboundMessage.holding.is_(False)
            ).limit(1)
        )  # fmt: skip
        return found is not None

    async def _held(self, *wanted: object) -> Case | None:
        return await self._session.scalar(
            select(Case)
            .where(*wanted)  # type: ignore[arg-type]
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )


def gravity() -> ColumnElement[int]:
    """Sorts the gravest level first."""
    return when({level.value: -level.rank for level in CaseLevel}, value=Case.level)
