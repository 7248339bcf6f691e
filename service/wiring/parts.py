"""Settings to ready parts."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from service.child import LimitedChild
from service.encoder import find_encoder
from service.fetch import AddressPolicy, Fetcher, FetchLimits, Posting, no_secret
from service.match import Matcher
from service.notify import MailServer, Programs, Roll, Sender, Sessions, call_roll, check_bot, check_sender
from service.parse import no_patience, parse_feed
from service.pipeline import (
    Admitting,
    Delivering,
    Desk,
    Grouping,
    Polling,
    Pushing,
    Rematching,
    Reporting,
    Shift,
    Silences,
    Spiking,
    Trials,
    Waking,
)
from service.schedule import first_poll_at
from service.watchlists import OPERATORS
from service.wiring.base import real_clock
from service.wiring.files import Files, follows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from service.config import Settings
    from service.domain import Entry, Feed, FeedSource, Match, ParsedFeed
    from service.folder import FeedFolder
    from service.match import NearMiss
    from service.pipeline.polling import Fetch
    from service.store import Store


def make_desk(files: Files, matcher: Matcher | None = None) -> Desk:
    """Compile what is in force; a `matcher` that holds some of it already compiles only the rest.

    It is changed in place: nobody may be matching with it meanwhile.
    """
    matcher = matcher or Matcher([])
    matcher.update([watchlist.query for watchlist in files.watchlists])
    by_id = {watchlist.id: watchlist for watchlist in files.watchlists}

    def match(entry: Entry, feed: Feed) -> list[Match]:
        found = matcher.match(entry)
        return [one for one in found if follows(by_id[one.watchlist_id], feed.source)]

    @cache
    def overlooking() -> Matcher:
        # One of its own: the other one is changed while this may be at work.
        return Matcher([watchlist.query for watchlist in files.watchlists])

    def near_misses(entry: Entry) -> list[tuple[str, list[NearMiss]]]:
        return [(query.watchlist_id, misses) for query, misses in overlooking().near_misses(entry)]

    return Desk(
        match=match,
        follows=lambda watchlist_id, source: follows(by_id[watchlist_id], source),
        near_misses=near_misses,
        titles={watchlist.id: watchlist.title for watchlist in files.watchlists},
        roll=make_roll(files),
        operators=[channel.id for channel in files.channels if channel.id in OPERATORS],
        updates={watchlist.id: watchlist.updates for watchlist in files.watchlists},
        one_language=files.in_one_language,
        homes={watchlist.id: watchlist.home for watchlist in files.watchlists},
        dates={one.id: [(known.on, known.what) for known in one.dates] for one in files.watchlists},
    )


def make_roll(files: Files) -> Roll:
    """Give who the files say is told what."""
    return Roll({channel.id: channel for channel in files.channels}, files.subscriptions)


def make_rematching(shift: Shift, files: Files) -> Rematching | None:
    """Give the search of stored entries that changed watchlists are due for; None where none is."""
    due = shift.store.versions.list_rematches_due()
    changed = tuple(one for one in files.watchlists if due.get(one.id) == one.version)
    if not changed:
        return None
    desk = make_desk(replace(files, watchlists=changed))
    return Rematching(shift, {one.id: one.version for one in changed}, desk.match)


def sync_store(
    store: Store, files: Files, sources: Sequence[FeedSource], now: datetime, *, local: bool = False
) -> None:
    """Make the store hold what the files say: feeds (with `local`, feed files), watchlists, subscriptions.

    And the texts of the files that are in force.
    """
    spread = timedelta(minutes=1)
    store.feeds.sync(sources, first_poll_at=partial(first_poll_at, now=now, spread=spread), local=local)
    store.versions.put_in_force(files.versions, now=now)
    store.sync_watchlists([(one.id, one.title, one.about, one.version) for one in files.watchlists], now=now)
    sync_subscriptions(store, files, now)


def sync_subscriptions(store: Store, files: Files, now: datetime) -> None:
    """Make the store hold the subscriptions of the files, without readers who left."""
    readers = store.readers
    staying = call_roll(make_roll(files), (), readers.list_suppressed(), readers.signer.subject)
    store.subscriptions.sync(staying.subscriptions, staying.channels.values(), now=now)


def take_over(store: Store) -> int:
    """Give back every lease where we are alone with the database: their holders are gone.

    Returns how many deliveries were under way. On PostgreSQL others may be at work; there, leases run out.
    """
    if store.is_shared:
        return 0
    store.feeds.release_leases()
    return store.deliveries.release_leases()


def address_policy(settings: Settings) -> AddressPolicy:
    """Give what may be connected to for strangers: for feeds, and for the chats of readers."""
    hosts = tuple(part.strip() for part in settings.private_feeds.split(",") if part.strip())
    return AddressPolicy(allow=hosts)


def make_sender(settings: Settings, sessions: Sessions | None = None) -> Sender:
    """Give the one sender; raises SettingsError when the settings of mail or of a bot cannot be used.

    Sessions with the mail server are kept in `sessions`, if given, for whoever gave them to end.
    """
    server = MailServer.parse(settings.smtp_url) if settings.smtp_url else None
    check_bot(settings.bot)
    return Sender(
        server=server,
        mail_from=check_sender(settings.mail_from),
        sessions=sessions,
        is_allowed=address_policy(settings).is_allowed,
        bot=settings.bot,
        programs=Programs(
            Posting(address_policy(settings), user_agent=settings.user_agent, clock=real_clock), real_clock
        ),
    )


def make_shift(
    settings: Settings,
    store: Store,
    desk: Desk,
    *,
    clock: Callable[[], datetime] = real_clock,
    window: timedelta = timedelta(0),
) -> Shift:
    """Give what the steps share, in the name of this process."""
    return Shift(
        store=store,
        desk=desk,
        clock=clock,
        worker=f"{socket.gethostname()}-{os.getpid()}",
        lease=timedelta(seconds=settings.lease_seconds),
        base_url=settings.pages_url,
        mail_domain=make_sender(settings).domain,
        grouping=Grouping(find_encoder()),
        window=window,
    )


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts of the chain, what they share, and what is said of the sources."""

    shift: Shift
    polling: Polling
    pushing: Pushing
    delivering: Delivering
    waking: Waking
    silences: Silences
    admitting: Admitting
    reporting: Reporting
    spiking: Spiking


