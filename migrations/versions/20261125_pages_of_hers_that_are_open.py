"""When a chat page of hers was last open: an officer who writes to her sees whether anybody is there to read it.

Revises: c4d96a2e8f53
"""

import sqlalchemy as sa
from alembic import op

revision = "6b0e93d7a214"
down_revision = "c4d96a2e8f53"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_listeners",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_chat_listeners_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_listeners")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_chat_listeners_conversation_id")),
    )


def downgrade() -> None:
    op.drop_table("chat_listeners")
