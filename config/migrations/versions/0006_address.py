"""Change of address, dormant mailboxes, review after a recovery, erasure with its delay."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever exists has used the address when it was proved."""
    op.add_column("identities", sa.Column("used_at", _moment(), server_default=sa.func.now(), nullable=False))
    op.execute("UPDATE identities SET used_at = created_at")
    for name in ("bounced_at", "frozen_at", "erase_at", "closed_at"):
        op.add_column("identities", sa.Column(name, _moment(), nullable=True))
    op.add_column("identities", sa.Column("review_due", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(op.f("ix_mails_recipient"), "mails", ["recipient"])
    _address_changes()


def _address_changes() -> None:
    op.create_table(
        "address_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("identity_epoch", sa.BigInteger(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        *(_text(name) for name in ("email", "email_typed", "former_email", "former_typed", "locale", "state")),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("code_mac", sa.LargeBinary(), nullable=True),
        sa.Column("code_tries", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", _moment(), nullable=True),
        sa.Column("revert_until", _moment(), nullable=True),
        sa.Column("revert_digest", sa.LargeBinary(), nullable=True),
        sa.Column("revert_mac", sa.LargeBinary(), nullable=True),
        sa.Column("revert_tries", sa.BigInteger(), nullable=False),
        sa.Column("revert_day", sa.Date(), nullable=True),
        sa.Column("reverted_at", _moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'void', 'confirmed', 'reverted', 'regained')", name=op.f("ck_address_changes_state")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_address_changes_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_address_changes_token_digest")),
        sa.UniqueConstraint("revert_digest", name=op.f("uq_address_changes_revert_digest")),
    )
    op.create_index(op.f("ix_address_changes_identity_id"), "address_changes", ["identity_id"])
    op.create_index(
        "uq_address_changes_pending",
        "address_changes",
        ["identity_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)
