"""What the head of an answer says: validators, cache times, Retry-After, the kind of the body.

Pure: `now` is given. Values that make no sense count as not said.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from service.domain import PublisherHints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST = timedelta(days=31)  # of any time a server names

_LONGEST_VALIDATOR = 1024
_LONGEST_CONTENT_TYPE = 200
_MOST_DIGITS = 10


def validator(raw: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """Give an ETag or Last-Modified as it came, to be sent back byte for byte.

    Empty when there is none, when it is longer than 1 KiB, and when it holds control characters or
    bytes that are no UTF-8, which could not be sent back unchanged.
    """
    found = next((value for key, value in raw if key.lower() == name), b"")
    try:
        text = found.decode()
    except UnicodeDecodeError:
        return ""
    is_usable = len(found) <= _LONGEST_VALIDATOR and text.isprintable()
    return text if is_usable else ""


def content_type(headers: Mapping[str, str]) -> str:
    """Give the Content-Type in plain ASCII, at most 200 characters; what is not ASCII becomes `?`."""
    said = headers.get("Content-Type", "").encode("ascii", "replace").decode()
    return said[:_LONGEST_CONTENT_TYPE]


def hints_of(headers: Mapping[str, str], now: datetime) -> PublisherHints:
    """Read what the head asks of pollers, as durations from now."""
    return PublisherHints(max_age=_fresh_for(headers, now), retry_after=retry_after(headers, now))


def clock_skew(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Tell how far the server's clock is ahead of ours; None where it shows none, or a cache answered."""
    date = _date(headers.get("Date", ""))
    return None if date is None or _seconds(headers.get("Age", "")) else date - now


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read seconds or a date (RFC 9110, 10.2.3), the date by the server's own clock where it shows it."""
    value = headers.get("Retry-After", "")
    seconds = _seconds(value)
    if seconds is not None:
        return _sensible(seconds)
    until = _date(value)
    return None if until is None else _sensible(until - (_date(headers.get("Date", "")) or now))


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Tell how long the answer stays fresh (RFC 9111, 4.2): max-age or else Expires, less its Age.

    None where nothing is said of it, zero where it is not to be kept.
    """
    directives = _directives(headers.get("Cache-Control", ""))
    if directives.keys() & {"no-cache", "no-store"}:
        return timedelta(0)
    lifetime = _seconds(directives.get("max-age", ""))
    if lifetime is None:
        lifetime = _until_expiry(headers, now)
    if lifetime is None:
        return None
    return _sensible(lifetime - (_seconds(headers.get("Age", "")) or timedelta(0))) or timedelta(0)


def _until_expiry(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Measure Expires by the server's own clock where it shows it; one that is no date is over (RFC 9111)."""
    if "Expires" not in headers:
        return None
    expires = _date(headers["Expires"])
    return timedelta(0) if expires is None else expires - (_date(headers.get("Date", "")) or now)


def _directives(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.lower().split(","))
    return {name.strip(): argument.strip().strip('"') for name, _, argument in pairs}


def _seconds(value: str) -> timedelta | None:
    digits = value.strip()
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return timedelta(seconds=int(digits)) if len(digits) <= _MOST_DIGITS else LONGEST


@lru_cache(maxsize=64)  # what is answered within a second bears one date
def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _sensible(duration: timedelta) -> timedelta | None:
    """Give a duration that says something, at most `LONGEST`."""
    return min(duration, LONGEST) if duration > timedelta(0) else None
