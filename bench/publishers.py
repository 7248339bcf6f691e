"""Publishers on this machine: a server of many feeds on many hosts, for the programs beside it.

    python bench/publishers.py HOSTS MIX

Hosts are the addresses from 127.1.0.1 on, all on one port. Prints that port when it listens, and serves
until its input ends. MIX `plain`: every feed has 30 entries, ETag, Last-Modified, gzip. MIX `real`: 5 to 80
entries; in a hundred feeds two are gone, three answer with an error, four have no validators, five bring
an entry in every round, two are not well-formed, and one in two hundred can be read by feedparser alone.

On 127.0.0.1, `/round` begins a new round and gives what was asked in the last one, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

PLAIN_ENTRIES = 30
MATCHING = 100  # one entry in so many is about the port
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
GONE, BROKEN, BARE, LIVELY, CROOKED = 2, 5, 9, 14, 16  # of a hundred, up to and without
WORDS = [
    "gobierno",
    "economía",
    "ministro",
    "congreso",
    "reforma",
    "mercado",
    "empresa",
    "inversión",
    "región",
    "acuerdo",
    "presidente",
    "proyecto",
    "minería",
    "exportación",
    "tribunal",
    "debate",
    "ley",
    "salud",
    "educación",
    "energía",
    "frontera",
    "seguridad",
    "transporte",
    "vivienda",
    "cultura",
    "deporte",
    "ciudad",
    "alcalde",
    "presupuesto",
    "comercio",
    "trabajo",
    "justicia",
    "anuncia",
    "aprueba",
    "rechaza",
    "estudia",
    "presenta",
    "amplía",
    "revisa",
    "firma",
    "suspende",
    "retoma",
]


def host_of(number: int) -> str:
    """Give the address of a host."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def feed_url(feed: int, hosts: int, port: int) -> str:
    """Give the address of a feed."""
    return f"http://{host_of(feed % hosts)}:{port}/feed/{feed}"


class Publishers:
    """What the feeds are, and who asked for them."""

    def __init__(self, mix: str) -> None:
        """Begin with round 0."""
        self._is_real = mix == "real"
        self.round = 0
        self.counts: Counter[str] = Counter()

    def next_round(self) -> str:
        """Begin a round; gives what was asked in the last one."""
        self.round += 1
        said = json.dumps(self.counts)
        self.counts.clear()
        return said

    def answer(self, path: str, head: dict[str, str]) -> bytes:
        """Answer a request for a feed."""
        feed = int(path.rpartition("/")[2])
        kind = feed % 100 if self._is_real else 99
        tag = f'"{feed}-{self.round if BARE <= kind < LIVELY else 0}"'
        is_known = kind >= BARE and head.get("if-none-match") == tag
        status = "404 Not Found" if kind < GONE else "500 Oops" if kind < BROKEN else "200 OK"
        status = "304 Not Modified" if is_known else status
        self.counts[status[:3]] += 1
        self.counts["requests"] += 1
        lines = [f"HTTP/1.1 {status}", f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}"]
        if kind >= BARE:
            lines += [f"ETag: {tag}", f"Last-Modified: {format_datetime(START, usegmt=True)}"]
        body = b""
        if not is_known:
            body = b"nothing here" if kind < BROKEN else self._document(feed, kind)
            lines += ["Content-Type: application/rss+xml; charset=utf-8"]
            if "gzip" in head.get("accept-encoding", ""):
                body = gzip.compress(body, 1)
                lines += ["Content-Encoding: gzip"]
            lines += [f"Content-Length: {len(body)}"]
        self.counts["bytes"] += len(body)
        return ("\r\n".join([*lines, "Connection: close", "", ""])).encode() + body

    def _document(self, feed: int, kind: int) -> bytes:
        extra = self.round if BARE <= kind < LIVELY else 0
        entries = 5 + feed * 7 % 51 if self._is_real else PLAIN_ENTRIES
        items = "".join(_item(feed, number) for number in range(entries + extra, 0, -1))
        title = "A & B" if LIVELY <= kind < CROOKED else f"Diario {feed}"
        doctype = "<!DOCTYPE rss [<!ENTITY d 'Diario'>]>" if self._is_real and feed % 200 == CROOKED else ""
        head = f"<title>{title}</title><link>http://d{feed}.example/</link><language>es</language>"
        text = f"<?xml version='1.0'?>{doctype}<rss version='2.0'><channel>{head}{items}</channel></rss>"
        return text.encode()


@lru_cache(maxsize=4096)
def _item(feed: int, number: int) -> str:
    draw = random.Random(feed * 1000 + number)
    words = " ".join(draw.choices(WORDS, k=9))
    lead = " ".join(draw.choices(WORDS, k=35))
    topic = "El puerto de Chancay y " if (feed * 31 + number) % MATCHING == 0 else ""
    date = format_datetime(START - timedelta(minutes=7 * (100 - number)), usegmt=True)
    link = f"http://d{feed}.example/2026/{number}/{words[:20].replace(' ', '-')}?utm_source=rss"
    return (
        f"<item><title>{topic}{words} {number}</title><link>{link.replace('&', '&amp;')}</link>"
        f"<guid isPermaLink='false'>d{feed}-{number}</guid><pubDate>{date}</pubDate>"
        f"<description>&lt;p&gt;{lead}.&lt;/p&gt; &lt;a href='http://d{feed}.example/'&gt;Más&lt;/a&gt;"
        f"</description></item>"
    )


async def serve(hosts: int, mix: str) -> None:
    """Serve until the input ends."""
    publishers = Publishers(mix)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            head = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:])
            }
            if path == "/round":
                said = publishers.next_round().encode()
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + said)
            else:
                writer.write(publishers.answer(path, head))
            await writer.drain()
        writer.close()

    addresses = ["127.0.0.1", *(host_of(number) for number in range(hosts))]
    first = await asyncio.start_server(answer, addresses[0], 0)
    port = first.sockets[0].getsockname()[1]
    rest = await asyncio.start_server(answer, addresses[1:], port, backlog=1024)
    print(port, flush=True)
    async with first, rest:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
