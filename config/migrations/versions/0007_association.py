"""Caps on mail, resumable attempts, contests, re-issued secrets, associations begun by extranets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _mails()
    _attempts()
    _accounts()
    _contests()
    _announcements()


def _mails() -> None:
    op.add_column("mails", sa.Column("network", sa.Text(), nullable=True))
    op.add_column("mails", sa.Column("syndic_id", sa.Uuid(), nullable=True))
    op.create_table(
        "mail_counts",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_counts")),
    )
    op.create_index(op.f("ix_mail_counts_since"), "mail_counts", ["since"])


def _attempts() -> None:
    op.add_column("associations", sa.Column("browser_digest", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_associations_browser_digest"), "associations", ["browser_digest"])
    op.add_column("associations", sa.Column("legacy_proof", sa.Text(), server_default="legacy", nullable=False))
    op.alter_column("associations", "legacy_proof", server_default=None)
    op.add_column("associations", sa.Column("waiting_since", WHEN, nullable=True))
    op.execute("UPDATE associations SET waiting_since = last_mail_at")
    op.add_column("associations", sa.Column("mail_capped_at", WHEN, nullable=True))


def _accounts() -> None:
    types: postgresql.ARRAY[str] = postgresql.ARRAY(sa.Text())
    for name in ("retired_tombstones", "retired_hashes"):
        op.add_column("legacy_accounts", sa.Column(name, types, server_default="{}", nullable=False))
    op.add_column("legacy_accounts", sa.Column("reissue_key", sa.Text(), nullable=True))


def _contests() -> None:
    op.create_table(
        "contests",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("code_mac", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("tries_since", WHEN, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_contests_link_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_contests_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contests")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_contests_token_digest")),
    )
    op.create_index(op.f("ix_contests_link_id"), "contests", ["link_id"])
    op.create_index(op.f("ix_contests_syndic_id"), "contests", ["syndic_id"])


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("handle_digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_epoch", sa.BigInteger(), nullable=False),
        sa.Column("auth_time", WHEN, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN, nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_announcements_account_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_announcements_client_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_announcements_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.UniqueConstraint("handle_digest", name=op.f("uq_announcements_handle_digest")),
    )
    for name in ("account_id", "client_id", "syndic_id", "session_id", "expires_at"):
        op.create_index(op.f(f"ix_announcements_{name}"), "announcements", [name])
