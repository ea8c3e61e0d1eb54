"""The waiting list: who waits for what, what was offered to whom, and the row that the one worker on duty holds.

An entry has at most one open offer, by constraint. The offered seat itself is an appointment with status `held`.

Revises: a3d9410be7c6
"""

import sqlalchemy as sa
from alembic import op

revision = "d71f5c20a8e9"
down_revision = "a3d9410be7c6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_entries",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "offered",
                "served",
                "left",
                "over",
                name="waiting_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kinds", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("division", sa.String(length=12), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours_from", sa.Time(), nullable=True),
        sa.Column("hours_to", sa.Time(), nullable=True),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("may_message", sa.Boolean(), nullable=False),
        sa.Column("sealed_called", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('waiting', 'offered')) = (closed_at IS NULL)",
            name=op.f("ck_waiting_entries_closed_has_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_waiting_entries_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waiting_entries_public_id")),
    )
    standing = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_waiting_entries_order",
        "waiting_entries",
        ["queued_at", "id"],
        unique=False,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index(
        "ix_waiting_entries_conversation", "waiting_entries", ["conversation_id", "joined_at"], unique=False
    )
    op.create_table(
        "waiting_offers",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "missed",
                name="offer_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'open') = (settled_at IS NULL)", name=op.f("ck_waiting_offers_settled_has_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_waiting_offers_appointment_id_appointments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["waiting_entries.id"],
            name=op.f("fk_waiting_offers_entry_id_waiting_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_offers")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_waiting_offers_appointment_id")),
    )
    op.create_index(op.f("ix_waiting_offers_entry_id"), "waiting_offers", ["entry_id"], unique=False)
    unsettled = sa.text("outcome = 'open'")
    op.create_index(
        "ix_waiting_offers_open",
        "waiting_offers",
        ["entry_id"],
        unique=True,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    op.create_table(
        "waiting_list_watch",
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turnover", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_list_watch")),
    )


def downgrade() -> None:
    op.drop_table("waiting_list_watch")
    op.drop_table("waiting_offers")
    op.drop_table("waiting_entries")
