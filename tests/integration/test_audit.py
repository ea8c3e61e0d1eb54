"""The audit log: one chain whatever happens at once, no row changed or removed unseen."""

import asyncio
import hashlib

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.services import audit as service
from bot.services.audit import Audit
from bot.storage.audit import AuditEntry, AuditStore, ChainMoved
from bot.storage.database import Database
from bot.storage.sealing import CannotOpen, Keyring
from tests.conftest import Clock
from tests.integration.staffing import deed, fill

WRITERS = 50
REFUSED = "append-only"


@pytest.fixture
def database(migrated_database: Database) -> Database:
    return migrated_database


@pytest.fixture
def audit(database: Database, keyring: Keyring, clock: Clock) -> Audit:
    return Audit(database, keyring, clock=clock)


async def raw(database: Database, *statements: str) -> None:
    """As somebody who holds the database but not our code."""
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def without_triggers(database: Database, *statements: str) -> None:
    """As the same, who removed the triggers first."""
    if database.is_sqlite:
        async with database.read() as session:
            found = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            drops = [f"DROP TRIGGER {name}" for name in found]
    else:
        drops = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("audit_entries", "audit_head")]
    await raw(database, *drops, *statements)


# ── one chain ──


async def test_fifty_writers_at_once_make_one_chain(audit: Audit, database: Database) -> None:
    await asyncio.gather(*(audit.note(deed(number)) for number in range(WRITERS)))
    async with database.read() as session:
        numbers = list(await session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence)))
        objects = set(await session.scalars(select(AuditEntry.object_id)))
    assert numbers == list(range(1, WRITERS + 1))
    assert objects == {f"case{number}" for number in range(WRITERS)}
    checked = await audit.verify()
    assert (checked.rows, checked.broken_at) == (WRITERS, None)


async def test_an_act_that_fails_leaves_no_row_and_no_gap(audit: Audit, database: Database) -> None:
    await fill(audit, 2)
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await audit.append(session, deed(3))
            raise ZeroDivisionError
    await audit.note(deed(4))
    assert (await audit.verify()).rows == 3


async def test_a_row_for_a_place_that_is_taken_is_refused(audit: Audit, database: Database) -> None:
    await fill(audit, 2)
    with pytest.raises(ChainMoved):
        async with database.write() as session:
            await AuditStore(session).add(2, audit._clock(), deed(9), "0" * 64, b"")
    assert (await audit.verify()).rows == 2


async def test_nothing_logged_is_whole(audit: Audit) -> None:
    assert (await audit.verify()).broken_at is None
    assert (await audit.verify(anchor=(1, "0" * 64))).broken_at == 1


async def test_the_chain_outlives_a_change_of_the_data_key(database: Database, clock: Clock) -> None:
    old, new = b"o" * 32, b"n" * 32
    await fill(Audit(database, Keyring(old), clock=clock), 2)
    await fill(Audit(database, Keyring(new, old), clock=clock), 2)
    assert (await Audit(database, Keyring(new), clock=clock).verify()).rows == 4
    with pytest.raises(CannotOpen):
        await Audit(database, Keyring(old), clock=clock).verify()


async def test_checking_keeps_few_rows_in_memory_and_tells_how_far_it_is(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 10)
    await fill(audit, 25)
    told: list[tuple[int, int]] = []
    assert (await audit.verify(progress=lambda done, total: told.append((done, total)))).rows == 25
    assert told == [(10, 25), (20, 25), (25, 25)]


# ── what the database itself refuses ──


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET reason = '别的' WHERE sequence = 2",  # what was said
        "UPDATE audit_entries SET hash = hash",  # even without a change
        "DELETE FROM audit_entries WHERE sequence = 2",  # a row
        "DELETE FROM audit_entries",  # all of them
        "UPDATE audit_head SET hash = '0'",  # the head, where it is
        "UPDATE audit_head SET sequence = 1",  # backwards
        "UPDATE audit_head SET sequence = sequence + 2",  # over a row
        "DELETE FROM audit_head",  # a new beginning
    ],
)
async def test_the_database_refuses_to_change_or_remove(audit: Audit, database: Database, statement: str) -> None:
    await fill(audit, 3)
    with pytest.raises(DBAPIError, match=REFUSED):
        await raw(database, statement)
    assert (await audit.verify()).rows == 3


