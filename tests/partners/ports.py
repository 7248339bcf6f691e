"""Free ports, and waiting for the server that is to answer on one."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds until a server that does not answer is given up: generous, since machines are busy."""

_STEP = 0.05


def free_port() -> int:
    """Return a port that the system has just handed out and that nobody listens on.

    Only for servers that must be told their port beforehand: another program could take it in
    between.
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Tell whether something accepts connections on `port`."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: naming `what` was waited for, after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {patience:g} s in vain for {what}"
            raise TimeoutError(message)
        time.sleep(_STEP)
