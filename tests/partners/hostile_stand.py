"""Hostile feeds and good ones polled together: the real fetcher, parser, limited child and store.

`poll_together` does it in this process. `measure` starts the poller as a process of its own, and two for the
servers, so that what is measured of the poller is the poller's, and a good feed is not slow because its own
server is busy with hostile ones.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from sqlmodel import select

from service import loop
from service.child import LimitedChild
from service.domain import FeedSource
from service.fetch import AddressPolicy, Fetcher, FetchLimits
from service.notify import Roll
from service.parse import no_patience, parse_feed
from service.pipeline import Desk, Polling, Shift
from service.store import Store
from service.store.tables import FeedRow
from service.wiring import settled
from tests.partners.feed_documents import Item, rss
from tests.partners.feed_server import AGENT, NOW, FeedServer, answer
from tests.partners.hostile_feeds import CONTENT, HEAVY, TRANSPORT, Hostile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from multiprocessing.connection import Connection

    from service.pipeline import Polled
    from tests.partners.feed_server import Page

GOOD_ENTRIES = 30
POLICY = AddressPolicy(allow=("127.0.0.1",))
_PAUSE = 0.05


@dataclass(frozen=True)
class Result:
    """How the poll of one feed ended, and after how many seconds from the start."""

    name: str
    url: str
    trouble: str
    notes: tuple[str, ...]
    new: int
    seconds: float
    reason: str = ""


@dataclass
class Measured:
    """A run: its results, and the most memory that the poller took, and its child, in MB."""

    results: Mapping[str, Result]
    exit_code: int | None
    poller_mb: float
    child_mb: float


def good_feeds(count: int) -> list[Hostile]:
    """Give feeds that do nothing bad."""
    items = [
        [Item(f"{n}-{i}", f"Pier {i}", f"https://good{n}.example/{i}", text="A pier.") for i in range(30)]
        for n in range(count)
    ]
    return [Hostile(f"good{n}", partial(answer, rss(*items[n])), entries=GOOD_ENTRIES) for n in range(count)]


FIRST = replace(good_feeds(1)[0], name="first")


def pages_of(feeds: Iterable[Hostile]) -> dict[str, Page]:
    """Give what a server says under which path."""
    pages: dict[str, Page] = {}
    for feed in feeds:
        pages[f"/{feed.host}"] = feed.page()
        pages.update(feed.more or {})
    return pages


def to_loopback(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
    """Look every name up as this machine."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


async def poll_at(folder: Path, feeds: Iterable[tuple[Hostile, int]], limits: FetchLimits) -> list[Result]:
    """Poll the feeds that stand at these ports, all at once but the first, into a new store.

    As in a service that runs, something was polled before: a first statement of each kind takes longer.
    """
    first, *sources = (
        FeedSource(f"{feed.scheme}://{feed.host}:{port}/{feed.host}", feed.name, feed.name)
        for feed, port in feeds
    )
    store = Store(f"sqlite:///{folder / 'avizor.db'}", exclusive=True)
    store.feeds.sync([first], first_poll_at=lambda _: NOW)
    desk = Desk(match=lambda entry, feed: [], titles={}, roll=Roll({}))
    shift = Shift(store, desk, lambda: NOW, "stand", timedelta(minutes=5))
    results: list[Result] = []
    began = 0.0

    def on_polled(polled: Polled) -> None:
        feed = polled.feed
        took = time.perf_counter() - began
        results.append(
            Result(feed.source.outlet, feed.source.url, polled.trouble, polled.notes, polled.new, took)
        )

    async with Fetcher(AGENT, limits=limits, policy=POLICY, lookup=to_loopback) as fetcher:
        with LimitedChild() as child:
            polling = Polling(
                shift,
                fetcher.fetch,
                lambda body, kind: parse_feed(body, content_type=kind, loose=no_patience),
                patient=child.parse,
                at_once=limits.at_once,
            )
            await polling.poll_due()
            store.feeds.sync([first, *sources], first_poll_at=lambda _: NOW)
            with settled():
                began = time.perf_counter()
                await polling.poll_due(on_polled)
    with store._database.read() as session:
        reasons = {row.url: row.failure for row in session.exec(select(FeedRow))}
    store.close()
    return [replace(one, reason=reasons[one.url]) for one in results]


def poll_together(folder: Path, feeds: list[Hostile], limits: FetchLimits) -> dict[str, Result]:
    """Serve the feeds and poll them, in this process."""

    async def run() -> list[Result]:
        async with FeedServer(pages_of([FIRST, *feeds])) as server:
            return await poll_at(folder, [(feed, server.port) for feed in (FIRST, *feeds)], limits)

    return {one.name: one for one in loop.run(run())}


# ------------------------------------------------------------------------ in processes of their own


HOSTILE = [*HEAVY, *CONTENT, *TRANSPORT]


def stands(good: int, *, with_hostile: bool) -> tuple[list[Hostile], list[Hostile]]:
    """Give who stands at which server: hostile feeds, or as many harmless ones; FIRST and the good ones."""
    feeds = good_feeds(good + len(HOSTILE))
    return HOSTILE if with_hostile else feeds[good:], [FIRST, *feeds[:good]]


def measure(good: int, *, with_hostile: bool) -> Measured:
    """Poll so many good feeds behind all hostile ones, or behind as many harmless ones in their place."""
    context = multiprocessing.get_context("spawn")
    served = []
    for which in range(2):
        pipe, server_end = context.Pipe()
        server = context.Process(target=_serve, args=(server_end, good, with_hostile, which), daemon=True)
        server.start()
        served.append((server, pipe))
    ports = [pipe.recv() for _, pipe in served]
    told, poller_end = context.Pipe()
    poller = context.Process(target=_poll, args=(poller_end, ports, good, with_hostile))
    poller.start()
    poller_end.close()
    peaks, results = (0.0, 0.0), {}
    while not told.poll(_PAUSE) and poller.is_alive():
        peaks = max(peaks[0], _memory(poller.pid)), max(peaks[1], _memory(poller.pid, of_children=True))
    if told.poll():
        results = {one.name: one for one in told.recv()}
    poller.join()
    for server, pipe in served:
        pipe.send("end")
        server.join()
    return Measured(results, poller.exitcode, *peaks)


def _memory(pid: int | None, *, of_children: bool = False) -> float:
    """Give what a process holds, or its children together, in MB; 0 for what is no longer there."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in process.children(recursive=True) if of_children else [process]:
            total += one.memory_info().rss
    return total / 2**20


def _serve(pipe: Connection, good: int, with_hostile: bool, which: int) -> None:
    async def run() -> None:
        async with FeedServer(pages_of(stands(good, with_hostile=with_hostile)[which])) as server:
            pipe.send(server.port)
            await asyncio.to_thread(pipe.recv)

    loop.run(run())


def _poll(pipe: Connection, ports: list[int], good: int, with_hostile: bool) -> None:
    before, (first, *behind) = stands(good, with_hostile=with_hostile)
    at_first, at_second = ports
    feeds = [
        (first, at_second),
        *((feed, at_first) for feed in before),
        *((feed, at_second) for feed in behind),
    ]
    with tempfile.TemporaryDirectory() as folder:
        pipe.send(loop.run(poll_at(Path(folder), feeds, FetchLimits())))
