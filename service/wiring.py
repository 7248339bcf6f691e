"""Settings to ready parts. The only place where parts are chosen."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from service.child import LimitedChild
from service.domain import Channel, ChannelKind, FileVersion, Subscription
from service.errors import Problem, Severity
from service.fetch import AddressPolicy, Fetcher, FetchLimits, no_secret
from service.folder import OFFLINE_PACK
from service.match import Matcher
from service.notify import MailServer, Sender, check_chat_address, check_sender
from service.parse import no_patience, parse_feed
from service.pipeline import Delivering, Desk, Polling, Pushing, Rematching, Reporting, Shift, Trials
from service.schedule import first_poll_at
from service.store import Store
from service.watchlists import (
    CHANNELS_FILE,
    FEEDS_FOLDER,
    OPERATOR_CHAT,
    OPERATOR_MAIL,
    OPERATORS,
    SETTINGS_CHAT,
    SETTINGS_MAIL,
    load_channels,
    load_feed_packs,
    load_watchlists,
    read_channels,
    restore_feed_packs,
    restore_watchlist,
    single_feeds,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from service.config import Environment, Settings
    from service.domain import Entry, Feed, FeedSource, Match, ParsedFeed
    from service.folder import FeedFolder
    from service.pipeline.polling import Fetch
    from service.watchlists import Watchlist


def real_clock() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Files:
    """All that was read from the folder of watchlists, and everything wrong in it.

    `versions` are the texts of the files that are in order.
    """

    watchlists: tuple[Watchlist, ...]
    sources: tuple[FeedSource, ...]
    channels: tuple[Channel, ...]
    subscriptions: tuple[Subscription, ...]
    problems: tuple[Problem, ...]
    versions: tuple[FileVersion, ...] = ()

    @property
    def followed_sources(self) -> tuple[FeedSource, ...]:
        """Give the feeds that at least one watchlist follows: only these are polled."""
        return tuple(
            source for source in self.sources if any(follows(one, source) for one in self.watchlists)
        )

    @property
    def refused(self) -> frozenset[str]:
        """Give the names of the files that are refused, as problems show them."""
        return _refused(self.problems)

    def keeping_refused(self, before: Files) -> Files:
        """Give these files, but what stood before in place of every file that is now refused."""
        refused = self.refused
        packs = {Path(name).stem for name in refused if Path(name).parent.name == FEEDS_FOLDER}
        ids = {watchlist.id for watchlist in self.watchlists}
        kept = [one for one in before.watchlists if one.file in refused and one.id not in ids]
        named = {feed for watchlist in kept for feed in watchlist.feeds}
        urls = {source.url for source in self.sources}
        missing = [one for one in before.sources if one.url not in urls]
        channels_refused = any(Path(name).name == CHANNELS_FILE for name in refused)
        names = {_in_folder(name): name for name in refused}
        versions = [one for one in before.versions if one.file in names]
        return replace(
            self,
            versions=(*self.versions, *versions),
            problems=(*self.problems, *(_kept_note(names[one.file], one) for one in versions)),
            watchlists=(*self.watchlists, *kept),
            sources=(
                *self.sources,
                *(one for one in missing if one.url in named or packs & set(one.packs)),
            ),
            channels=before.channels if channels_refused else self.channels,
            subscriptions=before.subscriptions if channels_refused else self.subscriptions,
        )


def _refused(problems: Iterable[Problem]) -> frozenset[str]:
    return frozenset(one.file for one in problems if one.severity is Severity.ERROR)


def _in_folder(shown: str) -> str:
    """Give a file's name within the folder of watchlists, which problems show before it."""
    return shown.partition("/")[2]


def _kept_note(shown: str, version: FileVersion) -> Problem:
    """Say that a version that was in order stays in force in place of a refused one."""
    since = f" of {version.loaded_at:%Y-%m-%d %H:%M} UTC" if version.loaded_at else " before"
    commit = f" (commit {version.commit[:10]})" if version.commit else ""
    message = f"the version{since}{commit} stays in force until this file is mended."
    return Problem(shown, 1, 1, message, severity=Severity.WARNING)


def _lost_note(shown: str) -> Problem:
    message = "the version before is not understood by this Avizor either, so that nothing of it is in force."
    return Problem(shown, 1, 1, message, "Mend this file.", severity=Severity.WARNING)


def follows(watchlist: Watchlist, source: FeedSource) -> bool:
    """Tell whether a watchlist follows a feed: by its pack or by its address, or all if it names none.

    A feed file on disk is followed by every watchlist: it stands in for whatever they follow.
    """
    wanted = {*watchlist.feeds, OFFLINE_PACK}
    return not watchlist.feeds or source.url in wanted or any(pack in wanted for pack in source.packs)


