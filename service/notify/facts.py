"""What an alert says of an event in numbers and short words, from its reports. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.domain import FeedGroup
from service.group import independent_groups
from service.notify.clean import clean_line
from service.notify.why import NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.domain import Entry
    from service.group import Carried

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
    """The reports of an event in the order in which they happened, and what they amount to.

    `independent` are the first reports of those that neither copy each other nor belong together. `mark` says
    that all of them are of one kind, where that makes the news doubtful or local.
    """

    reports: tuple[Entry, ...]
    outlets: int
    independent: tuple[Entry, ...]
    countries: str
    languages: str
    mark: str

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


def gather_facts(carried: Iterable[Carried]) -> Facts:
    """Count outlets, origins and countries; an entry that comes twice counts once."""
    unique = {one.entry.id: one for one in carried}
    reports = tuple(sorted((one.entry for one in unique.values()), key=lambda one: (one.happened_at, one.id)))
    outlets = {outlet_of(entry): entry for entry in reports}
    countries = Counter(clean_line(entry.country, 20) for entry in outlets.values() if entry.country)
    languages = Counter(clean_line(entry.language, 20) for entry in reports if entry.language)
    return Facts(
        reports,
        len(outlets),
        tuple(group[0] for group in independent_groups(unique.values())),
        _countries(countries),
        ", ".join(language for language, _ in languages.most_common()) if len(languages) > 1 else "",
        _mark(list(outlets.values())),
    )


def _mark(outlets: Sequence[Entry]) -> str:
    if all(entry.group is FeedGroup.STATE_MEDIA for entry in outlets):
        return "state media only"
    countries = {clean_line(entry.country, 20) for entry in outlets}
    country = next(iter(countries))
    return f"only in {country}" if len(outlets) > 1 and len(countries) == 1 and country else ""


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
    """Say how many outlets, and how many of them are independent of each other."""
    independent = f", {len(facts.independent):,} independent" if facts.outlets > 1 else ""
    return plural(facts.outlets, "outlet") + independent


def say_source(entry: Entry) -> str:
    """Say what kind of source an outlet is: country and voice."""
    return " · ".join(part for part in (clean_line(entry.country, 20), _VOICES.get(entry.group, "")) if part)


def say_spread(facts: Facts, clock: Clock, today: datetime) -> str:
    """Say where and in which languages, who was first and when, and how much later the next one followed."""
    when = f"{clock.say(facts.first.happened_at, today)} ({clock.place})"
    first = f"{'first: ' if facts.outlets > 1 else ''}{outlet_of(facts.first)}, {when}"
    where = facts.mark if facts.mark.startswith("only in") else facts.countries
    mark = "" if where == facts.mark else facts.mark
    return " · ".join(part for part in (where, facts.languages, mark, first, _next(facts)) if part)


def _next(facts: Facts) -> str:
    """Say who was the second independent one, and how much later."""
    if len(facts.independent) == 1:
        return ""
    second = facts.independent[1]
    return f"{say_lag(second.happened_at - facts.first.happened_at)}: {outlet_of(second)}"


def say_lag(lag: timedelta) -> str:
    """Say how much later something came: `+12 min`, `+2 h`, `+3 d`."""
    minutes = lag // timedelta(minutes=1)
    if minutes < 60:  # noqa: PLR2004 -- an hour
        return f"+{minutes} min"
    return f"+{minutes // 60} h" if minutes < 48 * 60 else f"+{minutes // (24 * 60)} d"


def say_times(entry: Entry, clock: Clock) -> str:
    """Say when the article was published and when it was read, with both days where these differ."""
    seen, published = entry.first_seen_at, entry.published_at
    days_differ = published is not None and not clock.is_one_day(published, seen)
    read = f"read {clock.say(seen, seen, with_day=days_differ)} ({clock.place})"
    if published is None:
        return f"No time of publication given, {read}."
    return f"Published {clock.say(published, seen)}, {read}."
