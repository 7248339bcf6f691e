"""Who would be told of an event at some time, when, by which subscription and why, or why not.

Asked of a stored event as if it were new, or of a headline. Nothing is stored and nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.hours import write_quiet
from service.notify import Outcome
from service.notify.holding import HELD
from service.text import partly_hidden
from service.web.phrases import channel_name
from service.web.present import SOMEBODY
from service.web.route_data import MOST_TYPED, READERS_SHOWN, read_routes
from service.web.telling import Tone
from service.web.times import Moment, moment
from service.web.timetables import say_when
from service.web.visitor import Role
from service.wording import later, retell

if TYPE_CHECKING:
    from service.domain import Subscription
    from service.notify import Route
    from service.web.desk import Desk
    from service.web.times import Local
    from service.wording import Wording

_EVENTS_OFFERED = 50
_FIELDS = ("event", "headline", "watchlist", "at", "outlets", "major")
_OUTCOMES = {
    Outcome.AT_ONCE: (later("at once"), Tone.GOOD),
    Outcome.LATER: (later("later"), Tone.PLAIN),
    Outcome.MUTED: (later("muted"), Tone.TROUBLE),
    Outcome.NOT_WANTED: (later("not asked for"), Tone.PLAIN),
    Outcome.LEFT: (later("has left"), Tone.PLAIN),
}


@dataclass(frozen=True, slots=True)
class RouteRow:
    """What would become of the alert for one reader; times are in the reader's own zone."""

    name: str
    channel: str
    outcome: str
    tone: Tone
    due_at: Moment | None
    zone: str
    subscription: str
    why: str


class RoutePages:
    """The page over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/routes", self.routes, Role.OPERATOR)
        return router

    def routes(self, request: Request) -> HTMLResponse:
        """Show the form, and the answer where something is asked."""
        local, store = self._desk.local(request), self._view.store
        typed = {name: request.query_params.get(name, "").strip()[:MOST_TYPED] for name in _FIELDS}
        asked = read_routes(self._view, typed, local)
        at, supposed = asked.at, asked.supposed
        typed["at"] = f"{at.astimezone(local.zone):%Y-%m-%dT%H:%M}" if at and typed["at"] else ""
        return self._desk.page(
            request,
            "routes.html",
            local=local,
            typed=typed,
            faults={name: local.words.say(fault) for name, fault in asked.faults.items()},
            supposed=supposed,
            matches=asked.matches,
            at=moment(at, local) if at else None,
            rows=[route_row(one, local) for one in asked.found[:READERS_SHOWN]],
            more=max(len(asked.found) - READERS_SHOWN, 0),
            told=sum(one.outcome is Outcome.AT_ONCE for one in asked.found),
            events=[view.event for view in store.reading.list_events(limit=_EVENTS_OFFERED, brief=True)],
            watchlists=store.reading.list_titles(),
        )


def route_row(one: Route, local: Local) -> RouteRow:
    """Tell what would become of it for one reader."""
    words, there = local.words, replace(local, zone=ZoneInfo(one.channel.timezone))
    outcome, tone = _OUTCOMES[one.outcome]
    return RouteRow(
        name=partly_hidden(one.reader.target) or channel_name(one.channel.id, words),
        channel=channel_name(one.channel.id, words),
        outcome=words.say(outcome),
        tone=tone,
        due_at=moment(one.due_at, there) if one.due_at else None,
        zone=one.channel.timezone,
        subscription=_say_subscription(one.subscription, words),
        why=_why(one, there),
    )


def _say_subscription(one: Subscription, words: Wording) -> str:
    wanted = ", ".join(sorted(one.watchlists)) or words.say("all watchlists")
    return f"{wanted}: {say_when(one.cadence, one.timetable, words)}"


def _why(one: Route, there: Local) -> str:
    said, words = _why_so(one, there), there.words
    if not one.channel.trouble:
        return said
    trouble = words.say(
        "the channel cannot be used now: {trouble}", trouble=retell(one.channel.trouble, words)
    )
    return f"{said}; {trouble}"


def _why_so(one: Route, there: Local) -> str:
    words, subscription = there.words, one.subscription
    if one.outcome is Outcome.NOT_WANTED:
        return words.say("wants only {watchlists}", watchlists=", ".join(sorted(subscription.watchlists)))
    if one.wakes:
        hours = write_quiet(subscription.quiet)
        return words.say("a major event, which breaks the quiet hours {hours}", hours=hours)
    if one.mute is not None:
        until = moment(one.mute.until_at, there).full
        by = words.say(one.mute.by) if one.mute.by == SOMEBODY else one.mute.by
        return words.say("muted until {time} by {name}", time=until, name=by)
    return words.say(HELD[one.held]) if one.held is not None else words.say("nothing holds it")