def read_files(folder: Path, environment: Environment, settings: Settings) -> Files:
    """Read watchlists, feed packs and channels; what is refused is in `problems`, the rest is there."""
    packs = load_feed_packs(folder / "feeds", environment.secret)
    watchlists = load_watchlists(folder)
    channels = load_channels(folder / "channels.yaml", environment.secret, watchlists.ids)
    named = [feed for watchlist in watchlists.watchlists for feed in watchlist.feeds if "://" in feed]
    more_channels, more_subscriptions = _channels_of(settings)
    all_channels = (*channels.channels, *more_channels)
    all_subscriptions = (*channels.subscriptions, *more_subscriptions)
    refused = _refused((*packs.problems, *channels.problems))
    channels_file = f"{folder.absolute().name}/{CHANNELS_FILE}"
    versions = [one.source for one in watchlists.watchlists]
    versions += [one.source for one in packs.packs if one.file not in refused]
    versions += [channels.source] if channels.source and channels_file not in refused else []
    return Files(
        watchlists=watchlists.watchlists,
        sources=(*packs.sources, *single_feeds(named, packs.sources)),
        channels=all_channels,
        subscriptions=all_subscriptions,
        problems=(
            *watchlists.problems,
            *packs.problems,
            *channels.problems,
            *_silences(channels_file, all_channels, all_subscriptions),
        ),
        versions=tuple(versions),
    )


def read_in_force(store: Store, environment: Environment, settings: Settings) -> Files:
    """Read the files as `read_files` does; in place of each refused one stands its last good version."""
    files = read_files(settings.watchlists, environment, settings)
    return keep_last_good(files, store, environment, settings)


def keep_last_good(files: Files, store: Store, environment: Environment, settings: Settings) -> Files:
    """Give these files, with the last version that was in order, from the store, of each refused one."""
    refused = {_in_folder(name) for name in files.refused}
    kept = [one for one in store.versions.list_in_force() if one.file in refused]
    restored = _restored(kept, files, environment, settings)
    known = {one.file for one in restored.versions}
    shown = settings.watchlists.absolute().name
    lost = (_lost_note(f"{shown}/{one.file}") for one in kept if one.file not in known)
    whole = files.keeping_refused(restored)
    return replace(whole, problems=(*whole.problems, *lost))


def has_store(settings: Settings) -> bool:
    """Tell whether there may be a database already: a SQLite file that does not exist is none."""
    url = settings.store_url
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def keep_if_stored(files: Files, environment: Environment, settings: Settings) -> Files:
    """Give these files as a service that starts now would put them in force; makes no database for it."""
    if not files.refused or not has_store(settings):
        return files
    with open_store(settings, exclusive=False) as store:
        return keep_last_good(files, store, environment, settings)


def _restored(
    kept: Sequence[FileVersion], files: Files, environment: Environment, settings: Settings
) -> Files:
    """Make of kept versions what was made of them when they were files, as far as that still can be done."""
    shown = settings.watchlists.absolute().name
    packs = [one for one in kept if one.file.startswith(f"{FEEDS_FOLDER}/")]
    channels = [one for one in kept if one.file == CHANNELS_FILE]
    others = [one for one in kept if one not in packs and one not in channels]
    restored = {one: restore_watchlist(one, shown=f"{shown}/{one.file}") for one in others}
    watchlists = tuple(one for one in restored.values() if one is not None)
    sources = restore_feed_packs(packs, shown=shown)
    named = [feed for watchlist in watchlists for feed in watchlist.feeds if "://" in feed]
    ids = {one.id for one in files.watchlists} | {Path(name).stem for name in files.refused}
    more_channels, more_subscriptions = _channels_of(settings)
    loaded = [read_channels(one.text, environment.secret, ids, shown=one.file) for one in channels]
    return Files(
        watchlists=watchlists,
        sources=(*sources, *single_feeds(named, (*files.sources, *sources))),
        channels=(*(channel for one in loaded for channel in one.channels), *more_channels),
        subscriptions=(*(one for part in loaded for one in part.subscriptions), *more_subscriptions),
        problems=(),
        versions=(*packs, *channels, *(one for one in others if restored[one] is not None)),
    )


def _silences(
    file: str, channels: Sequence[Channel], subscriptions: Sequence[Subscription]
) -> Iterator[Problem]:
    """Say what is in order and yet tells nobody anything."""
    if not subscriptions:
        message = "nobody is told of anything yet."
        mend = "Set AVIZOR_ALERT_TO to a mail address, or write a subscription here."
        yield Problem(file, 1, 1, message, mend, "subscriptions", Severity.WARNING)
        return
    used = {*OPERATORS, *(subscription.channel_id for subscription in subscriptions)}
    for channel in channels:
        if channel.id not in used:
            message = f"the channel {channel.id} has no subscription: it gets nothing."
            yield Problem(file, 1, 1, message, "Add one below.", "subscriptions", Severity.WARNING)


