"""Spikes as pages show them: one sentence each, the events behind it, and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.marking import mark
from service.notify.spike import count_spike, say_usual_of
from service.web.phrases import language_tag
from service.web.present import Text
from service.web.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from service.domain import Cause, Spike
    from service.store import Store, WatchlistSummary
    from service.web.times import Local, Moment
    from service.wording import Wording

_SPIKES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CauseLine:
    """An event behind a spike."""

    event_id: str
    headline: Text
    reports: str


@dataclass(frozen=True, slots=True)
class SpikeLine:
    """A spike in one sentence; `more` says how many events are behind it beside those named."""

    watchlist_id: str
    watchlist: str
    reports: str
    outlets: str
    usual: str
    at: Moment
    expected: str
    causes: tuple[CauseLine, ...]
    more: str


def latest_spikes(
    store: Store,
    watchlists: Iterable[WatchlistSummary],
    *,
    since: datetime | None = None,
    watchlist_id: str = "",
) -> list[Spike]:
    """List the latest few spikes of these watchlists."""
    found = store.spikes.list_spikes(since=since, watchlist_id=watchlist_id, limit=_SPIKES_SHOWN)
    known = {one.id for one in watchlists}
    return [one for one in found if one.watchlist_id in known]


def spike_lines(
    spikes: Iterable[Spike], watchlists: Iterable[WatchlistSummary], local: Local
) -> list[SpikeLine]:
    """Tell spikes of these watchlists."""
    titles = {one.id: one.title for one in watchlists}
    return [spike_line(one, titles, local) for one in spikes]


def spike_line(spike: Spike, titles: Mapping[str, str], local: Local) -> SpikeLine:
    """Tell one spike; `titles` are those of the watchlists, by id."""
    more = spike.events - len(spike.causes)
    words = local.words
    return SpikeLine(
        watchlist_id=spike.watchlist_id,
        watchlist=titles.get(spike.watchlist_id, spike.watchlist_id),
        reports=count_spike(spike, words),
        outlets=words.count(spike.outlets, "{number} outlet", "{number} outlets"),
        usual=say_usual_of(spike.usual, words),
        at=moment(spike.until_at, local),
        expected=spike.expected,
        causes=tuple(_cause_line(one, words) for one in spike.causes),
        more=words.count(more, "{number} more event", "{number} more events") if more else "",
    )


def _cause_line(cause: Cause, words: Wording) -> CauseLine:
    headline = Text(mark(cause.headline or words.say("(no headline)"), ()), language_tag(cause.language))
    reports = words.count(cause.reports, "{number} report", "{number} reports")
    return CauseLine(cause.event_id, headline, reports)
