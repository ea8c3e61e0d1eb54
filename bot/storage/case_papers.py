"""What officers keep about a case: private notes, tasks, referrals, and which of their replies were sent.

Notes have a table of their own, which nothing that speaks to her reads.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.cases import OutsideBody, TaskKind
from bot.storage.cases import Case
from bot.storage.records import Record, by_value, public_id_column
from bot.storage.sealing import Keyring

NOTE, TASK, REFERRAL, REPLY_KEY = "case note", "case task", "case referral", "case reply"


class CaseNote(Record):
    """A note among officers, sealed."""

    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_case", "case_id", "id"),)

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class CaseTask(Record):
    """Something to do for her by a day; `officer_id` is who does it."""

    __tablename__ = "case_tasks"
    __table_args__ = (
        Index("ix_case_tasks_officer", "officer_id", "done_at", "due_at"),
        Index("ix_case_tasks_case", "case_id"),
        CheckConstraint("sealed_result IS NULL OR done_at IS NOT NULL", name="a_result_has_a_time"),
    )

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    kind: Mapped[TaskKind] = mapped_column(by_value(TaskKind, "task_kind"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    sealed_result: Mapped[bytes | None] = mapped_column(LargeBinary)


class CaseReferral(Record):
    """A case that was referred to an outside body. `consented`: she agreed; without it only when a life is in danger."""

    __tablename__ = "case_referrals"
    __table_args__ = (Index("ix_case_referrals_case", "case_id"),)

    public_id: Mapped[str] = public_id_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    body: Mapped[OutsideBody] = mapped_column(by_value(OutsideBody, "outside_body"))
    body_name: Mapped[str] = mapped_column(String(100))
    sealed_facts: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    consented: Mapped[bool]
    created_at: Mapped[datetime]


class CaseReply(Record):
    """One reply that an officer sent: its key makes a second submit of the same form send nothing."""

    __tablename__ = "case_replies"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"))
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime]


class PaperStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def add_note(self, case: Case, officer: str, text: str, now: datetime) -> CaseNote:
        """Write a note."""
        note = CaseNote(case_id=case.id, officer_id=officer, sealed=self._keyring.seal(text, NOTE), created_at=now)
        self._session.add(note)
        await self._session.flush()
        return note

    async def notes(self, case: Case) -> Sequence[CaseNote]:
        """The notes, oldest first."""
        rows = await self._session.scalars(select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.id))
        return rows.all()

    def note_text(self, note: CaseNote) -> str:
        """A note, opened."""
        return self._keyring.open(note.sealed, NOTE)

    async def add_task(
        self, case: Case, officer: str, kind: TaskKind, text: str, due_at: datetime, now: datetime, *, name: str
    ) -> CaseTask:
        """Put a task on somebody's list; `name` is its public id."""
        task = CaseTask(
            public_id=name, case_id=case.id, officer_id=officer, kind=kind, sealed=self._keyring.seal(text, TASK),
            due_at=due_at, created_at=now,
        )  # fmt: skip
        self._session.add(task)
        await self._session.flush()
        return task

    async def task(self, public_id: str) -> tuple[CaseTask, Case] | None:
        """A task and its case."""
        row = (
            await self._session.execute(
                select(CaseTask, Case).join(Case, Case.id == CaseTask.case_id).where(CaseTask.public_id == public_id)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def finish(self, task: CaseTask, result: str, now: datetime) -> bool:
        """Mark a task done, once."""
        done = await self._session.execute(
            update(CaseTask)
            .where(CaseTask.id == task.id, CaseTask.done_at.is_(None))
            .values(done_at=now, sealed_result=self._keyring.seal(result, TASK) if result else None)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def tasks_of_case(self, case: Case) -> Sequence[CaseTask]:
        """Every task of a case, the next due first."""
        rows = await self._session.scalars(
            select(CaseTask).where(CaseTask.case_id == case.id).order_by(CaseTask.due_at, CaseTask.id)
        )
        return rows.all()

    def task_text(self, task: CaseTask) -> tuple[str, str]:
        """(what to do, what came of it), opened."""
        result = "" if task.sealed_result is None else self._keyring.open(task.sealed_result, TASK)
        return self._keyring.open(task.sealed, TASK), result

    async def add_referral(
        self, case: Case, officer: str, body: OutsideBody, name: str, facts: str, contact: str, now: datetime, *,
        consented: bool, public_id: str,
    ) -> CaseReferral:  # fmt: skip
        """Keep what the sheet of a referral says; `public_id` is what it is called outside."""
        row = CaseReferral(
            public_id=public_id,
            case_id=case.id,
            officer_id=officer,
            body=body,
            body_name=name,
            sealed_facts=self._keyring.seal(facts, REFERRAL),
            sealed_contact=self._keyring.seal(contact, REFERRAL) if contact else None,
            consented=consented,
            created_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        return row

    async def referral(self, public_id: str) -> tuple[CaseReferral, Case] | None:
        """A referral and its case."""
        row = (
            await self._session.execute(
                select(CaseReferral, Case)
                .join(Case, Case.id == CaseReferral.case_id)
                .where(CaseReferral.public_id == public_id)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def referrals(self, case: Case) -> Sequence[CaseReferral]:
        """Where a case was referred to, oldest first."""
        rows = await self._session.scalars(
            select(CaseReferral).where(CaseReferral.case_id == case.id).order_by(CaseReferral.id)
        )
        return rows.all()

    def referral_text(self, row: CaseReferral) -> tuple[str, str]:
        """(facts, how to reach her or ""), opened."""
        contact = "" if row.sealed_contact is None else self._keyring.open(row.sealed_contact, REFERRAL)
        return self._keyring.open(row.sealed_facts, REFERRAL), contact

    async def begin_reply(self, case: Case, officer: str, key: str, now: datetime) -> tuple[CaseReply, bool]:
        """(the row of this submit, whether it is the first): a form that is sent twice finds the first one's row."""
        digest = self._keyring.digest(f"{case.public_id}\0{officer}\0{key}", REPLY_KEY)
        row = CaseReply(case_id=case.id, officer_id=officer, request_key=digest, message_id="", created_at=now)
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            known = await self._session.scalars(select(CaseReply).where(CaseReply.request_key == digest))
            return known.one(), False
        return row, True
