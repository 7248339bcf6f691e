"""Changes to feed packs: a feed is added, the date of the last check is written down.

A pack with a problem is left as it is. Asks nobody whether a feed answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.errors import FileRefused, SettingsError, Severity
from service.watchlists.edits import Edit, insert_lines, is_flow, last_line, read_for_edit, refusal
from service.watchlists.feed_packs import read_pack
from service.watchlists.folders import list_yaml_files
from service.watchlists.nodes import Listing, Mapping, Node, Source, Text
from service.watchlists.raw_file import read_source
from service.watchlists.reader import is_turned
from service.watchlists.yaml_faults import in_quotes
from service.watchlists.yaml_file import read_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service.errors import Problem
    from service.watchlists.feed_packs import LoadedFeeds

SCHEMA_LINE = "# yaml-language-server: $schema=../feed-pack.schema.json"
_NEEDS_NO_QUOTES = re.compile(r"[^\W\d_][\w ./()’-]*|\d+[mhd]")
_PLAIN_ADDRESS = re.compile(r"https?://[\w./?&=%+~,;:@!*()$-]*[\w/=]", re.ASCII)


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """A feed as it shall stand in a pack, each fact as it is written there; empty ones are left out."""

    url: str
    title: str
    outlet: str
    country: str = ""
    language: str = ""
    group: str = ""
    owner: str = ""
    every: str = ""


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """Where a feed stands: the pack, its file as problems show it, and the line."""

    pack: str
    file: str
    line: int


def find_feed(folder: Path, *urls: str) -> FeedPlace | None:
    """Say where in the packs of a folder a feed stands under one of these addresses (see `same_feed`)."""
    known = list_feed_places(folder)
    return next((known[same_feed(url)] for url in urls if url and same_feed(url) in known), None)


def list_feed_places(folder: Path) -> dict[str, FeedPlace]:
    """Say where the feeds of a folder stand, each by what `same_feed` makes of its address."""
    found: dict[str, FeedPlace] = {}
    for path in list_yaml_files(folder):
        shown = _shown(folder, path.stem)
        try:
            top = read_mapping(read_source(path, folder=folder, shown=shown))
        except FileRefused:
            continue  # `avizor check` says what is wrong with it
        for url in _urls(top):
            found.setdefault(same_feed(url.value), FeedPlace(path.stem, shown, url.line))
    return found


def _urls(top: Mapping) -> list[Text]:
    feeds = top.get("feeds")
    items = feeds.items if isinstance(feeds, Listing) else ()
    urls = (item.get("url") for item in items if isinstance(item, Mapping))
    return [url for url in urls if isinstance(url, Text)]


def same_feed(url: str) -> str:
    """Give what addresses of one feed share.

    http or https, the case of the host and a slash at the end make no difference.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"


def check_facts(facts: FeedFacts) -> None:
    """Check what is to be written of a feed.

    Raises:
        SettingsError: a fact is refused; it names the option of that name.
    """
    for problem in list_faults(facts):
        resource = "the feed's address" if problem.key == "url" else f"--{problem.key}"
        raise SettingsError(problem.message, resource=resource, mend=problem.mend)


def list_faults(facts: FeedFacts) -> tuple[Problem, ...]:
    """Say what is wrong with what is to be written of a feed."""
    return read_pack("new", "new", _new_pack("new", [facts])).problems


def add_feeds(folder: Path, pack: str, feeds: Sequence[FeedFacts]) -> Edit:
    """Give the change that adds feeds at the end of a pack of `folder`, which is made where it is missing.

    Raises:
        FileRefused: the pack has a problem, or is written so that nothing can be added to it.
        SettingsError: a fact is refused.
    """
    for facts in feeds:
        check_facts(facts)
    path, shown = folder / f"{pack}.yaml", _shown(folder, pack)
    if not path.exists():
        text = _new_pack(pack, feeds)
        lines = _all_lines(feeds, "  ")
        line = text.count("\n") - len(lines) + 1
        return Edit(path, shown, None, text, line, lines, partial(_check, pack, shown, (), feeds))
    before, source = read_for_edit(path, shown)
    known = _in_order(pack, shown, source.text)
    there = read_mapping(source).get("feeds")
    if not isinstance(there, Listing) or is_flow(there, source):
        line = there.line if there else 1
        mend = "Write each feed of this pack as lines of its own that begin with a dash."
        raise refusal(shown, line, "nothing can be added to a list in brackets.", mend)
    lines = _all_lines(feeds, " " * (there.column - 1))
    after = last_line(there, source)
    check = partial(_check, pack, shown, tuple(one.url for one in known.sources), feeds)
    edit = Edit(path, shown, before, insert_lines(source, after, lines), after + 1, lines, check)
    check(edit.text)
    return edit


