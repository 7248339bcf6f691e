"""How a source is doing: what ails it, from when to when. Pure; the time is given.

Each poll is judged beside what is known of its feed, and gives changes: an ailment begins or is over.
Nothing is said twice: what has begun is not said again until it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from service.domain import Ailment, Fetched, FetchFailed, FetchFailure, HealthChange
from service.errors import sentences
from service.schedule import can_be_asked_for_changes, is_gone, is_invited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.domain import Feed, FetchResult, NotModified, PublisherHints

CONFIRMED = 3  # failed polls in a row, after which a failure is no passing one
SKEWED = timedelta(minutes=10)
LEAST_SILENCE = timedelta(days=1)  # less is no silence, however busy a feed usually is
PROVEN_MOVE = timedelta(days=1)

_FEWEST_GAPS = 20  # between entries, to say what is usual
_FEWEST_ENTRIES = 5  # of a document, to say that it has left no entry of the last one in
_MOST_HURRY = 3
_UNUSUAL = 0.99

_FAILURES = {
    FetchFailure.FORBIDDEN: Ailment.BLOCKED,
    FetchFailure.THROTTLED: Ailment.BLOCKED,
    FetchFailure.WEB_PAGE: Ailment.WEB_PAGE,
}
_ENDED_BY_AN_ANSWER = (Ailment.FAILING, Ailment.BLOCKED, Ailment.WEB_PAGE, Ailment.GONE)
_ANSWERS = "It answers again."
_OVER = {
    Ailment.SILENT: "It brings news again.",
    Ailment.GAP: "Nothing is missed between two polls any more.",
    Ailment.MOVED: "It is asked at its own address again.",
    Ailment.CLOCK_SKEW: "Its clock is right again.",
    Ailment.NO_VALIDATORS: "It can be asked for changes again.",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a poll showed: entries in the document, new ones among them.

    `last_entry_at` is the time of the newest entry and `usual` the longest silence that is usual, where
    they were looked up.
    """

    entries: int = 0
    new: int = 0
    last_entry_at: datetime | None = None
    usual: timedelta | None = None


def judge(
    feed: Feed, result: FetchResult, seen: Seen, hints: PublisherHints, *, now: datetime
) -> list[HealthChange]:
    """Say what begins and what is over with a poll. `feed` is as it was before it."""
    if isinstance(result, FetchFailed):
        found: Iterator[tuple[Ailment, str]] = _of_failure(feed, result)
    else:
        found = _of_answer(feed, result, seen, hints, now)
    changed = [(ailment, words) for ailment, words in found if bool(words) != _has(feed, ailment)]
    return [
        HealthChange(feed.id, ailment, now, words or _OVER.get(ailment, _ANSWERS), is_over=not words)
        for ailment, words in changed
    ]


def _of_failure(feed: Feed, failed: FetchFailed) -> Iterator[tuple[Ailment, str]]:
    """Give an ailment with its words; a failing feed stays with what it was first said to suffer from."""
    words = sentences(failed.words, failed.mend)
    if is_gone(feed, failed):
        yield Ailment.GONE, words
    elif feed.failures + 1 >= CONFIRMED and not _has(feed, *_ENDED_BY_AN_ANSWER):
        yield _FAILURES.get(failed.reason, Ailment.FAILING), words
    if feed.moved_to:
        yield Ailment.MOVED, _moved(feed, feed.moved_to)


def _of_answer(
    feed: Feed, answer: Fetched | NotModified, seen: Seen, hints: PublisherHints, now: datetime
) -> Iterator[tuple[Ailment, str]]:
    """Give each ailment that can be judged by an answer, with its words, or none where it is over."""
    for ailment in _ENDED_BY_AN_ANSWER:
        yield ailment, ""
    is_proven = feed.moved_at is not None and now - feed.moved_at >= PROVEN_MOVE
    if not answer.moved_to or is_proven:
        yield Ailment.MOVED, _moved(feed, answer.moved_to) if answer.moved_to else ""
    if answer.clock_skew is not None:
        yield Ailment.CLOCK_SKEW, _skewed(answer.clock_skew)
    if isinstance(answer, Fetched):
        polled_daily = not can_be_asked_for_changes(answer) and not is_invited(feed, answer.hints, hints)
        yield Ailment.NO_VALIDATORS, _DAILY if polled_daily else ""
    if is_gap(feed, seen):
        yield Ailment.GAP, _gap(seen)
    elif next_hurry(feed, seen) == 0:
        yield Ailment.GAP, ""
    if seen.new:
        yield Ailment.SILENT, ""
    elif seen.last_entry_at is not None and seen.usual is not None:
        silence = now - seen.last_entry_at
        if silence > max(seen.usual, LEAST_SILENCE):
            yield Ailment.SILENT, _silent(silence, seen.usual)


def _has(feed: Feed, *ailments: Ailment) -> bool:
    return any(one.ailment in ailments for one in feed.ailments)


# ------------------------------------------------------------------------------------------- words

_DAILY = (
    "Its server offers no way to ask for changes only (no ETag, no Last-Modified), so that it is fetched "
    "once a day. Write every: into its pack to have it fetched more often."
)


def _moved(feed: Feed, to: str) -> str:
    return f"Its address {feed.source.url} leads to {to} for good. Put the new one into the feed pack."


def _skewed(skew: timedelta) -> str:
    if abs(skew) <= SKEWED:
        return ""
    span, mend = _span(abs(skew)), "If many sources say so, set the clock of this machine."
    if skew > timedelta(0):
        return f"Its server's clock is {span} ahead of ours. {mend}"
    return f"Its server's clock is {span} behind ours. {mend}"


def _gap(seen: Seen) -> str:
    return (
        f"None of its {seen.entries} entries was there at the poll before: some may be missed. It is polled "
        "twice as often for now; a shorter every: in its pack helps."
    )


def _silent(silence: timedelta, usual: timedelta) -> str:
    return (
        f"It answers, but has brought nothing new for {_span(silence)}; its longest usual silence is "
        f"{_span(usual)}. Look whether the outlet has a new feed."
    )


def _span(duration: timedelta) -> str:
    if duration >= timedelta(days=2):
        return f"{duration.days} days"
    minutes = int(duration.total_seconds()) // 60
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"  # noqa: PLR2004 -- two hours


# -------------------------------------------------------------------------------- gaps and silences


def is_gap(feed: Feed, seen: Seen) -> bool:
    """Tell whether no entry of this document was in the one before, so that some between may be lost."""
    return feed.baseline_at is not None and seen.entries >= _FEWEST_ENTRIES and seen.new == seen.entries


def next_hurry(feed: Feed, seen: Seen) -> int:
    """Say how many times a feed's interval is halved: once more at each gap, once less when it is calm."""
    if is_gap(feed, seen):
        return min(feed.hurry + 1, _MOST_HURRY)
    is_calm = seen.new * 2 <= seen.entries
    return max(feed.hurry - is_calm, 0)


def usual_silence(times: Sequence[datetime]) -> timedelta | None:
    """Give the 99th percentile of the gaps between entries; None where there are too few to say."""
    gaps = sorted(after - before for before, after in pairwise(sorted(times)))
    return gaps[min(int(len(gaps) * _UNUSUAL), len(gaps) - 1)] if len(gaps) >= _FEWEST_GAPS else None
