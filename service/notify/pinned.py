"""Connections to a server that a reader chose, judged at the address that is really connected to.

The HTTP library below Apprise looks a name up once more when it connects, and whoever owns the name may
have it lead into a private network by then. So within `judged` the look-up is ours, and what it gives is
judged before anything is connected to. Proxies of the operator's are let be: behind them, names are theirs to
look up.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies

from urllib3.util import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Lookup = Callable[..., Sequence[tuple[Any, ...]]]


class Judge(Protocol):
    """Says whether a host leads only to where a reader may have us connect."""

    def __call__(self, host: str, port: int, lookup: Lookup = ...) -> bool:
        """Tell it; the host is looked up by `lookup`, if that is given."""


@dataclass(slots=True)
class Judgement:
    """What came of it: whether a connection was refused."""

    judge: Judge
    is_refused: bool = False


_OPEN: ContextVar[Judgement | None] = ContextVar("judgement", default=None)
_connect = connection.create_connection


@contextmanager
def judged(judge: Judge) -> Iterator[Judgement]:
    """Have every connection that this thread makes with the HTTP library judged, while this is open."""
    _prepare()
    judgement = Judgement(judge)
    token = _OPEN.set(judgement)
    try:
        yield judgement
    finally:
        _OPEN.reset(token)


@cache
def _prepare() -> None:
    connection.create_connection = _connect_judged


def _connect_judged(address: tuple[str, int], *options: Any, **named: Any) -> socket.socket:  # noqa: ANN401 -- passes on what it gets
    judgement = _OPEN.get()
    host, port = address[0].strip("[]"), address[1]
    if judgement is None or host in _proxies():
        return _connect(address, *options, **named)
    infos = socket.getaddrinfo(host, port, connection.allowed_gai_family(), socket.SOCK_STREAM)
    if not judgement.judge(host, port, lambda *_: infos):
        judgement.is_refused = True
        message = "the connection was refused: it leads into a private network"
        raise ConnectionRefusedError(message)
    return _connect_to_first(infos, options, named)


def _connect_to_first(
    infos: Sequence[tuple[Any, ...]], options: Sequence[Any], named: dict[str, Any]
) -> socket.socket:
    """Connect to the first of these addresses that answers; the fault is that of the last."""
    *others, last = [(str(target[0]), int(target[1])) for *_, target in infos]
    for one in others:
        try:
            return _connect(one, *options, **named)
        except OSError:
            continue
    return _connect(last, *options, **named)


def _proxies() -> set[str]:
    return {urlsplit(proxy).hostname or "" for proxy in getproxies().values()}
