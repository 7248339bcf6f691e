"""Subscribe a chat: kinds of chat, the form of each, and the page of the code that is posted to it.

Whoever can read the code can read the alerts, so the code is what confirms them. No page tells whether a chat
is known here, nor why a code is not taken.
"""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from fastapi import Request, Response  # noqa: TC002 -- the framework reads them from the annotations
from fastapi.responses import RedirectResponse

from service.notify import FieldFault, build_chat_address, offered_kinds
from service.notify.chatwords import CLOSED_SERVER
from service.signup import CODE_TRIES, FORMS_FROM_ONE_PLACE, Fault, read_wishes
from service.store import AskedChat
from service.tokens import Token
from service.web.forms import one_of, place_of
from service.web.reader_pages import BAD, MISSING, UNABLE
from service.web.wishing import Shown, first_wishes, shown_fields
from service.wording import later, wording_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.responses import HTMLResponse

    from service.notify import ChatAddress, ChatKind
    from service.signup import Subscriber, Wishes
    from service.web.forms import Fields
    from service.web.reader_pages import ReaderPages
    from service.wording import Wording

_ID_BYTES = 9  # of what names who asked: 72 bits, so that none is drawn twice
_SEE_OTHER = 303
_MOST_LOOK_UPS = 4  # at one time; names that nobody answers for would hold up all pages
_MOST_TYPED = 1_000
_SERVER_FIELDS = ("server", "webhook")  # one of them names the server that a reader chose
_WRONG_CODE = Fault(
    "code",
    later("This is not the code, or it is used up."),
    later("Type the six figures that stand in the chat. If none came, subscribe again tomorrow."),
)


class Chatting:
    """The pages by which a chat is subscribed."""

    def __init__(self, pages: ReaderPages) -> None:
        """Take what makes pages."""
        self._pages = pages
        self._looking_up = BoundedSemaphore(_MOST_LOOK_UPS)

    # ------------------------------------------------------------------------------------------ kinds

    def offer(self, request: Request) -> HTMLResponse:
        """Show the kinds of chat that can be subscribed."""
        words = self._pages.words(request)
        if self._pages.view.chats is None:
            said = words.say(
                "Whoever runs it has to set the address of these pages first (AVIZOR_PUBLIC_URL)."
            )
            title = words.say("This service cannot write to chats yet")
            return self._pages.notice(words, title, said, status=UNABLE)
        return self._pages.page("chats.html", words, kinds=self._kinds().values())

    def subscribe(self, kind: str, request: Request) -> HTMLResponse:
        """Show the form of one kind."""
        words, known = self._pages.words(request), self._kinds().get(kind)
        if known is None:
            return self._not_offered(words)
        return self._show(words, known, Shown(first_wishes(self._pages, request, words)))

    def _kinds(self) -> Mapping[str, ChatKind]:
        chats = self._pages.view.chats
        return offered_kinds(chats.bot) if chats else {}

    def _not_offered(self, words: Wording) -> HTMLResponse:
        link = ("/subscribe/chat", words.say("Choose a kind of chat"))
        said = words.say("This kind of chat is not offered here.")
        return self._pages.notice(words, said, status=MISSING, link=link)

    def _show(self, words: Wording, kind: ChatKind, shown: Shown, status: int = 200) -> HTMLResponse:
        """Make the page of a form; what is secret of what was typed is not shown again."""
        typed = shown.typed or {}
        again = {
            field.id: "" if field.is_secret else one_of(typed, field.id)[:_MOST_TYPED]
            for field in kind.fields
        }
        return self._pages.page(
            "chat.html", words, status, kind=kind, again=again, **shown_fields(self._pages, words, shown)
        )

    # ------------------------------------------------------------------------------------------- form

    async def take_subscription(self, kind: str, request: Request) -> Response:
        """Keep a form that was filled in; it is looked at later."""
        return await self._pages.take(request, lambda asked, fields: self._keep(kind, asked, fields))

    def _keep(self, kind_id: str, request: Request, fields: Fields) -> Response:
        words, kind = self._pages.words(request), self._kinds().get(kind_id)
        if kind is None:
            return self._not_offered(words)
        wishes, faults = read_wishes(fields, [one.id for one in self._pages.readers.list_offered()])
        read = self._read_address(kind, fields)
        if isinstance(read, Fault):
            faults = (read, *faults)
        if isinstance(read, Fault) or faults:
            return self._show(words, kind, Shown(wishes, faults, fields), BAD)
        return self._ask(read, wishes, request)

    def _read_address(self, kind: ChatKind, fields: Fields) -> ChatAddress | Fault:
        chats, typed = self._pages.view.chats, {one.id: one_of(fields, one.id) for one in kind.fields}
        try:
            address = build_chat_address(kind.id, typed, bot=chats.bot if chats else {})
        except FieldFault as wrong:
            return Fault(wrong.field, *wrong.fault)
        if kind.bot or self._may_connect(address):
            return address
        return Fault(next(one.id for one in kind.fields if one.id in _SERVER_FIELDS), *CLOSED_SERVER)

    def _may_connect(self, address: ChatAddress) -> bool:
        chats = self._pages.view.chats
        if chats is None or not self._looking_up.acquire(blocking=False):
            return False
        try:
            return chats.is_allowed(address.host, address.port)
        finally:
            self._looking_up.release()

    def _ask(self, address: ChatAddress, wishes: Wishes, request: Request) -> Response:
        words, readers, now = self._pages.words(request), self._pages.readers, self._pages.view.clock()
        asked = secrets.token_urlsafe(_ID_BYTES)
        is_kept = self._pages.view.store.signups.take_form(
            "chat",
            address.url,
            wishes,
            origin=readers.signer.origin(place_of(request)),
            most=FORMS_FROM_ONE_PLACE,
            now=now,
            chat=AskedChat(address.label, asked),
        )
        if not is_kept:
            return self._pages.too_many(words)
        # Its subject is nobody's: whoever asks for a chat has shown nothing yet that opens its other pages.
        token = readers.signer.seal(Token(readers.signer.subject(f"asked:{asked}"), asked, now))
        return RedirectResponse(f"/code/{token}?language={words.language}", _SEE_OTHER)

    # ------------------------------------------------------------------------------------------- code

    def ask_code(self, _token: Token, words: Wording) -> HTMLResponse:
        """Ask for the code that was posted."""
        return self._code_page(words)

    def take_code(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        """Let alerts begin where the code is right."""
        code = "".join(sign for sign in one_of(fields, "code")[:_MOST_TYPED] if sign.isalnum())
        pages = self._pages
        chat = pages.readers.confirm_chat(token.about, code, pages.view.clock())
        return self._code_page(words, _WRONG_CODE) if chat is None else self._done(chat)

    def _code_page(self, words: Wording, fault: Fault | None = None) -> HTMLResponse:
        status = BAD if fault else 200
        return self._pages.page("code.html", words, status, fault=fault, tries=CODE_TRIES)

    def _done(self, chat: Subscriber) -> HTMLResponse:
        words, signer = wording_for(chat.wishes.language), self._pages.readers.signer
        link = signer.seal(Token(chat.subject, chat.id, self._pages.view.clock()))
        return self._pages.notice(
            words,
            words.say("You are subscribed"),
            words.say(
                "From now on new events are told in {chat}. Keep the link below: it changes or ends these "
                "alerts, and does not expire. Each message has one, too, for all who read the chat. "
                "If it is lost, subscribe the chat again: its next code brings another one.",
                chat=chat.label,
            ),
            link=(f"/change/{link}", words.say("Change or end these alerts")),
        )
