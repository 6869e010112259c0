"""Several holders of one account: roles, invitations, second codes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _second_codes()
    _roles()
    _invitations()
    _sign_ins()
    _attempts()


def _second_codes() -> None:
    op.create_table(
        "second_codes",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spared_session_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'retired', 'revoked')", name=op.f("ck_second_codes_state")),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_second_codes_account_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_second_codes_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_codes")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_second_codes_code_mac")),
        sa.UniqueConstraint("public_id", name=op.f("uq_second_codes_public_id")),
        sa.UniqueConstraint("sub", name=op.f("uq_second_codes_sub")),
    )
    for name in ("account_id", "syndic_id"):
        op.create_index(op.f(f"ix_second_codes_{name}"), "second_codes", [name])


def _roles() -> None:
    op.add_column("links", sa.Column("role", sa.Text(), server_default="holder", nullable=False))
    op.add_column("links", sa.Column("invited_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_links_invited_by"), "links", "links", ["invited_by"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_links_invited_by"), "links", ["invited_by"])
    op.create_check_constraint(op.f("ck_links_role"), "links", "role IN ('holder', 'co-holder')")
    invited = "invited_by IS NULL OR role = 'co-holder'"
    op.create_check_constraint(op.f("ck_links_who_is_invited_is_a_co_holder"), "links", invited)


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("inviter_link_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_typed", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'accepted', 'ended')", name=op.f("ck_invitations_state")),
        sa.ForeignKeyConstraint(["account_id"], ["legacy_accounts.id"], name=op.f("fk_invitations_account_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_invitations_identity_id")),
        sa.ForeignKeyConstraint(
            ["inviter_link_id"], ["links.id"], name=op.f("fk_invitations_inviter_link_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_invitations_link_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_invitations_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitations_token_digest")),
    )
    for name in ("account_id", "identity_id", "inviter_link_id", "link_id", "email", "expires_at", "syndic_id"):
        op.create_index(op.f(f"ix_invitations_{name}"), "invitations", [name])
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["inviter_link_id", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def _sign_ins() -> None:
    op.add_column("login_sessions", sa.Column("second_code_id", sa.Uuid(), nullable=True))
    op.add_column("login_sessions", sa.Column("sub", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_login_sessions_second_code_id"), "login_sessions", "second_codes", ["second_code_id"], ["id"]
    )
    for name, condition in {
        "second_code_has_a_subject": "(second_code_id IS NULL) = (sub IS NULL)",
        "second_code_is_an_account_s": "second_code_id IS NULL OR account_id IS NOT NULL",
    }.items():
        op.create_check_constraint(op.f(f"ck_login_sessions_{name}"), "login_sessions", condition)
    op.create_index(
        "ix_login_sessions_second_code_id",
        "login_sessions",
        ["second_code_id"],
        postgresql_where=sa.text("second_code_id IS NOT NULL"),
    )


def _attempts() -> None:
    op.alter_column("associations", "session_id", nullable=True)
    op.add_column("associations", sa.Column("second_code_id", sa.Uuid(), nullable=True))
    op.add_column("associations", sa.Column("invitation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_associations_second_code_id"), "associations", "second_codes", ["second_code_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_associations_invitation_id"),
        "associations",
        "invitations",
        ["invitation_id"],
        ["id"],
        ondelete="SET NULL",
    )
    for name in ("second_code_id", "invitation_id"):
        op.create_index(op.f(f"ix_associations_{name}"), "associations", [name])
    for name, condition in {
        "begun_by_a_sign_in_or_invited": "(session_id IS NULL) = (legacy_proof = 'invitation')",
        "second_code": "(second_code_id IS NULL) = (legacy_proof <> 'second-code')",
    }.items():
        op.create_check_constraint(op.f(f"ck_associations_{name}"), "associations", condition)
