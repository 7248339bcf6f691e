"""The channels of the files: what goes there, what is wrong with them, a test, another try. For operators.

No whole address and no secret is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.domain import ChannelKind, SendOutcome, recipient
from service.errors import NotFound
from service.hours import write_quiet
from service.text import partly_hidden
from service.watchlists import OPERATORS
from service.web.forms import one_of
from service.web.phrases import channel_name, hide_addresses
from service.web.quota import Cost
from service.web.telling import OUTCOMES
from service.web.times import Moment, moment
from service.web.timetables import say_updates, say_when
from service.web.visitor import Role
from service.wording import later, retell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.domain import Channel, SendResult, Subscription
    from service.notify import Roll
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
    """A channel of the files: what it is, what goes there and when, and what is wrong with it.

    `paused` has the target's name in the ledger, what it said last, and when it is asked again.
    """

    id: str
    name: str
    kind: str
    targets: tuple[str, ...]
    timezone: str
    gets: tuple[str, ...]
    trouble: str
    paused: tuple[tuple[str, str, Moment], ...]


def channel_rows(roll: Roll, paused: Sequence[Paused], local: Local) -> list[ChannelRow]:
    """Tell the channels of the files, by name."""
    words = local.words
    return [
        ChannelRow(
            id=channel.id,
            name=channel_name(channel.id, words),
            kind=words.say(_KINDS[channel.kind]),
            targets=tuple(partly_hidden(target) for target in channel.targets if target),
            timezone=channel.timezone,
            gets=tuple(_gets(channel, roll, words)),
            trouble=retell(channel.trouble, words),
            paused=tuple(
                (one.name, hide_addresses(f"{one.target} {one.words}".strip()), moment(one.until_at, local))
                for one in paused
                if one.name in {recipient(channel.id, target) for target in channel.targets}
            ),
        )
        for channel in sorted(_shown(roll), key=lambda one: one.id)
    ]


def _shown(roll: Roll) -> list[Channel]:
    return [one for one in roll.channels.values() if not one.by_reader]


def _gets(channel: Channel, roll: Roll, words: Wording) -> list[str]:
    said = [_wanted(one, words) for one in roll.subscriptions if one.channel_id == channel.id]
    own = [words.say("what concerns the service itself")] if channel.id in OPERATORS else []
    return [*own, *said]


def _wanted(one: Subscription, words: Wording) -> str:
    named = ", ".join(sorted(one.watchlists)) or words.say("all watchlists")
    parts = [f"{named}: {say_when(one.cadence, one.timetable, words)}"]
    if one.quiet is not None:
        parts.append(words.say("quiet {hours}", hours=write_quiet(one.quiet)))
    if one.budget:
        parts.append(words.say("at most {number} a day", number=words.say_number(one.budget)))
    if one.updates is not None:
        parts.append(words.say("later on: {which}", which=say_updates(one.updates, words)))
    return ", ".join(parts)


class ChannelPages:
    """The page of channels over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/channels", self.channels, Role.OPERATOR)
        self._desk.take(router, "/channels/again", self.try_again, Role.OPERATOR)
        if self._view.send_test is not None:
            test = self._tester(self._view.send_test)
            self._desk.take(router, "/channels/test", test, Role.OPERATOR, cost=Cost.WHOLE)
        return router

    def channels(self, request: Request) -> HTMLResponse:
        """Show the channels of the files."""
        return self._page(request)

    def _page(self, request: Request, tested: str = "", said: Sequence[Tested] = ()) -> HTMLResponse:
        local = self._desk.local(request)
        rows = channel_rows(self._view.roll(), self._view.store.targets.list_paused(), local)
        return self._desk.page(
            request,
            "channels.html",
            local=local,
            rows=rows,
            can_test=self._view.send_test is not None,
            tested=tested,
            said=said,
        )

    def _tester(
        self, send: Callable[[str], Sequence[tuple[str, SendResult]]]
    ) -> Callable[[Request, Fields], Response]:
        def test(request: Request, fields: Fields) -> Response:
            """Send a test message to each target of a channel, and show what the other side answered.

            A paused target that takes it is well: what waits for it is tried now.
            """
            channel_id, words = one_of(fields, "channel"), self._desk.local(request).words
            answers = send(channel_id)
            for target, result in answers:
                if result.outcome is SendOutcome.SENT:
                    self._view.store.targets.try_now(recipient(channel_id, target), self._view.clock())
            return self._page(request, channel_id, [_tested(*one, words) for one in answers])

        return test

    def try_again(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002 -- the shape of forms
        """Let a paused target be tried now, with what waits for it."""
        if not self._view.store.targets.try_now(one_of(fields, "target"), self._view.clock()):
            raise NotFound("There is no such target that is paused.")
        return RedirectResponse("/channels", status_code=_SEE_OTHER)


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test message fared: to whom, and what was answered."""

    target: str
    is_good: bool
    words: str


def _tested(target: str, result: SendResult, words: Wording) -> Tested:
    said = words.say(OUTCOMES[result.outcome])
    answer = hide_addresses(result.words)
    return Tested(
        partly_hidden(target), result.outcome is SendOutcome.SENT, f"{said}: {answer}" if answer else said
    )
