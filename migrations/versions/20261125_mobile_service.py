"""Mobile service: units, their stops, who wishes to be told of stops near a place, and what she was told.

Revises: a6d3917e40cb
"""

import sqlalchemy as sa
from alembic import op

revision = "b3f9027d4e61"
down_revision = "a6d3917e40cb"
branch_labels = None
depends_on = None


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "mobile_units",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", choice("unit_kind", "bus", "book_corner", "clinic", "class"), nullable=False),
        sa.Column("offers", sa.String(length=120), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_units")),
        sa.UniqueConstraint("name", "division_code", name=op.f("uq_mobile_units_name_division_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mobile_units_public_id")),
    )
    op.create_index(op.f("ix_mobile_units_division_code"), "mobile_units", ["division_code"])
    op.create_table(
        "mobile_stops",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("latitude_wgs84", sa.Double(), nullable=False),
        sa.Column("longitude_wgs84", sa.Double(), nullable=False),
        sa.Column("approximate", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", choice("stop_status", "planned", "cancelled"), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("moved", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_mobile_stops_ends_after_it_begins")),
        sa.CheckConstraint(
            "(status = 'cancelled') = (reason != '')", name=op.f("ck_mobile_stops_cancelled_has_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["mobile_units.id"], name=op.f("fk_mobile_stops_unit_id_mobile_units"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_stops")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mobile_stops_public_id")),
    )
    op.create_index(op.f("ix_mobile_stops_division_code"), "mobile_stops", ["division_code"])
    op.create_index("ix_mobile_stops_time", "mobile_stops", ["starts_at", "id"])
    op.create_index(
        "ux_mobile_stops_unit_time",
        "mobile_stops",
        ["unit_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("status = 'planned'"),
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_table(
        "mobile_subscriptions",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("latitude_wgs84", sa.Double(), nullable=False),
        sa.Column("longitude_wgs84", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_mobile_subscriptions_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_subscriptions")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_mobile_subscriptions_conversation_id")),
    )
    op.create_index("ix_mobile_subscriptions_point", "mobile_subscriptions", ["latitude_wgs84", "longitude_wgs84"])
    op.create_index(op.f("ix_mobile_subscriptions_ends_at"), "mobile_subscriptions", ["ends_at"])
    op.create_table(
        "mobile_notices",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["mobile_stops.id"], name=op.f("fk_mobile_notices_stop_id_mobile_stops"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["mobile_subscriptions.id"],
            name=op.f("fk_mobile_notices_subscription_id_mobile_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_notices")),
        sa.UniqueConstraint("subscription_id", "stop_id", name=op.f("uq_mobile_notices_subscription_id_stop_id")),
    )
    op.create_index(op.f("ix_mobile_notices_stop_id"), "mobile_notices", ["stop_id"])


def downgrade() -> None:
    op.drop_table("mobile_notices")
    op.drop_table("mobile_subscriptions")
    op.drop_table("mobile_stops")
    op.drop_table("mobile_units")
