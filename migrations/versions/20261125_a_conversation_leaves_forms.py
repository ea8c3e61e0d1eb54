"""A conversation that was handed over leaves a form that the bot had begun.

Revises: 8e42b6a0f7d3
"""

import sqlalchemy as sa
from alembic import op

revision = "b19d3c7e5a42"
down_revision = "8e42b6a0f7d3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("leave_forms", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("conversations", "leave_forms")
