"""Publishers as they behave on the web, under a clock that runs as fast as the test wants.

Each `Paper` is a feed on a host of its own (`NAME.example`); all of them are served by one server on
loopback, whose log says who asked what and when. `Agency` is the poller under test over a store of its
own: it is driven from due time to due time, so that a week passes in seconds.
"""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Self

from sqlmodel import func, select

from service.domain import FeedSource
from service.fetch import Fetcher
from service.notify import Roll
from service.parse import parse_feed
from service.pipeline import Desk, Polling, Shift
from service.store import Store
from service.store.tables import FeedRow
from tests.partners.feed_server import AGENT, LOOPBACK, SMALL, FeedServer, Request, answer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from service.domain import Feed
    from service.pipeline import Polled

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as the publisher's log has it, with what was answered."""

    at: datetime
    host: str
    path: str
    request: Request
    status: int
    answer: bytes = field(repr=False)

    @property
    def validators(self) -> tuple[bytes | None, bytes | None]:
        """Give what was asked with: the entity tag and the date."""
        return self.request.get("if-none-match"), self.request.get("if-modified-since")

    def said(self, name: bytes) -> bytes | None:
        """Give the value of a header of the answer, as it went over the wire."""
        head = self.answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        pairs = (line.partition(b": ") for line in head)
        return next((value for key, _, value in pairs if key.lower() == name), None)


@dataclass
class Paper:
    """A feed: news come one every `news`, each its own entry. Without `news` it never changes.

    In a `strike` nothing is published.

    `answers` makes the answer to one visit, from the paper, the request and the number of visits before it;
    by default it is polite: validators, and a 304 where they are sent back.
    """

    name: str
    news: timedelta | None = None
    answers: Callable[[Paper, Request, int], bytes] | None = None
    every: timedelta | None = None
    path: str = "/feed"
    host: str = ""
    inside: str = ""
    headers: tuple[str, ...] = ()
    strike: tuple[datetime, datetime] | None = None
    now: datetime = MONDAY
    began: datetime = MONDAY

    def issue(self) -> int:
        """Count the entries that were published so far."""
        now = self.now
        if self.strike is not None and now > self.strike[0]:
            now = max(self.strike[0], now - (self.strike[1] - self.strike[0]))
        return 1 if self.news is None else 1 + (now - self.began) // self.news

    @property
    def etag(self) -> str:
        """Name this issue."""
        return f'"{self.name}-{self.issue()}"'

    @property
    def modified(self) -> str:
        """Date this issue."""
        return format_datetime(self.began + (self.issue() - 1) * (self.news or DAY), usegmt=True)

    def body(self) -> bytes:
        """Write the document: the latest entries, the newest first."""
        last = self.issue()
        items = "".join(self._item(number) for number in range(last, max(0, last - _SHOWN), -1))
        head = f"<title>{self.name}</title><link>https://{self.name}.example/</link>{self.inside}"
        return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()

    def _item(self, number: int) -> str:
        at = format_datetime(self.began + (number - 1) * (self.news or DAY))
        link = f"https://{self.name}.example/{number}"
        return (
            f"<item><title>News {number} of {self.name}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{at}</pubDate></item>"
        )

    def whole(self, *headers: str) -> bytes:
        """Answer with the document."""
        return answer(self.body(), *self.headers, *headers)

    def polite(self, request: Request, *, etag: str = "", modified: str = "") -> bytes:
        """Answer with a 304 where the validators given here came back, with the document elsewhere."""
        asked = (request.get("if-none-match"), request.get("if-modified-since"))
        tag, date = etag.encode("latin-1") or None, modified.encode("latin-1") or None
        if any(asked) and asked == (tag, date):
            return answer(b"", *self.headers, status=304)
        given = [f"ETag: {etag}"] if etag else []
        given += [f"Last-Modified: {modified}"] if modified else []
        return self.whole(*given)

    def serve(self, request: Request, before: int) -> bytes:
        """Answer one visit."""
        if self.answers is not None:
            return self.answers(self, request, before)
        return self.polite(request, etag=self.etag, modified=self.modified)


