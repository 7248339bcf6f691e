"""A mail server that keeps what it gets and fails exactly as it is told to.

Built on aiosmtpd, in a thread of the test process. It speaks SMTP on 127.0.0.1, with STARTTLS if it is given
a certificate.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import itertools
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.partners.loop import ServerThread
from tests.partners.ports import HOST

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage
    from pathlib import Path

_BIG = 64 * 2**20
_FOR_EVER = 24 * 3600


class Mode(StrEnum):
    """What the sink does with the next message; only `accept` says 250 to everything."""

    ACCEPT = "accept"
    REFUSE_CONNECT = "refuse-connect"
    """421 when the sender is said."""
    GREETING_421 = "greeting-421"
    """421 in place of the greeting, and of anything else."""
    STARTTLS_454 = "starttls-454"
    MAIL_451 = "mail-451"
    MAIL_553 = "mail-553"
    RCPT_450 = "rcpt-450"
    RCPT_550 = "rcpt-550"
    COMMAND_451 = "command-451"
    """451 to the command DATA."""
    COMMAND_554 = "command-554"
    COMMAND_HANG = "command-hang"
    """Never answer the command DATA."""
    DATA_451 = "data-451"
    """451 when the message is complete."""
    DATA_554 = "data-554"
    DROP_AFTER_DATA = "drop-after-data"
    """Keep the message, then cut the line before the answer."""
    HANG_AFTER_DATA = "hang-after-data"
    """Keep the message and never answer."""
    AUTH_535 = "auth-535"


_MAIL_REPLIES = {
    Mode.REFUSE_CONNECT: "421 4.3.2 going down",
    Mode.MAIL_451: "451 4.3.0 try again later",
    Mode.MAIL_553: "553 5.1.8 no such sender",
}
_RCPT_REPLIES = {Mode.RCPT_450: "450 4.2.1 mailbox busy", Mode.RCPT_550: "550 5.1.1 nobody by that name"}
_COMMAND_REPLIES = {Mode.COMMAND_451: "451 4.3.0 no room now", Mode.COMMAND_554: "554 5.5.1 no mail from you"}
_DATA_REPLIES = {Mode.DATA_451: "451 4.3.0 try again later", Mode.DATA_554: "554 5.7.1 looks like spam"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One message that the sink kept: who it was for by the envelope, and what it said."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


@dataclass
class SmtpSink:
    """A mail server whose `mode` may be changed between messages.

    Attributes:
        folder: Where each kept message becomes a file, in the order of arrival; made when missing.
        mode: What happens to the next message.
        login: With a (user, password) here, mail is taken only after this login.
        tls: With a context here, it offers STARTTLS.
        at: The port to listen on; 0 lets the system choose.
    """

    folder: Path
    mode: Mode = Mode.ACCEPT
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    at: int = 0
    _server: ServerThread = field(init=False, repr=False)
    _numbers: itertools.count[int] = field(default_factory=itertools.count, init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the server; nothing listens yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server = ServerThread(self._listen)

    def __enter__(self) -> Self:
        """Start listening."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on, chosen by the system."""
        return self._server.port

    def start(self) -> None:
        """Listen; returns when connections are accepted."""
        self._server.start()

    def stop(self) -> None:
        """Close the port and cut what is connected; the kept messages stay."""
        self._server.stop()

    def messages(self) -> list[Stored]:
        """Return everything kept so far, oldest first, also what was kept but never answered."""
        return [_read(path) for path in sorted(self.folder.glob("*.eml"))]

    async def _listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Connection(self, loop), HOST, self.at)

    def track(self, transport: asyncio.WriteTransport) -> None:
        """Have `stop` cut this connection."""
        self._server.track(transport)

    def check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        """Answer a login as `login` and `mode` ask for."""
        wanted = self.login and tuple(part.encode() for part in self.login)
        given = (data.login, data.password) if isinstance(data, LoginPassword) else None
        is_right = self.mode is not Mode.AUTH_535 and wanted in (None, given)
        # `handled=False` makes aiosmtpd say 535 for a wrong login.
        return AuthResult(success=is_right, handled=False)

    def keep(self, envelope: Envelope) -> None:
        """Write a message to disk, for good."""
        name = f"{next(self._numbers):06}.eml"
        head = f"X-Sink-From: {envelope.mail_from}\r\nX-Sink-To: {' '.join(envelope.rcpt_tos)}\r\n"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        part = self.folder / f"{name}.part"
        with part.open("wb") as file:
            file.write(head.encode() + content)
            os.fsync(file.fileno())
        part.rename(self.folder / name)


class _Connection(SMTP):
    """One client's connection, known to the server so that it can be cut."""

    def __init__(self, sink: SmtpSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            _Handler(sink),
            hostname="sink.example",
            loop=loop,
            data_size_limit=_BIG,
            authenticator=sink.check_login,
            auth_require_tls=False,
            tls_context=sink.tls,
        )
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._sink.track(transport)
        super().connection_made(transport)

    async def push(self, status: AnyStr) -> None:
        if self._sink.mode is Mode.GREETING_421:
            await super().push("421 4.3.2 too busy")
        else:
            await super().push(status)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 -- the name is aiosmtpd's
        if self._sink.mode is Mode.STARTTLS_454:
            await self.push("454 4.7.0 no TLS for the moment")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 -- the name is aiosmtpd's
        if reply := _COMMAND_REPLIES.get(self._sink.mode):
            await self.push(reply)
            return
        if self._sink.mode is Mode.COMMAND_HANG:
            await asyncio.sleep(_FOR_EVER)
        await super().smtp_DATA(arg)


@dataclass
class _Handler:
    """The hooks of one connection, by the names that aiosmtpd looks for."""

    sink: SmtpSink

    async def handle_MAIL(  # noqa: N802 -- the name is aiosmtpd's
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sink.login and not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return _MAIL_REPLIES.get(self.sink.mode, "250 2.1.0 sender ok")

    async def handle_RCPT(  # noqa: N802 -- the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if reply := _RCPT_REPLIES.get(self.sink.mode):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(  # noqa: N802 -- the name is aiosmtpd's
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if reply := _DATA_REPLIES.get(self.sink.mode):
            return reply
        self.sink.keep(envelope)
        if self.sink.mode is Mode.DROP_AFTER_DATA and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        if self.sink.mode is Mode.HANG_AFTER_DATA:
            await asyncio.Event().wait()
        return "250 2.0.0 kept"


def _read(path: Path) -> Stored:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    sender, recipients = str(message["X-Sink-From"]), str(message["X-Sink-To"]).split()
    del message["X-Sink-From"]
    del message["X-Sink-To"]
    return Stored(sender, tuple(recipients), message)
