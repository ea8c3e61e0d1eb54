"""The rota of each office by week, and who is there now (在岗): a row that ends by itself when her page is silent.

Revises: 7f0e2c915ab3
"""

import sqlalchemy as sa
from alembic import op

revision = "a92d4b6e08c1"
down_revision = "7f0e2c915ab3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_weeks",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=12), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("instead_of", sa.String(length=32), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 0", name=op.f("ck_duty_weeks_rank_is_not_negative")),
        sa.ForeignKeyConstraint(["officer_id"], ["accounts.public_id"], name=op.f("fk_duty_weeks_officer_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_weeks")),
        sa.UniqueConstraint("office", "week", "officer_id", name=op.f("uq_duty_weeks_office_week_officer_id")),
        sa.UniqueConstraint("office", "week", "rank", name=op.f("uq_duty_weeks_office_week_rank")),
        sa.UniqueConstraint("public_id", name=op.f("uq_duty_weeks_public_id")),
    )
    with op.batch_alter_table("duty_weeks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_weeks_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "duty_presence",
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("on_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["accounts.public_id"], name=op.f("fk_duty_presence_officer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_presence")),
        sa.UniqueConstraint("officer_id", name=op.f("uq_duty_presence_officer_id")),
    )
    with op.batch_alter_table("duty_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_presence_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("duty_presence")
    op.drop_table("duty_weeks")
