"""Which syndics' accounts a person shows in the menus of other extranets."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menu_shares",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("syndic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_menu_shares_identity_id")),
        sa.ForeignKeyConstraint(["syndic_id"], ["syndics.id"], name=op.f("fk_menu_shares_syndic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_shares")),
        sa.UniqueConstraint("identity_id", "syndic_id", name=op.f("uq_menu_shares_identity_id_syndic_id")),
    )
    op.create_index(op.f("ix_menu_shares_syndic_id"), "menu_shares", ["syndic_id"])
