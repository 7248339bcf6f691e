"""Many small chat servers on loopback addresses of their own: those that answer, and black holes.

A black hole accepts a connection, reads, and never says a word.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tests.partners.loop import ServerThread
from tests.partners.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


class ChatRow:
    """`count` servers, all on one port; `received` counts the requests of each, by its number."""

    def __init__(self, count: int, *, answers: bool, net: int = 1) -> None:
        """Prepare servers on 127.0.`net`.1 and onwards; nothing listens yet."""
        self.hosts = [f"127.0.{net}.{number}" for number in range(1, count + 1)]
        self.received = dict.fromkeys(self.hosts, 0)
        self.under_way = dict.fromkeys(self.hosts, 0)
        self.most_under_way = dict.fromkeys(self.hosts, 0)
        self.answers = answers
        self._server = ServerThread(self._listen)

    def __enter__(self) -> Self:
        """Listen."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Cut all that is connected."""
        self._server.stop()

    def addresses(self) -> Iterator[str]:
        """Give the address of the chat at each server, as Apprise takes it."""
        return (f"json://{host}:{self._server.port}/hook" for host in self.hosts)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, self.hosts, free_port(), backlog=64)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server.track(writer.transport)
        host = writer.get_extra_info("sockname")[0]
        self.under_way[host] += 1
        self.most_under_way[host] = max(self.most_under_way[host], self.under_way[host])
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            await reader.readexactly(length)
            self.received[host] += 1
            if self.answers:
                writer.write(_ANSWER)
                await writer.drain()
            else:
                await reader.read()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the test is over, or the other side is gone
        finally:
            self.under_way[host] -= 1
            writer.close()
