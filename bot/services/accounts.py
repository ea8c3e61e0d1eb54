"""Opening the console with a one-time link, until accounts come: the administrator at the machine makes the link."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.errors import NotAllowed
from bot.domain.officers import Officer, Role
from bot.storage.accounts import AccountStore
from bot.storage.database import Database
from bot.storage.sealing import Keyring

LINK_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=8)
ADMINISTRATOR = Officer("管理员", Role.ADMIN)
"""Whom a one-time link lets in: the whole area, until accounts come."""


class Accounts:
    """Makes links, turns them into sessions, checks sessions."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def make_link(self) -> str:
        """The secret of a link that works once, for half an hour."""
        secret = secrets.token_urlsafe(24)
        async with self._database.write() as session:
            await AccountStore(session).add_link(self._digest(secret), self._clock() + LINK_LIFETIME)
        return secret

    async def enter(self, secret: str) -> str:
        """Use a link up → the token of a new session. Raises NotAllowed."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        async with self._database.write() as session:
            store = AccountStore(session)
            if not await store.use_link(self._digest(secret), now):
                raise NotAllowed("这个链接已经用过或过期。请在服务器上重新生成：python -m bot console-link")
            await store.open_session(self._digest(token), now, now + SESSION_LIFETIME)
        return token

    async def check(self, token: str) -> Officer:
        """Whose session it is. Raises NotAllowed unless it is open."""
        async with self._database.read() as session:
            if not token or not await AccountStore(session).has_session(self._digest(token), self._clock()):
                raise NotAllowed("请用一次性链接进入工作台。")
        return ADMINISTRATOR

    async def leave(self, token: str) -> None:
        """End the session."""
        async with self._database.write() as session:
            await AccountStore(session).close_session(self._digest(token))

    def _digest(self, secret: str) -> str:
        return self._keyring.digest(secret, "console")
