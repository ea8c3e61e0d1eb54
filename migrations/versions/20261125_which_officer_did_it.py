"""What an officer does to an appointment names her account, not only that it was an officer.

Revises: c5d71e84b2f0
"""

import sqlalchemy as sa
from alembic import op

revision = "8e42b6a0f7d3"
down_revision = "c5d71e84b2f0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment_events", sa.Column("account", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment_events", "account")
