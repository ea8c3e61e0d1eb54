"""Cases: what a person takes over, their history, and whom she ruled out.

A partial unique index lets a conversation have one open case, however often it is opened at the same moment. A case keeps
what the Federation did (it can be her evidence, 反家庭暴力法 20) when the conversation itself is deleted.

Revises: d1a6b3f47c20
"""

import sqlalchemy as sa
from alembic import op

revision = "7f0e2c915ab3"
down_revision = "d1a6b3f47c20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "alerted",
                "taken",
                "closed",
                name="case_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum("yellow", "orange", "red", name="case_level", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "asked",
                "urgent",
                "emergency",
                "not_understood",
                "officer",
                name="open_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "topic",
            sa.Enum(
                "violence",
                "suicide",
                "child",
                "harassment",
                "marriage",
                "family",
                "work",
                "land",
                "legal",
                "mind",
                "hardship",
                "errand",
                "unknown",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("route_from", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("need", sa.String(length=1000), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column(
            "risk",
            sa.Enum(
                "none",
                "watch",
                "urgent",
                "emergency",
                name="risk",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "risk_kind",
            sa.Enum(
                "violence",
                "suicide",
                "child",
                "sexual",
                "perpetrator",
                name="risk_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("tried", sa.String(length=500), nullable=False),
        sa.Column(
            "may_call",
            sa.Enum("unknown", "yes", "no", name="may_call", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "safe_to_write",
            sa.Enum("unknown", "yes", "no", name="safe_to_write", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("wishes", sa.String(length=500), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=True),
        sa.Column("preferred_officer_id", sa.String(length=32), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("routing_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "resolved",
                "advised",
                "referred",
                "unreachable",
                "not_wanted",
                "left",
                name="case_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "helped",
            sa.Enum("yes", "partly", "no", name="helped", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("helped_why", sa.String(length=32), nullable=False),
        sa.Column("help_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed_has_a_time")),
        sa.CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_cases_closed_has_an_outcome")),
        sa.CheckConstraint(
            "status != 'taken' OR officer_id IS NOT NULL", name=op.f("ck_cases_somebody_has_what_is_taken")
        ),
        sa.CheckConstraint(
            "status NOT IN ('waiting', 'alerted') OR officer_id IS NULL", name=op.f("ck_cases_nobody_has_what_waits")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_cases_conversation_id_conversations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["accounts.public_id"], name=op.f("fk_cases_officer_id_accounts")),
        sa.ForeignKeyConstraint(
            ["preferred_officer_id"], ["accounts.public_id"], name=op.f("fk_cases_preferred_officer_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cases_public_id")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_area", ["area"], unique=False)
        batch_op.create_index("ix_cases_conversation", ["conversation_id"], unique=False)
        batch_op.create_index("ix_cases_officer", ["officer_id", "status"], unique=False)
        batch_op.create_index(
            "ix_cases_waiting",
            ["next_look_at"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.create_index(
            "ux_cases_open",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("status != 'closed' AND conversation_id IS NOT NULL"),
            postgresql_where=sa.text("status != 'closed' AND conversation_id IS NOT NULL"),
        )

    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "opened",
                "raised",
                "alerted",
                "declined",
                "expired",
                "withdrawn",
                "taken",
                "replied",
                "released",
                "away",
                "removed",
                "transferred",
                "referred",
                "given_back",
                "excluded",
                "left",
                "closed",
                "reopened",
                "reopened_by_officer",
                "edited",
                "rated",
                name="case_act",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index("ix_case_events_case", ["case_id", "id"], unique=False)

    op.create_table(
        "case_exclusions",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "level",
                "surname",
                "officer",
                name="exclusion_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_exclusions_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exclusions")),
        sa.UniqueConstraint("case_id", "kind", "value", name=op.f("uq_case_exclusions_case_id_kind_value")),
    )


def downgrade() -> None:
    op.drop_table("case_exclusions")
    op.drop_table("case_events")
    op.drop_table("cases")
