"""A store with news in it, all invented, put there the way the service does it.

The time is Sunday 22 November 2026, 09:40 in Lima.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from service.domain import (
    Cadence,
    Cause,
    Evidence,
    FeedGroup,
    FeedSource,
    Fetched,
    FetchFailed,
    FetchFailure,
    HeldReason,
    Match,
    Notification,
    NotifyReason,
    ParsedEntry,
    PlannedDelivery,
    SendOutcome,
    SendResult,
    Spike,
    TextField,
)
from service.pipeline.grouping import Grouping
from service.store import RenderedDelivery, Store
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Delivery, DeliveryState, Entry, Feed

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)
LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)
SENT = SendResult(SendOutcome.SENT, "data", 250, "2.0.0 queued as 7F3A")
BUSY = SendResult(SendOutcome.TEMPORARY, "rcpt", 451, "4.7.1 try again later")
REFUSED = SendResult(
    SendOutcome.PERMANENT, "rcpt", 550, "5.1.1 <lucia.prado@example.org>: no such mailbox here"
)
BROKEN = SendResult(SendOutcome.AMBIGUOUS, "dot", 0, "the line broke after the message")

WATCHLISTS = (
    ("chancay-port", "Chancay Port", "The port at Chancay, Peru: operation, courts, ships.", "1"),
    ("amazon-rail", "Amazon railway", "The planned line from the Atlantic to the Pacific.", "1"),
    ("venezuela-oil", "Venezuela: licences and oil", "Licences, cargoes, talks.", "1"),
    ("colombia-elections", "Colombia elections", "Dates, candidates, counts.", "1"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """What an outlet wrote: `terms` are looked up in headline and summary, each with its line."""

    outlet: str
    title: str
    summary: str = ""
    at: datetime | None = NOW - HOUR
    terms: Sequence[tuple[str, int]] = ()
    language: str = ""
    url: str = ""


class Newsroom:
    """Fills a store step by step."""

    def __init__(self, store: Store) -> None:
        """Take an open store; the watchlists are put in force."""
        self.store = store
        self._feeds: dict[str, Feed] = {}
        self._sources: list[FeedSource] = []
        self._grouping = Grouping()
        store.sync_watchlists(WATCHLISTS, now=NOW)

    def add_feeds(self, *sources: FeedSource) -> None:
        """Have feeds that were never polled."""
        self._sources += sources
        self.store.feeds.sync(self._sources, first_poll_at=lambda host: NOW)

    def open_feeds(self, *sources: FeedSource, at: datetime = NOW - 30 * HOUR) -> None:
        """Have feeds polled for the first time, with nothing in them."""
        self.add_feeds(*sources)
        for source in sources:
            self.poll(source.outlet, at=at)

    def feed(self, outlet: str) -> Feed:
        """Give the feed of an outlet as it stands."""
        url = next(source.url for source in self._sources if source.outlet == outlet)
        return self.store.feeds.list_by_url([url])[0]

    def poll(self, outlet: str, *written: Written, at: datetime = NOW) -> list[Entry]:
        """Record a good poll that brought these; returns the new entries."""
        feed = self.feed(outlet)
        parsed = [
            ParsedEntry(
                key=digest(one.title),
                url=one.url or f"https://{outlet.lower().replace(' ', '-')}.example/{digest(one.title)}",
                title=one.title,
                summary=one.summary,
                published_at=one.at,
                language=one.language,
            )
            for one in written
        ]
        with self.store.batch(at) as batch:
            unseen = batch.keep_unseen(feed, parsed)
            result = Fetched(feed, feed.source.url, b"", "hash")
            batch.record_poll(result, next_poll_at=at + HOUR / 2, new_entries=len(unseen.new))
        return list(unseen.new)

    def fail(self, outlet: str, reason: FetchFailure, words: str, mend: str, *, times: int = 1) -> None:
        """Record polls that failed."""
        for _ in range(times):
            feed = self.feed(outlet)
            with self.store.batch(NOW) as batch:
                failed = FetchFailed(feed, reason, words, mend)
                batch.record_poll(failed, next_poll_at=NOW + 2 * HOUR)

    def news(
        self, watchlist_id: str, *written: Written, held: HeldReason | None = None, seen_at: datetime = NOW
    ) -> str:
        """Have these reported and grouped as the service groups; returns the id of the first one's event."""
        matches = [
            Match(entry, watchlist_id, "1", _evidence(entry, one.terms))
            for one in written
            for entry in self.poll(one.outlet, one, at=seen_at)
        ]
        with self.store.batch(seen_at) as batch:
            grouped = self._grouping.group(
                batch, matches, lambda changes: [replace(change, held=held) for change in changes]
            )
        self._grouping.committed()
        return next(one.event_id for one in grouped.changes if one.match is matches[0])

    def plan(
        self,
        event_id: str,
        *targets: str,
        channel: str = "news-desk",
        due_at: datetime = NOW,
        held: HeldReason | None = None,
    ) -> None:
        """Store a delivery of an event to each target, planned when it was due, or now if it is held."""
        view = self.store.reading.get_event(event_id)
        planned = [
            PlannedDelivery(
                id=digest("delivery", event_id, channel, target, str(held)),
                subscription_id=channel,
                channel_id=channel,
                target=target,
                reason=NotifyReason.NEW_EVENT,
                event_id=event_id,
                watchlist_id=view.event.watchlist_id,
                entry_id=view.reports[0].entry.id,
                due_at=due_at,
                cadence=Cadence.IMMEDIATE if held is None else Cadence.DIGEST,
                held=held,
            )
            for target in targets
        ]
        with self.store.batch(min(due_at, NOW)) as batch:
            batch.save_deliveries(_rendered(one, view.event.title) for one in planned)

    def claim(self, at: datetime) -> list[Delivery]:
        """Have a worker take what is due."""
        return self.store.deliveries.claim_due(at, worker="w", lease=LEASE, limit=99)

    def send(
        self, result: SendResult, *, at: datetime = NOW, retry_at: datetime | None = None
    ) -> list[DeliveryState]:
        """Send whatever is due, all with the same outcome."""
        record = self.store.deliveries.record
        return [record(one, result, worker="w", now=at, retry_at=retry_at) for one in self.claim(at)]

    def digest(self, *, at: datetime) -> None:
        """Make the digest that is due, as one delivery."""
        due = self.store.held.list_due_held(at)[0]
        planned = PlannedDelivery(
            id=digest("digest", due.target, at.isoformat()),
            subscription_id=due.subscription_id,
            channel_id=due.channel_id,
            target=due.target,
            reason=NotifyReason.DIGEST,
            event_id="",
            watchlist_id="",
            entry_id=0,
            due_at=at,
            cadence=Cadence.DIGEST,
        )
        title = f"Digest: {', '.join(one.notification.title for one in due.deliveries)}"
        self.store.held.save_digest(_rendered(planned, title), due.deliveries, now=at)


