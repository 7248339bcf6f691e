"""Feed packs: the files of `watchlists/feeds/` -> the feeds to poll.

A pack that cannot be read as YAML is left out; in a readable one only the feeds with a fault are
left out, so that one mistyped address never stops the polling of the others. Fetches nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedGroup, FeedSource
from service.errors import FileRefused, Problem
from service.watchlists.codes import LANGUAGES, countries, country_meant, language_meant
from service.watchlists.folders import id_problem, list_yaml_files, problems_of_names
from service.watchlists.nodes import Mapping, Node, Text
from service.watchlists.reader import Reader
from service.watchlists.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=7)
_PACK_KEYS = ("title", "about", "feeds")
_FEED_KEYS = ("url", "title", "outlet", "country", "language", "group", "owner", "every")
_EVERY = re.compile(r"([1-9]\d{0,4})\s?([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>\"\\^`{|}\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class FeedPack:
    """What a pack says of itself. `id` is the file's name without its ending."""

    id: str
    title: str
    about: str
    file: str


@dataclass(frozen=True, slots=True)
class LoadedFeeds:
    """The feeds of all packs, each address once, and everything that is wrong with the files."""

    sources: tuple[FeedSource, ...]
    packs: tuple[FeedPack, ...]
    problems: tuple[Problem, ...]


def load_feed_packs(folder: Path) -> LoadedFeeds:
    """Load the packs of a folder (`watchlists/feeds`); a folder that is not there holds none.

    An address in several packs is one feed of all of them; where the packs disagree about it, the
    first one (by file name) holds and the other is a problem.
    """
    parents = "/".join(part for part in (folder.parent.name, folder.name) if part)
    collected = _Collected({}, [], list(problems_of_names(folder, parents)))
    for path in list_yaml_files(folder):
        collected.add(path, f"{parents}/{path.name}")
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

    def add(self, path: Path, shown: str) -> None:
        misnamed = id_problem(path, shown)
        if misnamed:
            self.problems.append(misnamed)
            return
        reader = Reader(shown)
        try:
            top = read_yaml(path, folder=path.parent, shown=shown).top
        except FileRefused as refused:
            self.problems.extend(refused.problems)
            return
        reader.check_keys(top, _PACK_KEYS, required=("title", "feeds"))
        title = reader.text(top.get("title"), "title") or path.stem
        self.packs.append(FeedPack(path.stem, title, reader.text(top.get("about"), "about") or "", shown))
        for node in reader.items(top.get("feeds"), "feeds"):
            source = _feed(reader, node, path.stem)
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
    reader.check_keys(mapping, _FEED_KEYS, required=("url", "title", "outlet"))
    url = address(reader, mapping.get("url"), "url")
    group = reader.choice(mapping.get("group"), "group", [str(group) for group in FeedGroup])
    source = FeedSource(
        url=url or "",
        title=reader.text(mapping.get("title"), "title") or "",
        outlet=reader.text(mapping.get("outlet"), "outlet") or "",
        country=_country(reader, mapping),
        language=language(reader, mapping.get("language")),
        group=FeedGroup(group) if group else FeedGroup.INDEPENDENT,
        owner=reader.text(mapping.get("owner"), "owner") or "",
        every=_every(reader, mapping.get("every")),
        packs=(pack,),
    )
    return source if len(reader.problems) == before else None


def address(reader: Reader, node: Node | None, key: str) -> str | None:
    """Give the address of a feed: http or https, a host, and no name or password in it."""
    url = reader.word(node, key)
    if url is None or node is None:
        return None
    message, mend = _fault_of(url)
    if message:
        reader.refuse(node, f"{url}: {message}", mend, key)
        return None
    return url


def _fault_of(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "this is no web address.", "Copy it from the browser."
    if parts.scheme not in {"http", "https"}:
        return "only http and https addresses can be polled.", "Write https://…"
    if not host or _UNSAFE_IN_ADDRESS.search(url):
        return "this is no web address.", "Copy it from the browser, where spaces are %20."
    if parts.username is not None:
        return "a name or password stands in the address.", "Use a public address of the feed."
    return "", ""


def language(reader: Reader, node: Node | None) -> str:
    """Give the code of a language; an empty text where there is none or it is refused."""
    code = reader.word(node, "language") or ""
    if isinstance(node, Text) and code and code not in LANGUAGES:
        meant = language_meant(code)
        mend = f"Did you mean {meant}?" if meant else "Write its two letters, as in es, en, pt or zh."
        reader.refuse(node, f"{code}: this language is unknown.", mend, "language")
        return ""
    return code


def _country(reader: Reader, mapping: Mapping) -> str:
    node = mapping.get("country")
    if isinstance(node, Text) and not node.value:
        return ""
    code = reader.word(node, "country") or ""
    if isinstance(node, Text) and code and code not in countries():
        meant = country_meant(code)
        mend = f"Did you mean {meant}?" if meant else "Write its two letters, as in PE, CL, US or GB."
        reader.refuse(node, f"{code}: this country is unknown.", mend, "country")
    return code


def _every(reader: Reader, node: Node | None) -> timedelta | None:
    written = reader.word(node, "every")
    if written is None or node is None:
        return None
    match = _EVERY.fullmatch(written)
    every = int(match[1]) * _UNITS[match[2]] if match else None
    if every is None:
        reader.refuse(node, f"{written}: this is no span of time.", "Write it like 15m, 1h or 1d.", "every")
    elif not SHORTEST <= every <= LONGEST:
        reader.refuse(
            node, f"{written}: a feed is polled every 5m to 7d.", "Write a span between them.", "every"
        )
    return every
