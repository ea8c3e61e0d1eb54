"""Finding conversations: a narrow row for each, a full-text index over masked messages, and filters kept by name.

The index is kept by triggers. What is there already is entered here: the rows from the messages and cases, the index from
the masked texts. New sayings of older messages are not looked for.

Revises: d3b71f0a96c4
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "1f6c8be20d75"
down_revision = "d3b71f0a96c4"
branch_labels = None
depends_on = None

GRAMS = (
    "SELECT {id}, group_concat(gram, ' ') FROM (WITH RECURSIVE places(at) AS"
    " (SELECT 1 UNION ALL SELECT at + 1 FROM places WHERE at < length({row}.masked))"
    " SELECT hex(lower(substr({row}.masked, at, 2))) AS gram FROM places)"
)
SQLITE_IN = (
    "INSERT INTO message_words (id, conversation_id) VALUES ({id}, new.conversation_id);"  # noqa: S608 - constants
    " INSERT INTO message_grams (rowid, grams) " + GRAMS.replace("{row}", "new") + ";"
)
SQLITE_OUT = (
    "INSERT INTO message_grams (message_grams, rowid, grams) "  # noqa: S608 - constants
    + GRAMS.replace("SELECT {id}", "SELECT 'delete', {id}", 1).replace("{row}", "old")
    + "; DELETE FROM message_words WHERE id = {id};"
)
POSTGRESQL = (
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
SIDES = (("inbound_messages", 0), ("outbound_messages", 1))
TOPICS = (
    "violence", "suicide", "child", "harassment", "marriage", "family", "work", "land", "legal", "mind", "hardship",
    "errand", "unknown",
)  # fmt: skip
NEAR, FALLBACK, UNHELPED, UNANSWERED = 2, 4, 8, 16


def upgrade() -> None:
    op.create_table(
        "message_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("grams", postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_words")),
    )
    op.create_table(
        "review_entries",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(*TOPICS, name="topic", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("intents", sa.String(length=2000), nullable=False),
        sa.Column("lowest_confidence", sa.Double(), nullable=True),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_review_entries_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_entries")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_review_entries_conversation_id")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("reviewer_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.public_id"], name=op.f("fk_saved_filters_reviewer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_filters_public_id")),
        sa.UniqueConstraint("reviewer_id", "name", name=op.f("uq_saved_filters_reviewer_id_name")),
    )
    _index_messages()
    _enter_conversations()
    op.create_index("ix_message_words_conversation_id", "message_words", ["conversation_id"])
    op.create_index("ix_review_entries_last", "review_entries", ["last_at", "conversation_id"])
    op.create_index(
        "ix_review_entries_worth",
        "review_entries",
        ["reasons", "last_at", "conversation_id"],
        sqlite_where=sa.text("reasons > 0"),
        postgresql_where=sa.text("reasons > 0"),
    )


def _index_messages() -> None:
    """The index, filled, and the triggers that keep it."""
    if op.get_context().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
        for name, side in SIDES:
            op.execute(
                f"INSERT INTO message_words (id, conversation_id, grams)"
                f" SELECT id::bigint * 2 + {side}, conversation_id, message_grams(masked) FROM {name}"
            )
            op.execute(
                f"CREATE TRIGGER {name}_words AFTER INSERT OR DELETE OR UPDATE OF masked ON {name}"
                f" FOR EACH ROW EXECUTE FUNCTION message_words_in_step({side})"
            )
        op.execute("CREATE INDEX ix_message_words_grams ON message_words USING gin (grams)")
        return
    op.execute("CREATE VIRTUAL TABLE message_grams USING fts5(grams, content='', tokenize='ascii', prefix='6')")
    for name, side in SIDES:
        fill, gone = SQLITE_IN.format(id=f"new.id * 2 + {side}"), SQLITE_OUT.format(id=f"old.id * 2 + {side}")
        op.execute(f"CREATE TRIGGER {name}_words_in AFTER INSERT ON {name} BEGIN {fill} END")
        op.execute(f"CREATE TRIGGER {name}_words_out AFTER DELETE ON {name} BEGIN {gone} END")
        op.execute(f"CREATE TRIGGER {name}_words_anew AFTER UPDATE OF masked ON {name} BEGIN {gone} {fill} END")

        op.execute(
            f"INSERT INTO message_words (id, conversation_id) SELECT id * 2 + {side}, conversation_id FROM {name}"
        )
        words = GRAMS.format(id="m.id", row="m").split(" FROM ", 1)[1]
        op.execute(
            f"INSERT INTO message_grams (rowid, grams)"
            f" SELECT m.id * 2 + {side}, (SELECT group_concat(gram, ' ') FROM {words}) FROM {name} AS m"
        )


def _enter_conversations() -> None:
    """A row for every conversation in which she said something."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO review_entries (id, conversation_id, channel, first_at, last_at, messages, area, topic, intents,"
            " lowest_confidence, risk, handed_over, reasons)"
            " SELECT c.id, c.id, c.channel, min(m.received_at), max(m.received_at), count(*), '', 'unknown', '',"
            " min(CASE WHEN m.payload IS NULL THEN m.confidence END),"
            " max(CASE m.risk WHEN 'watch' THEN 1 WHEN 'urgent' THEN 2 WHEN 'emergency' THEN 3 ELSE 0 END),"
            f" false, max(CASE WHEN m.intent = 'nlu_fallback' THEN {FALLBACK} ELSE 0 END)"
            f" + max(CASE WHEN m.status <> 'answered' THEN {UNANSWERED} ELSE 0 END)"
            " FROM conversations c JOIN inbound_messages m ON m.conversation_id = c.id WHERE m.kind <> 'event'"
            " GROUP BY c.id, c.channel"
        )
    )
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('review_entries', 'id'),"
                " (SELECT coalesce(max(id), 0) + 1 FROM review_entries), false)"
            )
        )
    _enter_intents(connection)
    _enter_cases(connection)