def source(
    outlet: str,
    country: str = "PE",
    language: str = "es",
    group: FeedGroup = FeedGroup.INDEPENDENT,
    *,
    title: str = "",
) -> FeedSource:
    """Describe the feed of an invented outlet."""
    host = digest(outlet)
    return FeedSource(f"https://{host}.example/feed.xml", title or outlet, outlet, country, language, group)


def _rendered(planned: PlannedDelivery, title: str) -> RenderedDelivery:
    return RenderedDelivery(planned, Notification(title, title), f"<{planned.id}@avizor.example>")


def _evidence(entry: Entry, terms: Sequence[tuple[str, int]]) -> tuple[Evidence, ...]:
    found = []
    for term, line in terms:
        for field, text in ((TextField.TITLE, entry.title), (TextField.TEXT, entry.summary)):
            start = text.casefold().find(term.casefold())
            if start >= 0:
                found.append(Evidence(term, field, start, start + len(term), line))
    return tuple(found)


# ------------------------------------------------------------------------------- a week of news

_PORT = (("puerto de Chancay", 9), ("Ositrán", 12))
_RULING = (
    Written(
        "Diario del Muelle",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay",
        "La sala dejó sin efecto la medida que apartaba al regulador de las tarifas. La decisión alcanza a "
        "todo el puerto de Chancay y obliga a la operadora a entregar sus cuentas en diez días; Ositrán "
        "anunció que enviará inspectores esta semana. La empresa dijo que recurrirá y que el servicio a las "
        "navieras sigue sin cambios, según un comunicado difundido antes de la medianoche en Lima.",
        NOW - timedelta(hours=3, minutes=28),
        _PORT,
    ),
    Written(
        "Radio Litoral",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay: qué cambia",
        "El fallo fue leído el domingo.",
        NOW - timedelta(hours=3, minutes=3),
        _PORT,
    ),
    Written(
        "El Norte Chico",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay",
        "Vecinos del norte chico piden que se publiquen las tarifas del puerto de Chancay.",
        NOW - timedelta(hours=2, minutes=40),
        _PORT,
    ),
    Written(
        "El Faro del Sur",
        "Perú: juez devuelve al regulador la vigilancia del puerto de Chancay",
        "Navieras chilenas esperaban la decisión.",
        NOW - timedelta(hours=1, minutes=50),
        _PORT,
    ),
)
_RULING_IN_CHINESE = Written(
    "海岸新报",
    "秘鲁法官恢复监管机构对钱凯港的监督权",
    "裁决涉及收费标准和其他航运公司的准入。钱凯港运营方表示将上诉。",
    NOW - timedelta(minutes=55),
    (("钱凯港", 14),),
)


