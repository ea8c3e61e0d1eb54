"""Asking the index of `message_words`. What was typed becomes hexadecimal digits; nothing of it reaches a query language."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, collate, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import TextClause

from bot.domain.review_filter import Whose
from bot.storage.conversations import InboundMessage, OutboundMessage

COMMON = 20_000
"""With more hits than this it is quicker to walk the conversations than to collect the hits."""
MOST_TERMS = 6
Messages = type[InboundMessage] | type[OutboundMessage]
TABLES: Mapping[Whose, Messages] = {Whose.HERS: InboundMessage, Whose.OURS: OutboundMessage}
"""In the order in which a hit is shown: what she said says more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Terms ready for a database. `query` holds hexadecimal digits and operators of ours, nothing that was typed."""

    terms: tuple[str, ...]
    query: str
    whose: Whose | None


def wanted_words(typed: str, whose: Whose | None, *, sqlite: bool) -> Wanted | None:
    """What was typed as a query: every term has to stand in the message. None when nothing is left to look for."""
    terms = tuple(_folded(typed).split()[:MOST_TERMS])
    if not terms:
        return None
    written = [_fts_term(term) if sqlite else _ts_term(term) for term in terms]
    return Wanted(terms, (" AND " if sqlite else " & ").join(written), whose)


def _folded(typed: str) -> str:
    """As `bot.language.masking.mask` leaves texts, and with small letters."""
    plain = unicodedata.normalize("NFKC", typed).replace("\0", "").replace("[", "［").replace("]", "］")
    plain = plain.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign.lower() if sign.isascii() else sign for sign in plain)


def _grams(term: str) -> list[str]:
    pairs = [term[at : at + 2] for at in range(max(1, len(term) - 1))]
    return [pair.encode().hex().upper() for pair in pairs]


def _fts_term(term: str) -> str:
    grams = _grams(term)
    return f'"{grams[0]}" *' if len(term) == 1 else f'"{" ".join(grams)}"'


def _ts_term(term: str) -> str:
    quoted = [f"'{gram}'" for gram in _grams(term)]
    return f"{quoted[0]}:*" if len(term) == 1 else f"({' <-> '.join(quoted)})"


class MessageSearch:
    """Queries of the index."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def wanted(self, typed: str, whose: Whose | None) -> Wanted | None:
        """See `wanted_words`."""
        return wanted_words(typed, whose, sqlite=self._sqlite)

    async def hurry(self) -> None:
        """Tell PostgreSQL that a page is wanted soon: compiling a query, or calling workers, takes longer than the query."""
        if not self._sqlite:
            for wish in ("SET LOCAL jit = off", "SET LOCAL max_parallel_workers_per_gather = 0"):
                await self._session.execute(text(wish))

    async def is_common(self, wanted: Wanted) -> bool:
        """Whether more messages hold the words than are worth collecting; PostgreSQL is asked what it expects."""
        if self._sqlite:
            found = await self._session.scalar(
                text("SELECT count(*) FROM (SELECT 1 FROM message_grams WHERE message_grams MATCH :words LIMIT :most)"),
                {"words": wanted.query, "most": COMMON + 1},
            )
            return int(found or 0) > COMMON
        plan = await self._session.scalar(
            text("EXPLAIN (FORMAT JSON) SELECT 1 FROM message_words WHERE grams @@ CAST(:words AS tsquery)"),
            {"words": wanted.query},
        )
        return float(plan[0]["Plan"]["Plan Rows"]) > COMMON

    def conversations(self, wanted: Wanted) -> TextClause:
        """`SELECT conversation_id`, each once, of the conversations with a hit: from the index."""
        # SQLite takes the tables of a CROSS JOIN in the order in which they stand.
        found = (
            "message_grams CROSS JOIN message_words w WHERE message_grams MATCH :words AND message_grams.rowid = w.id"
            if self._sqlite
            else "message_words w WHERE w.grams @@ CAST(:words AS tsquery)"
        )
        side = "" if wanted.whose is None else f" AND w.id % 2 = {list(TABLES).index(wanted.whose)}"
        query = f"SELECT DISTINCT w.conversation_id FROM {found}{side}"  # noqa: S608 - constants; the words are bound
        return text(query).bindparams(words=wanted.query)

    def is_among(self, wanted: Wanted, conversation_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Whether this conversation of the query around has a hit: its messages are read, which is right for common words."""
        hits = []
        for table in self._tables(wanted):
            query = select(table.id).where(table.conversation_id == conversation_id, *self.holds(wanted, table))
            # With OFFSET, PostgreSQL does not turn it into a join over every message.
            hits.append((query if self._sqlite else query.offset(0)).exists())
        return or_(*hits)

    async def lines(self, wanted: Wanted, conversations: list[int]) -> dict[int, str]:
        """Of each of these conversations with a hit the newest message with one, hers before ours."""
        found: dict[int, str] = {}
        for table in reversed(self._tables(wanted)):
            newest = (
                select(func.max(table.id))
                .where(table.conversation_id.in_(conversations), *self.holds(wanted, table))
                .group_by(table.conversation_id)
            )
            rows = await self._session.execute(select(table.conversation_id, table.masked).where(table.id.in_(newest)))
            found |= {conversation: masked for conversation, masked in rows}
        return found

    def holds(self, wanted: Wanted, table: Messages) -> list[ColumnElement[bool]]:
        """The conditions for one message, read. ASCII letters are folded, as in the index; SQLite's LIKE does it itself."""
        masked = table.masked if self._sqlite else func.lower(collate(table.masked, "C"))
        return [masked.contains(term, autoescape=True) for term in wanted.terms]

    @staticmethod
    def _tables(wanted: Wanted) -> list[Messages]:
        return [table for whose, table in TABLES.items() if wanted.whose in (None, whose)]
