"""Teaching: change sets of accepted corrections, trainings beside the live model, and how the live model changed.

Revises: f4c2a9e7d156
"""

import sqlalchemy as sa
from alembic import op

revision = "b58e2f60c9d4"
down_revision = "f4c2a9e7d156"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_sets",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                name="change_set_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_change_sets_decided_has_a_time")
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_change_sets_another_person_decides")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.public_id"], name=op.f("fk_change_sets_decided_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.public_id"], name=op.f("fk_change_sets_proposed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sets")),
        sa.UniqueConstraint("public_id", name=op.f("uq_change_sets_public_id")),
    )

    with op.batch_alter_table("change_sets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_sets_state"), ["state"], unique=False)

    op.create_table(
        "change_set_lines",
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("correction", sa.String(length=32), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("masked", sa.String(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("guessed", sa.Boolean(), nullable=False),
        sa.Column("turned", sa.Boolean(), nullable=False),
        sa.Column("of_herself", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_set_id"],
            ["change_sets.id"],
            name=op.f("fk_change_set_lines_change_set_id_change_sets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_change_set_lines_inbound_id_inbound_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set_lines")),
        sa.UniqueConstraint("change_set_id", "number", name=op.f("uq_change_set_lines_change_set_id_number")),
        sa.UniqueConstraint("claim", name=op.f("uq_change_set_lines_claim")),
    )

    with op.batch_alter_table("change_set_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_set_lines_inbound_id"), ["inbound_id"], unique=False)

    op.create_table(
        "model_trainings",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "failed",
                "rejected",
                "ready",
                "live",
                name="training_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("busy", sa.Integer(), nullable=True),
        sa.Column("change_sets", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("against", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.String(), nullable=False),
        sa.Column("former", sa.String(), nullable=False),
        sa.Column("objections", sa.String(), nullable=False),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(busy IS NULL) = (state NOT IN ('waiting', 'running'))", name=op.f("ck_model_trainings_busy_until_it_ends")
        ),
        sa.CheckConstraint("busy = 1", name=op.f("ck_model_trainings_busy_is_one")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.public_id"], name=op.f("fk_model_trainings_asked_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_trainings")),
        sa.UniqueConstraint("busy", name=op.f("uq_model_trainings_busy")),
        sa.UniqueConstraint("public_id", name=op.f("uq_model_trainings_public_id")),
    )

    op.create_table(
        "model_moves",
        sa.Column(
            "kind",
            sa.Enum("promoted", "rolled_back", name="move_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("former", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.public_id"], name=op.f("fk_model_moves_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_moves")),
    )


def downgrade() -> None:
    op.drop_table("model_moves")
    op.drop_table("model_trainings")
    op.drop_table("change_set_lines")
    op.drop_table("change_sets")
