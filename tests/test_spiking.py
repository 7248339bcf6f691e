"""Spikes from stored matches: found once, stored with their causes, told at once to those who want it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from service.cli import app, show
from service.config import Environment, Settings
from service.domain import (
    DeliveryState,
    Fetched,
    HeldReason,
    Mute,
    NotifyReason,
    ParsedEntry,
    ParsedFeed,
    Spike,
)
from service.pipeline import Polling, Shift, Spiking
from service.store import Store
from service.wiring import make_desk, read_in_force, sync_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import Delivery

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEEDS = "".join(
    f"  - {{url: 'https://d{n}.example/f', title: F{n}, outlet: Diario {n}}}\n" for n in range(20)
)
STRIKE = "Estibadores de Chancay inician huelga indefinida este lunes en la terminal"


@dataclass
class Desk:
    """A service without sockets that has followed a watchlist for a week, in which nothing came."""

    folder: Path
    store: Store
    now: datetime = MONDAY - 8 * DAY
    shift: Shift = field(init=False)
    spiking: Spiking = field(init=False)

    def __post_init__(self) -> None:
        """Put the watchlist in force, poll every feed empty, and let a week go by."""
        (self.folder / "watchlists" / "feeds").mkdir(parents=True)
        (self.folder / "watchlists" / "feeds" / "local.yaml").write_text(f"title: Local\nfeeds:\n{FEEDS}")
        self.save()
        for n in range(20):
            self.poll(n)
        self.now = MONDAY
        self.restart()

    def save(self, more: str = "") -> None:
        """Save the watchlist and put it in force, as the service does."""
        text = f"title: Port\nlanguages: [es]\nmatch:\n  any:\n    - Chancay\n{more}"
        (self.folder / "watchlists" / "port.yaml").write_text(text)
        settings = Settings(watchlists=self.folder / "watchlists", alert_to="ana@desk.example")
        files = read_in_force(self.store, Environment({}), settings)
        assert files.problems == ()
        sync_store(self.store, files, files.followed_sources, self.now)
        if hasattr(self, "shift"):
            self.shift.desk = make_desk(files)
        else:
            self.shift = Shift(self.store, make_desk(files), lambda: self.now, "w", HOUR)

    def restart(self) -> None:
        """Forget all that is not stored."""
        self.spiking = Spiking(self.shift)

    def poll(
        self, n: int, *titles: str, ago: timedelta = 10 * MINUTE, apart: timedelta = timedelta(0)
    ) -> None:
        """Poll a feed with these headlines in it, the first published some time ago, the others before."""
        feed = next(one for one in self.store.feeds.list_all() if one.source.title == f"F{n}")
        entries = tuple(
            ParsedEntry(
                title, f"https://d{n}.example/{title}", title, published_at=self.now - ago - number * apart
            )
            for number, title in enumerate(titles)
        )
        polling = Polling(self.shift, _no_fetch, lambda body, kind: ParsedFeed("D", entries))
        [polled] = polling.record_polls([Fetched(feed, feed.source.url, b"", f"{self.now}{titles}")])
        assert polled.trouble == ""

    def burst(self, count: int, title: str = STRIKE, *, ago: timedelta = 10 * MINUTE, first: int = 0) -> None:
        """Have so many feeds bring a report of one event, each in words of its own."""
        for n in range(first, first + count):
            self.poll(n, f"{title}, dice fuente {n}", ago=ago)

    @property
    def spikes(self) -> list[Spike]:
        """Give the spikes stored so far, the latest first."""
        return self.store.spikes.list_spikes()

    @property
    def told(self) -> list[Delivery]:
        """Give what was planned to be told of spikes."""
        return [one for one in self.store.reading.list_deliveries() if one.reason is NotifyReason.SPIKE]


async def _no_fetch(feed: object, now: object) -> Fetched:
    raise AssertionError((feed, now))


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    store = Store(database_url)
    yield Desk(tmp_path, store)
    store.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite alone: for what no database can do otherwise than another."""
    store = Store(f"sqlite:///{tmp_path}/data/avizor.db")
    yield Desk(tmp_path, store)
    store.close()


