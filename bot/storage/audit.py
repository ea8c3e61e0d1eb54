"""The audit log: rows that are only ever added, and the one head row that every addition has to pass.

Triggers in the migration refuse UPDATE and DELETE. A later migration that alters these tables on SQLite must make the
triggers again: SQLite alters a table by copying it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.audit import FIRST, Act, Deed
from bot.domain.errors import BotError
from bot.storage.accounts import Account
from bot.storage.records import Record

HEAD = 1
KNOWN = frozenset(act.value for act in Act)


class AuditEntry(Record):
    """One act. No foreign key: a row outlives what it tells of. `hash` covers the row and the hash before it."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_actor", "actor", "sequence"),
        Index("ix_audit_entries_object_id", "object_id", "sequence"),
        Index("ix_audit_entries_act", "act", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(32))
    act: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def deed(self) -> Deed:
        """What the row says."""
        act = Act(self.act) if self.act in KNOWN else self.act
        return Deed(act, self.actor, self.object_kind, self.object_id, self.reason, self.source)


class AuditHead(Record):
    """The newest row's number and hash, and the key of the chain, sealed."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="there_is_one"),)

    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Head:
    """What the head row holds."""

    sequence: int
    hash: str
    sealed_key: bytes


class ChainMoved(BotError):
    """The head is not where this transaction saw it; nothing was added."""

    code = "chain_moved"


class AuditStore:
    """Adds and reads; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def head(self, *, lock: bool = False) -> Head | None:
        """The head, None before the first row; with `lock`, nobody else adds before this transaction ends."""
        query = select(AuditHead.sequence, AuditHead.hash, AuditHead.sealed_key).where(AuditHead.id == HEAD)
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else Head(*row)

    async def begin(self, sealed_key: bytes) -> None:
        """Make the head; of many at once the first one's key stays."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            kind(AuditHead)
            .values(id=HEAD, sequence=0, hash=FIRST, sealed_key=sealed_key)
            .on_conflict_do_nothing(index_elements=["id"])
        )

    async def add(self, sequence: int, at: datetime, deed: Deed, chained: str, sealed_key: bytes) -> None:
        """Add the row and move the head to it. Raises ChainMoved."""
        moved = await self._session.execute(
            update(AuditHead)
            .where(AuditHead.id == HEAD, AuditHead.sequence == sequence - 1)
            .values(sequence=sequence, hash=chained, sealed_key=sealed_key)
            .execution_options(synchronize_session=False)
        )
        if not moved.rowcount:  # type: ignore[attr-defined]
            raise ChainMoved
        await self._session.execute(
            insert(AuditEntry).values(
                sequence=sequence,
                at=at,
                actor=deed.actor,
                act=str(deed.act),
                object_kind=deed.object_kind,
                object_id=deed.object_id,
                reason=deed.reason,
                source=deed.source,
                hash=chained,
            )
        )

    async def newest(self) -> int:
        """The highest number among the rows; 0 without any."""
        return int(await self._session.scalar(select(func.max(AuditEntry.sequence))) or 0)

    async def walk(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """The next rows in their order."""
        rows = await self._session.scalars(
            select(AuditEntry).where(AuditEntry.sequence > after).order_by(AuditEntry.sequence).limit(limit)
        )
        found = rows.all()
        self._session.expunge_all()
        return found

    async def page(
        self,
        scope: str,
        *,
        actor: str = "",
        act: Act | None = None,
        object_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[tuple[AuditEntry, str]]:
        """(row, its actor's name), newest first, those before a number.

        `scope`: acts of accounts of that branch only, and failed sign-ins to them, which have no actor.
        """
        whose = func.coalesce(func.nullif(AuditEntry.actor, ""), AuditEntry.object_id)
        query = select(AuditEntry, Account.name).outerjoin(Account, Account.public_id == whose)
        if scope:
            query = query.where(Account.scope.startswith(scope, autoescape=True))
        for column, value in ((AuditEntry.actor, actor), (AuditEntry.act, act), (AuditEntry.object_id, object_id)):
            if value:
                query = query.where(column == str(value))
        if since is not None:
            query = query.where(AuditEntry.at >= since)
        if until is not None:
            query = query.where(AuditEntry.at < until)
        if before is not None:
            query = query.where(AuditEntry.sequence < before)
        rows = await self._session.execute(query.order_by(AuditEntry.sequence.desc()).limit(limit))
        return [(entry, name or "" if entry.actor else "") for entry, name in rows]
