"""The port of the pages, taken before anything is started, and the server behind it."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from service.config import words_of
from service.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from service.config import Settings


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything is started, or say that it is taken."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        message = f"{host}:{port} cannot be used for the pages: {fault.strerror}"
        mend = "Another program has it, or it is no address of this machine; set another one."
        raise SettingsError(message, resource="AVIZOR_PORT", mend=mend) from fault


def make_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """Make the server of the pages; it listens on the socket that it is given, and leaves signals alone."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips=list(words_of(settings.trusted_proxies)),
        timeout_graceful_shutdown=2,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """The library's server, but signals are ours: the jobs end first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield
