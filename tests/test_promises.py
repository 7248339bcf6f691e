"""Promises that only real processes can keep: poison among good entries, copies, ends, secrets."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Self

import pytest

from service.domain import Notification, NotifyReason, PlannedDelivery
from service.signup import Wishes
from service.store import RenderedDelivery, Store
from tests.partners.cut_proxy import Cut, CutProxy
from tests.partners.feed_site import FeedSite
from tests.partners.ports import HOST, free_port, wait_until
from tests.partners.small_disk import SmallDisk, can_be_made
from tests.test_roles import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.partners.postgres import PostgresServer
    from tests.partners.smtp_sink import SmtpSink

pytestmark = pytest.mark.slow

WATCHLIST = "title: Port\nabout: A port.\nlanguages: [es]\nmatch:\n  any:\n    - puerto\n"
READER = "ana@desk.example"
MUST_END_SECONDS = 30  # which is what is promised


def settings_of(folder: Path, database_url: str, smtp_port: int) -> dict[str, str]:
    """Give the environment of the service, with a watchlist in a folder and a mail server."""
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "port.yaml").write_text(WATCHLIST)
    return {
        **os.environ,
        "AVIZOR_DATA_DIR": str(folder / "data"),
        "AVIZOR_DATABASE_URL": database_url,
        "AVIZOR_WATCHLISTS": str(folder / "watchlists"),
        "AVIZOR_SMTP_URL": f"smtp://{HOST}:{smtp_port}",
        "AVIZOR_MAIL_FROM": "alerts@avizor.example",
        "AVIZOR_ALERT_TO": READER,
    }


def channel_of(items: str) -> str:
    """Give a feed of these items."""
    head = "<title>Diario</title><link>https://d.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def item(number: int, title: str, summary: str = "") -> str:
    """Give an item of a feed, of an hour ago."""
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    return (
        f"<item><title>{title}</title><link>https://d.example/{number}</link><guid>{number}</guid>"
        f"<description>{summary}</description><pubDate>{date}</pubDate></item>"
    )


# ---------------------------------------------------------------------------------------- poison

ENTRIES, FEEDS, OF_EACH = 1_000, 20, 20
"""Every twentieth entry is poison."""
LARGE = 5_000_000


def _word(number: int) -> str:
    return f"asunto{number}x"


def _poison(number: int) -> str:
    word = _word(number)
    kinds = (
        lambda: item(number, "Puerto " + f"{word} " * 1_000),
        lambda: item(number, f"Puerto &#xD800; {word}"),
        lambda: item(number, "", f"En el puerto, {word}"),
        lambda: item(number, f"Puerto \x00 {word}"),
        lambda: item(number, f"Puerto {word}&#13;&#10;{word}: {word}&#13;&#10;.&#13;&#10;"),
        lambda: item(number, f"Puerto {word}", f"palabra{number} " * (LARGE // 11)),
    )
    place = number // OF_EACH
    return kinds[5 if place in {14, 34} else place % 5]()


def _write_poisoned_feeds(folder: Path) -> None:
    folder.mkdir()
    each = ENTRIES // FEEDS
    for feed in range(FEEDS):
        items = (
            _poison(number) if number % OF_EACH == OF_EACH - 1 else item(number, f"Puerto {_word(number)}")
            for number in range(feed * each, (feed + 1) * each)
        )
        (folder / f"diario-{feed}.xml").write_text(channel_of("".join(items)), encoding="utf-8")


@pytest.mark.promise("P5", size="1,000 entries, 50 of them poison")
def test_entries_that_are_poison_hold_up_none_and_are_told_in_a_cleaned_form(
    tmp_path: Path, database_url: str, smtp_sink: SmtpSink
) -> None:
    environment = settings_of(tmp_path, database_url, smtp_sink.port)
    _write_poisoned_feeds(tmp_path / "feeds")
    words = ["-c", "from service.cli import app; app()", "poll", "--from", str(tmp_path / "feeds")]
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    told: Counter[str] = Counter()
    for mail in smtp_sink.messages():
        assert mail.recipients == (READER,)
        assert not [name for name in mail.message.keys() if name.startswith("asunto")]  # noqa: SIM118 -- no mapping
        body = mail.message.get_body(("plain",))
        assert body is not None
        told.update(set(re.findall(r"asunto\d+x", body.get_content())))
    assert told == Counter(map(_word, range(ENTRIES)))
    store = Store(database_url)
    report, attempts = (
        store.audit.run(),
        {one.attempts for one in store.reading.list_deliveries(limit=ENTRIES)},
    )
    store.close()
    assert (report.expected, report.waiting, report.lost, report.duplicated) == (ENTRIES, 0, (), ())
    assert attempts == {1}


# ------------------------------------------------------------------------------------- a full disk

SMALL, LARGE_ENOUGH = 1_500, 100_000  # kilobytes
FULL_FEEDS, OF_EACH_FEED = 12, 20
_POLL_AGAIN_AND_COUNT = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=30)
database.execute("UPDATE feed SET next_poll_at = '2020-01-01 00:00:00.000000' WHERE failures > 0")
database.commit()
print(*database.execute("SELECT count(*) FROM delivery WHERE state = 'delivered'").fetchone())
"""


@pytest.mark.skipif(not can_be_made(), reason="this system lets no process have a disk of its own")
@pytest.mark.promise(
    "P7", size="240 alerts from 12 feeds, on a disk of 1.5 MB that is made larger once it is full"
)
def test_a_full_disk_loses_nothing_and_all_is_told_once_there_is_room(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    disk, log, alerts = SmallDisk(tmp_path / "data", SMALL), tmp_path / "log", FULL_FEEDS * OF_EACH_FEED
    with FeedSite() as site:
        for feed in range(FULL_FEEDS):
            numbers = range(feed * OF_EACH_FEED, (feed + 1) * OF_EACH_FEED)
            items = (item(one, f"Puerto {_word(one)}", f"palabra{one} " * 300) for one in numbers)
            site.pages[f"/feed-{feed}"] = channel_of("".join(items))
        environment = settings_of(tmp_path, f"sqlite:///{disk.folder}/a.db", smtp_sink.port) | {
            "AVIZOR_PRIVATE_FEEDS": HOST,
            "AVIZOR_GROUPING_WINDOW": "0",
            "AVIZOR_PORT": str(free_port()),
            "AVIZOR_LEASE_SECONDS": "15",  # where not even a failure could be stored, it is over by itself
        }
        _follow(tmp_path, *(site.url(path) for path in site.pages))
        with running(environment, "all", log, start=disk.command) as process:
            wait_until(lambda: log.read_text().count("database or disk is full") > 1, "a full disk")
            told = _count(smtp_sink)
            assert told < alerts
            disk.enlarge(process.pid, LARGE_ENOUGH)
            look = (sys.executable, "-c", _POLL_AGAIN_AND_COUNT, f"{disk.folder}/a.db")
            wait_until(lambda: int(disk.run(process.pid, *look)) == alerts, "all alerts", 120)
    subjects = Counter(str(mail.message["Subject"]) for mail in smtp_sink.messages())
    assert subjects == Counter(f"[Port] Puerto {_word(one)}" for one in range(alerts))


# ---------------------------------------------------------------------------------------- copies

WAITING = 2_000
LEASE_SECONDS = 30  # longer than any send takes
AT_ONCE = 8
ROUNDS = int(os.environ.get("TEST_ROUNDS", "1"))


def _let_wait(store: Store, count: int) -> None:
    now = datetime.now(UTC)
    with store.batch(now) as batch:
        batch.save_deliveries(
            RenderedDelivery(
                PlannedDelivery(
                    id=f"d{number}",
                    subscription_id="settings-mail",
                    channel_id="settings-mail",
                    target=READER,
                    reason=NotifyReason.NEW_EVENT,
                    event_id="",
                    watchlist_id="port",
                    entry_id=0,
                    due_at=now,
                ),
                Notification(f"Aviso {number}", "Texto.\n"),
                f"<d{number}@avizor.example>",
            )
            for number in range(count)
        )


@pytest.mark.promise("P6", size="2,000 alerts, 4 processes, 1 paused beyond its lease")
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_four_processes_send_nothing_twice_though_one_sleeps_beyond_its_lease(
    tmp_path: Path,
    postgres_url: str,
    smtp_sink: SmtpSink,
    turn: int,  # noqa: ARG001 -- a round is like any other
    record_property: Callable[[str, object], None],
) -> None:
    record_property("size", f"{WAITING:,} alerts, 4 processes, 1 paused beyond its lease, times {ROUNDS}")
    environment = settings_of(tmp_path, postgres_url, smtp_sink.port)
    environment |= {"AVIZOR_LEASE_SECONDS": str(LEASE_SECONDS), "AVIZOR_PARALLEL_SENDS": str(AT_ONCE)}
    store = Store(postgres_url)
    _let_wait(store, WAITING)
    store.close()
    log = tmp_path / "log"
    with CutProxy(smtp_sink.port, Cut.HELD) as proxy, ExitStack() as others:
        line = f"smtp://{HOST}:{proxy.port}"
        with running(environment, "deliverer", log, AVIZOR_SMTP_URL=line) as sleeper:
            wait_until(lambda: proxy.connections == AT_ONCE, "sends under way")
            sleeper.send_signal(signal.SIGSTOP)
            for _ in range(3):
                others.enter_context(running(environment, "deliverer", log))
            wait_until(lambda: _count(smtp_sink) >= WAITING, "the others to send all", 200)
            proxy.cut = Cut.PASS
            sleeper.send_signal(signal.SIGCONT)
            wait_until(lambda: proxy.ended >= AT_ONCE, "the end of what the sleeper had begun")
    received = Counter(str(mail.message["Message-ID"]) for mail in smtp_sink.messages())
    assert received == Counter(f"<d{number}@avizor.example>" for number in range(WAITING))


def _count(sink: SmtpSink) -> int:
    return sum(1 for _ in sink.folder.glob("*.eml"))


# ------------------------------------------------------------------------------------------ ends

ENDS = int(os.environ.get("TEST_ENDS", "3"))
ALERTS = 40
CHANNELS = """\
channels:
  dead: {{chat: '${{DEAD}}'}}
  desk: {{mail: {reader}}}
subscriptions:
  - {{to: dead, watchlists: [port], when: immediate, budget: 2}}
  - {{to: desk, watchlists: [port]}}
"""


@pytest.mark.promise("P8", size="40 alerts, ended amid sends, a dead channel beside")
@pytest.mark.parametrize("turn", range(ENDS))
def test_ended_amid_sends_beside_a_channel_that_hangs_it_ends_well_and_the_next_start_sends_the_rest(
    tmp_path: Path, smtp_sink: SmtpSink, turn: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("size", f"{ALERTS} alerts, ended {ENDS} times amid sends, a dead channel beside")
    database = f"sqlite:///{tmp_path / 'a.db'}"
    log = tmp_path / "log"
    with FeedSite() as site, CutProxy(smtp_sink.port, Cut.SLOW) as slow, CutProxy(0, Cut.SILENT) as dead:
        environment = settings_of(tmp_path, database, slow.port) | {
            "AVIZOR_ALERT_TO": "",
            "AVIZOR_PRIVATE_FEEDS": HOST,
            "AVIZOR_GROUPING_WINDOW": "0",
            "AVIZOR_PORT": str(free_port()),
            "DEAD": f"json://{HOST}:{dead.port}",
        }
        site.pages["/feed"] = channel_of("".join(item(one, f"Puerto {_word(one)}") for one in range(ALERTS)))
        _follow(tmp_path, site.url("/feed"))
        (tmp_path / "watchlists" / "channels.yaml").write_text(CHANNELS.format(reader=READER))
        told = random.Random(turn).randint(1, ALERTS // 2)
        with running(environment, "all", log) as process:
            wait_until(lambda: _count(smtp_sink) >= told, "the first mails")
            process.send_signal(signal.SIGTERM)
            assert process.wait(MUST_END_SECONDS) == 0
        assert _count(smtp_sink) < ALERTS, "it ended before all was sent"
        with running(environment, "all", log):
            wait_until(lambda: _count(smtp_sink) >= ALERTS, "the rest")
    subjects = Counter(str(mail.message["Subject"]) for mail in smtp_sink.messages())
    assert subjects == Counter(f"[Port] Puerto {_word(one)}" for one in range(ALERTS))
    store = Store(database)
    report = store.audit.run()
    store.close()
    assert (report.lost, report.duplicated) == ((), ())


def _follow(folder: Path, *feeds: str, more: str = "") -> None:
    lines = [
        f"  - {{url: '{url}', title: F{number}, outlet: O{number}, language: es{more}}}\n"
        for number, url in enumerate(feeds)
    ]
    (folder / "watchlists" / "feeds").mkdir()
    text = "title: Local\nabout: One.\nfeeds:\n" + "".join(lines)
    (folder / "watchlists" / "feeds" / "local.yaml").write_text(text)


class _Written:
    """A store that is written to, one row a transaction, as long as the block lasts; `rows` are committed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rows = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._is_over.is_set():
            at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=self.rows)
            assert self.store.signups.take_form(
                "subscribe", "a@b.example", Wishes(), origin="", most=10**6, now=at
            )
            self.rows += 1


def _rows_in(url: str) -> int:
    restored = Store(url)
    rows = len(restored.signups.list_requests(limit=10**6))
    restored.close()
    return rows


@pytest.mark.promise("P19", size="20 copies of SQLite made while it is written to, each opened")
def test_a_copy_made_while_it_is_written_to_has_every_row_that_was_committed(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    with _Written(store) as written:
        for number in range(20):
            sure, copy = written.rows, tmp_path / f"copy-{number}.db"
            with (
                closing(sqlite3.connect(tmp_path / "avizor.db")) as live,
                closing(sqlite3.connect(copy)) as made,
            ):
                live.backup(made, pages=8)
            assert _rows_in(f"sqlite:///{copy}") >= sure
    store.close()
    assert written.rows > 20


@pytest.mark.promise("P19", size="20 copies by pg_dump made while it is written to, each restored and opened")
def test_a_dump_made_while_it_is_written_to_has_every_row_that_was_committed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    store = Store(postgres_url)
    with _Written(store) as written:
        for _ in range(20):
            sure = written.rows
            name = postgres_server.restore(postgres_server.back_up(postgres_url.rpartition("/")[2]))
            assert _rows_in(postgres_server.url(name)) >= sure
            postgres_server.drop_database(name)
    store.close()
    assert written.rows > 20
