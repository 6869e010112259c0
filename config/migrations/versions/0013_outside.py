"""What is seen from outside: promises know the request that made them, and stuck ones are counted by an index.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("outbox", sa.Column("request_id", sa.Text(), nullable=True))
    op.create_index(
        "ix_outbox_stuck", "outbox", ["topic"], postgresql_where=sa.text("done_at IS NULL AND stuck_at IS NOT NULL")
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_outbox_stuck", "outbox")
    op.drop_column("outbox", "request_id")
