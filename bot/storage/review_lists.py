"""Lists of conversations for reviewers: by filter, newest first, and those most worth a look; a page at a time, by key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.review_filter import BANDS, ReviewFilter
from bot.domain.worth_a_look import Reason
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.message_search import MessageSearch, Wanted
from bot.storage.review_entries import ReviewEntry
from bot.storage.reviews import Reviewed


@dataclass(frozen=True, slots=True)
class Key:
    """The last conversation of a page. `reasons` counts only in the list of what is worth a look."""

    at: datetime
    conversation: int
    reasons: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """From the first moment to before the second."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """A masked line of a conversation. `understanding` is its JSON, None when it was not hers."""

    masked: str
    intent: str | None = None
    risk: str = "none"
    understanding: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list. `line`: the newest with a hit, or her first. `reviewed`: since she wrote last."""

    entry: ReviewEntry
    conversation: str
    line: str
    reviewed: bool
    said: tuple[Said, ...] = ()

    @property
    def key(self) -> Key:
        """For the page after this one."""
        return Key(self.entry.last_at, self.entry.conversation_id, self.entry.reasons)


class ReviewLists:
    """Queries only; every text is masked."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._search = MessageSearch(session)

    async def page(
        self, scope: str, wanted: ReviewFilter, span: Span, *, after: Key | None = None, limit: int
    ) -> list[Listed]:
        """Those of her branch or of an unknown place, by the moment when she wrote last, newest first."""
        await self._search.hurry()
        query = select(ReviewEntry).where(in_reach(scope), *_conditions(wanted, span))
        if after is not None:
            query = query.where(
                ReviewEntry.last_at <= after.at,
                or_(ReviewEntry.last_at < after.at, ReviewEntry.conversation_id < after.conversation),
            )
        words = self._search.wanted(wanted.text, wanted.whose)
        if words is not None:
            query = await self._with_words(query, words)
        rows = await self._session.scalars(
            query.order_by(ReviewEntry.last_at.desc(), ReviewEntry.conversation_id.desc()).limit(limit)
        )
        return await self._listed(rows.all(), words)

    async def worth_a_look(self, scope: str, *, after: Key | None = None, limit: int) -> list[Listed]:
        """Those with a reason that nobody has been through since, the gravest reasons first, then newest first."""
        await self._search.hurry()
        query = select(ReviewEntry).where(ReviewEntry.reasons > 0, in_reach(scope), ~_reviewed())
        if after is not None:
            query = query.where(
                ReviewEntry.reasons <= after.reasons,
                or_(
                    ReviewEntry.reasons < after.reasons,
                    ReviewEntry.last_at < after.at,
                    and_(ReviewEntry.last_at == after.at, ReviewEntry.conversation_id < after.conversation),
                ),
            )
        rows = await self._session.scalars(
            query.order_by(
                ReviewEntry.reasons.desc(), ReviewEntry.last_at.desc(), ReviewEntry.conversation_id.desc()
            ).limit(limit)
        )
        listed = await self._listed(rows.all(), None)
        said = await self._said([one.entry.conversation_id for one in listed])
        return [replace(one, said=tuple(said.get(one.entry.conversation_id, ()))) for one in listed]

    async def is_visible(self, scope: str, conversation_id: int) -> bool:
        """Whether a reviewer of this branch may see the conversation."""
        found = select(ReviewEntry.id).where(ReviewEntry.conversation_id == conversation_id, in_reach(scope))
        return await self._session.scalar(found) is not None

    async def _with_words(self, query: Select[ReviewEntry], words: Wanted) -> Select[ReviewEntry]:
        if await self._search.is_common(words):
            return query.where(self._search.is_among(words, ReviewEntry.conversation_id))
        return query.where(ReviewEntry.conversation_id.in_(self._search.conversations(words)))

    async def _listed(self, entries: Sequence[ReviewEntry], words: Wanted | None) -> list[Listed]:
        ids = [entry.conversation_id for entry in entries]
        names = await self._session.execute(
            select(Conversation.id, Conversation.public_id).where(Conversation.id.in_(ids))
        )
        named = {row.id: row.public_id for row in names}
        lines = await self._first_lines(ids)
        if words is not None:
            lines |= await self._search.lines(words, ids)
        latest = await self._session.execute(
            select(Reviewed.conversation_id, func.max(Reviewed.at))
            .where(Reviewed.conversation_id.in_(ids))
            .group_by(Reviewed.conversation_id)
        )
        looked = {conversation: at for conversation, at in latest}
        return [
            Listed(
                entry,
                named[entry.conversation_id],
                lines.get(entry.conversation_id, ""),
                entry.conversation_id in looked and looked[entry.conversation_id] >= entry.last_at,
            )
            for entry in entries
        ]

    async def _first_lines(self, ids: list[int]) -> dict[int, str]:
        first = (
            select(func.min(InboundMessage.id))
            .where(InboundMessage.conversation_id.in_(ids), InboundMessage.kind != "event")
            .group_by(InboundMessage.conversation_id)
        )
        rows = await self._session.execute(
            select(InboundMessage.conversation_id, InboundMessage.masked).where(InboundMessage.id.in_(first))
        )
        return {conversation: masked for conversation, masked in rows}

    async def _said(self, ids: list[int]) -> dict[int, list[Said]]:
        """What she said, oldest first, for the words of the reasons."""
        rows = await self._session.execute(
            select(
                InboundMessage.conversation_id, InboundMessage.masked, InboundMessage.intent, InboundMessage.risk,
                InboundMessage.understanding,
            )
            .where(InboundMessage.conversation_id.in_(ids), InboundMessage.understanding.is_not(None))
            .order_by(InboundMessage.id)
        )  # fmt: skip
        said: dict[int, list[Said]] = {}
        for conversation, masked, intent, risk, understanding in rows:
            said.setdefault(conversation, []).append(Said(masked, intent, risk.value, understanding))
        return said


def in_reach(scope: str) -> ColumnElement[bool]:
    """Her branch, and what no place is known of."""
    if not scope:
        return ReviewEntry.id.is_not(None)
    return or_(ReviewEntry.area == "", ReviewEntry.area.startswith(scope, autoescape=True))


def _reviewed() -> ColumnElement[bool]:
    return exists().where(Reviewed.conversation_id == ReviewEntry.conversation_id, Reviewed.at >= ReviewEntry.last_at)


def _conditions(wanted: ReviewFilter, span: Span) -> list[ColumnElement[bool]]:
    found = _scalars(wanted, span)
    for asked, reason in (
        (wanted.fallback, Reason.FALLBACK),
        (wanted.unanswered, Reason.UNANSWERED),
        (wanted.unhelped, Reason.UNHELPED),
    ):
        if asked is not None:
            bits = ReviewEntry.reasons.op("&")(int(reason))
            found.append(bits != 0 if asked else bits == 0)
    if wanted.handed_over is not None:
        found.append(ReviewEntry.handed_over.is_(wanted.handed_over))
    if wanted.reviewed is not None:
        found.append(_reviewed() if wanted.reviewed else ~_reviewed())
    if wanted.band is not None:
        low, high = BANDS[wanted.band]
        found.append(and_(ReviewEntry.lowest_confidence >= low, ReviewEntry.lowest_confidence < high))
    return found


def _scalars(wanted: ReviewFilter, span: Span) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if span.since is not None:
        found.append(ReviewEntry.last_at >= span.since)
    if span.until is not None:
        found.append(ReviewEntry.first_at < span.until)
    if wanted.area:
        found.append(ReviewEntry.area.startswith(wanted.area, autoescape=True))
    if wanted.channel:
        found.append(ReviewEntry.channel == wanted.channel)
    if wanted.topic is not None:
        found.append(ReviewEntry.topic == wanted.topic)
    if wanted.intent:
        found.append(ReviewEntry.intents.contains(f"|{wanted.intent}|", autoescape=True))
    if wanted.risk is not None:
        found.append(ReviewEntry.risk >= wanted.risk.rank)
    if wanted.shortest is not None:
        found.append(ReviewEntry.messages >= wanted.shortest)
    if wanted.longest is not None:
        found.append(ReviewEntry.messages <= wanted.longest)
    return found
