"""Who would be told of something supposed, asked once for the page and for the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from service.errors import NotFound
from service.pipeline import route
from service.wiring import suppose_event, suppose_headline
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.notify import Route, Supposed
    from service.web.times import Local
    from service.web.view import View

READERS_SHOWN = 200
MOST_TYPED, MOST_OUTLETS = 300, 99
_YEARS = range(1970, 9_000)  # beyond them, days before and after can no longer be reckoned
_NO_TIME = later("This is no time. Write it like 2026-12-24T03:00.")
_NO_EVENT = later("There is no such event any more. Pick one of the list.")
_NO_WATCHLIST = later("Pick the watchlist by which the headline would come.")


@dataclass(frozen=True, slots=True)
class RouteData:
    """What was asked, and who would be told. `faults` say what is wrong with it, by the name of the field.

    `supposed` is None where nothing is asked or something is wrong; `at` where that is no time. `matches`
    tells whether the watchlist matches the headline.
    """

    at: datetime | None
    faults: Mapping[str, str] = field(default_factory=dict)
    supposed: Supposed | None = None
    matches: bool = True
    found: Sequence[Route] = ()


def read_routes(view: View, typed: Mapping[str, str], local: Local) -> RouteData:
    """Ask who would be told: `typed` has an event or headline, watchlist, at, outlets and major as texts."""
    at = _read_time(typed["at"], local)
    if at is None:
        return RouteData(None, {"at": _NO_TIME})
    if not (typed["event"] or typed["headline"]):
        return RouteData(at)
    try:
        supposed, matches = _suppose(view, typed, at)
    except NotFound:
        is_event = bool(typed["event"])
        fault = _NO_EVENT if is_event else _NO_WATCHLIST
        return RouteData(at, {"event" if is_event else "watchlist": fault})
    found = route(view.store, view.roll(), supposed, at=at, window=view.window)
    return RouteData(at, {}, supposed, matches, found)


def _suppose(view: View, typed: Mapping[str, str], at: datetime) -> tuple[Supposed, bool]:
    number = typed["outlets"]
    is_number = number.isascii() and number.isdecimal() and len(number) <= len(str(MOST_OUTLETS))
    outlets, is_major = int(number) if is_number else 0, bool(typed["major"])
    if typed["event"]:
        if not typed["event"].isprintable():
            raise NotFound(typed["event"])
        event = view.store.reading.get_event(typed["event"], most_told=0)
        return suppose_event(event, is_major=is_major, outlets=outlets), True
    return suppose_headline(
        view.watchlists(), typed["headline"], typed["watchlist"], at, is_major=is_major, outlets=outlets
    )


def _read_time(text: str, local: Local) -> datetime | None:
    """Read a time of the place of the pages; now where none is given, None where it is no time."""
    if not text:
        return local.now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.year not in _YEARS:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=local.zone)).astimezone(UTC)
