"""What the assistant is taught: change sets and their lines, trainings beside the live model, and how that one changed.

Lines are masked, and go with the message that they were made of: masked words are still her words.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.teaching import BUSY, ChangeSetState, MoveKind, TrainingState
from bot.storage.accounts import Account, names_of
from bot.storage.records import Record, by_value, public_id_column


class ChangeSet(Record):
    """Lines that one person proposed, and another one approves or refuses."""

    __tablename__ = "change_sets"
    __table_args__ = (
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("decided_by <> proposed_by", name="another_person_decides"),
    )

    public_id: Mapped[str] = public_id_column()
    state: Mapped[ChangeSetState] = mapped_column(
        by_value(ChangeSetState, "change_set_state"), default=ChangeSetState.PROPOSED, index=True
    )
    proposed_by: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    decided_at: Mapped[datetime | None]


class ChangeLine(Record):
    """One accepted correction. `line`: in the form of data/nlu, "" when there is none; `refusal`: see Example.

    `claim` is the correction again until its change set is refused: no other set may have it meanwhile.
    """

    __tablename__ = "change_set_lines"
    __table_args__ = (UniqueConstraint("change_set_id", "number"),)

    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_sets.id", ondelete="CASCADE"))
    number: Mapped[int]
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_messages.id", ondelete="CASCADE"), index=True)
    correction: Mapped[str] = mapped_column(String(32))
    claim: Mapped[str | None] = mapped_column(String(32), unique=True)
    masked: Mapped[str]
    intent: Mapped[str | None] = mapped_column(String(64))
    line: Mapped[str]
    refusal: Mapped[str] = mapped_column(String(200))
    guessed: Mapped[bool]
    turned: Mapped[bool]
    of_herself: Mapped[bool]


class Training(Record):
    """A model trained beside the live one and measured against it. `busy`: 1 until it ends, and there is only one such.

    `change_sets`: public ids with blanks between. `asked_by`: None from the command line. `model`: its name on the shelf.
    `figures`, `former`, `objections`: JSON, of the new model, of the one that was live, and why it may not go live; `against`:
    the digest of the one that was live.
    """

    __tablename__ = "model_trainings"
    __table_args__ = (
        CheckConstraint("(busy IS NULL) = (state NOT IN ('waiting', 'running'))", name="busy_until_it_ends"),
        CheckConstraint("busy = 1", name="busy_is_one"),
    )

    public_id: Mapped[str] = public_id_column()
    state: Mapped[TrainingState] = mapped_column(
        by_value(TrainingState, "training_state"), default=TrainingState.WAITING
    )
    busy: Mapped[int | None] = mapped_column(unique=True)
    change_sets: Mapped[str]
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    asked_at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(120), default="")
    done: Mapped[int] = mapped_column(default=0)
    steps: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    model: Mapped[str] = mapped_column(String(64), default="")
    against: Mapped[str] = mapped_column(String(64), default="")
    figures: Mapped[str] = mapped_column(default="[]")
    former: Mapped[str] = mapped_column(default="[]")
    objections: Mapped[str] = mapped_column(default="[]")
    failure: Mapped[str] = mapped_column(String(300), default="")


class ModelMove(Record):
    """The live model changed. `seconds` that the engine read while it went on answering; None: it was not running."""

    __tablename__ = "model_moves"

    kind: Mapped[MoveKind] = mapped_column(by_value(MoveKind, "move_kind"))
    model: Mapped[str] = mapped_column(String(64))
    former: Mapped[str] = mapped_column(String(64))
    by: Mapped[str | None] = mapped_column(ForeignKey("accounts.public_id"))
    at: Mapped[datetime]
    seconds: Mapped[float | None]


class TeachingStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def taken(self) -> set[str]:
        """Public ids of corrections that stand in a change set which was not refused."""
        rows = await self._session.scalars(select(ChangeLine.claim).where(ChangeLine.claim.is_not(None)))
        return {claim for claim in rows if claim}

    async def add(self, record: Record) -> None:
        """A new row of any of these tables."""
        self._session.add(record)
        await self._session.flush()

    async def add_lines(self, lines: Sequence[ChangeLine]) -> bool:
        """The lines of a change set; False when another set has one of their corrections."""
        try:
            async with self._session.begin_nested():
                self._session.add_all(lines)
        except IntegrityError:
            return False
        return True

    async def change_set(self, public_id: str, *, lock: bool = False) -> ChangeSet | None:
        """One of them."""
        query = select(ChangeSet).where(ChangeSet.public_id == public_id).execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def lines(self, change_set_id: int) -> Sequence[ChangeLine]:
        """In their order."""
        rows = await self._session.scalars(
            select(ChangeLine).where(ChangeLine.change_set_id == change_set_id).order_by(ChangeLine.number)
        )
        return rows.all()

    async def approved_lines(self) -> list[tuple[str, str, str]]:
        """(change set, intent, line) of all that was approved, in its order."""
        rows = await self._session.execute(
            select(ChangeSet.public_id, ChangeLine.intent, ChangeLine.line)
            .join(ChangeLine, ChangeLine.change_set_id == ChangeSet.id)
            .where(ChangeSet.state == ChangeSetState.APPROVED, ChangeLine.refusal == "")
            .order_by(ChangeSet.id, ChangeLine.number)
        )
        return [(change_set, intent or "", line) for change_set, intent, line in rows]

    async def count_approved(self) -> int:
        """Lines of all that was approved."""
        query = select(func.count()).select_from(ChangeLine).join(ChangeSet, ChangeSet.id == ChangeLine.change_set_id)
        return int(await self._session.scalar(query.where(ChangeSet.state == ChangeSetState.APPROVED)) or 0)

    async def approved(self) -> list[str]:
        """Public ids of all that was approved, the oldest first."""
        rows = await self._session.scalars(
            select(ChangeSet.public_id).where(ChangeSet.state == ChangeSetState.APPROVED).order_by(ChangeSet.id)
        )
        return list(rows)

    async def names(self, public_ids: Sequence[str]) -> dict[str, str]:
        """Names of accounts by public id."""
        return await names_of(self._session, public_ids)

    async def decide(self, change_set: ChangeSet, state: ChangeSetState, by: str, now: datetime) -> bool:
        """Approve or refuse; False when somebody else already has."""
        decided = await self._session.execute(
            update(ChangeSet)
            .where(ChangeSet.id == change_set.id, ChangeSet.state == ChangeSetState.PROPOSED)
            .values(state=state, decided_by=by, decided_at=now)
            .execution_options(synchronize_session=False)
        )
        if state is ChangeSetState.REFUSED:
            await self._session.execute(
                update(ChangeLine).where(ChangeLine.change_set_id == change_set.id).values(claim=None)
            )
        return bool(decided.rowcount)  # type: ignore[attr-defined]

    async def change_sets(
        self, *, state: ChangeSetState | None, before: int | None, limit: int
    ) -> list[tuple[ChangeSet, str, int, int]]:
        """(set, who proposed it, lines that are taught, all lines), newest first, those before an `id`."""
        counts = (
            select(
                ChangeLine.change_set_id,
                func.count().filter(ChangeLine.refusal == "").label("taught"),
                func.count().label("lines"),
            )
            .group_by(ChangeLine.change_set_id)
            .subquery()
        )
        query = (
            select(ChangeSet, Account.name, func.coalesce(counts.c.taught, 0), func.coalesce(counts.c.lines, 0))
            .join(Account, Account.public_id == ChangeSet.proposed_by)
            .outerjoin(counts, counts.c.change_set_id == ChangeSet.id)
            .order_by(ChangeSet.id.desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(ChangeSet.state == state)
        if before is not None:
            query = query.where(ChangeSet.id < before)
        return [(row, name, int(taught), int(lines)) for row, name, taught, lines in await self._session.execute(query)]

    async def begin(self, training: Training) -> bool:
        """Put a training down; False when another one is under way."""
        try:
            async with self._session.begin_nested():
                self._session.add(training)
        except IntegrityError:
            return False
        return True

    async def training(self, public_id: str) -> Training | None:
        """One of them, as it is now."""
        return await self._session.scalar(
            select(Training).where(Training.public_id == public_id).execution_options(populate_existing=True)
        )

    async def of_model(self, model: str) -> Training | None:
        """The training that a kept model came from."""
        return await self._session.scalar(select(Training).where(Training.model == model))

    async def trainings(self, limit: int) -> list[tuple[Training, str]]:
        """(training, who asked for it or ""), newest first."""
        rows = await self._session.execute(
            select(Training, Account.name)
            .outerjoin(Account, Account.public_id == Training.asked_by)
            .order_by(Training.id.desc())
            .limit(limit)
        )
        return [(training, name or "") for training, name in rows]

    async def move_on(self, public_id: str, seen: Sequence[TrainingState], now: datetime, **values: Any) -> bool:
        """Change a training that is in one of these states; False when it is not."""
        state = values.get("state")
        if state is not None and state not in BUSY:
            values["busy"] = None
        moved = await self._session.execute(
            update(Training)
            .where(Training.public_id == public_id, Training.state.in_(seen))
            .values(heard_at=now, **values)
            .execution_options(synchronize_session=False)
        )
        return bool(moved.rowcount)  # type: ignore[attr-defined]

    async def is_silent(self, since: datetime) -> bool:
        """Whether a training that is under way has not been heard of since."""
        wanted = select(Training.id).where(Training.busy == 1, Training.heard_at < since)
        return await self._session.scalar(wanted.limit(1)) is not None

    async def give_up(self, silent_since: datetime, now: datetime, failure: str) -> int:
        """End what has not been heard of since → how many."""
        ended = await self._session.execute(
            update(Training)
            .where(Training.busy == 1, Training.heard_at < silent_since)
            .values(state=TrainingState.FAILED, busy=None, ended_at=now, failure=failure)
            .execution_options(synchronize_session=False)
        )
        return int(ended.rowcount)  # type: ignore[attr-defined]

    async def moves(self, limit: int) -> list[tuple[ModelMove, str]]:
        """(move, who made it or ""), newest first."""
        rows = await self._session.execute(
            select(ModelMove, Account.name)
            .outerjoin(Account, Account.public_id == ModelMove.by)
            .order_by(ModelMove.id.desc())
            .limit(limit)
        )
        return [(move, name or "") for move, name in rows]