@pytest.mark.slow
def test_a_burst_is_one_message_with_its_cause_and_is_not_said_again(desk: Desk) -> None:
    desk.burst(7)
    assert desk.spiking.find_spikes() == 1
    [spike] = desk.spikes
    assert (spike.watchlist_id, spike.event_id, spike.expected) == ("port", "", "")
    assert (spike.reports, spike.outlets, spike.usual, spike.events) == (7, 7, 0.0, 1)
    [cause] = spike.causes
    assert (cause.reports, cause.outlets, cause.outlet) == (7, 7, "Diario 0")
    assert cause.headline == f"{STRIKE}, dice fuente 0"
    [told] = desk.told
    assert (told.target, told.state, told.due_at) == ("ana@desk.example", DeliveryState.PENDING, MONDAY)
    assert told.notification.title == "[Port] Spike: 7 reports within an hour, usual is none"
    desk.burst(5, first=7)
    assert desk.spiking.find_spikes() == 0
    desk.restart()
    desk.now += HOUR
    assert desk.spiking.find_spikes() == 0
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_the_next_burst_is_told_when_twelve_hours_are_over(desk: Desk) -> None:
    desk.burst(7)
    assert desk.spiking.find_spikes() == 1
    for hours, found in ((6, 0), (13, 1)):
        desk.now = MONDAY + hours * HOUR
        desk.burst(12, f"{STRIKE} {hours}")
        assert desk.spiking.find_spikes() == found
    assert len(desk.told) == 2


@pytest.mark.slow
def test_four_outlets_are_none_and_copies_and_held_reports_do_not_count(lite: Desk) -> None:
    lite.burst(4)
    for n in range(4, 12):
        lite.poll(n, "Chancay: el mismo texto de la agencia")
    for n in range(12, 20):
        lite.poll(n, f"Chancay: noticia vieja numero {n}", ago=20 * DAY)
    assert lite.spiking.find_spikes() == 1  # the copies are one: four outlets and an agency
    lite.now += DAY
    lite.burst(4, "Segundo caso en Chancay")
    assert lite.spiking.find_spikes() == 0


@pytest.mark.slow
def test_what_a_new_feed_held_counts_for_nothing(lite: Desk) -> None:
    lite.save("    - Callao\n")
    for n in range(20):
        lite.poll(n, f"Chancay: noticia sin fecha numero {n}", ago=30 * DAY)
    assert lite.spiking.find_spikes() == 0


@pytest.mark.slow
def test_reports_that_are_read_late_are_counted_where_they_belong(lite: Desk) -> None:
    lite.burst(4, ago=2 * HOUR)
    lite.burst(2, "Otro caso en Chancay", first=4, ago=10 * MINUTE)
    assert lite.spiking.find_spikes() == 0
    lite.burst(3, "Tercer caso en Chancay", first=6, ago=2 * HOUR + 5 * MINUTE)
    assert lite.spiking.find_spikes() == 1
    [spike] = lite.spikes
    assert (spike.reports, spike.until_at) == (7, MONDAY - 2 * HOUR)
    lite.burst(9, "Viejo caso en Chancay", first=9, ago=7 * HOUR)
    assert lite.spiking.find_spikes() == 0


@pytest.mark.slow
def test_a_new_watchlist_is_silent_until_it_is_warm(lite: Desk) -> None:
    lite.now = MONDAY - 7 * DAY
    lite.burst(9)
    assert lite.spiking.find_spikes() == 0
    lite.now = MONDAY - 5 * DAY
    lite.burst(12, "Segunda noticia de Chancay")
    assert lite.spiking.find_spikes() == 1


@pytest.mark.slow
def test_a_surge_on_a_known_date_is_labelled_and_tells_nobody(lite: Desk) -> None:
    lite.save(f"dates:\n  - {MONDAY.date()}: inauguración del puerto\n")
    lite.burst(9)
    assert lite.spiking.find_spikes() == 1
    assert [one.expected for one in lite.spikes] == ["inauguración del puerto"]
    assert lite.told == []
    assert lite.store.audit.run().is_clean


@pytest.mark.slow
def test_another_event_that_bursts_while_the_watchlist_is_quiet_is_told_by_itself(desk: Desk) -> None:
    desk.burst(7)
    assert desk.spiking.find_spikes() == 1
    desk.now += 2 * HOUR
    desk.burst(7, "Tribunal de Lima anula el contrato de la empresa Chancay Terminales")
    assert desk.spiking.find_spikes() == 1
    spike = desk.spikes[0]
    assert spike.event_id == spike.causes[0].event_id
    assert (
        desk.told[0].notification.title
        == "[Port] Spike: 7 reports of one event within an hour, usual is none"
    )
    desk.burst(4, first=7, title="Tribunal de Lima anula el contrato de la empresa Chancay Terminales")
    assert desk.spiking.find_spikes() == 0
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_readers_of_a_digest_are_not_told_of_a_spike(lite: Desk) -> None:
    (lite.folder / "watchlists" / "channels.yaml").write_text(
        "channels:\n  desk: {mail: [ana@desk.example, luis@desk.example]}\n"
        "  late: {mail: [eva@desk.example]}\n"
        "subscriptions:\n  - {to: desk, watchlists: [port], when: immediate}\n"
        "  - {to: late, watchlists: all, when: daily 07:00}\n"
    )
    lite.save()
    lite.burst(7)
    assert lite.spiking.find_spikes() == 1
    assert sorted(one.target for one in lite.told) == ["ana@desk.example", "luis@desk.example"]
    assert lite.store.audit.run().is_clean


