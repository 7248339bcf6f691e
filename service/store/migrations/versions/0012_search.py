"""The index of words, by which the archive is searched, and indexes by which events are counted and shown.

What is stored already is indexed in the background.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Without the text, without places of words: who holds which word is all that is asked.
_SQLITE = (
    """CREATE VIRTUAL TABLE entry_words USING fts5(
        words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '.-'"
    )""",
)
_POSTGRESQL = (
    "CREATE TABLE entry_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX ix_entry_words ON entry_words USING gin (words)",
)


def upgrade() -> None:
    """Add the tables, and to entries their place, which none has yet."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
    op.create_table(
        "word_form",
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stem", "word"),
    )
    op.create_table(
        "indexed_day",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.add_column("entry", sa.Column("place", sa.BigInteger(), nullable=True))
    op.create_index("ix_entry_place", "entry", ["place"], unique=True)
    unplaced = sa.text("place IS NULL")
    op.create_index("ix_entry_unplaced", "entry", ["id"], sqlite_where=unplaced, postgresql_where=unplaced)
    op.create_index("ix_event_standing", "event", ["watchlist_id", "merged_into"], unique=False)
    recent = ["watchlist_id", "matched_at", "event_id"]
    op.create_index("ix_match_recent", "match", recent, unique=False)
    op.drop_index("ix_delivery_event_id", "delivery")
    op.create_index("ix_delivery_event", "delivery", ["event_id", "state", "due_at"], unique=False)
