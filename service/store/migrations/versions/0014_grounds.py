"""What sessions stand on, what opened them, and wrong secrets lately.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; sessions without an account stand on nothing now, and are over."""
    op.add_column("session", sa.Column("ground", sa.Text(), nullable=False, server_default=""))
    op.add_column("session", sa.Column("opened_by", sa.Text(), nullable=True))
    op.create_index("ix_session_opened_by", "session", ["opened_by"], unique=True)
    op.create_table(
        "sign_in_attempt",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_index("ix_sign_in_attempt_last_at", "sign_in_attempt", ["last_at"])
