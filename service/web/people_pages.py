"""Whom alerts go to: the channels of the files, and the readers who subscribed. For operators.

No whole address and no secret is shown; ends the alerts of a reader, and changes nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.domain import ChannelKind
from service.errors import NotFound
from service.hours import write_quiet, write_when
from service.text import partly_hidden
from service.tokens import Token
from service.web.forms import one_of
from service.web.phrases import channel_name
from service.web.times import Moment, moment
from service.web.visitor import Role
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Channel, Subscription
    from service.notify import Roll
    from service.signup import Subscriber
    from service.store import Paused
    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.times import Local
    from service.wording import Wording

_SEE_OTHER = 303
_KINDS = {
    ChannelKind.MAIL: later("mail"),
    ChannelKind.CHAT: later("chat"),
    ChannelKind.WEBHOOK: later("program"),
}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel of the files: what it is, what goes there and when, and what is wrong with it."""

    name: str
    kind: str
    targets: tuple[str, ...]
    timezone: str
    gets: tuple[str, ...]
    trouble: str
    paused: tuple[tuple[str, Moment], ...]


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A reader who subscribed: the address partly hidden, or the name of a chat."""

    id: str
    name: str
    is_confirmed: bool
    since: Moment
    watchlists: str
    when: str
    language: str


def channel_rows(roll: Roll, paused: Sequence[Paused], local: Local) -> list[ChannelRow]:
    """Tell the channels of the files, by name."""
    words = local.words
    return [
        ChannelRow(
            name=channel_name(channel.id, words),
            kind=words.say(_KINDS[channel.kind]),
            targets=tuple(partly_hidden(target) for target in channel.targets if target),
            timezone=channel.timezone,
            gets=tuple(_gets(one, words) for one in roll.subscriptions if one.channel_id == channel.id),
            trouble=channel.trouble,
            paused=tuple(
                (f"{partly_hidden(one.target)} {one.words}".strip(), moment(one.until_at, local))
                for one in paused
                if one.channel_id == channel.id
            ),
        )
        for channel in sorted(_shown(roll), key=lambda one: one.id)
    ]


def _shown(roll: Roll) -> list[Channel]:
    return [one for one in roll.channels.values() if not one.by_reader]


def _gets(one: Subscription, words: Wording) -> str:
    named = ", ".join(sorted(one.watchlists)) or words.say("all watchlists")
    parts = [f"{named}: {write_when(one.cadence, one.timetable)}"]
    if one.quiet is not None:
        parts.append(words.say("quiet {hours}", hours=write_quiet(one.quiet)))
    if one.budget:
        parts.append(words.say("at most {number} a day", number=words.say_number(one.budget)))
    if one.updates is not None:
        parts.append(words.say("updates: {which}", which=one.updates.value))
    return ", ".join(parts)


def subscriber_row(one: Subscriber, local: Local) -> SubscriberRow:
    """Tell a reader."""
    wishes, words = one.wishes, local.words
    is_mail = one.kind == ChannelKind.MAIL
    return SubscriberRow(
        id=one.id,
        name=partly_hidden(one.address) if is_mail else one.label or words.say("a chat"),
        is_confirmed=one.confirmed_at is not None,
        since=moment(one.confirmed_at or one.asked_at, local),
        watchlists=", ".join(wishes.watchlists) or words.say("all watchlists"),
        when=f"{wishes.when} ({wishes.timezone})",
        language=wishes.language,
    )


class PeoplePages:
    """The pages of channels and subscribers over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/channels", self.channels, Role.OPERATOR)
        self._desk.show(router, "/subscribers", self.subscribers, Role.OPERATOR)
        self._desk.take(router, "/subscribers/end", self.end, Role.OPERATOR)
        return router

    def channels(self, request: Request) -> HTMLResponse:
        """Show the channels of the files."""
        local = self._desk.local(request)
        rows = channel_rows(self._view.roll(), self._view.store.targets.list_paused(), local)
        return self._desk.page(request, "channels.html", local=local, rows=rows)

    def subscribers(self, request: Request) -> HTMLResponse:
        """Show the readers who subscribed."""
        local, readers = self._desk.local(request), self._view.store.readers
        rows = [subscriber_row(one, local) for one in readers.list_all()]
        left = readers.count_left()
        return self._desk.page(request, "subscribers.html", local=local, rows=rows, left=left)

    def end(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002 -- the shape of forms
        """End the alerts of a reader and forget the address, as if they had left by themselves."""
        readers, now = self._view.store.readers, self._view.clock()
        wanted = one_of(fields, "reader")
        found = next((one for one in readers.list_active() if one.id == wanted), None)
        if found is None:
            raise NotFound("There is no such reader who has confirmed.")
        readers.leave(Token(found.subject, found.id, now), now, why="removed")
        return RedirectResponse("/subscribers", status_code=_SEE_OTHER)
