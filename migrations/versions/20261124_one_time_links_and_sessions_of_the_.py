"""One-time links and sessions of the console, so that the log can be read before accounts exist.

Revises: 0fd7f08085fc
"""

import sqlalchemy as sa
from alembic import op


revision = 'ccd9eef2765d'
down_revision = '0fd7f08085fc'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('console_links',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_console_links')),
    sa.UniqueConstraint('digest', name=op.f('uq_console_links_digest'))
    )
    op.create_table('console_sessions',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_console_sessions')),
    sa.UniqueConstraint('digest', name=op.f('uq_console_sessions_digest'))
    )


def downgrade() -> None:
    op.drop_table('console_sessions')
    op.drop_table('console_links')
