"""Fills a SQLite archive as large as one of some years: entries, matches, events, deliveries, all invented.

The rows go through the tables, not through polls: the pages are what is measured. Words are drawn as those
of a language are, a few very often and most of them hardly ever, in four languages.
"""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from service.domain import ChangeKind
from service.store import Store
from service.store.delivery_tables import AttemptRow, DeliveryRow
from service.store.reader_tables import MessageRow
from service.store.tables import EntryRow, EventRow, FeedRow, MatchRow, MilestoneRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlmodel import SQLModel

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)
WATCHLISTS = tuple(f"topic-{number}" for number in range(12))
FEEDS = 500
READERS_OF_THE_LARGEST = 10_000
REPORTS_OF_THE_LARGEST = 5_000
FIRST_FEED = "https://outlet1.example/rss"
LARGEST, WIDEST = "ev-largest", "ev-widest"  # of most reports, told to most readers
VERSION = "v1"  # of every watchlist, in which all was found
_YEARS = 2
_BATCH = 5_000
_VOCABULARY = 80_000
_SYLLABLES = [
    "ca",
    "de",
    "la",
    "re",
    "con",
    "po",
    "ti",
    "mi",
    "na",
    "so",
    "ra",
    "ter",
    "pu",
    "es",
    "in",
    "tro",
    "mun",
    "za",
    "lo",
    "vi",
    "do",
    "gue",
    "ni",
    "an",
    "bra",
    "le",
    "ma",
    "fe",
    "jo",
    "us",
]
_HAN = "钱凯港中国秘鲁部长大会经济贸易铁路选举总统政府公司市场石油天然气合作项目投资出口进口报道"
_TOPICS = (
    "Chancay", "puerto", "Cosco", "elecciones", "Maduro", "litio", "candidata", "tren", "Kast", "petróleo",
    "huelga", "aranceles",
)  # fmt: skip


def watchlist_text(name: str) -> str:
    """Write the file of a watchlist; the term that found everything stands in line 9."""
    others = _TOPICS[1:]
    terms = [others[(int(name[6:]) + step) % len(others)] for step in range(2)]
    return "\n".join(
        (
            f"title: Topic {name[6:]}",
            "about: All invented.",
            "languages: [es]",
            "home: [PE]",
            "match:",
            "  any:",
            *(f"    - {term}" for term in terms),
            "    - Chancay",
            "",
        )
    )


def fill(path: Path, entries: int, matches: int) -> Store:
    """Give a store with so many entries and matches, made anew unless the file is there."""
    is_there = path.exists()
    store = Store(f"sqlite:///{path}")
    if is_there:
        return store
    began = time.perf_counter()
    draw = random.Random(1)
    store.sync_watchlists(
        [(name, f"Topic {name[6:]}", "All invented.", VERSION) for name in WATCHLISTS], now=NOW
    )
    _put(store, FeedRow, _feeds())
    _put(store, EntryRow, _entries(entries, draw))
    _put_events(store, entries, matches, draw)
    print(f"{entries:,} entries and {matches:,} matches stored in {time.perf_counter() - began:.0f} s")
    before, began = path.stat().st_size, time.perf_counter()
    while store.words.index_some(_BATCH):
        pass
    took = time.perf_counter() - began
    print(
        f"indexed in {took:.0f} s, {took / entries * 1e6:.0f} µs an entry, "
        f"{before / 1e6:.0f} MB before, {path.stat().st_size / 1e6:.0f} MB after"
    )
    return store


