"""The service as it runs for days: it polls, tells, shows, takes over new files, and ends well."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from service import loop
from service.config import Environment, Settings
from service.daemon import Daemon, daemon
from service.domain import FeedSource, ParsedEntry
from service.errors import SettingsError
from service.notify import Roll
from service.pipeline import Desk, Shift
from service.pulse import LATE_AFTER_SECONDS
from service.store import Store
from service.store.word_index import empty_index
from service.watchlists import FolderWatch
from service.wiring import read_in_force, sync_store
from tests.partners.chat_services import MATRIX_SECRET, ChatServices
from tests.partners.chat_standin import ChatStandIn
from tests.partners.feed_site import FeedSite
from tests.partners.ports import HOST, free_port, wait_until
from tests.partners.smtp_sink import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import Feed
    from service.wiring import Pipeline
    from tests.partners.smtp_sink import SmtpSink

WATCHLIST = "title: {title}\nlanguages: [es]\nfeeds: [local]\nmatch:\n  any:\n    - {word}\n"


def _rss(*titles: str) -> str:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    items = "".join(
        f"<item><title>{title}</title><link>https://d.example/{number}</link><guid>{number}</guid>"
        f"<pubDate>{date}</pubDate></item>"
        for number, title in enumerate(titles)
    )
    head = "<title>Diario</title><link>https://d.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


@dataclass(frozen=True)
class House:
    """A user's folder with one feed, and the service started in it."""

    folder: Path
    environment: dict[str, str]
    port: int

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder of watchlists."""
        (self.folder / "watchlists" / name).write_text(text, encoding="utf-8")

    def start(self) -> subprocess.Popen[str]:
        """Start the service and give it at once."""
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-c", "from service.cli import app; app()", "run"],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                text=True,
            )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """Run the service until its pages answer; end it afterwards, if it has not ended."""
        process = self.start()
        try:
            wait_until(lambda: self.get("/health")[0] > 0, "the pages", 40)
            yield process
        finally:
            process.kill()
            process.wait(20)

    def send(self, path: str, fields: dict[str, str]) -> tuple[str, str]:
        """Send a form of ours; gives where it led, and the page there."""
        url, body = f"http://{HOST}:{self.port}{path}", urlencode(fields).encode()
        asked = Request(url, body, {"sec-fetch-site": "same-origin"})
        with urlopen(asked, timeout=20) as answer:  # noqa: S310 -- the same
            return answer.url, answer.read().decode()

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page; status 0 when nobody answers."""
        try:
            with urlopen(f"http://{HOST}:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()
        except (URLError, OSError):
            return 0, ""


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with FeedSite() as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path, smtp_sink: SmtpSink, site: FeedSite) -> House:
    (tmp_path / "watchlists" / "feeds").mkdir(parents=True)
    port = free_port()
    made = House(
        tmp_path,
        {
            "AVIZOR_DATA_DIR": str(tmp_path / "data"),
            "AVIZOR_WATCHLISTS": str(tmp_path / "watchlists"),
            "AVIZOR_SMTP_URL": f"smtp://{HOST}:{smtp_sink.port}",
            "AVIZOR_MAIL_FROM": "alerts@avizor.example",
            "AVIZOR_ALERT_TO": "ana@desk.example",
            "AVIZOR_GROUPING_WINDOW": "0",
            "AVIZOR_PRIVATE_FEEDS": HOST,
            "AVIZOR_PORT": str(port),
        },
        port,
    )
    feed = f"{{url: '{site.url('/feed')}', title: Portada, outlet: Diario, group: independent, every: 5m}}"
    made.write("feeds/local.yaml", f"title: Local\nabout: One.\nfeeds:\n  - {feed}\n")
    made.write("port.yaml", WATCHLIST.format(title="Port", word="puerto"))
    site.pages["/feed"] = _rss("Huelga en el puerto", "Buque en el puerto", "Receta")
    return made


def _wait_for_mails(sink: SmtpSink, count: int) -> None:
    wait_until(lambda: len(sink.messages()) >= count, f"{count} mails", 40)


