"""Alembic's entry: the database comes from the caller, or from the settings."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage import tables


def render(kind: str, item: object, _: object) -> str | bool:
    """Our UTC column is a plain timestamp to a migration, which imports nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "UTCDateTime" else False


def is_described(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Whether the classes describe it: the full-text index is the database's own (`bot/storage/message_words.py`)."""
    return not (name or "").startswith(("message_grams", "ix_message_words_grams"))


def run(connection: Connection) -> None:
    """Migrate in one transaction; SQLite alters tables by copying them."""
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        include_object=is_described,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def database_url() -> str:
    given = context.config.attributes.get("database_url")
    if given is None:
        from bot.settings import settings

        given = settings().database_url
    return str(given)


asyncio.run(run_online(database_url()))
