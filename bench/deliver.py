"""One event told to many readers by mail, and chats among black holes.

    python bench/deliver.py [READERS] [ROUNDS]

First READERS (10,000 when not given) who subscribed by themselves, each with an address of their own, are
told of one event: planned and stored in one transaction, then sent by the running service's own parts to a
mail server in a process of its own. Beside it the floor: the same bytes over one connection by plain smtplib.
Then 200 chats that answer are told something in each of ROUNDS (10) rounds, alone and beside 50 that accept
connections and never answer; three times in turn, since a machine is not always as fast.
Bounded: readers that are not told within 4 minutes are counted as not told.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import smtplib
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP
from sqlalchemy import event

from service import loop
from service.domain import (
    Channel,
    ChannelKind,
    DeliveryState,
    Evidence,
    FeedSource,
    Fetched,
    Match,
    Notification,
    NotifyReason,
    ParsedEntry,
    ParsedFeed,
    PlannedDelivery,
    TextField,
)
from service.notify import MailServer, Roll, Sender, Sessions
from service.pipeline import Delivering, Desk, Polling, Shift, Waking
from service.pipeline.delivering import LOOK_AGAIN_SECONDS
from service.signup import Subscriber, Wishes
from service.store import Store
from service.store.reader_rows import reader_row
from tests.partners.chat_row import ChatRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from service.domain import Delivery, Entry, Feed, SendResult

HEALTHY, DEAD = 200, 50
TURNS = 3
LONGEST = 240.0
ZONES, LANGUAGES = ("America/Lima", "America/Sao_Paulo", "Asia/Shanghai"), ("es", "pt", "en")
TITLE = "Estibadores de Chancay inician huelga indefinida este lunes en la terminal"
LEAD = "El sindicato pide turnos de ocho horas. La empresa dice que los barcos esperan en la bahía. " * 3


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


# ------------------------------------------------------------------------------------- the mail server


class _Counting:
    """Counts what is handed over, and what comes twice."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.size = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802 -- aiosmtpd's name
        content: bytes = envelope.content  # type: ignore[attr-defined]
        start = content.index(b"Message-ID:")
        self.ids.append(content[start : content.index(b"\n", start)].decode())
        self.size += len(content)
        return "250 2.0.0 taken"


