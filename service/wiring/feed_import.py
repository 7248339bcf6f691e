"""Feeds out of an OPML file: which are new, which stand somewhere already, which cannot be polled and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.errors import sentences
from service.match import LANGUAGES
from service.parse.opml import read_opml
from service.watchlists import FEEDS_FOLDER, FeedFacts, FeedPlace, list_faults, list_feed_places, same_feed
from service.wiring.feed_facts import facts_of_named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from service.domain import FeedSource
    from service.parse.opml import Outline

_TWICE = "it stands in this file twice"


@dataclass(frozen=True, slots=True)
class Known:
    """A feed that is there already: where, or None where a watchlist alone names it."""

    url: str
    title: str
    there: FeedPlace | None


@dataclass(frozen=True, slots=True)
class RefusedFeed:
    """A feed that is not taken, and why."""

    url: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Import:
    """What a file holds, each feed in one of three."""

    new: tuple[FeedFacts, ...]
    known: tuple[Known, ...]
    refused: tuple[RefusedFeed, ...]


def judge_opml(body: bytes, lists: Path, sources: Iterable[FeedSource], content_type: str = "") -> Import:
    """Say what of an OPML file is new beside the packs of a folder and the feeds in force.

    Raises:
        NotAFeed: it is no OPML, or one that is not read.
    """
    sources, outlines = [*sources], read_opml(body, content_type)
    places: dict[str, FeedPlace | None] = {same_feed(one.url): None for one in sources}
    places.update(list_feed_places(lists / FEEDS_FOLDER))
    new: dict[str, FeedFacts] = {}
    known: list[Known] = []
    refused: list[RefusedFeed] = []
    for one in outlines:
        key = same_feed(one.url)
        if key in places:
            known.append(Known(one.url, one.title, places[key]))
        elif key in new:
            refused.append(RefusedFeed(one.url, one.title, _TWICE))
        else:
            _judge(one, sources, new, refused)
    return Import(tuple(new.values()), tuple(known), tuple(refused))


def _judge(
    one: Outline, sources: list[FeedSource], new: dict[str, FeedFacts], refused: list[RefusedFeed]
) -> None:
    language = one.language.replace("_", "-").partition("-")[0].lower()
    said = FeedFacts(
        one.url,
        one.title,
        one.outlet,
        one.country,
        language if language in LANGUAGES else "",  # any reader may have written it, in any way
        one.group,
        one.owner,
    )
    [facts] = find_facts([said], sources)
    faults = list_faults(facts)
    if faults:
        why = sentences(faults[0].message.removeprefix(f"{one.url}: "), faults[0].mend)
        refused.append(RefusedFeed(one.url, one.title, why))
    else:
        new[same_feed(one.url)] = facts


def find_facts(chosen: Iterable[FeedFacts], sources: Iterable[FeedSource]) -> list[FeedFacts]:
    """Give what is written of feeds of which a file or a form says something: the rest as the host has it."""
    sources = [*sources]
    return [facts_of_named(replace(one, title=""), one.url, one.title, "", sources) for one in chosen]
