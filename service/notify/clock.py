"""Says times where the reader is, in the reader's language. Pure: which time it is, is an argument."""

from __future__ import annotations

from datetime import UTC, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from service.wording import Wording

_WEEK = timedelta(days=6)  # within which a day of the week is one day alone


class Clock:
    """Says times in a zone; one that is not known is UTC. `place` is the town it is called after."""

    def __init__(self, timezone: str, wording: Wording) -> None:
        """Take an IANA name such as `America/Lima`."""
        self.wording = wording
        self._zone = _zone(timezone)
        self.place = wording.say_place(self._zone)

    def say(self, moment: datetime, today: datetime, *, with_day: bool = False) -> str:
        """Give the time of day, with the day where that is not the one of `today`, or `with_day`."""
        time = self.wording.say_time(self._local(moment))
        if not with_day and self.is_one_day(moment, today):
            return time
        return f"{self._day(moment, today)} {time}"

    def say_date(self, moment: datetime) -> str:
        """Give the date in full."""
        return self.wording.say_date(self._local(moment))

    def say_since(self, moment: datetime, today: datetime) -> str:
        """Say since when: a time of today, a weekday of the last six days, or a day before that."""
        time = self.wording.say_time(self._local(moment))
        if self.is_one_day(moment, today):
            return self.wording.say("since {time}", time=time)
        if timedelta(0) <= today - moment < _WEEK:
            weekday = self.wording.say_weekday(self._local(moment))
            return self.wording.say("since {weekday} {time}", weekday=weekday, time=time)
        return self.wording.say("since {day}, {time}", day=self._day(moment, today), time=time)

    def is_one_day(self, one: datetime, other: datetime) -> bool:
        """Tell whether two moments are of the same day where the reader is."""
        return self._local(one).date() == self._local(other).date()

    def _day(self, moment: datetime, today: datetime) -> str:
        local = self._local(moment)
        return self.wording.say_day(local, with_year=local.year != self._local(today).year)

    def _local(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone(self._zone)
        except OverflowError:  # a publisher's year 1, seen from west of Greenwich
            return moment


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
