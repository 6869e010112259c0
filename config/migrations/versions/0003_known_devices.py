"""Browsers that are known again, networks that are slowed, the security journal, a syndic's own session lengths."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _known_devices()
    _journal()
    op.create_table(
        "network_pressure",
        sa.Column("network", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("network", name=op.f("pk_network_pressure")),
    )
    op.add_column("login_sessions", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    for name, default in (("session_idle_s", 30 * 86400), ("session_longest_s", 180 * 86400)):
        op.add_column("syndics", sa.Column(name, sa.BigInteger(), nullable=False, server_default=str(default)))
        op.alter_column("syndics", name, server_default=None)


def _known_devices() -> None:
    op.create_table(
        "known_devices",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "token_digest", name=op.f("pk_known_devices")),
    )
    op.create_index(op.f("ix_known_devices_identity_id"), "known_devices", ["identity_id"])


def _journal() -> None:
    op.create_table(
        "security_journal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("syndic_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("(identity_id IS NULL) <> (name IS NULL)", name=op.f("ck_security_journal_one_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_journal")),
    )
    for column in ("identity_id", "name"):
        op.create_index(op.f(f"ix_security_journal_{column}"), "security_journal", [column])
