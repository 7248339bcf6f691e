"""What a feed's document asks of pollers is kept, because it holds over polls that bring no document.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the next document of each feed fills it."""
    op.add_column("feed", sa.Column("document_hints", sa.Text(), nullable=False, server_default="{}"))