def fill(store: Store) -> dict[str, str]:
    """Put a week of news into a store; returns the ids of its events by a short name."""
    room = Newsroom(store)
    room.open_feeds(
        source("Diario del Muelle"),
        source("Radio Litoral", group=FeedGroup.WIRE),
        source("El Norte Chico"),
        source("Correo Andino", title="Correo Andino, economía"),
        source("Pacific Ledger", "US", "en"),
        source("海岸新报", "CN", "zh", FeedGroup.STATE_MEDIA),
        source("Folha da Serra", "BR", "pt"),
        source("Caracas Courier", "VE", "en"),
        source("El Faro del Sur", "CL"),
        at=NOW - timedelta(days=5),
    )
    room.open_feeds(source("Boletín del Istmo", "PA", group=FeedGroup.GOVERNMENT), at=NOW - 60 * HOUR)
    room.open_feeds(
        source("Mirador Caribe", "CO"), source("Instituto Cordillera", "CL", group=FeedGroup.THINK_TANK)
    )
    events = _port_news(room) | _other_news(room)
    _noise(room)
    room.fail(
        "Boletín del Istmo",
        FetchFailure.FORBIDDEN,
        "The server answered 403 Forbidden.",
        "Open the address in a browser: if it works there, ask the outlet to let feed readers in.",
        times=9,
    )
    room.fail(
        "Mirador Caribe",
        FetchFailure.NOT_A_FEED,
        "The answer is a web page, not a feed.",
        "Look for the feed's new address on the outlet's site.",
        times=3,
    )
    _told(room, events)
    return events


