"""The connection to SQLite (WAL) or PostgreSQL, and the two ways to use it: `read` and `write`."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

BUSY_SECONDS = 15
SETTLE_MS = 100


class Database:
    """One per process. Nothing is opened before the first `read` or `write`."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": pool_size, "pool_pre_ping": True}
        if self.is_sqlite:
            options = {"connect_args": {"factory": SqliteConnection}}
        self.engine: AsyncEngine = create_async_engine(self.url, hide_parameters=True, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._writing = async_sessionmaker(
            self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE"), expire_on_commit=False
        )
        self._reading = async_sessionmaker(self.engine, expire_on_commit=False)
        # SQLite has one writer. Those of one process queue here, in order, instead of polling for its lock.
        self._turn_to_write = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block, or rolls back when the block raises.

        On SQLite it takes the write lock at once, so that two writers queue instead of failing half-way.
        """
        async with self._turn_to_write, self._writing.begin() as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for queries; what is changed in it is not kept."""
        async with self._reading() as session:
            yield session

    async def is_up(self) -> bool:
        """Whether a trivial query succeeds."""
        async with self.read() as session:
            return bool(await session.scalar(text("SELECT 1")))

    async def settle(self) -> bool:
        """After something was forgotten: move the write-ahead log into the file and empty it, for it holds old pages.

        False when a reader is in the way: nobody waits for that, it is done the next time. PostgreSQL's own housekeeping
        does the same.
        """
        if not self.is_sqlite:
            return True
        async with self._turn_to_write, self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute(f"PRAGMA busy_timeout={SETTLE_MS}")
            try:
                answer = await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
            finally:
                await driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        return bool(answer[0] == 0)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


class SqliteConnection(sqlite3.Connection):
    """One that gives its lock back when it is closed in the middle, as happens when a request is cancelled."""

    def close(self) -> None:
        """SQLite keeps the lock of a closed connection for as long as one of its cursors is remembered: roll back first."""
        if self.in_transaction:
            self.rollback()
        super().close()


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",  # what is forgotten leaves no bytes in the file
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
