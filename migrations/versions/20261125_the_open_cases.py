"""Pages that watch the queue ask for the open cases every second; closed ones, which grow for years, are not read for it.

Revises: 7d2c90b6e4f1
"""

import sqlalchemy as sa
from alembic import op

revision = "c07a5e93d1b8"
down_revision = "7d2c90b6e4f1"
branch_labels = None
depends_on = None

OPEN = sa.text("status != 'closed'")


def upgrade() -> None:
    op.create_index("ix_cases_open", "cases", ["due_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_cases_open", table_name="cases")
