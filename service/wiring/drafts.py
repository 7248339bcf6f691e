"""The editor's way to the files: a draft is read, tried over the archive, and saved.

One draft at a time is tried in a process, so that whoever types cannot hold up polling.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from service.domain import Entry, FileVersion
from service.errors import NotFound
from service.match import Matcher
from service.pipeline import Drafting, Tried, Version
from service.text import digest
from service.watchlists import (
    CHANNELS_FILE,
    Kept,
    commit_file,
    is_id,
    read_draft,
    read_kept,
    save_draft,
)
from service.wiring.files import Files
from service.wiring.parts import make_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from service.domain import Match
    from service.errors import Problem
    from service.match import NearMiss
    from service.store import Store
    from service.watchlists import TriedExample, Watchlist


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of a draft. `tried` is None where it cannot be read, or nothing was asked for."""

    problems: tuple[Problem, ...]
    examples: tuple[TriedExample, ...]
    tried: Tried | None
    is_as_in_force: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What a draft does with a headline: its match, or what nearly made it one."""

    headline: str
    match: Match | None
    misses: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """That a draft is the file now. `commit` is empty where none was due, None where git did not make it."""

    commit: str | None
    gained: int
    lost: int


class Drafts:
    """Drafts of the watchlists of one folder."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        in_force: Callable[[], Sequence[Watchlist]],
        clock: Callable[[], datetime],
    ) -> None:
        """Take where the files lie, the archive, what is in force, and the clock."""
        self.folder = folder
        self._store = store
        self._in_force = in_force
        self._clock = clock
        self._drafting = Drafting(store)
        self._turn = Lock()

    def read(self, watchlist_id: str) -> Kept | None:
        """Give the file as it lies there, None where there is none.

        Raises:
            NotFound: no watchlist can have this name.
            FileRefused: it is no text.
        """
        _check_id(watchlist_id)
        return read_kept(watchlist_id, self.folder)

    def find_in_force(self, watchlist_id: str) -> Watchlist | None:
        """Give the version in force."""
        return next((one for one in self._in_force() if one.id == watchlist_id), None)

    def judge(self, watchlist_id: str, text: str) -> Judged:
        """Say what is wrong with a draft, how its examples go, and what it would have done."""
        _check_id(watchlist_id)
        draft, before = read_draft(text, watchlist_id, self.folder), self.find_in_force(watchlist_id)
        is_same = before is not None and before.source.text == text
        tried = None if draft.watchlist is None else self._try(draft.watchlist, before)
        return Judged(draft.problems, draft.examples, tried, is_same)

    def explain(self, watchlist_id: str, text: str, headline: str) -> Explained | None:
        """Say what a draft does with a headline of today; None where it cannot be read."""
        watchlist = read_draft(text, watchlist_id, self.folder).watchlist
        if watchlist is None:
            return None
        entry = Entry.unstored(" ".join(headline.split()), at=self._clock())
        matcher = Matcher([watchlist.query])
        match = next(iter(matcher.match(entry)), None)
        misses = () if match else tuple(one for _, found in matcher.near_misses(entry) for one in found)
        return Explained(entry.title, match, misses)

    def save(self, watchlist_id: str, text: str, *, base: str, by: str) -> Saved:
        """Make a draft the file, and commit it where the folder is a checkout; what it replaces is kept.

        Raises:
            FileRefused: it is wrong, or the file is another than the one the draft was made of.
            SettingsError: the folder cannot be written to.
        """
        judged = self.judge(watchlist_id, text)
        if (before := self.read(watchlist_id)) is not None:
            self._store.versions.keep(self._as_version(watchlist_id, before.text), now=self._clock())
        save_draft(text, watchlist_id, self.folder, base=base)
        result = judged.tried.result if judged.tried is not None else None
        gained, lost = (len(result.gained), len(result.lost)) if result is not None else (0, 0)
        message = f"{watchlist_id}: gains {gained}, loses {lost} over 90 days"
        commit = commit_file(self.folder, f"{watchlist_id}.yaml", message, by)
        return Saved(commit, gained, lost)

    def _as_version(self, watchlist_id: str, text: str) -> FileVersion:
        watchlist = read_draft(text, watchlist_id, self.folder).watchlist
        if watchlist is not None:
            return watchlist.source
        return FileVersion(f"{watchlist_id}.yaml", digest(text), text)

    def _try(self, draft: Watchlist, before: Watchlist | None) -> Tried:
        with self._turn:
            tried = _version(draft)
            if before is None or before.version == draft.version:
                return self._drafting.run(tried, None if before is None else tried, self._clock())
            return self._drafting.run(tried, _version(before), self._clock())


def _version(watchlist: Watchlist) -> Version:
    match = make_desk(Files((watchlist,), (), (), (), ())).match
    return Version(f"{watchlist.id} {watchlist.version}", watchlist.query.rule, match)


def _check_id(watchlist_id: str) -> None:
    if not is_id(watchlist_id) or f"{watchlist_id}.yaml" == CHANNELS_FILE:
        raise NotFound("A watchlist is called by small letters, digits and hyphens.")