def test_a_spike_of_a_muted_watchlist_is_not_sent_and_stands_in_the_ledger(lite: Desk) -> None:
    lite.store.mutes.add(Mute("", "", "port", lite.now + timedelta(days=9), "the desk"), lite.now)
    lite.burst(7)
    assert lite.spiking.find_spikes() == 1
    assert [(one.state, one.held) for one in lite.told] == [(DeliveryState.CANCELLED, HeldReason.MUTED)]


@pytest.mark.slow
@pytest.mark.parametrize(("wake", "hours"), [("major", 0), ("nothing", 8)])
def test_a_spike_at_night_wakes_whom_major_events_wake(lite: Desk, wake: str, hours: int) -> None:
    begins = lite.now.replace(minute=0)
    (lite.folder / "watchlists" / "channels.yaml").write_text(
        "channels:\n  desk: {mail: ana@desk.example}\n"
        "subscriptions:\n  - {to: desk, watchlists: all, "
        f"quiet: '{begins:%H:%M}-{begins + timedelta(hours=8):%H:%M}', wake: {wake}}}\n"
    )
    lite.save()
    lite.burst(7)
    assert lite.spiking.find_spikes() == 1
    [told] = lite.told
    assert (told.due_at - told.created_at) // HOUR == hours
    assert told.state is DeliveryState.PENDING


@pytest.mark.slow
def test_a_watchlist_that_is_gone_has_no_spikes(lite: Desk) -> None:
    lite.burst(9)
    lite.shift.desk = replace(lite.shift.desk, titles={})
    assert lite.spiking.find_spikes() == 0


@pytest.mark.slow
def test_of_two_processes_that_find_a_spike_one_tells_it(desk: Desk) -> None:
    desk.burst(7)
    assert desk.spiking.find_spikes() == 1
    [spike], since = desk.spikes, MONDAY - DAY
    other = replace(spike, id="other", at=spike.at + MINUTE)
    assert not desk.store.spikes.save(other, [], known=[], since=since, now=MONDAY)
    assert desk.store.spikes.save(other, [], known=[spike.id], since=since, now=MONDAY)
    assert desk.store.spikes.count() == desk.store.spikes.count("port") == 2


@pytest.mark.slow
def test_it_is_looked_for_every_five_minutes_and_after_the_clock_was_set_back(lite: Desk) -> None:
    assert lite.spiking.find_due() == 0
    lite.burst(7)
    assert lite.spiking.find_due() == 0
    lite.now += 5 * MINUTE
    assert lite.spiking.find_due() == 1
    lite.now -= DAY
    lite.burst(7, "Alcaldesa inaugura el nuevo mercado municipal con feria agropecuaria en Chancay")
    assert lite.spiking.find_due() == 1
    assert lite.spiking._looked_at == lite.now


@pytest.mark.slow
def test_what_is_usual_is_learnt_from_the_weeks_before(lite: Desk) -> None:
    for n in range(4):
        lite.poll(n, *(f"Chancay, parte {1000 * n + hour}" for hour in range(60)), ago=5 * HOUR, apart=HOUR)
    lite.burst(6)
    assert lite.spiking.find_spikes() == 0
    lite.burst(14, first=6)
    assert lite.spiking.find_spikes() == 1
    assert 1 < lite.spikes[0].usual < 4


def test_the_command_lists_spikes_with_what_was_expected(lite: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show.out, "width", 200)
    lite.burst(7)
    lite.spiking.find_spikes()
    [spike] = lite.spikes
    expected = replace(spike, id="x", at=spike.at - DAY, expected="la votación")
    lite.store.spikes.save(expected, [], known=[spike.id], since=MONDAY, now=MONDAY)
    environment = {"AVIZOR_DATA_DIR": str(lite.folder / "data")}
    said = CliRunner().invoke(app, ["spikes"], env=environment).stdout
    assert f"{STRIKE}, dice fuente 0" in said
    assert "expected: la votación" in said
    listed = json.loads(CliRunner().invoke(app, ["spikes", "port", "--json"], env=environment).stdout)
    assert [one["expected"] for one in listed] == ["", "la votación"]
    assert listed[0]["causes"][0]["outlets"] == 7
    assert CliRunner().invoke(app, ["spikes", "nothing"], env=environment).exit_code == 3
