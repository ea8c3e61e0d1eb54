"""What officers keep about a case, sealed: private notes, tasks, referrals; and the keys of the replies they sent.

Private notes have a table of their own, so that no query for what she may read can meet one.

Revises: b3c85f1d7e42
"""

import sqlalchemy as sa
from alembic import op

revision = "c4d96a2e8f53"
down_revision = "b3c85f1d7e42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_notes",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_notes_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["accounts.public_id"], name=op.f("fk_case_notes_officer_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_notes_public_id")),
    )
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.create_index("ix_case_notes_case", ["case_id", "id"], unique=False)

    op.create_table(
        "case_tasks",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "follow_up", "return_visit", name="task_kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_result", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "sealed_result IS NULL OR done_at IS NOT NULL", name=op.f("ck_case_tasks_a_result_has_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_tasks_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["accounts.public_id"], name=op.f("fk_case_tasks_officer_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_tasks_public_id")),
    )
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_case_tasks_case", ["case_id"], unique=False)
        batch_op.create_index("ix_case_tasks_officer", ["officer_id", "done_at", "due_at"], unique=False)

    op.create_table(
        "case_referrals",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column(
            "body",
            sa.Enum(
                "police",
                "court",
                "legal_aid",
                "hospital",
                "civil_affairs",
                name="outside_body",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body_name", sa.String(length=100), nullable=False),
        sa.Column("sealed_facts", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_referrals_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["accounts.public_id"], name=op.f("fk_case_referrals_officer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_referrals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_referrals_public_id")),
    )
    with op.batch_alter_table("case_referrals", schema=None) as batch_op:
        batch_op.create_index("ix_case_referrals_case", ["case_id"], unique=False)

    op.create_table(
        "case_replies",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_replies_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["accounts.public_id"], name=op.f("fk_case_replies_officer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_replies")),
        sa.UniqueConstraint("request_key", name=op.f("uq_case_replies_request_key")),
    )
    with op.batch_alter_table("case_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_replies_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("case_replies")
    op.drop_table("case_referrals")
    op.drop_table("case_tasks")
    op.drop_table("case_notes")
