"""What the files say, and what of it is in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from service.domain import Channel, ChannelKind, FileVersion, Subscription
from service.errors import Problem, Severity
from service.folder import OFFLINE_PACK
from service.notify import check_chat_address
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
from service.wiring.base import has_store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from service.config import Environment, Settings
    from service.domain import FeedSource
    from service.store import Store
    from service.watchlists import Watchlist


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
    def in_one_language(self) -> frozenset[str]:
        """Name the watchlists that look for news in one language, or all of whose feeds are in one."""
        return frozenset(
            one.id for one in self.watchlists if len(one.languages) == 1 or self._speaks_one(one)
        )

    def _speaks_one(self, watchlist: Watchlist) -> bool:
        spoken = {source.language for source in self.sources if follows(watchlist, source)}
        return len(spoken) == 1 and "" not in spoken

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