async def test_the_database_refuses_to_replace_or_truncate(audit: Audit, database: Database) -> None:
    await fill(audit, 3)
    columns = "id, sequence, at, actor, act, object_kind, object_id, reason, source, hash"
    statements = {
        True: [
            f"INSERT OR REPLACE INTO audit_entries ({columns}) "
            f"SELECT {columns.replace('reason', chr(39) + '别的' + chr(39))} FROM audit_entries WHERE sequence = 2",
            "INSERT OR REPLACE INTO audit_head (id, sequence, hash, sealed_key) VALUES (1, 0, '0', x'00')",
        ],
        False: ["TRUNCATE audit_entries", "TRUNCATE audit_head"],
    }
    for statement in statements[database.is_sqlite]:
        with pytest.raises(DBAPIError, match=REFUSED):
            await raw(database, statement)
    assert (await audit.verify()).rows == 3


# ── what the chain shows when the triggers are gone ──


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (["UPDATE audit_entries SET reason = '别的' WHERE sequence = 3"], 3),  # another reason
        (["UPDATE audit_entries SET actor = 'officer9' WHERE sequence = 3"], 3),  # another person
        (["UPDATE audit_entries SET act = 'unknown' WHERE sequence = 1"], 1),  # an act that we do not know
        (["DELETE FROM audit_entries WHERE sequence = 3"], 3),  # a row less
        (["DELETE FROM audit_entries WHERE sequence >= 4"], 4),  # the end cut off
        (["DELETE FROM audit_entries"], 1),  # all
        (
            [
                "DELETE FROM audit_entries WHERE sequence = 3",
                "UPDATE audit_entries SET sequence = sequence - 1 WHERE id > 3",
            ],
            3,
        ),  # a row less, and the rest moved up
        (["UPDATE audit_head SET sequence = 4"], 5),  # the head moved back before the last row
        (["UPDATE audit_head SET sequence = 6"], 6),  # and forward
        ([f"UPDATE audit_head SET hash = '{'0' * 64}'"], 5),  # another hash in the head
        (["DELETE FROM audit_head"], 1),  # no head at all
    ],
)
async def test_tampering_is_found_where_it_was_done(
    audit: Audit, database: Database, statements: list[str], broken_at: int
) -> None:
    await fill(audit, 5)
    await without_triggers(database, *statements)
    checked = await audit.verify()
    assert (checked.broken_at, bool(checked.words)) == (broken_at, True)


async def test_without_the_key_nobody_can_write_a_row_that_fits(audit: Audit, database: Database) -> None:
    await fill(audit, 3)
    async with database.read() as session:
        last = (await session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1))).one()
    forged = hashlib.sha256(last.hash.encode()).hexdigest()
    await without_triggers(
        database,
        f"UPDATE audit_entries SET actor = 'officer9', hash = '{forged}' WHERE sequence = 3",
        f"UPDATE audit_head SET hash = '{forged}'",
    )
    assert (await audit.verify()).broken_at == 3


async def test_an_end_that_was_cut_off_and_grown_anew_shows_against_a_noted_row(
    audit: Audit, database: Database, clock: Clock
) -> None:
    """The attacker has an old copy of the whole head row, so the chain itself is whole again."""
    await fill(audit, 3)
    async with database.read() as session:
        old = await AuditStore(session).head()
    await fill(audit, 2)
    noted = await audit.verify()
    await without_triggers(
        database,
        "DELETE FROM audit_entries WHERE sequence > 3",
        f"UPDATE audit_head SET sequence = 3, hash = '{old.hash}'",
    )
    assert (await audit.verify()).broken_at is None
    assert (await audit.verify(anchor=(noted.rows, noted.hash))).broken_at == 4
    clock.pass_by(minutes=1)
    await fill(audit, 4)
    assert (await audit.verify(anchor=(noted.rows, noted.hash))).broken_at == 5
