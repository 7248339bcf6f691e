"""Several processes share the work: leases are of hosts, and each process is seen to be at work.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make a host of each name that active feeds have; leases of feeds, which last minutes, are dropped."""
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(), nullable=False),
        sa.Column("last_polled_at", sa.DateTime(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=False),
        sa.Column("lease_by", sa.String(), nullable=False),
        sa.Column("free_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.execute(
        "INSERT INTO host (name, next_poll_at, last_polled_at, lease_until, lease_by, free_at) "
        "SELECT host, min(next_poll_at), '1970-01-01 00:00:00.000000', '1970-01-01 00:00:00.000000', '', "
        "'1970-01-01 00:00:00.000000' FROM feed WHERE active GROUP BY host"
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(op.f("ix_host_next_poll_at"), "host", ["next_poll_at"], unique=False)
    op.create_index(op.f("ix_host_last_polled_at"), "host", ["last_polled_at"], unique=False)
    op.drop_index(op.f("ix_entry_feed_id"), table_name="entry")  # the one over feed and key begins with it
    op.drop_index(op.f("ix_feed_host"), table_name="feed")
    op.create_index("ix_feed_host_due", "feed", ["host", "next_poll_at"], unique=False)
    op.drop_column("feed", "lease_until")
    op.drop_column("feed", "lease_by")
