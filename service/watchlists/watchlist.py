"""What a watchlist is, once its file has been read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Updates

if TYPE_CHECKING:
    from datetime import date

    from service.domain import FileVersion
    from service.errors import Problem
    from service.match import Query
    from service.watchlists.examples import Example


@dataclass(frozen=True, slots=True)
class KnownDate:
    """A day on which something about the topic is due."""

    on: date
    what: str


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One topic, as its file describes it.

    `id` is the file's name without its ending; `feeds` are names of packs and addresses of single feeds, none
    meaning all; `home` are the countries it happens in. `version` changes with the file and the shared terms
    it uses. `source` is the text it was made of.
    """

    id: str
    title: str
    query: Query
    version: str
    file: str
    source: FileVersion
    about: str = ""
    languages: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    dates: tuple[KnownDate, ...] = ()
    updates: Updates = Updates.MILESTONES


@dataclass(frozen=True, slots=True)
class LoadedWatchlists:
    """The watchlists that can be used, the ids of all files (refused ones too), and the problems."""

    watchlists: tuple[Watchlist, ...]
    ids: frozenset[str]
    problems: tuple[Problem, ...]
