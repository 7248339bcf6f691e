"""Of which failed deliveries the operator was told.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what failed before is on the page of deliveries, and nobody is told of it now."""
    op.add_column(
        "delivery", sa.Column("is_reported", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    delivery = sa.table("delivery", sa.column("is_reported", sa.Boolean()), sa.column("state", sa.String()))
    ended = delivery.c.state.in_(["failed", "expired"])
    op.execute(delivery.update().where(ended).values(is_reported=True))
