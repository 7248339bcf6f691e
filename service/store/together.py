"""What several threads want to write at the same time goes into one transaction, and so into one commit.

A commit waits for the disk. Each thread is answered after the commit that holds its part, so what it was
promised is as durable as if it had written alone; only the waiting is shared.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlmodel import Session

    from service.store.engine import Database

_T = TypeVar("_T")
_MOST = 64  # parts of one transaction


@dataclass(eq=False, slots=True)
class _Part(Generic[_T]):
    step: Callable[[Session], _T]
    is_done: bool = False
    values: list[_T] = field(default_factory=list)
    fault: Exception | None = None

    def answer(self) -> _T:
        if self.fault is not None:
            raise self.fault
        return self.values[0]


class Together:
    """Writes for several threads in one transaction; a part that fails does so alone."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database
        self._waiting: deque[_Part[object]] = deque()
        self._turn = Lock()

    def write(self, step: Callable[[Session], _T]) -> _T:
        """Run `step` in a transaction; returns what it gives once committed, or raises what it raises.

        It may run twice: the first time is undone where another part of the same transaction failed.
        """
        mine: _Part[_T] = _Part(step)
        self._waiting.append(mine)  # type: ignore[arg-type] # each gets what its own step gave
        while not mine.is_done:
            with self._turn:
                if not mine.is_done:
                    self._write([self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))])
        return mine.answer()

    def _write(self, parts: Sequence[_Part[object]]) -> None:
        try:
            with self._database.write() as session:
                values = [part.step(session) for part in parts]
        except Exception as fault:  # noqa: BLE001 -- each part is told of its own
            if len(parts) == 1:
                parts[0].fault, parts[0].is_done = fault, True
                return
            for part in parts:
                self._write([part])
            return
        for part, value in zip(parts, values, strict=True):
            part.values.append(value)
            part.is_done = True
