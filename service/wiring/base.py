"""The clock, and the one store of a process."""

from __future__ import annotations

import ctypes
import gc
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config import Settings

_M_ARENA_MAX = -8  # of malloc.h
_OBJECTS_AT_ONCE = 50_000  # more of them than have gone before garbage is looked for; some ten megabytes


def real_clock() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


def has_store(settings: Settings) -> bool:
    """Tell whether there may be a database already: a SQLite file that does not exist is none."""
    url = settings.store_url
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


@contextmanager
def open_store(settings: Settings, *, exclusive: bool) -> Iterator[Store]:
    """Open the store; with `exclusive` as the process that polls and sends."""
    store = Store(settings.store_url, exclusive=exclusive)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def settled() -> Iterator[None]:
    """Have the collector of garbage pass over all that is there now, which a running service keeps anyway.

    Of many feeds that are some hundred thousand objects, looked through again and again for nothing. What
    comes is looked through less often: a document is many objects at once, none of which is garbage yet.
    """
    _share_one_heap()
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_AT_ONCE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _share_one_heap() -> None:
    """Have all threads take memory from one heap, where the C library is told so (glibc).

    Else each keeps what it once needed in a heap of its own, for nobody: Python runs one of them at a time.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
