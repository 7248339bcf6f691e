"""Readers who subscribed by themselves: what they ask, confirm, change, and that they left.

Each change of who is told what is one transaction, serialised with planning, and raises the number by which
others know that they must look anew. `since_match` and `until_match` of subscriptions follow it, so that the
audit knows who was to be told of what.
"""

from __future__ import annotations

import json
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, case, col, delete, func, select

from service.domain import ChannelKind, recipient
from service.signup import (
    CODE_TRIES,
    CODE_WITHIN,
    CONFIRM_WITHIN,
    CONSENT,
    REQUEST_EXPIRES,
    Subscriber,
    Wishes,
)
from service.store.leaving import (
    cancel_channel,
    erase_address,
    erase_letters,
    find_address,
    is_of_a_room,
    restore_address,
)
from service.store.reader_requests import Offered
from service.store.reader_rows import (
    begin_subscription,
    end_subscription,
    find_active,
    raise_version,
    readers_version,
    to_subscriber,
)
from service.store.reader_tables import BACK, HouseRow, LetterRow, ReaderRow, RequestRow, SuppressionRow
from service.store.rows import listed_after
from service.store.tables import WatchlistRow
from service.tokens import Signer

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.engine import Database
    from service.tokens import Token

_TRIES = 5
_KEY = "key-of-links"
_UNCONFIRMED_CHATS = (col(ReaderRow.kind) == ChannelKind.CHAT.value, col(ReaderRow.confirmed_at).is_(None))
_NOBODY_S = json.dumps(Wishes(language="").as_values())


