"""What was told to one reader: by address whatever its letters, and by channel.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_delivery_channel", "delivery", ["channel_id", "created_at"])
    op.create_index("ix_delivery_target", "delivery", [sa.text("lower(target)")])
