"""Housekeeping: indexes by which what is over is found, and how long a syndic keeps tombstones.

The tables are large and in use: indexes are built beside their readers and writers, outside of a transaction. So this
revision may stop half-way; it can be run again.

Revision ID: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONTRACTS = {
    "execute": "the constraints of associations are replaced by wider ones: what the program of 0014 writes fits both",
}
INDEXES = {
    "ix_grants_expires_at": "grants (expires_at)",
    "ix_authorization_requests_expires_at": "authorization_requests (expires_at)",
    "ix_login_sessions_look_again_at": "login_sessions (look_again_at)",
    "ix_login_attempts_updated_at": "login_attempts (updated_at)",
    "ix_network_pressure_updated_at": "network_pressure (updated_at)",
    "ix_known_devices_seen_at": "known_devices (seen_at)",
    "ix_associations_expires_at": "associations (expires_at) WHERE state <> 'confirmed'",
    "ix_associations_to_strip": "associations (id) WHERE state IN ('confirmed', 'ended') AND password_hash IS NOT NULL",
    "ix_invitations_unaccepted": "invitations (expires_at) WHERE link_id IS NULL",
    "ix_address_changes_unconfirmed": "address_changes (created_at) WHERE confirmed_at IS NULL",
    "ix_authenticator_apps_unconfirmed": "authenticator_apps (created_at) WHERE confirmed_at IS NULL",
    "ix_second_codes_unused": "second_codes (expires_at) WHERE state <> 'retired'",
    "ix_legacy_accounts_to_remind": (
        "legacy_accounts (syndic_id, lower(email)) WHERE state = 'active' AND email IS NOT NULL"
    ),
    "ix_legacy_accounts_buried": (
        "legacy_accounts (syndic_id, disabled_at) WHERE tombstone IS NOT NULL AND disabled_at IS NOT NULL"
    ),
}
BEGUN = "session_id IS NOT NULL OR legacy_proof = 'invitation' OR state IN ('confirmed', 'ended')"
CONSTRAINTS = {
    "ck_associations_begun_by_a_sign_in_or_invited": f"CHECK ({BEGUN})",
    "ck_associations_invited_without_a_sign_in": "CHECK (session_id IS NULL OR legacy_proof <> 'invitation')",
    "fk_associations_session_id": "FOREIGN KEY (session_id) REFERENCES login_sessions (id) ON DELETE SET NULL",
}
ROUNDS = """
CREATE TABLE IF NOT EXISTS reminder_rounds (
    id uuid NOT NULL CONSTRAINT pk_reminder_rounds PRIMARY KEY,
    syndic_id uuid NOT NULL CONSTRAINT fk_reminder_rounds_syndic_id REFERENCES syndics (id),
    deadline timestamptz NOT NULL,
    stage text NOT NULL,
    after text,
    finished_at timestamptz,
    CONSTRAINT uq_reminder_rounds_syndic_id_deadline_stage UNIQUE (syndic_id, deadline, stage)
)
"""


def upgrade() -> None:
    """Columns, indexes, and attempts that outlive the sign-in that began them."""
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE syndics ADD COLUMN IF NOT EXISTS tombstone_days bigint NOT NULL DEFAULT 1095")
        op.execute(
            "ALTER TABLE login_sessions ADD COLUMN IF NOT EXISTS look_again_at timestamptz NOT NULL DEFAULT now()"
        )
        op.execute(ROUNDS)
        op.execute("CREATE INDEX IF NOT EXISTS ix_reminder_rounds_syndic_id ON reminder_rounds (syndic_id)")
        for name, what in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # one that was begun and never finished
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_invitations_expires_at")
        for name, what in CONSTRAINTS.items():
            op.execute(f"ALTER TABLE associations DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE associations ADD CONSTRAINT {name} {what} NOT VALID")
            op.execute(f"ALTER TABLE associations VALIDATE CONSTRAINT {name}")  # keeps nobody from writing


def downgrade() -> None:
    """Take the indexes and columns away; attempts go on without the sign-ins that have gone."""
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    for name in INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    op.drop_table("reminder_rounds")
    op.drop_column("login_sessions", "look_again_at")
    op.drop_column("syndics", "tombstone_days")
