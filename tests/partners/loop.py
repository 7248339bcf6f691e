"""An asyncio server in a thread of its own, for partners that live inside the test process."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class ServerThread:
    """Runs one asyncio server; every connection still open is cut when it stops."""

    def __init__(self, listen: Callable[[], Awaitable[asyncio.Server]]) -> None:
        """Take `listen`, which opens the server when it is called inside the loop."""
        self._transports: weakref.WeakSet[asyncio.WriteTransport] = weakref.WeakSet()
        self._listen = listen
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def start(self) -> None:
        """Listen; returns when connections are accepted."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Close the port, cancel what still runs and end the thread. A second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join()

    def track(self, transport: asyncio.WriteTransport) -> None:
        """Have `stop` cut this connection, if it is still open then."""
        self._transports.add(transport)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        try:
            server = await self._listen()
        except OSError as failure:
            self._failure = failure
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._leave.wait()
        server.close()
        for transport in tuple(self._transports):
            transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
