"""A whole newsroom: the shipped watchlists, invented outlets, and 90 days of invented news and what was told.

Everything goes the way of the service: polls are recorded, matched by the shipped files, grouped, planned,
sent. It is made once for a run of tests; each module that asks gets a copy of its own, as the editor saves
files and forms change events. The time is Sunday 22 November 2026, 09:40 in Lima.
"""

from __future__ import annotations

import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from service import loop
from service.config import Environment, Settings
from service.domain import (
    Fetched,
    FetchFailed,
    FetchFailure,
    Mute,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    SendOutcome,
    SendResult,
)
from service.fetch import no_secret
from service.pipeline import Admitting, Correcting, Delivering, Polling, Shift, Spiking, Waking
from service.signup import Wishes
from service.store import Store, Verdict
from service.text import digest
from service.web import Access, Chats, Health, View, create_app
from service.wiring import Drafts, FeedAdding, make_desk, make_roll, read_in_force, sync_store
from tests.partners.ports import HOST, wait_until
from tests.partners.scene_news import ISTMO, LICENCE, NOISE, PAPERS, ROUTINE, SILENT, STORIES, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from service.domain import Channel, Delivery, Feed, FetchResult, Notification
    from service.pipeline import Desk
    from service.wiring import Files

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)
ZONE = "America/Lima"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAYS = 90
SHIPPED = Path(__file__).parents[2] / "watchlists"
CHAT = "ntfys://ntfy.example/newsroom"
SECRET = "the-secret-of-the-operator"
READER, LEAVER = "rosa.quispe@example.org", "lucia.prado@example.org"
CHANNELS = """\
channels:
  news-desk:
    mail: [ana@example.org, lucia.prado@example.org]
    timezone: America/Lima
    language: es
  evening-post:
    mail: [eva@example.org]
    timezone: America/Lima
  newsroom-chat:
    chat: ${NEWSROOM_CHAT}

subscriptions:
  - to: news-desk
    watchlists: [chancay-port, maduro-negotiations]
    when: immediate
    quiet: 22:00-06:00
    budget: 8
  - to: evening-post
    watchlists: all
    when: daily 18:00
  - to: newsroom-chat
    watchlists: [chancay-port]
    when: immediate
"""


