"""What an alert says of an event in numbers and short words, from its reports. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.domain import FeedGroup
from service.notify.clean import clean_line
from service.notify.why import NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.domain import Entry

_MOST_COUNTRIES = 6
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VOICES = {
    FeedGroup.WIRE: "news agency",
    FeedGroup.STATE_MEDIA: "state media",
    FeedGroup.GOVERNMENT: "government",
    FeedGroup.THINK_TANK: "think tank",
}


class Clock:
    """Says times in the reader's zone; a zone that is not known is UTC."""

    def __init__(self, timezone: str) -> None:
        """Take an IANA name such as `America/Lima`."""
        try:
            self._zone = ZoneInfo(timezone)
            self.place = timezone.rpartition("/")[2].replace("_", " ")
        except (ValueError, OSError, KeyError):
            self._zone = ZoneInfo("UTC")
            self.place = "UTC"

    def say(self, moment: datetime, today: datetime, *, with_day: bool = False) -> str:
        """Give the time of day, with the day where that is not the one of `today`, or `with_day`."""
        local, reference = self._local(moment), self._local(today)
        clock = f"{local:%H:%M}"
        if not with_day and self.is_one_day(moment, today):
            return clock
        year = "" if local.year == reference.year else f" {local.year}"
        return f"{local.day} {_MONTHS[local.month - 1]}{year} {clock}"

    def is_one_day(self, one: datetime, other: datetime) -> bool:
        """Tell whether two moments are of the same day where the reader is."""
        return self._local(one).date() == self._local(other).date()

    def _local(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone(self._zone)
        except OverflowError:  # a publisher's year 1, seen from west of Greenwich
            return moment


class Facts(NamedTuple):
    """The reports of an event in the order in which they happened, and what they amount to."""

    reports: tuple[Entry, ...]
    outlets: int
    owners: int
    countries: str

    @property
    def first(self) -> Entry:
        """Give the report that came first."""
        return self.reports[0]


def outlet_of(entry: Entry) -> str:
    """Give the name of the outlet, or the host of the article where the feed pack names none."""
    name = clean_line(entry.outlet, NAME_LIMIT)
    if name:
        return name
    try:
        host = urlsplit(entry.url).hostname or ""
    except ValueError:
        host = ""
    return clean_line(host, NAME_LIMIT) or "an unnamed source"


def gather_facts(entries: Iterable[Entry]) -> Facts:
    """Count outlets, owners and countries; an entry that comes twice counts once."""
    unique = {entry.id: entry for entry in entries}
    reports = tuple(sorted(unique.values(), key=lambda entry: (entry.happened_at, entry.id)))
    outlets = {outlet_of(entry): entry for entry in reports}
    owners = {entry.owner or name for name, entry in outlets.items()}
    countries = Counter(clean_line(entry.country, 20) for entry in outlets.values() if entry.country)
    return Facts(reports, len(outlets), len(owners), _countries(countries))


def _countries(counted: Counter[str]) -> str:
    ordered = counted.most_common()
    if len(ordered) == 1:
        return ordered[0][0]
    shown = [f"{country} {count}" for country, count in ordered[:_MOST_COUNTRIES]]
    more = len(ordered) - _MOST_COUNTRIES
    return ", ".join(shown) + (f" and {plural(more, 'country', 'countries')} more" if more > 0 else "")


def plural(count: int, one: str, many: str = "") -> str:
    """Give a count with its word."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def say_outlets(facts: Facts) -> str:
    """Say how many outlets, and of how many owners where these are fewer."""
    owners = f" of {plural(facts.owners, 'owner')}" if facts.owners < facts.outlets else ""
    return plural(facts.outlets, "outlet") + owners


def say_source(entry: Entry) -> str:
    """Say what kind of source an outlet is: country and voice."""
    return " · ".join(part for part in (clean_line(entry.country, 20), _VOICES.get(entry.group, "")) if part)


def say_spread(facts: Facts, clock: Clock, today: datetime) -> str:
    """Say where, and who was first and when."""
    when = f"{clock.say(facts.first.happened_at, today)} ({clock.place})"
    first = f"{'first: ' if facts.outlets > 1 else ''}{outlet_of(facts.first)}, {when}"
    return " · ".join(part for part in (facts.countries, first) if part)


def say_times(entry: Entry, clock: Clock) -> str:
    """Say when the article was published and when it was read, with both days where these differ."""
    seen, published = entry.first_seen_at, entry.published_at
    days_differ = published is not None and not clock.is_one_day(published, seen)
    read = f"read {clock.say(seen, seen, with_day=days_differ)} ({clock.place})"
    if published is None:
        return f"No time of publication given, {read}."
    return f"Published {clock.say(published, seen)}, {read}."
