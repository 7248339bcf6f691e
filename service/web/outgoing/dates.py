"""iCalendar (RFC 5545): what is due, as days, and events as the moments they began. Pure.

The only door to icalendar.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.watchlists import Watchlist
    from service.web.outgoing.items import Item

_PRODUCT = "-//Avizor//Known dates and events//EN"
_FIRST = datetime(2024, 11, 1, tzinfo=UTC)  # days of a file have no time at which they were written


def write_calendar(title: str, watchlists: Iterable[Watchlist], items: Iterable[Item]) -> bytes:
    """Write a calendar; each entry keeps its UID whatever is added beside it."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for watchlist in watchlists:
        for known in watchlist.dates:
            day = Event()
            day.add("uid", _uid("date", watchlist.id, known.on.isoformat(), known.what))
            day.add("dtstamp", _FIRST)
            day.add("dtstart", known.on)
            day.add("dtend", known.on + timedelta(days=1))
            day.add("summary", known.what)
            day.add("categories", [watchlist.title])
            day.add("transp", "TRANSPARENT")
            calendar.add_component(day)
    for item in items:
        calendar.add_component(_moment(item))
    written: bytes = calendar.to_ical()
    return written


def _moment(item: Item) -> Event:
    made = Event()
    made.add("uid", _uid("event", item.id))
    made.add("dtstamp", item.changed_at.replace(microsecond=0))
    made.add("dtstart", item.opened_at.replace(microsecond=0))
    made.add("summary", item.title)
    made.add("description", item.text)
    made.add("url", item.link)
    made.add("categories", [item.watchlist])
    made.add("transp", "TRANSPARENT")
    return made


def _uid(*parts: str) -> str:
    return f"{sha256(chr(0).join(parts).encode('utf-8', 'replace')).hexdigest()[:32]}@avizor"
