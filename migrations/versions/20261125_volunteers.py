"""Volunteers, calls for help, and who was asked for which: a place of a call is taken by an index, first come.

Revises: d91c4e76a5b8
"""

import sqlalchemy as sa
from alembic import op

revision = "7c2a94f1e8d3"
down_revision = "d91c4e76a5b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "volunteers",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "volunteer",
                "expert",
                "mentor",
                name="volunteer_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("skills", sa.String(length=400), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("free", sa.String(length=100), nullable=False),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "accepted",
                "paused",
                "left",
                name="volunteer_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("earlier_minutes", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'left') = (left_at IS NOT NULL)", name=op.f("ck_volunteers_left_has_a_time")),
        sa.CheckConstraint(
            "status <> 'left' OR sealed_contact IS NULL", name=op.f("ck_volunteers_who_left_has_no_contact")
        ),
        sa.CheckConstraint("earlier_minutes >= 0", name=op.f("ck_volunteers_hours_are_not_negative")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_volunteers_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_volunteers_public_id")),
    )
    with op.batch_alter_table("volunteers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteers_applied_at"), ["applied_at"], unique=False)
        batch_op.create_index("ix_volunteers_list", ["status", "kind", "area"], unique=False)
        batch_op.create_index("ux_volunteers_conversation", ["conversation_id"], unique=True)

    op.create_table(
        "volunteer_calls",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("need", sa.String(length=600), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "volunteer",
                "expert",
                "mentor",
                name="volunteer_call_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("skills", sa.String(length=400), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "filled",
                "closed",
                name="volunteer_call_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_volunteer_calls_closed_has_a_time")
        ),
        sa.CheckConstraint("wanted BETWEEN 1 AND 200", name=op.f("ck_volunteer_calls_somebody_is_wanted")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_volunteer_calls_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_calls")),
        sa.UniqueConstraint("public_id", name=op.f("uq_volunteer_calls_public_id")),
    )
    with op.batch_alter_table("volunteer_calls", schema=None) as batch_op:
        batch_op.create_index("ix_volunteer_calls_case", ["case_id"], unique=False)
        batch_op.create_index("ix_volunteer_calls_list", ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_calls_made_at"), ["made_at"], unique=False)

    op.create_table(
        "volunteer_matches",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "accepted",
                "declined",
                "done",
                name="volunteer_match_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('accepted', 'done')) = (place IS NOT NULL)",
            name=op.f("ck_volunteer_matches_who_comes_has_a_place"),
        ),
        sa.CheckConstraint("minutes = 0 OR status = 'done'", name=op.f("ck_volunteer_matches_hours_when_done")),
        sa.CheckConstraint("minutes BETWEEN 0 AND 6000", name=op.f("ck_volunteer_matches_hours_are_hours")),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["volunteer_calls.id"],
            name=op.f("fk_volunteer_matches_call_id_volunteer_calls"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name=op.f("fk_volunteer_matches_volunteer_id_volunteers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_matches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_volunteer_matches_public_id")),
    )
    with op.batch_alter_table("volunteer_matches", schema=None) as batch_op:
        batch_op.create_index("ix_volunteer_matches_volunteer", ["volunteer_id"], unique=False)
        batch_op.create_index("ux_volunteer_matches_asked", ["call_id", "volunteer_id"], unique=True)
        batch_op.create_index("ux_volunteer_matches_place", ["call_id", "place"], unique=True)


def downgrade() -> None:
    op.drop_table("volunteer_matches")
    op.drop_table("volunteer_calls")
    op.drop_table("volunteers")
