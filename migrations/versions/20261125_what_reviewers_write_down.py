"""What reviewers write down: who has been through a conversation, judgements of messages, marks, and dialogue tests.

And a case may be opened because a reviewer found it necessary.

Revises: 6b0e93d7a214
"""

import sqlalchemy as sa
from alembic import op

revision = "d3b71f0a96c4"
down_revision = "6b0e93d7a214"
branch_labels = None
depends_on = None

REASONS = ("asked", "urgent", "emergency", "not_understood", "officer")


def allow_reasons(*reasons: str) -> None:
    name = op.f("ck_cases_open_reason")
    listed = ", ".join(f"'{reason}'" for reason in reasons)
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"reason IN ({listed})")


def upgrade() -> None:
    allow_reasons(*REASONS, "review")
    op.create_table(
        "dialogue_tests",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("steps", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_dialogue_tests_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.public_id"], name=op.f("fk_dialogue_tests_reviewer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogue_tests")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_dialogue_tests_conversation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dialogue_tests_public_id")),
    )
    with op.batch_alter_table("dialogue_tests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dialogue_tests_reviewer_id"), ["reviewer_id"], unique=False)

    op.create_table(
        "reviewed_conversations",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_reviewed_conversations_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.public_id"], name=op.f("fk_reviewed_conversations_reviewer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewed_conversations")),
        sa.UniqueConstraint(
            "conversation_id", "reviewer_id", name=op.f("uq_reviewed_conversations_conversation_id_reviewer_id")
        ),
    )
    with op.batch_alter_table("reviewed_conversations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviewed_conversations_reviewer_id"), ["reviewer_id"], unique=False)

    op.create_table(
        "corrections",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.String(length=32), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column(
            "topic",
            sa.Enum(
                "violence",
                "suicide",
                "child",
                "harassment",
                "marriage",
                "family",
                "work",
                "land",
                "legal",
                "mind",
                "hardship",
                "errand",
                "unknown",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "risk",
            sa.Enum(
                "none",
                "watch",
                "urgent",
                "emergency",
                name="risk",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("entities", sa.String(), nullable=True),
        sa.Column("new_intent_wish", sa.String(length=200), nullable=False),
        sa.Column("changes", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "accepted", "rejected", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_corrections_decided_has_a_time")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.public_id"], name=op.f("fk_corrections_decided_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_corrections_inbound_id_inbound_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.public_id"], name=op.f("fk_corrections_reviewer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("inbound_id", "reviewer_id", name=op.f("uq_corrections_inbound_id_reviewer_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_corrections_public_id")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index("ix_corrections_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "ux_corrections_accepted",
            ["inbound_id"],
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        )

    op.create_table(
        "review_marks",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("flag", "tag", "note", name="mark_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_review_marks_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_review_marks_inbound_id_inbound_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.public_id"], name=op.f("fk_review_marks_reviewer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_marks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_marks_public_id")),
    )
    with op.batch_alter_table("review_marks", schema=None) as batch_op:
        batch_op.create_index("ix_review_marks_conversation", ["conversation_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_marks_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(
            "ux_review_marks_conversation",
            ["conversation_id", "kind", "text"],
            unique=True,
            sqlite_where=sa.text("kind != 'note' AND inbound_id IS NULL"),
            postgresql_where=sa.text("kind != 'note' AND inbound_id IS NULL"),
        )
        batch_op.create_index(
            "ux_review_marks_message",
            ["inbound_id", "kind", "text"],
            unique=True,
            sqlite_where=sa.text("kind != 'note' AND inbound_id IS NOT NULL"),
            postgresql_where=sa.text("kind != 'note' AND inbound_id IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("review_marks")
    op.drop_table("corrections")
    op.drop_table("reviewed_conversations")
    op.drop_table("dialogue_tests")
    op.execute("UPDATE cases SET reason = 'officer' WHERE reason = 'review'")
    allow_reasons(*REASONS)
