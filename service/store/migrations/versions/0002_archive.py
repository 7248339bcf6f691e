"""The archive: versions of files are kept, a changed watchlist knows that it is to be matched anew.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of versions, the mark of the rematch, and what the archive's queries need."""
    op.create_table(
        "file_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared", sa.Text(), nullable=False),
        sa.Column("commit", sa.String(), nullable=False),
        sa.Column("first_loaded_at", sa.DateTime(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("file", "version"),
    )
    op.add_column(
        "watchlist", sa.Column("rematch_due", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_entry_address", "entry", ["canonical_url"], unique=False)
    op.create_index("ix_entry_seen", "entry", ["first_seen_at", "id"], unique=False)
    op.drop_index("ix_entry_first_seen_at", table_name="entry")
