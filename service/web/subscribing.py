"""The pages of readers: subscribe, confirm, change, leave, mute, and say whether an alert was of use.

A page that is opened changes nothing, whoever opens it: programs that look into mail open every link, and run
scripts on what they find. What changes something is a press of a button, which such a program does not do:
even where it sends a form off, the button's own field is missing. The one exception is the request of
a mail program itself that RFC 8058 describes.

No page tells whether an address is known here. Forms are kept, and looked at later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter, Request
from fastapi import Path as FromPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from service.domain import Mute
from service.errors import NotFound
from service.hours import DAYS, IMMEDIATE
from service.signup import (
    CHANGE_WITHIN,
    CONFIRM_WITHIN,
    FORMS_FROM_ONE_PLACE,
    Wishes,
    read_address,
    read_wishes,
)
from service.store import Verdict
from service.web.forms import is_ours, one_of, read_body, read_fields
from service.web.templating import make_templates
from service.web.times import Local, moment
from service.wording import LANGUAGES, wording_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery
    from service.signup import Fault, Subscriber
    from service.tokens import Token
    from service.web.forms import Fields
    from service.web.view import View
    from service.wording import Wording

_Text = Annotated[str, FromPath(pattern=r"^[\w.~-]+$", max_length=500)]
_PRESSED = "1"
_ONE_CLICK = b"List-Unsubscribe"  # the body that RFC 8058 prescribes, in whichever coding of forms
_MUTES = {"event-day": (True, 1), "event-week": (True, 7), "watchlist-day": (False, 1)}
_DAYS_OFFERED = (IMMEDIATE, "daily", "weekdays", *(f"weekly {day}" for day in DAYS))
_BAD, _FOREIGN, _TOO_LARGE, _TOO_MANY, _GONE = 400, 403, 413, 429, 410
_NETWORK_BITS = 64  # of an IPv6 address that belong to one place


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the form shows: the wishes as they stand, and what is wrong with what was sent."""

    wishes: Wishes
    faults: Sequence[Fault] = ()
    address: str = ""


