"""The migrations make the tables that the code describes, and can be taken back."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    made = Config(ROOT / "migrations" / "alembic.ini")
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        plain = create_engine(url)
        with plain.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        plain.dispose()
    made.attributes["database_url"] = url
    return made


def tables(config: Config) -> set[str]:
    engine = create_engine(config.attributes["database_url"].replace("+aiosqlite", ""))
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_up_check_down_and_up_again(config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)
    assert {"conversations", "inbound_messages", "locations", "wechat_tokens"} <= tables(config)
    command.downgrade(config, "base")
    assert tables(config) <= {"alembic_version"}
    command.upgrade(config, "head")
