"""Figures: an index that holds what is counted of messages, and the searches for a place that found nothing good enough.

Revises: b58e2f60c9d4
"""

import sqlalchemy as sa
from alembic import op

revision = "7d2c90b6e4f1"
down_revision = "b58e2f60c9d4"
branch_labels = None
depends_on = None

COUNTED = ("received_at", "conversation_id", "kind", "intent", "risk", "risk_kind", "status", "attempts")


def upgrade() -> None:
    op.create_index("ix_inbound_messages_figures", "inbound_messages", list(COUNTED))
    op.create_table(
        "place_misses",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "missed",
            sa.Enum("nothing", "wishes", "outside", name="missed", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("wishes", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_place_misses_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_misses")),
    )
    op.create_index("ix_place_misses_at", "place_misses", ["at"])
    op.create_index("ix_place_misses_conversation", "place_misses", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("place_misses")
    op.drop_index("ix_inbound_messages_figures", "inbound_messages")
