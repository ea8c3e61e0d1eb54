"""Applications for help in hardship: one for each programme of a case, with the papers that it needs.

They hang on the case and go with it. Tasks of the case would not do: those are sealed, and belong to an officer from the start.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.aid import OPEN, AidStatus, ItemState, Programme
from bot.storage.cases import Case
from bot.storage.records import Record, by_value, public_id_column

LONGEST_REASON = 300


class AidApplication(Record):
    """Her application for one programme. `name`: what the programme was called then. `reason`: an officer's, masked."""

    __tablename__ = "aid_applications"
    __table_args__ = (
        Index("ux_aid_applications_open", "case_id", "programme", unique=True,
              sqlite_where=text("status IN ('collecting', 'submitted')"),
              postgresql_where=text("status IN ('collecting', 'submitted')")),
        Index("ix_aid_applications_case", "case_id"),
        Index("ix_aid_applications_list", "status", "programme", "id"),
        CheckConstraint(
            "(status IN ('granted', 'refused', 'withdrawn')) = (settled_at IS NOT NULL)", name="settled_has_a_time"
        ),
    )  # fmt: skip

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    programme: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(60))
    status: Mapped[AidStatus] = mapped_column(by_value(AidStatus, "aid_status"), default=AidStatus.COLLECTING)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    applied_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class AidItem(Record):
    """A paper of an application; `name` as it was told to her."""

    __tablename__ = "aid_items"
    __table_args__ = (UniqueConstraint("application_id", "key"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("aid_applications.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(60))
    state: Mapped[ItemState] = mapped_column(by_value(ItemState, "aid_item_state"), default=ItemState.MISSING)


class AidStore:
    """Flushes; the caller holds the conversation or the case, and commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, case: Case, programme: Programme, have: Collection[str], now: datetime) -> AidApplication:
        """A new application; `have` are the keys of the papers that she says she has."""
        row = AidApplication(case_id=case.id, programme=programme.key, name=programme.name, applied_at=now)
        self._session.add(row)
        await self._session.flush()
        self._session.add_all(
            AidItem(
                application_id=row.id,
                key=paper.key,
                name=paper.name,
                state=ItemState.SAID if paper.key in have else ItemState.MISSING,
            )
            for paper in programme.papers
        )
        await self._session.flush()
        return row

    async def open_of_conversation(self, conversation_id: int, programme: str) -> AidApplication | None:
        """What she has applied for already in any case of hers, and is not settled."""
        return await self._session.scalar(
            select(AidApplication)
            .join(Case, Case.id == AidApplication.case_id)
            .where(
                Case.conversation_id == conversation_id,
                AidApplication.programme == programme,
                AidApplication.status.in_(OPEN),
            )
            .order_by(AidApplication.id)
            .limit(1)
        )

    async def open_of_case(self, case: Case, programme: str = "") -> AidApplication | None:
        """One that is not settled, of this programme or ("") of any."""
        wanted = [AidApplication.case_id == case.id, AidApplication.status.in_(OPEN)]
        if programme:
            wanted.append(AidApplication.programme == programme)
        return await self._session.scalar(
            select(AidApplication).where(*wanted).order_by(AidApplication.id).limit(1)
        )  # fmt: skip

    async def of_conversation(self, conversation_id: int, limit: int) -> Sequence[AidApplication]:
        """Hers, the newest first; what she took back is not among them."""
        rows = await self._session.scalars(
            select(AidApplication)
            .join(Case, Case.id == AidApplication.case_id)
            .where(Case.conversation_id == conversation_id, AidApplication.status != AidStatus.WITHDRAWN)
            .order_by(AidApplication.id.desc())
            .limit(limit)
        )
        return rows.all()

    async def of_case(self, case: Case) -> Sequence[AidApplication]:
        """Every one of a case, oldest first."""
        rows = await self._session.scalars(
            select(AidApplication).where(AidApplication.case_id == case.id).order_by(AidApplication.id)
        )
        return rows.all()

    async def named(self, public_id: str) -> tuple[AidApplication, Case] | None:
        """An application and its case, not held."""
        row = (
            await self._session.execute(
                select(AidApplication, Case)
                .join(Case, Case.id == AidApplication.case_id)
                .where(AidApplication.public_id == public_id)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def items(self, rows: Sequence[AidApplication]) -> Mapping[int, list[AidItem]]:
        """The papers of each, by the application's row, in the order in which they are told."""
        found: dict[int, list[AidItem]] = {row.id: [] for row in rows}
        for item in await self._session.scalars(
            select(AidItem).where(AidItem.application_id.in_(found)).order_by(AidItem.id)
        ):
            found[item.application_id].append(item)
        return found

    async def mark(self, row: AidApplication, keys: Collection[str], state: ItemState) -> int:
        """Set these papers to this state → how many changed. What an officer has seen is not set back to what she says."""
        wanted = [AidItem.application_id == row.id, AidItem.key.in_(keys), AidItem.state != state]
        if state is ItemState.SAID:
            wanted.append(AidItem.state == ItemState.MISSING)
        changed = await self._session.execute(
            update(AidItem).where(*wanted).values(state=state).execution_options(synchronize_session=False)
        )
        return int(changed.rowcount)  # type: ignore[attr-defined]

    async def move(
        self, row: AidApplication, came_from: Collection[AidStatus], to: AidStatus, now: datetime, reason: str = ""
    ) -> bool:
        """Into another state; False when it is in none of `came_from` any more."""
        values = {"status": to, "reason": reason[:LONGEST_REASON], "settled_at": None if to in OPEN else now}
        if to is AidStatus.SUBMITTED:
            values["submitted_at"] = now
        moved = await self._session.execute(
            update(AidApplication)
            .where(AidApplication.id == row.id, AidApplication.status.in_(came_from))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        await self._session.refresh(row)
        return bool(moved.rowcount)  # type: ignore[attr-defined]
