"""The audit log, with triggers that refuse to change or remove what was written.

The head may only move forward by one row at a time. On SQLite, INSERT OR REPLACE removes a row without asking the delete
trigger, so inserting a number that is there already is refused too.

Revises: 3b8f0c2d9a61
"""

import sqlalchemy as sa
from alembic import op

revision = "c5d71e84b2f0"
down_revision = "3b8f0c2d9a61"
branch_labels = None
depends_on = None

REFUSED = "the audit log is append-only"

SQLITE = [
    ("audit_entries_no_update", "BEFORE UPDATE ON audit_entries", ""),
    ("audit_entries_no_delete", "BEFORE DELETE ON audit_entries", ""),
    (
        "audit_entries_no_replace",
        "BEFORE INSERT ON audit_entries",
        "WHEN EXISTS (SELECT 1 FROM audit_entries WHERE sequence = NEW.sequence OR id = NEW.id)",
    ),
    (
        "audit_head_forward_only",
        "BEFORE UPDATE ON audit_head",
        "WHEN NEW.sequence <> OLD.sequence + 1 OR NEW.id <> OLD.id",
    ),
    ("audit_head_no_delete", "BEFORE DELETE ON audit_head", ""),
    ("audit_head_no_replace", "BEFORE INSERT ON audit_head", "WHEN EXISTS (SELECT 1 FROM audit_head)"),
]
POSTGRESQL = [
    ("audit_entries_no_change", "BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW", ""),
    ("audit_entries_no_truncate", "BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT", ""),
    (
        "audit_head_forward_only",
        "BEFORE UPDATE ON audit_head FOR EACH ROW",
        "WHEN (NEW.sequence <> OLD.sequence + 1 OR NEW.id <> OLD.id)",
    ),
    ("audit_head_no_delete", "BEFORE DELETE ON audit_head FOR EACH ROW", ""),
    ("audit_head_no_truncate", "BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT", ""),
]


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("sequence", name=op.f("uq_audit_entries_sequence")),
    )
    op.create_index("ix_audit_entries_act", "audit_entries", ["act", "sequence"], unique=False)
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor", "sequence"], unique=False)
    op.create_index("ix_audit_entries_object_id", "audit_entries", ["object_id", "sequence"], unique=False)
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_there_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for name, when, condition in SQLITE:
            op.execute(f"CREATE TRIGGER {name} {when} {condition} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    for name, when, condition in POSTGRESQL:
        op.execute(f"CREATE TRIGGER {name} {when} {condition} EXECUTE FUNCTION refuse_audit_change()")


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_audit_change()")
