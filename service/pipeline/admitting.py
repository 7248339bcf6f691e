"""From forms that readers sent to the letters that answer them.

The form itself is answered with one and the same page, whoever's address it has; all that depends on what
is known of the address happens here, later.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from service.domain import NotifyReason, PlannedDelivery, recipient
from service.notify import LETTERS, ReaderView, render_access, render_confirmation
from service.signup import Admission, Subscriber, admit, mailbox_of
from service.text import digest
from service.tokens import Token

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Notification
    from service.pipeline.shift import Shift
    from service.store import Request

_ID_BYTES = 9  # of a reader's id: 72 bits, so that none is drawn twice


class Admitting:
    """Looks at forms, within the limits that keep strangers from being flooded with letters."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift

    def admit_due(self) -> int:
        """Answer the forms that can be answered now; returns how many letters there were."""
        shift, now = self._shift, self._shift.clock()
        readers = shift.store.readers
        count = 0
        for request in readers.list_requests():
            mailbox, domain = (readers.signer.origin(part) for part in mailbox_of(request.address))
            verdict = admit(readers.count_letters(mailbox, domain, now), request.at, now)
            if verdict is Admission.NEVER:
                readers.forget(request, now)
            elif verdict is Admission.WRITE:
                count += self._answer(request, mailbox, domain, now)
        readers.tidy(now)
        return count

    def _answer(self, request: Request, mailbox: str, domain: str, now: datetime) -> bool:
        """Ask a stranger to confirm, send a reader their link; a stranger who asks for one gets nothing."""
        readers = self._shift.store.readers
        subject = readers.signer.subject(recipient(LETTERS, request.address))
        known = readers.find(subject)
        if known is not None:
            self._write(request, None, subject, known.id, mailbox, domain, now)
        elif request.kind == "subscribe":
            name = secrets.token_urlsafe(_ID_BYTES)
            asked = Subscriber(name, subject, request.address, request.wishes, now)
            self._write(request, asked, subject, name, mailbox, domain, now)
        else:
            readers.forget(request, now)
            return False
        return True

    def _write(
        self,
        request: Request,
        asked: Subscriber | None,
        subject: str,
        reader_id: str,
        mailbox: str,
        domain: str,
        now: datetime,
    ) -> None:
        shift = self._shift
        token = shift.store.readers.signer.seal(Token(subject, reader_id, now))
        view = ReaderView(timezone=request.wishes.timezone, language=request.wishes.language)
        said = self._access(request, token, view) if asked is None else self._ask(request, token, view)
        planned = PlannedDelivery(
            id=digest("letter", reader_id, now.isoformat()),
            subscription_id="",
            channel_id=LETTERS,
            target=request.address,
            reason=NotifyReason.ACCESS if asked is None else NotifyReason.CONFIRMATION,
            event_id="",
            watchlist_id="",
            entry_id=0,
            due_at=now,
        )
        letter = shift.ready(planned, said)
        shift.store.readers.write_letter(request, asked, letter, mailbox=mailbox, domain=domain, now=now)

    def _ask(self, request: Request, token: str, view: ReaderView) -> Notification:
        titles = [self._shift.title_of(one) for one in request.wishes.watchlists]
        url = f"{self._shift.base_url}/confirm/{token}"
        return render_confirmation(request.address, titles, url, view, request.at)

    def _access(self, request: Request, token: str, view: ReaderView) -> Notification:
        return render_access(request.address, f"{self._shift.base_url}/change/{token}", view)
