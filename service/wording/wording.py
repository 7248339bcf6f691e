"""How one language says texts, counts, lists, numbers and dates."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo
    from decimal import Decimal
    from gettext import NullTranslations

    from babel import Locale

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HOURS_UP_TO = timedelta(hours=48)


def later(text: str) -> str:
    """Give a text as it is; the name marks it as one that `say` is to say later, for the catalogues."""
    return text


class Wording:
    """One language. Times are said as they stand: whoever asks has put them into the reader's zone."""

    def __init__(self, language: str, locale: Locale, translations: NullTranslations) -> None:
        """Take the code of the language, its rules and its catalogue."""
        self.language = language
        self._locale = locale
        self._translations = translations

    def say(self, text: str, /, **values: object) -> str:
        """Say an English text of ours in this language, its named fields filled in as they are."""
        return self._translations.gettext(text).format(**values)

    def count(self, number: int, one: str, many: str, /, **values: object) -> str:
        """Say how many there are: `one` or `many` as the language has it, `{number}` among the fields."""
        text = self._translations.ngettext(one, many, number)
        return text.format(number=self.say_number(number), **values)

    def say_number(self, number: float | Decimal) -> str:
        """Write a number with the signs of the language: `1,204` and `0.4`."""
        return format_decimal(number, locale=self._locale)

    def say_list(self, parts: Sequence[str]) -> str:
        """Join parts to `A, B and C`."""
        return format_list(parts, locale=self._locale)

    def say_time(self, moment: datetime) -> str:
        """Give the time of day."""
        return f"{moment:%H:%M}"

    def say_day(self, moment: datetime, *, with_year: bool = False) -> str:
        """Give the day in short: `3 Nov`."""
        return format_skeleton("yMMMd" if with_year else "MMMd", moment, locale=self._locale)

    def say_calendar_day(self, day: date, *, with_year: bool = False) -> str:
        """Give a day of no place in particular with its day of the week, in short: `Tue 24 Nov`."""
        return format_skeleton("yMMMEd" if with_year else "MMMEd", self._noon(day), locale=self._locale)

    @staticmethod
    def _noon(day: date) -> datetime:
        return datetime.combine(day, time(12))

    def say_date(self, moment: datetime) -> str:
        """Give the date in full: `3 November 2026`."""
        return format_date(moment, "long", locale=self._locale)

    def say_day_of_month(self, moment: datetime) -> str:
        """Give the day in full, without the year: `3 November`."""
        return format_skeleton("MMMMd", moment, locale=self._locale)

    def say_weekday(self, moment: datetime, *, in_short: bool = False) -> str:
        """Give the day of the week: `Monday`, in short `Mon`."""
        return format_date(moment, "EEE" if in_short else "EEEE", locale=self._locale)

    def say_lag(self, lag: timedelta) -> str:
        """Give a span of time in whole minutes, hours or days, by signs all our languages share: `5 h`."""
        if lag < _HOUR:
            return f"{lag // timedelta(minutes=1)} min"
        return f"{lag // _HOUR} h" if lag < _HOURS_UP_TO else f"{self.say_number(lag // _DAY)} d"

    def say_language(self, code: str) -> str:
        """Name a language by its code: `Spanish`; one that nobody has named keeps its code."""
        return str(self._locale.languages.get(code, code))

    def say_place(self, zone: tzinfo) -> str:
        """Name the town that a zone is called after: `Mexico City`; a zone of no town has its own name."""
        name = str(zone)
        if "/" not in name:
            return name
        return get_timezone_location(zone, locale=self._locale, return_city=True)