class Subscribing:
    """The pages of readers over one view."""

    def __init__(self, view: View) -> None:
        """Take what the pages look at."""
        self._view = view
        self._readers = view.store.readers
        self._templates = make_templates()

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        get, post = ["GET", "HEAD"], ["POST"]
        for path, methods, page in (
            ("/subscribe", get, self.subscribe),
            ("/subscribe", post, self.take_subscription),
            ("/access", post, self.take_access),
            ("/confirm/{token}", get, self._asking(self._ask_confirm)),
            ("/confirm/{token}", post, self._doing(self._confirm)),
            ("/leave/{token}", get, self._asking(self._ask_leave)),
            ("/leave/{token}", post, self.leave),
            ("/change/{token}", get, self._asking(self._ask_change)),
            ("/change/{token}", post, self._doing(self._change)),
            ("/change/{token}/data.json", get, self._asking(self._data)),
            ("/mute/{token}", get, self._asking(self._ask_mute)),
            ("/mute/{token}", post, self._doing(self._mute)),
            ("/useful/{token}", get, self._asking(self._asker(Verdict.USEFUL))),
            ("/useful/{token}", post, self._doing(self._giver(Verdict.USEFUL))),
            ("/noise/{token}", get, self._asking(self._asker(Verdict.NOISE))),
            ("/noise/{token}", post, self._doing(self._giver(Verdict.NOISE))),
        ):
            router.add_api_route(path, page, methods=methods, response_model=None)
        return router

    # -------------------------------------------------------------------------------------- subscribe

    def subscribe(self, request: Request) -> HTMLResponse:
        """Show the form by which a reader subscribes."""
        language = _language_of(request)
        wishes = Wishes(
            watchlists=tuple(one.id for one in self._watchlists()),
            timezone=self._view.timezone,
            language=language,
        )
        return self._form(_Shown(wishes), language)

    async def take_subscription(self, request: Request) -> HTMLResponse:
        """Keep a form that was filled in; it is looked at later, so that the answer is the same for all."""
        language = _language_of(request)
        fields = await self._fields(request)
        if isinstance(fields, HTMLResponse):
            return fields
        wishes, faults = read_wishes(fields, [one.id for one in self._watchlists()])
        address, more = read_address(fields)
        faults = (*more, *faults)
        if faults:
            return self._form(_Shown(wishes, faults, address), language, status=_BAD)
        return await run_in_threadpool(self._keep, "subscribe", address, wishes, request, language)

    async def take_access(self, request: Request) -> HTMLResponse:
        """Keep the wish for a new link by which alerts can be changed."""
        language = _language_of(request)
        fields = await self._fields(request)
        if isinstance(fields, HTMLResponse):
            return fields
        address, faults = read_address(fields)
        if faults:
            return self._old_link(wording_for(language), faults)
        return await run_in_threadpool(
            self._keep, "access", address, Wishes(language=language), request, language
        )

    def _keep(self, kind: str, address: str, wishes: Wishes, request: Request, language: str) -> HTMLResponse:
        say = wording_for(language).say
        origin = self._readers.signer.origin(_place(request))
        kept = self._readers.take_form(
            kind, address, wishes, origin=origin, most=FORMS_FROM_ONE_PLACE, now=self._view.clock()
        )
        if not kept:
            return self._notice(
                language,
                say("Too many forms"),
                say("More forms than usual came from your network within an hour. Please try again later."),
                status=_TOO_MANY,
            )
        return self._notice(
            language,
            say("Look into your mailbox"),
            say(
                "If everything is in order, a mail with a link is on its way to {address}. "
                "Nothing is sent before you have pressed the button on the page behind it. "
                "An address gets one such mail within 24 hours.",
                address=address,
            ),
        )

    # ---------------------------------------------------------------------------------------- confirm

    def _ask_confirm(self, token: Token, words: Wording) -> HTMLResponse:
        if self._view.clock() - token.issued_at > CONFIRM_WITHIN:
            return self._old_form(words)
        return self._notice(
            words.language,
            words.say("Confirm your alerts"),
            words.say("Press the button, and alerts are sent to the address that this link was sent to."),
            button=words.say("Yes, send me alerts"),
        )

    def _confirm(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        now = self._view.clock()
        if one_of(fields, "yes") != _PRESSED:
            return self._ask_confirm(token, words)
        is_old = now - token.issued_at > CONFIRM_WITHIN
        subscriber = None if is_old else self._readers.confirm(token.about, now)
        if subscriber is None:
            return self._old_form(words)
        say = wording_for(subscriber.wishes.language).say
        return self._notice(
            subscriber.wishes.language,
            say("You are subscribed"),
            say("From now on you are told of new events. Each message has a link to change this or to stop."),
            link=(f"/change/{self._readers.signer.seal(token)}", say("Change your alerts")),
        )

    def _old_form(self, words: Wording) -> HTMLResponse:
        return self._notice(
            words.language,
            words.say("This link is used up"),
            words.say("It was good for seven days, or what it asked for has been withdrawn since."),
            link=("/subscribe", words.say("Subscribe again")),
            status=_GONE,
        )

    # ------------------------------------------------------------------------------------------ leave

    def _ask_leave(self, _token: Token, words: Wording) -> HTMLResponse:
        return self._notice(
            words.language,
            words.say("Stop all messages?"),
            words.say(
                "Nothing more is sent to the address that this link was sent to, and it is erased here."
            ),
            button=words.say("Stop all messages"),
        )

    async def leave(self, token: _Text, request: Request) -> HTMLResponse:
        """Stop all messages to a reader: by the button, or by a mail program as RFC 8058 says."""
        opened = self._open(token)
        body = await read_body(request)
        words = wording_for(_language_of(request))
        if body is None:
            return self._notice(words.language, words.say("That is too much"), "", status=_TOO_LARGE)
        pressed = one_of(read_fields(body), "yes") == _PRESSED
        if not pressed and _ONE_CLICK not in body:
            return await run_in_threadpool(self._ask_leave, opened, words)
        await run_in_threadpool(self._readers.leave, opened, self._view.clock())
        return self._notice(
            words.language,
            words.say("Nothing more is sent"),
            words.say("What was on its way is stopped, and your address is erased. You can subscribe again."),
            link=("/subscribe", words.say("Subscribe again")),
        )

    # ----------------------------------------------------------------------------------------- change

    def _ask_change(self, token: Token, words: Wording) -> HTMLResponse:
        subscriber = self._reader_of(token)
        if subscriber is None:
            return self._old_link(words)
        return self._form(_Shown(subscriber.wishes), subscriber.wishes.language, token=token)

    def _change(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        if self._reader_of(token) is None:
            return self._old_link(words)
        wishes, faults = read_wishes(fields, [one.id for one in self._watchlists()])
        if faults:
            return self._form(_Shown(wishes, faults), words.language, token=token, status=_BAD)
        self._readers.change(token.subject, wishes, self._view.clock())
        return self._form(_Shown(wishes), wishes.language, token=token, is_saved=True)

    def _data(self, token: Token, words: Wording) -> Response:
        """Give a reader all that is kept of them."""
        subscriber = self._reader_of(token)
        if subscriber is None:
            return self._old_link(words)
        kept = self._view.store.reading.list_deliveries(target=subscriber.address, limit=10_000)
        return JSONResponse(_kept(subscriber, kept), headers={"Cache-Control": "no-store"})

    def _reader_of(self, token: Token) -> Subscriber | None:
        """Give the reader behind a link that is not too old to change anything."""
        if self._view.clock() - token.issued_at > CHANGE_WITHIN:
            return None
        return self._readers.find(token.subject)

    def _old_link(self, words: Wording, faults: Sequence[Fault] = ()) -> HTMLResponse:
        return self._page(
            "access.html",
            words.language,
            _GONE if not faults else _BAD,
            faults=faults,
            days=CHANGE_WITHIN.days,
        )

    # ------------------------------------------------------------------------------- mute and feedback

    def _ask_mute(self, token: Token, words: Wording) -> HTMLResponse:
        delivery = self._told_by(token)
        title = self._titles().get(delivery.watchlist_id, delivery.watchlist_id)
        choices = [
            ("event-day", words.say("This event, for 24 hours")),
            ("event-week", words.say("This event, for 7 days")),
            ("watchlist-day", words.say("All of {watchlist}, for 24 hours", watchlist=title)),
        ]
        return self._notice(
            words.language,
            words.say("Silence"),
            words.say(
                "What is not told meanwhile stays on the page of its event. Pick what you want silence about."
            ),
            choices=choices if delivery.event_id else choices[2:] if delivery.watchlist_id else [],
        )

    def _mute(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        delivery, now = self._told_by(token), self._view.clock()
        picked = _MUTES.get(one_of(fields, "for"))
        if picked is None:
            return self._ask_mute(token, words)
        is_event, days = picked
        until = now + timedelta(days=days)
        mute = Mute(
            token.subject,
            delivery.event_id if is_event else "",
            "" if is_event else delivery.watchlist_id,
            until,
            by="its reader",
        )
        self._view.store.mutes.add(mute, now, target=delivery.target, channel_id=delivery.channel_id)
        when = moment(until, Local(now, ZoneInfo(self._view.timezone))).full
        return self._notice(
            words.language, words.say("Silence"), words.say("You hear nothing of it until {when}.", when=when)
        )

    def _asker(self, verdict: Verdict) -> Callable[[Token, Wording], HTMLResponse]:
        def ask(token: Token, words: Wording) -> HTMLResponse:
            delivery = self._told_by(token)
            said = _say_verdict(verdict, words)
            return self._notice(words.language, said, delivery.notification.title, button=said)

        return ask

    def _giver(self, verdict: Verdict) -> Callable[[Token, Fields, Wording], HTMLResponse]:
        def give(token: Token, fields: Fields, words: Wording) -> HTMLResponse:
            if one_of(fields, "yes") != _PRESSED:
                return self._asker(verdict)(token, words)
            delivery = self._told_by(token)
            self._view.store.feedback.give(delivery.id, verdict, self._view.clock())
            said = words.say("Who writes the watchlist sees it beside the words that brought you this alert.")
            return self._notice(words.language, words.say("Thank you"), said)

        return give

    def _told_by(self, token: Token) -> Delivery:
        """Give the delivery that a link came with; raises NotFound where it is kept no longer."""
        return self._view.store.reading.get_delivery(token.about)

    # -------------------------------------------------------------------------------------- all pages

    def _asking(self, page: Callable[[Token, Wording], Response]) -> Callable[..., object]:
        """Make a page of a link that changes nothing."""

        def show(token: _Text, request: Request) -> Response:
            opened = self._open(token)
            return page(opened, self._words(opened, request))

        return show

    def _doing(self, act: Callable[[Token, Fields, Wording], HTMLResponse]) -> Callable[..., object]:
        """Take the form of a page of a link. Its token is the proof that its reader sent it."""

        async def take(token: _Text, request: Request) -> HTMLResponse:
            opened = self._open(token)
            body = await read_body(request)
            words = await run_in_threadpool(self._words, opened, request)
            if body is None:
                return self._notice(words.language, words.say("That is too much"), "", status=_TOO_LARGE)
            return await run_in_threadpool(act, opened, read_fields(body), words)

        return take

    def _open(self, text: str) -> Token:
        token = self._readers.signer.open(text)
        if token is None:
            raise NotFound("This link was not made here, or is not whole.")
        return token

    def _words(self, token: Token, request: Request) -> Wording:
        """Give the language of a reader, or of the browser where they are not known."""
        subscriber = self._readers.find(token.subject)
        return wording_for(subscriber.wishes.language if subscriber else _language_of(request))

    async def _fields(self, request: Request) -> Fields | HTMLResponse:
        words = wording_for(_language_of(request))
        if not is_ours(request, self._view.public_host):
            return self._notice(
                words.language,
                words.say("This form came from elsewhere"),
                words.say("Open the page here and fill it in again."),
                status=_FOREIGN,
                link=("/subscribe", words.say("Subscribe")),
            )
        body = await read_body(request)
        if body is None:
            return self._notice(words.language, words.say("That is too much"), "", status=_TOO_LARGE)
        return read_fields(body)

    def _watchlists(self) -> Sequence[Watched]:
        return [Watched(one.id, one.title, one.about) for one in self._view.store.reading.list_watchlists()]

    def _titles(self) -> Mapping[str, str]:
        return {one.id: one.title for one in self._watchlists()}

    def _form(
        self,
        shown: _Shown,
        language: str,
        *,
        token: Token | None = None,
        is_saved: bool = False,
        status: int = 200,
    ) -> HTMLResponse:
        when, _, hours = shown.wishes.when.partition(" ")
        if when == "weekly":
            day, _, hours = hours.partition(" ")
            when = f"weekly {day}"
        return self._page(
            "subscribe.html",
            language,
            status,
            wishes=shown.wishes,
            faults={fault.field: fault for fault in shown.faults},
            address=shown.address,
            watchlists=self._watchlists(),
            days=_DAYS_OFFERED,
            when=when,
            hours=hours or "07:00",
            languages=LANGUAGES,
            timezones=sorted(available_timezones()),
            token=self._readers.signer.seal(token) if token else "",
            is_saved=is_saved,
            can_mail=self._view.can_mail,
        )

    def _notice(
        self,
        language: str,
        title: str,
        words: str,
        *,
        button: str = "",
        choices: Sequence[tuple[str, str]] = (),
        link: tuple[str, str] = ("", ""),
        status: int = 200,
    ) -> HTMLResponse:
        return self._page(
            "notice.html",
            language,
            status,
            title=title,
            words=words,
            button=button,
            choices=choices,
            link=link,
        )

    def _page(self, template: str, language: str, status: int, **shown: object) -> HTMLResponse:
        words = wording_for(language)
        text = self._templates.get_template(template).render(_=words.say, language=words.language, **shown)
        return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class Watched:
    """A watchlist that can be subscribed to."""

    id: str
    title: str
    about: str


def _say_verdict(verdict: Verdict, words: Wording) -> str:
    if verdict is Verdict.USEFUL:
        return words.say("This alert was useful")
    return words.say("This alert was noise")


def _language_of(request: Request) -> str:
    """Give the first language of the browser that messages can be had in."""
    for part in request.headers.get("accept-language", "").split(","):
        language = part.partition(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "en"


def _place(request: Request) -> str:
    """Give where a form came from: an address, or the network of one, as limits count it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4:  # noqa: PLR2004 -- the version of the protocol
        return str(address)
    return str(ip_network((int(address), _NETWORK_BITS), strict=False))


def _kept(subscriber: Subscriber, deliveries: Sequence[Delivery]) -> dict[str, object]:
    return {
        "address": subscriber.address,
        "asked_at": _iso(subscriber.asked_at),
        "confirmed_at": _iso(subscriber.confirmed_at),
        "wishes": subscriber.wishes.as_values(),
        "deliveries": [
            {
                "title": one.notification.title,
                "reason": one.reason.value,
                "state": one.state.value,
                "created_at": _iso(one.created_at),
                "delivered_at": _iso(one.delivered_at),
            }
            for one in deliveries
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
