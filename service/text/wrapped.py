"""Addresses of articles that search services wrap into addresses of their own.

Bing and Google put the article's address into a parameter; Google News put it, until 2024, into the
name of the page. Of the newer names of Google News only Google knows what they stand for.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

_BING = re.compile(r"(?:www\.)?bing\.com")
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
_GOOGLE_NEWS = re.compile(r"/(?:rss/)?(?:articles|read)/(?P<name>[\w-]+=*)")
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]+")
_HEAD = b"\x08\x13\x22"  # what the names that hold an address begin with: two fields of a protocol buffer
_CONTINUES = 0x80
_WEB = ("http://", "https://")


def unwrapped(url: str) -> str:
    """Give the address of the article itself where it can be told; else the address as it is."""
    while inner := _wrapped_in(url):  # shorter each time
        url = inner
    return url


def _wrapped_in(url: str) -> str:
    """Give the web address that is wrapped in this one, empty where there is none."""
    small = url.lower()
    if "bing." not in small and "google." not in small:  # a part of every address that wraps another one
        return ""
    inner = _inner(url)
    return inner if inner.startswith(_WEB) and len(inner) < len(url) else ""


def _inner(url: str) -> str:
    """Give what an address wraps, empty where it wraps nothing."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if host == "news.google.com":
        return _named(parts.path)
    if _BING.fullmatch(host) and parts.path.lower().startswith("/news/apiclick"):
        return _parameter(parts.query, "url")
    if _GOOGLE.fullmatch(host) and parts.path.rstrip("/") == "/url":
        return _parameter(parts.query, "url") or _parameter(parts.query, "q")
    return ""


def _parameter(query: str, name: str) -> str:
    """Give the first web address that a parameter holds: its other values may be anything."""
    values = (value.strip() for value in parse_qs(query, errors="replace").get(name, ()))
    return next((value for value in values if value.startswith(_WEB)), "")


def _named(path: str) -> str:
    found = _GOOGLE_NEWS.fullmatch(path.rstrip("/"))
    if found is None:
        return ""
    name = found["name"].rstrip("=")
    try:
        raw = urlsafe_b64decode(name + "=" * (-len(name) % 4))
    except ValueError:
        return ""
    return _first_address(raw.removeprefix(_HEAD)) if raw.startswith(_HEAD) else ""


def _first_address(raw: bytes) -> str:
    """Read one text with its length before it, which takes two bytes from 128 on."""
    if not raw:
        return ""
    length, start = raw[0], 1
    if length & _CONTINUES and len(raw) > 1:
        length, start = (length & ~_CONTINUES) | raw[1] << 7, 2
    text = raw[start : start + length]
    return text.decode("ascii") if _ADDRESS.fullmatch(text) else ""
