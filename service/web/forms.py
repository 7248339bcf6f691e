"""What readers send us: the fields of a form, and whether it stood on a page of ours."""

from __future__ import annotations

from email import message_from_bytes
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

    Fields = Mapping[str, Sequence[str]]

MOST_BYTES = 64 * 1024
_MOST_FIELDS = 1_000
_NETWORK_BITS = 64  # of an IPv6 address that belong to one place
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058, 3.2


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes | None:
    """Give the body of a request; None where it is larger than its form can be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return body


def read_fields(body: bytes) -> Fields:
    """Read the fields of a form; those of a form with more than any of ours are none.

    The character that PostgreSQL holds in no text is left out.
    """
    text = body.decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: [value.replace("\0", "") for value in values] for name, values in fields.items()}


def one_of(fields: Fields, name: str) -> str:
    """Give the first value of a field; empty where there is none."""
    return next(iter(fields.get(name, ())), "")


def is_one_click(content_type: str, body: bytes) -> bool:
    """Tell whether a body asks to unsubscribe as RFC 8058 says, in either coding of forms."""
    name, wanted = _ONE_CLICK
    if not content_type.lower().startswith("multipart/form-data"):
        return one_of(read_fields(body), name).strip() == wanted
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    for part in message_from_bytes(head + body).walk():
        content = part.get_payload(decode=True)
        if part.get_param("name", header="content-disposition") == name and isinstance(content, bytes):
            return content.strip() == wanted.encode()
    return False


def place_of(request: Request) -> str:
    """Give where a form came from: an address, or the network of one, as limits count it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), _NETWORK_BITS), strict=False))


def is_ours(request: Request, public_host: str, *, is_secure: bool = False) -> bool:
    """Tell whether a form stood on a page of ours: by the host asked for, and the browser's word.

    Another port of the same host is not ours, nor, with `is_secure`, is the same host without encryption.
    """
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}")
        origin = urlsplit(request.headers.get("origin", ""))
    except ValueError:  # brackets that do not close
        return False
    if host.hostname not in LOOPBACK_NAMES | {public_host}:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    if is_secure and host.hostname == public_host and origin.scheme != "https":
        return False
    return origin.scheme in {"http", "https"} and origin.netloc == host.netloc
