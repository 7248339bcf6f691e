"""Addresses as a page may show them: what looks like a key in one is left out.

A guess from the outside: a part of the address whose name says so, or one that is as long and mixed as no
word is. What is left out can not be followed, so that such an address is no link.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LEFT_OUT = "…"
_NAMES = re.compile(
    r"(?:^|[_.-])(?:key|apikey|token|secret|auth|pass|passwd|password|pwd|sig|signature|hash|session|sid|code|"
    r"user|login)(?:$|[_.-])|token$|key$|secret$",
    re.IGNORECASE,
)
_LONGEST_WORD = 20
_ADDRESS = re.compile(r"https?://[^\s<>\"'…]+")
_ENDS = ".,;:!?)"


def hide_keys(address: str) -> str:
    """Give an address without what looks like a key in it, and without user and password."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return LEFT_OUT
    path = "/".join(_segment(one) for one in parts.path.split("/"))
    query = "&".join(_pair(one) for one in parts.query.split("&"))
    return parts._replace(netloc=host, path=path, query=query, fragment="").geturl()


def hide_keys_in(text: str) -> str:
    """Give a text in which each web address is as `hide_keys` gives it."""
    return _ADDRESS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    address = found[0].rstrip(_ENDS)
    return hide_keys(address) + found[0][len(address) :]


def _segment(part: str) -> str:
    return LEFT_OUT if _is_mixed(part) else part


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return _segment(pair)
    return f"{name}={LEFT_OUT}" if value and (_NAMES.search(name) or _is_mixed(value)) else pair


def _is_mixed(part: str) -> bool:
    """Tell whether a run of letters and digits is too long and too mixed for words, or a long number."""
    runs = re.findall(r"[^\W_]+", part)
    return any(len(run) >= _LONGEST_WORD and any(one.isdigit() for one in run) for run in runs)
