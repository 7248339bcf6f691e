"""The `Link` header (RFC 8288): which hub tells of changes, and under what name. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST = 8192  # characters read of one header
_LONGEST_ADDRESS = 2048
_MOST_HEADERS = 20
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*([\w!#$&+.^`|~*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]+)))?""", re.ASCII
)


def parse_links(values: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the targets of Link headers as they stand, each with its relations in small letters.

    A header is read up to the first thing in it that is no link. A link about another page (`anchor`) is
    left out, and of two `rel` the first one counts, as the RFC says.
    """
    for value, _ in zip(values, range(_MOST_HEADERS), strict=False):
        text, place = value[:_LONGEST], 0
        while target := _TARGET.match(text, place):
            place = target.end()
            said: dict[str, str] = {}
            while parameter := _PARAMETER.match(text, place):
                place = parameter.end()
                said.setdefault(parameter[1].lower(), parameter[2] or parameter[3] or "")
            if "anchor" not in said:
                yield target[1], frozenset(said.get("rel", "").lower().split())


def find_hub(values: Iterable[str], base: str) -> tuple[str, str]:
    """Give the first hub and the page's own name that Link headers of the page `base` give; "" for none."""
    links = list(parse_links(values))
    return _first(links, "hub", base), _first(links, "self", base)


def _first(links: Iterable[tuple[str, frozenset[str]]], rel: str, base: str) -> str:
    found = (_address(target, base) for target, rels in links if rel in rels)
    return next((address for address in found if address), "")


def _address(target: str, base: str) -> str:
    """Give an absolute web address, not a character of it changed where it is one already."""
    try:
        address = urljoin(base, target.strip())
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return address if is_web and address.isprintable() and len(address) <= _LONGEST_ADDRESS else ""
