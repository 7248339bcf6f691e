"""A chat service that says what it is told to, over real HTTP on 127.0.0.1, and keeps what it was sent.

With `redirected`, requests to services at fixed addresses (Discord, Slack, …) arrive here too.
"""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import pytest
import requests

from tests.partners.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say: a status, a body, headers. Status 0 cuts the line, status -1 never answers."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- JSON may be anything
        """The body, read."""
        return json.loads(self.body)


class ChatStandIn(ThreadingHTTPServer):
    """Answers as `services` do, else by path where `by_path` knows a part of it, else with `answer`."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__((HOST, 0), _Handler)
        self.answer = Answer()
        self.by_path: dict[str, Answer] = {}
        self.services: Callable[[Request], Answer] | None = None
        self.requests: list[Request] = []
        self.over = threading.Event()
        self.port = self.server_address[1]

    def __enter__(self) -> Self:
        """Serve."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and let go of requests that hang."""
        self.over.set()
        self.shutdown()
        self.server_close()

    def answer_for(self, asked: Request) -> Answer:
        """Choose the answer."""
        if self.services:
            return self.services(asked)
        return next((answer for part, answer in self.by_path.items() if part in asked.path), self.answer)


class _Handler(BaseHTTPRequestHandler):
    server: ChatStandIn
    protocol_version = "HTTP/1.0"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = Request(self.command, self.path, dict(self.headers), body)
        self.server.requests.append(asked)
        answer = self.server.answer_for(asked)
        if answer.status == -1:
            self.server.over.wait(10)
        if answer.status < 1:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body.encode())

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 -- the library's names

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def redirected(server: ChatStandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send every request of the HTTP library to the stand-in, under `/host/path`."""
    ask = requests.Session.request

    def ask_here(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 -- passed on
        parts = urlsplit(url)
        return ask(self, method, f"http://{HOST}:{server.port}/{parts.netloc}{parts.path}", **options)

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "request", ask_here)
        yield


# It names another server to go on with, for whoever asks for one.
_ALL_IS_WELL = b"""{
    "ok": true, "room_id": "!a:b.example", "user_id": "@bot:b.example",
    "m.homeserver": {"base_url": "https://elsewhere.example"}
}"""


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Let no request of the HTTP library out: each is answered as if all were well, its host is kept."""
    hosts: list[str] = []

    def ask_nobody(_: requests.Session, method: str, url: str, **__: Any) -> requests.Response:  # noqa: ANN401 -- ignored
        hosts.append(urlsplit(requests.Request(method, url).prepare().url or "").hostname or "")
        answer = requests.Response()
        answer.status_code = 200
        answer.raw = io.BytesIO(_ALL_IS_WELL)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "request", ask_nobody)
        yield hosts
