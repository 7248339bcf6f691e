"""The readers who subscribed, page by page. For operators: no address is shown whole, none is in a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.domain import ChannelKind, recipient
from service.errors import NotFound
from service.text import partly_hidden
from service.tokens import Token
from service.web.forms import one_of
from service.web.phrases import hide_addresses
from service.web.places import read_place, write_place
from service.web.times import Moment, moment
from service.web.timetables import say_written
from service.web.visitor import Role
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.signup import Subscriber
    from service.store import Paused
    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.times import Local

_SEE_OTHER, _MISSING = 303, 404
_SHOWN = 100
_NOBODY = later("Nobody has subscribed with this address.")


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A reader who subscribed: the address partly hidden, or the name of a chat, and what it refuses with."""

    id: str
    channel: str
    name: str
    is_confirmed: bool
    since: Moment
    watchlists: str
    when: str
    language: str
    refused: str = ""


def subscriber_row(one: Subscriber, local: Local, paused: Mapping[str, Paused]) -> SubscriberRow:
    """Tell a reader; `paused` are the targets that refuse, by name."""
    wishes, words = one.wishes, local.words
    is_mail = one.kind == ChannelKind.MAIL
    return SubscriberRow(
        id=one.id,
        channel=one.channel.id,
        name=partly_hidden(one.address) if is_mail else one.label or words.say("a chat"),
        is_confirmed=one.confirmed_at is not None,
        since=moment(one.confirmed_at or one.asked_at, local),
        watchlists=", ".join(wishes.watchlists) or words.say("all watchlists"),
        when=f"{say_written(wishes.when, words)} ({wishes.timezone})",
        language=words.say_language(wishes.language),
        refused=hide_addresses(refusal(one, paused)),
    )


def refusal(one: Subscriber, paused: Mapping[str, Paused]) -> str:
    """Give the words with which the mailbox or chat of a reader refuses; `paused` are targets by name."""
    refusing = paused.get(recipient(one.channel.id, one.channel.targets[0]))
    return refusing.words if refusing else ""


class SubscriberPages:
    """The pages of subscribers over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._readers = desk.view.store.readers

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/subscribers", self.subscribers, Role.OPERATOR)
        self._desk.take(router, "/subscribers", self.find, Role.OPERATOR)
        self._desk.take(router, "/subscribers/end", self.end, Role.OPERATOR)
        return router

    def subscribers(self, request: Request, after: str = "") -> HTMLResponse:
        """Show the readers, who asked last first."""
        found = self._readers.list_page(_SHOWN + 1, read_place(after))
        last = found[_SHOWN - 1] if len(found) > _SHOWN else None
        further = write_place(last.asked_at, last.id) if last else ""
        return self._page(request, found[:_SHOWN], further=further)

    def find(self, request: Request, fields: Fields) -> Response:
        """Show the readers of one address, or chats of a name: sent as a form, so that no log has it."""
        wanted = one_of(fields, "name").strip()
        if not wanted:
            return RedirectResponse("/subscribers", status_code=_SEE_OTHER)
        return self._page(request, self._readers.find_named(wanted, _SHOWN), wanted=wanted)

    def _page(
        self, request: Request, found: list[Subscriber], *, wanted: str = "", further: str = ""
    ) -> HTMLResponse:
        local = self._desk.local(request)
        paused = {one.name: one for one in self._desk.view.store.targets.list_paused()}
        return self._desk.page(
            request,
            "subscribers.html",
            status=_MISSING if wanted and not found else 200,
            local=local,
            rows=[subscriber_row(one, local, paused) for one in found],
            all=self._readers.count_all(),
            left=self._readers.count_left(),
            wanted=wanted,
            nobody=local.words.say(_NOBODY),
            further=further,
        )

    def end(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002 -- the shape of forms
        """End the alerts of a reader and forget the address, as if they had left by themselves."""
        now = self._desk.view.clock()
        found = self._readers.find_confirmed(one_of(fields, "reader"))
        if found is None:
            raise NotFound("There is no such reader who has confirmed.")
        self._readers.leave(Token(found.subject, found.id, now), now, why="removed")
        return RedirectResponse("/subscribers", status_code=_SEE_OTHER)
