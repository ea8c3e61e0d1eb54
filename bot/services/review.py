"""Reading the log: a page at a time, masked."""

from bot.storage.database import Database
from bot.storage.message_log import LoggedMessage, MessageLog


class Review:
    """What reviewers may look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self, *, before: int | None = None, risky: bool = False) -> list[LoggedMessage]:
        """Inbound messages, newest first."""
        async with self._database.read() as session:
            return await MessageLog(session).latest(before=before, risky=risky)
