"""When somebody is told, as people say it: at once, or together on some days at some hours. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service.domain import Cadence, Updates
from service.hours import DAYS, IMMEDIATE, read_when, write_when
from service.wording import later

if TYPE_CHECKING:
    from service.domain import Timetable
    from service.wording import Wording

_SAID = {
    IMMEDIATE: later("at once"),
    "daily": later("together, every day"),
    "weekdays": later("together, Monday to Friday"),
    "weekly monday": later("together, on Mondays"),
    "weekly tuesday": later("together, on Tuesdays"),
    "weekly wednesday": later("together, on Wednesdays"),
    "weekly thursday": later("together, on Thursdays"),
    "weekly friday": later("together, on Fridays"),
    "weekly saturday": later("together, on Saturdays"),
    "weekly sunday": later("together, on Sundays"),
}
DAYS_OFFERED = tuple(_SAID)
_UPDATES = {
    Updates.NONE: later("nothing more"),
    Updates.MILESTONES: later("what matters"),
    Updates.ALL: later("every report"),
}
_A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def part(when: str) -> tuple[str, str]:
    """Part `weekly monday 07:00 18:00` into days and hours."""
    parts = when.split()
    hours = [one for one in parts if ":" in one]
    return " ".join(one for one in parts if ":" not in one), " ".join(hours)


def say_days(days: str, words: Wording) -> str:
    """Say the days that a file or a form names."""
    if days in _SAID:
        return words.say(_SAID[days])
    named = [_A_MONDAY + timedelta(DAYS.index(one)) for one in days.split() if one in DAYS]
    return words.say("together, {days}", days=words.say_list([words.say_weekday(one) for one in named]))


def say_when(cadence: Cadence, timetable: Timetable, words: Wording) -> str:
    """Say when a subscription is told; its hours are those of its own time zone."""
    days, hours = part(write_when(cadence, timetable))
    said = say_days(days, words)
    if not hours:
        return said
    return words.say("{days} at {hours}", days=said, hours=words.say_list(hours.split()))


def say_written(when: str, words: Wording) -> str:
    """Say what `read_when` reads."""
    found = read_when(when)
    return say_when(*found, words) if found else when


def say_updates(updates: Updates, words: Wording) -> str:
    """Say what a reader hears of an event later on."""
    return words.say(_UPDATES[updates])
