"""Entries that have gone from their feeds before their time.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; nothing was missed before."""
    op.add_column("entry", sa.Column("missing_since", sa.DateTime(), nullable=True))
    is_missing = sa.text("missing_since IS NOT NULL")
    op.create_index(
        "ix_entry_missing", "entry", ["missing_since"], sqlite_where=is_missing, postgresql_where=is_missing
    )
