"""The page of one source: what is known of it, in words, and nothing that is a secret."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from httpx import ASGITransport, AsyncClient

from service import loop
from service.domain import Feed, FeedStatus, FetchFailure, FileVersion, PublisherHints
from service.schedule import FAR_FUTURE, Pace, find_pace
from service.store import Store, mark_of
from service.store import one_source as stored
from service.text import digest, hide_keys, hide_keys_in
from service.web import Health, View, create_app
from service.web import one_source as told
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, source
from tests.test_query_plans import noted

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


@pytest.fixture
def store(emptied_store: Store) -> Store:
    return emptied_store


def get(store: Store, path: str) -> tuple[int, str]:
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)

    async def ask() -> tuple[int, str]:
        transport = ASGITransport(create_app(view))
        async with AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get(path)
            return answer.status_code, answer.text

    return loop.run(ask())


def page(store: Store, url: str) -> str:
    status, text = get(store, f"/sources/{mark_of(url)}")
    assert status == 200
    return text


def seen(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.slow
def test_a_source_is_told_with_entries_events_and_matches(store: Store) -> None:
    room, alba = Newsroom(store), source("Alba")
    room.open_feeds(alba, at=NOW - 40 * DAY)
    room.poll("Alba", Written("Alba", "De antes", at=NOW - 35 * DAY), at=NOW - 35 * DAY)
    room.poll("Alba", Written("Alba", "Sube el pan", at=NOW - 3 * DAY), at=NOW - 3 * DAY)
    event_id = room.news("chancay-port", Written("Alba", "Abre el puerto", at=NOW - HOUR))
    text = page(store, alba.url)
    assert "2 entries in the last 30 days, 0.1 a day." in seen(text)
    assert f'<a href="/events/{event_id}"><bdi>Abre el puerto</bdi></a>' in text
    assert seen(text).index("Abre el puerto") < seen(text).index("Sube el pan") < seen(text).index("De antes")
    assert "Chancay Port 1" in seen(text)
    assert text.count('<rect class="bar"') == 30
    assert text.count('<time datetime="2026-11-19">') == 1  # the table behind the drawing
    assert f'href="/sources/{mark_of(alba.url)}"' in get(store, "/sources")[1]


@pytest.mark.slow
def test_a_source_in_trouble_says_why_since_when_and_what_to_do(store: Store) -> None:
    room, alba = Newsroom(store), source("Alba")
    room.open_feeds(alba, at=NOW - 3 * DAY)
    room.fail("Alba", FetchFailure.FORBIDDEN, "The server answered 403.", "Ask the outlet.", times=4)
    text = seen(page(store, alba.url))
    assert "failing, 4 times in a row since Thursday" in text
    assert "The server answered 403. Ask the outlet." in text
    assert "4 polls in a row have failed" in text
    assert "due now" not in text
    assert "It has brought no entry yet." in text


@pytest.mark.slow
def test_a_source_names_its_packs_with_file_and_line(store: Store) -> None:
    room = Newsroom(store)
    alba = replace(source("Alba"), url="https://alba.example/rss", packs=("north", "south"))
    room.open_feeds(alba)
    longer, whole = "  - url: https://alba.example/rss/more", "  - url: https://alba.example/rss  # ours"
    text = f"title: North\nfeeds:\n{longer}\n{whole}\n"
    store.versions.put_in_force([FileVersion("feeds/north.yaml", digest(text), text)], now=NOW)
    assert "north feeds/north.yaml , line 4" in seen(page(store, alba.url))
    assert "south" in seen(page(store, alba.url))


@pytest.mark.slow
def test_a_key_in_an_address_is_on_no_page(store: Store) -> None:
    room = Newsroom(store)
    alba = replace(source("Alba"), url="https://alba.example/feed/9f86d081884c7d659a2f/rss?token=geheim&n=20")
    room.open_feeds(alba)
    words = f"{alba.url} (redirected to https://user:pw@b.example/x?key=geheim): it answered 500."
    room.fail("Alba", FetchFailure.SERVER_ERROR, words, "Wait.", times=3)
    pages = page(store, alba.url), get(store, "/sources")[1], get(store, "/")[1]
    for text in pages:
        assert not re.search("geheim|9f86d081884c|user:pw", text)
    assert "https://alba.example/feed/…/rss?token=…&n=20" in seen(pages[0])


@pytest.mark.slow
def test_what_no_feed_is_called_is_no_page(store: Store) -> None:
    Newsroom(store).open_feeds(source("Alba"))
    for name in ("0123456789ab", "nothing", "0123456789abc"):
        assert get(store, f"/sources/{name}")[0] == 404
    store.feeds.sync([], first_poll_at=lambda _: NOW)
    assert get(store, f"/sources/{mark_of(source('Alba').url)}")[0] == 404


@pytest.mark.slow
def test_what_a_feed_wrote_is_no_markup_and_no_link_but_to_the_web(store: Store) -> None:
    room, alba = Newsroom(store), replace(source("Alba"), outlet="<b>Alba</b>")
    room.open_feeds(alba)
    room.poll("<b>Alba</b>", Written("<b>Alba</b>", "<img src=x>", url="javascript:alert(1)"))
    text = page(store, alba.url)
    assert "<img" not in text
    assert "javascript:" not in text
    assert "<b>Alba" not in text


@pytest.mark.slow
def test_a_source_that_brings_too_much_is_counted_in_part_and_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (stored, told):
        monkeypatch.setattr(module, "MOST_COUNTED", 5)
    room, alba = Newsroom(store), source("Alba")
    room.open_feeds(alba)
    room.news("chancay-port", *(Written("Alba", f"Titular {number}") for number in range(5)))
    room.poll("Alba", Written("Alba", "Uno más", at=None), at=NOW)
    text = seen(page(store, alba.url))
    assert "5 entries in the last 30 days, 0.2 a day." in text
    assert "only the latest entries are counted" in text
    assert "Uno más" in text


@pytest.mark.slow
def test_a_source_of_many_entries_is_read_by_index(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    room, alba = Newsroom(store), source("Alba")
    room.open_feeds(alba)
    room.news("chancay-port", *(Written("Alba", f"Titular {number}") for number in range(30)))
    with noted(store) as plans:
        text = page(store, alba.url)
    assert plans.found
    assert plans.scans == []
    assert "ix_entry_feed_seen" in " ".join(plan for plan, _ in plans.found)
    assert text.count("<h3>") == 20
    store.close()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://diario.example/rss.xml?format=xml", "https://diario.example/rss.xml?format=xml"),
        (
            "https://diario.example/el-puerto-de-chancay-abre-en-2026/feed/",
            "https://diario.example/el-puerto-de-chancay-abre-en-2026/feed/",
        ),
        ("https://a.example/f?api_key=x&q=a", "https://a.example/f?api_key=…&q=a"),
        ("https://a.example/f?accessToken=x", "https://a.example/f?accessToken=…"),
        ("https://me:pw@a.example:8443/f", "https://a.example:8443/f"),
        ("https://a.example/u/12345678901234567890/f#x", "https://a.example/u/…/f"),
        ("https://[a.example/f", "…"),
    ],
)
def test_what_looks_like_a_key_is_left_out_of_an_address(address: str, shown: str) -> None:
    assert hide_keys(address) == shown
    assert hide_keys_in(f"Look ({address}).") == f"Look ({shown})." or shown == "…"


FEED = Feed(1, source("Alba"), NOW, last_polled_at=NOW - HOUR, etag='"1"', status=FeedStatus.HEALTHY)


@pytest.mark.parametrize(
    ("feed", "paces"),
    [
        (FEED, [Pace.USUAL]),
        (replace(FEED, last_polled_at=None), [Pace.FIRST]),
        (replace(FEED, status=FeedStatus.GONE, failures=1, next_poll_at=FAR_FUTURE), [Pace.GONE]),
        (replace(FEED, failures=2, quiet_polls=3), [Pace.FAILING]),
        (replace(FEED, quiet_polls=3), [Pace.QUIET]),
        (replace(FEED, pushed_until=NOW + DAY, etag=""), [Pace.PUSHED]),
        (replace(FEED, pushed_until=NOW - DAY, hurry=1), [Pace.USUAL, Pace.HURRIED]),
        (replace(FEED, etag=""), [Pace.USUAL, Pace.DAILY]),
        (replace(FEED, source=replace(FEED.source, every=HOUR), etag=""), [Pace.OPERATOR]),
        (replace(FEED, fresh_for=3 * HOUR), [Pace.USUAL, Pace.PUBLISHER]),
        (
            replace(FEED, document_hints=PublisherHints(skip_days=frozenset({6}))),
            [Pace.USUAL, Pace.SKIPPED],
        ),
    ],
)
def test_the_pause_between_polls_has_its_reasons(feed: Feed, paces: list[Pace]) -> None:
    assert list(find_pace(feed, NOW)) == paces


@pytest.mark.slow
def test_the_list_of_sources_is_searched_by_what_it_shows_and_by_no_key(store: Store) -> None:
    room = Newsroom(store)
    secret = replace(source("Prensa"), url="https://prensa.example/rss?token=zanahoria77", language="pt")
    room.open_feeds(source("Alba"), source("El Peñón"), secret, at=NOW - DAY)
    room.fail("Alba", FetchFailure.FORBIDDEN, "The server answered 403.", "Ask the outlet.", times=4)

    def found(asked: str) -> list[str]:
        status, text = get(store, f"/sources?{urlencode({'q': asked})}")
        assert status == 200
        return re.findall(r'<a href="/sources/[0-9a-f]{12}">([^<]+)</a>', text.split("<h1>")[1])

    assert sorted(found("")) == ["Alba", "El Peñón", "Prensa"]
    assert found("PEÑON") == ["El Peñón"]
    assert found("peñ el") == ["El Peñón"]
    assert found("prensa.ex") == ["Prensa"]
    assert found("pt") == ["Prensa"]
    assert found("prensa alba") == []
    assert found("zanahoria") == [], "a key is not found letter by letter"
    nothing = get(store, "/sources?q=%3Cb%3Ex")[1]
    assert "No source is described so." in nothing
    assert 'value="&lt;b&gt;x"' in nothing
    assert "1 in trouble" in seen(nothing), "the whole is still told"
