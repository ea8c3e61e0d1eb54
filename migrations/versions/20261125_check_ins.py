"""Check-ins that she agreed to have kept, sealed; and an index that finds results which stand in messages to be read once.

Revises: e19d5a73c8b4
"""

import sqlalchemy as sa
from alembic import op

revision = "a6d3917e40cb"
down_revision = "e19d5a73c8b4"
branch_labels = None
depends_on = None

UNREAD = sa.text("masked = '［情绪自测的结果］'")


def upgrade() -> None:
    op.create_table(
        "check_ins",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed_scores", sa.LargeBinary(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_check_ins_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("conversation_id", "day", name=op.f("uq_check_ins_conversation_id_day")),
    )
    op.create_index(op.f("ix_check_ins_consented_at"), "check_ins", ["consented_at"])
    op.create_index(
        "ix_outbound_messages_check_in",
        "outbound_messages",
        ["created_at"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )


def downgrade() -> None:
    op.drop_index("ix_outbound_messages_check_in", table_name="outbound_messages")
    op.drop_table("check_ins")
