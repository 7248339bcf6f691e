"""A publisher's site in a thread, whose pages a test may change while another process reads them."""

from __future__ import annotations

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from tests.partners.ports import HOST


class FeedSite:
    """Serves `pages` by path as RSS, 404 for the rest, on a port chosen by the system.

    A path in `moved` is answered with 301 to where it says, one in `refused` with that status; every path
    that was asked for is in `asked`. Every answer has the `etag`, if there is one.
    """

    def __init__(self) -> None:
        """Bind the port; nothing is answered yet."""
        self.pages: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.asked: list[str] = []
        self.etag = ""
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Answer requests."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Give the address of a page."""
        return f"http://{HOST}:{self._server.server_port}{path}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one request."""

            def do_GET(self) -> None:
                site.asked.append(self.path)
                page = site.pages.get(self.path)
                body = (page or "not here").encode()
                status = 301 if self.path in site.moved else 200 if page else 404
                self.send_response(site.refused.get(self.path, status))
                if self.path in site.moved:
                    self.send_header("Location", site.moved[self.path])
                if site.etag:
                    self.send_header("ETag", site.etag)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has gone
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
