"""Databases as production has them: made by the migrations, with the triggers; each test gets a copy."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.storage.database import Database

ROOT = Path(__file__).resolve().parents[2]


def migrate(url: str) -> None:
    config = Config(ROOT / "migrations" / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "bot.db"
    migrate(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Copies of a migrated database on the server, by name."""
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    base = postgres_url.rpartition("/")[0]
    with server.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS migrated WITH (FORCE)")  # another folder may have made one
        connection.exec_driver_sql("CREATE DATABASE migrated")
        migrate(f"{base}/migrated")

        def copy(name: str) -> str:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE migrated")
            return f"{base}/{name}"

        yield copy
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a copy. Not async: a migration runs an event loop of its own."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("migrated_postgres")("copied"))
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "bot.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
async def migrated_database(migrated_url: str) -> AsyncIterator[Database]:
    made = Database(migrated_url, pool_size=20)
    yield made
    await made.close()
