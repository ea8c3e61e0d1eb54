"""Lists and counts of suggestions, as an officer may see them and as everybody may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.suggestions import OPEN, SuggestionFilter, SuggestionStatus
from bot.storage.suggestions import Suggestion, SuggestionPromise, SuggestionStore, SuggestionWords, is_standing


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody may see: a branch, whether those without a known place too, and whether complaints too."""

    area: str
    unknown: bool
    complaints: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The head of a group, its words ("" when they are gone), how many stand behind it, and the promise that counts."""

    row: Suggestion
    words: str
    voices: int
    promise: SuggestionPromise | None


class SuggestionLists:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._store = SuggestionStore(session)

    async def page(
        self, seen: Seen, wanted: SuggestionFilter, today: date, *, offset: int, limit: int, whole: bool = False
    ) -> list[Listed]:
        """Groups by their heads: overdue first, then what waits for an answer, the newest first. `whole`: every row."""
        overdue = exists().where(
            SuggestionPromise.suggestion_id == Suggestion.id, is_standing(), SuggestionPromise.due < today
        )
        rows = (
            await self._session.scalars(
                select(Suggestion)
                .where(true() if whole else Suggestion.merged_into_id.is_(None), visible(seen), *_wanted(wanted, today))
                .order_by(overdue.desc(), Suggestion.status != SuggestionStatus.RECEIVED, Suggestion.id.desc())
                .offset(offset)
                .limit(limit)
            )
        ).all()
        return await self.listed(rows)

    async def listed(self, heads: Sequence[Suggestion]) -> list[Listed]:
        """The same rows with their words, counts and promises."""
        words, promises, voices = (
            await self._store.words(heads),
            await self._store.promises(heads),
            await self._voices(heads),
        )
        return [
            Listed(row, words.get(row.id, ""), voices.get(row.id, row.voices), promises.get(row.id)) for row in heads
        ]

    async def _voices(self, heads: Sequence[Suggestion]) -> dict[int, int]:
        found = await self._session.execute(
            select(Suggestion.merged_into_id, func.sum(Suggestion.voices))
            .where(Suggestion.merged_into_id.in_([head.id for head in heads]))
            .group_by(Suggestion.merged_into_id)
        )
        more = {number: int(count) for number, count in found}
        return {head.id: head.voices + more.get(head.id, 0) for head in heads}

    async def candidates(self, head: Suggestion, seen: Seen, limit: int) -> list[tuple[Suggestion, str]]:
        """Other heads of the same kind that are not settled, with their words: what it may be merged into."""
        rows = (
            await self._session.scalars(
                select(Suggestion)
                .where(
                    Suggestion.id != head.id, Suggestion.merged_into_id.is_(None), Suggestion.status.in_(OPEN),
                    Suggestion.complaint == head.complaint, visible(seen),
                )
                .order_by(Suggestion.id.desc())
                .limit(limit)
            )
        ).all()  # fmt: skip
        words = await self._store.words(rows)
        return [(row, words.get(row.id, row.wording)) for row in rows if words.get(row.id, row.wording)]

    async def public(self, area: str, category: str, limit: int) -> list[Listed]:
        """What the page without sign-in shows: heads that an officer worded and showed, never complaints."""
        conditions: list[ColumnElement[bool]] = [
            Suggestion.shown.is_(True),
            Suggestion.merged_into_id.is_(None),
            ~Suggestion.complaint,
        ]
        if area:
            conditions.append(Suggestion.area.startswith(area, autoescape=True))
        if category:
            conditions.append(Suggestion.category == category)
        rows = await self._session.scalars(
            select(Suggestion)
            .where(*conditions)
            .order_by(Suggestion.received_at.desc(), Suggestion.id.desc())
            .limit(limit)
        )
        return await self.listed(rows.all())

    async def counts(
        self, seen: Seen, area: str, begins: datetime | None, ends: datetime | None
    ) -> dict[tuple[str, str], int]:
        """(category, status) → voices of what was received in this area and span (None: no bound)."""
        conditions: list[ColumnElement[bool]] = [visible(seen)]
        if area:
            conditions.append(Suggestion.area.startswith(area, autoescape=True))
        if begins is not None:
            conditions.append(Suggestion.received_at >= begins)
        if ends is not None:
            conditions.append(Suggestion.received_at < ends)
        rows = await self._session.execute(
            select(Suggestion.category, Suggestion.status, func.sum(Suggestion.voices))
            .where(*conditions)
            .group_by(Suggestion.category, Suggestion.status)
        )
        return {(category, status.value): int(count) for category, status, count in rows}

    async def overdue(self, seen: Seen, area: str, today: date) -> int:
        """How many promises of groups are overdue."""
        query = (
            select(func.count())
            .select_from(SuggestionPromise)
            .join(Suggestion, Suggestion.id == SuggestionPromise.suggestion_id)
            .where(
                is_standing(),
                SuggestionPromise.due < today,
                visible(seen),
                Suggestion.area.startswith(area, autoescape=True),
            )
        )
        return int(await self._session.scalar(query) or 0)


def visible(seen: Seen) -> ColumnElement[bool]:
    """What lies in the branch; what has no place, and complaints, only for whom they are meant."""
    place: ColumnElement[bool] = Suggestion.area.startswith(seen.area, autoescape=True) & (Suggestion.area != "")
    if seen.unknown:
        place = or_(place, Suggestion.area == "")
    return place if seen.complaints else place & ~Suggestion.complaint


def _wanted(wanted: SuggestionFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category:
        found.append(Suggestion.category == wanted.category)
    if wanted.area:
        found.append(Suggestion.area.startswith(wanted.area, autoescape=True))
    if wanted.status is not None:
        found.append(Suggestion.status == wanted.status)
    if wanted.complaints is not None:
        found.append(Suggestion.complaint == wanted.complaints)
    if wanted.overdue:
        found.append(
            exists().where(
                SuggestionPromise.suggestion_id == Suggestion.id, is_standing(), SuggestionPromise.due < today
            )
        )
    if wanted.words:
        member = aliased(Suggestion)
        said = (
            select(SuggestionWords.id)
            .join(member, member.id == SuggestionWords.suggestion_id)
            .where(
                or_(member.id == Suggestion.id, member.merged_into_id == Suggestion.id),
                SuggestionWords.masked.contains(wanted.words, autoescape=True),
            )
            .exists()
        )
        found.append(or_(said, Suggestion.wording.contains(wanted.words, autoescape=True)))
    return found
