"""Who repeats whom, as the page of an event shows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.group import Bond, abridge
from service.marking import Piece
from service.text import clip
from service.web.phrases import language_tag, safe_link
from service.web.present import Text
from service.web.times import behind, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Entry
    from service.group import Heir, Origin
    from service.web.times import Local, Moment
    from service.wording import Wording

_ORIGINS_SHOWN, _HEIRS_SHOWN = 20, 20
_IN_SIGHT, _FEWEST_FOLDED = 5, 3  # of those shown; what comes after is folded away, unless it is hardly any
_HEADLINE = 200  # characters
_LONGEST_LINK = 250  # characters; addresses of news searches are longer, and hardly any smaller when packed


@dataclass(frozen=True, slots=True)
class HeirRow:
    """An outlet that repeats an origin: where, how long after it, and what it shares with whom.

    There may be hundreds: only those in sight have links, and no very long ones; reports have theirs below.
    """

    outlet: str
    link: str
    lag: str
    how: str


@dataclass(frozen=True, slots=True)
class OriginRow:
    """An independent report and those that go back to it, many of them `folded` away under `rest`.

    `more` says how many are not shown.
    """

    outlet: str
    headline: Text
    link: str
    at: Moment
    heirs: tuple[HeirRow, ...]
    folded: tuple[HeirRow, ...]
    rest: str
    more: str


@dataclass(frozen=True, slots=True)
class Descent:
    """A sentence first, then the origins where anything goes back to one; `more` says what is not shown."""

    sentence: str
    origins: tuple[OriginRow, ...]
    more: str


def show_descent(origins: Sequence[Origin], local: Local) -> Descent | None:
    """Tell who repeats whom; of a single report there is nothing to tell."""
    words, reports = local.words, sum(one.size for one in origins)
    if reports <= 1:
        return None
    if reports == len(origins):
        said = words.count(
            reports, "{number} report, independent", "{number} reports, and none repeats another"
        )
        return Descent(said, (), "")
    short = abridge(origins, most=_ORIGINS_SHOWN, most_heirs=_HEIRS_SHOWN)
    rows = tuple(_origin_row(one, local) for one in short.origins)
    return Descent(_sentence(reports, len(origins), words), rows, _left_out(short.more, words))


def _sentence(reports: int, origins: int, words: Wording) -> str:
    return words.say(
        "{reports} go back to {origins}",
        reports=words.count(reports, "{number} report", "{number} reports"),
        origins=words.count(origins, "{number} independent one", "{number} independent ones"),
    )


def _left_out(number: int, words: Wording) -> str:
    if not number:
        return ""
    return words.count(
        number, "and {number} more independent report", "and {number} more independent reports"
    )


def _origin_row(origin: Origin, local: Local) -> OriginRow:
    entry, words = origin.report.entry, local.words
    title = clip(entry.title, _HEADLINE) or words.say("(no headline)")
    heirs = tuple(_heir_row(one, entry, words) for one in origin.heirs)
    in_sight = _IN_SIGHT if len(heirs) >= _IN_SIGHT + _FEWEST_FOLDED else len(heirs)
    return OriginRow(
        outlet=entry.outlet,
        headline=Text((Piece(title),), language_tag(entry.language)),
        link=safe_link(entry.url),
        at=moment(entry.happened_at, local),
        heirs=heirs[:in_sight],
        folded=tuple(replace(one, link="") for one in heirs[in_sight:]),
        rest=_and_more(origin.size - 1 - in_sight, words),
        more=_and_more(origin.more, words),
    )


def _and_more(number: int, words: Wording) -> str:
    return words.count(number, "and {number} more", "and {number} more") if number else ""


def _heir_row(heir: Heir, first: Entry, words: Wording) -> HeirRow:
    entry = heir.report.entry
    link = safe_link(entry.url) if len(entry.url) <= _LONGEST_LINK else ""
    return HeirRow(entry.outlet, link, behind(heir.lag, words), _how(heir, first=first, words=words))


def _how(heir: Heir, *, first: Entry, words: Wording) -> str:
    """Say what a report shares; with whom, where it is not the one that it stands below."""
    other, is_first = heir.behind.outlet, heir.behind.id == first.id
    if heir.bond is Bond.AGENCY:
        return words.say("from the agency {name}", name=heir.report.lineage.credit)
    if heir.bond is Bond.OWNER:
        if other == heir.report.entry.outlet:
            return words.say("the same outlet again")
        return words.say("same owner") if is_first else words.say("same owner as {outlet}", outlet=other)
    return words.say("the same words") if is_first else words.say("repeats {outlet}", outlet=other)
