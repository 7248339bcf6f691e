"""When the files of a folder are to be read again: after a change, once they have come to rest.

A change counts when two looks in a row see the same, and no program has a changed file open for writing: so
that neither half a file nor the moment between two files of one save is ever read. A file that vanishes may
be an editor's way to save; it is given a few seconds to come back.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from service.watchlists.being_written import BEING_WRITTEN, Stamp, is_being_written, stamp_of
from service.watchlists.folders import FEEDS_FOLDER, TERMS_FOLDER, list_yaml_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from service.errors import Problem

    Look = Mapping[Path, Stamp]

PATIENCE = 30.0  # seconds; files that never rest are read all the same, each as far as it is whole
GONE_PATIENCE = 5.0


def look_at(folder: Path) -> Look:
    """Give the state of all files that are read: each by what changes whenever it is written."""
    looked: dict[Path, Stamp] = {}
    for part in (folder, folder / FEEDS_FOLDER, folder / TERMS_FOLDER):
        for path in list_yaml_files(part):
            with suppress(OSError):  # an editor may take it away between the two calls
                looked[path] = stamp_of(path.stat())
    return looked


class FolderWatch:
    """Watches one folder, look by look. What was read is `take`n; nothing is read here."""

    def __init__(self, folder: Path) -> None:
        """Look for the first time: make it before the files are read first."""
        self._folder = folder
        self._taken: Look = {}
        self._since: float | None = None
        self._last = look_at(folder)

    def take(self, unread: Iterable[Problem] = ()) -> None:
        """Note that what was seen last has been read; files refused as being written are still to be read."""
        unfinished = {problem.file for problem in unread if problem.key == BEING_WRITTEN}
        self._taken = {path: stamp for path, stamp in self._last.items() if _shown(path) not in unfinished}
        self._since = None

    def is_due(self, at: float) -> bool:
        """Look again, at a monotonic time; tell whether the files differ from what was read, and rest."""
        before, self._last = self._last, look_at(self._folder)
        if self._last == self._taken:
            self._since = None
            return False
        if self._since is None:
            self._since = at
        waited = at - self._since
        return waited >= PATIENCE or self._rests(before, waited)

    def has_moved(self, at: float) -> bool:
        """Tell whether the files changed while they were read, so that they are better read again."""
        is_patient = self._since is not None and at - self._since < PATIENCE
        return is_patient and look_at(self._folder) != self._last

    def _rests(self, before: Look, waited: float) -> bool:
        now = self._last
        if now != before or (self._taken.keys() - now.keys() and waited < GONE_PATIENCE):
            return False
        changed = (path for path, stamp in now.items() if self._taken.get(path) != stamp)
        return not any(is_being_written(path) for path in changed)


def _shown(path: Path) -> str:
    """Give the name problems show a file by."""
    parents = [path.absolute().parent.name]
    if parents[0] in {FEEDS_FOLDER, TERMS_FOLDER}:
        parents.insert(0, path.absolute().parent.parent.name)
    return "/".join([*parents, path.name])
