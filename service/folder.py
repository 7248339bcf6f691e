"""Feed files on disk in place of the network, so that the whole chain can be tried offline."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from service.domain import FeedSource, Fetched, FetchFailed, FetchFailure

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Feed, FetchResult

OFFLINE_PACK = "offline"
_SUFFIXES = {".xml", ".rss", ".atom", ".rdf", ".json"}


class FeedFolder:
    """The feed files of one folder, each polled as if it were a feed."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is read when asked."""
        self._folder = folder

    def list_sources(self) -> list[FeedSource]:
        """List the feed files by name; files of other kinds are not feeds."""
        paths = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        return [_source(path) for path in paths]

    async def fetch(self, feed: Feed, now: datetime) -> FetchResult:
        """Read the file of a feed. Its fingerprint covers the time too: later, the same file shows more."""
        path = Path(unquote(urlsplit(feed.source.url).path))
        try:
            body = await asyncio.to_thread(path.read_bytes)
        except OSError as fault:
            return FetchFailed(feed, FetchFailure.UNREACHABLE, f"{path.name}: {fault.strerror}.")
        mark = sha256(body + now.isoformat().encode()).hexdigest()
        return Fetched(feed, feed.source.url, body, mark)


def _source(path: Path) -> FeedSource:
    url = path.resolve().as_uri()
    return FeedSource(url=url, title=path.stem, outlet=path.stem, packs=(OFFLINE_PACK,))
