"""The whole chain over feed files, from bytes to committed rows, beside feedparser reading the same bytes.

    python bench/poll.py [FEEDS] [ENTRIES]

Makes FEEDS files of ENTRIES items each (500 and 30 when not given), of which one item in a hundred
matches, and polls them twice into a new SQLite database: cold (everything is new) and warm (nothing
is). Prints wall and CPU seconds of this process. The peer only parses: it stores and decides nothing.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser

from service.config import Environment, Settings
from service.folder import FeedFolder
from service.wiring import make_desk, open_pipeline, open_store, read_files, sync_store

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WATCHLIST = "title: Port\nlanguages: [es]\nmatch:\n  any:\n    - puerto de Chancay\n"
LEAD = "La empresa informó este lunes que el plan sigue y que habrá novedades en las próximas semanas."
DATE = "<pubDate>Mon, 02 Mar 2026 10:{:02}:00 +0000</pubDate>"


def make_feeds(folder: Path, feeds: int, entries: int) -> None:
    """Write the feed files."""
    for feed in range(feeds):
        items = "".join(_item(feed, number) for number in range(entries))
        head = f"<title>D{feed}</title><link>https://d{feed}.example/</link>"
        text = f"<rss version='2.0'><channel>{head}{items}</channel></rss>"
        (folder / f"d{feed:05}.xml").write_text(text, encoding="utf-8")


def _item(feed: int, number: int) -> str:
    topic = "Puerto de Chancay" if number % 100 == feed % 100 else "Asunto"
    named = f"<title>{topic} {feed} {number}</title><link>https://d{feed}.example/{number}</link>"
    rest = f"<guid>{feed}-{number}</guid>{DATE.format(number % 60)}<description>{LEAD}</description>"
    return f"<item>{named}{rest}</item>"


def timed(name: str, entries: int, work: Callable[[], object]) -> None:
    """Run something and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:34} {wall:8.2f} s wall {cpu:8.2f} s CPU {entries / cpu:10.0f} entries per CPU second")


async def poll(settings: Settings, folder: FeedFolder) -> None:
    """Poll every file once."""
    files = read_files(settings.watchlists, Environment({}), settings)
    with open_store(settings, exclusive=True) as store:
        sync_store(store, files, folder.list_sources(), NOW, local=True)
        store.feeds.make_local_due(NOW)
        desk = make_desk(files)
        async with open_pipeline(settings, store, desk, folder=folder, as_of=NOW) as pipeline:
            await pipeline.polling.poll_due()


def main() -> None:
    """Print the three figures."""
    feeds, entries = (int(word) for word in (sys.argv[1:] + ["500", "30"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        for part in ("feeds", "watchlists"):
            (top / part).mkdir()
        (top / "watchlists" / "port.yaml").write_text(WATCHLIST, encoding="utf-8")
        make_feeds(top / "feeds", feeds, entries)
        settings = Settings(data_dir=top / "data", watchlists=top / "watchlists")
        folder = FeedFolder(top / "feeds")
        total = feeds * entries
        print(f"{feeds} feeds of {entries} entries")
        timed("Avizor, cold", total, lambda: asyncio.run(poll(settings, folder)))
        timed("Avizor, warm", total, lambda: asyncio.run(poll(settings, folder)))
        bodies = [path.read_bytes() for path in sorted((top / "feeds").iterdir())]
        timed(
            "feedparser as it comes, parse only", total, lambda: [feedparser.parse(body) for body in bodies]
        )


if __name__ == "__main__":
    main()