class Readers:
    """What can be asked and said about readers."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    @cached_property
    def signer(self) -> Signer:
        """Give what makes and reads the tokens of links, under the one key of this database."""
        with self._database.read() as session:
            return Signer(bytes.fromhex(session.get_one(HouseRow, _KEY).value))

    def version(self) -> int:
        """Give the number of the last change of who is told what."""
        with self._database.read() as session:
            return readers_version(session)

    def list_active(self) -> list[Subscriber]:
        """List the readers who confirmed, the first one first."""
        statement = (
            select(ReaderRow)
            .where(col(ReaderRow.confirmed_at).is_not(None))
            .order_by(col(ReaderRow.confirmed_at), col(ReaderRow.id))
        )
        with self._database.read() as session:
            return [to_subscriber(row) for row in session.exec(statement)]

    def list_asked_chats(self) -> list[Subscriber]:
        """List the chats that are to be confirmed by the code that is posted to them."""
        statement = select(ReaderRow).where(*_UNCONFIRMED_CHATS).order_by(col(ReaderRow.id))
        with self._database.read() as session:
            return [to_subscriber(row) for row in session.exec(statement)]

    def list_all(self) -> list[Subscriber]:
        """List the readers, those who have not confirmed yet too, in the order in which they asked."""
        statement = select(ReaderRow).order_by(col(ReaderRow.asked_at), col(ReaderRow.id))
        with self._database.read() as session:
            return [to_subscriber(row) for row in session.exec(statement)]

    def list_page(self, limit: int, after: tuple[datetime, str] | None = None) -> list[Subscriber]:
        """List so many readers, who asked last first: those that follow a time of asking and an id."""
        at, key = col(ReaderRow.asked_at), col(ReaderRow.id)
        statement = select(ReaderRow).order_by(at.desc(), key).limit(limit)
        if after is not None:
            statement = statement.where(at <= after[0], listed_after(at, key, after))
        with self._database.read() as session:
            return [to_subscriber(row) for row in session.exec(statement)]

    def find_named(self, name: str, limit: int) -> list[Subscriber]:
        """Find readers by their whole mail address, or the name of their chat, in any case of its letters."""
        is_mail = col(ReaderRow.kind) == ChannelKind.MAIL.value
        named = case((is_mail, ReaderRow.address), else_=ReaderRow.label)
        is_named = (func.lower(named) == name.lower()) | (named == name)  # SQLite lowers ASCII alone
        statement = select(ReaderRow).where(is_named)
        with self._database.read() as session:
            found = session.exec(statement.order_by(col(ReaderRow.asked_at).desc()).limit(limit))
            return [to_subscriber(row) for row in found]

    def find_confirmed(self, reader_id: str) -> Subscriber | None:
        """Give the reader of this id, if they have confirmed."""
        with self._database.read() as session:
            row = session.get(ReaderRow, reader_id)
            return to_subscriber(row) if row is not None and row.confirmed_at is not None else None

    def count_all(self) -> int:
        """Count the readers, those who have not confirmed yet too."""
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(ReaderRow)).one()

    def list_suppressed(self) -> frozenset[str]:
        """Give the subjects of all whom no list of others brings back: who left, also if they came back."""
        with self._database.read() as session:
            return frozenset(session.exec(select(SuppressionRow.subject)))

    def count_left(self) -> int:
        """Count the readers who left and did not come back."""
        left = select(func.count()).select_from(SuppressionRow).where(col(SuppressionRow.why) != BACK)
        with self._database.read() as session:
            return session.exec(left).one()

    def find(self, subject: str) -> Subscriber | None:
        """Give the reader who confirmed and stands behind a subject, if there is one."""
        with self._database.read() as session:
            row = find_active(session, subject)
            return to_subscriber(row) if row else None

    def language_of(self, subject: str) -> str:
        """Give the language that somebody asked for messages in, confirmed or not; empty where unknown.

        The work is the same for one who is known and one who is not, so that its time tells nobody.
        """
        asked = select(ReaderRow.wishes).where(col(ReaderRow.subject) == subject)
        last = asked.order_by(col(ReaderRow.asked_at).desc()).limit(1).scalar_subquery()
        with self._database.read() as session:
            return str(json.loads(session.exec(select(func.coalesce(last, _NOBODY_S))).one())["language"])

    def list_offered(self) -> list[Offered]:
        """List the watchlists that can be subscribed to, by title."""
        statement = (
            select(WatchlistRow.id, WatchlistRow.title, WatchlistRow.about)
            .where(col(WatchlistRow.active).is_(True))
            .order_by(col(WatchlistRow.title), col(WatchlistRow.id))
        )
        with self._database.read() as session:
            return [Offered(*row) for row in session.exec(statement)]

    # ---------------------------------------------------------------------------------------- changes

    def confirm(self, reader_id: str, now: datetime) -> Subscriber | None:
        """Let what somebody asked for begin; None where nobody asked by mail, or too long ago.

        Whatever else the same reader asked for cannot be confirmed any more. Who left before gets what they
        asked for now, and still nothing that a list of others says. A second time changes nothing.
        """
        with self._database.write(serialised=True) as session:
            row = session.get(ReaderRow, reader_id)
            if row is None or row.kind != ChannelKind.MAIL:
                return None
            if row.confirmed_at is None and now > to_subscriber(row).expires_at:
                return None
            if row.confirmed_at is not None:
                return to_subscriber(row)
            others = (col(ReaderRow.subject) == row.subject, col(ReaderRow.id) != row.id)
            session.exec(delete(ReaderRow).where(*others))
            if _let_back(session, row.subject):
                restore_address(session, row.address, row.subject)
            return _confirmed(session, row, now)

    def confirm_chat(self, asked: str, code: str, now: datetime) -> Subscriber | None:
        """Let alerts to a chat begin, if this is the code that was posted there; None where it is not.

        Nor where nobody asked, too long ago, or after too many wrong codes; which of these it was is not
        said.
        What is told in a chat already becomes what is asked for now. Its reader is the same whenever it is
        asked for, so that who comes back is told of no event twice.
        """
        with self._database.write(serialised=True) as session:
            row = session.exec(
                select(ReaderRow).where(*_UNCONFIRMED_CHATS, col(ReaderRow.id) == asked)
            ).first()
            if row is None or now > to_subscriber(row).expires_at or row.tries >= CODE_TRIES:
                return None
            if not compare_digest(self.signer.code(asked).encode(), code.encode()):
                row.tries += 1
                return None
            before = find_active(session, row.subject)
            if before is not None:
                end_subscription(session, to_subscriber(before))
            chat = ReaderRow(**row.model_dump() | {"id": self.signer.chat(row.address)})
            session.exec(delete(ReaderRow).where(col(ReaderRow.subject) == row.subject))
            _let_back(session, row.subject)
            session.add(chat)
            return _confirmed(session, chat, now)

    def change(self, subject: str, wishes: Wishes, now: datetime) -> Subscriber | None:
        """Put other wishes of a reader in force; None where there is no such reader."""
        with self._database.write(serialised=True) as session:
            row = find_active(session, subject)
            if row is None:
                return None
            end_subscription(session, to_subscriber(row))
            row.wishes = json.dumps(wishes.as_values())
            changed = to_subscriber(row)
            begin_subscription(session, changed, now)
            raise_version(session)
            return changed

    def leave(self, token: Token, now: datetime, why: str = "left") -> bool:
        """Send nothing more to the reader whom a token names, whatever list has them; a second time is fine.

        What is queued is cancelled, what is with a worker and not handed over yet too. The address is erased
        from everything that is kept; a keyed hash of it stays, so that no list brings it back. False, and
        nothing changed, for a room of the file of channels: many read there, and one cannot end it for all.
        """
        for _ in range(_TRIES):
            try:
                return self._leave(token, now, why)
            except OperationalError:  # PostgreSQL ended one of two that waited for each other
                continue
        return self._leave(token, now, why)

    def _leave(self, token: Token, now: datetime, why: str) -> bool:
        with self._database.write(serialised=True) as session:
            asked = session.exec(select(ReaderRow).where(col(ReaderRow.subject) == token.subject)).all()
            if not asked and is_of_a_room(session, token):
                return False
            session.merge(SuppressionRow(subject=token.subject, why=why, at=now))
            address = find_address(session, token, asked, self.signer)
            for row in asked:
                end_subscription(session, to_subscriber(row))
                cancel_channel(session, row)
                session.exec(delete(RequestRow).where(col(RequestRow.address) == row.address))
                session.delete(row)
            if address:
                erase_address(session, address, token.subject, now)
            raise_version(session)
            return True

    def allow(self, address: str) -> bool:
        """Let be written again to a mail address whose reader had left; tells whether they had.

        What they were told before stands under the address again, so that no event is told twice.
        """
        subject = self.signer.subject(recipient("", address))
        with self._database.write(serialised=True) as session:
            row = session.get(SuppressionRow, subject)
            if row is None:
                return False
            session.delete(row)
            restore_address(session, address, subject)
            raise_version(session)
            return True

    def tidy(self, now: datetime) -> None:
        """Forget who never confirmed, forms that were looked at, and letters that no limit counts."""
        asked = (col(ReaderRow.confirmed_at).is_(None), col(ReaderRow.asked_at) < now - CONFIRM_WITHIN)
        with self._database.write(serialised=True) as session:
            for row in session.exec(select(ReaderRow).where(*asked)).all():
                erase_letters(session, row)
                session.delete(row)
            _tidy_chats(session, now)
            session.exec(
                delete(RequestRow).where(
                    col(RequestRow.done_at).is_not(None), col(RequestRow.at) < now - REQUEST_EXPIRES
                )
            )
            session.exec(delete(LetterRow).where(col(LetterRow.at) < now - 2 * REQUEST_EXPIRES))


def _let_back(session: Session, subject: str) -> bool:
    """Note that somebody who left asks for messages again; tells whether they had left."""
    left = session.get(SuppressionRow, subject)
    if left is not None:
        left.why = BACK
    return left is not None


def _confirmed(session: Session, row: ReaderRow, now: datetime) -> Subscriber:
    row.confirmed_at, row.consent = now, CONSENT
    subscriber = to_subscriber(row)
    begin_subscription(session, subscriber, now)
    raise_version(session)
    return subscriber


def _tidy_chats(session: Session, now: datetime) -> None:
    """Forget the chats whose code is no longer good, and end what was to bring it there."""
    asked = select(ReaderRow).where(*_UNCONFIRMED_CHATS, col(ReaderRow.asked_at) < now - CODE_WITHIN)
    rows = session.exec(asked).all()
    for row in rows:
        cancel_channel(session, row)
        session.delete(row)
    if rows:
        raise_version(session)
