"""Legal holds: while a case has one, nothing of its conversation goes, neither by age nor by her wish."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, exists, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from bot.storage.cases import Case
from bot.storage.records import Record, public_id_column

LONGEST_REASON = 200


class CaseHold(Record):
    """Who set a hold and why (masked); `lifted_at` ends it. A case has at most one that runs, by constraint."""

    __tablename__ = "case_holds"
    __table_args__ = (
        Index("ux_case_holds_running", "case_id", unique=True, sqlite_where=text("lifted_at IS NULL"),
              postgresql_where=text("lifted_at IS NULL")),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_has_a_name"),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    set_by: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    set_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")


def is_held(conversation_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """Whether a case of this conversation has a running hold, for use in a query."""
    return exists().where(
        CaseHold.case_id == Case.id, CaseHold.lifted_at.is_(None), Case.conversation_id == conversation_id
    )


class HoldStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def set(self, case: Case, officer: str, reason: str, now: datetime) -> bool:
        """Begin one; False when one runs already."""
        row = CaseHold(case_id=case.id, set_by=officer, set_at=now, reason=reason, lift_reason="")
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    async def lift(self, case: Case, officer: str, reason: str, now: datetime) -> bool:
        """End the one that runs; False when none does."""
        done = await self._session.execute(
            update(CaseHold)
            .where(CaseHold.case_id == case.id, CaseHold.lifted_at.is_(None))
            .values(lifted_by=officer, lifted_at=now, lift_reason=reason)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def of_case(self, case: Case) -> Sequence[CaseHold]:
        """Every hold that it ever had, the newest first."""
        rows = await self._session.scalars(
            select(CaseHold).where(CaseHold.case_id == case.id).order_by(CaseHold.id.desc())
        )
        return rows.all()