@asynccontextmanager
async def open_pipeline(
    settings: Settings,
    store: Store,
    desk: Desk,
    *,
    secret: Callable[[str], str] = no_secret,
    folder: FeedFolder | None = None,
    as_of: datetime | None = None,
    window: timedelta = timedelta(0),
) -> AsyncIterator[Pipeline]:
    """Open everything a pipeline needs and close it afterwards.

    `secret` gives what feeds want to see by its name. With `folder`, feeds are read from disk; with `as_of`,
    the clock stands still at that time. First alerts wait for `window`.
    """
    sessions = Sessions()
    sender = make_sender(settings, sessions)
    clock: Callable[[], datetime] = real_clock if as_of is None else lambda: as_of
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(_fetcher(settings, secret))
        fetch: Fetch = fetcher.fetch if folder is None else folder.fetch
        child = stack.enter_context(LimitedChild())
        shift = make_shift(settings, store, desk, clock=clock, window=window)
        polling = Polling(
            shift,
            fetch,
            _parse_quickly,
            patient=child.parse,
            at_once=settings.parallel_fetches,
            is_local=folder is not None,
            is_replay=as_of is not None,
        )
        stack.callback(sessions.close)
        delivering = Delivering(shift, sender.send, at_once=settings.parallel_sends, rest=sessions.close)
        stack.callback(delivering.close)
        pushing = Pushing(shift, fetcher)
        yield Pipeline(
            shift,
            polling,
            pushing,
            delivering,
            Waking(shift),
            Silences(shift),
            Admitting(shift),
            Reporting(shift),
            Spiking(shift),
        )


@asynccontextmanager
async def open_trials(settings: Settings, secret: Callable[[str], str]) -> AsyncIterator[Trials]:
    """Open what tries feeds outside of any schedule, with the limits and manners of polling."""
    async with _fetcher(settings, secret) as fetcher:
        with LimitedChild() as child:
            yield Trials(fetcher.fetch, _parse_quickly, child.parse, real_clock)


def _parse_quickly(body: bytes, content_type: str) -> ParsedFeed:
    return parse_feed(body, content_type=content_type, loose=no_patience)


def _fetcher(settings: Settings, secret: Callable[[str], str]) -> Fetcher:
    limits = FetchLimits(at_once=settings.parallel_fetches)
    return Fetcher(settings.user_agent, limits=limits, policy=address_policy(settings), secret=secret)
