"""From forms that readers sent to the letters that answer them, and to the codes for chats.

The form itself is answered with one and the same page, whoever's address it has; all that depends on what
is known of the address happens here, later.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import ChannelKind, NotifyReason, PlannedDelivery, recipient
from service.notify import (
    LETTERS,
    ReaderView,
    limited_as,
    render_access,
    render_chat_code,
    render_confirmation,
)
from service.signup import HOUR, Admission, Subscriber, admit, chat_name, mailbox_of
from service.text import digest
from service.tokens import Token

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Notification
    from service.pipeline.shift import Shift
    from service.store import Request

_ID_BYTES = 9  # of a reader's id: 72 bits, so that none is drawn twice
_NO_CODE = "••••••"
_AT_ONCE = 1_000  # forms; a flood at one domain takes its turns with all others


@dataclass(frozen=True, slots=True)
class _Asking:
    """A form, who sent it as tokens and limits name them, and when it is looked at."""

    request: Request
    subject: str
    mailbox: str
    domain: str
    now: datetime


class Admitting:
    """Looks at forms, within the limits that keep strangers from being flooded with letters."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift
        self._after = 0  # the form that was looked at last, where more wait than are looked at at once
        self._tidied_at: datetime | None = None

    def admit_due(self) -> int:
        """Answer the forms that can be answered now; returns how many letters there were."""
        now = self._shift.clock()
        self._tidy(now)
        requests = self._shift.store.signups.list_requests(after=self._after, limit=_AT_ONCE)
        self._after = requests[-1].id if len(requests) == _AT_ONCE else 0
        busy: set[str] = set()
        return sum(self._admit(self._asking(one, now), busy) for one in requests)

    def _tidy(self, now: datetime) -> None:
        if self._tidied_at is None or abs(now - self._tidied_at) >= HOUR:
            self._shift.store.readers.tidy(now)
            self._tidied_at = now

    def _asking(self, request: Request, now: datetime) -> _Asking:
        signer = self._shift.store.readers.signer
        if request.kind == ChannelKind.CHAT:
            mailbox, domain = limited_as(request.address)
            subject = signer.subject(chat_name(signer.chat(request.address)))
        else:
            mailbox, domain = mailbox_of(request.address)
            subject = signer.subject(recipient(LETTERS, request.address))
        return _Asking(request, subject, signer.origin(mailbox), signer.origin(domain), now)

    def _admit(self, one: _Asking, busy: set[str]) -> bool:
        """Look at one form; those to `busy` domains wait, without a question to the store for each."""
        if one.domain in busy:
            return False
        signups = self._shift.store.signups
        letters = signups.count_letters(one.mailbox, one.domain, one.now)
        verdict = admit(letters, one.request.at, one.now)
        if verdict is Admission.WRITE:
            return self._answer(one)
        if verdict is Admission.NEVER:
            signups.forget(one.request, one.now)
        else:
            busy.add(one.domain)
        return False

    def _answer(self, one: _Asking) -> bool:
        """Ask a stranger to confirm, send a reader their link; a stranger who asks for one gets nothing.

        A chat is asked to confirm even if it is known: the link would be read by all who are in it.
        """
        readers = self._shift.store.readers
        if one.request.kind == ChannelKind.CHAT:
            return self._post_code(one)
        known = readers.find(one.subject)
        if known is not None:
            return self._write(one, None, self._access(one, known), known)
        if one.request.kind != "subscribe":
            self._shift.store.signups.forget(one.request, one.now)
            return False
        name = secrets.token_urlsafe(_ID_BYTES)
        asked = Subscriber(name, one.subject, one.request.address, one.request.wishes, one.now)
        return self._write(one, asked, self._ask(one, asked), asked)

    def _post_code(self, one: _Asking) -> bool:
        """Post the code; what is stored shows dots in its place, and it is filled in as it goes out."""
        form, chat = one.request, one.request.chat
        asked = Subscriber(
            chat.asked,
            one.subject,
            form.address,
            form.wishes,
            one.now,
            kind=ChannelKind.CHAT,
            label=chat.label,
        )
        return self._write(one, asked, render_chat_code(_NO_CODE, _view(asked)), asked)

    def _write(self, one: _Asking, asked: Subscriber | None, said: Notification, to: Subscriber) -> bool:
        shift = self._shift
        planned = PlannedDelivery(
            id=digest("letter", to.id, one.now.isoformat()),
            subscription_id="",
            channel_id=LETTERS if to.is_mail else to.channel.id,
            target=to.channel.targets[0],
            reason=NotifyReason.ACCESS if asked is None else NotifyReason.CONFIRMATION,
            event_id="",
            watchlist_id="",
            entry_id=0,
            due_at=one.now,
        )
        letter = shift.ready(planned, said)
        return shift.store.signups.write_letter(
            one.request, asked, letter, mailbox=one.mailbox, domain=one.domain, now=one.now
        )

    def _ask(self, one: _Asking, asked: Subscriber) -> Notification:
        titles = [self._shift.title_of(watchlist) for watchlist in asked.wishes.watchlists]
        url = self._link("confirm", one, asked)
        return render_confirmation(asked.address, titles, url, _view(asked), one.request.at)

    def _access(self, one: _Asking, known: Subscriber) -> Notification:
        return render_access(known.address, self._link("change", one, known), _view(known))

    def _link(self, page: str, one: _Asking, to: Subscriber) -> str:
        token = self._shift.store.readers.signer.seal(Token(one.subject, to.id, one.now))
        return f"{self._shift.base_url}/{page}/{token}"


def _view(reader: Subscriber) -> ReaderView:
    return ReaderView(timezone=reader.wishes.timezone, language=reader.wishes.language)
