"""What polling remembers: how long an answer stays fresh, where a feed moved, since when and why it fails.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; the next poll of each feed fills them."""
    op.add_column("feed", sa.Column("access", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("feed", sa.Column("fresh_seconds", sa.Integer(), nullable=True))
    op.add_column("feed", sa.Column("moved_at", sa.DateTime(), nullable=True))
    op.add_column("feed", sa.Column("moved_visits", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("failing_since", sa.DateTime(), nullable=True))
    op.add_column("feed", sa.Column("failure", sa.String(), nullable=False, server_default=""))
