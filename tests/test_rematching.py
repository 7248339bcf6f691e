"""What a changed watchlist finds among stored articles is shown as found later: never told, never doubled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from service.config import Environment, Settings
from service.domain import Fetched, HeldReason, NotifyReason, ParsedEntry, ParsedFeed
from service.pipeline import Polling, Rematching, Shift
from service.store import Store
from service.wiring import make_desk, make_rematching, read_in_force, sync_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from service.domain import Entry, Feed, Match
    from service.wiring import Files

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACK = "title: Local\nfeeds:\n  - {url: 'https://d.example/f', title: D, outlet: Diario}\n"


@dataclass
class Desk:
    """A service without sockets: files, a store, a clock, and the steps of polling and rematching."""

    folder: Path
    store: Store
    now: datetime = MONDAY
    files: Files = field(init=False)
    shift: Shift = field(init=False)

    def __post_init__(self) -> None:
        """Put a first watchlist in force, with one reader, and poll the feed empty."""
        (self.folder / "watchlists" / "feeds").mkdir(parents=True)
        (self.folder / "watchlists" / "feeds" / "local.yaml").write_text(PACK)
        self.save("puerto de Chancay")
        self.poll()

    def save(self, *items: str, name: str = "port") -> None:
        """Save a watchlist of these items and put it in force, as the service does."""
        lines = "".join(f"    - {item}\n" for item in items)
        text = f"title: {name}\nlanguages: [es]\nmatch:\n  any:\n{lines}"
        (self.folder / "watchlists" / f"{name}.yaml").write_text(text)
        settings = Settings(watchlists=self.folder / "watchlists", alert_to="ana@desk.example")
        self.files = read_in_force(self.store, Environment({}), settings)
        sync_store(self.store, self.files, self.files.followed_sources, self.now)
        if hasattr(self, "shift"):
            self.shift.desk = make_desk(self.files)
        else:
            self.shift = Shift(self.store, make_desk(self.files), lambda: self.now, "w", HOUR)

    def poll(self, *titles: str, ago: timedelta = HOUR, after: timedelta = timedelta(0)) -> None:
        """Poll the feed with these headlines in it, published some time ago."""
        self.now += after
        entries = tuple(
            ParsedEntry(title, f"https://d.example/{title}", title, published_at=self.now - ago)
            for title in titles
        )
        feed = self.store.feeds.list_all()[0]
        polling = Polling(self.shift, _no_fetch, lambda body, kind: ParsedFeed("D", entries))
        [polled] = polling.record_polls([Fetched(feed, feed.source.url, b"", f"{self.now}{titles}")])
        assert polled.trouble == ""

    def rematch(self) -> int | None:
        """Search the stored articles, if that is due."""
        rematching = make_rematching(self.shift, self.files)
        return None if rematching is None else rematching.run()

    @property
    def told(self) -> list[tuple[str, NotifyReason]]:
        """Name what was told, the first first, and why."""
        listed = self.store.reading.list_deliveries()
        return [(one.notification.title.partition("] ")[2], one.reason) for one in reversed(listed)]

    @property
    def held(self) -> dict[str, HeldReason | None]:
        """Give every report's headline with the reason for which it is held."""
        views = self.store.reading.list_events()
        return {report.entry.title: report.held for view in views for report in view.reports}


async def _no_fetch(feed: object, now: object) -> Fetched:
    raise AssertionError((feed, now))


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    store = Store(database_url)
    yield Desk(tmp_path, store)
    store.close()


STRIKE = "Estibadores de Chancay inician huelga indefinida este lunes"
STRIKE_AGAIN = "Estibadores de Chancay inician huelga indefinida, dice sindicato"


@pytest.mark.slow
def test_what_a_changed_watchlist_finds_among_stored_articles_is_shown_and_not_told(desk: Desk) -> None:
    desk.rematch()
    desk.poll("Crece el puerto de Chancay", STRIKE, "Receta de ceviche")
    desk.save("puerto de Chancay", "huelga")
    assert desk.rematch() == 1
    assert desk.held == {"Crece el puerto de Chancay": None, STRIKE: HeldReason.FOUND_LATER}
    assert desk.told == [("Crece el puerto de Chancay", NotifyReason.NEW_EVENT)]
    assert desk.store.audit.run().is_clean
    [view] = [view for view in desk.store.reading.list_events() if view.event.title == STRIKE]
    assert view.reports[0].version == desk.files.watchlists[0].version
    assert [STRIKE[one.start : one.end] for one in view.reports[0].evidence] == ["huelga"]


