"""The shared terms of `terms/`: named blocks that every watchlist of the folder may use.

Knows which file each block stands in, so that a watchlist's version can hold all it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.errors import FileRefused, Problem
from service.watchlists.folders import list_yaml_files, problems_of_names
from service.watchlists.keys import SHARED_TERMS, SHARED_TERMS_REQUIRED
from service.watchlists.nodes import Source
from service.watchlists.raw_file import read_source
from service.watchlists.reader import Reader
from service.watchlists.rules import RuleReader
from service.watchlists.yaml_file import read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from service.domain import FileVersion
    from service.match import Expression


@dataclass(slots=True)
class SharedTerms:
    """The blocks by name, the file each stands in, those files' texts, and the files of those refused."""

    blocks: dict[str, Expression] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, source: Source) -> list[Problem]:
        """Add the blocks of a file, which may use those of the files before it; gives what is wrong."""
        reader = Reader(source.file)
        try:
            top = read_mapping(source)
        except FileRefused as refused:
            return list(refused.problems)
        reader.check_keys(top, SHARED_TERMS, required=SHARED_TERMS_REQUIRED)
        rules = RuleReader(reader, dict(self.blocks), unread=self.unread)
        rules.read_blocks(top.get("terms"))
        new = rules.blocks.keys() - self.blocks.keys()
        if reader.is_refused:  # with half of its words a block would quietly mean something else
            self.unread.update(dict.fromkeys(new, reader.file))
        else:
            self.blocks.update({block: rules.blocks[block] for block in new})
            self.files.update(dict.fromkeys(new, name))
            self.texts[name] = source.text
        return reader.problems

    def used_by(self, text: str) -> tuple[tuple[str, str], ...]:
        """Give names and texts of the files whose blocks a text uses, directly or by way of another block."""
        used: dict[str, str] = {}
        waiting = [text]
        while waiting:
            asked = waiting.pop()
            for block, name in self.files.items():
                if name not in used and f"${block}" in asked:
                    used[name] = self.texts[name]
                    waiting.append(used[name])
        return tuple(sorted(used.items()))


def load_shared_terms(folder: Path, shown: str, problems: list[Problem]) -> SharedTerms:
    """Load the files of a folder by name; what is wrong with them is added to `problems`."""
    shared = SharedTerms()
    problems.extend(problems_of_names(folder, shown))
    for path in list_yaml_files(folder):
        try:
            source = read_source(path, folder=folder, shown=f"{shown}/{path.name}")
        except FileRefused as refused:
            problems.extend(refused.problems)
        else:
            problems.extend(shared.read(path.name, source))
    return shared


def restore_shared_terms(texts: Iterable[tuple[str, str]]) -> SharedTerms:
    """Make the shared terms of a kept version, in the order in which it was made."""
    shared = SharedTerms()
    for name, text in texts:
        shared.read(name, Source(name, text))
    return shared


def shared_blocks_of(version: FileVersion) -> tuple[tuple[str, str], ...]:
    """Give the names of the shared blocks a version may use, each with the file it stands in."""
    return tuple(sorted(restore_shared_terms(version.shared).files.items()))
