"""Watchlist files -> watchlists: checked, with their rules read and their examples tried.

Each file stands alone: one that is refused names everything wrong with it and stops no other.
Keeping the last good version of a refused file is the business of whoever runs the service;
`restore_watchlist` makes a watchlist of it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import FileVersion, Updates
from service.errors import FileRefused, Problem
from service.match import Query
from service.text import digest
from service.watchlists.examples import read_examples, try_examples
from service.watchlists.feed_facts import address, country, language
from service.watchlists.folders import (
    CHANNELS_FILE,
    FEEDS_FOLDER,
    TERMS_FOLDER,
    id_problem,
    is_id,
    list_yaml_files,
    problems_of_names,
)
from service.watchlists.keys import ALERTS, WATCHLIST, WATCHLIST_REQUIRED
from service.watchlists.nodes import Mapping, Node
from service.watchlists.reader import Reader, name_mend
from service.watchlists.rules import RuleReader, day
from service.watchlists.shared_terms import SharedTerms, load_shared_terms, restore_shared_terms
from service.watchlists.watchlist import KnownDate, LoadedWatchlists, Watchlist
from service.watchlists.yaml_faults import GROUPS, INDENT_GROUP
from service.watchlists.yaml_file import YamlFile, read_text, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

MAX_TITLE = 120


def load_watchlists(folder: Path) -> LoadedWatchlists:
    """Load every watchlist of a folder; its packs lie in `feeds/`, its shared terms in `terms/`."""
    shown = folder.absolute().name
    problems = list(problems_of_names(folder, shown))
    if not folder.is_dir():
        problems.append(Problem(shown, 1, 1, "there is no such folder.", "Create it, or set another one."))
    shelf = _Shelf.of(folder, problems)
    watchlists: list[Watchlist] = []
    ids = set()
    for path in list_yaml_files(folder):
        if path.name == CHANNELS_FILE:
            continue
        name = f"{shown}/{path.name}"
        misnamed = id_problem(path, name)
        if misnamed:
            problems.append(misnamed)
            continue
        ids.add(path.stem)
        reader = Reader(name)
        titles = {one.title.casefold(): one.file for one in watchlists}
        watchlist = _load(path, reader, shelf, titles)
        if watchlist is not None:
            watchlists.append(watchlist)
        problems.extend(reader.problems)
    return LoadedWatchlists(tuple(watchlists), frozenset(ids), tuple(problems))


def load_watchlist(path: Path, folder: Path) -> Watchlist:
    """Load one file, wherever it lies, with the packs and shared terms of a folder of watchlists.

    Raises:
        FileRefused: with everything that is wrong with the file.
    """
    reader = Reader(str(path))
    misnamed = id_problem(path, str(path))
    if misnamed:
        raise FileRefused([misnamed])
    watchlist = _load(path, reader, _Shelf.of(folder, []))
    if watchlist is None:
        raise FileRefused(reader.problems)
    return watchlist


def read_watchlist(
    watchlist_id: str, text: str, folder: Path, shown: str
) -> tuple[Watchlist | None, tuple[Problem, ...]]:
    """Read a draft as the file of a folder; gives what is wrong with it, too.

    Its examples may do other than they say: that is a problem as of a file, and yet there is a watchlist.

    Raises:
        FileRefused: it is no YAML that we read.
    """
    shelf = _Shelf.of(folder, [])
    reader = Reader(shown)
    file = read_text(text, shown=shown)
    draft = _watchlist(watchlist_id, file, reader, shelf, {}, is_draft=True)
    if draft is not None:
        tried = Reader(shown)
        _watchlist(watchlist_id, file, tried, shelf, {})
        reader = tried
    return draft, tuple(reader.problems)


def restore_watchlist(kept: FileVersion, *, shown: str) -> Watchlist | None:
    """Make a watchlist of a version that was in force; None where this Avizor does not take it any more.

    The packs it names are taken as they are called: whether they are there is not its fault.
    """
    watchlist_id = kept.file.removesuffix(".yaml")
    shelf = _Shelf(restore_shared_terms(kept.shared), None)
    reader = Reader(shown)
    try:
        return _watchlist(watchlist_id, read_text(kept.text, shown=shown), reader, shelf, {})
    except FileRefused:
        return None


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What watchlists may refer to: shared terms, and packs by name; None lets every name pass."""

    shared: SharedTerms
    packs: frozenset[str] | None

    @classmethod
    def of(cls, folder: Path, problems: list[Problem]) -> _Shelf:
        shown = f"{folder.absolute().name}/{TERMS_FOLDER}"
        shared = load_shared_terms(folder / TERMS_FOLDER, shown, problems)
        packs = (path.stem for path in list_yaml_files(folder / FEEDS_FOLDER) if is_id(path.stem))
        return cls(shared, frozenset(packs))


