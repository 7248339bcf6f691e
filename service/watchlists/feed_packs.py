"""Feed packs: the files of `watchlists/feeds/` -> the feeds to poll.

A pack that cannot be read as YAML is left out; in a readable one only the feeds with a fault are
left out, so that one mistyped address never stops the polling of the others. Fetches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedGroup, FeedSource, FileVersion
from service.errors import FileRefused, Problem
from service.text import digest
from service.watchlists.feed_access import access, warn_of_unset
from service.watchlists.feed_facts import address, country, interval, language
from service.watchlists.folders import FEEDS_FOLDER, id_problem, list_yaml_files, problems_of_names
from service.watchlists.keys import FEED, FEED_REQUIRED, PACK, PACK_REQUIRED
from service.watchlists.raw_file import read_source
from service.watchlists.reader import Reader
from service.watchlists.yaml_file import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from service.watchlists.nodes import Node


@dataclass(frozen=True, slots=True)
class FeedPack:
    """What a pack says of itself. `id` is the file's name without its ending, `source` the file's text.

    `checked` says when and how its feeds were last tried, empty where the pack does not.
    """

    id: str
    title: str
    about: str
    file: str
    source: FileVersion
    checked: str = ""


@dataclass(frozen=True, slots=True)
class LoadedFeeds:
    """The feeds of all packs, each address once, and everything that is wrong with the files."""

    sources: tuple[FeedSource, ...]
    packs: tuple[FeedPack, ...]
    problems: tuple[Problem, ...]


def load_feed_packs(folder: Path, secret: Callable[[str], str] | None = None) -> LoadedFeeds:
    """Load the packs of a folder (`watchlists/feeds`); a folder that is not there holds none.

    An address in several packs is one feed of all of them; where the packs disagree about it, the
    first one (by file name) holds and the other is a problem. `secret` gives the value of a `${NAME}` or
    raises SecretMissing, which is warned of.
    """
    parents = "/".join(folder.absolute().parts[-2:])
    collected = _Collected({}, [], list(problems_of_names(folder, parents)), secret)
    for path in list_yaml_files(folder):
        collected.add(path, f"{parents}/{path.name}")
    return LoadedFeeds(tuple(collected.sources.values()), tuple(collected.packs), tuple(collected.problems))


def restore_feed_packs(kept: Iterable[FileVersion], *, shown: str) -> tuple[FeedSource, ...]:
    """Give the feeds of packs that were in force, as far as this Avizor still takes them."""
    collected = _Collected({}, [], [])
    for one in kept:
        collected.add_text(PurePath(one.file).stem, f"{shown}/{one.file}", one.text)
    return tuple(collected.sources.values())


def read_pack(pack: str, shown: str, text: str) -> LoadedFeeds:
    """Read the text of one pack; `shown` names it in problems."""
    collected = _Collected({}, [], [])
    collected.add_text(pack, shown, text)
    return LoadedFeeds(tuple(collected.sources.values()), tuple(collected.packs), tuple(collected.problems))


def single_feeds(addresses: Iterable[str], known: Iterable[FeedSource]) -> tuple[FeedSource, ...]:
    """Give feeds for addresses that a watchlist names and no pack describes; the host is the outlet."""
    described = {source.url for source in known}
    hosts = {url: urlsplit(url).hostname or url for url in addresses if url not in described}
    return tuple(FeedSource(url, title=host, outlet=host) for url, host in hosts.items())


@dataclass(slots=True)
class _Collected:
    """What the packs read so far have brought."""

    sources: dict[str, FeedSource]
    packs: list[FeedPack]
    problems: list[Problem]
    secret: Callable[[str], str] | None = None

    def add(self, path: Path, shown: str) -> None:
        misnamed = id_problem(path, shown)
        if misnamed:
            self.problems.append(misnamed)
            return
        try:
            text = read_source(path, folder=path.parent, shown=shown).text
        except FileRefused as refused:
            self.problems.extend(refused.problems)
        else:
            self.add_text(path.stem, shown, text)

    def add_text(self, pack: str, shown: str, text: str) -> None:
        reader = Reader(shown)
        try:
            top = read_text(text, shown=shown).top
        except FileRefused as refused:
            self.problems.extend(refused.problems)
            return
        reader.check_keys(top, PACK, required=PACK_REQUIRED)
        title = reader.text(top.get("title"), "title") or pack
        version = FileVersion(f"{FEEDS_FOLDER}/{pack}.yaml", digest(text), text)
        about, checked = (reader.text(top.get(key), key) or "" for key in ("about", "checked"))
        self.packs.append(FeedPack(pack, title, about, shown, version, checked))
        for node in reader.items(top.get("feeds"), "feeds"):
            source = _feed(reader, node, pack)
            if source is not None and self.secret is not None:
                warn_of_unset(reader, node, source, self.secret)
            if source is not None:
                self._merge(reader, node, source)
        self.problems.extend(reader.problems)

    def _merge(self, reader: Reader, node: Node, source: FeedSource) -> None:
        known = self.sources.get(source.url)
        if known is None:
            self.sources[source.url] = source
        elif source.packs[0] in known.packs:
            reader.refuse(node, f"the address {source.url} stands twice in this pack.", "Delete one.", "url")
        elif replace(source, packs=known.packs) != known:
            message = f"{source.url} is described differently in the pack {known.packs[0]}."
            reader.refuse(node, message, "Write the same facts in both packs.", "url")
        else:
            self.sources[source.url] = replace(known, packs=known.packs + source.packs)


def _feed(reader: Reader, node: Node, pack: str) -> FeedSource | None:
    before = len(reader.problems)
    mapping = reader.mapping(node, "a feed")
    if mapping is None:
        return None
    reader.check_keys(mapping, FEED, required=FEED_REQUIRED)
    url = address(reader, mapping.get("url"), "url")
    group = reader.choice(mapping.get("group"), "group", [str(group) for group in FeedGroup])
    source = FeedSource(
        url=url or "",
        title=reader.text(mapping.get("title"), "title") or "",
        outlet=reader.text(mapping.get("outlet"), "outlet") or "",
        country=country(reader, mapping.get("country")),
        language=language(reader, mapping.get("language")),
        group=FeedGroup(group) if group else FeedGroup.INDEPENDENT,
        owner=reader.text(mapping.get("owner"), "owner") or "",
        every=interval(reader, mapping.get("every")),
        packs=(pack,),
        access=access(reader, mapping),
    )
    return source if len(reader.problems) == before else None