@pytest.mark.slow
def test_the_service_tells_shows_and_ends_with_exit_code_0(house: House, smtp_sink: SmtpSink) -> None:
    with house.running() as process:
        _wait_for_mails(smtp_sink, 2)
        status, health = house.get("/health")
        assert (status, json.loads(health)["ok"]) == (200, True)
        assert "Huelga en el" in house.get("/")[1]
        assert 'avizor_feeds{status="healthy"} 1.0' in house.get("/metrics")[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    with house.running():
        time.sleep(3)
    assert len(smtp_sink.messages()) == 2


@pytest.mark.promise("P1", size="2 alerts, 1 kill of the service")
@pytest.mark.slow
def test_killed_while_it_runs_it_goes_on_where_it_was(house: House, smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.DATA_451
    with house.running() as process:
        wait_until(lambda: "attempt" in house.get("/deliveries")[1], "an attempt", 30)
        process.kill()
        process.wait(20)
    smtp_sink.mode = Mode.ACCEPT
    store = Store(f"sqlite:///{house.folder / 'data' / 'avizor.db'}")
    with store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE delivery SET due_at = created_at")
    store.close()
    with house.running():
        _wait_for_mails(smtp_sink, 2)
    assert len({str(mail.message["Message-ID"]) for mail in smtp_sink.messages()}) == 2


@pytest.mark.promise("P8", size="1 end, every send hangs")
@pytest.mark.slow
def test_asked_to_end_while_a_mail_server_hangs_it_ends_in_time_and_loses_nothing(
    house: House, smtp_sink: SmtpSink
) -> None:
    smtp_sink.mode = Mode.HANG_AFTER_DATA
    with house.running() as process:
        _wait_for_mails(smtp_sink, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    store = Store(f"sqlite:///{house.folder / 'data' / 'avizor.db'}")
    report = store.audit.run()
    store.close()
    assert (report.expected, report.waiting, report.lost) == (2, 2, ())


@pytest.mark.slow
def test_a_saved_file_is_in_force_within_seconds_and_a_broken_one_changes_nothing(house: House) -> None:
    with house.running():
        wait_until(lambda: "Huelga en el" in house.get("/")[1], "the first poll", 20)
        house.write("cook.yaml", WATCHLIST.format(title="Kitchen", word="receta"))
        wait_until(lambda: "Kitchen" in house.get("/")[1], "the new watchlist", 20)
        wait_until(lambda: "found later" in house.get("/watchlists/cook")[1], "what it finds", 20)
        house.write("cook.yaml", "title: Kitchen\nmatch:\n  any:\n    - receta AND (\n")
        wait_until(lambda: "cook.yaml:4" in house.get("/")[1], "the problem", 20)
        assert house.get("/watchlists/cook")[0] == 200
    with house.running():
        front = house.get("/")[1]
        assert "cook.yaml:4" in front
        assert "stays in force" in front
        assert "found later" in house.get("/watchlists/cook")[1]


@pytest.mark.promise("P6", size="2 services")
@pytest.mark.slow
def test_a_second_service_on_the_same_database_says_who_holds_it(house: House) -> None:
    with house.running() as first:
        assert house.start().wait(30) == 3
        assert f"process {first.pid} already runs Avizor" in (house.folder / "log").read_text()


@pytest.mark.slow
def test_a_taken_port_is_said_in_one_line_and_nothing_is_started(house: House) -> None:
    with socket.create_server((HOST, house.port)):
        assert house.start().wait(30) == 3
    log = (house.folder / "log").read_text()
    assert "AVIZOR_PORT" in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_a_chat_is_subscribed_by_the_code_that_the_service_posts_there(house: House) -> None:
    with ChatStandIn() as standin:
        rooms = ChatServices()
        standin.services = lambda asked: rooms.answer(replace(asked, path=f"/matrix.example{asked.path}"))
        server = f"http://{HOST}:{standin.port}"
        house.environment.update(AVIZOR_MATRIX_SERVER=server, AVIZOR_MATRIX_TOKEN=MATRIX_SECRET)
        with house.running():
            form = {"room": "#sala:chat.example", "watchlists": "port"}
            address, page = house.send("/subscribe/chat/matrix", form)
            assert "Type the code" in page
            wait_until(lambda: len(rooms.arrived) == 1, "the code", 40)
            [code] = re.findall(r"Your code is (\d{3} \d{3})", rooms.arrived[0].text)
            assert "You are subscribed" in house.send(urlsplit(address).path, {"code": code})[1]
    assert MATRIX_SECRET not in (house.folder / "log").read_text()


@pytest.mark.slow
def test_a_token_of_a_bot_that_is_none_is_said_in_one_line_and_nothing_is_started(house: House) -> None:
    house.environment["AVIZOR_TELEGRAM_TOKEN"] = "s3cret"
    assert house.start().wait(30) == 3
    log = (house.folder / "log").read_text()
    assert "AVIZOR_TELEGRAM_TOKEN: This is not the token of a Telegram bot." in log
    assert not any(text in log for text in ("Traceback", "s3cret"))


# ------------------------------------------------------------------------------------- in process


def _daemon(tmp_path: Path, store: Store) -> Daemon:
    settings = Settings(data_dir=tmp_path, watchlists=tmp_path / "watchlists")
    environment = Environment({})
    watch = FolderWatch(settings.watchlists)
    files = read_in_force(store, environment, settings)
    watch.take(files.problems)
    return Daemon(settings, environment, store, files, watch)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "watchlists").mkdir(exist_ok=True)
    opened = Store(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


@pytest.mark.promise("P18", size="1 job, in process")
def test_health_is_red_when_a_job_is_late_or_failed_or_the_disk_is_full(tmp_path: Path, store: Store) -> None:
    made = _daemon(tmp_path, store)
    made.pulse.beat("poll")
    assert made.health().ok
    made.pulse.beats["poll"] = time.monotonic() - LATE_AFTER_SECONDS - 1
    assert "has not come round" in made.health().checks["poll"]
    made.pulse.beat("poll")
    made.pulse.faults["poll"] = "OperationalError: disk I/O error"
    assert not made.health().ok
    made.pulse.beat("poll")
    with patch.object(daemon, "FREE_BYTES", 2**62):
        assert "MB are free" in made.health().checks["disk"]


def test_a_round_that_fails_is_named_and_the_next_one_comes(tmp_path: Path, store: Store) -> None:
    made = _daemon(tmp_path, store)
    made.pulse.beat("poll")

    async def fail() -> None:
        raise SettingsError("the mail server is none", resource="AVIZOR_SMTP_URL")

    async def crash() -> None:
        raise ValueError

    async def work() -> None:
        return

    loop.run(made._guarded("poll", fail))
    assert made.health().checks["poll"] == "SettingsError: the mail server is none"
    loop.run(made._guarded("poll", crash))
    assert made.health().checks["poll"] == "ValueError: "
    loop.run(made._guarded("poll", work))
    assert made.health().ok


def test_files_that_could_not_be_put_in_force_are_tried_again(tmp_path: Path, store: Store) -> None:
    made = _daemon(tmp_path, store)
    made.pulse.beat("reload")
    faults = [RuntimeError()]

    def swap(*_: object) -> None:
        if faults:
            raise faults.pop()

    async def reload_thrice() -> list[str]:
        said = []
        for _ in range(3):
            await made._guarded("reload", lambda: made._reload(cast("Pipeline", None)))
            said.append(made.health().checks["reload"])
        return said

    (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST.format(title="Port", word="puerto"))
    with patch.object(made, "_swap", swap):
        assert loop.run(reload_thrice()) == ["ok", "RuntimeError: ", "ok"]


@pytest.mark.promise("P9", size="2 hours back")
def test_a_clock_that_is_set_back_does_not_silence_the_jobs(tmp_path: Path, store: Store) -> None:
    made = _daemon(tmp_path, store)
    rounds: list[float] = []

    async def work() -> None:
        rounds.append(time.monotonic())

    async def watch() -> None:
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(work, "interval", hours=5)
        scheduler.start()
        real = time.time
        offsets = iter([0.0])
        with (
            patch.object(daemon, "CLOCK_WATCH_SECONDS", 0.01),
            patch("service.daemon.daemon.time.time", lambda: real() + next(offsets, -7200.0)),
        ):
            task = asyncio.create_task(made._watch_clock(scheduler))
            await asyncio.sleep(0.15)
            task.cancel()
        scheduler.shutdown(wait=False)

    loop.run(watch())
    assert len(rounds) == 1


# ----------------------------------------------------------------------------- files and the archive


async def _rounds(made: Daemon, pipeline: Pipeline, rounds: int = 2) -> None:
    for _ in range(rounds):
        await made._reload(pipeline)


def _pipeline(store: Store) -> Pipeline:
    desk = Desk(lambda entry, feed: [], {}, Roll({}))
    shift = Shift(store, desk, lambda: datetime.now(UTC), "w", timedelta(minutes=5))
    return cast("Pipeline", SimpleNamespace(shift=shift))


def _watchlist(tmp_path: Path, word: str = "puerto") -> None:
    text = WATCHLIST.format(title="Port", word=word).replace("feeds: [local]\n", "")
    (tmp_path / "watchlists" / "port.yaml").write_text(text)


def _keep(store: Store, *titles: str) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    store.feeds.sync([FeedSource("https://d.example/f", "D", "Diario")], first_poll_at=lambda host: at)
    with store.batch(at) as batch:
        parsed = [ParsedEntry(title, f"https://d.example/{title}", title) for title in titles]
        batch.keep_unseen(store.feeds.list_all()[0], parsed)


def test_a_saved_file_is_put_in_force_and_searched_for_with_progress_in_the_log(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    made, pipeline = _daemon(tmp_path, store), _pipeline(store)
    _keep(store, "Huelga en el puerto", "Receta", "Buque en el puerto")
    made._rematch(pipeline)
    _watchlist(tmp_path)
    with caplog.at_level("INFO", "avizor"), patch.object(daemon, "PROGRESS_SECONDS", -1):
        loop.run(_rounds(made, pipeline))
        made._rematch(pipeline)
        made._rematch(pipeline)
    assert [message for message in caplog.messages if "articles" in message] == [
        "port: 3 of 3 stored articles searched",
        "port: 3 stored articles searched, 2 found later",
    ]
    assert "archive" in made.pulse.beats
    assert {view.event.title for view in store.reading.list_events()} == {
        "Huelga en el puerto",
        "Buque en el puerto",
    }


def test_an_archive_from_before_is_made_ready_to_be_searched_with_progress_in_the_log(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    made = _daemon(tmp_path, store)
    _keep(store, "Huelga en el puerto", "Receta", "Buque en el puerto")
    with store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE entry SET place = NULL")
        empty_index(session)
    quickly = patch.multiple(daemon, PROGRESS_SECONDS=-1, INDEXED_AT_ONCE=2, INDEX_PAUSE=0)
    with caplog.at_level("INFO", "avizor"), quickly:
        made._index_words()
        made._index_words()
    assert [message for message in caplog.messages if "articles" in message] == [
        "2 stored articles made ready to be searched",
        "3 stored articles made ready to be searched",
        "stored articles can be searched: 3 made ready",
    ]
    assert store.words.count() == (3, 0)
    assert "index" in made.pulse.beats


def test_a_search_is_given_up_when_the_file_is_saved_again_and_the_new_one_is_searched_for(
    tmp_path: Path, store: Store
) -> None:
    _watchlist(tmp_path)
    made, pipeline = _daemon(tmp_path, store), _pipeline(store)
    _keep(store, "Huelga en el puerto", "Receta")
    sync_store(store, made._files, [], datetime.now(UTC))

    def save_meanwhile(*_: object) -> dict[int, Feed]:
        _watchlist(tmp_path, "receta")
        loop.run(_rounds(made, pipeline))
        return {feed.id: feed for feed in store.feeds.list_all()}

    with patch.object(store.archive, "feeds_by_id", save_meanwhile):
        made._rematch(pipeline)
    assert store.reading.list_events() == []
    made._rematch(pipeline)
    assert [view.event.title for view in store.reading.list_events()] == ["Receta"]


def test_files_that_move_while_they_are_read_are_read_again(tmp_path: Path, store: Store) -> None:
    made, pipeline = _daemon(tmp_path, store), _pipeline(store)
    _watchlist(tmp_path)
    with patch.object(made._watch, "has_moved", return_value=True):
        loop.run(_rounds(made, pipeline, 3))
    assert store.versions.list_in_force() == []
    loop.run(_rounds(made, pipeline, 1))
    assert [one.file for one in store.versions.list_in_force()] == ["port.yaml"]


def test_the_commit_of_a_version_is_noted_when_it_is_made(tmp_path: Path, store: Store) -> None:
    _watchlist(tmp_path)
    made = _daemon(tmp_path, store)
    sync_store(store, made._files, [], datetime.now(UTC))
    answers: list[dict[str, str]] = [{}, {"port.yaml": "abc"}]
    with (
        patch.object(daemon, "find_commits", lambda *_: answers.pop(0)),
        patch.object(daemon, "checkout_stamp", side_effect=[1, 1, 2]),
    ):
        for _ in range(3):
            made._note_commits()
    assert answers == []
    assert [one.commit for one in store.versions.list_in_force()] == ["abc"]
