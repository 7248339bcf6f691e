"""The tables of readers who subscribe by themselves, and of what they say to messages.

Addresses of those who left stand nowhere; what is kept of them is `subject`, a keyed hash.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the library reads it from the annotations

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from service.store.columns import text_column, time_column

BACK = "came back"  # why a suppressed reader is sent what they themselves asked for since


class HouseRow(SQLModel, table=True):
    """Something there is one of: the key of links, the number of the last change of readers."""

    __tablename__ = "house"

    name: str = Field(primary_key=True)
    value: str = text_column()


class ReaderRow(SQLModel, table=True):
    """A reader who subscribed: asked for it at one time, confirmed it at another, or not yet.

    `wishes` are what was asked for, in JSON. `consent` names the text that was confirmed. `tries` counts the
    wrong codes that were typed for a chat.
    """

    __tablename__ = "reader"

    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    kind: str = "mail"
    address: str = text_column()
    label: str = text_column()
    wishes: str = text_column("{}")
    consent: str = ""
    tries: int = 0
    asked_at: datetime = time_column(index=True)
    confirmed_at: datetime | None = time_column(default=None)


class RequestRow(SQLModel, table=True):
    """A form that was sent: `origin` is the keyed hash of where it came from.

    Of a form for a chat, `label` names the chat, and `asked` whoever asked.
    """

    __tablename__ = "signup_request"
    __table_args__ = (Index("ix_signup_request_origin", "origin", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = "subscribe"
    address: str = text_column()
    wishes: str = text_column("{}")
    origin: str = ""
    label: str = text_column()
    asked: str = ""
    at: datetime = time_column()
    done_at: datetime | None = time_column(default=None)


class LetterRow(SQLModel, table=True):
    """That a letter went to a mailbox, known by keyed hashes of mailbox and domain; kept for two days."""

    __tablename__ = "letter"

    id: int | None = Field(default=None, primary_key=True)
    mailbox: str = Field(index=True)
    domain: str = ""
    at: datetime = time_column(index=True)


class SuppressionRow(SQLModel, table=True):
    """A reader to whom nothing is sent any more, whatever list names them.

    Where `why` is `BACK`, they have subscribed again since: they get that, and still nothing of a list.
    """

    __tablename__ = "suppression"

    subject: str = Field(primary_key=True)
    why: str = ""
    at: datetime = time_column()


class MuteRow(SQLModel, table=True):
    """Silence about an event, or a watchlist, until a time: for one reader, or (no `subject`) for all."""

    __tablename__ = "mute"

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(default="", index=True)
    event_id: str = ""
    watchlist_id: str = ""
    until_at: datetime = time_column(index=True)
    by: str = text_column()
    at: datetime = time_column()


class FeedbackRow(SQLModel, table=True):
    """What a reader said of an alert; the last word counts."""

    __tablename__ = "feedback"

    delivery_id: str = Field(primary_key=True)
    event_id: str = Field(default="", index=True)
    watchlist_id: str = Field(default="", index=True)
    entry_id: int = 0
    verdict: str
    at: datetime = time_column()


class MessageRow(SQLModel, table=True):
    """The words of a message. Where a link carries the reader's token, they hold a blank for it."""

    __tablename__ = "message"

    id: str = Field(sa_type=Text, primary_key=True)
    text: str = text_column()
    html: str = text_column()
    data: str = text_column()
