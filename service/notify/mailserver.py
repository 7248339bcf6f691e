"""The mail server of the operator, read from one setting. Pure.

`AVIZOR_SMTP_URL` is `smtp://user:password@host:587?security=starttls`. Without `security`, port 465 and
`smtps://` mean TLS from the first byte, a loopback address with any other port but 587 means none,
everything else STARTTLS. A server that was to be spoken to with STARTTLS never gets a plain
message instead, and a password never goes out in plain but on this machine itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from service.errors import SettingsError
from service.text import is_loopback

SETTING = "AVIZOR_SMTP_URL"
_TLS_PORT = 465
_SUBMISSION_PORT = 587
_STEP_TIMEOUT_S = 15.0
_HIGHEST_PORT = 65535


class MailSecurity(StrEnum):
    """How the line to the mail server is kept from being read."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `timeout` counts seconds for each step; `helo` is the name we give.

    Raises:
        SettingsError: a user is named, the line is plain and the host is not this machine.
    """

    host: str
    port: int
    security: MailSecurity
    user: str = ""
    password: str = field(default="", repr=False)
    helo: str = "localhost"
    timeout: float = _STEP_TIMEOUT_S

    def __post_init__(self) -> None:
        """Refuse a combination that would show the password to everybody on the way."""
        if self.user and self.security is MailSecurity.NONE and not is_loopback(self.host):
            raise _refuse(
                f"the password would go to {self.host} in plain text.",
                "Use security=starttls or security=tls.",
            )

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Read the setting.

        Raises:
            SettingsError: the URL cannot be used; the message names the setting, never the URL.
        """
        try:
            parts = urlsplit(url.strip())
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            raise _refuse(f"the port is not a number from 1 to {_HIGHEST_PORT}.") from None
        if parts.scheme not in {"smtp", "smtps"}:
            raise _refuse("it starts with neither smtp:// nor smtps://.")
        if not host or parts.path.strip("/") or port == 0:
            raise _refuse("it must name a host, a port if need be, and no path.")
        if bool(parts.username) != bool(parts.password):
            raise _refuse("a user needs a password, and a password a user.")
        options = _options(parts.query)
        port = port or (_TLS_PORT if parts.scheme == "smtps" else _SUBMISSION_PORT)
        return cls(
            host=host,
            port=port,
            security=_security(options, parts.scheme, host, port),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            helo=options.get("helo") or "localhost",
        )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(options.keys() - {"security", "helo"})
    if unknown:
        raise _refuse(f"the option {unknown[0]!r} is not known.", "Known are security and helo.")
    helo = options.get("helo", "")
    if not helo.isascii() or any(letter.isspace() for letter in helo):
        raise _refuse("helo must be a host name.", "Write for example helo=alerts.example.")
    return options


def _security(options: dict[str, str], scheme: str, host: str, port: int) -> MailSecurity:
    if "security" not in options:
        return _default_security(scheme, host, port)
    try:
        chosen = MailSecurity(options["security"])
    except ValueError:
        raise _refuse(
            "the value of security is not known.", "Write security=starttls, tls or none."
        ) from None
    if scheme == "smtps" and chosen is not MailSecurity.TLS:
        raise _refuse("smtps:// means TLS from the first byte.", "Write smtp:// for another security.")
    return chosen


def _default_security(scheme: str, host: str, port: int) -> MailSecurity:
    if scheme == "smtps" or port == _TLS_PORT:
        return MailSecurity.TLS
    if is_loopback(host) and port != _SUBMISSION_PORT:
        return MailSecurity.NONE
    return MailSecurity.STARTTLS


def _refuse(message: str, mend: str = "Write it as smtp://user:password@host:587.") -> SettingsError:
    return SettingsError(message, resource=SETTING, mend=mend)
