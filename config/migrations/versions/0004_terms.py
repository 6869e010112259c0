"""Material versions of terms, acceptances of persons, whose ledger entries are whose, keys of proof files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("terms_versions", sa.Column("material", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("login_sessions", sa.Column("terms_due", sa.Boolean(), server_default="false", nullable=False))
    _acceptances()
    _subjects()
    op.create_table(
        "evidence_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("ledger_sequence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_evidence_keys_kid")),
    )


def _acceptances() -> None:
    op.alter_column("terms_acceptances", "association_id", nullable=True)
    op.add_column("terms_acceptances", sa.Column("identity_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_terms_acceptances_one_who_accepts"),
        "terms_acceptances",
        "(association_id IS NULL) <> (identity_id IS NULL)",
    )
    op.create_index(
        "uq_terms_acceptances_person",
        "terms_acceptances",
        ["identity_id", "terms_version_id"],
        unique=True,
        postgresql_where=sa.text("identity_id IS NOT NULL"),
    )


def _subjects() -> None:
    """Entries of before are their attempt's: their bodies name it."""
    op.create_table(
        "ledger_subjects",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_subjects")),
        sa.UniqueConstraint("subject", "chain", "sequence", name=op.f("uq_ledger_subjects_subject_chain_sequence")),
    )
    op.execute(
        "INSERT INTO ledger_subjects (id, subject, chain, sequence)"
        " SELECT gen_random_uuid(), (body->>'association')::uuid, chain, sequence FROM ledger"
        " WHERE body ? 'association' AND kind IN ('terms.accepted', 'association.confirmed', 'association.contested')"
    )
