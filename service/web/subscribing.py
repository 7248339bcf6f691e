"""Subscribe and confirm: the pages by which somebody becomes a reader; and where all pages of readers are.

No page tells whether an address is known here. Forms are kept, and looked at later, so that neither the
answer nor the time it takes depends on what is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from service.signup import CONFIRM_WITHIN, FORMS_FROM_ONE_PLACE, Wishes, read_address, read_wishes
from service.store import Verdict
from service.web.chatting import Chatting
from service.web.forms import one_of, place_of
from service.web.judging import Judging
from service.web.leaving import Leaving
from service.web.reader_pages import BAD, GONE, UNABLE, ReaderPages, is_pressed
from service.web.wishing import Shown, first_wishes, show_form
from service.wording import wording_for

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from service.tokens import Token
    from service.web.forms import Fields
    from service.web.view import View
    from service.wording import Wording


class Subscribing:
    """The pages of readers over one view."""

    def __init__(self, view: View) -> None:
        """Take what the pages look at."""
        self._view = view
        self._pages = ReaderPages(view)
        self._leaving = Leaving(self._pages)
        self._judging = Judging(self._pages)
        self._chatting = Chatting(self._pages)

    def router(self) -> APIRouter:
        """Name the addresses."""
        router, get, post = APIRouter(), ["GET", "HEAD"], ["POST"]
        asking, doing = self._pages.asking, self._pages.doing
        own, told, chat = self._leaving, self._judging, self._chatting
        for path, methods, page in (
            ("/subscribe", get, self.subscribe),
            ("/subscribe", post, self.take_subscription),
            ("/subscribe/chat", get, chat.offer),
            ("/subscribe/chat/{kind}", get, chat.subscribe),
            ("/subscribe/chat/{kind}", post, chat.take_subscription),
            ("/code/{token}", get, asking(chat.ask_code)),
            ("/code/{token}", post, doing(chat.take_code)),
            ("/access", get, self.ask_access),
            ("/access", post, self.take_access),
            ("/confirm/{token}", get, asking(self._ask_confirm)),
            ("/confirm/{token}", post, doing(self._confirm)),
            ("/leave/{token}", get, asking(own.ask_leave)),
            ("/leave/{token}", post, own.leave),
            ("/change/{token}", get, asking(own.ask_change)),
            ("/change/{token}", post, doing(own.change)),
            ("/change/{token}/data.json", get, asking(own.data)),
            ("/mute/{token}", get, asking(told.ask_mute)),
            ("/mute/{token}", post, doing(told.mute)),
            ("/useful/{token}", get, asking(told.asker(Verdict.USEFUL))),
            ("/useful/{token}", post, doing(told.giver(Verdict.USEFUL))),
            ("/noise/{token}", get, asking(told.asker(Verdict.NOISE))),
            ("/noise/{token}", post, doing(told.giver(Verdict.NOISE))),
        ):
            router.add_api_route(path, page, methods=methods, response_model=None)
        return router

    # -------------------------------------------------------------------------------------- subscribe

    def subscribe(self, request: Request) -> HTMLResponse:
        """Show the form by which a reader subscribes."""
        words = self._pages.words(request)
        return show_form(self._pages, words, Shown(first_wishes(self._pages, request, words)))

    async def take_subscription(self, request: Request) -> Response:
        """Keep a form that was filled in; it is looked at later, so that the answer is the same for all."""
        return await self._pages.take(request, self._keep_subscription)

    def ask_access(self, request: Request) -> HTMLResponse:
        """Show the form by which a reader asks for a new link."""
        return self._leaving.ask_access(self._pages.words(request))

    async def take_access(self, request: Request) -> Response:
        """Keep the wish for a new link by which alerts can be changed."""
        return await self._pages.take(request, self._keep_access)

    def _keep_subscription(self, request: Request, fields: Fields) -> HTMLResponse:
        words = self._pages.words(request)
        wishes, faults = read_wishes(fields, [one.id for one in self._pages.readers.list_offered()])
        address, more = read_address(fields)
        if more or faults:
            return show_form(self._pages, words, Shown(wishes, (*more, *faults), fields), BAD)
        if not self._view.can_mail:
            return show_form(self._pages, words, Shown(wishes), UNABLE)
        return self._keep("subscribe", address, wishes, request)

    def _keep_access(self, request: Request, fields: Fields) -> HTMLResponse:
        words = self._pages.words(request)
        address, faults = read_address(fields)
        if faults:
            return self._leaving.ask_access(words, faults, one_of(fields, "address"))
        return self._keep("access", address, Wishes(language=words.language), request)

    def _keep(self, kind: str, address: str, wishes: Wishes, request: Request) -> HTMLResponse:
        words, readers = self._pages.words(request), self._pages.readers
        origin = readers.signer.origin(place_of(request))
        now = self._view.clock()
        signups = self._view.store.signups
        if not signups.take_form(kind, address, wishes, origin=origin, most=FORMS_FROM_ONE_PLACE, now=now):
            return self._pages.too_many(words)
        if kind == "access":
            said = words.say(
                "If alerts go to {address}, a mail with a link is on its way there. "
                "An address gets one such mail within 24 hours.",
                address=address,
            )
        else:
            said = words.say(
                "If everything is in order, a mail with a link is on its way to {address}. "
                "Nothing is sent before you have pressed the button on the page behind it. "
                "An address gets one such mail within 24 hours.",
                address=address,
            )
        return self._pages.notice(words, words.say("Look into your mailbox"), said)

    # ---------------------------------------------------------------------------------------- confirm

    def _ask_confirm(self, token: Token, words: Wording) -> HTMLResponse:
        if self._view.clock() - token.issued_at > CONFIRM_WITHIN:
            return self._old_form(words)
        return self._pages.notice(
            words,
            words.say("Confirm your alerts"),
            words.say("Press the button, and alerts are sent to the address that this link was sent to."),
            button=words.say("Yes, send me alerts"),
        )

    def _confirm(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        now, readers = self._view.clock(), self._pages.readers
        if not is_pressed(fields):
            return self._ask_confirm(token, words)
        is_old = now - token.issued_at > CONFIRM_WITHIN
        subscriber = None if is_old else readers.confirm(token.about, now)
        if subscriber is None:
            return self._old_form(words)
        words = wording_for(subscriber.wishes.language)
        return self._pages.notice(
            words,
            words.say("You are subscribed"),
            words.say(
                "From now on you are told of new events. Each message has a link to change this or to stop."
            ),
            link=(f"/change/{readers.signer.seal(token)}", words.say("Change your alerts")),
        )

    def _old_form(self, words: Wording) -> HTMLResponse:
        return self._pages.notice(
            words,
            words.say("This link is used up"),
            words.say("It was good for seven days, or what it asked for has been withdrawn since."),
            link=("/subscribe", words.say("Subscribe again")),
            status=GONE,
        )
