"""Every way a fetch fails, with words for the operator and a mend.

A `FetchFault` lives inside this room only: `client` turns it into a `FetchFailed`. No words hold the
credentials of an address.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from service.domain import FetchFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What aiohttp lets through for something a server or a network did. ValueError is what yarl and the
# header parser raise for addresses and numbers that make no sense.
NETWORK_ERRORS = (aiohttp.ClientError, OSError, ValueError, EOFError)

_CREDENTIALS = re.compile(r"(?<=//)[^/?#]*@")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;][^=&;#]*(?:token|key|auth|pass|secret|sig|session)[^=&;#]*=)[^&;#]+"
)
_LONGEST_SHOWN = 300
_LONGEST_SAID = 120


class FetchFault(Exception):
    """Why a fetch failed: the reason, what happened (no address, no full stop), and the mend."""

    def __init__(self, reason: FetchFailure, what: str, mend: str = "") -> None:
        """Keep the three parts apart."""
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.mend = mend


class RefusedAddress(OSError):
    """An address, or a port on it, that the policy does not let us connect to.

    The message is the same for every address, as aiohttp passes on an error of several addresses
    only when they agree.
    """

    def __init__(self, address: str, port: int, why: str) -> None:
        """Name what was refused."""
        super().__init__("refused by the address policy")
        self.address = address
        self.port = port
        self.why = why


def shown_url(url: str) -> str:
    """Give an address for people: without user and password, secret-looking parameters blotted out."""
    plain = _SECRET_PARAMETER.sub(r"\1…", _CREDENTIALS.sub("", url))
    printable = "".join(char if char.isprintable() else "�" for char in plain)
    return printable if len(printable) <= _LONGEST_SHOWN else printable[: _LONGEST_SHOWN - 1] + "…"


# ------------------------------------------------------------------------------ the network's faults

_LATER = "Nothing to do if it passes: it is asked again later, less and less often."
_CHECK_ADDRESS = "Check the address in the feed pack; if it is right, the server is down: it is asked again."


def fault_of(error: BaseException) -> FetchFault:
    """Name an error of the network, of TLS or of the HTTP parser."""
    if isinstance(error, aiohttp.ClientSSLError):
        return _unsafe(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connecting(error)
    if isinstance(error, RefusedAddress):
        return _refused(error)
    for kind, name in _NAMED:
        if isinstance(error, kind):
            return name(error)
    return FetchFault(FetchFailure.UNREACHABLE, f"the connection broke ({_said(error)})", _LATER)


def _connecting(error: aiohttp.ClientConnectorError) -> FetchFault:
    refused = error.os_error
    if isinstance(refused, RefusedAddress):
        return _refused(refused)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchFault(FetchFailure.UNREACHABLE, "its host name was not found", _CHECK_ADDRESS)
    return FetchFault(FetchFailure.UNREACHABLE, f"no connection ({_said(refused)})", _CHECK_ADDRESS)


def _refused(refused: RefusedAddress) -> FetchFault:
    return FetchFault(
        FetchFailure.REFUSED_ADDRESS,
        f"leads to {refused.address} port {refused.port}, {refused.why}",
        "If this feed is yours, allow its host or network in the settings (AVIZOR_PRIVATE_FEEDS).",
    )


def _unsafe(error: aiohttp.ClientSSLError) -> FetchFault:
    return FetchFault(
        FetchFailure.UNREACHABLE,
        f"no safe connection ({_said(error.__cause__ or error)})",
        "The publisher must renew or mend the server's certificate; it is asked again later.",
    )


def _bad_answer(error: BaseException) -> FetchFault:
    return FetchFault(
        FetchFailure.HTTP_ERROR,
        f"the answer breaks the rules of HTTP ({_said(error)})",
        "Open the address in a browser; if it works there, tell the publisher, else it is asked again.",
    )


def _broken_off(error: BaseException) -> FetchFault:
    return FetchFault(FetchFailure.UNREACHABLE, f"the answer broke off ({_said(error)})", _LATER)


def _hung_up(_: BaseException) -> FetchFault:
    return FetchFault(FetchFailure.UNREACHABLE, "the server hung up without an answer", _LATER)


def _timeout(what: str) -> Callable[[BaseException], FetchFault]:
    return lambda _: FetchFault(FetchFailure.TIMEOUT, what, _LATER)


def _bad_address(_: BaseException) -> FetchFault:
    return FetchFault(
        FetchFailure.REFUSED_ADDRESS,
        "this is not an address that can be used",
        "Write it as http:// or https://, a host name and a path; numbers only as 192.0.2.1.",
    )


# The first that fits names the error, so children stand before their parents.
_NAMED: tuple[tuple[type[BaseException], Callable[[BaseException], FetchFault]], ...] = (
    (aiohttp.ConnectionTimeoutError, _timeout("no connection within the time limit")),
    (aiohttp.SocketTimeoutError, _timeout("the server fell silent")),
    (TimeoutError, _timeout("not done within the time limit for the whole fetch")),
    (aiohttp.ServerDisconnectedError, _hung_up),
    (aiohttp.InvalidURL, _bad_address),
    (aiohttp.ClientResponseError, _bad_answer),
    (aiohttp.ClientPayloadError, _broken_off),
    (ValueError, _bad_address),
)


def _said(error: BaseException) -> str:
    """Give the error's own words, one short line; its class where it says nothing."""
    own = (getattr(error, name, "") for name in ("verify_message", "message", "strerror"))
    words = next((str(one) for one in own if one), str(error))
    line = "".join(char for char in " ".join(words.split()) if char.isprintable())
    return line[:_LONGEST_SAID] or type(error).__name__


# ------------------------------------------------------------------------------- the server's answers

_GATE = (
    "Ask the publisher to let this reader in, or write into the feed's pack what it wants to see: login, "
    "cookie or user_agent; or take the feed out."
)
_SLOWER = "Nothing to do: it is asked again when the server said, or ever less often."
_MENDS: Mapping[FetchFailure, str] = {
    FetchFailure.FORBIDDEN: _GATE,
    FetchFailure.NOT_FOUND: "Look on the publisher's site for the new address and put it into the feed pack.",
    FetchFailure.GONE: "It is not asked again: take it out of its feed pack, or put the new address there.",
    FetchFailure.THROTTLED: _SLOWER,
    FetchFailure.OVERLOADED: _SLOWER,
    FetchFailure.SERVER_ERROR: _LATER,
    FetchFailure.HTTP_ERROR: "Open the address in a browser to see what it wants; correct the feed pack.",
}
_REASONS: Mapping[int, FetchFailure] = {
    401: FetchFailure.FORBIDDEN,
    403: FetchFailure.FORBIDDEN,
    404: FetchFailure.NOT_FOUND,
    410: FetchFailure.GONE,
    429: FetchFailure.THROTTLED,
    503: FetchFailure.OVERLOADED,
}
_SERVER_ERRORS = range(500, 600)


def fault_of_status(status: int, said: str) -> FetchFault:
    """Name a status that brings no feed; `said` is the beginning of the body, as plain text."""
    is_server = status in _SERVER_ERRORS
    reason = _REASONS.get(status, FetchFailure.SERVER_ERROR if is_server else FetchFailure.HTTP_ERROR)
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    quote = f", saying “{said}”" if said else ""
    return FetchFault(reason, f"answered {phrase}{quote}", _MENDS[reason])
