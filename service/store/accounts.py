"""Who may do what on the pages: people with accounts, browsers that are signed in, tokens of programs.

Every secret is made here from 192 random bits and given out once; what is kept is its SHA-256, which for a
secret that nobody chose is as good as any slower hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from service.errors import NotFound, Refused
from service.store.account_tables import PersonRow, SessionRow, TokenRow

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from service.store.engine import Database

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)  # of a session
_NOTED_EVERY = timedelta(minutes=5)  # that a session or a token is in use: not at every page
_BYTES = 24
_ENDED = ""  # the role of a session that is over


class Scope(StrEnum):
    """What a token lets a program do: read the data, change it too, read the feeds or the figures alone."""

    READ = "read"
    WRITE = "write"
    FEEDS = "feeds"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. `role` is the name of one of the pages' roles."""

    name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a program, without its secret.

    `watchlists` are those whose feeds it may read; empty for all.
    """

    name: str
    scopes: frozenset[Scope]
    at: datetime
    used_at: datetime | None
    watchlists: frozenset[str] = frozenset()

    def may(self, scope: Scope) -> bool:
        """Tell whether the token lets a program do something; what may write may read."""
        return scope in self.scopes or (scope is Scope.READ and Scope.WRITE in self.scopes)


class Accounts:
    """Queries and changes of people, sessions and tokens."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    # ----------------------------------------------------------------------------------------- people

    def add_person(self, name: str, role: str, now: datetime) -> str:
        """Give somebody an account; returns their secret, kept nowhere. Raises Refused where it is taken."""
        secret = secrets.token_urlsafe(_BYTES)
        with self._database.write(serialised=True) as session:
            if session.get(PersonRow, name) is not None:
                raise Refused(f"{name} has an account already", mend="Remove it first, or take another name.")
            session.add(PersonRow(name=name, role=role, secret=_hash(secret), at=now))
        return secret

    def find_person(self, name: str, secret: str) -> Person | None:
        """Give the person whose name and secret these are; None for any others, in the same time."""
        with self._database.read() as session:
            row = session.exec(select(PersonRow).where(PersonRow.secret == _hash(secret))).first()
        return Person(row.name, row.role, row.at) if row is not None and row.name == name else None

    def list_people(self) -> list[Person]:
        """List who has an account, by name."""
        with self._database.read() as session:
            rows = session.exec(select(PersonRow).order_by(PersonRow.name)).all()
        return [Person(row.name, row.role, row.at) for row in rows]

    def remove_person(self, name: str) -> None:
        """Take an account away, and end its sessions; raises NotFound."""
        with self._database.write() as session:
            row = session.get(PersonRow, name)
            if row is None:
                raise NotFound(f"nobody called {name} has an account")
            session.delete(row)
            mine = (col(SessionRow.name) == name) & col(SessionRow.is_person)
            session.exec(delete(SessionRow).where(mine))

    # --------------------------------------------------------------------------------------- sessions

    def open_session(
        self, name: str, role: str, now: datetime, *, is_person: bool = False, ground: str = "", by: str = ""
    ) -> str | None:
        """Note that a browser is signed in; returns what it is to keep. What is over is removed.

        None where `by`, what a sign-in elsewhere was begun with, has opened a session before.
        """
        secret = secrets.token_urlsafe(_BYTES)
        row = SessionRow(id=_hash(secret), name=name, role=role, is_person=is_person, at=now, seen_at=now)
        row.ground, row.opened_by = ground, _hash(by) if by else None
        try:
            with self._database.write() as session:
                over = (col(SessionRow.seen_at) <= now - IDLE) | (col(SessionRow.at) <= now - LONGEST)
                session.exec(delete(SessionRow).where(over))
                session.add(row)
        except IntegrityError:
            return None
        return secret

    def find_session(self, secret: str, now: datetime, grounds: Container[str] = ()) -> Person | None:
        """Give who is signed in with what a browser kept; None where that is over or was never so.

        Who has no account is signed in as long as what they were let in by is among `grounds`.
        """
        with self._database.read() as session:
            row = session.get(SessionRow, _hash(secret))
            person = session.get(PersonRow, row.name) if row is not None and row.is_person else None
        if row is None or row.seen_at <= now - IDLE or row.at <= now - LONGEST:
            return None
        if row.role == _ENDED or (person is None if row.is_person else row.ground not in grounds):
            return None
        if now - row.seen_at >= _NOTED_EVERY:
            with self._database.write() as session:
                kept = session.get(SessionRow, row.id)
                if kept is not None:
                    kept.seen_at = now
        return Person(row.name, person.role if person is not None else row.role, row.at)

    def end_session(self, secret: str) -> None:
        """Sign a browser out. What opened its session stays known for a while, so that it opens no other."""
        with self._database.write() as session:
            row = session.get(SessionRow, _hash(secret))
            if row is not None:
                row.role = _ENDED

    # ----------------------------------------------------------------------------------------- tokens

    def add_token(
        self, name: str, scopes: Iterable[Scope], now: datetime, *, watchlists: Iterable[str] = ()
    ) -> str:
        """Make a token, or one for the feeds of some watchlists alone; returns its secret, kept nowhere.

        Raises Refused where the name is taken, or watchlists are named for more than feeds.
        """
        secret = f"avizor_{secrets.token_urlsafe(_BYTES)}"
        may, lists = sorted(set(scopes)), sorted(set(watchlists))
        if lists and may != [Scope.FEEDS]:
            raise Refused(
                "a token for some watchlists can only read private feeds",
                mend="Leave the other scopes out, or name no watchlist.",
            )
        with self._database.write(serialised=True) as session:
            if session.get(TokenRow, name) is not None:
                raise Refused(f"there is a token called {name} already", mend="Take another name.")
            session.add(
                TokenRow(
                    name=name,
                    secret=_hash(secret),
                    scopes=" ".join(may),
                    watchlists=" ".join(lists),
                    at=now,
                )
            )
        return secret

    def find_token(self, secret: str, now: datetime) -> ApiToken | None:
        """Give the token with this secret; None where there is none."""
        with self._database.read() as session:
            row = session.exec(select(TokenRow).where(TokenRow.secret == _hash(secret))).first()
        if row is None:
            return None
        if row.used_at is None or now - row.used_at >= _NOTED_EVERY:
            with self._database.write() as session:
                kept = session.get(TokenRow, row.name)
                if kept is not None:
                    kept.used_at = now
        return _to_token(row)

    def list_tokens(self) -> list[ApiToken]:
        """List the tokens, by name."""
        with self._database.read() as session:
            return [_to_token(row) for row in session.exec(select(TokenRow).order_by(TokenRow.name))]

    def remove_token(self, name: str) -> None:
        """Take a token away; raises NotFound."""
        with self._database.write() as session:
            row = session.get(TokenRow, name)
            if row is None:
                raise NotFound(f"there is no token called {name}")
            session.delete(row)


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _to_token(row: TokenRow) -> ApiToken:
    scopes, watchlists = frozenset(map(Scope, row.scopes.split())), frozenset(row.watchlists.split())
    return ApiToken(row.name, scopes, row.at, row.used_at, watchlists)