@pytest.mark.slow
def test_a_fresh_report_of_an_event_found_later_is_told(desk: Desk) -> None:
    desk.poll(STRIKE)
    desk.save("puerto de Chancay", "huelga")
    desk.rematch()
    desk.poll(STRIKE_AGAIN, after=5 * HOUR)
    assert desk.told == [(STRIKE_AGAIN, NotifyReason.FRESH_REPORT)]
    assert len(desk.store.reading.list_events()) == 1
    desk.poll("Estibadores de Chancay inician huelga indefinida: la oficina", after=HOUR)
    assert len(desk.told) == 1
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_an_article_found_later_joins_the_event_that_was_told_and_is_not_told_again(desk: Desk) -> None:
    desk.save("puerto de Chancay", "sindicato")
    desk.rematch()
    desk.poll(STRIKE)
    desk.poll(STRIKE_AGAIN, after=5 * HOUR)
    assert desk.told == [(STRIKE_AGAIN, NotifyReason.NEW_EVENT)]
    desk.save("puerto de Chancay", "sindicato", "huelga")
    assert desk.rematch() == 1
    [view] = desk.store.reading.list_events()
    assert [report.held for report in view.reports] == [HeldReason.FOUND_LATER, None]
    assert view.event.opened_at == MONDAY - HOUR
    assert len(desk.told) == 1
    assert desk.store.audit.run().is_clean


def test_only_the_last_thirty_days_are_searched(desk: Desk) -> None:
    desk.poll("Huelga vieja")
    desk.poll("Huelga de ayer", after=20 * DAY)
    desk.now += 11 * DAY
    desk.save("puerto de Chancay", "huelga")
    rematching = make_rematching(desk.shift, desk.files)
    assert rematching is not None
    assert (rematching.names, rematching.count(), rematching.run()) == ("port", 1, 1)
    assert list(desk.held) == ["Huelga de ayer"]


@pytest.mark.slow
def test_only_changed_watchlists_are_searched_for_and_each_once(desk: Desk) -> None:
    desk.poll(STRIKE)
    desk.rematch()
    desk.save("huelga", name="strikes")
    rematching = make_rematching(desk.shift, desk.files)
    assert rematching is not None
    assert (rematching.names, rematching.run()) == ("strikes", 1)
    assert make_rematching(desk.shift, desk.files) is None


@pytest.mark.slow
def test_a_watchlist_put_back_to_an_old_text_finds_what_came_meanwhile(desk: Desk) -> None:
    desk.rematch()
    desk.save("tren")
    desk.rematch()
    desk.poll("Crece el puerto de Chancay")
    desk.save("puerto de Chancay")
    assert desk.rematch() == 1


@pytest.mark.slow
def test_cut_short_or_done_again_it_doubles_nothing_and_ends_complete(desk: Desk) -> None:
    desk.poll(*(f"Huelga {word}" for word in ("portuaria", "minera", "docente", "bancaria", "textil")))
    desk.save("puerto de Chancay", "huelga")
    with patch.object(Rematching, "PAGE", 2):
        rematching = make_rematching(desk.shift, desk.files)
        assert rematching is not None
        pages: list[int] = []
        assert rematching.run(pages.append, is_over=lambda: len(pages) == 2) is None
        assert pages == [2, 2]
        assert len(desk.held) == 4
        assert desk.rematch() == 1, "what was stored before it was cut short is not found again"
    assert len(desk.held) == 5
    desk.save("puerto de Chancay")
    desk.rematch()
    desk.save("puerto de Chancay", "huelga")
    assert desk.rematch() == 0
    assert len(desk.held) == 5


def test_an_article_edited_since_its_page_was_read_is_left_to_its_poll(desk: Desk) -> None:
    desk.poll(STRIKE)
    desk.save("puerto de Chancay", "huelga")
    rematching = make_rematching(desk.shift, desk.files)
    assert rematching is not None
    match = rematching._match

    def match_then_edit(entry: Entry, feed: Feed) -> Sequence[Match]:
        found = match(entry, feed)
        with desk.store._database.write() as session:
            session.connection().exec_driver_sql("UPDATE entry SET title = 'Receta'")
        return found

    with patch.object(rematching, "_match", match_then_edit):
        assert rematching.run() == 0
    assert desk.held == {}


def test_a_feed_that_comes_during_the_search_is_left_to_its_polls(desk: Desk) -> None:
    desk.poll(STRIKE)
    desk.save("puerto de Chancay", "huelga")
    with patch.object(desk.store.archive, "feeds_by_id", return_value={}):
        assert desk.rematch() == 0


@pytest.mark.slow
def test_an_old_article_found_later_opens_an_event_near_its_own_time(desk: Desk) -> None:
    desk.poll(STRIKE, ago=10 * DAY)
    desk.save("puerto de Chancay", "huelga")
    desk.rematch()
    desk.poll(STRIKE_AGAIN, after=HOUR)
    assert len(desk.store.reading.list_events()) == 2, "ten days apart they are two events"
    assert desk.told == [(STRIKE_AGAIN, NotifyReason.NEW_EVENT)]
