"""Forms that readers sent, and the letters that answer them; looked at by the service, never by a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from service.signup import HOUR, Letters, Subscriber, Wishes
from service.store.delivery_rows import save_rendered
from service.store.reader_requests import AskedChat, Request, to_request
from service.store.reader_rows import find_active, raise_version, reader_row
from service.store.reader_tables import LetterRow, RequestRow

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.delivery_rows import RenderedDelivery
    from service.store.engine import Database


class Signups:
    """What can be asked and said about forms and their letters."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def take_form(
        self,
        kind: str,
        address: str,
        wishes: Wishes,
        *,
        origin: str,
        most: int,
        now: datetime,
        chat: AskedChat | None = None,
    ) -> bool:
        """Keep a form until it is looked at; False, and nothing kept, after `most` within an hour from there.

        Whether its address is known is not looked at here: what is answered cannot depend on it.
        """
        recent = select(func.count()).where(
            col(RequestRow.origin) == origin, col(RequestRow.at) > now - HOUR, col(RequestRow.at) <= now
        )
        with self._database.write() as session:
            if session.exec(recent).one() >= most:
                return False
            written = json.dumps(wishes.as_values())
            row = RequestRow(kind=kind, address=address, wishes=written, origin=origin, at=now)
            if chat is not None:
                row.label, row.asked = chat.label, chat.asked
            session.add(row)
            return True

    def list_requests(self, *, after: int = 0, limit: int) -> list[Request]:
        """List the forms that wait to be looked at and came `after` the one of that number, oldest first."""
        statement = (
            select(RequestRow)
            .where(col(RequestRow.done_at).is_(None), col(RequestRow.id) > after)
            .order_by(col(RequestRow.id))
            .limit(limit)
        )
        with self._database.read() as session:
            return [to_request(row) for row in session.exec(statement)]

    def count_letters(self, mailbox: str, domain: str, now: datetime) -> Letters:
        """Count what was sent lately to a mailbox and a domain, as `Signer.origin` names them, and in all."""
        with self._database.read() as session:
            return _letters(session, mailbox, domain, now)

    def forget(self, request: Request, now: datetime) -> None:
        """Note that a form came to nothing; its address is kept no longer."""
        with self._database.write() as session:
            _close(session, session.get(RequestRow, request.id), now)

    def write_letter(
        self,
        request: Request,
        asked: Subscriber | None,
        letter: RenderedDelivery,
        *,
        mailbox: str,
        domain: str,
        now: datetime,
    ) -> bool:
        """Store the letter that answers a form, and who asked, if they are to confirm it.

        False, and no letter, where another process was faster: the form was looked at, the mailbox has had
        its letter, or who asked has confirmed an earlier letter just now.
        """
        with self._database.write(serialised=True) as session:
            row = session.get(RequestRow, request.id)
            if row is None or row.done_at is not None:
                return False
            _close(session, row, now)
            is_mail = asked is not None and asked.is_mail
            is_known = asked is not None and is_mail and find_active(session, asked.subject) is not None
            if is_known or _letters(session, mailbox, domain, now).is_recent(now):
                return False
            session.add(LetterRow(mailbox=mailbox, domain=domain, at=now))
            save_rendered(session, [letter], now)
            if asked is not None:
                session.add(reader_row(asked))
                if not is_mail:
                    raise_version(session)  # now there is a channel that leads to the chat
            return True


def _close(session: Session, row: RequestRow | None, now: datetime) -> None:
    """Note that a form was looked at; one that is gone belonged to somebody who left meanwhile."""
    if row is not None:
        row.done_at, row.address, row.label = now, "", ""
        session.add(row)


def _letters(session: Session, mailbox: str, domain: str, now: datetime) -> Letters:
    lately = col(LetterRow.at) > now - HOUR
    last = session.exec(select(func.max(LetterRow.at)).where(col(LetterRow.mailbox) == mailbox)).one()
    near = session.exec(select(func.count()).where(col(LetterRow.domain) == domain, lately)).one()
    in_all = session.exec(select(func.count(col(LetterRow.id))).where(lately)).one()
    return Letters(last, near, in_all)
