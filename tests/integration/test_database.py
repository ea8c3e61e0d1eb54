"""The database keeps what a block wrote, forgets what a failed block wrote, and lets writers queue."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from bot.domain.messages import Owner
from bot.storage.conversations import Conversation
from bot.storage.database import Database

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def conversation(name: str, now: datetime = NOW) -> Conversation:
    return Conversation(
        channel="web", account="web", sender_digest=name, sealed_sender=b"", created_at=now, last_inbound_at=now
    )


async def count(database: Database) -> int | None:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Conversation))


async def test_forty_writers_at_once_all_succeed(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write() as session:
            session.add(conversation(str(number)))

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await count(database) == 40


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            session.add(conversation("x"))
            await session.flush()
            raise ZeroDivisionError
    assert await count(database) == 0


async def test_times_come_back_in_utc_and_enums_by_value(database: Database) -> None:
    async with database.write() as session:
        session.add(conversation("x"))
    async with database.read() as session:
        row = (await session.scalars(select(Conversation))).one()
    assert (row.created_at, row.owner) == (NOW, Owner.BOT)


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a zone"):
        async with database.write() as session:
            session.add(conversation("x", datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_connection_that_is_closed_in_the_middle_keeps_nobody_from_writing(database: Database) -> None:
    """So it ends when a request is cancelled; its exception, and with it the cursor, may be remembered for long."""
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await driver.execute("BEGIN IMMEDIATE")
        remembered = await driver.execute("SELECT 1")  # and nobody has read its row
        await driver.close()
        await connection.invalidate()
    async with asyncio.timeout(3), database.write() as session:
        session.add(conversation("x"))
    assert (await count(database), remembered.rowcount) == (1, -1)
