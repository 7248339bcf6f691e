"""Every address of the pages that can be opened, with examples out of the scene.

A test walks the routes of the application and fails for one that is not named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from service.store import mark_of
from tests.partners.scene import READER
from tests.partners.scene_news import ISTMO, LICENCE, RULING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.partners.scene import Scene

STRIKE = "Paro de transportistas bloquea el acceso al puerto de Chancay"
UNKNOWN = 404


class Spot(NamedTuple):
    """A page to look at: its path in a scene, the status it answers with, and who may look."""

    path: Callable[[Scene], str]
    status: int = 200
    is_signed_in: bool = True


def _at(path: str, status: int = 200) -> Spot:
    return Spot(lambda _: path, status)


def _of_reader(page: str) -> Spot:
    return Spot(lambda scene: scene.link(page, READER))


def _of_source(scene: Scene, outlet: str) -> str:
    return f"/sources/{mark_of(scene.feed(outlet).source.url)}"


# By the route as it is written, then by a short name.
PAGES: dict[str, dict[str, Spot]] = {
    "/": {"today": _at("/")},
    "/watchlists": {"watchlists": _at("/watchlists")},
    "/watchlists/{watchlist_id}": {
        "watchlist": _at("/watchlists/chancay-port"),
        "watchlist-quiet": _at("/watchlists/colombia-elections"),
        "watchlist-missing": _at("/watchlists/nothing", UNKNOWN),
    },
    "/watchlists/new": {"watchlist-new": _at("/watchlists/new")},
    "/watchlists/{watchlist_id}/edit": {
        "editor": _at("/watchlists/chancay-port/edit"),
        "editor-line": _at("/watchlists/colombia-elections/edit?line=120"),
    },
    "/mutes": {"mutes": _at("/mutes")},
    "/channels": {"channels": _at("/channels")},
    "/subscribers": {"subscribers": _at("/subscribers")},
    "/routes": {
        "routes": Spot(lambda scene: f"/routes?event={scene.event_of(RULING)}"),
        "routes-fault": _at("/routes?headline=x&watchlist=nothing&at=soon"),
    },
    "/events/{event_id}": {
        "event": Spot(lambda scene: f"/events/{scene.event_of(RULING)}"),
        "event-languages": Spot(lambda scene: f"/events/{scene.event_of(LICENCE)}"),
        "event-muted": Spot(lambda scene: f"/events/{scene.event_of(STRIKE)}"),
    },
    "/search": {
        "search": _at("/search"),
        "search-found": _at("/search?q=puerto+de+Chancay"),
        "search-narrowed": _at("/search?q=puerto&country=PE&watchlist=chancay-port"),
        "search-nearly": _at("/search?q=puerto+AND+volcanes"),
        "search-fault": _at("/search?q=puerto+NEAR+Chancay"),
    },
    "/sources": {"sources": _at("/sources"), "sources-found": _at("/sources?q=peru")},
    "/deliveries": {
        "deliveries": _at("/deliveries"),
        "deliveries-narrowed": _at("/deliveries?watchlist=chancay-port&reason=new-event"),
    },
    "/sources/add": {
        "source-add": _at("/sources/add"),
        "source-added": _at("/sources/add?saved=peru&feeds=1"),
        "source-added-unread": _at("/sources/add?saved=my-feeds&feeds=2"),
    },
    "/sources/{mark}": {
        "source": Spot(lambda scene: _of_source(scene, "El Norte Chico")),
        "source-ailing": Spot(lambda scene: _of_source(scene, ISTMO)),
        "source-missing": _at("/sources/0123456789ab", UNKNOWN),
    },
    "/deliveries/{delivery_id}": {
        "delivery": Spot(lambda scene: f"/deliveries/{scene.store.reading.list_deliveries(limit=1)[0].id}")
    },
    "/tokens": {"tokens": _at("/tokens")},
    "/subscribe": {"subscribe": _at("/subscribe")},
    "/subscribe/chat": {"chats": _at("/subscribe/chat")},
    "/subscribe/chat/{kind}": {"chat": _at("/subscribe/chat/ntfy")},
    "/sign-in": {"sign-in": Spot(lambda _: "/sign-in", is_signed_in=False)},
    "/access": {"access": _at("/access")},
    "/confirm/{token}": {"confirm": Spot(lambda scene: scene.letter_link("new.reader@example.org"))},
    "/code/{token}": {"code-broken": _at("/code/x", UNKNOWN)},
    "/leave/{token}": {"leave": _of_reader("leave"), "leave-broken": _at("/leave/x", UNKNOWN)},
    "/change/{token}": {"change": _of_reader("change")},
    "/mute/{token}": {"mute": _of_reader("mute")},
    "/useful/{token}": {"useful": _of_reader("useful")},
    "/noise/{token}": {"noise": _of_reader("noise")},
}
# What is for machines: opened too, but it is no page.
MACHINES: dict[str, dict[str, Spot]] = {
    "/health": {"health": _at("/health")},
    "/metrics": {"metrics": _at("/metrics")},
    "/watchlists/schema.json": {"schema": _at("/watchlists/schema.json")},
    "/change/{token}/data.json": {"data": Spot(lambda scene: scene.link("change") + "/data.json")},
    "/search.csv": {"search-csv": _at("/search.csv?q=puerto")},
    "/search.json": {"search-json": _at("/search.json?q=puerto")},
    "/events/{event_id}.bib": {"bibtex": Spot(lambda scene: f"/events/{scene.event_of(RULING)}.bib")},
    "/events/{event_id}.ris": {"ris": Spot(lambda scene: f"/events/{scene.event_of(RULING)}.ris")},
    "/events/{event_id}.csl.json": {"csl": Spot(lambda scene: f"/events/{scene.event_of(RULING)}.csl.json")},
    "/events.atom": {"atom": _at("/events.atom")},
    "/events.json": {"json-feed": _at("/events.json")},
    "/dates.ics": {"calendar": _at("/dates.ics")},
    "/watchlists/{watchlist_id}/events.atom": {"atom-of-one": _at("/watchlists/chancay-port/events.atom")},
    "/watchlists/{watchlist_id}/events.json": {"json-of-one": _at("/watchlists/chancay-port/events.json")},
    "/watchlists/{watchlist_id}/dates.ics": {"calendar-of-one": _at("/watchlists/chancay-port/dates.ics")},
    "/sources.opml": {"opml": _at("/sources.opml")},
    "/websub/{token}": {"websub": _at("/websub/x", UNKNOWN)},
}
# By the route of a page: what gives its data under /api/v1, or why nothing does. `{query}` is the page's own.
DATA: dict[str, tuple[str, ...] | str] = {
    "/": ("/today",),
    "/watchlists": ("/watchlists",),
    "/watchlists/{watchlist_id}": (
        "/watchlists/{watchlist_id}",
        "/watchlists/{watchlist_id}/timeline",
        "/watchlists/{watchlist_id}/coverage",
        "/watchlists/{watchlist_id}/terms",
        "/watchlists/{watchlist_id}/versions",
        "/events?watchlist={watchlist_id}&limit=20",
    ),
    "/watchlists/new": "a form: the draft that it begins is judged as any other",
    "/watchlists/{watchlist_id}/edit": (
        "/watchlists/{watchlist_id}/text",
        "POST /watchlists/{watchlist_id}/draft",
    ),
    "/mutes": ("/mutes", "/mutes/over"),
    "/channels": ("/channels",),
    "/subscribers": ("/subscribers",),
    "/routes": ("/routes?{query}",),
    "/events/{event_id}": (
        "/events/{event_id}",
        "/deliveries?event={event_id}&limit=200",
        "/deliveries/{delivery_id}",
    ),
    "/search": ("/search?{query}",),
    "/sources": ("/sources", "/today"),
    "/deliveries": ("/deliveries?{query}&limit=100",),
    "/sources/add": "a form: it asks publishers, and writes a file",
    "/sources/{mark}": ("/sources/{mark}",),
    "/deliveries/{delivery_id}": ("/deliveries/{delivery_id}",),
    "/tokens": ("/tokens",),
    "/subscribe": "a form of readers",
    "/subscribe/chat": "a form of readers",
    "/subscribe/chat/{kind}": "a form of readers",
    "/sign-in": "a form: programs show a token",
    "/access": "a form of readers",
    "/confirm/{token}": "a link of one reader: whoever has it may act",
    "/code/{token}": "a link of one reader",
    "/leave/{token}": "a link of one reader",
    "/change/{token}": "a link of one reader, who gets all that is kept of them as data.json beside it",
    "/mute/{token}": "a link of one reader",
    "/useful/{token}": "a link of one reader",
    "/noise/{token}": "a link of one reader",
}
SPOTS = {name: spot for spots in PAGES.values() for name, spot in spots.items()}


def asking(path: str, **fields: str) -> str:
    """Give a path that asks for more."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(fields)}"


def routes_of(routes: Iterable[Any]) -> Iterator[str]:
    """Give the path of each route of an application that can be opened."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield route.path
