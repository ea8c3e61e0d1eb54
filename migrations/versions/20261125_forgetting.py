"""Forgetting: wishes to be forgotten, one-time links to one's own records, legal holds, and the runs of the retention job.

Revises: 1f6c8be20d75
"""

import sqlalchemy as sa
from alembic import op

revision = "f4c2a9e7d156"
down_revision = "1f6c8be20d75"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forget_requests",
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("keep_appointments", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forget_requests")),
        sa.UniqueConstraint("conversation", name=op.f("uq_forget_requests_conversation")),
    )
    with op.batch_alter_table("forget_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forget_requests_next_at"), ["next_at"], unique=False)

    op.create_table(
        "retention_runs",
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
        sa.UniqueConstraint("slot", name=op.f("uq_retention_runs_slot")),
    )
    with op.batch_alter_table("retention_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "record_copies",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_record_copies_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_copies")),
        sa.UniqueConstraint("digest", name=op.f("uq_record_copies_digest")),
    )
    with op.batch_alter_table("record_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_copies_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_copies_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "case_holds",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(length=32), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("lifted_by", sa.String(length=32), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_case_holds_lifted_has_a_name")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_holds_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lifted_by"], ["accounts.public_id"], name=op.f("fk_case_holds_lifted_by_accounts")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.public_id"], name=op.f("fk_case_holds_set_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_holds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_holds_public_id")),
    )
    with op.batch_alter_table("case_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_holds_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ux_case_holds_running",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("case_holds")
    op.drop_table("record_copies")
    op.drop_table("retention_runs")
    op.drop_table("forget_requests")
