"""What a message says of an event in numbers and short words, from its reports. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from service.domain import FeedGroup
from service.group import independent_groups
from service.notify.clean import clean_line
from service.notify.why import NAME_LIMIT
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Entry
    from service.group import Carried
    from service.notify.clock import Clock
    from service.wording import Wording

LATE = timedelta(hours=5)  # between publication and message; from there on the message says so
_MOST_COUNTRIES = 6
_CODE_LIMIT = 20
_VOICES = {
    FeedGroup.WIRE: later("news agency"),
    FeedGroup.STATE_MEDIA: later("state media"),
    FeedGroup.GOVERNMENT: later("government"),
    FeedGroup.THINK_TANK: later("think tank"),
}


class Facts(NamedTuple):
    """The reports of an event in the order in which they happened, and what they amount to.

    `independent` are the first reports of those that neither copy each other nor belong together; `repeated`
    says by entry how many copy it. `countries` are counted in outlets, `languages` are there where there are
    several. State media alone make news doubtful, outlets of one country alone (`is_local`) make it local;
    several that are all known to be of other countries than it happens in tell it from abroad.
    """

    reports: tuple[Entry, ...]
    outlets: int
    independent: tuple[Entry, ...]
    repeated: Mapping[int, int]
    countries: tuple[tuple[str, int], ...]
    languages: tuple[str, ...]
    is_state_media: bool
    is_local: bool
    is_abroad: bool

    @property
    def first(self) -> Entry:
        """Give the report that came first."""
        return self.reports[0]


def gather_facts(carried: Iterable[Carried], home: Sequence[str] = ()) -> Facts:
    """Count outlets, origins and countries; an entry that comes twice counts once, as it comes last.

    `home` are the countries it happens in, where that is known.
    """
    unique = {one.entry.id: one for one in carried}
    reports = tuple(sorted((one.entry for one in unique.values()), key=lambda one: (one.happened_at, one.id)))
    outlets = list({outlet_of(entry): entry for entry in reports}.values())
    countries = Counter(_code(entry.country) for entry in outlets if entry.country)
    languages = Counter(_code(entry.language) for entry in reports if entry.language)
    return Facts(
        reports,
        len(outlets),
        tuple(group[0] for group in independent_groups(unique.values())),
        Counter(one.lineage.copy_of for one in unique.values() if one.lineage.copy_of),
        tuple(countries.most_common()),
        tuple(language for language, _ in languages.most_common()) if len(languages) > 1 else (),
        all(entry.group is FeedGroup.STATE_MEDIA for entry in outlets),
        _is_local(outlets),
        _is_abroad(outlets, home),
    )


def _is_local(outlets: Sequence[Entry]) -> bool:
    countries = {_code(entry.country) for entry in outlets}
    return len(outlets) > 1 and len(countries) == 1 and countries != {""}


def _is_abroad(outlets: Sequence[Entry], home: Sequence[str]) -> bool:
    countries = {entry.country for entry in outlets}
    return bool(home) and len(outlets) > 1 and not countries & {"", *home}


def _code(text: str) -> str:
    return clean_line(text, _CODE_LIMIT)


def outlet_of(entry: Entry) -> str:
    """Give the name of the outlet, or the host of the article where the feed pack names none, or nothing."""
    name = clean_line(entry.outlet, NAME_LIMIT)
    if name:
        return name
    try:
        host = urlsplit(entry.url).hostname or ""
    except ValueError:
        host = ""
    return clean_line(host, NAME_LIMIT)


def say_outlet(entry: Entry, wording: Wording) -> str:
    """Name the outlet, whatever it is."""
    return outlet_of(entry) or wording.say("an unnamed source")


def count_reports(number: int, wording: Wording) -> str:
    """Say a number of reports."""
    return wording.count(number, "{number} report", "{number} reports")


def count_outlets(number: int, wording: Wording) -> str:
    """Say a number of outlets."""
    return wording.count(number, "{number} outlet", "{number} outlets")


def say_outlets(facts: Facts, wording: Wording) -> str:
    """Say how many outlets, and how many of them are independent of each other."""
    outlets = count_outlets(facts.outlets, wording)
    if facts.outlets == 1:
        return outlets
    independent = wording.count(len(facts.independent), "{number} independent", "{number} independent")
    return f"{outlets}, {independent}"


def say_source(entry: Entry, wording: Wording) -> str:
    """Say what kind of source an outlet is: country and voice."""
    voice = _VOICES.get(entry.group)
    return _dotted(_code(entry.country), wording.say(voice) if voice else "")


def say_spread(facts: Facts, clock: Clock, today: datetime) -> str:
    """Say where and in which languages, who was first and when, and how much later the next one followed."""
    say = clock.wording.say
    state_media = say("state media only") if facts.is_state_media else ""
    return _dotted(
        _where(facts, clock.wording),
        ", ".join(facts.languages),
        state_media,
        _first(facts, clock, today),
        _next(facts, clock.wording),
    )


def _where(facts: Facts, wording: Wording) -> str:
    if facts.is_abroad:
        return wording.say("only abroad: {countries}", countries=_countries(facts, wording))
    if facts.is_local and not facts.is_state_media:
        return wording.say("only in {country}", country=facts.countries[0][0])
    return _countries(facts, wording)


def _countries(facts: Facts, wording: Wording) -> str:
    if len(facts.countries) == 1:
        return facts.countries[0][0]
    shown = ", ".join(
        f"{country} {wording.say_number(count)}" for country, count in facts.countries[:_MOST_COUNTRIES]
    )
    more = len(facts.countries) - _MOST_COUNTRIES
    if more <= 0:
        return shown
    return wording.count(
        more, "{shown} and {number} country more", "{shown} and {number} countries more", shown=shown
    )


def _first(facts: Facts, clock: Clock, today: datetime) -> str:
    outlet = say_outlet(facts.first, clock.wording)
    when = f"{outlet}, {clock.say(facts.first.happened_at, today)} ({clock.place})"
    return clock.wording.say("first: {outlet}", outlet=when) if facts.outlets > 1 else when


def _next(facts: Facts, wording: Wording) -> str:
    """Say who was the second independent one, and how much later."""
    if len(facts.independent) == 1:
        return ""
    second = facts.independent[1]
    lag = wording.say_lag(second.happened_at - facts.first.happened_at)
    return f"+{lag}: {say_outlet(second, wording)}"


def say_times(entry: Entry, clock: Clock) -> str:
    """Say when the article was published and when it was read, with both days where these differ."""
    seen, published = entry.first_seen_at, entry.published_at
    say = clock.wording.say
    if published is None:
        read = f"{clock.say(seen, seen)} ({clock.place})"
        return say("No time of publication given, read {read}.", read=read)
    days_differ = not clock.is_one_day(published, seen)
    read = f"{clock.say(seen, seen, with_day=days_differ)} ({clock.place})"
    return say("Published {published}, read {read}.", published=clock.say(published, seen), read=read)


def say_late(entry: Entry, at: datetime | None, wording: Wording) -> str:
    """Say how long before the message its article was published, where that is longer than `LATE`."""
    if at is None or entry.published_at is None or at - entry.published_at <= LATE:
        return ""
    lag = wording.say_lag(at - entry.published_at)
    return wording.say("published {lag} before this alert", lag=lag)


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
