"""On-call hours: rows of the schedule in which the door is shut and somebody answers the telephone, and whom to ring.

Revises: d4f7b1e60a92
"""

import sqlalchemy as sa
from alembic import op

revision = "b7c2e95d1f38"
down_revision = "d4f7b1e60a92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedules", sa.Column("on_call", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("service_at_locations", sa.Column("on_call_phone", sa.String(64), nullable=True))
    op.add_column(
        "service_at_locations",
        sa.Column("on_call_on_holidays", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("service_at_locations", schema=None) as batch_op:
        batch_op.drop_column("on_call_on_holidays")
        batch_op.drop_column("on_call_phone")
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.drop_column("on_call")
