"""Alerts: one officer is asked to take a case, until a deadline. Each step of an alert is one conditional statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, and_, false, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.case_topics import CaseLevel
from bot.domain.cases import AlertOutcome, CaseStatus
from bot.domain.messages import Owner
from bot.storage.accounts import Account
from bot.storage.cases import Case, gravity
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column
from bot.storage.rota import Presence


class CaseAlert(Record):
    """One officer who was asked. `office` is the branch for which she was asked, or (`at_work`) where her federation sits."""

    __tablename__ = "case_alerts"
    __table_args__ = (
        Index("ux_case_alerts_pending", "case_id", unique=True,
              sqlite_where=text("outcome = 'pending'"), postgresql_where=text("outcome = 'pending'")),
        Index("ix_case_alerts_due", "deadline_at",
              sqlite_where=text("outcome = 'pending'"), postgresql_where=text("outcome = 'pending'")),
        Index("ix_case_alerts_case", "case_id", "id"),
        Index("ix_case_alerts_officer", "officer_id", "outcome"),
        CheckConstraint("(outcome = 'pending') = (ended_at IS NULL)", name="ended_has_a_time"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    office: Mapped[str] = mapped_column(String(12))
    at_work: Mapped[bool] = mapped_column(default=False, server_default=false())
    sent_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    outcome: Mapped[AlertOutcome] = mapped_column(by_value(AlertOutcome, "alert_outcome"), default=AlertOutcome.PENDING)
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Away:
    """A case whose officer cannot answer: `officer` had it when we looked."""

    case: str
    officer: str


class AlertStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(
        self, case: Case, officer: str, office: str, now: datetime, deadline: datetime, *, at_work: bool = False
    ) -> CaseAlert:
        """Ask an officer. The case is held and no alert of it is pending."""
        alert = CaseAlert(
            case_id=case.id, officer_id=officer, office=office, sent_at=now, deadline_at=deadline,
            outcome=AlertOutcome.PENDING, at_work=at_work,
        )  # fmt: skip
        self._session.add(alert)
        await self._session.flush()
        return alert

    async def mark(self, case: Case, officer: str, office: str, now: datetime, outcome: AlertOutcome) -> None:
        """Remember that this officer is not to be asked again at once."""
        self._session.add(
            CaseAlert(case_id=case.id, officer_id=officer, office=office, sent_at=now, deadline_at=now,
                      outcome=outcome, ended_at=now)
        )  # fmt: skip
        await self._session.flush()

    async def pending(self, case: Case) -> CaseAlert | None:
        """The alert that runs."""
        return await self._session.scalar(
            select(CaseAlert).where(CaseAlert.case_id == case.id, CaseAlert.outcome == AlertOutcome.PENDING)
        )

    async def asked(self, officer: str) -> int:
        """How many cases this officer is asked to take at this moment."""
        wanted = select(func.count()).where(CaseAlert.officer_id == officer, CaseAlert.outcome == AlertOutcome.PENDING)
        return await self._session.scalar(wanted) or 0

    async def end(
        self, case: Case, outcome: AlertOutcome, now: datetime, *, officer: str = "", due: bool = False
    ) -> bool:
        """End the alert that runs (of this officer; only if its deadline has passed). False when there is none."""
        wanted = [CaseAlert.case_id == case.id, CaseAlert.outcome == AlertOutcome.PENDING]
        if officer:
            wanted.append(CaseAlert.officer_id == officer)
        if due:
            wanted.append(CaseAlert.deadline_at <= now)
        ended = await self._session.execute(
            update(CaseAlert).where(*wanted).values(outcome=outcome, ended_at=now)
        )  # fmt: skip
        return bool(ended.rowcount)  # type: ignore[attr-defined]

    async def hurry(self, case: Case, deadline: datetime) -> None:
        """The alert that runs ends no later than this."""
        await self._session.execute(
            update(CaseAlert)
            .where(
                CaseAlert.case_id == case.id,
                CaseAlert.outcome == AlertOutcome.PENDING,
                CaseAlert.deadline_at > deadline,
            )
            .values(deadline_at=deadline)
        )

    async def of_case(self, case: Case, since: datetime) -> Sequence[CaseAlert]:
        """Who was asked since a time, oldest first."""
        rows = await self._session.scalars(
            select(CaseAlert).where(CaseAlert.case_id == case.id, CaseAlert.sent_at >= since).order_by(CaseAlert.id)
        )
        return rows.all()

    async def overdue(self, now: datetime, limit: int) -> Sequence[str]:
        """Cases whose alert was not accepted in time, the gravest first."""
        rows = await self._session.scalars(
            select(Case.public_id)
            .join(CaseAlert, CaseAlert.case_id == Case.id)
            .where(CaseAlert.outcome == AlertOutcome.PENDING, CaseAlert.deadline_at <= now)
            .order_by(gravity(), CaseAlert.deadline_at)
            .limit(limit)
        )
        return rows.all()

    async def waiting(self, now: datetime, limit: int) -> Sequence[str]:
        """Cases for which it is time to look for somebody, the gravest first."""
        rows = await self._session.scalars(
            select(Case.public_id)
            .where(Case.status == CaseStatus.WAITING, Case.next_look_at <= now)
            .order_by(gravity(), Case.due_at)
            .limit(limit)
        )
        return rows.all()

    async def look_now(self, now: datetime) -> None:
        """Somebody came on duty: look for somebody for whatever waits. In one order, so that none waits in a ring."""
        waiting = await self._session.scalars(
            select(Case.id)
            .where(Case.status == CaseStatus.WAITING)
            .order_by(Case.id)
            .with_for_update(key_share=True)
        )  # fmt: skip
        await self._session.execute(
            update(Case)
            .where(Case.id.in_(list(waiting)), Case.status == CaseStatus.WAITING)
            .values(next_look_at=now)
            .execution_options(synchronize_session=False)
        )

    async def away(self, gone_since: datetime, limit: int) -> Sequence[Away]:
        """Cases whose officer is off duty since then (or disabled) while she waits for an answer, or is in danger now."""
        rows = await self._session.execute(
            select(Case.public_id, Case.officer_id)
            .join(Account, Account.public_id == Case.officer_id)
            .outerjoin(Conversation, Conversation.id == Case.conversation_id)
            .outerjoin(Presence, Presence.officer_id == Case.officer_id)
            .where(
                Case.status == CaseStatus.TAKEN,
                or_(
                    Account.disabled_at.is_not(None),
                    and_(
                        Conversation.owner == Owner.OFFICER,
                        or_(Presence.id.is_(None), Presence.expires_at <= gone_since),
                        or_(Case.waiting_since <= gone_since, Case.level == CaseLevel.RED),
                        Case.taken_at <= gone_since,
                    ),
                ),
            )
            .limit(limit)
        )
        return [Away(case, officer) for case, officer in rows if officer is not None]
