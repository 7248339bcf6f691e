"""A watchlist's list of feeds gets one more pack."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from service.watchlists.edits import Edit, insert_lines, is_flow, last_line, read_for_edit, refusal
from service.watchlists.nodes import Listing, Text
from service.watchlists.watchlist_files import restore_watchlist
from service.watchlists.yaml_file import read_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from service.watchlists.nodes import Source
    from service.watchlists.watchlist import Watchlist


def follow_pack(folder: Path, watchlist: Watchlist, pack: str) -> Edit | None:
    """Give the change by which a watchlist of `folder` follows a pack; None where it does already.

    One that names no feeds follows all.

    Raises:
        FileRefused: the file cannot be read any more, or is written so that the change does not fit in.
    """
    if not watchlist.feeds or pack in watchlist.feeds:
        return None
    path = folder / f"{watchlist.id}.yaml"
    before, source = read_for_edit(path, watchlist.file)
    feeds = read_mapping(source).get("feeds")
    last = feeds.items[-1] if isinstance(feeds, Listing) and feeds.items else None
    if not isinstance(feeds, Listing) or not isinstance(last, Text):
        raise _cannot(watchlist, pack)
    text, line = _with_item(source, feeds, last, pack)
    check = partial(_check, watchlist, pack)
    check(text)
    return Edit(path, watchlist.file, before, text, line, (text.split("\n")[line - 1],), check)


def _with_item(source: Source, feeds: Listing, last: Text, pack: str) -> tuple[str, int]:
    line = last_line(last, source)
    if is_flow(feeds, source):
        return f"{source.text[: last.end]}, {pack}{source.text[last.end :]}", line
    return insert_lines(source, line, [f"{' ' * (feeds.column - 1)}- {pack}"]), line + 1


def _check(watchlist: Watchlist, pack: str, text: str) -> None:
    """Check that a text reads as the watchlist did before, with the pack at the end of its feeds."""
    read = restore_watchlist(replace(watchlist.source, text=text), shown=watchlist.file)
    if read is None or read.feeds != (*watchlist.feeds, pack):
        raise _cannot(watchlist, pack)


def _cannot(watchlist: Watchlist, pack: str) -> Exception:
    message = "this file is written so that the change does not fit in."
    return refusal(watchlist.file, 1, message, f"Write {pack} under feeds: yourself.")
