"""Since when something is new to a visitor: since the end of the last visit, which their browser keeps.

A cookie holds two times and nothing else: when the visit before this one ended, and when a page was last
looked at. The service keeps nothing of it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

COOKIE = "avizor_looked"
KEPT = timedelta(days=400)  # as long as browsers keep a cookie
_VISIT_ENDS_AFTER = timedelta(minutes=30)  # without a look, as analysts of visits have it
_LONGEST = timedelta(days=14)  # what was longer ago is a catalogue and no news
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the front page. `since` is when the visitor last looked; None where that is not known.

    `kept` is what the browser is to keep of it.
    """

    since: datetime | None
    kept: str


def look(kept: str, now: datetime) -> Look:
    """Read what a browser kept; anything that we did not write counts as nothing."""
    before, last = _times(kept, now)
    if last is not None and now - last > _VISIT_ENDS_AFTER:
        before = last
    since = None if before is None else reach(before, now)
    return Look(since, f"{_number(before)}.{_number(now)}")


def reach(since: datetime, now: datetime) -> datetime:
    """Give from when on something counts as news to who last looked at a time: not before two weeks ago."""
    return min(max(since, now - _LONGEST), now)


def _times(kept: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    before, _, last = kept.partition(".")
    return _time(before, now), _time(last, now)


def _time(text: str, now: datetime) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return None
    number = int(text)
    return datetime.fromtimestamp(number, UTC) if 0 < number <= now.timestamp() else None


def _number(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())
