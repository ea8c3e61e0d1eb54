"""Reminders: one row for each moment of an appointment, so that any number of workers send each once.

Unique by appointment and moment; a move replaces the rows, a cancellation drops them.

Revises: 76b2f889dc17
"""

import sqlalchemy as sa
from alembic import op

revision = "a3d9410be7c6"
down_revision = "76b2f889dc17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sent",
                "listed",
                "called",
                "skipped",
                name="reminder_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.String(length=32), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'waiting') = (done_at IS NULL)", name=op.f("ck_reminders_done_has_a_time")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_reminders_appointment_id_appointments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "appointment_id", "minutes_before", name=op.f("uq_reminders_appointment_id_minutes_before")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_reminders_public_id")),
    )
    op.create_index(op.f("ix_reminders_receipt"), "reminders", ["receipt"], unique=False)
    for status, name in (("waiting", "ix_reminders_due"), ("listed", "ix_reminders_listed")):
        where = sa.text(f"status = '{status}'")
        op.create_index(name, "reminders", ["due_at"], unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_table("reminders")