class Press:
    """All papers on one server, and its log."""

    def __init__(self, papers: Iterable[Paper], now: Callable[[], datetime]) -> None:
        """Take the papers and the clock of the simulation."""
        self.papers = {(paper.host or f"{paper.name}.example", paper.path): paper for paper in papers}
        self.log: list[Visit] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self.now = now
        self.server = FeedServer({"*": self._serve})

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> None:
        host = (request.get("host") or b"").decode().partition(":")[0]
        place = (host, request.path)
        paper, before = self.papers.get(place), self._counts[place]
        self._counts[place] += 1
        if paper is None:
            said = answer(b"nothing here", status=404)
        else:
            paper.now = self.now()
            said = paper.serve(request, before)
        status = int(said.split(b" ", 2)[1]) if said else 0
        self.log.append(Visit(self.now(), host, request.path, request, status, said))
        writer.write(said)
        await writer.drain()

    def visits(self, name: str, path: str = "") -> list[Visit]:
        """Give the log of one host, or of one of its addresses."""
        return [one for one in self.log if one.host == f"{name}.example" and path in {"", one.path}]


def to_loopback(_host: str, port: int, *_: object) -> list[tuple[Any, ...]]:
    """Find every name on this machine."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


class Agency:
    """The poller: due feeds are fetched, parsed and stored as the service does it; time is what we say."""

    def __init__(self, folder: Path, press: Press, start: datetime = MONDAY) -> None:
        """Take the folder of the database and the papers; nothing is opened."""
        self._url = f"sqlite:///{folder / 'avizor.db'}"
        self.press = press
        self.now = start
        self.limits = SMALL
        self.polls: list[tuple[datetime, Polled]] = []

    def clock(self) -> datetime:
        """Give the time of the simulation."""
        return self.now

    async def __aenter__(self) -> Self:
        """Open the doors of the press and of the agency."""
        await self.press.server.__aenter__()
        self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close both."""
        await self.shut()
        await self.press.server.__aexit__()

    def open(self) -> None:
        """Start as a new process does."""
        self.store = Store(self._url, exclusive=True)
        self.store.feeds.release_leases()
        self.store.feeds.sync(self.sources(), first_poll_at=lambda _: self.now)
        self._fetcher = Fetcher(AGENT, limits=self.limits, policy=LOOPBACK, lookup=to_loopback)
        desk = Desk(match=lambda entry, feed: [], titles={}, roll=Roll({}))
        self.shift = Shift(self.store, desk, self.clock, "agency", timedelta(minutes=5))
        self.polling = Polling(
            self.shift, self._fetcher.fetch, lambda body, kind: parse_feed(body, content_type=kind)
        )

    def sources(self) -> list[FeedSource]:
        """Describe the papers as a feed pack does."""
        port = self.press.server.port
        return [
            FeedSource(f"http://{host}:{port}{path}", paper.name, paper.name, every=paper.every)
            for (host, path), paper in self.press.papers.items()
            if path != "/elsewhere"
        ]

    async def shut(self) -> None:
        """End as a process does."""
        await self._fetcher.__aexit__(None, None, None)
        self.store.close()

    async def restart(self) -> None:
        """End, and start again."""
        await self.shut()
        self.open()

    async def poll(self) -> int:
        """Poll what is due now."""
        return await self.polling.poll_due(lambda polled: self.polls.append((self.now, polled)))

    async def run(self, until: datetime, *, tick: timedelta = 10 * MINUTE) -> None:
        """Let time pass from one due feed to the next, in steps of `tick`, as the service looks."""
        while self.now < until:
            await self.poll()
            with self.store._database.read() as session:
                due = session.exec(select(func.min(FeedRow.next_poll_at))).one()
            self.now = min(max(due, self.now + tick), until)

    def feed(self, name: str) -> Feed:
        """Give a paper's feed as the store has it."""
        return next(one for one in self.store.feeds.list_all() if one.source.outlet == name)

    def feeds(self) -> Mapping[str, Feed]:
        """Give every paper's feed as the store has it."""
        return {one.source.outlet: one for one in self.store.feeds.list_all()}
