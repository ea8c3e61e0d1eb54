"""Who may read the open API: keys are given once, kept as digests, and taken back at any time."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotAllowed, NotFound
from bot.domain.sharing import Scope
from bot.services.audit import Audit
from bot.storage.api_clients import ApiClient, ApiClientStore
from bot.storage.database import Database
from bot.storage.sealing import Keyring

PURPOSE, KEY_BYTES, LONGEST_KEY, LONGEST_NAME = "api key", 32, 200, 100


@dataclass(frozen=True, slots=True)
class Client:
    """One system that reads; `key` only in the moment when it is made."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None
    key: str = field(default="", repr=False)


class ApiClients:
    """Adds, revokes and recognises clients; every change stands in the audit log."""

    def __init__(self, database: Database, keyring: Keyring, audit: Audit, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._audit = audit
        self._clock = clock

    async def add(self, name: str, scopes: Iterable[Scope]) -> Client:
        """A new client with its key, which is shown this once. Raises BadInput."""
        wanted = frozenset(scopes)
        if not name.strip() or len(name.strip()) > LONGEST_NAME or not wanted:
            raise BadInput("请写明对方系统的名称（最多 100 字）和它可以读什么。")
        key = secrets.token_urlsafe(KEY_BYTES)
        async with self._database.write() as session:
            digest = self._keyring.digest(key, PURPOSE)
            row = await ApiClientStore(session).add(name.strip(), digest, " ".join(sorted(wanted)), self._clock())
            deed = Deed(Act.API_CLIENT_ADDED, "", "api_client", row.public_id, row.scopes)
            await self._audit.append(session, deed)
        return Client(row.public_id, row.name, wanted, row.created_at, key=key)

    async def revoke(self, public_id: str) -> None:
        """From now on the key opens nothing; the second time changes nothing. Raises NotFound."""
        async with self._database.write() as session:
            row = await ApiClientStore(session).named(public_id)
            if row is None:
                raise NotFound("没有这个编号。")
            if row.revoked_at is None:
                row.revoked_at = self._clock()
                await self._audit.append(session, Deed(Act.API_CLIENT_REVOKED, "", "api_client", row.public_id))

    async def all(self) -> Sequence[Client]:
        """Every client, the oldest first."""
        async with self._database.read() as session:
            return [_client(row) for row in await ApiClientStore(session).all()]

    async def check(self, key: str, scope: Scope) -> Client:
        """Who asks. Raises NotAllowed for a key that is unknown or revoked, or that does not reach so far."""
        if not 0 < len(key) <= LONGEST_KEY:
            raise NotAllowed("需要有效的访问密钥。")
        async with self._database.read() as session:
            row = await ApiClientStore(session).with_key(self._keyring.digests(key, PURPOSE))
        if row is None or scope not in _scopes(row):
            raise NotAllowed("需要有效的访问密钥。")
        return _client(row)


def _scopes(row: ApiClient) -> frozenset[Scope]:
    return frozenset(Scope(word) for word in row.scopes.split())


def _client(row: ApiClient) -> Client:
    return Client(row.public_id, row.name, _scopes(row), row.created_at, row.revoked_at)
