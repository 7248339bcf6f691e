"""A TCP proxy that breaks the line to a real server at a chosen step of the conversation.

The steps are SMTP's, but `pass`, `reset`, `slow`, `silent` and `held` serve any protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from tests.partners.loop import ServerThread
from tests.partners.ports import HOST

_CHUNK = 65_536
_LOOK_AGAIN = 0.05
_FOR_EVER = 24 * 3600
_END_OF_DATA = b"\r\n.\r\n"


class Cut(StrEnum):
    """Where the line breaks."""

    PASS = "pass"
    """Nowhere: everything goes through."""
    RESET = "reset"
    """At once."""
    BEFORE_DATA = "before-data"
    """When the client asks to send the message: the server never sees it."""
    BEFORE_DOT = "before-dot"
    """When the message is written but for its last dot: the server does not have it."""
    AFTER_DOT = "after-dot"
    """When the message is complete: the server has it, its answer is lost."""
    SLOW = "slow"
    """Not at all, but the server's answers come byte by byte."""
    SILENT = "silent"
    """Connected, and never a byte in either direction."""
    HELD = "held"
    """Connected, and not a byte until `cut` is something else; then as that says."""


@dataclass
class CutProxy:
    """Listens on a port of its own and hands everything on to `target` on 127.0.0.1.

    Attributes:
        target: The port of the real server.
        cut: Where lines break; may be changed for the connections to come.
        pause: Seconds between two bytes of `Cut.SLOW`.
        connections: How many clients have connected so far.
        ended: How many of them are gone again.
    """

    target: int
    cut: Cut = Cut.PASS
    pause: float = 0.01
    connections: int = field(default=0, init=False)
    ended: int = field(default=0, init=False)
    _server: ServerThread = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the proxy; nothing listens yet."""
        self._server = ServerThread(lambda: asyncio.start_server(self._serve, HOST, 0))

    def __enter__(self) -> Self:
        """Start listening."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on, chosen by the system."""
        return self._server.port

    def start(self) -> None:
        """Listen; returns when connections are accepted."""
        self._server.start()

    def stop(self) -> None:
        """Close the port and everything that is connected."""
        self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._server.track(writer.transport)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._serve_as(self.cut, reader, writer)
        writer.close()
        self.ended += 1

    async def _serve_as(self, cut: Cut, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while cut is Cut.HELD:
            await asyncio.sleep(_LOOK_AGAIN)
            cut = self.cut
        if cut is Cut.RESET:
            return _reset(writer)
        if cut is Cut.SILENT:
            await asyncio.sleep(_FOR_EVER)  # an event that nobody sets would hold nothing, and be collected
        from_server, to_server = await asyncio.open_connection(HOST, self.target)
        self._server.track(to_server.transport)
        line = _Line(cut, self.pause, writer, to_server)
        try:
            await asyncio.gather(line.carry_up(reader), line.carry_down(from_server))
        finally:
            to_server.close()


@dataclass
class _Line:
    """One client's connection and what has passed over it."""

    cut: Cut
    pause: float
    to_client: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    is_mute: bool = False
    _tail: bytes = b""

    async def carry_up(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            seen = self._tail + data
            self._tail = seen[-len(_END_OF_DATA) :]
            if self.cut is Cut.BEFORE_DATA and b"DATA\r\n" in seen.upper():
                _reset(self.to_client)
                break
            if self.cut is Cut.BEFORE_DOT and seen.endswith(_END_OF_DATA):
                self.to_server.write(data[: -len(_END_OF_DATA)])
                _reset(self.to_client)
                break
            if self.cut is Cut.AFTER_DOT and seen.endswith(_END_OF_DATA):
                self.is_mute = True
            self.to_server.write(data)
            await self.to_server.drain()
        self.to_server.close()

    async def carry_down(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            if self.is_mute:
                return _reset(self.to_client)
            for piece in self._pieces(data):
                self.to_client.write(piece)
                await self.to_client.drain()
                await asyncio.sleep(self.pause if self.cut is Cut.SLOW else 0)
        self.to_client.close()
        return None

    def _pieces(self, data: bytes) -> list[bytes]:
        return [data[at : at + 1] for at in range(len(data))] if self.cut is Cut.SLOW else [data]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset, as a crashed machine's router would, not with an orderly goodbye."""
    at_once = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()
