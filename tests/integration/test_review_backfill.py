"""Conversations from before the index was made are found as those after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

ROOT = Path(__file__).resolve().parents[2]
BEFORE, AFTER = "d3b71f0a96c4", "1f6c8be20d75"
AT = "2026-11-24 02:00:00.000000"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Config, Engine]]:
    """A database of the migration before, and how to go on from it."""
    config = Config(ROOT / "migrations" / "alembic.ini")
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    config.attributes["database_url"] = url
    engine = create_engine(url.replace("+aiosqlite", ""))
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    command.upgrade(config, BEFORE)
    yield config, engine
    engine.dispose()


def add_message(engine: Engine, number: int, masked: str, said: str, **more: object) -> None:
    """A conversation of one message and one answer."""
    row = {"id": number, "n": str(number), "at": AT, "masked": masked, "said": said, "intent": "greet", "confidence": 0.9,
           "understanding": "{}", "risk": "none", "status": "answered", "kind": "text"} | more  # fmt: skip
    with engine.begin() as connection:
        for sql in (
            "INSERT INTO conversations (id, public_id, channel, account, sender_digest, sealed_sender, owner, version, risk,"
            " created_at, last_inbound_at) VALUES (:id, :n, 'web', 'main', :n, '', 'bot', 0, 'none', :at, :at)",
            "INSERT INTO inbound_messages (id, public_id, conversation_id, message_key, kind, sealed, masked, status,"
            " attempts, intent, confidence, risk, understanding, sent_at, received_at) VALUES (:id, :n, :id, :n, :kind, '',"
            " :masked, :status, 1, :intent, :confidence, :risk, :understanding, :at, :at)",
            "INSERT INTO outbound_messages (id, public_id, conversation_id, inbound_id, author, holding, sealed, masked,"
            " created_at, attempts) VALUES (:id, :n, :id, :id, 'bot', :no, '', :said, :at, 0)",
        ):
            connection.execute(text(sql), row | {"no": False})


def found(engine: Engine, gram: str) -> list[int]:
    """The messages that hold two characters."""
    word = gram.encode().hex().upper()
    sql = (
        "SELECT rowid FROM message_grams WHERE message_grams MATCH :word"
        if engine.dialect.name == "sqlite"
        else "SELECT id FROM message_words WHERE grams @@ CAST(:word AS tsquery)"
    )
    with engine.connect() as connection:
        return sorted(connection.scalars(text(sql), {"word": f'"{word}"' if "MATCH" in sql else word}))


def test_what_is_there_already_is_entered(old: tuple[Config, Engine]) -> None:
    config, engine = old
    add_message(engine, 1, "他冷暴力", "您可以报警", intent="nlu_fallback", risk="urgent")
    add_message(engine, 2, "想离婚", "报警找110", status="waiting", confidence=0.4,
                understanding='{"ranking": [["ask_divorce", 0.4], ["ask_custody", 0.35]]}')  # fmt: skip
    add_message(engine, 3, "subscribe", "您好", kind="event")
    command.upgrade(config, AFTER)
    assert found(engine, "冷暴") == [2]
    assert found(engine, "报警") == [3, 5]
    assert found(engine, "力") == [2]
    with engine.begin() as connection:
        entries = connection.execute(
            text("SELECT conversation_id, intents, lowest_confidence, risk, reasons FROM review_entries ORDER BY 1")
        ).all()
        connection.execute(text("DELETE FROM inbound_messages WHERE id = 1"))
    assert [tuple(entry) for entry in entries] == [(1, "|nlu_fallback|", 0.9, 2, 4), (2, "|greet|", 0.4, 0, 2 + 16)]
    assert found(engine, "冷暴") == []
    add_message(engine, 9, "新来的", "您好")
    assert found(engine, "新来") == [18]
    command.downgrade(config, BEFORE)
    add_message(engine, 10, "再来的", "您好")