def _channels_of(settings: Settings) -> tuple[list[Channel], list[Subscription]]:
    """Give the channels that are settings: those that get every alert, and those of the operator."""
    zone = settings.timezone
    alerts = _reached(SETTINGS_MAIL, settings.alert_to, zone) + _reached(
        SETTINGS_CHAT, settings.alert_url, zone
    )
    operator = _reached(OPERATOR_MAIL, settings.operator_to, zone)
    operator += _reached(OPERATOR_CHAT, settings.operator_url, zone)
    return alerts + operator, [Subscription(channel.id, channel.id) for channel in alerts]


def _reached(name: str, address: str, zone: str) -> list[Channel]:
    if not address:
        return []
    if name in {SETTINGS_MAIL, OPERATOR_MAIL}:
        return [Channel(name, ChannelKind.MAIL, (address,), timezone=zone)]
    return [Channel(name, ChannelKind.CHAT, ("",), address, zone, trouble=check_chat_address(address))]


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

    return Desk(
        match=match,
        titles={watchlist.id: watchlist.title for watchlist in files.watchlists},
        channels={channel.id: channel for channel in files.channels},
        subscriptions=files.subscriptions,
        operators=[channel.id for channel in files.channels if channel.id in OPERATORS],
    )


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
    store.deliveries.sync_subscriptions(files.subscriptions, files.channels, now=now)


def take_over(store: Store) -> int:
    """Give back every lease where we are alone with the database: their holders are gone.

    Returns how many deliveries were under way. On PostgreSQL others may be at work; there, leases run out.
    """
    if store.is_shared:
        return 0
    store.feeds.release_leases()
    return store.deliveries.release_leases()


def make_sender(settings: Settings) -> Sender:
    """Give the one sender; raises SettingsError when the mail settings cannot be used."""
    server = MailServer.parse(settings.smtp_url) if settings.smtp_url else None
    return Sender(server=server, mail_from=check_sender(settings.mail_from))


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts of the chain, what they share, and what is said of the sources."""

    shift: Shift
    polling: Polling
    pushing: Pushing
    delivering: Delivering
    reporting: Reporting


@contextmanager
def open_store(settings: Settings, *, exclusive: bool) -> Iterator[Store]:
    """Open the store; with `exclusive` as the process that polls and sends."""
    store = Store(settings.store_url, exclusive=exclusive)
    try:
        yield store
    finally:
        store.close()


@asynccontextmanager
async def open_pipeline(
    settings: Settings,
    store: Store,
    desk: Desk,
    *,
    secret: Callable[[str], str] = no_secret,
    folder: FeedFolder | None = None,
    as_of: datetime | None = None,
) -> AsyncIterator[Pipeline]:
    """Open everything a pipeline needs and close it afterwards.

    `secret` gives what feeds want to see by its name. With `folder`, feeds are read from disk; with `as_of`,
    the clock stands still at that time.
    """
    sender = make_sender(settings)
    clock: Callable[[], datetime] = real_clock if as_of is None else lambda: as_of
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(_fetcher(settings, secret))
        fetch: Fetch = fetcher.fetch if folder is None else folder.fetch
        child = stack.enter_context(LimitedChild())
        shift = Shift(
            store=store,
            desk=desk,
            clock=clock,
            worker=f"{socket.gethostname()}-{os.getpid()}",
            lease=timedelta(seconds=settings.lease_seconds),
            base_url=settings.public_url.rstrip("/"),
            mail_domain=sender.domain,
        )
        polling = Polling(
            shift,
            fetch,
            _parse_quickly,
            patient=child.parse,
            at_once=settings.parallel_fetches,
            is_local=folder is not None,
            is_replay=as_of is not None,
        )
        delivering = Delivering(shift, sender.send, at_once=settings.parallel_sends)
        stack.callback(delivering.close)
        yield Pipeline(shift, polling, Pushing(shift, fetcher), delivering, Reporting(shift))


@asynccontextmanager
async def open_trials(settings: Settings, secret: Callable[[str], str]) -> AsyncIterator[Trials]:
    """Open what tries feeds outside of any schedule, with the limits and manners of polling."""
    async with _fetcher(settings, secret) as fetcher:
        with LimitedChild() as child:
            yield Trials(fetcher.fetch, _parse_quickly, child.parse, real_clock)


def _parse_quickly(body: bytes, content_type: str) -> ParsedFeed:
    return parse_feed(body, content_type=content_type, loose=no_patience)


def _fetcher(settings: Settings, secret: Callable[[str], str]) -> Fetcher:
    hosts = tuple(part.strip() for part in settings.private_feeds.split(",") if part.strip())
    limits = FetchLimits(at_once=settings.parallel_fetches)
    policy = AddressPolicy(allow=hosts)
    return Fetcher(settings.user_agent, limits=limits, policy=policy, secret=secret)
