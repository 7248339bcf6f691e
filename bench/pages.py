"""Every page, feed and answer over an archive of some years.

`make bench-pages` (ARGS="--folder F --entries N --rounds N --only NAME").
Fills a SQLite archive (1,000,000 entries and a tenth as many matches when not told otherwise; kept in the
folder, else made for this run alone), serves the pages as the service does and asks each over HTTP on this
machine. Beside the time of a page stands that of the bare SQL a reader of the database might type for the
same content: what SQLite alone takes for it. And what a first visit transfers, packed and unpacked.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvicorn
from pages_archive import FIRST_FEED, LARGEST, NOW, VERSION, WATCHLISTS, WIDEST, fill, watchlist_text

from service.domain import FileVersion
from service.store import mark_of
from service.watchlists import load_watchlists
from service.web import Health, View, create_app
from service.wiring import Drafts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.store import Store

_WEEK = "2026-11-16"
_LATEST = "SELECT * FROM event WHERE merged_into = '' ORDER BY last_report_at DESC LIMIT 50"
_OF_TOPIC = "SELECT * FROM event WHERE watchlist_id = 'topic-0' ORDER BY last_report_at DESC LIMIT 50"
_FOUND = "SELECT * FROM entry WHERE {} ORDER BY first_seen_at DESC LIMIT 30"


@dataclass(frozen=True)
class Page:
    """A page, and the SQL of somebody who wants its content from the database itself.

    `form` is sent to it, where it is one.
    """

    name: str
    path: str
    peer: str = ""
    form: str = ""


def search(name: str, asked: str, peer: str = "", more: str = "") -> Page:
    """Give the page of a search."""
    return Page(f"search {name}", f"/search?q={quote(asked)}{more}", _FOUND.format(peer) if peer else "")


DRAFT = watchlist_text(WATCHLISTS[0]).replace("Chancay", "Chancay NEAR/5 (con OR la)\n    - litio")
PAGES = (
    Page("today", "/", _LATEST),
    Page("watchlists", "/watchlists"),
    Page("watchlist", f"/watchlists/{WATCHLISTS[0]}", _OF_TOPIC),
    Page(
        "event",
        "/events/ev-400",
        "SELECT * FROM match JOIN entry ON entry.id = entry_id WHERE event_id = 'ev-400'",
    ),
    Page(
        "event of 5,000 reports",
        f"/events/{LARGEST}",
        "SELECT * FROM match JOIN entry ON entry.id = entry_id WHERE event_id = 'ev-largest'",
    ),
    Page("event told to 10,000", f"/events/{WIDEST}", "SELECT * FROM delivery WHERE event_id = 'ev-widest'"),
    Page("sources", "/sources", "SELECT * FROM feed"),
    Page(
        "source",
        f"/sources/{mark_of(FIRST_FEED)}",
        "SELECT * FROM entry WHERE feed_id = 1 ORDER BY first_seen_at DESC LIMIT 20",
    ),
    Page("deliveries", "/deliveries", "SELECT * FROM delivery ORDER BY created_at DESC LIMIT 100"),
    Page(
        "deliveries failed",
        "/deliveries?show=failed",
        "SELECT * FROM delivery WHERE state = 'failed' LIMIT 100",
    ),
    Page(
        "deliveries of one kind",
        f"/deliveries?watchlist={WATCHLISTS[0]}&reason=update",
        "SELECT * FROM delivery WHERE reason = 'update' LIMIT 100",
    ),
    Page("delivery", f"/deliveries/{LARGEST}-0", "SELECT * FROM delivery WHERE id = 'ev-largest-0'"),
    Page("subscribers", "/subscribers"),
    Page("channels", "/channels"),
    Page("mutes", "/mutes"),
    Page("editor", f"/watchlists/{WATCHLISTS[0]}/edit"),
    Page("editor, as one types", f"/watchlists/{WATCHLISTS[0]}/draft", form=urlencode({"text": DRAFT})),
    Page("Atom", "/events.atom", _LATEST),
    Page("JSON Feed of one", f"/watchlists/{WATCHLISTS[0]}/events.json", _OF_TOPIC),
    Page("calendar", "/dates.ics", _LATEST),
    Page("OPML", "/sources.opml", "SELECT * FROM feed"),
    Page("BibTeX", "/events/ev-400.bib"),
    Page("API events", "/api/v1/events", _LATEST),
    Page("API watchlist", f"/api/v1/watchlists/{WATCHLISTS[0]}", _OF_TOPIC),
    Page("API search", "/api/v1/search?q=Chancay+AND+puerto"),
    Page("routes", "/routes?event=ev-400"),
    Page("subscribe", "/subscribe"),
    search("nothing typed", ""),
    search("a name", "Chancay", "title LIKE '%chancay%'"),
    search("two words", "Chancay AND puerto", "title LIKE '%chancay%' AND title LIKE '%puerto%'"),
    search("NEAR", "Cosco NEAR/5 (con OR la)", "title LIKE '%cosco%'"),
    search("a beginning", "aranc*", "title LIKE '%aranc%'"),
    search("forms", "forms:elección", "title LIKE '%eleccion%'"),
    search("Chinese", "钱凯港", "title LIKE '%钱凯港%' OR summary LIKE '%钱凯港%'"),
    search("a headline", "title:litio AND country:PE", "title LIKE '%litio%'"),
    search("one outlet", "la", "feed_id = 7 AND summary LIKE '% la %'", "&outlet=Outlet+7"),
    search("matched by one", "Chancay", more="&watchlist=topic-3"),
    search("matched by none", "Chancay", more="&watchlist=-"),
    search("days of last year", "Chancay", more="&since=2025-06-01&until=2025-06-30"),
    search("only a NOT", "NOT Chancay"),
    search("a word nobody wrote", "zeppelin", "title LIKE '%zeppelin%' OR summary LIKE '%zeppelin%'"),
    search("a near miss", "Chancay AND zeppelin"),
    Page("health", "/health"),
    Page("metrics", "/metrics"),
)


@contextmanager
def served(store: Store, folder: Path) -> Iterator[int]:
    """Serve the pages, with files of watchlists in a folder; gives the port."""
    folder.mkdir(exist_ok=True)
    for name in WATCHLISTS:
        (folder / f"{name}.yaml").write_text(watchlist_text(name), encoding="utf-8")
    store.versions.put_in_force(
        [FileVersion(f"{name}.yaml", VERSION, watchlist_text(name)) for name in WATCHLISTS], now=NOW
    )
    watchlists = load_watchlists(folder).watchlists
    view = View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        watchlists=lambda: watchlists,
        drafts=Drafts(folder, store, lambda: watchlists, lambda: NOW),
    )
    server = uvicorn.Server(uvicorn.Config(create_app(view), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


def ask(connection: HTTPConnection, path: str, form: str = "") -> tuple[float, int, bytes]:
    """Ask once, or send a form; gives the milliseconds, the status and the body as transferred."""
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
    if form:
        headers |= {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    connection.request("POST" if form else "GET", path, form or None, headers)
    answer = connection.getresponse()
    body = answer.read()
    return (time.perf_counter() - began) * 1_000, answer.status, body


def of_many(times: Sequence[float]) -> tuple[float, float, float]:
    """Give the middle, the 95th percentile and the most."""
    cuts = quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], max(times)


def peer_time(path: Path, statement: str, rounds: int) -> str:
    """Give the middle of what SQLite takes for a statement, all rows read."""
    if not statement:
        return ""
    database = sqlite3.connect(path)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        database.execute(statement).fetchall()
        times.append((time.perf_counter() - began) * 1_000)
    database.close()
    return f"{sorted(times)[rounds // 2]:9.1f}"


def plain(body: bytes) -> bytes:
    """Unpack a body."""
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def first_visit(connection: HTTPConnection, path: str) -> tuple[int, int]:
    """Give the bytes of a page and of all it names from us, as transferred and unpacked."""
    _, _, body = ask(connection, path)
    named = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', plain(body).decode())))
    bodies = [body, *(ask(connection, name)[2] for name in named)]
    return sum(map(len, bodies)), sum(len(plain(one)) for one in bodies)


HEAD = "page                          p50     p95     max ms  CPU ms  bare SQL ms  first visit  unpacked kB"


def measured(port: int, path: Path, page: Page, rounds: int) -> str:
    """Ask a page; gives its line."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    ask(connection, page.path, page.form)  # what is compiled and remembered once is not a page's time
    began = time.process_time()
    asked = [ask(connection, page.path, page.form) for _ in range(rounds)]
    busy = (time.process_time() - began) / rounds * 1_000  # of both ends; what else runs does not count
    middle, late, most = of_many([took for took, _, _ in asked])
    packed, unpacked = (0, 0) if page.form else first_visit(connection, page.path)
    connection.close()
    peer = peer_time(path, page.peer, 3)
    line = (
        f"{page.name:26} {middle:7.1f} {late:7.1f} {most:7.1f}  {busy:8.1f}    {peer:>9}    "
        f"{packed / 1e3:9.1f}    {unpacked / 1e3:9.1f}"
    )
    return line if asked[-1][1] == 200 else f"{line}  status {asked[-1][1]}"


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"pages-{chosen.entries}.db"
        store = fill(path, chosen.entries, chosen.entries // 10)
        with served(store, folder / "watchlists") as port:
            print(HEAD)
            for page in PAGES:
                if chosen.only in page.name:
                    print(measured(port, path, page, chosen.rounds), flush=True)
        store.close()


if __name__ == "__main__":
    main()
