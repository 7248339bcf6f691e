"""The hours of readers: when a digest is due, when they want quiet, and how both are written. Pure.

Times of the week are local; what comes out is aware UTC. A zone that does not exist raises KeyError
(ZoneInfoNotFoundError) everywhere here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.domain import EVERY_DAY, Cadence, QuietHours, Timetable

if TYPE_CHECKING:
    from datetime import date

IMMEDIATE = Cadence.IMMEDIATE.value
WEEKDAYS = frozenset(range(5))
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_TIMES = 6  # of a day, for digests
MOST_A_DAY = 1_000  # alerts at once; who wants more wants no limit
OVER_BUDGET = Timetable((18 * 60,))  # when what was over the budget comes, where nothing else is said
_GROUPS = {"daily": EVERY_DAY, "weekdays": WEEKDAYS}
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_DAY_WORDS = "|".join(DAYS)
_DAY_NAMES = rf"(?:weekly\s+)?(?:{_DAY_WORDS})(?:\s+(?:{_DAY_WORDS}))*"
WHEN = re.compile(rf"({'|'.join(_GROUPS)}|{_DAY_NAMES})((?:\s+{_CLOCK}){{1,{MOST_TIMES}}})")
QUIET = re.compile(rf"({_CLOCK})\s*-\s*({_CLOCK})")
_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)
_DAYS_LOOKED_AT = 10  # a week, and the days that a calendar may leave out


def read_when(text: str) -> tuple[Cadence, Timetable] | None:
    """Read `immediate`, `daily 07:00 18:00`, `weekdays 07:00` or `weekly monday 07:00`; None for others."""
    if text == IMMEDIATE:
        return Cadence.IMMEDIATE, Timetable()
    found = WHEN.fullmatch(text)
    if found is None:
        return None
    words = found[1].split()
    days = _GROUPS.get(words[0]) or frozenset(DAYS.index(word) for word in words if word in DAYS)
    return Cadence.DIGEST, Timetable(tuple(sorted({_minutes(clock) for clock in found[2].split()})), days)


def write_when(cadence: Cadence, timetable: Timetable) -> str:
    """Write what `read_when` reads."""
    if cadence is Cadence.IMMEDIATE:
        return IMMEDIATE
    group = next((name for name, days in _GROUPS.items() if days == timetable.days), "")
    days = group or " ".join(["weekly", *(DAYS[day] for day in sorted(timetable.days))])
    return " ".join([days, *(_clock(minutes) for minutes in timetable.minutes)])


def read_quiet(text: str) -> QuietHours | None:
    """Read `22:00-07:00`; None for anything else, and for hours that would never or always be quiet."""
    found = QUIET.fullmatch(text)
    if found is None or _minutes(found[1]) == _minutes(found[2]):
        return None
    return QuietHours(_minutes(found[1]), _minutes(found[2]))


def write_quiet(quiet: QuietHours | None) -> str:
    """Write what `read_quiet` reads; empty where there are none."""
    return f"{_clock(quiet.begins)}-{_clock(quiet.ends)}" if quiet else ""


def next_time(timetable: Timetable, timezone: str, after: datetime) -> datetime:
    """Give the first time strictly after `after` that a timetable names in a zone, in UTC.

    Where the clocks skip that time, the first time they show instead; where they show it twice, the
    first of the two, once.
    """
    zone = ZoneInfo(timezone)
    # A day that is skipped as a whole (Samoa, 30 December 2011) falls on the next one.
    first = after.astimezone(zone).date() - timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(_DAYS_LOOKED_AT))
    times = (
        _shown_at(day, minutes, zone)
        for day in days
        if day.weekday() in timetable.days
        for minutes in timetable.minutes
    )
    return next(at for at in times if at > after)


def quiet_until(quiet: QuietHours | None, timezone: str, now: datetime) -> datetime | None:
    """Give when the quiet hours that hold now are over, in UTC; None where none hold."""
    if quiet is None:
        return None
    local = now.astimezone(ZoneInfo(timezone))
    into = (local.hour * 60 + local.minute - quiet.begins) % _DAY
    if into >= (quiet.ends - quiet.begins) % _DAY:
        return None
    return next_time(Timetable((quiet.ends,)), timezone, now)


def _shown_at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time(minutes // 60, minutes % 60))
    while not _exists(wall, zone):
        wall += _MINUTE
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    there_and_back = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) == wall


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
