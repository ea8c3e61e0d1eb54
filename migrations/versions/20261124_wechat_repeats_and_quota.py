"""What WeChat's repeats are told again, how far a long message has come, and how much may still be sent to her.

A nonce is now remembered with the message it came with, not with the bytes of the body: WeChat may seal its own
repeats anew. Nonces live for fifteen minutes, so those of the old kind are dropped.

Revises: ccd9eef2765d
"""

import sqlalchemy as sa
from alembic import op

revision = "5e1c7a90d3b4"
down_revision = "ccd9eef2765d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM wechat_nonces")
    with op.batch_alter_table("wechat_nonces", schema=None) as batch_op:
        batch_op.alter_column("body_digest", new_column_name="message_digest", existing_type=sa.String(length=64))
    op.create_table(
        "wechat_replies",
        sa.Column("message_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_replies")),
        sa.UniqueConstraint("message_digest", name=op.f("uq_wechat_replies_message_digest")),
    )
    op.create_index(op.f("ix_wechat_replies_said_at"), "wechat_replies", ["said_at"], unique=False)
    op.create_table(
        "wechat_progress",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_progress")),
        sa.UniqueConstraint("message_id", name=op.f("uq_wechat_progress_message_id")),
    )
    op.create_index(op.f("ix_wechat_progress_updated_at"), "wechat_progress", ["updated_at"], unique=False)
    op.create_table(
        "wechat_windows",
        sa.Column("sender_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_wechat_windows_remaining_is_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_windows")),
        sa.UniqueConstraint(
            "sender_digest", "opened_by", name=op.f("uq_wechat_windows_sender_digest_opened_by")
        ),
    )
    op.create_index(op.f("ix_wechat_windows_ends_at"), "wechat_windows", ["ends_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_wechat_windows_ends_at"), table_name="wechat_windows")
    op.drop_table("wechat_windows")
    op.drop_index(op.f("ix_wechat_progress_updated_at"), table_name="wechat_progress")
    op.drop_table("wechat_progress")
    op.drop_index(op.f("ix_wechat_replies_said_at"), table_name="wechat_replies")
    op.drop_table("wechat_replies")
    op.execute("DELETE FROM wechat_nonces")
    with op.batch_alter_table("wechat_nonces", schema=None) as batch_op:
        batch_op.alter_column("message_digest", new_column_name="body_digest", existing_type=sa.String(length=64))
