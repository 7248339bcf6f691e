"""Watchlist files -> watchlists: checked, with their rules read and their examples tried.

Each file stands alone: one that is refused names everything wrong with it and stops no other.
Keeping the last good version of a refused file is the business of whoever runs the service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.errors import FileRefused, Problem
from service.match import Query
from service.text import digest
from service.watchlists.examples import read_examples, try_examples
from service.watchlists.feed_facts import address, language
from service.watchlists.folders import (
    CHANNELS_FILE,
    FEEDS_FOLDER,
    TERMS_FOLDER,
    id_problem,
    is_id,
    list_yaml_files,
    problems_of_names,
)
from service.watchlists.nodes import Mapping, Node
from service.watchlists.reader import Reader, name_mend
from service.watchlists.rules import RuleReader, day
from service.watchlists.watchlist import KnownDate, LoadedWatchlists, Updates, Watchlist
from service.watchlists.yaml_faults import GROUPS, INDENT_GROUP
from service.watchlists.yaml_file import YamlFile, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from service.match import Expression

MAX_TITLE = 120
_KEYS = ("title", "about", "languages", "feeds", "terms", "match", "examples", "major", "dates", "alerts")
_TERMS_KEYS = ("title", "about", "terms")


def load_watchlists(folder: Path) -> LoadedWatchlists:
    """Load every watchlist of a folder; its packs lie in `feeds/`, its shared terms in `terms/`."""
    shown = folder.absolute().name
    problems = list(problems_of_names(folder, shown))
    if not folder.is_dir():
        problems.append(Problem(shown, 1, 1, "there is no such folder.", "Create it, or set another one."))
    shared = _load_shared(folder / TERMS_FOLDER, f"{shown}/{TERMS_FOLDER}", problems)
    packs = frozenset(path.stem for path in list_yaml_files(folder / FEEDS_FOLDER) if is_id(path.stem))
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
        watchlist = _load(path, reader, shared, packs, {one.title.casefold(): one.file for one in watchlists})
        if watchlist is not None:
            watchlists.append(watchlist)
        problems.extend(reader.problems)
    return LoadedWatchlists(tuple(watchlists), frozenset(ids), tuple(problems))


@dataclass(slots=True)
class _Shared:
    """The shared blocks, for each the text of the file it stands in, and the files of those refused."""

    blocks: dict[str, Expression] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def _load_shared(folder: Path, shown: str, problems: list[Problem]) -> _Shared:
    shared = _Shared()
    problems.extend(problems_of_names(folder, shown))
    for path in list_yaml_files(folder):
        reader = Reader(f"{shown}/{path.name}")
        file = _read(path, reader)
        if file is not None:
            reader.check_keys(file.top, _TERMS_KEYS, required=("terms",))
            rules = RuleReader(reader, dict(shared.blocks), unread=shared.unread)
            rules.read_blocks(file.top.get("terms"))
            new = rules.blocks.keys() - shared.blocks.keys()
            if reader.is_refused:  # with half of its words a block would quietly mean something else
                shared.unread.update(dict.fromkeys(new, reader.file))
            else:
                shared.blocks.update({name: rules.blocks[name] for name in new})
                shared.texts.update(dict.fromkeys(new, file.source.text))
        problems.extend(reader.problems)
    return shared


def _read(path: Path, reader: Reader) -> YamlFile | None:
    try:
        return read_yaml(path, folder=path.parent, shown=reader.file)
    except FileRefused as refused:
        reader.problems.extend(refused.problems)
        return None


def _load(
    path: Path, reader: Reader, shared: _Shared, packs: Collection[str], titles: dict[str, str]
) -> Watchlist | None:
    file = _read(path, reader)
    if file is None:
        return None
    top = file.top
    reader.check_keys(top, _KEYS, required=("title", "match"), mends=dict.fromkeys(GROUPS, INDENT_GROUP))
    named = (language(reader, node) for node, _ in reader.texts(top.get("languages"), "languages"))
    languages = tuple(code for code in named if code)
    rules = RuleReader(reader, dict(shared.blocks), languages, shared.unread)
    rules.read_blocks(top.get("terms"))
    rule = rules.read_match(top.get("match"))
    title = _title(reader, top.get("title"), titles)
    version = _version(file, shared)
    examples = read_examples(reader, top.get("examples"))
    watchlist = Watchlist(
        id=path.stem,
        title=title,
        query=Query(path.stem, version, rule),
        version=version,
        file=reader.file,
        about=" ".join((reader.text(top.get("about"), "about") or "").split()),
        languages=languages,
        feeds=_feeds(reader, top.get("feeds"), packs),
        examples=tuple(example for example, _ in examples),
        major=rules.read_items(top.get("major"), "major"),
        dates=_dates(reader, top.get("dates")),
        updates=_updates(reader, top.get("alerts")),
    )
    if not reader.is_refused:
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


def _version(file: YamlFile, shared: _Shared) -> str:
    """Give a fingerprint of all that the rules are made of."""
    used = {text for name, text in shared.texts.items() if f"${name}" in file.source.text}
    return digest(file.source.text, *sorted(used))


def _feeds(reader: Reader, node: Node | None, packs: Collection[str]) -> tuple[str, ...]:
    names = reader.texts(node, "feeds")
    for item, name in names:
        if "://" in name:
            address(reader, item, "feeds")
        elif name not in packs:
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
    reader.check_keys(mapping, ("updates",))
    chosen = reader.choice(mapping.get("updates"), "updates", [str(choice) for choice in Updates])
    return Updates(chosen) if chosen else Updates.MILESTONES
