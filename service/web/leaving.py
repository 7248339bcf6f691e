"""The pages of readers who have a link of ours: change what they get, see what is kept of them, leave.

To leave is the one act that needs no page: the mail program itself may ask for it, as RFC 8058 describes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request  # noqa: TC002 -- the framework reads it from the annotations
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from service.signup import CHANGE_WITHIN, read_wishes
from service.web.forms import is_one_click, read_body, read_fields
from service.web.phrases import hide_addresses
from service.web.reader_pages import BAD, FOREIGN, GONE, is_pressed
from service.web.wishing import Shown, show_form
from service.wording import wording_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from fastapi.responses import HTMLResponse, Response

    from service.domain import Delivery, Mute
    from service.signup import Fault, Subscriber
    from service.tokens import Token
    from service.web.forms import Fields
    from service.web.reader_pages import ReaderPages
    from service.wording import Wording

_MOST_KEPT = 10_000  # deliveries that a reader is given at once


class Leaving:
    """Change and leave."""

    def __init__(self, pages: ReaderPages) -> None:
        """Take what makes pages."""
        self._pages = pages

    # ------------------------------------------------------------------------------------------ leave

    def ask_leave(self, _token: Token, words: Wording) -> HTMLResponse:
        """Ask whether all messages are to stop."""
        return self._pages.notice(
            words,
            words.say("Stop all messages?"),
            words.say(
                "Nothing more is sent to the address that this link was sent to, and it is erased here."
            ),
            button=words.say("Stop all messages"),
        )

    async def leave(self, token: str, request: Request) -> Response:
        """Stop all messages to a reader: by the button, or by a mail program as RFC 8058 says."""
        body = await read_body(request)
        if body is None:
            return self._pages.too_large(request)
        is_meant = is_pressed(read_fields(body)) or is_one_click(
            request.headers.get("content-type", ""), body
        )
        return await run_in_threadpool(self._leave, token, request, is_meant)

    def _leave(self, text: str, request: Request, is_meant: bool) -> HTMLResponse:  # noqa: FBT001 -- what was found out of the request
        pages = self._pages
        token = pages.readers.signer.open(text)
        words = pages.words(request, token)
        if token is None:
            return pages.broken(words)
        if not is_meant:
            return self.ask_leave(token, words)
        if not pages.readers.leave(token, pages.view.clock()):
            return self._of_a_room(words)
        return pages.notice(
            words,
            words.say("Nothing more is sent"),
            words.say("What was on its way is stopped, and your address is erased. You can subscribe again."),
            link=("/subscribe", words.say("Subscribe again")),
        )

    def _of_a_room(self, words: Wording) -> HTMLResponse:
        return self._pages.notice(
            words,
            words.say("This is a room of many"),
            words.say("Whoever runs this service has to end its messages."),
            status=FOREIGN,
        )

    # ----------------------------------------------------------------------------------------- change

    def ask_change(self, token: Token, words: Wording) -> HTMLResponse:
        """Show what a reader gets, in the form by which they change it."""
        subscriber = self._reader_of(token)
        if subscriber is None:
            return self.ask_access(words, is_old=True)
        return show_form(
            self._pages,
            words,
            Shown(subscriber.wishes, token=self._seal(token), trouble=self._trouble(subscriber, words)),
        )

    def _trouble(self, reader: Subscriber, words: Wording) -> str:
        """Say since when and why a reader is not reached, if that is so."""
        found = self._pages.view.store.targets.find_unreached(reader.channel.id, reader.channel.targets[0])
        if found is None:
            return ""
        return words.count(
            found.waiting,
            "What we send you is refused since {time} ({words}); {number} message waits. "
            "It is tried once a day, and what waits comes as soon as one is taken.",
            "What we send you is refused since {time} ({words}); {number} messages wait. "
            "It is tried once a day, and what waits comes as soon as one is taken.",
            time=self._pages.say_when(found.since_at, reader, words),
            words=hide_addresses(found.words),
        )

    def change(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        """Put other wishes in force."""
        pages = self._pages
        if self._reader_of(token) is None:
            return self.ask_access(words, is_old=True)
        wishes, faults = read_wishes(fields, [one.id for one in pages.readers.list_offered()])
        shown = Shown(wishes, faults, fields, self._seal(token))
        if faults:
            return show_form(pages, words, shown, BAD)
        pages.readers.change(token.subject, wishes, pages.view.clock())
        saved = Shown(wishes, token=self._seal(token), is_saved=True)
        return show_form(pages, wording_for(wishes.language), saved)

    def data(self, token: Token, words: Wording) -> Response:
        """Give a reader all that is kept of them."""
        subscriber, store = self._reader_of(token), self._pages.view.store
        if subscriber is None:
            return self.ask_access(words, is_old=True)
        channel = subscriber.channel
        [target] = channel.targets
        deliveries = store.reading.list_deliveries(
            target=target, channel_id="" if target else channel.id, limit=_MOST_KEPT
        )
        said = store.feedback.of_reader(target, channel.id)
        mutes = store.mutes.list_of(subscriber.subject, self._pages.view.clock())
        kept = _kept(subscriber, deliveries, said, mutes)
        return JSONResponse(kept, headers={"Cache-Control": "no-store"})

    def ask_access(
        self, words: Wording, faults: Sequence[Fault] = (), typed: str = "", *, is_old: bool = False
    ) -> HTMLResponse:
        """Show the form by which a reader asks for a new link."""
        status = BAD if faults else GONE if is_old else 200
        shown = {"faults": faults, "typed": typed, "is_old": is_old, "days": CHANGE_WITHIN.days}
        return self._pages.page("access.html", words, status, **shown)

    def _reader_of(self, token: Token) -> Subscriber | None:
        """Give the reader behind a link that is not too old to change anything."""
        found = self._pages.readers.find(token.subject)
        is_old = found is not None and found.is_old(token.issued_at, self._pages.view.clock())
        return None if is_old else found

    def _seal(self, token: Token) -> str:
        return self._pages.readers.signer.seal(token)


def _kept(
    subscriber: Subscriber, deliveries: Sequence[Delivery], said: Mapping[str, str], mutes: Sequence[Mute]
) -> dict[str, object]:
    return {
        # That of a chat may hold the token of this service's own bot.
        "address": subscriber.address if subscriber.is_mail else subscriber.label,
        "asked_at": _iso(subscriber.asked_at),
        "confirmed_at": _iso(subscriber.confirmed_at),
        "wishes": subscriber.wishes.as_values(),
        "mutes": [
            {"event": one.event_id, "watchlist": one.watchlist_id, "until": _iso(one.until_at)}
            for one in mutes
        ],
        "deliveries": [
            {
                "title": one.notification.title,
                "reason": one.reason.value,
                "state": one.state.value,
                "created_at": _iso(one.created_at),
                "delivered_at": _iso(one.delivered_at),
                "said": said.get(one.id, ""),
            }
            for one in deliveries
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
