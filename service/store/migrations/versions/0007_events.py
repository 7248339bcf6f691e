"""Events that merge, split and change: milestones, acts, copies, and what grouping remembers.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns; what was grouped before stays as it is."""
    op.add_column("event", sa.Column("named_by", sa.String(), nullable=False, server_default=""))
    op.add_column("event", sa.Column("merged_into", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_event_merged_into"), "event", ["merged_into"], unique=False)
    op.add_column("match", sa.Column("major", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("match", sa.Column("placed_in", sa.String(), nullable=False, server_default=""))
    op.add_column("match", sa.Column("join_words", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("match", sa.Column("copy_of", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("match", sa.Column("credit", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_match_placed", "match", ["watchlist_id", "id"], unique=False)
    match = sa.table("match", sa.column("placed_in"), sa.column("event_id"), sa.column("join_reason"))
    op.execute(match.update().values(placed_in=match.c.event_id))
    similar = match.c.join_reason == "similar-headline"
    op.execute(match.update().where(similar).values(join_reason="shared-words"))
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "kind", "detail"),
    )
    op.create_index(op.f("ix_milestone_event_id"), "milestone", ["event_id"], unique=False)
    op.create_index(op.f("ix_milestone_at"), "milestone", ["at"], unique=False)
    op.create_table(
        "event_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watchlist_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("after_match", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("watchlist_id", "event_id", "other_id"):
        op.create_index(op.f(f"ix_event_act_{column}"), "event_act", [column], unique=False)
    op.create_table(
        "grouping",
        sa.Column("watchlist_id", sa.String(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("watchlist_id"),
    )
