"""Fixtures that several folders of tests use: a clock, keys, and a database of each kind."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.storage import tables
from bot.storage.database import Database
from bot.storage.sealing import Keyring

KEY = b"k" * 32


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    """Tuesday 2026-11-24, 10:00 in Shanghai."""
    return Clock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(KEY)


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own in a temporary folder, stopped at the end."""
    programs = _postgres_bin()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; .ci/run installs it")
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    port = free_port()
    # initdb refuses to run as root; as root the server belongs to the system's own postgres user.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        for part in (folder, *folder.parents):
            if part == Path("/tmp"):
                break
            part.chmod(0o755)
        shutil.chown(folder, "postgres")
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": folder}
    subprocess.run(
        [*user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "bot", "-E", "UTF8",
         "--no-sync", "--locale=C.UTF-8"], **quiet,
    )  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
    start = [*user, str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w"]
    subprocess.run([*start, "start"], **quiet)
    try:
        yield f"postgresql+psycopg://bot@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*user, str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], **(quiet | {"check": False})
        )


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table and nothing in them; tests copy it, which is much faster than making sixty tables."""
    file = tmp_path_factory.mktemp("empty") / "bot.db"
    asyncio.run(make_tables(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes a database with every table and nothing in them, by copying one; there is one at a time."""
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    base = postgres_url.rpartition("/")[0]
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE empty")
        asyncio.run(make_tables(f"{base}/empty"))

        def copy() -> str:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS tested WITH (FORCE)")
            connection.exec_driver_sql("CREATE DATABASE tested TEMPLATE empty")
            return f"{base}/tested"

        yield copy
    server.dispose()


async def make_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with every table. Not async: making it runs an event loop of its own."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("empty_postgres")())
    shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "bot.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    database = Database(database_url, pool_size=20)
    yield database
    await database.close()


def wait_until(ready, *, seconds: float = 30.0, every: float = 0.1) -> None:
    """Poll `ready()` until it is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"not ready after {seconds} s"
        time.sleep(every)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory):
    """The whole system, running; shared by every test that talks to it."""
    from tests.running import running_system

    with running_system(tmp_path_factory.mktemp("system")) as running:
        yield running
