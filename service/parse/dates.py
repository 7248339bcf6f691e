"""Dates as publishers write them, to aware UTC, or None for what cannot be believed.

Understood: RFC 822 and its cousins (asctime, RFC 850, American order, month names in English,
Spanish, Portuguese, French, German, Italian, Greek and Hungarian), ISO 8601 and W3C date-times,
Chinese, Japanese and Korean year-month-day, day/month/year where only one reading is possible,
Unix seconds and milliseconds.

Not believed: impossible days and hours, years before 1990 (a clock at zero, not news) and after
9999, an ambiguous 05/06/2026, a bare year or month. A date in the future stays as it is. A time
without a zone, or with one nobody knows, is taken as UTC. Seconds are the finest unit.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain

OLDEST_YEAR = 1990
_LONGEST = 120
_MAX_OFFSET = timedelta(hours=14)  # Kiribati; more is a mistake, and the zone is ignored
_CENTURY, _PIVOT = 100, 50  # two-digit years: RFC 5322, section 4.3
_MILLISECONDS = 10**11
_LAST_MONTH = 12
_NOON, _LEAP_SECOND = 12, 60

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan january ene enero janeiro janv janvier januar janner gen gennaio ιαν ιανουαριου",
            "feb february febrero fev fevereiro fevr fevrier februar febbraio φεβ φεβρουαριου",
            "mar march marzo marco mars marz mrz marcius μαρ μαρτιου",
            "apr april abr abril avr avril aprile aprilis απρ απριλιου",
            "may mayo mai maio mag maggio majus μαι μαιου",
            "jun june junio junho juin juni giu giugno junius ιουν ιουνιου",
            "jul july julio julho juil juillet juli lug luglio julius ιουλ ιουλιου",
            "aug august ago agosto aou aout augusztus αυγ αυγουστου",
            "sep sept september set septiembre setiembre setembro septembre settembre szeptember σεπ",
            "oct october octubre out outubro octobre okt oktober ott ottobre οκτ οκτωβριου",
            "nov november noviembre novembro novembre νοε νοεμβριου",
            "dec december dic diciembre dez dezembro decembre dezember dicembre δεκ δεκεμβριου",
        ),
        start=1,
    )
    for name in names.split()
}

# Abbreviations of zones in minutes from UTC. Those of RFC 822 are binding (CST is American there);
# the rest are the ones that publishers of the Americas, Europe and East Asia use.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600,
    "pet": -300, "cot": -300, "ect": -300, "vet": -240, "bot": -240, "pyt": -180, "clt": -240, "clst": -180,
    "art": -180, "brt": -180, "brst": -120, "uyt": -180,
    "west": 60, "bst": 60, "cet": 60, "met": 60, "cest": 120, "mest": 120, "eet": 120, "eest": 180,
    "msk": 180, "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660,
}  # fmt: skip

_TIME = (
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>[ap]\.?m\b\.?)?"
)
_OFFSET = r"(?:gmt|utc)?\s*(?P<sign>[+-])(?P<zone_hour>\d{1,2}):?(?P<zone_minute>\d{2})?(?!\d)"
_ZONE = rf"\s*[(]?(?:{_OFFSET}|(?P<zone>[a-z]{{1,5}})\b)?"

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<gap>[-/.]?)(?P<month>\d{2}|(?<=[-/.])\d)(?P=gap)(?P<day>\d{2}|(?<=[-/.])\d)(?!\d)"
    rf"(?:[\st,]+{_TIME}|t(?P<hour2>\d{{2}})(?P<minute2>\d{{2}})(?P<second2>\d{{2}})?)?{_ZONE}"
)
_HAN = re.compile(rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日\s*(?:{_TIME})?{_ZONE}")
# Afternoon (오후) stands before the hour in Korean.
_KOREAN = re.compile(
    r"(?=.*[년오])(?P<year>\d{4})(?:년|-)\s*(?P<month>\d{1,2})(?:월|-)\s*(?P<day>\d{1,2})일?\s*(?P<half>오전|오후)?\s*"
    rf"(?:(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::(?P<second>\d{{2}}))?)?{_ZONE}"
)
_NUMERIC = re.compile(
    rf"(?:[a-z]+[.,]*\s+)?(?P<one>\d{{1,2}})[-/.](?P<two>\d{{1,2}})[-/.](?P<year>\d{{4}})\b(?:[\s,t-]+{_TIME})?{_ZONE}"
)
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|o)?[\s.-]*(?:de\s+)?(?P<name>[a-zα-ω]{3,11})[\s.,-]*(?:del?\s+)?"
    rf"(?P<year>\d{{4}}|\d{{2}})(?!\d|:)(?:[\s,t-]*(?:at|a las|as)?\s*{_TIME})?{_ZONE}"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-.\s]+(?P<name>[a-z]{{3,11}})[-.\s]+(?P<day>\d{{1,2}})(?!\d)\.?(?:[\st,]+{_TIME})?{_ZONE}"
)
_MONTH_FIRST = re.compile(
    r"(?P<name>[a-zα-ω]{3,11})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    rf"(?P<year>\d{{4}})(?:[\s,-]*(?:at\s+)?{_TIME})?{_ZONE}"
)
_ASCTIME = re.compile(
    rf"(?P<name>[a-zα-ω]{{3,11}})\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}\s*(?P<year>\d{{4}})"
)
# As RFC 822 or RFC 3339 has it, and nearly every feed: one look in place of six, with the same answer.
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)"
_AHEAD = r"(?P<sign>[+-])(?P<zone_hour>0\d|1[0-3]):?(?P<zone_minute>[0-5]\d)"
_YEAR = r"(?P<year>199\d|[2-9]\d{3})"
_USUAL = re.compile(
    r"[a-z]{3}, (?P<day>\d{1,2}) (?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) "
    rf"{_YEAR} {_CLOCK} (?:gmt|{_AHEAD})"
)
_USUAL_ISO = re.compile(rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)[t ]{_CLOCK}(?:\.\d+)?(?:z|{_AHEAD})?")
_USUAL_PARTS = ("year", "month", "day", "hour", "minute", "second", "sign", "zone_hour", "zone_minute")
_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?")
_FORMS = (_KOREAN, _ISO, _HAN, _NUMERIC, _YEAR_FIRST)
_NAMED_FORMS = (_DAY_FIRST, _MONTH_FIRST, _ASCTIME)


def parse_date(text: str) -> datetime | None:
    """Read one date; None when it is empty, unreadable, impossible or older than 1990."""
    plain = _plain(text[:_LONGEST])
    usual = _USUAL.fullmatch(plain) or _USUAL_ISO.fullmatch(plain)
    return _believed((usual and _usual_moment(usual)) or _any_moment(plain))


def _usual_moment(found: re.Match[str]) -> datetime | None:
    """Give the moment of a date that needs no second look; None where its day does not exist."""
    year, month, day, hour, minute, second, sign, hours, minutes = found.group(*_USUAL_PARTS)
    number = _MONTHS.get(month) or int(month)
    try:
        there = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        if sign is None:
            return there
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return there + ahead if sign == "-" else there - ahead
    except (ValueError, OverflowError):
        return None


def _any_moment(plain: str) -> datetime | None:
    """Give the moment that the first of all forms finds in a text."""
    if _EPOCH.fullmatch(plain):
        return _epoch(plain)
    forms = (form.match(plain) for form in _FORMS)
    named = (form.search(plain) for form in _NAMED_FORMS)
    moments = (_moment(found) for found in chain(forms, named) if found)
    return next((moment for moment in moments if moment is not None), None)


def _plain(text: str) -> str:
    """Give the text in small letters without accents, with single spaces."""
    words = " ".join(text.split()).lower()
    if words.isascii():
        return words
    parts = unicodedata.normalize("NFKD", words)
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain)  # Hangul, which is no longer in parts then


def _epoch(digits: str) -> datetime | None:
    seconds = float(digits)
    seconds = seconds / 1000 if seconds > _MILLISECONDS else seconds
    return datetime.fromtimestamp(int(seconds), UTC)


def _believed(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and moment.year >= OLDEST_YEAR else None


def _moment(found: re.Match[str]) -> datetime | None:
    parts = {name: value for name, value in found.groupdict().items() if value}
    if found.re is _KOREAN:
        parts.setdefault("zone", "kst")
    day = _day(parts)
    if day is None:
        return None
    try:
        year, month, number = day
        midnight = datetime(year, month, number, tzinfo=_zone(parts))
        return (midnight + _time(parts)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(parts: dict[str, str]) -> tuple[int, int, int] | None:
    """Give year, month, day; None where the month is no month or two readings are possible."""
    year = int(parts["year"])
    if year < _CENTURY:
        year += 1900 if year >= _PIVOT else 2000
    if "name" in parts:
        month = _MONTHS.get(parts["name"])
        return (year, month, int(parts["day"])) if month else None
    if "month" in parts:
        return year, int(parts["month"]), int(parts["day"])
    one, two = int(parts["one"]), int(parts["two"])
    return _either_order(year, one, two)


def _either_order(year: int, one: int, two: int) -> tuple[int, int, int] | None:
    if one == two or one > _LAST_MONTH:
        return year, two, one
    return (year, one, two) if two > _LAST_MONTH else None


def _time(parts: dict[str, str]) -> timedelta:
    """Give the time of day; a leap second counts as :59, 24:00 as the next midnight.

    Raises:
        ValueError: an hour, minute or second that no clock shows.
    """
    hour = int(parts.get("hour") or parts.get("hour2") or 0)
    minute = int(parts.get("minute") or parts.get("minute2") or 0)
    second = int(parts.get("second") or parts.get("second2") or 0)
    if "half" in parts:
        hour = hour % _NOON + (_NOON if parts["half"].startswith(("p", "오후")) else 0)
    if (hour, minute, second) == (24, 0, 0):
        return timedelta(days=1)
    second -= second == _LEAP_SECOND
    clock = datetime(1, 1, 1, hour, minute, second, tzinfo=UTC)
    return clock - clock.replace(hour=0, minute=0, second=0)


def _zone(parts: dict[str, str]) -> timezone:
    if "sign" not in parts:
        return timezone(timedelta(minutes=_ZONES.get(parts.get("zone", ""), 0)))
    hours, minutes = int(parts["zone_hour"]), int(parts.get("zone_minute") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > _MAX_OFFSET:
        return UTC
    return timezone(-offset if parts["sign"] == "-" else offset)
