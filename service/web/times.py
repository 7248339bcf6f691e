"""Times as a reader in one place says them: 06:12, yesterday 17:40, Fri 09:00, 12 Nov 2025. Pure.

Names of days and months are English and do not depend on the machine's locale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEK = 7
_NEARBY = {0: "", -1: "yesterday ", 1: "tomorrow "}


@dataclass(frozen=True, slots=True)
class Local:
    """Where and when a page is read: the time (UTC) and the reader's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def city(self) -> str:
        """Name the zone by its city, as in `America/Mexico_City`."""
        return self.zone.key.rpartition("/")[2].replace("_", " ")

    @property
    def today(self) -> str:
        """Give the day in full: `Sunday 22 November 2026`."""
        return _day(self.now.astimezone(self.zone))

    @property
    def clock(self) -> str:
        """Give the time of day."""
        return _clock(self.now.astimezone(self.zone))

    @property
    def week_begins_at(self) -> datetime:
        """Give the local midnight six days back: every day since then has a name of its own."""
        first = self.now.astimezone(self.zone).date() - timedelta(days=_WEEK - 1)
        return datetime(first.year, first.month, first.day, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time to be shown: for machines, in short, and in full."""

    iso: str
    short: str
    full: str


def moment(at: datetime, local: Local) -> Moment:
    """Give a time as it is said from here and now."""
    there, here = at.astimezone(local.zone), local.now.astimezone(local.zone)
    iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Moment(iso, _short(there, here), f"{_day(there)}, {_clock(there)} {there.tzname()}")


def find_moment(at: datetime | None, local: Local) -> Moment | None:
    """Give a time that may be missing."""
    return None if at is None else moment(at, local)


def since(at: datetime, local: Local) -> str:
    """Name a past time as the beginning of a stretch: `06:12`, `yesterday`, `Monday`, `12 November`."""
    there, here = at.astimezone(local.zone), local.now.astimezone(local.zone)
    days = (here.date() - there.date()).days
    if days <= 0:
        return _clock(there)
    if days == 1:
        return "yesterday"
    if days < _WEEK:
        return _DAYS[there.weekday()]
    year = "" if there.year == here.year else f" {there.year}"
    return f"{there.day} {_MONTHS[there.month - 1]}{year}"


def lag(between: timedelta) -> str:
    """Say how much later a report came than the first: `within a minute`, `2 h 10 min later`."""
    minutes = int(between.total_seconds() // 60)
    if minutes < 1:
        return "within a minute"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min later"
    days, left = divmod(hours, 24)
    if days < 1:
        return f"{hours} h {minutes} min later" if minutes else f"{hours} h later"
    head = "1 day" if days == 1 else f"{days} days"
    return f"{head} {left} h later" if left else f"{head} later"


def _short(there: datetime, here: datetime) -> str:
    days = (there.date() - here.date()).days
    if days in _NEARBY:
        return _NEARBY[days] + _clock(there)
    if abs(days) < _WEEK:
        return f"{_DAYS[there.weekday()][:3]} {_clock(there)}"
    month = _MONTHS[there.month - 1][:3]
    if there.year == here.year:
        return f"{there.day} {month} {_clock(there)}"
    return f"{there.day} {month} {there.year}"


def _day(there: datetime) -> str:
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]} {there.year}"


def _clock(there: datetime) -> str:
    return f"{there.hour:02}:{there.minute:02}"
