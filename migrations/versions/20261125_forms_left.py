"""Whether the engine has to leave its form before it is asked again: a person spoke to her meanwhile.

A mark in the row survives an engine that is down, and a process that dies, between the officer's act and the reset.

Revises: 8e42b6a0f7d3
"""

import sqlalchemy as sa
from alembic import op

revision = "d1a6b3f47c20"
down_revision = "8e42b6a0f7d3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("leave_forms", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("leave_forms")
