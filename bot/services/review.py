"""What reviewers look for: conversations by filter, those most worth a look and why, and filters kept by name."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.review_filter import ReviewFilter, write_filter
from bot.domain.risk import RiskLevel
from bot.domain.worth_a_look import MODEL, Reason, disagree, is_near, reasons_in
from bot.services.intent_names import intent_name
from bot.services.noticing import ASKED_BACK, FALLBACK, sees_danger
from bot.storage.database import Database
from bot.storage.review_lists import Key, Listed, ReviewLists, Said, Span
from bot.storage.saved_filters import LONGEST_NAME, LONGEST_QUERY, SavedFilter, SavedFilterStore

Row = Listed
"""A conversation as a list shows it."""
A_PAGE = 50
MOST_EXPORTED = 2000
MOST_SAVED = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `after` is the key of the next one, "" when this is the last."""

    rows: tuple[Listed, ...]
    after: str


@dataclass(frozen=True, slots=True)
class WorthALook:
    """A conversation and why to look at it: (reason, the words that gave it, "" without)."""

    listed: Listed
    reasons: tuple[tuple[Reason, str], ...]


class Review:
    """For reviewers; all of it raises NotFound without the permission."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], zone: str) -> None:
        self._database = database
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def find(self, by: Officer, wanted: ReviewFilter, after: str = "") -> Page:
        """A page of what is wanted."""
        self._may(by)
        async with self._database.read() as session:
            found = await self._rows(session, by, wanted, read_key(after), A_PAGE + 1)
        return _paged(found)

    async def export(self, by: Officer, wanted: ReviewFilter) -> Sequence[Listed]:
        """The same for a file: at most `MOST_EXPORTED` rows."""
        self._may(by)
        if not by.may(Permission.EXPORT):
            raise NotFound
        async with self._database.read() as session:
            return await self._rows(session, by, wanted, None, MOST_EXPORTED)

    async def worth_a_look(self, by: Officer, after: str = "") -> tuple[list[WorthALook], str]:
        """A page of what is most worth a look, and the key of the next page."""
        self._may(by)
        async with self._database.read() as session:
            found = await ReviewLists(session).worth_a_look(by.area, after=read_key(after), limit=A_PAGE + 1)
        page = _paged(found)
        return [WorthALook(one, tuple(_why(one))) for one in page.rows], page.after

    async def saved(self, by: Officer) -> Sequence[SavedFilter]:
        """Her filters, by name."""
        self._may(by)
        async with self._database.read() as session:
            return await SavedFilterStore(session).of(by.id)

    async def save(self, by: Officer, name: str, wanted: ReviewFilter) -> None:
        """Keep a filter under a name, in place of hers of that name. Raises BadInput."""
        self._may(by)
        name = name.strip()[:LONGEST_NAME]
        query = urlencode(write_filter(wanted))
        if not name:
            raise BadInput("请给这个筛选起个名字。")
        if not query or len(query) > LONGEST_QUERY:
            raise BadInput("请先选好筛选条件，再保存。")
        async with self._database.write() as session:
            store = SavedFilterStore(session)
            if await store.count(by.id) >= MOST_SAVED:
                raise BadInput(f"最多保存 {MOST_SAVED} 个筛选，请先删掉几个。")
            await store.save(by.id, name, query, self._clock())

    async def drop(self, by: Officer, public_id: str) -> None:
        """Let go of one of hers."""
        self._may(by)
        async with self._database.write() as session:
            await SavedFilterStore(session).drop(by.id, public_id)

    async def _rows(
        self, session: AsyncSession, by: Officer, wanted: ReviewFilter, after: Key | None, limit: int
    ) -> list[Listed]:
        span = Span(self._midnight(wanted.since, 0), self._midnight(wanted.until, 1))
        return await ReviewLists(session).page(by.area, wanted, span, after=after, limit=limit)

    def _midnight(self, day: date | None, days: int) -> datetime | None:
        return None if day is None else datetime.combine(day, time.min, self._zone) + timedelta(days=days)

    def _may(self, by: Officer) -> None:
        if not by.may(Permission.REVIEW):
            raise NotFound


def write_key(key: Key) -> str:
    """For an address: the moment as ISO 8601, the row and the reasons."""
    return f"{key.at.isoformat()}~{key.conversation}~{key.reasons}"


def read_key(text: str) -> Key | None:
    """None for nothing, and for what no page wrote."""
    moment, _, rest = text.partition("~")
    conversation, _, reasons = rest.partition("~")
    numbers = [part for part in (conversation, reasons) if part.isascii() and part.isdecimal() and len(part) < 19]
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or len(numbers) != 2:
        return None
    return Key(at, int(numbers[0]), int(numbers[1]))


def _paged(found: Sequence[Listed]) -> Page:
    rows = tuple(found[:A_PAGE])
    return Page(rows, write_key(rows[-1].key) if len(found) > A_PAGE else "")


def _why(listed: Listed) -> Iterator[tuple[Reason, str]]:
    told = [(said, _parsed(said)) for said in listed.said]
    for reason in reasons_in(listed.entry.reasons):
        words = WORDS.get(reason)
        yield reason, next(filter(None, (words(said, known) for said, known in told)), "") if words else ""


def _parsed(said: Said) -> dict[str, Any]:
    try:
        known = json.loads(said.understanding or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _unclear(said: Said, known: dict[str, Any]) -> str:
    unclear = said.intent == FALLBACK or not ASKED_BACK.isdisjoint(known.get("sources") or ())
    return f"「{said.masked[:40]}」" if unclear else ""


def _toss_up(said: Said, known: dict[str, Any]) -> str:
    ranking = [(str(name), float(confidence)) for name, confidence in known.get("ranking") or () if name != FALLBACK]
    if not is_near(ranking):
        return ""
    (first, high), (second, low) = ranking[:2]
    return f"{intent_name(first)} {high:.2f}，{intent_name(second)} {low:.2f}"


def _new_words(_: Said, known: dict[str, Any]) -> str:
    return "、".join(f"「{word}」" for word in known.get("new_words") or ())


def _one_sided(said: Said, known: dict[str, Any]) -> str:
    rules = [str(rule) for rule in known.get("rules") or ()]
    ranking = [(str(name), float(confidence)) for name, confidence in known.get("ranking") or ()]
    if not ranking or not disagree(RiskLevel(said.risk), rules, sees_danger(ranking)):
        return ""
    who = "只有规则认为危险" if set(rules) - {MODEL} else "只有模型认为危险"
    return f"{who}：「{said.masked[:40]}」"


WORDS: dict[Reason, Callable[[Said, dict[str, Any]], str]] = {
    Reason.DISAGREE: _one_sided,
    Reason.FALLBACK: _unclear,
    Reason.NEAR: _toss_up,
    Reason.NEW_WORDS: _new_words,
}
