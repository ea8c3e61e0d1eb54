"""Suggestions: her words in a table that goes with her conversation, what was promised, and the history.

Revises: 5b1f8c2e7a90
"""

import sqlalchemy as sa
from alembic import op

revision = "c84e15d7b02f"
down_revision = "5b1f8c2e7a90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum("chat", "paper", name="suggestion_source", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("complaint", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "promised",
                "done",
                "declined",
                name="suggestion_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('done', 'declined')) = (settled_at IS NOT NULL)",
            name=op.f("ck_suggestions_settled_has_a_time"),
        ),
        sa.CheckConstraint(
            "NOT (shown AND (complaint OR wording = ''))", name=op.f("ck_suggestions_public_has_a_wording")
        ),
        sa.CheckConstraint("voices >= 1", name=op.f("ck_suggestions_somebody_said_it")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_suggestions_conversation_id_conversations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["suggestions.id"],
            name=op.f("fk_suggestions_merged_into_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_suggestions_public_id")),
    )
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.create_index("ix_suggestions_conversation", ["conversation_id"], unique=False)
        batch_op.create_index("ix_suggestions_list", ["status", "category", "id"], unique=False)
        batch_op.create_index("ix_suggestions_merged", ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suggestions_received_at"), ["received_at"], unique=False)

    op.create_table(
        "suggestion_events",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "received",
                "resorted",
                "merged",
                "split",
                "promised",
                "done",
                "declined",
                "worded",
                name="suggestion_act",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestions.id"],
            name=op.f("fk_suggestion_events_suggestion_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_events")),
    )
    with op.batch_alter_table("suggestion_events", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_events_suggestion", ["suggestion_id", "id"], unique=False)

    op.create_table(
        "suggestion_promises",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_words", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestions.id"],
            name=op.f("fk_suggestion_promises_suggestion_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_promises")),
    )
    with op.batch_alter_table("suggestion_promises", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_promises_due", ["due"], unique=False)
        batch_op.create_index(
            "ux_suggestion_promises_open",
            ["suggestion_id"],
            unique=True,
            sqlite_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "suggestion_words",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("masked", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_suggestion_words_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestions.id"],
            name=op.f("fk_suggestion_words_suggestion_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_words")),
        sa.UniqueConstraint("key", name=op.f("uq_suggestion_words_key")),
        sa.UniqueConstraint("suggestion_id", name=op.f("uq_suggestion_words_suggestion_id")),
    )
    with op.batch_alter_table("suggestion_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestion_words_conversation_id"), ["conversation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("suggestion_words")
    op.drop_table("suggestion_promises")
    op.drop_table("suggestion_events")
    op.drop_table("suggestions")
