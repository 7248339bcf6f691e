"""A changed watchlist over an archive: `make bench-rematch` (ARGS="ENTRIES", 100,000 when not given).

Fills a SQLite store with invented articles, one in a hundred about the port of Chancay, saves the shipped
watchlist with one more line, and searches the archive for it as the service does: read, match, group, store
as found later. Beside it SQLite's full-text index answers a plain query for the commonest words of that
watchlist on the same articles: it finds candidates, decides nothing and stores nothing.
"""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service import loop
from service.config import Environment, Settings
from service.domain import FeedSource, ParsedEntry
from service.wiring import (
    make_desk,
    make_rematching,
    open_pipeline,
    open_store,
    read_in_force,
    sync_store,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.store import Store

SHIPPED = Path(__file__).resolve().parent.parent / "watchlists"
PAGE = 500
WORDS = [
    "gobierno", "ministra", "congreso", "anuncia", "plan", "obra", "ciudad", "precio", "empresa",
    "acuerdo", "votan", "ley", "jueces", "fútbol", "lluvia", "mercado", "salud", "escuela", "puerto",
    "carga", "región", "alcalde", "policía", "turismo", "energía", "minería", "exporta", "arroz",
    "tren",
]  # fmt: skip
LEAD = "La medida fue anunciada este lunes y se conocerán más detalles en las próximas semanas."
QUERY = '"puerto de chancay" OR (chancay AND (puerto OR cosco OR terminal)) OR megapuerto'


def entries_of(page: int, draw: random.Random, now: datetime) -> list[ParsedEntry]:
    """Invent a page of articles of the last 29 days."""
    found = []
    for number in range(PAGE):
        title = " ".join(draw.choices(WORDS, k=9)).capitalize()
        if draw.random() < 0.01:
            title = f"Puerto de Chancay: {title.lower()} {draw.randrange(10_000)}"
        at = now - timedelta(minutes=draw.randrange(29 * 24 * 60))
        key = f"{page}-{number}"
        found.append(ParsedEntry(key, f"https://d.example/{key}", title, LEAD, at, "es"))
    return found


def fill(store: Store, entries: int, now: datetime) -> None:
    """Store invented articles."""
    [feed] = store.feeds.list_by_url([SOURCE.url])
    draw = random.Random(7)
    for page in range(entries // PAGE):
        with store.batch(now) as batch:
            batch.keep_unseen(feed, entries_of(page, draw, now))


SOURCE = FeedSource(url="https://d.example/feed", title="D", outlet="Diario", country="PE", packs=("peru",))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Give wall and processor seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


async def search(settings: Settings, store: Store, now: datetime, entries: int) -> None:
    """Save the watchlist with one more line, and search the archive for it."""
    file = settings.watchlists / "chancay-port.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("    - puerto Chancay\n", "    - puerto Chancay\n    - megaobra Chancay\n"), "utf-8"
    )
    files = read_in_force(store, Environment({}), settings)
    sync_store(store, files, (SOURCE,), now)
    async with open_pipeline(settings, store, make_desk(files), as_of=now) as pipeline:
        rematching = make_rematching(pipeline.shift, files)
        assert rematching is not None
        found: list[int | None] = []
        wall, cpu = timed(lambda: found.append(rematching.run()))
    print(
        f"{'Avizor, matched, grouped and stored':38} {wall:7.2f} s wall {cpu:7.2f} s CPU"
        f" {entries / cpu:10,.0f} entries per CPU second, {found[0]} found later"
    )


def peer(store_file: Path, entries: int) -> None:
    """Index the same articles with FTS5, and ask it."""
    with sqlite3.connect(store_file) as database:
        rows = database.execute("SELECT id, title, summary FROM entry").fetchall()
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE t USING fts5(title, text, tokenize='unicode61 remove_diacritics 2')")

    def ask() -> None:
        index.executemany("INSERT INTO t(rowid, title, text) VALUES (?, ?, ?)", rows)
        found.extend(index.execute("SELECT rowid FROM t WHERE t MATCH ?", (QUERY,)).fetchall())

    found: list[tuple[int]] = []
    wall, cpu = timed(ask)
    print(
        f"{'SQLite FTS5, indexed and asked':38} {wall:7.2f} s wall {cpu:7.2f} s CPU"
        f" {entries / cpu:10,.0f} entries per CPU second, {len(found)} rows"
    )


def main() -> None:
    """Print the two figures and the peak of memory."""
    entries = int((sys.argv[1:] or ["100000"])[0])
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "watchlists"
        shutil.copytree(SHIPPED, folder)
        for other in folder.glob("*.yaml"):
            if other.name != "chancay-port.yaml":
                other.unlink()
        settings = Settings(data_dir=Path(name) / "data", watchlists=folder)
        with open_store(settings, exclusive=True) as store:
            sync_store(store, read_in_force(store, Environment({}), settings), (SOURCE,), now)
            store.versions.record_rematch(
                [(key, value) for key, value in store.versions.list_rematches_due().items()]
            )
            fill(store, entries, now)
            print(f"{entries:,} entries")
            loop.run(search(settings, store, now, entries))
        peer(next((Path(name) / "data").glob("*.db")), entries)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB")


if __name__ == "__main__":
    main()
