"""The audit log: who did what to what, and why. Rows are added and never changed; a chain of hashes shows if one was.

The chain's key is random, made with the first row and kept sealed in the head row, so that neither a copy of the database
nor the right to write to it is enough to forge a row, and a change of the data key does not break old rows.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import FIRST, LONGEST_REASON, Act, ChainCheck, Deed, link
from bot.domain.errors import BadInput, NotFound
from bot.language.masking import mask
from bot.storage.accounts import AccountStore
from bot.storage.audit import AuditEntry, AuditStore, Head
from bot.storage.database import Database
from bot.storage.sealing import Keyring

KEY = "audit key"
SHORTEST_REASON = 4
MOST_ROWS = 200
ROWS_AT_ONCE = 1000
Progress = Callable[[int, int], None]
"""Called with (rows checked, rows there are)."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One row for an auditor. `actor_name` is "" when nobody was signed in."""

    sequence: int
    at: datetime
    actor_name: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What an auditor looks for; empty means everything. `actor`: a public id or a login; `before`: rows older than this
    number (paging)."""

    actor: str = ""
    act: Act | None = None
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


class Audit:
    """Adds within the transaction of the act; reads; checks the chain."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def append(self, session: AsyncSession, deed: Deed) -> None:
        """Add a row in the transaction of the act. Call it last: until the commit, every other act waits behind it."""
        store = AuditStore(session)
        head = await store.head(lock=True) or await self._begin(store)
        key, deed, at = self._key(head), _fitting(deed), self._clock()
        chained = link(key, head.hash, head.sequence + 1, at, deed)
        await store.add(head.sequence + 1, at, deed, chained, self._seal(key))

    async def note(self, deed: Deed) -> None:
        """Add a row for an act that has no transaction: a refusal, an export, reading."""
        async with self._database.write() as session:
            await self.append(session, deed)

    async def sealed_opened(self, by: Officer, kind: str, public_id: str, reason: str, source: str = "") -> None:
        """Write down, before it is shown, that she opens sealed text and why. Raises BadInput without a reason."""
        if len(reason.strip()) < SHORTEST_REASON:
            raise BadInput("请写明为什么要看原文（例如：核对地址以便出警）。")
        await self.note(Deed(Act.SEALED_OPENED, by.id, kind, public_id, mask(reason.strip()), source))

    async def denied(self, by: Officer | None, kind: str, name: str, source: str = "") -> None:
        """Write down that somebody asked for what she may not have."""
        await self.note(Deed(Act.ACCESS_DENIED, by.id if by else "", kind, name, source=source))

    async def search(self, by: Officer, query: AuditQuery) -> list[Logged]:
        """Rows, newest first. An auditor of a branch sees the acts of its accounts. Raises NotFound without the permission."""
        if not by.may(Permission.READ_AUDIT):
            raise NotFound
        async with self._database.read() as session:
            named = await AccountStore(session).by_login(query.actor.strip().casefold()) if query.actor else None
            rows = await AuditStore(session).page(
                by.area,
                actor=named.public_id if named else query.actor,
                act=query.act,
                object_id=query.object_id,
                since=query.since,
                until=query.until,
                before=query.before,
                limit=max(1, min(query.limit, MOST_ROWS)),
            )
        return [Logged(entry.sequence, entry.at, name, entry.deed()) for entry, name in rows]

    async def verify(
        self, *, anchor: tuple[int, str] | None = None, progress: Progress = lambda done, total: None
    ) -> ChainCheck:
        """Walk the chain, a thousand rows in memory at a time, and say where it breaks.

        `anchor`: a (number, hash) that was noted down outside this machine; it shows if the end was cut off and grown anew.
        """
        async with self._database.read() as session:
            store = AuditStore(session)
            newest, head = await store.newest(), await store.head()
        if head is None:
            return ChainCheck(0, FIRST, 1 if newest or anchor else None, "没有链头" if newest or anchor else "")
        checked = await self._walk(head, anchor, progress)
        if checked.broken_at is not None:
            return checked
        if newest > head.sequence:
            return replace(checked, broken_at=head.sequence + 1, words="链头之后还有记录")
        if not hmac.compare_digest(checked.hash, head.hash):
            return replace(checked, broken_at=head.sequence, words="链头和最后一行不一致")
        if anchor and anchor[0] > head.sequence:
            return replace(checked, broken_at=head.sequence + 1, words="记下的那一行已经不在")
        return checked

    async def _walk(self, head: Head, anchor: tuple[int, str] | None, progress: Progress) -> ChainCheck:
        key, good, previous = self._key(head), 0, FIRST
        while good < head.sequence:
            async with self._database.read() as session:
                rows = await AuditStore(session).walk(good, min(ROWS_AT_ONCE, head.sequence - good))
            if not rows:
                return ChainCheck(good, previous, good + 1, "这一行不见了")
            for row in rows:
                if words := _fault(key, previous, good + 1, row, anchor):
                    return ChainCheck(good, previous, good + 1, words)
                good, previous = row.sequence, row.hash
            progress(good, head.sequence)
        return ChainCheck(good, previous)

    async def _begin(self, store: AuditStore) -> Head:
        await store.begin(self._seal(secrets.token_bytes(32)))
        head = await store.head(lock=True)
        assert head is not None  # noqa: S101 - it was made a line ago
        return head

    def _key(self, head: Head) -> bytes:
        return bytes.fromhex(self._keyring.open(head.sealed_key, KEY))

    def _seal(self, key: bytes) -> bytes:
        # Anew with every row, so that it is always sealed with the current data key.
        return self._keyring.seal(key.hex(), KEY)


def _fault(key: bytes, previous: str, sequence: int, row: AuditEntry, anchor: tuple[int, str] | None) -> str:
    if row.sequence != sequence:
        return "这一行不见了"
    if not hmac.compare_digest(link(key, previous, sequence, row.at, row.deed()), row.hash):
        return "这一行被改过，或者前面少了一行"
    if anchor and anchor[0] == sequence and not hmac.compare_digest(anchor[1], row.hash):
        return "这一行和记下的不一致"
    return ""


def _fitting(deed: Deed) -> Deed:
    return replace(
        deed,
        object_kind=_printable(deed.object_kind, 32),
        object_id=_printable(deed.object_id, 64),
        reason=_printable(deed.reason, LONGEST_REASON),
        source=_printable(deed.source, 64),
    )


def _printable(text: str, longest: int) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:longest]
