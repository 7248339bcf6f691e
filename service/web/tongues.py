"""The languages of an event side by side: who was first in each, and in which words. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.marking import Piece
from service.text import clip
from service.web.phrases import language_tag, safe_link
from service.web.present import Text
from service.web.times import lag, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from service.domain import Entry
    from service.web.times import Local, Moment
    from service.wording import Wording

_SHOWN = 4
_HEADLINE = 300  # characters
_TWICE = 2


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: how many report in it, its first report, and the headline that most bear after that.

    `usual` is none where no other headline stands more than once; `usual_said` counts those that bear it, and
    `times` as a number. The first report came `behind` that of all.
    """

    code: str
    name: str
    reports: str
    headline: Text
    link: str
    outlet: str
    at: Moment
    lag: str
    usual: Text | None
    usual_said: str
    entries: int
    outlets: int
    behind: timedelta
    times: int


@dataclass(frozen=True, slots=True)
class Tongues:
    """The languages that most report in, the most first; `more` says what is not shown."""

    columns: tuple[Tongue, ...]
    more: str


def side_by_side(entries: Sequence[Entry], local: Local) -> Tongues | None:
    """Put the languages of an event side by side, if there are several. The first report comes first."""
    spoken: dict[str, list[Entry]] = {}
    for entry in entries:
        spoken.setdefault(language_tag(entry.language).partition("-")[0].lower(), []).append(entry)
    unknown = len(spoken.pop("", ()))
    if len(spoken) < _TWICE:
        return None
    codes = sorted(spoken, key=lambda code: -len(spoken[code]))  # those alike stay in the order of time
    began_at = entries[0].happened_at
    return Tongues(
        tuple(_tongue(code, spoken[code], began_at, local) for code in codes[:_SHOWN]),
        _left_out(codes[_SHOWN:], spoken, unknown, local.words),
    )


def _left_out(
    codes: Sequence[str], spoken: Mapping[str, Sequence[Entry]], unknown: int, words: Wording
) -> str:
    named = [f"{words.say_language(code)} {words.say_number(len(spoken[code]))}" for code in codes[:_SHOWN]]
    rest = len(codes) - len(named)
    if rest:
        named.append(words.count(rest, "{number} more", "{number} more"))
    parts = [words.say("also: {languages}", languages=" · ".join(named))] if named else []
    if unknown:
        parts.append(
            words.count(
                unknown, "{number} report in no known language", "{number} reports in no known language"
            )
        )
    return "; ".join(parts)


def _tongue(code: str, entries: Sequence[Entry], began_at: datetime, local: Local) -> Tongue:
    first, words = entries[0], local.words
    usual, times = _usual(entries)
    return Tongue(
        code=code,
        name=words.say_language(code),
        reports=_counted(entries, words),
        headline=_headline(first, words),
        link=safe_link(first.url),
        outlet=first.outlet,
        at=moment(first.happened_at, local),
        lag=lag(first.happened_at - began_at, words) if first.happened_at > began_at else words.say("first"),
        usual=None if usual is None else _headline(usual, words),
        usual_said=words.count(times, "{number} with this headline", "{number} with this headline"),
        entries=len(entries),
        outlets=len({entry.outlet for entry in entries}),
        behind=first.happened_at - began_at,
        times=times,
    )


def _counted(entries: Sequence[Entry], words: Wording) -> str:
    reports = words.count(len(entries), "{number} report", "{number} reports")
    outlets = words.count(len({entry.outlet for entry in entries}), "{number} outlet", "{number} outlets")
    return f"{reports}, {outlets}"


def _headline(entry: Entry, words: Wording) -> Text:
    title = clip(entry.title, _HEADLINE) or words.say("(no headline)")
    return Text((Piece(title),), language_tag(entry.language))


def _usual(entries: Sequence[Entry]) -> tuple[Entry | None, int]:
    """Give the first report with the headline that most bear, and how many do; none if that is the first."""
    counts = Counter(_plain(entry.title) for entry in entries)
    title, times = counts.most_common(1)[0]
    if times < _TWICE or not title or title == _plain(entries[0].title):
        return None, 0
    return next(entry for entry in entries if _plain(entry.title) == title), times


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())
