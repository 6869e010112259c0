"""Second factors: passkeys, authenticator apps, recovery codes, and the browsers in which one is to be shown."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _passkeys()
    _apps()
    _recovery_codes()
    _checks()
    op.add_column("browser_proofs", sa.Column("acr", sa.Text(), nullable=True))
    op.add_column("browser_proofs", sa.Column("amr", postgresql.ARRAY(sa.Text()), nullable=True))


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of_identity("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkeys_public_id")),
    )
    op.create_index(op.f("ix_passkeys_identity_id"), "passkeys", ["identity_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenges")),
    )
    op.create_index(op.f("ix_passkey_challenges_holder_id"), "passkey_challenges", ["holder_id"])


def _apps() -> None:
    op.create_table(
        "authenticator_apps",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of_identity("authenticator_apps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator_apps")),
    )
    op.create_index(op.f("ix_authenticator_apps_identity_id"), "authenticator_apps", ["identity_id"])
    op.create_index(op.f("ix_authenticator_apps_session_id"), "authenticator_apps", ["session_id"])
    op.create_index(
        "uq_authenticator_apps_confirmed",
        "authenticator_apps",
        ["identity_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NOT NULL"),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of_identity("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("identity_id", "code_mac", name=op.f("uq_recovery_codes_identity_id_code_mac")),
    )


def _checks() -> None:
    op.create_table(
        "factor_checks",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("identity_epoch", sa.BigInteger(), nullable=False),
        sa.Column("factors", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of_identity("factor_checks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_checks")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_factor_checks_token_digest")),
    )
    op.create_index(op.f("ix_factor_checks_identity_id"), "factor_checks", ["identity_id"])


def _of_identity(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_identity_id")
    return sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=name, ondelete="CASCADE")
