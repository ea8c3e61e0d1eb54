"""Hardship and experts: applications with their papers; cases that she opened by talk, and a topic for questions to experts.

Applications are tables of their own: a case has tasks that are sealed and an officer's, and nobody has a case when she applies.

Revises: c84e15d7b02f
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "e19d5a73c8b4"
down_revision = "c84e15d7b02f"
branch_labels = None
depends_on = None

REASONS = ("asked", "urgent", "emergency", "not_understood", "officer", "review")
TOPICS = (
    "violence", "suicide", "child", "harassment", "marriage", "family", "work", "land", "legal", "mind", "hardship",
    "errand", "unknown",
)  # fmt: skip
WITH_TOPIC = ("cases", "corrections", "review_entries")


def allow(table: str, column: str, constraint: str, values: Sequence[str]) -> None:
    name = op.f(f"ck_{table}_{constraint}")
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({listed})")


def upgrade() -> None:
    allow("cases", "reason", "open_reason", (*REASONS, "applied", "expert"))
    for table in WITH_TOPIC:
        allow(table, "topic", "topic", (*TOPICS, "expert"))
    op.create_table(
        "aid_applications",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "collecting",
                "submitted",
                "granted",
                "refused",
                "withdrawn",
                name="aid_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('granted', 'refused', 'withdrawn')) = (settled_at IS NOT NULL)",
            name=op.f("ck_aid_applications_settled_has_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_aid_applications_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_applications")),
        sa.UniqueConstraint("public_id", name=op.f("uq_aid_applications_public_id")),
    )
    with op.batch_alter_table("aid_applications", schema=None) as batch_op:
        batch_op.create_index("ix_aid_applications_case", ["case_id"], unique=False)
        batch_op.create_index("ix_aid_applications_list", ["status", "programme", "id"], unique=False)
        batch_op.create_index(
            "ux_aid_applications_open",
            ["case_id", "programme"],
            unique=True,
            sqlite_where=sa.text("status IN ('collecting', 'submitted')"),
            postgresql_where=sa.text("status IN ('collecting', 'submitted')"),
        )
    op.create_table(
        "aid_items",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "missing",
                "said",
                "seen",
                name="aid_item_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["aid_applications.id"],
            name=op.f("fk_aid_items_application_id_aid_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_items")),
        sa.UniqueConstraint("application_id", "key", name=op.f("uq_aid_items_application_id_key")),
    )


def downgrade() -> None:
    op.drop_table("aid_items")
    op.drop_table("aid_applications")
    op.execute("UPDATE cases SET reason = 'asked' WHERE reason IN ('applied', 'expert')")
    allow("cases", "reason", "open_reason", REASONS)
    for table in WITH_TOPIC:
        op.execute(f"UPDATE {table} SET topic = 'unknown' WHERE topic = 'expert'")  # noqa: S608 - our own names
        allow(table, "topic", "topic", TOPICS)
