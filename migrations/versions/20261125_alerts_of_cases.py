"""Alerts: the officers who were asked to take a case, each until a deadline; one at a time by a partial unique index.

Revises: a92d4b6e08c1
"""

import sqlalchemy as sa
from alembic import op

revision = "b3c85f1d7e42"
down_revision = "a92d4b6e08c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_alerts",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=12), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "pending",
                "accepted",
                "declined",
                "expired",
                "withdrawn",
                "released",
                name="alert_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(outcome = 'pending') = (ended_at IS NULL)", name=op.f("ck_case_alerts_ended_has_a_time")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_alerts_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["accounts.public_id"], name=op.f("fk_case_alerts_officer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_alerts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_alerts_public_id")),
    )
    with op.batch_alter_table("case_alerts", schema=None) as batch_op:
        batch_op.create_index("ix_case_alerts_case", ["case_id", "id"], unique=False)
        batch_op.create_index(
            "ix_case_alerts_due",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("outcome = 'pending'"),
            postgresql_where=sa.text("outcome = 'pending'"),
        )
        batch_op.create_index("ix_case_alerts_officer", ["officer_id", "outcome"], unique=False)
        batch_op.create_index(
            "ux_case_alerts_pending",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("outcome = 'pending'"),
            postgresql_where=sa.text("outcome = 'pending'"),
        )


def downgrade() -> None:
    op.drop_table("case_alerts")