@dataclass
class Scene:
    """A newsroom at work. `now` is the time; `url` where its pages are, once they are served."""

    folder: Path
    store: Store
    url: str = "http://127.0.0.1"
    now: datetime = NOW
    shift: Shift = field(init=False)
    files: Files = field(init=False)
    session: str = ""
    has_accounts: bool = True
    _documents: dict[str, tuple[ParsedEntry, ...]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Put the files in force."""
        desk = self.read_files()
        self.shift = Shift(self.store, desk, lambda: self.now, "w", HOUR, self.url)

    @property
    def watchlists(self) -> Path:
        """Give the folder of the files."""
        return self.folder / "watchlists"

    @property
    def settings(self) -> Settings:
        """Give what the operator has set."""
        return Settings(
            watchlists=self.watchlists,
            data_dir=self.folder,
            timezone=ZONE,
            public_url="https://alerts.example",
        )

    def read_files(self) -> Desk:
        """Read the files as they are now, as the service does when they change; gives what is in force."""
        environment = Environment({"NEWSROOM_CHAT": CHAT})
        self.files = read_in_force(self.store, environment, self.settings)
        assert not [one for one in self.files.problems if one.severity == "error"], self.files.problems
        sync_store(self.store, self.files, self.files.followed_sources, self.now)
        return make_desk(self.files)

    def feed(self, outlet: str) -> Feed:
        """Give the feed of an invented outlet."""
        return self.store.feeds.list_by_url([_address(outlet)])[0]

    def record(self, results: Sequence[FetchResult]) -> None:
        """Record polls in one transaction, and make the messages that are due."""
        polling = Polling(
            self.shift, _no_fetch, lambda body, _: ParsedFeed("", self._documents.pop(body.decode()))
        )
        troubles = [one.trouble for one in polling.record_polls(results) if one.trouble]
        assert len(troubles) == sum(isinstance(one, FetchFailed) for one in results), troubles
        if self.now > NOW - 6 * DAY:  # what was held before comes in the first digest of these days
            Waking(self.shift).wake_due()

    def fetched(self, feed: Feed, told: Iterable[Told] = ()) -> Fetched:
        """Give a poll that brought articles."""
        key = f"{feed.id}-{next(self._numbers)}"
        host = digest(feed.source.outlet)
        self._documents[key] = tuple(
            ParsedEntry(
                digest(one.first or one.title),
                f"https://{host}.example/{digest(one.first or one.title)}",
                one.title,
                one.summary,
                self.now - timedelta(minutes=2),
                feed.source.language,
            )
            for one in told
        )
        return Fetched(feed, feed.source.url, key.encode(), key, etag=f'"{key}"')

    def report(self, at: datetime, *told: Told) -> None:
        """Have outlets found to have written, at a time, what they wrote."""
        self.now = at
        self.record([self.fetched(self.feed(one.outlet), [one]) for one in told])

    def fail(self, outlet: str, reason: FetchFailure, words: str, mend: str, *, times: int) -> None:
        """Have polls of an outlet fail, an hour apart, up to now."""
        for ago in reversed(range(times)):
            self.now = NOW - ago * HOUR
            self.record([FetchFailed(self.feed(outlet), reason, words, mend)])

    def deliver(self, *, is_chat_down: bool = False) -> None:
        """Send what is due; one mailbox does not exist, and the chat may be down."""

        def send(channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
            if delivery.target == LEAVER and self.now > NOW - 3 * DAY:
                words = f"5.1.1 <{LEAVER}>: no such mailbox here"
                return SendResult(SendOutcome.PERMANENT, "rcpt", 550, words)
            if channel.id == "newsroom-chat" and is_chat_down:
                return SendResult(SendOutcome.TEMPORARY, "answer", 503, "The server is being mended.")
            assert before_data()
            if channel.id == "newsroom-chat":
                return SendResult(SendOutcome.SENT, "answer", words="The chat service took the message.")
            return SendResult(SendOutcome.SENT, "data", 250, "2.0.0 queued as 7F3A")

        delivering = Delivering(self.shift, send)
        with ThreadPoolExecutor(1) as pool:  # a browser's own loop may run in this thread
            pool.submit(lambda: loop.run(delivering.deliver_due())).result()
        delivering.close()

    def event_of(self, title: str) -> str:
        """Give the id of the event that has a report with a headline."""
        for view in self.store.reading.list_events(limit=500):
            if any(one.entry.title == title for one in view.reports):
                return view.event.id
        raise AssertionError(title)

    def link(self, page: str, address: str = READER) -> str:
        """Give the path of a page that the last message to a reader links to."""
        deliveries = self.store.reading.list_deliveries(limit=1_000)
        mine = next(one for one in deliveries if one.target == address and one.event_id)
        delivery = self.store.reading.get_delivery(mine.id)
        filled = self.shift.readership.fill(delivery, self.shift.roll().channels[delivery.channel_id])
        return f"/{page}/{filled.leave_url.rpartition('/')[2]}"

    def subscribe(self, address: str, wishes: Wishes, *, is_confirmed: bool = True) -> None:
        """Have a reader subscribe, and confirm by the link of the letter."""
        taken = self.store.signups.take_form("subscribe", address, wishes, origin="o", most=99, now=self.now)
        assert taken
        assert self.admit() == 1
        if is_confirmed:
            token = self.store.readers.signer.open(self.letter_link(address).rpartition("/")[2])
            assert token is not None
            assert self.store.readers.confirm(token.about, self.now)

    def admit(self) -> int:
        """Look at the forms that readers sent; gives how many letters were written."""
        return Admitting(self.shift).admit_due()

    def message_to(self, address: str) -> Notification:
        """Give the newest alert to a reader."""
        found = self.store.reading.list_deliveries(limit=1_000)
        alert = next(one for one in found if one.channel_id != "letters" and one.target == address)
        return self.store.reading.get_delivery(alert.id).notification

    def letter_link(self, address: str) -> str:
        """Give the path of the link in the last letter to an address."""
        found = self.store.reading.list_deliveries(limit=1_000)
        letter = next(one for one in found if one.channel_id == "letters" and one.target == address)
        text = self.store.reading.get_delivery(letter.id).notification.text
        [path] = re.findall(r"https?://[^/\s]+(/\S+)", text)
        return str(path)

    def view(self) -> View:
        """Give what the pages look at."""
        return View(
            store=self.store,
            problems=lambda: self.files.problems,
            health=lambda: Health(ok=True, checks={"poll": "ok", "deliver": "ok"}),
            timezone=ZONE,
            clock=lambda: self.now,
            correct=lambda by: Correcting(self.shift, by),
            can_mail=True,
            chats=Chats({}, lambda host, port: False),
            watchlists=lambda: self.files.watchlists,
            drafts=Drafts(self.watchlists, self.store, lambda: self.files.watchlists, lambda: self.now),
            adding=FeedAdding(self.settings, no_secret, lambda: self.files),
            access=Access(SECRET, points=10**6) if self.has_accounts else None,
            roll=lambda: make_roll(self.files),
            send_test=lambda channel: [(channel, SendResult(SendOutcome.SENT, "data", 250, "2.0.0 queued"))],
        )


async def _no_fetch(feed: Feed, now: datetime) -> Fetched:
    raise AssertionError((feed, now))


@contextmanager
def open_scene(folder: Path, made: Path, *, has_accounts: bool = True, database: str = "") -> Iterator[Scene]:
    """Serve the pages of a copy of the scene, meanwhile, on a port of the system's choice.

    It is copied into `folder` from `made`, where it is made first if nothing is there; in another database
    it is made anew. Without accounts everybody may do everything, as on one's own machine.
    """
    if database:
        _make(folder / "scene", database)
    else:
        if not made.exists():
            _make(made, f"sqlite:///{made}/avizor.db")
        shutil.copytree(made, folder / "scene")
    store = Store(database or f"sqlite:///{folder}/scene/avizor.db")
    scene = Scene(folder / "scene", store, has_accounts=has_accounts)
    with serve(scene.view()) as url:
        scene.url = scene.shift.base_url = url
        store.accounts.add_person("ana", "OPERATOR", NOW)
        scene.session = store.accounts.open_session("ana", "OPERATOR", NOW, is_person=True) or ""
        scene.shift = Shift(store, scene.shift.desk, lambda: scene.now, "w", HOUR, url)
        yield scene
    store.close()


@contextmanager
def serve(view: View, port: int = 0, proxies: Sequence[str] = ()) -> Iterator[str]:
    """Serve pages meanwhile; gives their address."""
    config = uvicorn.Config(
        create_app(view), host=HOST, port=port, log_level="warning", forwarded_allow_ips=list(proxies)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the pages")
    yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _make(folder: Path, database: str) -> None:
    copy_files(folder)
    store = Store(database)
    scene = Scene(folder, store, now=NOW - DAYS * DAY)
    scene.record([scene.fetched(feed) for feed in store.feeds.list_all()])
    wishes = Wishes(("chancay-port",), timezone=ZONE, language="es", quiet="22:00-06:00")
    scene.subscribe(READER, wishes)
    scene.subscribe("jo.almeida@example.org", Wishes((), "daily 07:00", ZONE, "pt"))
    last_sent = scene.now
    for at, told in _calendar():
        scene.report(at, *told)
        if at > last_sent + (6 * HOUR if at > NOW - 3 * DAY else 3 * DAY):
            scene.deliver()
            last_sent = at
    _afterwards(scene)
    store.close()


def copy_files(folder: Path) -> None:
    """Copy the shipped files, with the invented outlets in their packs and channels of a newsroom."""
    shutil.copytree(SHIPPED, folder / "watchlists")
    for paper in PAPERS:
        path = folder / "watchlists" / "feeds" / f"{paper.pack}.yaml"
        entry = (
            f"  - {{url: '{_address(paper.outlet)}', title: {paper.outlet}, outlet: {paper.outlet}, "
            f"country: {paper.country}, language: {paper.language}, group: {paper.group}}}\n"
        )
        path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + entry, encoding="utf-8")
    (folder / "watchlists" / "channels.yaml").write_text(CHANNELS, encoding="utf-8")


def _calendar() -> list[tuple[datetime, list[Told]]]:
    """Give what is written when, the oldest first, what falls in the same hour together."""
    found: dict[datetime, list[Told]] = {}
    for story in STORIES:
        began = NOW - story.days * DAY - story.hours * HOUR
        for one in story.told:
            found.setdefault(began + timedelta(minutes=one.after), []).append(one)
    for apart, outlet, title, words in ROUTINE:
        for number, day in enumerate(range(1, DAYS, apart)):
            told = Told(0, outlet, title.format(word=words[number % len(words)]) + _in_words(day))
            found.setdefault(_morning(day), []).append(told)
    for day in range(DAYS):
        found.setdefault(_morning(day), []).extend(
            Told(0, outlet, title.format(word=words[day % len(words)]) + _in_words(day))
            for outlet, title, words in NOISE
        )
    return sorted(found.items())


def _address(outlet: str) -> str:
    return f"https://{digest(outlet)}.example/feed.xml"


def _morning(day: int) -> datetime:
    return NOW - day * DAY - timedelta(hours=2, minutes=20 + day % 40)


def _in_words(day: int) -> str:
    return f" ({(NOW - day * DAY):%d.%m})"


def _afterwards(scene: Scene) -> None:
    """Have sources fail, somebody mute, spikes be found, and everything else polled just now."""
    scene.fail(
        ISTMO,
        FetchFailure.FORBIDDEN,
        "The server answered 403 Forbidden.",
        "Open the address in a browser: if it works there, ask the outlet to let feed readers in.",
        times=9,
    )
    scene.fail(
        SILENT,
        FetchFailure.NOT_A_FEED,
        "The answer is a web page, not a feed.",
        "Look for the feed's new address on the outlet's site.",
        times=3,
    )
    scene.now = NOW
    good = [one for one in scene.store.feeds.list_all() if one.source.outlet not in {ISTMO, SILENT}]
    scene.record([NotModified(one) for one in good])
    read = [
        one for one in scene.store.reading.list_deliveries(limit=200) if one.delivered_at and one.event_id
    ]
    for number, one in enumerate(read):
        scene.store.feedback.give(one.id, Verdict.NOISE if number % 5 == 0 else Verdict.USEFUL, NOW)
    Spiking(scene.shift).find_spikes()
    strike = scene.event_of("Paro de transportistas bloquea el acceso al puerto de Chancay")
    scene.store.mutes.add(Mute("", strike, "", NOW + 2 * DAY, "ana"), NOW)
    _merge_languages(scene)
    scene.subscribe("new.reader@example.org", Wishes(("chancay-port",)), is_confirmed=False)
    scene.deliver(is_chat_down=True)


def _merge_languages(scene: Scene) -> None:
    """Have a person make one event of what was told in four languages, as there is no encoder here."""
    told = next(one.told for one in STORIES if one.told[0].title == LICENCE)
    first, *others = dict.fromkeys(scene.event_of(one.title) for one in told)
    for other in others:
        Correcting(scene.shift, "ana").merge(first, other)
