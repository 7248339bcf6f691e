"""A mail server that gives exactly the answers it is told, for what no well-behaved server does.

Raw SMTP in threads on 127.0.0.1, with or without TLS. It keeps nothing but what was said to it.
"""

from __future__ import annotations

import socket
import socketserver
import subprocess
import threading
from typing import TYPE_CHECKING, Self

from tests.partners.ports import HOST

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from pathlib import Path

CUT = "cut"
"""An answer that is none: the line is cut."""
HANG = "hang"
"""An answer that never comes."""
_SMALL_BUFFER = 4_096
_ANSWERS = {
    "greeting": "220 mail.example ready",
    "EHLO": "250-mail.example\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 8BITMIME",
    "HELO": "250 mail.example",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 sender taken",
    "RCPT": "250 2.1.5 recipient taken",
    "DATA": "354 go on",
    ".": "250 2.0.0 queued as 4Xk2Qz",
    "QUIT": "221 bye",
}


class ScriptedSmtp(socketserver.ThreadingTCPServer):
    """Answers each command by its verb, the message by `.`, its first byte by `message` where that is set.

    `said` is what was said to it.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        """Take the answers that differ from a friendly server's."""
        super().__init__((HOST, 0), _Conversation)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        self.answers = {**_ANSWERS, **(answers or {})}
        self.tls = tls
        self.tls_at_once = tls_at_once
        self.said: list[str] = []
        self.over = threading.Event()
        self.port = self.socket.getsockname()[1]

    def __enter__(self) -> Self:
        """Listen."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and let go of connections that hang."""
        self.over.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: ScriptedSmtp

    def handle(self) -> None:
        try:
            if self.server.tls_at_once:
                self._encrypt()
            if self._answer("greeting"):
                self._converse()
        except OSError:
            return

    def _converse(self) -> None:
        in_message = False
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.server.said.append(text)
            verb = "." if in_message else text.partition(" ")[0].upper()
            if in_message and text != ".":
                continue
            if not self._answer(verb):
                return
            in_message = verb == "DATA" and self.server.answers["DATA"].startswith("354")
            if in_message and "message" in self.server.answers and not self._answer("message"):
                return
            if verb == "STARTTLS" and self.server.answers[verb].startswith("220"):
                self._encrypt()

    def _answer(self, verb: str) -> bool:
        answer = self.server.answers.get(verb, "500 what?")
        if answer == HANG:
            self.server.over.wait(10)
        if answer in {HANG, CUT}:
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return True

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that nobody has signed; gives the files of it and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    name = ["-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{HOST}"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", *kind, *name, *files], check=True, capture_output=True)
    return certificate, key