def _serve_mail(pipe: Connection) -> None:
    async def serve() -> None:
        counting = _Counting()
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(counting, hostname="sink.example", data_size_limit=2**24, enable_SMTPUTF8=True),
            "127.0.0.1",
            0,
        )
        pipe.send(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(pipe.recv):
            pipe.send((len(counting.ids), len(set(counting.ids)), counting.size))
            counting.ids.clear()
            counting.size = 0

    asyncio.run(serve())


@contextmanager
def mail_sink() -> Iterator[tuple[int, Connection]]:
    """Give the port of a mail server in a process of its own, and the pipe that asks what it has got."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_mail, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv(), here
    finally:
        process.terminate()
        process.join()


def ask(pipe: Connection) -> tuple[int, int, int]:
    """Ask how many messages came, how many of them differ, and how many bytes; it begins anew then."""
    pipe.send(True)
    answer: tuple[int, int, int] = pipe.recv()
    return answer


# ------------------------------------------------------------------------------------ one event, told


def subscribe(store: Store, count: int) -> None:
    """Have readers ask and confirm, without waiting for the disk at each."""
    engine, signer = store._database._engine, store.readers.signer  # noqa: SLF001
    listener = lambda connection, _: connection.execute("PRAGMA synchronous=OFF")  # noqa: E731
    event.listen(engine, "connect", listener)
    engine.dispose()
    readers = [
        Subscriber(
            id=f"r{n:05}",
            subject=signer.subject(f"mail:lector{n:05}@d{n % 400}.example"),
            address=f"lector{n:05}@d{n % 400}.example",
            wishes=Wishes(watchlists=("port",), timezone=ZONES[n % 3], language=LANGUAGES[n // 3 % 3]),
            asked_at=now(),
        )
        for n in range(count)
    ]
    with store._database.write() as session:  # noqa: SLF001
        session.add_all(reader_row(one) for one in readers)
    for one in readers:
        assert store.readers.confirm(one.id, now())
    event.remove(engine, "connect", listener)
    engine.dispose()


def _match(entry: Entry, _feed: Feed) -> list[Match]:
    return [Match(entry, "port", "1", (Evidence("Chancay", TextField.TITLE, 16, 23, 4),))]


def _polling(shift: Shift) -> Polling:
    entries = (
        ParsedEntry("1", "https://diario.example/1", TITLE, LEAD, published_at=now() - timedelta(minutes=10)),
    )

    async def no_fetch(_feed: Feed) -> Fetched:
        raise AssertionError

    return Polling(shift, no_fetch, lambda _body, _kind: ParsedFeed("Diario", entries))


def tell(store: Store) -> tuple[Shift, float]:
    """Have a feed bring the report that all are to be told of; gives how long planning and storing took."""
    desk = Desk(_match, {"port": "Port"}, Roll({}))
    shift = Shift(
        store,
        desk,
        now,
        "bench",
        timedelta(minutes=5),
        base_url="https://alerts.example",
        window=timedelta(milliseconds=1),  # as the service does, but over at once
    )
    store.sync_watchlists([("port", "Port", "", "1")], now=now())
    store.feeds.sync(
        [FeedSource("https://diario.example/f", "Diario", "Diario", "PE", "es")],
        first_poll_at=lambda _: now(),
    )
    [feed] = store.feeds.list_all()
    shift.roll()
    begun = time.perf_counter()
    [polled] = _polling(shift).record_polls([Fetched(feed, feed.source.url, b"", "1")])
    assert not polled.trouble, polled.trouble
    return shift, time.perf_counter() - begun


async def _run(delivering: Delivering) -> None:
    try:
        async with asyncio.timeout(LONGEST):
            await delivering.deliver_due()
    except TimeoutError:
        delivering.stop()
        print(f"stopped after {LONGEST:.0f} s")


def floor(port: int, message: bytes, count: int) -> float:
    """Send the same bytes so often over one connection; gives the seconds."""
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for n in range(count):
            to = f"lector{n:05}@d{n % 400}.example"
            smtp.sendmail("alerts@avizor.example", [to], message.replace(b"<", b"<%d." % n, 1))
    return time.perf_counter() - begun


def one_event(readers: int) -> None:
    """Print how long it takes to tell many readers of one event."""
    with tempfile.TemporaryDirectory() as folder, mail_sink() as (port, pipe):
        path = Path(folder) / "avizor.db"
        store = Store(f"sqlite:///{path}", exclusive=True)
        begun = time.perf_counter()
        subscribe(store, readers)
        subscribed = time.perf_counter() - begun
        before = path.stat().st_size
        shift, planned = tell(store)
        with store._database._engine.connect() as connection:  # noqa: SLF001
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        stored = path.stat().st_size
        begun = time.perf_counter()
        woken = Waking(shift).wake_due()
        waking = time.perf_counter() - begun
        assert woken == readers, woken
        sessions = Sessions()
        server = MailServer.parse(f"smtp://127.0.0.1:{port}")
        sender = Sender(server, mail_from="Avizor <alerts@avizor.example>", sessions=sessions)
        delivering = Delivering(shift, sender.send, rest=sessions.close)
        begun = time.perf_counter()
        loop.run(_run(delivering))
        sent = time.perf_counter() - begun
        delivering.close()
        got, different, size = ask(pipe)
        counts = store.counts.count_deliveries()
        store.close()
        after = path.stat().st_size
        message = b"Message-ID: <1@avizor.example>\r\nSubject: x\r\n\r\n" + b"x" * 76 + b"\r\n"
        message += (b"x" * 76 + b"\r\n") * (size // max(got, 1) // 78 - 1)
        least = floor(port, message, readers)
        ask(pipe)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mb = 1_000_000
    print(f"{readers} readers asked and confirmed in {subscribed:.1f} s (not waiting for the disk)")
    sizes = " -> ".join(f"{size / mb:.1f}" for size in (before, stored, after))
    print(f"planned and stored in {planned:.2f} s; database {sizes} MB (readers, planned, sent)")
    print(f"messages made in {waking:.2f} s, when the wait for more outlets was over")
    print(
        f"sent in {sent:.1f} s: {got / sent:.0f} messages a second; {got} came, {different} different, "
        f"{size / max(got, 1) / 1000:.1f} kB each; {counts}; peak memory {peak:.0f} MB"
    )
    print(f"floor: the same bytes over one connection in {least:.1f} s, {readers / least:.0f} a second")


# ---------------------------------------------------------------------------------------- black holes


@dataclass
class Timed:
    """A sender that notes when each send ended."""

    sender: Sender
    ended: dict[str, float] = field(default_factory=dict)

    def send(self, channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
        """Send, and note when that ended."""
        result = self.sender.send(channel, delivery, before_data=before_data)
        self.ended[delivery.id] = time.perf_counter()
        return result


def _serve_chats(pipe: Connection) -> None:
    with ChatRow(HEALTHY, answers=True) as healthy, ChatRow(DEAD, answers=False, net=2) as dead:
        pipe.send(([*healthy.addresses()], [*dead.addresses()]))
        pipe.recv()
        pipe.send(max(dead.most_under_way.values()))


@contextmanager
def chat_row() -> Iterator[tuple[list[str], list[str], Connection]]:
    """Give the addresses of chats that answer and of black holes, in a process of their own."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_chats, args=(there,), daemon=True)
    process.start()
    try:
        healthy, dead = here.recv()
        yield healthy, dead, here
    finally:
        process.terminate()
        process.join()


async def _rounds(
    delivering: Delivering, shift: Shift, timed: Timed, channels: list[str], rounds: int
) -> list[float]:
    """Tell all channels something in each round; gives how long each of those that answer waited."""
    is_over, latencies = False, []

    async def deliver() -> None:
        while not is_over:
            await delivering.deliver_due()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)  # as often as while something is under way

    running = asyncio.create_task(deliver())
    for number in range(rounds):
        planned = [
            PlannedDelivery(
                f"{number}-{channel}", "s", channel, "", NotifyReason.NEW_EVENT, "", "port", 0, now()
            )
            for channel in channels
        ]
        begun = time.perf_counter()
        with shift.store.batch(now()) as batch:
            batch.save_deliveries(shift.ready(one, Notification(TITLE, LEAD)) for one in planned)
        wanted = {one.id for one in planned if one.channel_id.startswith("h")}
        while not wanted <= timed.ended.keys():  # noqa: ASYNC110 -- sends end in other threads
            await asyncio.sleep(0.01)
        latencies += [timed.ended[one] - begun for one in wanted]
    is_over = True
    delivering.stop()
    await running
    return latencies


