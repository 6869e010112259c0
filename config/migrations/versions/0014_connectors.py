"""Directories as legacy sources, accounts that came back at their source, and accounts that are closed.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CONTRACTS = {
    "ck_legacy_sources_kind": "replaced by a wider one: all that the program of 0013 writes fits into it",
}
WHEN = sa.DateTime(timezone=True)
BEFORE = ("imported", "http")


def upgrade() -> None:
    """Add the columns, and the kind."""
    op.drop_constraint(op.f("ck_legacy_sources_kind"), "legacy_sources", type_="check")
    op.create_check_constraint(op.f("ck_legacy_sources_kind"), "legacy_sources", f"kind IN {(*BEFORE, 'ldap')}")
    op.add_column("legacy_sources", sa.Column("layout", postgresql.JSONB(), nullable=True))
    op.add_column("legacy_sources", sa.Column("credential", sa.LargeBinary(), nullable=True))
    op.add_column("legacy_accounts", sa.Column("probed_at", WHEN, nullable=True))
    op.add_column("legacy_accounts", sa.Column("returned_at", WHEN, nullable=True))
    op.add_column("legacy_accounts", sa.Column("returns", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("legacy_accounts", sa.Column("closed_at", WHEN, nullable=True))
    op.add_column("legacy_accounts", sa.Column("closed_because", sa.Text(), nullable=True))
    op.create_index(
        "ix_legacy_accounts_disabled", "legacy_accounts", ["syndic_id"], postgresql_where=sa.text("state = 'disabled'")
    )
    op.create_index(
        "ix_legacy_accounts_closed",
        "legacy_accounts",
        ["syndic_id", "identifier"],
        postgresql_where=sa.text("state = 'closed'"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_legacy_accounts_closed", "legacy_accounts")
    op.drop_index("ix_legacy_accounts_disabled", "legacy_accounts")
    for name in ("closed_because", "closed_at", "returns", "returned_at", "probed_at"):
        op.drop_column("legacy_accounts", name)
    for name in ("credential", "layout"):
        op.drop_column("legacy_sources", name)
    op.execute("DELETE FROM legacy_sources WHERE kind = 'ldap'")
    op.drop_constraint(op.f("ck_legacy_sources_kind"), "legacy_sources", type_="check")
    op.create_check_constraint(op.f("ck_legacy_sources_kind"), "legacy_sources", f"kind IN {BEFORE}")
