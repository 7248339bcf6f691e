"""The service as a process, a paper and a hub on loopback: from the first poll to the push that is polled."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.store import Store
from tests.partners.feed_server import FeedServer, Request, answer
from tests.partners.hub import Hub
from tests.partners.ports import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WATCHLIST = "title: Port\nlanguages: [es]\nfeeds: [local]\nmatch:\n  any:\n    - puerto\n"


class Paper:
    """A feed that names a hub, with as many entries as were published."""

    def __init__(self, hub: Hub) -> None:
        """Take the hub; nothing but one entry is published yet."""
        self.hub = hub
        self.published = 1
        self.visits = 0

    async def serve(self, _: Request, writer: asyncio.StreamWriter) -> None:
        """Answer with the document of now."""
        self.visits += 1
        writer.write(
            answer(
                self.body(),
                f'ETag: "{self.published}"',
                f'Link: <{self.hub.url}>; rel="hub", <https://port.example/>; rel="self"',
            )
        )
        await writer.drain()

    def body(self) -> bytes:
        """Write the document."""
        items = "".join(
            f"<item><guid>{n}</guid><title>Huelga en el puerto {n}</title></item>"
            for n in range(self.published)
        )
        return f"<rss version='2.0'><channel><title>D</title>{items}</channel></rss>".encode()


@pytest.mark.slow
def test_a_push_is_polled_within_seconds_by_the_service_as_it_runs(tmp_path: Path) -> None:
    async def run() -> None:
        async with Hub() as hub:
            paper = Paper(hub)
            async with FeedServer({"*": paper.serve}) as server:
                process = _start(tmp_path, server.url())
                try:
                    await _until(lambda: bool(hub.subscribers), "the subscription")
                    paper.published = 2
                    assert await hub.publish(paper.body()) == [204]
                    await _until(lambda: paper.visits >= 2, "the poll")
                finally:
                    process.terminate()
                    assert await asyncio.to_thread(process.wait, 40) == 0

    loop.run(run())
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    [push] = store.pushes.by_feed().values()
    [watchlist] = store.reading.list_watchlists()
    store.close()
    assert (push.pushes, push.refused) == (1, 0)
    assert watchlist.matches == 2
    log = (tmp_path / "log").read_text()
    assert push.token not in log
    assert push.secret not in log


async def _until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, condition, what, 150)  # a feed's first poll may be a minute away


def _start(folder: Path, feed: str) -> subprocess.Popen[bytes]:
    (folder / "watchlists" / "feeds").mkdir(parents=True)
    pack = f"title: L\nabout: One.\nfeeds:\n  - {{url: '{feed}', title: N, outlet: D, language: es}}\n"
    (folder / "watchlists" / "feeds" / "local.yaml").write_text(pack)
    (folder / "watchlists" / "port.yaml").write_text(WATCHLIST)
    port = free_port()
    environment = {
        **os.environ,
        "AVIZOR_DATA_DIR": str(folder),
        "AVIZOR_WATCHLISTS": str(folder / "watchlists"),
        "AVIZOR_PORT": str(port),
        "AVIZOR_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "AVIZOR_PRIVATE_FEEDS": "127.0.0.0/8",
    }
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-c", "from service.cli import app; app()", "run"],
            env=environment,
            stdout=log,
            stderr=log,
        )
