"""The tables of the main job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_typed", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("default_link_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("email", name=op.f("uq_identities_email")),
    )
    op.create_table(
        "ledger",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("chain", "sequence", name=op.f("uq_ledger_chain_sequence")),
    )
    op.create_table(
        "ledger_salts",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_salts")),
        sa.UniqueConstraint("chain", "sequence", "field", name=op.f("uq_ledger_salts_chain_sequence_field")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_login_attempts")),
    )
    op.create_table(
        "mails",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'accepted', 'deferred', 'refused', 'bounced')", name=op.f("ck_mails_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_subject_id"), "mails", ["subject_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("stuck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["topic", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND stuck_at IS NULL"),
    )
    op.create_table(
        "password_resets",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("identity_epoch", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_resets_token_digest")),
    )
    op.create_index(op.f("ix_password_resets_email"), "password_resets", ["email"], unique=False)
    op.create_table(
        "syndics",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("siren", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("contact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("association_policy", sa.Text(), nullable=False),
        sa.Column("association_deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("legacy_disable", sa.Text(), nullable=False),
        sa.Column("pairwise_salt", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "association_policy IN ('optional', 'required')", name=op.f("ck_syndics_association_policy")
        ),
        sa.CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name=op.f("ck_syndics_colour")),
        sa.CheckConstraint("legacy_disable IN ('after_confirmation', 'never')", name=op.f("ck_syndics_legacy_disable")),
        sa.CheckConstraint("status IN ('draft', 'active', 'suspended', 'closed')", name=op.f("ck_syndics_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_syndics")),
        sa.UniqueConstraint("slug", name=op.f("uq_syndics_slug")),
    )
    op.create_table(
        "trust_circles",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("charter", sa.Text(), nullable=False),
        sa.Column("admission", sa.Text(), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("admission IN ('operator', 'each-member')", name=op.f("ck_trust_circles_admission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_circles")),
        sa.UniqueConstraint("name", name=op.f("uq_trust_circles_name")),
    )
    op.create_table(
        "claim_releases",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_claim_releases_identity_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_claim_releases_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_releases")),
        sa.UniqueConstraint(
            "identity_id", "syndic_id", "claim", name=op.f("uq_claim_releases_identity_id_syndic_id_claim")
        ),
    )
    op.create_index(op.f("ix_claim_releases_identity_id"), "claim_releases", ["identity_id"], unique=False)
    op.create_index(op.f("ix_claim_releases_syndic_id"), "claim_releases", ["syndic_id"], unique=False)
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=True),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("redirect_uris", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("post_logout_redirect_uris", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("initiate_login_uri", sa.Text(), nullable=True),
        sa.Column("backchannel_logout_uri", sa.Text(), nullable=True),
        sa.Column("token_endpoint_auth_method", sa.Text(), nullable=False),
        sa.Column("id_token_signed_response_alg", sa.Text(), nullable=False),
        sa.Column("require_pkce", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_clients_status")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_clients_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_clients_client_id")),
    )
    op.create_index(op.f("ix_clients_syndic_id"), "clients", ["syndic_id"], unique=False)
    op.create_table(
        "legacy_accounts",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("secret_scheme", sa.Text(), nullable=True),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("tombstone", sa.Text(), nullable=True),
        sa.Column("disable_key", sa.Text(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "identifier <> '' AND identifier NOT LIKE '%%@%%'", name=op.f("ck_legacy_accounts_identifier")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'pending', 'linked', 'disable_requested', 'disabled', 'closed')",
            name=op.f("ck_legacy_accounts_state"),
        ),
        sa.CheckConstraint(
            "(secret_hash IS NULL) = (secret_scheme IS NULL)", name=op.f("ck_legacy_accounts_scheme_goes_with_hash")
        ),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_legacy_accounts_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legacy_accounts_public_id")),
    )
    op.create_index(op.f("ix_legacy_accounts_syndic_id"), "legacy_accounts", ["syndic_id"], unique=False)
    op.create_index(
        "uq_legacy_accounts_identifier",
        "legacy_accounts",
        ["syndic_id", "identifier"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "legacy_sources",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind = 'imported' OR base_url IS NOT NULL", name=op.f("ck_legacy_sources_remote_has_an_address")
        ),
        sa.CheckConstraint("kind IN ('imported', 'http')", name=op.f("ck_legacy_sources_kind")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_legacy_sources_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_sources")),
    )
    op.create_index(op.f("ix_legacy_sources_syndic_id"), "legacy_sources", ["syndic_id"], unique=False)
    op.create_index("uq_legacy_sources_syndic", "legacy_sources", ["syndic_id"], unique=True)
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("alg IN ('RS256', 'ES256')", name=op.f("ck_signing_keys_alg")),
        sa.CheckConstraint("state IN ('next', 'active', 'retired', 'revoked')", name=op.f("ck_signing_keys_state")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_signing_keys_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_keys_kid")),
    )
    op.create_index(op.f("ix_signing_keys_syndic_id"), "signing_keys", ["syndic_id"], unique=False)
    op.create_table(
        "terms_versions",
        sa.Column("syndic_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_terms_versions_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_versions")),
    )
    op.create_index(
        "uq_terms_versions",
        "terms_versions",
        [sa.literal_column("coalesce(syndic_id, '00000000-0000-0000-0000-000000000000')"), "version", "locale"],
        unique=True,
    )
    op.create_table(
        "trust_agreements",
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("accepter_id", sa.Uuid(), nullable=False),
        sa.Column("forward", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("backward", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "('link' = ANY(forward)) = ('link' = ANY(backward))", name=op.f("ck_trust_agreements_link_is_symmetric")
        ),
        sa.CheckConstraint("proposer_id <> accepter_id", name=op.f("ck_trust_agreements_two_sides")),
        sa.ForeignKeyConstraint(["accepter_id"], ["syndics.id"], name=op.f("fk_trust_agreements_accepter_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["syndics.id"], name=op.f("fk_trust_agreements_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_agreements")),
    )
    op.create_index(op.f("ix_trust_agreements_accepter_id"), "trust_agreements", ["accepter_id"], unique=False)
    op.create_index(op.f("ix_trust_agreements_proposer_id"), "trust_agreements", ["proposer_id"], unique=False)
    op.create_table(
        "trust_denials",
        sa.Column("denier_id", sa.Uuid(), nullable=False),
        sa.Column("denied_id", sa.Uuid(), nullable=False),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("denier_id <> denied_id", name=op.f("ck_trust_denials_two_sides")),
        sa.ForeignKeyConstraint(["denied_id"], ["syndics.id"], name=op.f("fk_trust_denials_denied_id")),
        sa.ForeignKeyConstraint(["denier_id"], ["syndics.id"], name=op.f("fk_trust_denials_denier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_denials")),
    )
    op.create_index(op.f("ix_trust_denials_denied_id"), "trust_denials", ["denied_id"], unique=False)
    op.create_index(op.f("ix_trust_denials_denier_id"), "trust_denials", ["denier_id"], unique=False)
    op.create_table(
        "trust_members",
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["trust_circles.id"], name=op.f("fk_trust_members_circle_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_trust_members_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_members")),
        sa.UniqueConstraint(
            "circle_id", "syndic_id", "valid_from", name=op.f("uq_trust_members_circle_id_syndic_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_trust_members_circle_id"), "trust_members", ["circle_id"], unique=False)
    op.create_index(op.f("ix_trust_members_syndic_id"), "trust_members", ["syndic_id"], unique=False)
    op.create_table(
        "authorization_requests",
        sa.Column("handle_digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_authorization_requests_client_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_authorization_requests_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_requests")),
        sa.UniqueConstraint("handle_digest", name=op.f("uq_authorization_requests_handle_digest")),
    )
    op.create_index(op.f("ix_authorization_requests_client_id"), "authorization_requests", ["client_id"], unique=False)
    op.create_index(op.f("ix_authorization_requests_syndic_id"), "authorization_requests", ["syndic_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("proofs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("contest_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'ended')", name=op.f("ck_links_state")),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_links_account_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_links_identity_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_links_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("sub", name=op.f("uq_links_sub")),
    )
    op.create_index(op.f("ix_links_account_id"), "links", ["account_id"], unique=False)
    op.create_index(op.f("ix_links_identity_id"), "links", ["identity_id"], unique=False)
    op.create_index(op.f("ix_links_syndic_id"), "links", ["syndic_id"], unique=False)
    op.create_index(
        "uq_links_living",
        "links",
        ["identity_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "login_sessions",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("identity_epoch", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("account_epoch", sa.BigInteger(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acr", sa.Text(), nullable=False),
        sa.Column("amr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("persistent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(account_id IS NULL) = (account_epoch IS NULL)", name=op.f("ck_login_sessions_legacy_carries_an_epoch")
        ),
        sa.CheckConstraint("(identity_id IS NULL) <> (account_id IS NULL)", name=op.f("ck_login_sessions_one_subject")),
        sa.CheckConstraint(
            "(identity_id IS NULL) = (identity_epoch IS NULL)", name=op.f("ck_login_sessions_identity_carries_an_epoch")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_login_sessions_account_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_login_sessions_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_sessions_token_digest")),
    )
    op.create_index(op.f("ix_login_sessions_account_id"), "login_sessions", ["account_id"], unique=False)
    op.create_index(op.f("ix_login_sessions_identity_id"), "login_sessions", ["identity_id"], unique=False)
    op.create_table(
        "terms_acceptances",
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("terms_version_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["terms_version_id"], ["terms_versions.id"], name=op.f("fk_terms_acceptances_terms_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
    )
    op.create_index(op.f("ix_terms_acceptances_association_id"), "terms_acceptances", ["association_id"], unique=False)
    op.create_table(
        "associations",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_epoch", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("request_handle", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_typed", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("code_tries", sa.BigInteger(), nullable=False),
        sa.Column("mails_sent", sa.BigInteger(), nullable=False),
        sa.Column("last_mail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'waiting', 'confirmed', 'ended')", name=op.f("ck_associations_state")),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_associations_account_id")),
        sa.ForeignKeyConstraint(["session_id"], ["login_sessions.id"], name=op.f("fk_associations_session_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_associations_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_associations")),
    )
    op.create_index(op.f("ix_associations_account_id"), "associations", ["account_id"], unique=False)
    op.create_index(op.f("ix_associations_session_id"), "associations", ["session_id"], unique=False)
    op.create_index(op.f("ix_associations_syndic_id"), "associations", ["syndic_id"], unique=False)
    op.create_table(
        "client_sessions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_client_sessions_account_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_sessions_client_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["login_sessions.id"], name=op.f("fk_client_sessions_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_sessions")),
        sa.UniqueConstraint("session_id", "client_id", "account_id", name="uq_client_sessions"),
        sa.UniqueConstraint("sid", name=op.f("uq_client_sessions_sid")),
    )
    op.create_index(op.f("ix_client_sessions_client_id"), "client_sessions", ["client_id"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("identity_epoch", sa.BigInteger(), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("acr", sa.Text(), nullable=False),
        sa.Column("amr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claims", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_grants_account_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_grants_client_id")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_grants_link_id")),
        sa.ForeignKeyConstraint(["session_id"], ["login_sessions.id"], name=op.f("fk_grants_session_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_grants_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_account_id"), "grants", ["account_id"], unique=False)
    op.create_index(op.f("ix_grants_client_id"), "grants", ["client_id"], unique=False)
    op.create_index(op.f("ix_grants_link_id"), "grants", ["link_id"], unique=False)
    op.create_index(op.f("ix_grants_session_id"), "grants", ["session_id"], unique=False)
    op.create_index(op.f("ix_grants_syndic_id"), "grants", ["syndic_id"], unique=False)
    op.create_table(
        "session_origins",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["login_sessions.id"], name=op.f("fk_session_origins_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_session_origins_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_origins")),
        sa.UniqueConstraint(
            "session_id",
            "syndic_id",
            name=op.f("uq_session_origins_session_id_syndic_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_session_origins_session_id"), "session_origins", ["session_id"], unique=False)
    op.create_table(
        "authorization_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_authorization_codes_grant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_authorization_codes")),
    )
    op.create_index(op.f("ix_authorization_codes_grant_id"), "authorization_codes", ["grant_id"], unique=False)
    op.create_table(
        "browser_proofs",
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("password_shown", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["association_id"], ["associations.id"], name=op.f("fk_browser_proofs_association_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_proofs")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_browser_proofs_token_digest")),
    )
    op.create_index(op.f("ix_browser_proofs_association_id"), "browser_proofs", ["association_id"], unique=False)
    op.create_table(
        "mailed_proofs",
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["association_id"], ["associations.id"], name=op.f("fk_mailed_proofs_association_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_proofs")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_mailed_proofs_token_digest")),
    )
    op.create_index(op.f("ix_mailed_proofs_association_id"), "mailed_proofs", ["association_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward: restore a backup instead")
