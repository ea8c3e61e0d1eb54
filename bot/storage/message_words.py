"""The full-text index over masked messages, which the database itself keeps in step; `message_search` asks it.

Every two neighbouring characters of a message are one word of the index, written as the hexadecimal of their UTF-8 bytes, and
the last character is a word by itself. So any two characters are found by one look-up, one character by the beginning of a
word, and longer terms as a phrase; and nothing that a person types ever reaches a query language. Small and capital ASCII
letters are the same.

SQLite: an FTS5 table without content (`message_grams`); PostgreSQL: a `tsvector` with a GIN index. Triggers write both in the
transaction of the message, whoever writes it, and take it back when a message is changed or deleted. The table
`message_words` says whose message it is: `id` is twice the message's own, plus 1 for what was said to her.
"""

from typing import Any

from sqlalchemy import DDL, BigInteger, Integer, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.conversations import InboundMessage, OutboundMessage
from bot.storage.records import Record


class MessageWords(Record):
    """One message in the index. Triggers write it. `grams` is PostgreSQL's; SQLite has a table of its own beside this one."""

    __tablename__ = "message_words"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    conversation_id: Mapped[int] = mapped_column(index=True)
    grams: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))


# The same statements stand in the migration that made the index; a later one that alters these tables on SQLite has to make
# their triggers again, as SQLite alters a table by copying it.
SQLITE_GRAMS = (
    "SELECT {id}, group_concat(gram, ' ') FROM (WITH RECURSIVE places(at) AS"
    " (SELECT 1 UNION ALL SELECT at + 1 FROM places WHERE at < length({row}.masked))"
    " SELECT hex(lower(substr({row}.masked, at, 2))) AS gram FROM places)"
)
SQLITE_IN = (
    "INSERT INTO message_words (id, conversation_id) VALUES ({id}, new.conversation_id);"  # noqa: S608 - constants
    " INSERT INTO message_grams (rowid, grams) " + SQLITE_GRAMS.replace("{row}", "new") + ";"
)
SQLITE_OUT = (
    "INSERT INTO message_grams (message_grams, rowid, grams) "  # noqa: S608 - constants
    + SQLITE_GRAMS.replace("SELECT {id}", "SELECT 'delete', {id}", 1).replace("{row}", "old")
    + "; DELETE FROM message_words WHERE id = {id};"
)
POSTGRESQL_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION message_grams(masked text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(
        '''' || upper(encode(convert_to(sign || following, 'UTF8'), 'hex')) || ''':' || least(place, 16383), ' '
        ORDER BY place), '')::tsvector
    FROM (SELECT sign, place, lead(sign, 1, '') OVER (ORDER BY place) AS following
          FROM unnest(string_to_array(lower(masked COLLATE "C"), NULL)) WITH ORDINALITY AS signs (sign, place)) AS pairs
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION message_words_in_step() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE side integer := TG_ARGV[0];
    BEGIN
        IF TG_OP <> 'INSERT' THEN DELETE FROM message_words WHERE id = old.id::bigint * 2 + side; END IF;
        IF TG_OP = 'DELETE' THEN RETURN old; END IF;
        INSERT INTO message_words (id, conversation_id, grams)
        VALUES (new.id::bigint * 2 + side, new.conversation_id, message_grams(new.masked));
        RETURN new;
    END $$
    """,
)
SIDES = ((InboundMessage, 0), (OutboundMessage, 1))


def triggers(name: str, side: int, dialect: str) -> list[str]:
    """The statements that keep the index in step with one table of messages."""
    if dialect == "postgresql":
        return [
            f"CREATE TRIGGER {name}_words AFTER INSERT OR DELETE OR UPDATE OF masked ON {name}"
            f" FOR EACH ROW EXECUTE FUNCTION message_words_in_step({side})"
        ]
    new, old = SQLITE_IN.format(id=f"new.id * 2 + {side}"), SQLITE_OUT.format(id=f"old.id * 2 + {side}")
    return [
        f"CREATE TRIGGER {name}_words_in AFTER INSERT ON {name} BEGIN {new} END",
        f"CREATE TRIGGER {name}_words_out AFTER DELETE ON {name} BEGIN {old} END",
        f"CREATE TRIGGER {name}_words_anew AFTER UPDATE OF masked ON {name} BEGIN {old} {new} END",
    ]


# prefix: six hexadecimal digits are one Chinese character, so that one is found as quickly as two.
SQLITE_FTS = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_grams USING fts5(grams, content='', tokenize='ascii', prefix='6')"
)
GIN = "CREATE INDEX ix_message_words_grams ON message_words USING gin (grams)"


def _made_with(table: Any, statement: str, dialect: str, when: str = "after_create") -> None:
    # DDL takes % for a placeholder.
    event.listen(table, when, DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


_words = Record.metadata.tables["message_words"]
_made_with(_words, SQLITE_FTS, "sqlite")
_made_with(_words, "DROP TABLE IF EXISTS message_grams", "sqlite", "after_drop")
_made_with(_words, GIN, "postgresql")
for statement in POSTGRESQL_FUNCTIONS:
    _made_with(Record.metadata, statement, "postgresql", "before_create")
for messages, number in SIDES:
    for dialect in ("sqlite", "postgresql"):
        for statement in triggers(messages.__tablename__, number, dialect):
            _made_with(messages.__table__, statement, dialect)
