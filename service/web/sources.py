"""How the sources are doing, in words: status, since when, the trouble and the mend. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Ailment, FeedStatus
from service.store import mark_of
from service.text import hide_keys, hide_keys_in, read
from service.web.phrases import GROUPS, safe_link
from service.web.telling import Tone
from service.web.times import find_moment, moment, since
from service.websub import tell
from service.wording import later, retell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.domain import Feed, HealthChange
    from service.store import Yield
    from service.web.times import Local, Moment
    from service.websub import Push
    from service.wording import Wording

_EXACT = 10  # entries a day: of fewer, tenths are told
_TROUBLE_LIMIT = 110  # characters in the narrow column
# How the words of a fetch begin: the feed's address, perhaps where it led to, a colon.
_ADDRESS = re.compile(r"[a-z]+://\S+(?: \(redirected to (?P<to>\S+)\))?: ")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """How one feed is doing; `mark` names its own page.

    `link` is empty where the address may hold a key. `trouble` holds the other side's words and the mend,
    `short` their beginning.
    """

    mark: str
    outlet: str
    title: str
    link: str
    group: str
    country: str
    language: str
    status: str
    tone: Tone
    last_success: Moment | None
    since: str
    next_poll: Moment | None
    last_entry: Moment | None
    trouble: str
    short: str
    ailments: tuple[Ailing, ...]
    pushed: str
    pushed_until: Moment | None
    brings: str


@dataclass(frozen=True, slots=True)
class Ailing:
    """What ails an answering source, or should be known of it."""

    words: str
    since: Moment


def is_asked_for(asked: str, row: SourceRow, address: str, packs: Iterable[str]) -> bool:
    """Tell whether each word that is asked for begins a word of what is shown of a source; of none, it is.

    `address` is the one that is shown: what is searched beyond that could be guessed letter by letter.
    """
    shown = (row.outlet, row.title, row.group, row.country, row.language, row.status, address, *packs)
    said = read(" ".join(shown)).folded
    return all(any(one.startswith(word) for one in said) for word in read(asked).folded)


def source_row(feed: Feed, local: Local, push: Push | None = None, brought: Yield | None = None) -> SourceRow:
    """Tell how a feed is doing, what it brings, and how its subscription at its hub stands, if it has one."""
    source, told = feed.source, tell(push, local.now)
    is_due = feed.next_poll_at <= local.now
    return SourceRow(
        mark=mark_of(source.url),
        outlet=source.outlet,
        title="" if source.title == source.outlet else source.title,
        link=open_link(source.url),
        group=local.words.say(GROUPS[source.group]),
        country=source.country,
        language=source.language,
        status=_status(feed, local.words),
        tone=Tone.TROUBLE if is_in_trouble(feed) else _SOURCE_TONES[feed.status],
        last_success=find_moment(feed.last_success_at, local),
        since=_trouble_since(feed, local),
        next_poll=None if is_due else moment(feed.next_poll_at, local),
        last_entry=find_moment(feed.last_entry_at, local),
        trouble=_trouble(_words(feed, local.words), local.words),
        short=short_trouble(feed, local.words),
        ailments=tuple(
            Ailing(retell(hide_keys_in(one.words), local.words), moment(one.at, local))
            for one in feed.ailments
            if one.ailment not in _SAID
        ),
        pushed=told.words,
        pushed_until=find_moment(told.until, local),
        brings="" if brought is None else say_brought(brought, local),
    )


def say_brought(brought: Yield, local: Local) -> str:
    """Say how many entries are new a day, and how many of them matched."""
    words = local.words
    if not brought.entries:
        return words.say("none")
    matched = words.count(
        brought.entries,
        "{matched} of {number} matched",
        "{matched} of {number} matched",
        matched=words.say_number(brought.matched),
    )
    rate = brought.a_day(local.now) or 0
    a_day = round(rate, 1 if rate < _EXACT else None)
    if not a_day:
        return matched
    return words.say("{rate} a day; {matched}", rate=words.say_number(a_day), matched=matched)


# Trouble of a source that answers: news may be missed all the same.
_WORRYING = {
    Ailment.SILENT: later("answers, but is silent"),
    Ailment.GAP: later("answers, perhaps not with everything"),
}
# What the trouble of a feed says already.
_SAID = frozenset({Ailment.FAILING, Ailment.BLOCKED, Ailment.WEB_PAGE, Ailment.GONE, *_WORRYING})
_NAMES = {
    FeedStatus.NEW: later("not read yet"),
    FeedStatus.HEALTHY: later("healthy"),
    FeedStatus.GONE: later("gone for good"),
}
_SOURCE_TONES = {
    FeedStatus.NEW: Tone.PLAIN,
    FeedStatus.HEALTHY: Tone.GOOD,
    FeedStatus.FAILING: Tone.TROUBLE,
    FeedStatus.GONE: Tone.TROUBLE,
}


def _status(feed: Feed, words: Wording) -> str:
    if feed.status is FeedStatus.FAILING:
        return words.count(
            feed.failures, "failing, {number} time in a row", "failing, {number} times in a row"
        )
    worry = _worry(feed)
    if worry is not None and feed.status is FeedStatus.HEALTHY:
        return words.say(_WORRYING[worry.ailment])
    return words.say(_NAMES[feed.status])


def trouble_since(feed: Feed) -> datetime | None:
    """Give since when a feed is in trouble: since it last answered well; None where it never did."""
    worry = _worry(feed)
    if worry is not None and feed.status is FeedStatus.HEALTHY:
        return worry.at
    return feed.last_success_at


def _trouble_since(feed: Feed, local: Local) -> str:
    if not is_in_trouble(feed):
        return ""
    at = trouble_since(feed)
    if at is None:
        return local.words.say("never read")
    return local.words.say("since {when}", when=since(at, local))


def is_in_trouble(feed: Feed) -> bool:
    """Tell whether a feed needs a look."""
    return _SOURCE_TONES[feed.status] is Tone.TROUBLE or _worry(feed) is not None


def _worry(feed: Feed) -> HealthChange | None:
    return next((one for one in feed.ailments if one.ailment in _WORRYING), None)


def _words(feed: Feed, words: Wording) -> str:
    """Give the words of what is worst."""
    worry = _worry(feed)
    said = worry.words if worry is not None and not feed.trouble else feed.trouble
    return retell(hide_keys_in(said), words)


def open_link(url: str) -> str:
    """Give an address that may be linked: of one that seems to hold a key, nothing."""
    return safe_link(url) if hide_keys(url) == url else ""


def short_trouble(feed: Feed, words: Wording) -> str:
    """Give the reason alone, in one sentence."""
    return _first_sentence(_reason(_words(feed, words)))


def _trouble(said: str, words: Wording) -> str:
    """Put the reason and the mend first, and after them where the feed's address led to, if anywhere."""
    beginning = _ADDRESS.match(said)
    led = beginning["to"] if beginning else None
    if not led:
        return _reason(said)
    return words.say("{reason} The address led to {address}", reason=_reason(said), address=led)


def _reason(words: str) -> str:
    """Leave out the address at the beginning: it is the link."""
    reason = words[beginning.end() :] if (beginning := _ADDRESS.match(words)) else words
    return reason[:1].upper() + reason[1:]


def _first_sentence(words: str) -> str:
    sentence = words.partition(". ")[0].rstrip(".")
    return sentence if len(sentence) <= _TROUBLE_LIMIT else sentence[:_TROUBLE_LIMIT].rstrip() + "…"
