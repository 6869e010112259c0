"""Webhooks, and lanes in the outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
OPEN = "done_at IS NULL AND stuck_at IS NULL"


def upgrade() -> None:
    """What an older program promises meanwhile has no lane, and waits since now."""
    _lanes()
    _endpoints()
    _events()
    _deliveries()
    _keys()


def _lanes() -> None:
    op.add_column("outbox", sa.Column("lane", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("after_id", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("waits_since", WHEN, server_default=sa.func.now(), nullable=False))
    op.execute("UPDATE outbox SET waits_since = created_at WHERE done_at IS NULL")
    op.create_index(
        "ix_outbox_lane", "outbox", ["lane", "due_at"], postgresql_where=sa.text(f"lane IS NOT NULL AND {OPEN}")
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taken_at", WHEN, nullable=False),
        sa.Column("held_until", WHEN, nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("open_until", WHEN, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
    )


def _endpoints() -> None:
    topics: postgresql.ARRAY[str] = postgresql.ARRAY(sa.Text())
    _create(
        "webhook_endpoints",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("public_id", "name", "url")),
        sa.Column("topics", topics, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_webhook_endpoints_status")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_endpoints_public_id")),
        sa.UniqueConstraint("syndic_id", "url", name=op.f("uq_webhook_endpoints_syndic_id_url")),
    )


def _events() -> None:
    _create(
        "webhook_events",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("public_id", "topic", "key")),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", WHEN, nullable=False),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_events_public_id")),
        sa.UniqueConstraint("syndic_id", "key", name=op.f("uq_webhook_events_syndic_id_key")),
    )
    op.create_index("ix_webhook_events_account", "webhook_events", ["syndic_id", "account"])


def _deliveries() -> None:
    _create(
        "webhook_deliveries",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("endpoint_id", "event_id", "promise_id")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["webhook_events.id"], name=op.f("fk_webhook_deliveries_event_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("promise_id", name=op.f("uq_webhook_deliveries_promise_id")),
    )
    for name in ("endpoint_id", "event_id"):
        op.create_index(op.f(f"ix_webhook_deliveries_{name}"), "webhook_deliveries", [name])


def _keys() -> None:
    _create(
        "webhook_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("signs_from", WHEN, nullable=False),
        sa.UniqueConstraint("kid", name=op.f("uq_webhook_keys_kid")),
    )


def _create(table: str, *more: "sa.Column[Any] | sa.Constraint") -> None:
    """A syndic's own table."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f(f"fk_{table}_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_syndic_id"), table, ["syndic_id"])
