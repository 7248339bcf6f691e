"""The entries of one feed by the time they were first seen, for its own page.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_entry_feed_seen", "entry", ["feed_id", "first_seen_at", "id"])
