"""Activities: dates with seats, and who signed up, waits, came, and how it was.

Revises: b3f9027d4e61
"""

import sqlalchemy as sa
from alembic import op

revision = "d91c4e76a5b8"
down_revision = "b3f9027d4e61"
branch_labels = None
depends_on = None

SEATED = sa.text("status IN ('signed_up', 'attended', 'no_show')")
STANDING = sa.text("status != 'cancelled'")
NOT_YET = sa.text("reminded_at IS NULL")


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column(
            "topic",
            choice(
                "activity_topic",
                "family_class",
                "family_stories",
                "training",
                "startup",
                "dating",
                "parent_child",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=600), nullable=False),
        sa.Column("audience", sa.String(length=60), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("status", choice("activity_status", "draft", "published", "cancelled"), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=True),
        sa.Column("sign_in_code", sa.String(length=6), nullable=False),
        sa.Column("organizer", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activities_ends_after_it_begins")),
        sa.CheckConstraint("seats IS NULL OR seats >= 1", name=op.f("ck_activities_has_seats")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_activities_point_is_whole")),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_activities_cancelled_has_a_time")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("public_id", name=op.f("uq_activities_public_id")),
    )
    op.create_index("ix_activities_coming", "activities", ["status", "starts_at"])
    op.create_index("ix_activities_series", "activities", ["series"])
    op.create_table(
        "activity_sign_ups",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            choice("sign_up_status", "signed_up", "waiting", "cancelled", "attended", "no_show"),
            nullable=False,
        ),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminder_id", sa.String(length=32), nullable=True),
        sa.Column("sealed_called", sa.LargeBinary(), nullable=True),
        sa.Column("feedback_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("masked_words", sa.String(length=300), nullable=False),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('signed_up', 'attended', 'no_show')) = (seat IS NOT NULL)",
            name=op.f("ck_activity_sign_ups_seated_has_a_seat"),
        ),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_activity_sign_ups_cancelled_has_a_time"),
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_activity_sign_ups_rating_is_known")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_sign_ups_activity_id_activities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"],
            name=op.f("fk_activity_sign_ups_conversation_id_conversations"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_sign_ups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_activity_sign_ups_public_id")),
    )  # fmt: skip
    op.create_index(
        "ux_activity_sign_ups_seat", "activity_sign_ups", ["activity_id", "seat"], unique=True,
        sqlite_where=SEATED, postgresql_where=SEATED,
    )  # fmt: skip
    op.create_index(
        "ux_activity_sign_ups_hers", "activity_sign_ups", ["activity_id", "conversation_id"], unique=True,
        sqlite_where=STANDING, postgresql_where=STANDING,
    )  # fmt: skip
    op.create_index("ix_activity_sign_ups_conversation", "activity_sign_ups", ["conversation_id"])
    op.create_index(
        "ix_activity_sign_ups_reminders", "activity_sign_ups", ["remind_at"], sqlite_where=NOT_YET,
        postgresql_where=NOT_YET,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("activity_sign_ups")
    op.drop_table("activities")
