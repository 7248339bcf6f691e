"""A service without sockets: files, a store, a clock, and feeds whose documents are written by the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service import loop
from service.config import Environment, Settings
from service.domain import Fetched, NotModified, ParsedEntry, ParsedFeed, SendOutcome, SendResult
from service.pipeline import Delivering, Grouping, Polling, Shift, Waking
from service.wiring import make_desk, read_in_force, sync_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from service.domain import Channel, Delivery, Feed, FetchResult
    from service.store import EventView, Store

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTLETS = ("Alba", "Boreal", "Cima", "Delta", "Estado", "Faro")
PACK = "title: Local\nfeeds:\n" + "".join(
    f"  - {{url: 'https://{name.lower()}.example/f', title: {name}, outlet: {name}, country: PE"
    f"{', group: government' if name == 'Estado' else ''}}}\n"
    for name in OUTLETS
)
WATCHLIST = """\
title: Port
languages: [es]
match:
  any: [puerto]
major: [clausura]
alerts:
  updates: {updates}
"""


@dataclass
class Desk:
    """A service without sockets: files, a store, a clock, and feeds whose documents are written here."""

    folder: Path
    store: Store
    updates: str = "milestones"
    now: datetime = MONDAY
    channels: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    window: timedelta = timedelta(0)
    base_url: str = ""
    shift: Shift = field(init=False)

    def __post_init__(self) -> None:
        """Put a watchlist in force, with one reader, and poll the feeds empty."""
        (self.folder / "watchlists" / "feeds").mkdir(parents=True)
        (self.folder / "watchlists" / "feeds" / "local.yaml").write_text(PACK)
        (self.folder / "watchlists" / "port.yaml").write_text(WATCHLIST.format(updates=self.updates))
        for name, text in self.more.items():
            (self.folder / "watchlists" / f"{name}.yaml").write_text(text)
        (self.folder / "watchlists" / "channels.yaml").write_text(self.channels)
        alert_to = "" if self.channels else "ana@desk.example"
        settings = Settings(watchlists=self.folder / "watchlists", alert_to=alert_to)
        files = read_in_force(self.store, Environment({}), settings)
        assert not [one for one in files.problems if one.severity == "error"], files.problems
        sync_store(self.store, files, files.followed_sources, self.now)
        self.shift = Shift(
            self.store, make_desk(files), lambda: self.now, "w", HOUR, self.base_url, window=self.window
        )
        self.poll([(outlet, []) for outlet in OUTLETS], after=timedelta(0))

    def restart(self) -> None:
        """Forget all that is not in the store."""
        self.shift.grouping = Grouping()

    def poll(
        self,
        found: Sequence[tuple[str, Sequence[str]]],
        *,
        after: timedelta = HOUR,
        text: str = "",
        language: str = "",
    ) -> None:
        """Record, in one transaction, polls of outlets that bring new headlines, the newest first."""
        self.now += after
        documents = {
            outlet: [
                ParsedEntry(title, f"https://{outlet}.example/{title}", title, text, self.now, language)
                for title in reversed(titles)
            ]
            for outlet, titles in found
        }
        polling = Polling(
            self.shift, _no_fetch, lambda body, _: ParsedFeed("", tuple(documents[body.decode()]))
        )
        fetched = [
            Fetched(feed, feed.source.url, outlet.encode(), f"{self.now}{outlet}")
            for outlet, _ in found
            for feed in self.store.feeds.list_all()
            if feed.source.outlet == outlet
        ]
        troubles = [polled.trouble for polled in polling.record_polls(fetched) if polled.trouble]
        if troubles:
            raise AssertionError(troubles)

    def edit(self, outlet: str, before: str, after: str, *, later: timedelta = HOUR) -> None:
        """Poll an outlet that has changed a headline."""
        entry = next(
            report.entry for view in self.events for report in view.reports if report.entry.title == before
        )
        self.now += later
        # Of entries whose key has gone from the feed, two of address, headline and date recognise them.
        parsed = ParsedEntry(f"{entry.id}", entry.url, after, published_at=entry.published_at)
        feed = next(one for one in self.store.feeds.list_all() if one.source.outlet == outlet)
        polling = Polling(self.shift, _no_fetch, lambda body, _: ParsedFeed("", (parsed,)))
        polling.record_polls([Fetched(feed, feed.source.url, b"", f"{self.now}{after}")])

    def show(self, outlet: str, titles: Sequence[str]) -> None:
        """Poll an outlet whose feed holds just these headlines now, those that are known as they were."""
        stored = {entry.title: entry for entry in self.store.archive.iter_entries(_LONG_AGO)}
        parsed = tuple(
            ParsedEntry(title, f"https://{outlet}.example/{title}", title, "", stored[title].published_at, "")
            for title in titles
        )
        self._record(outlet, lambda feed: Fetched(feed, feed.source.url, b"", f"{self.now}{titles}"), parsed)

    def show_nothing_new(self, outlet: str) -> None:
        """Poll an outlet that says that its feed is the same as last time."""
        self._record(outlet, NotModified, ())

    def _record(
        self, outlet: str, answer: Callable[[Feed], FetchResult], parsed: tuple[ParsedEntry, ...]
    ) -> None:
        feed = next(one for one in self.store.feeds.list_all() if one.source.outlet == outlet)
        polling = Polling(self.shift, _no_fetch, lambda body, _: ParsedFeed("", parsed))
        polling.record_polls([answer(feed)])

    def say(
        self, outlet: str, *titles: str, after: timedelta = HOUR, text: str = "", language: str = "es"
    ) -> None:
        """Poll one outlet."""
        self.poll([(outlet, titles)], after=after, text=text, language=language)

    def wake(self, *, later: timedelta = timedelta(0)) -> int:
        """Make the messages whose time has come."""
        self.now += later
        return Waking(self.shift).wake_due()

    def deliver(self, outcome: SendOutcome = SendOutcome.SENT) -> list[Delivery]:
        """Send what is due, all with one outcome; gives what was handed over, as it went out."""

        def send(channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
            assert channel.id == delivery.channel_id
            if outcome is SendOutcome.SENT:
                assert before_data()
            handed.append(delivery)
            return SendResult(outcome, words="250 ok" if outcome is SendOutcome.SENT else "451 later")

        handed: list[Delivery] = []
        delivering = Delivering(self.shift, send)
        loop.run(delivering.deliver_due())
        delivering.close()
        return sorted(handed, key=lambda one: (one.created_at, one.id))  # they were sent side by side

    @property
    def events(self) -> list[EventView]:
        """Give the events, the first opened first."""
        views = self.store.reading.list_events(limit=500)
        return sorted(
            views, key=lambda view: (view.event.opened_at, min(one.entry.id for one in view.reports))
        )

    @property
    def groups(self) -> set[frozenset[tuple[str, str]]]:
        """Give the events as sets of reports."""
        return {
            frozenset((one.entry.outlet, one.entry.title) for one in view.reports) for view in self.events
        }

    @property
    def told(self) -> list[Delivery]:
        """Give what was told, the first first."""
        found = sorted(
            self.store.reading.list_deliveries(limit=500), key=lambda one: (one.created_at, one.id)
        )
        return [self.store.reading.get_delivery(one.id) for one in found]


async def _no_fetch(feed: Feed, now: datetime) -> Fetched:
    raise AssertionError((feed, now))