def _load(
    path: Path, reader: Reader, shelf: _Shelf, titles: dict[str, str] | None = None
) -> Watchlist | None:
    try:
        file = read_yaml(path, folder=path.parent, shown=reader.file)
    except FileRefused as refused:
        reader.problems.extend(refused.problems)
        return None
    return _watchlist(path.stem, file, reader, shelf, titles or {})


def _watchlist(
    watchlist_id: str,
    file: YamlFile,
    reader: Reader,
    shelf: _Shelf,
    titles: dict[str, str],
    *,
    is_draft: bool = False,
) -> Watchlist | None:
    top = file.top
    reader.check_keys(top, WATCHLIST, required=WATCHLIST_REQUIRED, mends=dict.fromkeys(GROUPS, INDENT_GROUP))
    named = (language(reader, node) for node, _ in reader.texts(top.get("languages"), "languages"))
    languages = tuple(code for code in named if code)
    homes = (country(reader, node) for node, _ in reader.texts(top.get("home"), "home"))
    rules = RuleReader(reader, dict(shelf.shared.blocks), languages, shelf.shared.unread)
    rules.read_blocks(top.get("terms"))
    rule = rules.read_match(top.get("match"))
    title = _title(reader, top.get("title"), titles)
    used = shelf.shared.used_by(file.source.text)
    version = digest(file.source.text, *sorted(text for _, text in used))
    examples = read_examples(reader, top.get("examples"))
    watchlist = Watchlist(
        id=watchlist_id,
        title=title,
        query=Query(watchlist_id, version, rule, rules.read_items(top.get("major"), "major")),
        version=version,
        file=reader.file,
        about=" ".join((reader.text(top.get("about"), "about") or "").split()),
        languages=languages,
        home=tuple(code for code in homes if code),
        feeds=_feeds(reader, top.get("feeds"), shelf.packs),
        examples=tuple(example for example, _ in examples),
        dates=_dates(reader, top.get("dates")),
        updates=_updates(reader, top.get("alerts")),
        source=FileVersion(f"{watchlist_id}.yaml", version, file.source.text, used),
    )
    if not reader.is_refused and not is_draft:
        try_examples(reader, examples, watchlist.query)
    return None if reader.is_refused else watchlist


def _title(reader: Reader, node: Node | None, titles: dict[str, str]) -> str:
    """Give the title; `titles` are those of other files, in small letters, with the files."""
    title = " ".join((reader.text(node, "title") or "").split())
    if node is not None and len(title) > MAX_TITLE:
        message = f"the title has {len(title):,} characters, and {MAX_TITLE} fit into a headline."
        reader.refuse(node, message, "Shorten it; `about:` may be longer.", "title")
    other = titles.get(title.casefold())
    if node is not None and other:
        message = f"the title {title} is already that of {other}."
        reader.refuse(node, message, "Give one of them another title.", "title")
    return title


def _feeds(reader: Reader, node: Node | None, packs: Collection[str] | None) -> tuple[str, ...]:
    names = reader.texts(node, "feeds")
    for item, name in names:
        if "://" in name:
            address(reader, item, "feeds")
        elif packs is not None and name not in packs:
            mend = name_mend(name, packs, none=f"There are no packs in {FEEDS_FOLDER}/.")
            reader.refuse(item, f"the feed pack {name} is unknown.", mend, "feeds")
    return tuple(name for _, name in names)


def _dates(reader: Reader, node: Node | None) -> tuple[KnownDate, ...]:
    found = []
    for item in reader.items(node, "dates"):
        if not isinstance(item, Mapping) or len(item.entries) != 1:
            message = "a date needs its day, a colon and what is due."
            reader.refuse(item, message, "Write `- 2027-06-01: the trial begins`.", "dates")
            continue
        key, value = item.entries[0]
        on, what = day(reader, key, "dates"), reader.text(value, "dates")
        if on and what:
            found.append(KnownDate(on, what))
    return tuple(found)


def _updates(reader: Reader, node: Node | None) -> Updates:
    mapping = reader.mapping(node, "alerts")
    if mapping is None:
        return Updates.MILESTONES
    reader.check_keys(mapping, ALERTS)
    chosen = reader.choice(mapping.get("updates"), "updates", [str(choice) for choice in Updates])
    return Updates(chosen) if chosen else Updates.MILESTONES
