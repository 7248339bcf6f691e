"""A publisher's web server that says exactly the bytes it is told to, well-formed or not."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypedDict, Unpack

from service import loop
from service.domain import Feed, FeedSource
from service.fetch import AddressPolicy, Fetcher, FetchLimits

if TYPE_CHECKING:
    from ssl import SSLContext

    from service.domain import FetchResult
    from service.fetch.address import Lookup

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>Harbour Post</title></channel></rss>"
AGENT = "Avizor/0.1 (+https://watch.example)"
LOOPBACK = AddressPolicy(allow_private=True)
SMALL = FetchLimits(total=20.0, wire_bytes=64 * 1024, body_bytes=256 * 1024, spacing=0.0)
HASTY = replace(SMALL, connect=0.2, idle=0.2, total=0.4)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived; names of headers in lower case, values as bytes."""

    line: str
    headers: tuple[tuple[str, bytes], ...]

    @property
    def path(self) -> str:
        """Give the path with its query."""
        return self.line.split(" ")[1]

    def get(self, name: str) -> bytes | None:
        """Give the header's value, None without it."""
        return next((value for key, value in self.headers if key == name.lower()), None)


Script = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
Page = bytes | Script | Sequence[bytes]


class FeedServer:
    """A server on 127.0.0.1. Each page is bytes, bytes for one request after the other, or a script."""

    def __init__(
        self,
        pages: Mapping[str, Page],
        *,
        host: str = "127.0.0.1",
        tls: SSLContext | None = None,
        greeting: bytes = b"",
        more_hosts: Sequence[str] = (),
    ) -> None:
        """Take the pages by path; `*` answers for all others, and `greeting` before any request.

        `more_hosts` are other addresses of this machine that it listens on, on the same port.
        """
        self._more_hosts = more_hosts
        self.pages = dict(pages)
        self.requests: list[Request] = []
        self.connections = 0
        self.busy = 0
        self.busiest = 0
        self.times: list[tuple[float, float]] = []
        self._host = host
        self._tls = tls
        self._greeting = greeting
        self._tasks: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.WriteTransport] = set()

    async def __aenter__(self) -> Self:
        """Listen on a port of the system's choice."""
        self._server = await asyncio.start_server(self._begin, self._host, 0, ssl=self._tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._servers = [self._server]
        if self._more_hosts:
            self._servers.append(await asyncio.start_server(self._begin, self._more_hosts, self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, cut what is still open."""
        for server in self._servers:
            server.close()
        running = tuple(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for transport in self._transports:
            transport.abort()  # what is not yet written would keep a merely closed one open
        await asyncio.sleep(0)

    def url(self, path: str = "/feed", *, host: str = "", user: str = "") -> str:
        """Give the address of a page."""
        scheme = "https" if self._tls else "http"
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{user + '@' if user else ''}{host or shown}:{self.port}{path}"

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._transports.add(writer.transport)
        task = asyncio.create_task(self._accept(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        started = time.monotonic()
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            self.busy -= 1
            self.times.append((started, time.monotonic()))
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._greeting)
        request = _parsed(await reader.readuntil(b"\r\n\r\n"))
        self.requests.append(request)
        page = self.pages.get(request.path, self.pages.get("*", answer(status=404)))
        if callable(page):
            await page(request, writer)
            return
        before = sum(one.path == request.path for one in self.requests) - 1
        writer.write(page if isinstance(page, bytes) else page[min(before, len(page) - 1)])
        await writer.drain()


def _parsed(raw: bytes) -> Request:
    line, *rest = raw.strip().split(b"\r\n")
    pairs = (header.partition(b":") for header in rest)
    return Request(line.decode(), tuple((name.decode().lower(), value.strip()) for name, _, value in pairs))


def answer(
    body: bytes = b"", *headers: str | bytes, status: int | str = 200, length: int | None = None
) -> bytes:
    """Write an answer as it goes over the wire; `length` lies about the body's."""
    lines = [header if isinstance(header, bytes) else header.encode() for header in headers]
    said = len(body) if length is None else length
    head = [f"HTTP/1.1 {status} Said".encode(), *lines, f"Content-Length: {said}".encode()]
    return b"\r\n".join([*head, b"", body])


def unsized(body: bytes, *headers: str, status: int = 200) -> bytes:
    """Write an answer that ends where the connection does."""
    head = [f"HTTP/1.1 {status} Said", *headers, "Connection: close"]
    return "\r\n".join([*head, "", ""]).encode() + body


def redirect(to: str, status: int = 302, body: bytes = b"") -> bytes:
    """Write a redirect."""
    return answer(body, f"Location: {to}", status=status)


def hang(*start: bytes) -> Script:
    """Say these bytes and nothing more."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        for part in start:
            writer.write(part)
        await writer.drain()
        await asyncio.sleep(60)

    return script


def drip(start: bytes, more: bytes, pause: float = 0.01) -> Script:
    """Say the start, then `more` again and again until the other side has enough."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(more)
            await writer.drain()
            await asyncio.sleep(pause)

    return script


class Known(TypedDict, total=False):
    """What the last polls of a feed left behind."""

    etag: str
    last_modified: str
    validators_url: str


def make_feed(url: str, **known: Unpack[Known]) -> Feed:
    """Make a feed of this address."""
    source = FeedSource(url=url, title="Harbour Post", outlet="Harbour Post")
    return Feed(id=1, source=source, next_poll_at=NOW, **known)


def a_fetcher(
    limits: FetchLimits = SMALL, policy: AddressPolicy = LOOPBACK, lookup: Lookup = socket.getaddrinfo
) -> Fetcher:
    """Make a fetcher with small limits that may talk to loopback."""
    return Fetcher(AGENT, limits=limits, policy=policy, lookup=lookup)


async def fetch_once(url: str, *, fetcher: Fetcher | None = None, **known: Unpack[Known]) -> FetchResult:
    """Fetch one feed with a fetcher of its own."""
    async with fetcher or a_fetcher() as open_fetcher:
        return await open_fetcher.fetch(make_feed(url, **known), NOW)


def poll(
    pages: Mapping[str, Page] | Page, *, fetcher: Fetcher | None = None, **known: Unpack[Known]
) -> tuple[FetchResult, FeedServer]:
    """Serve the pages, fetch `/feed` once; a page alone is that of `/feed`."""

    async def run() -> tuple[FetchResult, FeedServer]:
        served = pages if isinstance(pages, Mapping) else {"/feed": pages}
        async with FeedServer(served) as server:
            return await fetch_once(server.url(), fetcher=fetcher, **known), server

    return loop.run(run())