def note_check(folder: Path, pack: str, words: str) -> Edit:
    """Give the change that writes into a pack when its feeds were last tried, and how they did.

    Raises:
        FileRefused: the pack has a problem.
    """
    path, shown = folder / f"{pack}.yaml", _shown(folder, pack)
    before, source = read_for_edit(path, shown)
    known = _in_order(pack, shown, source.text)
    top = read_mapping(source)
    said = f"checked: {_scalar(words)}"
    text, line = _with_key(source, top, said)
    check = partial(_check_noted, pack, shown, known, words)
    check(text)
    return Edit(path, shown, before, text, line, (said,), check)


def _with_key(source: Source, top: Mapping, said: str) -> tuple[str, int]:
    """Put a line in the place of the old one, or after what the pack says of itself; gives its number."""
    old = next(((key, value) for key, value in top.entries if key.value == "checked"), None)
    if old is None:
        above: Node = top.get("about") or top.get("title") or top
        after = last_line(above, source)
        return insert_lines(source, after, [said]), after + 1
    key, value = old
    end = value.end if isinstance(value, Text) else key.end
    kept = source.text[key.start : end].rstrip()
    return source.text[: key.start] + said + source.text[key.start + len(kept) :], key.line


def _errors(read: LoadedFeeds) -> list[Problem]:
    return [one for one in read.problems if one.severity is Severity.ERROR]


def _in_order(pack: str, shown: str, text: str) -> LoadedFeeds:
    """Read a pack that must have no error."""
    read = read_pack(pack, shown, text)
    if _errors(read):
        raise FileRefused(_errors(read))
    return read


def _check(pack: str, shown: str, before: tuple[str, ...], feeds: Sequence[FeedFacts], text: str) -> None:
    """Check that a text reads as the pack did before, and the new feeds at its end."""
    read = read_pack(pack, shown, text)
    if _errors(read) or tuple(one.url for one in read.sources) != (*before, *(one.url for one in feeds)):
        raise _cannot(shown, _all_lines(feeds, "  "))


def _check_noted(pack: str, shown: str, before: LoadedFeeds, words: str, text: str) -> None:
    """Check that a text reads as the pack did before, with these words about its last check."""
    read = read_pack(pack, shown, text)
    is_noted = read.sources == before.sources and [one.checked for one in read.packs] == [words]
    if _errors(read) or not is_noted:
        raise _cannot(shown, (f"checked: {_scalar(words)}",))


def _cannot(shown: str, lines: tuple[str, ...]) -> FileRefused:
    mend = "Write it there yourself:\n" + "\n".join(lines)
    return refusal(shown, 1, "this file is written so that the change does not fit in.", mend)


def _shown(folder: Path, pack: str) -> str:
    return "/".join((*folder.absolute().parts[-2:], f"{pack}.yaml"))


def _new_pack(pack: str, feeds: Sequence[FeedFacts]) -> str:
    title = pack.replace("-", " ").capitalize()
    head = [SCHEMA_LINE, f"title: {_scalar(title)}", "about: Feeds added by hand.", "feeds:"]
    return "\n".join([*head, *_all_lines(feeds, "  "), ""])


def _all_lines(feeds: Sequence[FeedFacts], indent: str) -> tuple[str, ...]:
    return tuple(line for facts in feeds for line in _lines(facts, indent))


def _lines(facts: FeedFacts, indent: str) -> tuple[str, ...]:
    pairs = ((one.name, _one_line(getattr(facts, one.name))) for one in fields(facts))
    written = [f"{name}: {_scalar(value)}" for name, value in pairs if value]
    return tuple(f"{indent}{'  ' if number else '- '}{text}" for number, text in enumerate(written))


def _one_line(text: str) -> str:
    """Give a text without line ends, and without what nobody sees and no file may hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _scalar(text: str) -> str:
    """Write a text as YAML, in quotes where it could be read as something else."""
    is_plain = _NEEDS_NO_QUOTES.fullmatch(text) and text == text.strip() and not is_turned(text)
    return text if is_plain or _PLAIN_ADDRESS.fullmatch(text) else in_quotes(text)
