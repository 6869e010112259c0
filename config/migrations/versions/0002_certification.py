"""Codes and refresh tokens in the grant, pushed requests, one-time proofs, keys that sign from an instant on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVERY_SCOPE = "openid profile email phone address offline_access accounts"
FORMER_SCOPE = "openid profile email phone address accounts"


def upgrade() -> None:
    _clients()
    _signing_keys()
    _grants()
    _client_sessions()
    op.add_column("authorization_requests", sa.Column("pushed", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "used_proofs",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_proofs")),
    )
    op.create_index(op.f("ix_used_proofs_expires_at"), "used_proofs", ["expires_at"])


def _client_sessions() -> None:
    """Which subject went with a `sid`: that of the account's newest link in an identity's session, or its own."""
    op.add_column("client_sessions", sa.Column("sub", sa.Text(), nullable=True))
    op.execute(
        "UPDATE client_sessions c SET sub = coalesce("
        "(SELECT l.sub FROM links l JOIN login_sessions s ON s.identity_id = l.identity_id"
        " WHERE s.id = c.session_id AND l.account_id = c.account_id ORDER BY l.created_at DESC LIMIT 1),"
        " (SELECT a.sub FROM legacy_accounts a WHERE a.id = c.account_id))"
    )
    op.alter_column("client_sessions", "sub", nullable=False)


def _clients() -> None:
    op.add_column("clients", sa.Column("frontchannel_logout_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("jwks", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("clients", sa.Column("jwks_uri", sa.Text(), nullable=True))
    types: postgresql.ARRAY[str] = postgresql.ARRAY(sa.Text())
    op.add_column("clients", sa.Column("grant_types", types, nullable=False, server_default="{}"))
    for name in ("require_pushed_authorization_requests", "dpop_bound_access_tokens"):
        op.add_column("clients", sa.Column(name, sa.Boolean(), nullable=False, server_default="false"))
        op.alter_column("clients", name, server_default=None)
    op.execute("UPDATE clients SET grant_types = '{authorization_code,refresh_token}'")
    clients = sa.table("clients", sa.column("scope"))
    op.execute(clients.update().where(clients.c.scope == FORMER_SCOPE).values(scope=EVERY_SCOPE))
    op.alter_column("clients", "grant_types", server_default=None)


def _signing_keys() -> None:
    op.add_column("signing_keys", sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("signing_keys", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE signing_keys SET signs_from = created_at")
    op.execute("UPDATE signing_keys SET revoked_at = created_at WHERE state = 'revoked'")
    op.alter_column("signing_keys", "signs_from", nullable=False)
    op.alter_column("signing_keys", "private_key", nullable=True)
    op.drop_constraint(op.f("ck_signing_keys_state"), "signing_keys", type_="check")
    op.drop_column("signing_keys", "state")


def _grants() -> None:
    """Grants live ten minutes: those of before end with their codes, and their extranets ask again."""
    op.drop_table("authorization_codes")
    op.execute("DELETE FROM grants")
    for name in ("syndic_id", "client_id", "session_id", "account_id", "link_id"):
        op.drop_index(op.f(f"ix_grants_{name}"), "grants")
        op.drop_constraint(op.f(f"fk_grants_{name}"), "grants", type_="foreignkey")
    op.add_column("grants", sa.Column("code_digest", sa.LargeBinary(), nullable=False))
    op.add_column("grants", sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=False))
    op.add_column("grants", sa.Column("code_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("grants", sa.Column("redirect_uri", sa.Text(), nullable=False))
    for name in ("nonce", "code_challenge", "dpop_jkt"):
        op.add_column("grants", sa.Column(name, sa.Text(), nullable=True))
    generation = sa.Column("refreshed_generation", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("grants", generation)
    op.add_column("grants", sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE grants SET (fillfactor = 70)")  # redeeming updates the row where it lies
