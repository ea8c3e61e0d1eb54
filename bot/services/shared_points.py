"""Her exact point: put down by the turn that brought it, taken once by the action that looks up places."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.geography import Point
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.shared_points import SharedPointStore


class SharedPoints:
    """Hands points out once."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def take(self, key: str) -> Point | None:
        """The point, which is then gone; None when it is not there any more."""
        async with self._database.write() as session:
            return await SharedPointStore(session, self._keyring).take(key, self._clock())
