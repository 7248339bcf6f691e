"""Tokens for the feeds of some watchlists alone.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the tokens there are stay good for all."""
    op.add_column("api_token", sa.Column("watchlists", sa.Text(), nullable=False, server_default=""))
