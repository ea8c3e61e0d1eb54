"""On which evening she was last told what is open: it is said once an evening, whatever process answers her.

Revises: b7c2e95d1f38
"""

import sqlalchemy as sa
from alembic import op

revision = "e3a8d40c6b71"
down_revision = "b7c2e95d1f38"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("after_hours_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("after_hours_on")
