"""Several processes share the work on one PostgreSQL database; one that dies costs a lease, no more."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.domain import FeedStatus
from service.roles import Role, has_job, has_pages, missing
from service.store import Store
from tests.partners.feed_server import FeedServer, Request, answer
from tests.partners.ports import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOSTS = [f"127.0.7.{number}" for number in range(1, 9)]
FEEDS_OF_A_HOST = 5
WATCHLIST = "title: Port\nlanguages: [es]\nfeeds: [local]\nmatch:\n  any:\n    - puerto\n"
ITEM = "<item><guid>{0}</guid><title>Huelga en el puerto {0}</title><pubDate>{1}</pubDate></item>"


def test_every_job_is_somebodys_and_pages_are_served_once() -> None:
    for job in ("poll", "push", "archive", "commits", "deliver", "signups", "waking", "reports", "silences"):
        doing = [role for role in Role if has_job(role, job)]
        assert len(doing) == 2, "everything, and one part of it"
        assert Role.ALL in doing
    assert all(has_job(role, "reload") for role in Role)
    assert [role for role in Role if has_pages(role)] == [Role.ALL, Role.WEB]


def test_what_nobody_does_is_named() -> None:
    assert missing([]) == [Role.POLLER, Role.DELIVERER]
    assert missing([Role.POLLER, Role.WEB]) == [Role.DELIVERER]
    assert missing([Role.ALL]) == []


def test_a_part_of_the_work_is_refused_on_a_database_that_cannot_be_shared(tmp_path: Path) -> None:
    environment = {"AVIZOR_DATA_DIR": str(tmp_path), "AVIZOR_WATCHLISTS": str(tmp_path)}
    result = CliRunner().invoke(app, ["run", "--role", "poller"], env=environment)
    assert result.exit_code == 3
    assert "several processes can share the work on PostgreSQL only" in " ".join(result.output.split())


# ------------------------------------------------------------------------------ real processes


class Hosts:
    """Feeds on eight addresses of this machine; notes how many requests a host had at once."""

    def __init__(self) -> None:
        """Take no request yet."""
        self.visits: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Serve in a thread; gives the port, which all hosts share."""
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        thread.start()
        assert self._ready.wait(20)
        try:
            yield self.port
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with FeedServer({"*": self._answer}, more_hosts=HOSTS) as server:
            self.port = server.port
            self._ready.set()
            await self._stop.wait()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        host = (request.get("host") or b"").decode().partition(":")[0]
        self.visits[host + request.path] += 1
        self._open[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._open[host])
        await asyncio.sleep(0.2)
        self._open[host] -= 1
        item = ITEM.format(host + request.path, "Thu, 26 Nov 2026 10:00:00 GMT")
        text = f"<rss version='2.0'><channel><title>D</title>{item}</channel></rss>"
        writer.write(answer(text.encode(), 'ETag: "a"'))
        await writer.drain()


def _house(folder: Path, url: str, port: int) -> dict[str, str]:
    (folder / "watchlists" / "feeds").mkdir(parents=True)
    feeds = "".join(
        f"  - {{url: 'http://{host}:{port}/{number}', title: N{number}, outlet: D, language: es}}\n"
        for host in HOSTS
        for number in range(FEEDS_OF_A_HOST)
    )
    (folder / "watchlists" / "feeds" / "local.yaml").write_text(f"title: L\nabout: One.\nfeeds:\n{feeds}")
    (folder / "watchlists" / "port.yaml").write_text(WATCHLIST)
    return {
        **os.environ,
        "AVIZOR_DATA_DIR": str(folder),
        "AVIZOR_WATCHLISTS": str(folder / "watchlists"),
        "AVIZOR_DATABASE_URL": url,
        "AVIZOR_PRIVATE_FEEDS": "127.0.0.0/8",
        "AVIZOR_LEASE_SECONDS": "10",
    }


@contextmanager
def running(
    environment: dict[str, str],
    role: str,
    log: Path,
    start: Callable[..., list[str]] = lambda *words: [*words],
    **more: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of the service, which must end well afterwards unless it was killed.

    `start` gives what starts a program of these words.
    """
    with log.open("a") as written:
        process = subprocess.Popen(
            start(sys.executable, "-c", "from service.cli import app; app()", "run", "--role", role),
            env={**environment, **more},
            stdout=written,
            stderr=written,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.send_signal(signal.SIGCONT)
        assert process.wait(40) in (0, -9)


def _health(port: int) -> dict[str, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as said:
            body = said.read()
    except HTTPError as red:
        with red:
            body = red.read()
    except (URLError, OSError):
        return {}
    checks: dict[str, str] = json.loads(body)["checks"]
    return checks


@pytest.mark.slow
def test_pollers_share_hosts_and_one_that_is_killed_costs_its_leases_only(
    tmp_path: Path, postgres_url: str
) -> None:
    hosts = Hosts()
    with hosts.serving() as port:
        environment = _house(tmp_path, postgres_url, port)
        store = Store(postgres_url)
        with (
            running(environment, "poller", tmp_path / "log"),
            running(environment, "poller", tmp_path / "log"),
            running(environment, "poller", tmp_path / "log") as victim,
        ):
            wait_until(lambda: sum(hosts.visits.values()) > len(HOSTS), "the first polls", 40)
            victim.kill()
            total = len(HOSTS) * FEEDS_OF_A_HOST
            wait_until(lambda: store.counts.count_feeds() == {"healthy": total}, "every feed", 90)
        feeds = store.feeds.list_all()
        totals = store.reading.list_watchlists()
        store.close()
    assert {feed.status for feed in feeds} == {FeedStatus.HEALTHY}
    assert set(hosts.most_at_once.values()) == {1}, "whatever the number of processes"
    assert sum(hosts.visits.values()) <= total + len(HOSTS), "only what the dead one held was asked again"
    assert [one.matches for one in totals] == [total], "nothing is lost and nothing is there twice"


@pytest.mark.promise("P18", size="3 processes")
@pytest.mark.slow
def test_health_turns_red_when_nobody_polls_or_delivers(tmp_path: Path, postgres_url: str) -> None:
    page = free_port()
    environment = _house(tmp_path, postgres_url, 9)
    log = tmp_path / "log"
    with running(environment, "web", log, AVIZOR_PORT=str(page)):
        wait_until(lambda: "poller" in _health(page), "the pages", 40)
        assert _health(page)["deliverer"] == "no process has been seen at this work for a minute"
        with running(environment, "poller", log), running(environment, "deliverer", log):
            wait_until(lambda: _health(page).keys().isdisjoint({"poller", "deliverer"}), "the others", 40)
            assert set(_health(page).values()) == {"ok"}
        wait_until(lambda: "poller" in _health(page), "that they have left", 10)