@cache
def _week() -> tuple[bytes, dict[str, str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "week.db"
        store = Store(f"sqlite:///{path}")
        events = fill(store)
        store.close()
        return path.read_bytes(), events


def open_filled(folder: Path) -> tuple[Store, dict[str, str]]:
    """Open a copy of a store with that week in it, which is filled once; gives its events, too."""
    content, events = _week()
    path = folder / "week.db"
    path.write_bytes(content)
    return Store(f"sqlite:///{path}"), dict(events)


def add_spikes(store: Store, events: dict[str, str]) -> None:
    """Have the port's news spike twice this day, once as was expected, and once three days ago."""
    titles = {
        name: store.reading.get_event(events[name]).event.title for name in ("ruling", "weekly", "rail")
    }
    ruling = Cause(
        events["ruling"], titles["ruling"], 11, 8, "es", "https://d.example/1", "Diario del Muelle"
    )
    weekly = Cause(events["weekly"], titles["weekly"], 3, 2, "es")
    rail = Cause(events["rail"], titles["rail"], 9, 9, "pt")
    at = NOW - 2 * HOUR
    spikes = (
        Spike("s1", "chancay-port", "", at, at + HOUR / 2, 14, 9, 0.4, 7, (ruling, weekly)),
        Spike("s2", "amazon-rail", events["rail"], at - 7 * HOUR, at - 7 * HOUR, 9, 9, 0.02, 1, (rail,)),
        replace(
            Spike("s3", "amazon-rail", "", at - 9 * HOUR, at - 9 * HOUR, 16, 12, 12.4, 2, (rail, weekly)),
            expected="o leilão da ferrovia",
        ),
        Spike("s0", "chancay-port", "", at - 72 * HOUR, at - 72 * HOUR, 6, 6, 0, 1, (weekly,)),
    )
    for number, spike in enumerate(spikes):
        known = [one.id for one in spikes[:number]]
        assert store.spikes.save(spike, [], known=known, since=NOW - timedelta(days=9), now=NOW)


def _port_news(room: Newsroom) -> dict[str, str]:
    weekly = Written(
        "El Faro del Sur",
        "Naviera suma una escala semanal en el puerto de Chancay desde enero",
        "La ruta unirá Valparaíso con el puerto de Chancay en cuatro días.",
        NOW - timedelta(hours=17),
        _PORT[:1],
    )
    old = Written(
        "Correo Andino",
        "Exportadores de palta piden más turnos en el puerto de Chancay",
        "",
        NOW - timedelta(days=8),
        _PORT[:1],
    )
    return {
        "old": room.news("chancay-port", old, held=HeldReason.BASELINE, seen_at=NOW - timedelta(days=5)),
        "weekly": room.news("chancay-port", weekly, seen_at=NOW - timedelta(hours=16)),
        "ruling": room.news("chancay-port", *_RULING),
        "chinese": room.news("chancay-port", _RULING_IN_CHINESE),
    }


def _other_news(room: Newsroom) -> dict[str, str]:
    rail = Written(
        "Folha da Serra",
        "Ministério publica o traçado da ferrovia bioceânica e abre consulta aos povos da floresta",
        "O estudo da ferrovia bioceânica prevê três túneis e dezoito pontes até a fronteira.",
        NOW - timedelta(hours=6),
        (("ferrovia bioceânica", 7),),
    )
    licence = Written(
        "Pacific Ledger",
        "Treasury renews the oil licence for Venezuela by six months",
        "Four companies may go on shipping crude; the licence asks for monthly reports from Venezuela.",
        NOW - timedelta(hours=11),
        (("Venezuela", 6), ("licence", 8)),
    )
    licence_again = replace(
        licence,
        outlet="Caracas Courier",
        title="US Treasury renews the oil licence for Venezuela by six months",
        summary="The oil licence for Venezuela would have ended on Friday.",
        at=NOW - timedelta(hours=10),
    )
    count = Written(
        "Correo Andino",
        "El consejo electoral fija el calendario de la consulta en Colombia",
        "",
        NOW - timedelta(days=11),
        (("consejo electoral", 5), ("Colombia", 6)),
    )
    return {
        "rail": room.news("amazon-rail", rail, seen_at=NOW - timedelta(hours=5)),
        "licence": room.news("venezuela-oil", licence, licence_again, seen_at=NOW - timedelta(hours=9)),
        "count": room.news("colombia-elections", count, seen_at=NOW - timedelta(days=11)),
    }


def _noise(room: Newsroom) -> None:
    for day in range(5):
        at = NOW - timedelta(days=day, hours=2)
        written = (
            Written("Correo Andino", f"Nota {day}-{number} del archivo del tiempo", at=at)
            for number in range(240)
        )
        room.poll("Correo Andino", *written, at=at)


def _told(room: Newsroom, events: dict[str, str]) -> None:
    early = NOW - timedelta(hours=16)
    room.plan(
        events["weekly"], "ana@example.org", due_at=early, held=HeldReason.DIGEST, channel="evening-post"
    )
    room.digest(at=NOW - timedelta(hours=2, minutes=40))
    room.plan(events["ruling"], "ana@example.org", due_at=NOW - timedelta(hours=3, minutes=9))
    room.plan(events["ruling"], "", due_at=NOW - timedelta(hours=3, minutes=9), channel="newsroom-chat")
    room.send(SENT, at=NOW - timedelta(hours=2, minutes=39))
    room.plan(events["licence"], "lucia.prado@example.org", due_at=NOW - timedelta(hours=2))
    room.send(REFUSED, at=NOW - timedelta(hours=2))
    room.plan(events["licence"], "ana@example.org", due_at=NOW - HOUR)
    room.send(BUSY, at=NOW - timedelta(minutes=10), retry_at=NOW + timedelta(minutes=20))
    room.plan(
        events["rail"],
        "ana@example.org",
        due_at=NOW + 21 * HOUR,
        held=HeldReason.DIGEST,
        channel="evening-post",
    )
