"""Readers who subscribe by themselves; the words of messages apart from their deliveries.

Revision ID: 0009
Revises: 0008
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime()


def upgrade() -> None:
    """Add the tables, and give each delivery of before words of its own."""
    for table in ("delivery", "subscription"):
        rows = sa.table(table, sa.column("cadence"))
        op.execute(rows.update().where(rows.c.cadence == "daily").values(cadence="digest"))
    op.add_column(
        "subscription", sa.Column("by_reader", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _move_words()
    _add_readers()
    _add_answers()


def _move_words() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("delivery", sa.Column("message", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("in_reply_to", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("is_major", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("INSERT INTO message (id, text, html) SELECT id, text, html FROM delivery")
    op.execute("UPDATE delivery SET message = id")
    op.create_index("ix_delivery_created", "delivery", ["created_at"])
    op.drop_column("delivery", "text")
    op.drop_column("delivery", "html")


def _add_readers() -> None:
    op.create_table(
        "house",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    house = sa.table("house", sa.column("name"), sa.column("value"))
    op.execute(house.insert().values(name="key-of-links", value=secrets.token_hex(32)))
    op.create_table(
        "reader",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reader_subject", "reader", ["subject"])
    op.create_index("ix_reader_asked_at", "reader", ["asked_at"])
    op.create_table(
        "signup_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_signup_request_origin", "signup_request", ["origin", "at"])
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_letter_mailbox", "letter", ["mailbox"])
    op.create_index("ix_letter_at", "letter", ["at"])
    op.create_table(
        "suppression",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _add_answers() -> None:
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("watchlist_id", sa.String(), nullable=False),
        sa.Column("until_at", _TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mute_subject", "mute", ["subject"])
    op.create_index("ix_mute_until_at", "mute", ["until_at"])
    op.create_table(
        "feedback",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("watchlist_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index("ix_feedback_event_id", "feedback", ["event_id"])
    op.create_index("ix_feedback_watchlist_id", "feedback", ["watchlist_id"])
