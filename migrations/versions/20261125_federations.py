"""The directory of people, federations at work, and cases that a woman has sent to one of them or kept away from it.

A row that an account or a case belongs to cannot be deleted: without it the account would see the cases of a whole branch.

Revises: 7c2a94f1e8d3
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "d4f7b1e60a92"
down_revision = "7c2a94f1e8d3"
branch_labels = None
depends_on = None

ACTS = (
    "opened", "raised", "alerted", "declined", "expired", "withdrawn", "taken", "replied", "released", "away", "removed",
    "transferred", "referred", "given_back", "excluded", "left", "closed", "reopened", "reopened_by_officer", "edited",
    "rated",
)  # fmt: skip
EXCLUDED = ("level", "surname", "officer")
KINDS = ("area", "system", "chamber", "zone", "space", "company")
POINTING = ("accounts", "cases")


def allow(table: str, column: str, constraint: str, values: Sequence[str]) -> None:
    name = op.f(f"ck_{table}_{constraint}")
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({listed})")


def upgrade() -> None:
    op.create_table(
        "federations",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="federation_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["federations.id"], name=op.f("fk_federations_parent_id_federations"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federations")),
        sa.UniqueConstraint("name", "division_code", name=op.f("uq_federations_name_division_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_federations_public_id")),
    )
    op.create_index(op.f("ix_federations_parent_id"), "federations", ["parent_id"])
    op.create_index("ix_federations_place", "federations", ["division_code", "kind"])
    op.create_table(
        "federation_people",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("federation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=False),
        sa.Column("on_duty", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["federation_id"],
            ["federations.id"],
            name=op.f("fk_federation_people_federation_id_federations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_people")),
        sa.UniqueConstraint("public_id", name=op.f("uq_federation_people_public_id")),
    )
    op.create_index(op.f("ix_federation_people_federation_id"), "federation_people", ["federation_id"])
    for table in POINTING:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("federation_id", sa.String(length=32), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_{table}_federation_id"), ["federation_id"])
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_federation_id_federations"), "federations", ["federation_id"], ["public_id"]
            )
    op.add_column("case_alerts", sa.Column("at_work", sa.Boolean(), server_default=sa.false(), nullable=False))
    allow("case_events", "act", "case_act", (*ACTS, "chosen"))
    allow("case_exclusions", "kind", "exclusion_kind", (*EXCLUDED, "federation"))


def downgrade() -> None:
    op.execute("DELETE FROM case_exclusions WHERE kind = 'federation'")
    op.execute("UPDATE case_events SET act = 'edited' WHERE act = 'chosen'")
    allow("case_exclusions", "kind", "exclusion_kind", EXCLUDED)
    allow("case_events", "act", "case_act", ACTS)
    op.drop_column("case_alerts", "at_work")
    # Nobody who worked for a federation may sign in with the scope of a branch.
    op.execute("UPDATE accounts SET disabled_at = created_at WHERE federation_id IS NOT NULL AND disabled_at IS NULL")
    for table in POINTING:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_federation_id_federations"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_{table}_federation_id"))
            batch_op.drop_column("federation_id")
    op.drop_table("federation_people")
    op.drop_table("federations")