def _put(store: Store, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    pending: list[dict[str, Any]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == _BATCH:
            _write(store, table, pending)
            pending = []
    if pending:
        _write(store, table, pending)


def _write(store: Store, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    with store._database.write() as session:  # noqa: SLF001 -- the same
        session.connection().execute(insert(table), rows)


def _row(one: SQLModel) -> dict[str, Any]:
    return {name: getattr(one, name) for name in type(one).model_fields}


def _feeds() -> Iterator[dict[str, Any]]:
    languages, countries = ("es", "es", "es", "en", "pt", "zh"), ("PE", "CL", "BR", "US", "AR", "CN", "MX")
    for number in range(1, FEEDS + 1):
        row = FeedRow(
            id=number,
            url=f"https://outlet{number}.example/rss",
            host=f"outlet{number}.example",
            title=f"Outlet {number}",
            outlet=f"Outlet {number}",
            language=languages[number % len(languages)],
            country=countries[number % len(countries)],
            status="healthy" if number % 20 else "failing",
            last_success_at=NOW,
            last_polled_at=NOW,
            baseline_at=NOW - timedelta(days=365 * _YEARS),
            next_poll_at=NOW + timedelta(minutes=9),
        )
        yield _row(row)


class _Writer:
    """Writes sentences of invented words."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._words = [
            "".join(draw.choices(_SYLLABLES, k=draw.choice((1, 2, 3, 3, 4)))) for _ in range(_VOCABULARY)
        ]
        self._weights = [*accumulate(1 / (rank + 3) for rank in range(_VOCABULARY))]

    def sentence(self, length: int, topic: str, language: str) -> str:
        """Write so many words, among them a topic where one is given."""
        if language == "zh":
            return "".join(self._draw.choices(_HAN, k=length * 2)) + (f"，{topic}" if topic else "")
        words = self._draw.choices(self._words, cum_weights=self._weights, k=length)
        if topic:
            words.insert(self._draw.randrange(length), topic)
        return " ".join(words).capitalize()


def _entries(count: int, draw: random.Random) -> Iterator[dict[str, Any]]:
    writer, languages = _Writer(draw), ("es", "es", "es", "en", "pt", "zh")
    for number in range(1, count + 1):
        feed_id = draw.randint(1, FEEDS)
        language = languages[feed_id % len(languages)]
        topic = draw.choice(_TOPICS) if draw.random() < 0.12 else ""
        address = f"https://outlet{feed_id}.example/news/2026/{number}/an-address-as-long-as-they-are"
        seen = _seen_at(number, count)
        title = writer.sentence(10, topic, language)
        yield {
            "id": number,
            "feed_id": feed_id,
            "key": f"{address}?id={number}",
            "url": address,
            "canonical_url": address,
            "title": title,
            "title_print": f"{hash(title) & 0xFFFFFFFFFFFFFFFF:016x}",
            "summary": writer.sentence(38, "", language),
            "language": language,
            "author": "",
            "published_at": seen - timedelta(minutes=draw.randint(0, 180)),
            "first_seen_at": seen,
            "from_baseline": False,
        }


def _seen_at(number: int, count: int) -> datetime:
    return NOW - timedelta(days=365 * _YEARS) * (1 - number / count)


def _put_events(store: Store, entries: int, matches: int, draw: random.Random) -> None:
    """Spread matches over the entries; four reports an event, and two events that are far larger."""
    numbers = sorted(draw.sample(range(1, entries + 1), matches))
    events: dict[str, tuple[str, list[int]]] = {
        LARGEST: (WATCHLISTS[0], numbers[-REPORTS_OF_THE_LARGEST * 2 :: 2])
    }
    taken = set(events[LARGEST][1])
    rest = [number for number in numbers if number not in taken]
    for at in range(0, len(rest), 4):
        event_id = WIDEST if at == len(rest) // 8 * 4 else f"ev-{at}"
        events[event_id] = (draw.choice(WATCHLISTS), rest[at : at + 4])
    _put(store, EventRow, (_event(name, *one, entries) for name, one in events.items()))
    evidence = json.dumps([{"term": "Chancay", "field": "title", "start": 0, "end": 7, "line": 9}])
    _put(
        store,
        MatchRow,
        (row for name, one in events.items() for row in _matches(name, *one, entries, evidence)),
    )
    _put(
        store,
        MilestoneRow,
        (row for name, one in events.items() for row in _milestones(name, one[1], entries)),
    )
    _put(
        store,
        MessageRow,
        (_row(MessageRow(id=name, text="x" * 3_000, html="x" * 9_000)) for name in events),
    )
    recent = list(events)[:: max(1, len(events) // 4_000)]
    told = [(name, 20) for name in {*recent, LARGEST} - {WIDEST}] + [(WIDEST, READERS_OF_THE_LARGEST)]
    _put(
        store,
        DeliveryRow,
        (row for name, readers in told for row in _deliveries(name, readers, *events[name], entries)),
    )
    _put(store, AttemptRow, (row for name, readers in told for row in _attempts(name, readers)))


def _event(name: str, watchlist: str, reports: list[int], entries: int) -> dict[str, Any]:
    first, last = _seen_at(reports[0], entries), _seen_at(reports[-1], entries)
    return _row(
        EventRow(
            id=name,
            watchlist_id=watchlist,
            title=f"An event at the port of Chancay, {name}",
            opened_at=first,
            last_report_at=last,
            reports=len(reports),
        )
    )


def _matches(
    name: str, watchlist: str, reports: list[int], entries: int, evidence: str
) -> Iterator[dict[str, Any]]:
    for place, number in enumerate(reports):
        row = MatchRow(
            entry_id=number,
            watchlist_id=watchlist,
            version=VERSION,
            evidence=evidence,
            event_id=name,
            placed_in=name,
            kind="joined" if place else "opened",
            join_reason="shared-words" if place else "none",
            join_words='["chancay", "puerto"]' if place else "[]",
            matched_at=_seen_at(number, entries),
        )
        yield {key: value for key, value in _row(row).items() if key != "id"}


def _milestones(name: str, reports: list[int], entries: int) -> Iterator[dict[str, Any]]:
    for number in reports[1:3]:
        row = MilestoneRow(
            event_id=name,
            entry_id=number,
            kind=ChangeKind.CORROBORATED.value,
            detail=str(number),
            words="a second independent outlet carries it",
            at=_seen_at(number, entries),
        )
        yield {key: value for key, value in _row(row).items() if key != "id"}


def _deliveries(
    name: str, readers: int, watchlist: str, reports: list[int], entries: int
) -> Iterator[dict[str, Any]]:
    at = _seen_at(reports[0], entries)
    for number in range(readers):
        row = DeliveryRow(
            id=f"{name}-{number}",
            subscription_id="desk",
            channel_id=f"channel-{number % 40}",
            target=f"reader{number}@example.org",
            reason="new-event",
            event_id=name,
            watchlist_id=watchlist,
            entry_id=reports[0],
            state="failed" if number % 211 == 7 else "delivered",
            message_id=f"<{name}-{number}@example.org>",
            title=f"An event at the port of Chancay, {name}",
            message=name,
            created_at=at,
            due_at=at,
            attempts=1,
            delivered_at=at + timedelta(seconds=9),
        )
        yield _row(row)


def _attempts(name: str, readers: int) -> Iterator[dict[str, Any]]:
    for number in range(readers):
        row = AttemptRow(
            delivery_id=f"{name}-{number}", number=1, started_at=NOW, ended_at=NOW, outcome="sent",
            phase="data", code=250, words="2.0.0 queued",
        )  # fmt: skip
        yield {key: value for key, value in _row(row).items() if key != "id"}
