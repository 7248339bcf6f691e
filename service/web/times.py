"""Times as a reader in one place says them: 06:12, yesterday 17:40, Fri 09:00, 12 Nov 2025. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from service.wording import wording_for

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from service.wording import Wording

_WEEK = 7
_MINUTE = timedelta(minutes=1)
_TODAY, _YESTERDAY, _TOMORROW = 0, -1, 1


@dataclass(frozen=True, slots=True)
class Local:
    """Where, when and in which language a page is read: the time (UTC), the zone and the wording.

    `sees_readers` says that who looks may know who is told what.
    """

    now: datetime
    zone: ZoneInfo
    words: Wording = field(default_factory=lambda: wording_for("en"))
    sees_readers: bool = True

    @property
    def city(self) -> str:
        """Name the zone by its city."""
        return self.words.say_place(self.zone)

    @property
    def today(self) -> str:
        """Give the day in full: `Sunday 22 November 2026`."""
        return _day(self.now.astimezone(self.zone), self.words)

    @property
    def clock(self) -> str:
        """Give the time of day."""
        return self.words.say_time(self.now.astimezone(self.zone))

    def begin(self, days: int) -> datetime:
        """Give when the first of so many days began, of which today is the last."""
        first = self.now.astimezone(self.zone).date() - timedelta(days=days - 1)
        return datetime.combine(first, time(), self.zone)

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
    words = local.words
    full = f"{_day(there, words)}, {words.say_time(there)} {there.tzname()}"
    return Moment(iso, _short(there, here, words), full)


def find_moment(at: datetime | None, local: Local) -> Moment | None:
    """Give a time that may be missing."""
    return None if at is None else moment(at, local)


def since(at: datetime, local: Local) -> str:
    """Name a past time as the beginning of a stretch: `06:12`, `yesterday`, `Monday`, `12 November`."""
    there, here = at.astimezone(local.zone), local.now.astimezone(local.zone)
    words, days = local.words, (here.date() - there.date()).days
    if days <= 0:
        return words.say_time(there)
    if days == 1:
        return words.say("yesterday")
    if days < _WEEK:
        return words.say_weekday(there)
    return words.say_date(there) if there.year != here.year else words.say_day_of_month(there)


def span(between: timedelta, words: Wording) -> str:
    """Say a stretch of time in the units that matter, a minute at least: `2 h 10 min`."""
    minutes = max(1, between // _MINUTE)
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    days, left = divmod(hours, 24)
    if days < 1:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    head = words.count(days, "{number} day", "{number} days")
    return f"{head} {left} h" if left else head


def lag(between: timedelta, words: Wording) -> str:
    """Say how much later a report came than the first: `within a minute`, `2 h 10 min later`."""
    if between < _MINUTE:
        return words.say("within a minute")
    return words.say("{span} later", span=span(between, words))


def behind(between: timedelta, words: Wording) -> str:
    """Say the same in short, beside many like it: `+2 h 10 min`."""
    return words.say("within a minute") if between < _MINUTE else f"+{span(between, words)}"


def _short(there: datetime, here: datetime, words: Wording) -> str:
    days, time = (there.date() - here.date()).days, words.say_time(there)
    if days == _TODAY:
        return time
    if days == _YESTERDAY:
        return words.say("yesterday {time}", time=time)
    if days == _TOMORROW:
        return words.say("tomorrow {time}", time=time)
    if abs(days) < _WEEK:
        return f"{words.say_weekday(there, in_short=True)} {time}"
    if there.year == here.year:
        return f"{words.say_day(there)} {time}"
    return words.say_day(there, with_year=True)


def _day(there: datetime, words: Wording) -> str:
    return f"{words.say_weekday(there)} {words.say_date(there)}"
