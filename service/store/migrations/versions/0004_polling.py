"""What polling remembers: how long answers stay fresh, where feeds moved, what ails them; old headlines.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which the next poll of each feed fills, and the tables of health and old headlines."""
    op.create_table(
        "earlier_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_earlier_words_entry_id"), "earlier_words", ["entry_id"], unique=False)
    op.create_table(
        "health_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("ailment", sa.String(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_health_change_feed_id"), "health_change", ["feed_id"], unique=False)
    op.create_index(op.f("ix_health_change_at"), "health_change", ["at"], unique=False)
    op.add_column("feed", sa.Column("ailments", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("feed", sa.Column("hurry", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("access", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("feed", sa.Column("fresh_seconds", sa.Integer(), nullable=True))
    op.add_column("feed", sa.Column("moved_at", sa.DateTime(), nullable=True))
    op.add_column("feed", sa.Column("moved_visits", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("failing_since", sa.DateTime(), nullable=True))
    op.add_column("feed", sa.Column("failure", sa.String(), nullable=False, server_default=""))
