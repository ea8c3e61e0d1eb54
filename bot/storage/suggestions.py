"""Suggestions, what was promised for them, and their history. Of several that are alike one is the head of the group.

Her words lie in a table of their own that goes with her conversation; what she asked for stays without them, with its
category and area, as a promise made to her neighbours is not hers to take back. The original is her message itself.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    exists,
    false,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.suggestions import OPEN, Source, SuggestionAct, SuggestionStatus
from bot.storage.conversations import Conversation
from bot.storage.records import Record, by_value, public_id_column


class Suggestion(Record):
    """One voice. `merged_into_id`: the head of its group; status, promise, wording and answer of a group are its head's.

    `voices`: how many people stand behind it (a paper may have many signatures). `area`: a branch, at most a town's nine
    digits, "" unknown. `wording`: what the public page says, written by an officer; only `shown` ones stand there.
    """

    __tablename__ = "suggestions"
    __table_args__ = (
        Index("ix_suggestions_list", "status", "category", "id"),
        Index("ix_suggestions_conversation", "conversation_id"),
        Index("ix_suggestions_merged", "merged_into_id"),
        CheckConstraint("voices >= 1", name="somebody_said_it"),
        CheckConstraint("(status IN ('done', 'declined')) = (settled_at IS NOT NULL)", name="settled_has_a_time"),
        CheckConstraint("NOT (shown AND (complaint OR wording = ''))", name="public_has_a_wording"),
    )

    public_id: Mapped[str] = public_id_column()
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    source: Mapped[Source] = mapped_column(by_value(Source, "suggestion_source"))
    complaint: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(String(32))
    area: Mapped[str] = mapped_column(String(12), default="")
    status: Mapped[SuggestionStatus] = mapped_column(
        by_value(SuggestionStatus, "suggestion_status"), default=SuggestionStatus.RECEIVED
    )
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    voices: Mapped[int] = mapped_column(default=1)
    wording: Mapped[str] = mapped_column(String(200), default="")
    shown: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[str] = mapped_column(String(300), default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())


class SuggestionWords(Record):
    """What she said, masked; it goes with her conversation. `key`: the digest of them, so that a repeat is no second one."""

    __tablename__ = "suggestion_words"

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    masked: Mapped[str]


class SuggestionPromise(Record):
    """What an office promised for a group, by its head. One at a time stands open."""

    __tablename__ = "suggestion_promises"
    __table_args__ = (
        Index(
            "ux_suggestion_promises_open", "suggestion_id", unique=True,
            sqlite_where=text("done_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_suggestion_promises_due", "due"),
    )  # fmt: skip

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(300))
    who: Mapped[str] = mapped_column(String(60))
    due: Mapped[date]
    promised_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_words: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_at: Mapped[datetime | None]


class SuggestionEvent(Record):
    """One act. `officer_id` "": nobody at the console. `detail` is an officer's, never her words."""

    __tablename__ = "suggestion_events"
    __table_args__ = (Index("ix_suggestion_events_suggestion", "suggestion_id", "id"),)

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    officer_id: Mapped[str] = mapped_column(String(32), default="")
    act: Mapped[SuggestionAct] = mapped_column(by_value(SuggestionAct, "suggestion_act"))
    detail: Mapped[str] = mapped_column(String(300), default="")


class SuggestionStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def conversation(self, public_id: str) -> Conversation | None:
        """The row, not held."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def add(self, row: Suggestion, words: str, key: str | None = None) -> tuple[Suggestion, bool]:
        """Keep one → (the row, whether it is new): the same words of the same woman are one."""
        try:
            async with self._session.begin_nested():
                self._session.add(row)
                await self._session.flush()
                self._session.add(
                    SuggestionWords(suggestion_id=row.id, conversation_id=row.conversation_id, key=key, masked=words)
                )
                await self._session.flush()
        except IntegrityError:
            known = await self.by_key([key] if key else [])
            if known is None:
                raise
            return known, False
        return row, True

    async def by_key(self, keys: Sequence[str]) -> Suggestion | None:
        """The one with these very words of this woman."""
        return await self._session.scalar(
            select(Suggestion)
            .join(SuggestionWords, SuggestionWords.suggestion_id == Suggestion.id)
            .where(SuggestionWords.key.in_(keys))
        )

    async def named(self, public_id: str, *, lock: bool = False) -> Suggestion | None:
        """The row; `lock` holds it until the commit."""
        query = select(Suggestion).where(Suggestion.public_id == public_id).execution_options(populate_existing=True)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def head(self, row: Suggestion, *, lock: bool = False) -> Suggestion:
        """The head of its group: itself when it is not merged."""
        if row.merged_into_id is None:
            return row
        query = select(Suggestion).where(Suggestion.id == row.merged_into_id).execution_options(populate_existing=True)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one()

    async def members(self, head: Suggestion) -> Sequence[Suggestion]:
        """Those that were merged into it, oldest first."""
        rows = await self._session.scalars(
            select(Suggestion).where(Suggestion.merged_into_id == head.id).order_by(Suggestion.id)
        )
        return rows.all()

    async def words(self, rows: Sequence[Suggestion]) -> dict[int, str]:
        """Masked words by the row's id; nothing for those whose words are gone."""
        found = await self._session.execute(
            select(SuggestionWords.suggestion_id, SuggestionWords.masked).where(
                SuggestionWords.suggestion_id.in_([row.id for row in rows])
            )
        )
        return {number: masked for number, masked in found}

    async def promises(self, heads: Sequence[Suggestion]) -> dict[int, SuggestionPromise]:
        """The newest promise of each that was not withdrawn, by the head's id."""
        rows = await self._session.scalars(
            select(SuggestionPromise)
            .where(
                SuggestionPromise.suggestion_id.in_([head.id for head in heads]),
                SuggestionPromise.withdrawn_at.is_(None),
            )
            .order_by(SuggestionPromise.id)
        )
        return {row.suggestion_id: row for row in rows}

    async def events(self, row: Suggestion) -> Sequence[SuggestionEvent]:
        """Its history, oldest first."""
        rows = await self._session.scalars(
            select(SuggestionEvent).where(SuggestionEvent.suggestion_id == row.id).order_by(SuggestionEvent.id)
        )
        return rows.all()

    async def note(
        self, row: Suggestion, act: SuggestionAct, now: datetime, officer: str = "", detail: str = ""
    ) -> None:
        """Add to its history."""
        self._session.add(
            SuggestionEvent(suggestion_id=row.id, at=now, officer_id=officer, act=act, detail=detail[:300])
        )
        await self._session.flush()

    async def move(
        self, head: Suggestion, status: SuggestionStatus, now: datetime, answer: str = "",
        came_from: Sequence[SuggestionStatus] = OPEN,
    ) -> bool:  # fmt: skip
        """The whole group into another state; False when it is not in one of `came_from` any more."""
        settled = None if status in OPEN else now
        moved = await self._session.execute(
            update(Suggestion)
            .where(Suggestion.id == head.id, Suggestion.status.in_(came_from))
            .values(status=status, settled_at=settled, answer=answer)
        )
        if not moved.rowcount:  # type: ignore[attr-defined]
            return False
        await self._session.execute(
            update(Suggestion)
            .where(Suggestion.merged_into_id == head.id)
            .values(status=status, settled_at=settled, answer=answer)
        )
        await self._session.refresh(head)
        return True

    async def promise(self, head: Suggestion, words: str, who: str, due: date, now: datetime) -> None:
        """Write a promise down; one that stood open before is withdrawn."""
        await self.withdraw_promise(head, now)
        self._session.add(SuggestionPromise(suggestion_id=head.id, words=words, who=who, due=due, promised_at=now))
        await self._session.flush()

    async def withdraw_promise(self, head: Suggestion, now: datetime) -> None:
        """What was promised does not stand any more."""
        await self._session.execute(
            update(SuggestionPromise)
            .where(SuggestionPromise.suggestion_id == head.id, is_standing())
            .values(withdrawn_at=now)
        )

    async def keep_promise(self, head: Suggestion, words: str, now: datetime) -> None:
        """What was promised is done."""
        await self._session.execute(
            update(SuggestionPromise)
            .where(SuggestionPromise.suggestion_id == head.id, is_standing())
            .values(done_at=now, done_words=words)
        )

    async def of(self, conversation_id: int, limit: int) -> Sequence[Suggestion]:
        """Hers, the newest first."""
        rows = await self._session.scalars(
            select(Suggestion)
            .where(Suggestion.conversation_id == conversation_id)
            .order_by(Suggestion.id.desc())
            .limit(limit)
        )
        return rows.all()

    async def since(self, conversation_id: int, at: datetime) -> int:
        """How many she made since then."""
        query = select(func.count()).where(Suggestion.conversation_id == conversation_id, Suggestion.received_at >= at)
        return int(await self._session.scalar(query) or 0)

    async def forget_words(self, row: Suggestion) -> None:
        """She takes it back: the row goes when nothing hangs on it, else only her words and that it was her."""
        hangs = await self._session.scalar(
            select(exists().where(Suggestion.merged_into_id == row.id))
        )  # fmt: skip
        if row.status is SuggestionStatus.RECEIVED and row.merged_into_id is None and not hangs:
            await self._session.delete(row)
        else:
            for words in await self._session.scalars(
                select(SuggestionWords).where(SuggestionWords.suggestion_id == row.id)
            ):
                await self._session.delete(words)
            row.conversation_id = None
        await self._session.flush()

    async def known(self, public_ids: Sequence[str]) -> set[str]:
        """Which of these there are."""
        rows = await self._session.scalars(select(Suggestion.public_id).where(Suggestion.public_id.in_(public_ids)))
        return set(rows)

    async def remove_synthetic(self) -> None:
        """Sample rows go."""
        for row in await self._session.scalars(
            select(Suggestion).where(Suggestion.synthetic).order_by(Suggestion.id.desc())
        ):
            await self._session.delete(row)
        await self._session.flush()

    async def is_empty(self) -> bool:
        """Whether there is no suggestion at all."""
        return not await self._session.scalar(select(exists().where(Suggestion.id.is_not(None))))


def is_standing() -> ColumnElement[bool]:
    """Of promises: neither kept nor withdrawn."""
    return SuggestionPromise.done_at.is_(None) & SuggestionPromise.withdrawn_at.is_(None)
