"""What became of mails: the end of those that were of no use any more, complaints, and addresses that are spared."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CONTRACTS = {
    "ck_mails_state": "replaced by a wider one: all that the program of 0010 writes fits into it",
}
WHEN = sa.DateTime(timezone=True)
BEFORE = ("queued", "accepted", "deferred", "refused", "bounced")


def upgrade() -> None:
    op.drop_constraint(op.f("ck_mails_state"), "mails", type_="check")
    op.create_check_constraint(op.f("ck_mails_state"), "mails", f"state IN {(*BEFORE, 'lapsed')}")
    op.add_column("mails", sa.Column("complained_at", WHEN, nullable=True))
    op.create_table(
        "mail_suppressions",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("until", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_suppressions")),
    )
    op.create_index(op.f("ix_mail_suppressions_until"), "mail_suppressions", ["until"])
