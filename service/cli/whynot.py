"""Why an article brought no alert: the one stage that stopped it: `avizor why-not`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.cli import show
from service.cli.became import say_became
from service.cli.explaining import explain_entry, say_verdict
from service.domain import DeliveryState
from service.errors import NotFound
from service.match import Lack, Matcher
from service.notify.holding import HELD
from service.pipeline import Stage, Trace, find_stage
from service.text import canonical_url
from service.wiring import follows, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.config import Settings
    from service.domain import Delivery, Entry, Feed
    from service.store import Store
    from service.watchlists import Watchlist
    from service.wiring import Files

_WORDS = {
    Stage.NO_FEED: "No feed of its site is polled",
    Stage.NEVER_POLLED: "The feed of its site was never polled yet",
    Stage.FEED_FAILING: "The feed of its site cannot be read",
    Stage.NOT_IN_FEED: "It was in none of the polls of its site's feeds",
    Stage.NOT_FOLLOWED: "It was read, but the watchlist does not follow its feed",
    Stage.NO_MATCH: "It was read, but does not match",
    Stage.HELD: "It matched, but was held",
    Stage.NOBODY_SUBSCRIBED: "It matched, but nobody is subscribed",
    Stage.EVENT_ALREADY_TOLD: "It is one more report of an event that had been told already",
    Stage.WAITING: "Its alert waits to be sent",
    Stage.NOT_SENT: "Its alert is not sent",
    Stage.NOT_DELIVERED: "Its alert could not be delivered",
    Stage.TOLD: "It was told",
}
_NAMES_REASONS = {Stage.WAITING, Stage.NOT_SENT}
_BACK = {DeliveryState.HELD, DeliveryState.CANCELLED}
_REGISTERS = frozenset({"com", "co", "gob", "gov", "gub", "edu", "org", "net", "ac", "mil"})  # as in com.pe
_MENDS = {
    Stage.NO_FEED: "Give the address of its first page to avizor feeds add.",
    Stage.NEVER_POLLED: "Start the service, or run avizor poll.",
    Stage.FEED_FAILING: "avizor feeds says more.",
    Stage.NOT_IN_FEED: "The feed may leave such articles out, or it came and went between two polls.",
    Stage.NOT_FOLLOWED: "Add the feed's pack under feeds: of the watchlist.",
    Stage.NO_MATCH: "avizor explain --all shows the whole rule.",
    Stage.NOBODY_SUBSCRIBED: "Write a subscription in watchlists/channels.yaml.",
    Stage.NOT_DELIVERED: "avizor deliveries --state failed says more.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The stage for one watchlist, in a sentence, with the facts that prove it and what to do."""

    watchlist_id: str
    stage: Stage
    sentence: str
    facts: tuple[str, ...] = ()
    mend: str = ""


def why_not(settings: Settings, files: Files, url: str, watchlist_id: str) -> list[Answer]:
    """Give the answer for each watchlist, or for one; those that came furthest first.

    Raises:
        NotFound: there is no such watchlist.
    """
    chosen = [one for one in files.watchlists if watchlist_id in ("", one.id)]
    if watchlist_id and not chosen:
        known = ", ".join(one.id for one in files.watchlists)
        raise NotFound(f"there is no watchlist {watchlist_id}", mend=f"Known: {known}.")
    with open_store(settings, exclusive=False) as store:
        feeds = [one for one in store.feeds.list_all() if is_same_site(one.source.url, url)]
        entries = store.archive.find_entries(canonical_url(url))
        if not entries:
            stage = find_stage(Trace(feeds, ()))
            return [Answer("", stage, _WORDS[stage], _of_feeds(feeds, settings.timezone), _MENDS[stage])]
        answers = [_answer(store, settings, feeds, entries, watchlist) for watchlist in chosen]
    order = list(Stage)
    return sorted(answers, key=lambda one: -order.index(one.stage))


def is_same_site(one: str, other: str) -> bool:
    """Tell whether two addresses are of one site: `feeds.diario.example` and `www.diario.example` are."""
    return bool(_site(one)) and _site(one) == _site(other)


def _site(url: str) -> str:
    labels = (urlsplit(url if "://" in url else f"https://{url}").hostname or "").split(".")
    return ".".join(labels[-3:] if labels[-2:][0] in _REGISTERS else labels[-2:])


def _of_feeds(feeds: Sequence[Feed], zone: str) -> tuple[str, ...]:
    return tuple(
        f"{feed.source.url}: last read {show.local(feed.last_success_at, zone)}"
        + (f"; {feed.trouble}" if feed.trouble else "")
        for feed in feeds
    )


def _answer(
    store: Store, settings: Settings, feeds: Sequence[Feed], entries: Sequence[Entry], watchlist: Watchlist
) -> Answer:
    by_id = store.archive.feeds_by_id()
    followed = any(
        entry.feed_id in by_id and follows(watchlist, by_id[entry.feed_id].source) for entry in entries
    )
    match = next(iter(store.archive.list_matches([one.id for one in entries], watchlist.id)), None)
    event = store.reading.get_event(match.event_id) if match else None
    stage = find_stage(Trace(feeds, entries, followed, match, event))
    read = f"read {show.local(entries[0].first_seen_at, settings.timezone)} from {entries[0].outlet}"
    facts = [read]
    if stage is Stage.NO_MATCH:
        facts += _of_rule(watchlist, entries[0])
    facts += say_became(match, event, settings.timezone)
    sentence = _WORDS[stage] + (_reasons(event.deliveries) if event and stage in _NAMES_REASONS else "")
    return Answer(watchlist.id, stage, sentence, tuple(facts), _MENDS.get(stage, ""))


def _reasons(deliveries: Sequence[Delivery]) -> str:
    """Name what holds alerts back, each reason once."""
    reasons = dict.fromkeys(HELD[one.held] for one in deliveries if one.held and one.state in _BACK)
    return f": {'; '.join(reasons)}" if reasons else ""


def _of_rule(watchlist: Watchlist, entry: Entry) -> list[str]:
    """Say what keeps an entry from matching: what excludes it, its day, or the words that are missing."""
    [explanation] = explain_entry([watchlist.query], entry)
    said = say_verdict(watchlist.query, explanation, entry)
    if said != "does not match":
        return [said]
    missing = {
        Lack.WORDS: "has {1}, but none of {0}",
        Lack.DISTANCE: "has {1}, but too far apart",
        Lack.FIELD: "has {1}, but not where {0} asks for it",
        Lack.PERIOD: "has {1}, but was published outside {0}",
    }
    found = Matcher([watchlist.query]).near_misses(entry)
    return [
        f"line {miss.line}: {missing[miss.lack].format(miss.missing, miss.present)}"
        for _, misses in found
        for miss in misses[:3]
    ]


def print_answers(answers: Sequence[Answer]) -> None:
    """Print a sentence for each watchlist, with its proof and its mend."""
    for answer in answers:
        name = f"{answer.watchlist_id}: " if answer.watchlist_id else ""
        show.print_line(f"{name}{answer.sentence}.")
        for fact in answer.facts:
            show.print_line(f"    {fact}")
        if answer.mend:
            show.print_line(f"    {answer.mend}")
