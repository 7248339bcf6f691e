"""What a program gets of a message besides its text.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; messages to people have nothing there."""
    op.add_column("message", sa.Column("data", sa.Text(), nullable=False, server_default=""))
