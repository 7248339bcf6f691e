"""Who may send a request now: one at a time per host, with a pause between two, and so many overall.

And who may go on receiving: all at once, but those whose bodies are large one after the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LET_PASS_SECONDS = 0.002


@dataclass(slots=True)
class _Line:
    """The line in front of one host. `free_at` is the loop's time from which it may be asked again."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0
    free_at: float = 0.0


class Turns:
    """Hand out turns. The host's line comes first, so that waiting for a host holds up no other."""

    def __init__(self, at_once: int, spacing: float) -> None:
        """Take the most requests at once, and the seconds between the end of one and the next of a host."""
        self._overall = asyncio.Semaphore(at_once)
        self._large = asyncio.Lock()
        self._spacing = spacing
        self._lines: dict[str, _Line] = {}
        self._left: deque[tuple[float, str, _Line]] = deque()  # by those who were the last in their lines

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at this host and hold it."""
        line = self._lines.setdefault(host, _Line())
        line.people += 1
        try:
            async with line.lock:
                await self._pause(line)
                async with self._overall:
                    try:
                        yield
                    finally:
                        line.free_at = asyncio.get_running_loop().time() + self._spacing
        finally:
            line.people -= 1
            if not line.people:
                self._left.append((line.free_at, host, line))
            self._forget()

    async def let_pass(self) -> None:
        """Pause, so that small bodies pass; of those who receive large ones, one after the other goes on."""
        async with self._large:
            await asyncio.sleep(_LET_PASS_SECONDS)

    @staticmethod
    async def _pause(line: _Line) -> None:
        delay = line.free_at - asyncio.get_running_loop().time()
        if delay > 0:
            await asyncio.sleep(delay)

    def _forget(self) -> None:
        """Drop the lines nobody stands in once their pause is over: redirects name hosts without end.

        Whoever leaves does it for those who left before: a timer for each would cost more than its request.
        """
        now = asyncio.get_running_loop().time()
        while self._left and self._left[0][0] <= now:
            free_at, host, line = self._left.popleft()
            if not line.people and line.free_at == free_at and self._lines.get(host) is line:
                del self._lines[host]