def among_black_holes(rounds: int, *, with_dead: bool) -> list[float]:
    """Give how long each message to a chat that answers waited."""
    with tempfile.TemporaryDirectory() as folder, chat_row() as (healthy, dead, pipe):
        addresses = {f"d{n:03}": address for n, address in enumerate(dead if with_dead else [])}
        addresses |= {f"h{n:03}": address for n, address in enumerate(healthy)}
        channels = {
            name: Channel(name, ChannelKind.CHAT, ("",), address=address)
            for name, address in addresses.items()
        }
        store = Store(f"sqlite:///{folder}/avizor.db", exclusive=True)
        shift = Shift(store, Desk(lambda *_: [], {}, Roll(channels)), now, "bench", timedelta(minutes=5))
        timed = Timed(Sender(None))
        delivering = Delivering(shift, timed.send)
        latencies = loop.run(_rounds(delivering, shift, timed, [*channels], rounds))
        delivering.close()
        if with_dead:
            states = store.counts.count_deliveries()
            tries = store.reading.list_deliveries(limit=5000)
            waiting = [one for one in tries if one.state is DeliveryState.PENDING]
            pipe.send("over")
            print(
                f"black holes: {pipe.recv()} send under way to one at most; {states}; "
                f"{sum(one.attempts for one in waiting)} tries for {len(waiting)} messages that wait"
            )
        store.close()
    return latencies


def main() -> None:
    """Print the figures."""
    readers, rounds = (int(word) for word in (sys.argv[1:] + ["10000", "10"][len(sys.argv) - 1 :])[:2])
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if readers:
        one_event(readers)
    waited: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(TURNS):
        for with_dead, found in waited.items():
            found.extend(among_black_holes(rounds, with_dead=with_dead))
    late = {with_dead: quantiles(found, n=20)[-1] for with_dead, found in waited.items()}
    for with_dead, found in waited.items():
        name = f"beside {DEAD} black holes" if with_dead else "alone"
        times = f"{median(found):.2f} s median, {late[with_dead]:.2f} s p95, {max(found):.2f} s last"
        print(f"{HEALTHY} chats {name}, {TURNS} times {rounds} rounds: {times}")
    print(f"p95 beside black holes: {late[True] / late[False] - 1:+.0%}")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
