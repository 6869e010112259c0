"""The trust registry: requests to join, objections, what members were told, and the version that caches compare."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
WATCHED = ("trust_circles", "trust_members", "trust_agreements", "trust_denials")


def upgrade() -> None:
    _requests()
    _tellings()
    _members()
    _objections()
    _version()


def _requests() -> None:
    op.create_table(
        "trust_requests",
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("settled_at", WHEN, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["trust_circles.id"], name=op.f("fk_trust_requests_circle_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_trust_requests_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_requests")),
    )
    _indexed("trust_requests", "circle_id", "syndic_id")
    op.create_index(
        "ix_trust_requests_open",
        "trust_requests",
        ["circle_id", "syndic_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _tellings() -> None:
    op.create_table(
        "trust_tellings",
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", WHEN, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["trust_circles.id"], name=op.f("fk_trust_tellings_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_tellings")),
    )
    _indexed("trust_tellings", "circle_id")
    op.create_table(
        "trust_untold",
        sa.Column("telling_id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason IN ('no_address', 'mail_cap')", name=op.f("ck_trust_untold_reason")),
        sa.ForeignKeyConstraint(["telling_id"], ["trust_tellings.id"], name=op.f("fk_trust_untold_telling_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_trust_untold_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_untold")),
    )
    _indexed("trust_untold", "telling_id", "syndic_id")


def _members() -> None:
    """A membership that was called off before it began must not stand in the way of a new one from the same day."""
    op.drop_constraint(op.f("uq_trust_members_circle_id_syndic_id_valid_from"), "trust_members", type_="unique")
    op.create_index(op.f("ix_trust_members_circle_id_syndic_id"), "trust_members", ["circle_id", "syndic_id"])
    op.add_column("trust_members", sa.Column("to_tell", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("trust_members", "to_tell", server_default=None)
    op.add_column("trust_members", sa.Column("telling_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_trust_members_telling_id"), "trust_members", "trust_tellings", ["telling_id"], ["id"]
    )
    _indexed("trust_members", "telling_id")


def _objections() -> None:
    op.add_column("trust_denials", sa.Column("circle_id", sa.Uuid(), nullable=True))
    op.add_column("trust_denials", sa.Column("reason", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_trust_denials_circle_id"), "trust_denials", "trust_circles", ["circle_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_trust_denials_objection"), "trust_denials", "(circle_id IS NULL) = (reason IS NULL)"
    )
    _indexed("trust_denials", "circle_id")


def _version() -> None:
    op.create_table(
        "trust_version",
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("single", name=op.f("ck_trust_version_one_row")),
        sa.PrimaryKeyConstraint("single", name=op.f("pk_trust_version")),
    )
    op.execute("INSERT INTO trust_version (single, version) VALUES (true, 0)")
    op.execute(
        """
        CREATE FUNCTION trust_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE trust_version SET version = pg_current_xact_id()::text::bigint
            WHERE version <> pg_current_xact_id()::text::bigint;
            RETURN NULL;
        END
        $$
        """
    )
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER trust_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION trust_changed()"
        )
    op.execute(
        "CREATE TRIGGER trust_changed AFTER UPDATE OF status ON syndics "
        "FOR EACH STATEMENT EXECUTE FUNCTION trust_changed()"
    )


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
