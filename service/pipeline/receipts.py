"""The coverage receipt of a digest: what was read for its reader, what ails, what nearly matched."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from service.domain import Ailment
from service.notify import FileChange, NearMiss, Receipt, Silent, Trouble, say_ailment
from service.pipeline.overlooked import Overlooked
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from service.domain import Feed
    from service.pipeline.overlooked import Suggestion
    from service.pipeline.shift import Shift
    from service.wording import Wording

MOST_SEARCHED = 5_000  # entries, the latest, that near misses are looked for in
_NEAR = 3
_NEW, _AGAIN = later("a new version is in force"), later("an earlier version is in force again")
_WORRYING = (Ailment.GONE, Ailment.FAILING, Ailment.BLOCKED, Ailment.WEB_PAGE, Ailment.SILENT)


class Receipts:
    """Makes receipts; what was read since one time is walked through once for all digests of a round."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift
        self._read: dict[datetime, _Read] = {}

    def make(self, watchlists: Collection[str], since: datetime, wording: Wording) -> Receipt:
        """Give the receipt of a reader of these watchlists (none: of all), in their language."""
        wanted = [one for one in self._shift.desk.titles if not watchlists or one in watchlists]
        read = self._read_since(since)
        feeds = [feed for feed in read.feeds if any(self._follows(one, feed) for one in wanted)]
        troubled = list(_troubles(feeds, wording))
        return Receipt(
            since_at=since,
            articles=sum(read.by_feed[feed.id] for feed in feeds),
            matched=sum(read.matched[one] for one in wanted),
            healthy=len({feed.source.outlet for feed in feeds} - {one.outlet for one in troubled}),
            troubled=tuple(troubled),
            gaps=tuple(sorted({feed.source.outlet for feed in feeds if _has(feed, Ailment.GAP)})),
            near=self._list_near(read, wanted),
            changes=tuple(self._changes(wanted, read, wording)),
            silent=tuple(self._silent(one, read) for one in wanted if not read.matched[one]),
        )

    def _read_since(self, since: datetime) -> _Read:
        if since not in self._read:
            self._read[since] = _Read(self._shift, since)
        return self._read[since]

    def _follows(self, watchlist_id: str, feed: Feed) -> bool:
        return self._shift.desk.follows(watchlist_id, feed.source)

    def _list_near(self, read: _Read, wanted: Collection[str]) -> tuple[NearMiss, ...]:
        """List the first near misses, each article once."""
        first: dict[int, Suggestion] = {}
        for one in read.near:
            if one.watchlist_id in wanted:
                first.setdefault(one.examples[0].id, one)
        return tuple(self._near(one) for one in [*first.values()][:_NEAR])

    def _near(self, one: Suggestion) -> NearMiss:
        entry = one.examples[0]
        title = self._shift.title_of(one.watchlist_id)
        return NearMiss(title, entry.title, entry.outlet, entry.url, entry.language, one.missing)

    def _changes(self, wanted: Sequence[str], read: _Read, wording: Wording) -> Iterator[FileChange]:
        for version in read.versions:
            name = version.file.removesuffix(".yaml")
            if name not in wanted or version.loaded_at is None or version.loaded_at < read.since:
                continue
            is_new = version.loaded_at == version.first_loaded_at
            words = _NEW if is_new else _AGAIN
            yield FileChange(self._shift.title_of(name), wording.say(words), version.loaded_at)

    def _silent(self, watchlist_id: str, read: _Read) -> Silent:
        feeds = [feed for feed in read.feeds if self._follows(watchlist_id, feed)]
        return Silent(
            self._shift.title_of(watchlist_id),
            sum(read.by_feed[feed.id] for feed in feeds),
            len({feed.source.outlet for feed in feeds}),
            read.since,
        )


class _Read:
    """What was read since a time, by feed and by watchlist."""

    def __init__(self, shift: Shift, since: datetime) -> None:
        self.since = since
        self.feeds = shift.store.feeds.list_all()
        self.by_feed: Counter[int] = shift.store.archive.count_by_feed(since)
        self.matched: Counter[str] = shift.store.archive.count_matches(since)
        self.versions = shift.store.versions.list_in_force()
        self.near = _find_near(shift, since)


def _find_near(shift: Shift, since: datetime) -> list[Suggestion]:
    """Find near misses among the latest entries, of feeds that the watchlist follows."""
    overlooked, feeds = Overlooked(), shift.store.archive.feeds_by_id()
    searched = 0
    for page in shift.store.archive.iter_pages(since, newest_first=True):
        for entry in page[: MOST_SEARCHED - searched]:
            feed = feeds.get(entry.feed_id)
            for watchlist_id, misses in shift.desk.near_misses(entry) if feed else ():
                if feed and shift.desk.follows(watchlist_id, feed.source):
                    overlooked.note(watchlist_id, entry, misses)
        searched += len(page)
        if searched >= MOST_SEARCHED:
            break
    overlooked.walk(min(searched, MOST_SEARCHED))
    return overlooked.list_telling()


def _troubles(feeds: Sequence[Feed], wording: Wording) -> Iterator[Trouble]:
    """Name each outlet once that cannot be read, by what is worst."""
    ailing: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        if _has(feed, *_WORRYING):
            ailing[feed.source.outlet].append(feed)
    for outlet, found in sorted(ailing.items()):
        changes = [one for feed in found for one in feed.ailments if one.ailment in _WORRYING]
        worst = min(changes, key=lambda one: (_WORRYING.index(one.ailment), one.at))
        yield Trouble(outlet, say_ailment(worst.ailment, wording), worst.at)


def _has(feed: Feed, *ailments: Ailment) -> bool:
    return any(one.ailment in ailments for one in feed.ailments)
