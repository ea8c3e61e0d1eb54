"""A conversation as reviewers read it: masked lines of both sides, a window at a time, and the marks on it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy import case as when
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.reviews import MarkKind
from bot.storage.accounts import Account
from bot.storage.conversations import Conversation, InboundMessage, OfferedChoice, OutboundMessage
from bot.storage.records import new_public_id
from bot.storage.review_entries import ReviewEntry
from bot.storage.reviews import DialogueTest, Reviewed, ReviewMark

WINDOW = 50
"""Messages of hers on one page."""


@dataclass(frozen=True, slots=True)
class TalkWindow:
    """Her messages and ours, oldest first. `choices`: titles that hung under ours, by the row of the message.

    `earlier`, `later`: public id of the message of hers from which the neighbouring window is read, "" at the ends.
    """

    heard: Sequence[InboundMessage]
    said: Sequence[OutboundMessage]
    choices: Mapping[int, Sequence[str]]
    earlier: str = ""
    later: str = ""


class TalkStore:
    """Flushes; the caller commits. Nothing sealed is opened."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, public_id: str) -> Conversation | None:
        """The conversation."""
        return await self._session.scalar(select(Conversation).where(Conversation.public_id == public_id))

    async def entry(self, conversation: Conversation) -> ReviewEntry | None:
        """What the lists know of it."""
        return await self._session.scalar(select(ReviewEntry).where(ReviewEntry.conversation_id == conversation.id))

    async def message(self, conversation: Conversation, public_id: str) -> InboundMessage | None:
        """A message of hers in this conversation."""
        return await self._session.scalar(
            select(InboundMessage).where(
                InboundMessage.conversation_id == conversation.id, InboundMessage.public_id == public_id
            )
        )

    async def window(self, conversation: Conversation, start: InboundMessage | None = None) -> TalkWindow:
        """From `start` on; None: from the beginning."""
        own = InboundMessage.conversation_id == conversation.id
        query = select(InboundMessage).where(own)
        if start is not None:
            query = query.where(InboundMessage.id >= start.id)
        found = list(await self._session.scalars(query.order_by(InboundMessage.id).limit(WINDOW + 1)))
        heard, next_one = found[:WINDOW], found[WINDOW] if len(found) > WINDOW else None
        earlier = "" if start is None else await self._window_before(conversation, start)
        said = await self._said(conversation, start, next_one)
        return TalkWindow(
            heard, said, await self._choices(said), earlier, next_one.public_id if next_one is not None else ""
        )

    async def _window_before(self, conversation: Conversation, start: InboundMessage) -> str:
        rows = await self._session.scalars(
            select(InboundMessage.public_id)
            .where(InboundMessage.conversation_id == conversation.id, InboundMessage.id < start.id)
            .order_by(InboundMessage.id.desc())
            .limit(WINDOW)
        )
        return next(reversed(rows.all()), "")

    async def _said(
        self, conversation: Conversation, start: InboundMessage | None, end: InboundMessage | None
    ) -> Sequence[OutboundMessage]:
        """What was said between two messages of hers: the answers to those shown, and what answered nothing, by its time."""
        query = select(OutboundMessage).where(OutboundMessage.conversation_id == conversation.id)
        if start is not None:
            query = query.where(_after(start))
        if end is not None:
            query = query.where(~_after(end))
        return (await self._session.scalars(query.order_by(OutboundMessage.id))).all()

    async def _choices(self, said: Sequence[OutboundMessage]) -> Mapping[int, Sequence[str]]:
        rows = await self._session.execute(
            select(OfferedChoice.outbound_id, OfferedChoice.title)
            .where(OfferedChoice.outbound_id.in_([row.id for row in said]))
            .order_by(OfferedChoice.position)
        )
        found: defaultdict[int, list[str]] = defaultdict(list)
        for outbound, title in rows:
            found[outbound].append(title)
        return found

    async def marks(self, conversation: Conversation) -> Sequence[tuple[ReviewMark, str]]:
        """(mark, the reviewer's name), oldest first."""
        rows = await self._session.execute(
            select(ReviewMark, Account.name)
            .join(Account, Account.public_id == ReviewMark.reviewer_id)
            .where(ReviewMark.conversation_id == conversation.id)
            .order_by(ReviewMark.id)
        )
        return [(mark, name) for mark, name in rows]

    async def mark(
        self,
        conversation: Conversation,
        message: InboundMessage | None,
        kind: MarkKind,
        words: str,
        by: str,
        now: datetime,
    ) -> None:
        """Put a mark; a flag or tag that is there already stays as it is."""
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            insert(ReviewMark)
            .values(
                public_id=new_public_id(), conversation_id=conversation.id, reviewer_id=by, kind=kind, text=words, at=now,
                inbound_id=None if message is None else message.id,
            )
            .on_conflict_do_nothing()
        )  # fmt: skip

    async def unmark(self, conversation: Conversation, public_id: str, by: str) -> bool:
        """Take a mark away: flags and tags are everybody's, a note is hers. False when there was none."""
        gone = await self._session.execute(
            delete(ReviewMark).where(
                ReviewMark.conversation_id == conversation.id,
                ReviewMark.public_id == public_id,
                or_(ReviewMark.kind != MarkKind.NOTE, ReviewMark.reviewer_id == by),
            )
        )
        return bool(gone.rowcount)  # type: ignore[attr-defined]

    async def tags(self, limit: int = 40) -> Sequence[str]:
        """Tags in use, the latest first: to be chosen again instead of written anew."""
        rows = await self._session.execute(
            select(ReviewMark.text, ReviewMark.id)
            .where(ReviewMark.kind == MarkKind.TAG)
            .order_by(ReviewMark.id.desc())
            .limit(limit * 10)
        )
        return list(dict.fromkeys(word for word, _ in rows))[:limit]

    async def mark_reviewed(self, conversation_id: int, reviewer: str, now: datetime) -> None:
        """She has been through it; a second time moves the moment."""
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            insert(Reviewed)
            .values(conversation_id=conversation_id, reviewer_id=reviewer, at=now)
            .on_conflict_do_update(index_elements=["conversation_id", "reviewer_id"], set_={"at": now})
        )

    async def unmark_reviewed(self, conversation_id: int, reviewer: str) -> None:
        """She takes it back."""
        await self._session.execute(
            delete(Reviewed).where(Reviewed.conversation_id == conversation_id, Reviewed.reviewer_id == reviewer)
        )

    async def reviewed(self, conversation_id: int) -> Sequence[Reviewed]:
        """Who has been through it."""
        rows = await self._session.scalars(select(Reviewed).where(Reviewed.conversation_id == conversation_id))
        return rows.all()

    async def dialogue_test(self, conversation: Conversation) -> DialogueTest | None:
        """The test that was kept of it."""
        return await self._session.scalar(select(DialogueTest).where(DialogueTest.conversation_id == conversation.id))

    async def keep_dialogue_test(
        self, conversation: Conversation, name: str, steps: str, by: str, now: datetime
    ) -> None:
        """Keep it as a test, in place of an earlier one."""
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        said = {"reviewer_id": by, "name": name, "steps": steps, "at": now}
        await self._session.execute(
            insert(DialogueTest)
            .values(public_id=new_public_id(), conversation_id=conversation.id, **said)
            .on_conflict_do_update(index_elements=["conversation_id"], set_=said)
        )

    async def drop_dialogue_test(self, conversation: Conversation) -> None:
        """It is no test any more."""
        await self._session.execute(delete(DialogueTest).where(DialogueTest.conversation_id == conversation.id))

    async def dialogue_tests(self) -> Sequence[DialogueTest]:
        """Every one, oldest first."""
        return (await self._session.scalars(select(DialogueTest).order_by(DialogueTest.id))).all()


def _after(message: InboundMessage) -> ColumnElement[bool]:
    """Said in answer to this message or a later one, or, in answer to none, after it came."""
    return when(
        (OutboundMessage.inbound_id.is_not(None), OutboundMessage.inbound_id >= message.id),
        else_=OutboundMessage.created_at >= message.received_at,
    )
