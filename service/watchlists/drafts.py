"""Drafts of watchlists: read as the file would be, kept in its place, and given one more term.

A draft may be wrong in any way; what is wrong is said, and what could be read all the same is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from service.errors import FileRefused, Problem
from service.watchlists.edits import Edit, insert_lines, is_flow, last_line, read_for_edit, refusal, save
from service.watchlists.examples import TriedExample, judge_examples
from service.watchlists.nodes import Listing, Mapping, Source, Text
from service.watchlists.raw_file import checked
from service.watchlists.watchlist_files import read_watchlist
from service.watchlists.yaml_faults import in_quotes
from service.watchlists.yaml_file import read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.watchlists.nodes import Node
    from service.watchlists.watchlist import Watchlist

MOST_CHARACTERS = 200_000  # of a draft; the largest shipped watchlist has 17,000
_PLAIN = re.compile(r"[^\W\d_][\w'’.-]*(?: [\w'’.-]*\w)*")
_NOT_A_TEXT = frozenset(
    {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}
)  # to other readers of YAML


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read of a draft: the watchlist if there is one, its examples as tried, what is wrong."""

    watchlist: Watchlist | None
    examples: tuple[TriedExample, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it lies on disk: its text, and the print by which it is known to be unchanged."""

    text: str
    print: str


@dataclass(frozen=True, slots=True)
class TermPlace:
    """A list of a watchlist that a term can be added to: `match any`, `terms port`."""

    name: str
    line: int


def read_draft(text: str, watchlist_id: str, folder: Path) -> Draft:
    """Read a text as the file of a watchlist would be, with the packs and shared terms of a folder."""
    shown = f"{folder.absolute().name}/{watchlist_id}.yaml"
    if len(text) > MOST_CHARACTERS:
        message = f"the draft has {len(text):,} characters, and {MOST_CHARACTERS:,} are the most."
        return Draft(None, (), (Problem(shown, 1, 1, message, "Take something out."),))
    try:
        checked(text, shown)
        watchlist, problems = read_watchlist(watchlist_id, text, folder, shown)
    except FileRefused as refused:
        return Draft(None, (), refused.problems)
    tried = () if watchlist is None else judge_examples(watchlist)
    return Draft(watchlist, tried, problems)


def read_kept(watchlist_id: str, folder: Path) -> Kept | None:
    """Read the file of a watchlist as it lies there; None where there is none. Raises FileRefused."""
    path = folder / f"{watchlist_id}.yaml"
    if not path.exists():
        return None
    content, source = read_for_edit(path, f"{folder.absolute().name}/{path.name}")
    return Kept(source.text, _print(content))


def save_draft(text: str, watchlist_id: str, folder: Path, *, base: str) -> None:
    """Put a draft in the place of the file that had the print `base` (empty: there was none).

    Raises:
        FileRefused: the draft is wrong, or the file is another one by now.
        SettingsError: the folder cannot be written to.
    """
    path, shown = folder / f"{watchlist_id}.yaml", f"{folder.absolute().name}/{watchlist_id}.yaml"
    before = read_for_edit(path, shown)[0] if path.exists() else None
    if ("" if before is None else _print(before)) != base:
        raise refusal(shown, 1, "somebody else changed this file meanwhile.", "Compare, and save again.")

    def check(written: str) -> None:
        if problems := read_draft(written, watchlist_id, folder).problems:
            raise FileRefused(problems)

    check(text)
    save(Edit(path, shown, before, text, 1, (), check))


def _print(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


# ------------------------------------------------------------------------------------ one more term


def list_term_places(text: str) -> list[TermPlace]:
    """List where a term can be added, those of `match` first; none where the text cannot be read."""
    return [TermPlace(name, listing.line) for name, listing in _listings(_read(text))]


def add_term(text: str, place: str, term: str) -> tuple[str, int]:
    """Give the text with one more term at the end of a list, and its line; raises FileRefused.

    Comments, order and everything else stay as they are.
    """
    top = _read(text)
    listing = dict(_listings(top)).get(place)
    term = " ".join(term.split())
    if listing is None or not term:
        raise refusal("draft", 1, "there is no such list to add a term to.", "Add a line by hand.")
    source = Source("draft", text)
    written = term if _PLAIN.fullmatch(term) and term.lower() not in _NOT_A_TEXT else in_quotes(term)
    after = last_line(listing, source)
    if is_flow(listing, source):
        return _in_brackets(listing, source, written), after
    column = listing.items[-1].column if listing.items else listing.column
    last = source.line(listing.items[-1].line) if listing.items else ""
    indent = last[: len(last) - len(last.lstrip())] if last.lstrip().startswith("-") else " " * (column - 3)
    return insert_lines(source, after, [f"{indent}- {written}"]), after + 1


def _in_brackets(listing: Listing, source: Source, written: str) -> str:
    last = listing.items[-1]
    end = last.end if isinstance(last, Text) else source.text.index("]")
    return f"{source.text[:end]}, {written}{source.text[end:]}"


def _read(text: str) -> Mapping | None:
    try:
        return read_mapping(checked(text, "draft")) if len(text) <= MOST_CHARACTERS else None
    except FileRefused:
        return None


def _listings(top: Mapping | None) -> Iterator[tuple[str, Listing]]:
    """Give the lists of texts that are not empty, by name."""
    for key in ("match", "terms") if top is not None else ():
        part = top.get(key) if top is not None else None
        for name, value in part.entries if isinstance(part, Mapping) else ():
            if isinstance(value, Listing) and value.items and _ends_in_text(value.items[-1]):
                yield f"{key} {name.value}", value


def _ends_in_text(node: Node) -> bool:
    return isinstance(node, (Text, Mapping))