def _enter_intents(connection: sa.Connection) -> None:
    messages = connection.execute(
        sa.text(
            "SELECT conversation_id, intent, payload, understanding FROM inbound_messages"
            " WHERE intent IS NOT NULL ORDER BY conversation_id, id"
        )
    )
    intents: dict[int, dict[str, None]] = {}
    near: set[int] = set()
    for conversation, intent, payload, understanding in messages:
        intents.setdefault(conversation, {})[intent] = None
        ranking = json.loads(understanding or "{}").get("ranking") or []
        ranking = [confidence for name, confidence in ranking if name != "nlu_fallback"]
        if payload is None and len(ranking) > 1 and ranking[0] - ranking[1] < 0.15:
            near.add(conversation)
    for conversation, names in intents.items():
        connection.execute(
            sa.text(
                "UPDATE review_entries SET intents = :intents, reasons = reasons + :near WHERE conversation_id = :id"
            ),
            {
                "intents": f"|{'|'.join(names)}|"[:2000],
                "near": NEAR if conversation in near else 0,
                "id": conversation,
            },
        )


def _enter_cases(connection: sa.Connection) -> None:
    cases = connection.execute(
        sa.text("SELECT conversation_id, area, topic, helped FROM cases WHERE conversation_id IS NOT NULL ORDER BY id")
    ).all()
    for conversation, area, topic, helped in cases:
        connection.execute(
            sa.text(
                "UPDATE review_entries SET handed_over = true, area = :area, topic = :topic,"
                f" reasons = reasons | {UNHELPED if helped == 'no' else 0} WHERE conversation_id = :id"
            ),
            {"area": area, "topic": topic, "id": conversation},
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for name, _ in SIDES:
            op.execute(f"DROP TRIGGER {name}_words ON {name}")
        op.execute("DROP FUNCTION message_words_in_step()")
        op.execute("DROP FUNCTION message_grams(text)")
    else:
        for name, _ in SIDES:
            for act in ("in", "out", "anew"):
                op.execute(f"DROP TRIGGER {name}_words_{act}")
        op.execute("DROP TABLE message_grams")
    for table in ("saved_filters", "review_entries", "message_words"):
        op.drop_table(table)
