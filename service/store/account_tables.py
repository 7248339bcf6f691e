"""The tables of who may do what on the pages: people, their sessions, tokens for programs.

No secret stands in them, only what it hashes to.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the library reads it from the annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from service.store.columns import text_column, time_column


class PersonRow(SQLModel, table=True):
    """Somebody with an account of their own."""

    __tablename__ = "person"

    name: str = Field(sa_type=Text, primary_key=True)
    role: str
    secret: str = Field(sa_type=Text, unique=True)
    at: datetime = time_column()


class SessionRow(SQLModel, table=True):
    """A browser in which somebody has signed in; with an account, its role is the account's.

    Without one, `ground` is what stands for the settings that let them in; with other settings, it is over.
    `opened_by` is what a sign-in elsewhere was begun with, hashed: it opens one session and no other.
    """

    __tablename__ = "session"

    id: str = Field(sa_type=Text, primary_key=True)
    name: str = text_column()
    role: str
    is_person: bool = False
    ground: str = text_column()
    opened_by: str | None = Field(default=None, sa_type=Text, index=True, unique=True)
    at: datetime = time_column()
    seen_at: datetime = time_column(index=True)


class TokenRow(SQLModel, table=True):
    """A token by which a program may do what its scopes say; of `watchlists` alone, if any are named."""

    __tablename__ = "api_token"

    name: str = Field(sa_type=Text, primary_key=True)
    secret: str = Field(sa_type=Text, unique=True)
    scopes: str = text_column()
    watchlists: str = text_column()
    at: datetime = time_column()
    used_at: datetime | None = time_column(default=None)


class AttemptRow(SQLModel, table=True):
    """Wrong secrets lately from one place, by its keyed hash, and from all places, under an empty name."""

    __tablename__ = "sign_in_attempt"

    place: str = Field(sa_type=Text, primary_key=True)
    failures: int = 0
    until_at: datetime = time_column()
    last_at: datetime = time_column(index=True)
