"""The pages in a real browser: on a phone and on a desk, by day and by night."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from service.domain import Cause, FetchFailure, Spike
from service.store import Store
from service.web import Health, View, create_app
from tests.partners.browser import open_browser
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, add_spikes, fill, source
from tests.partners.ports import HOST, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.real

PHONE = 390
DESK = 1200
EVIL = (
    "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
    "<svg onload=\"document.title='broken'\"><style>body{display:none}</style>"
)
_LONG = "Chancay" * 60


@dataclass(frozen=True)
class Site:
    """A server with news in it, and where each page is."""

    url: str
    paths: dict[str, str]


def _spoil(store: Store) -> str:
    """Put in what a feed should not hold: markup that would run, a word without end, another direction."""
    room = Newsroom(store)
    room.open_feeds(source("Hostil", "IL", "he"))
    evil = Written(
        "Hostil", EVIL, f"{EVIL} {_LONG}", terms=(("script", 3),), url="javascript:document.title='x'"
    )
    event_id = room.news("amazon-rail", evil)
    room.news(
        "amazon-rail", Written("Hostil", _LONG), Written("Hostil", "רכבת האמזונס (Amazonas) יוצאת לדרך")
    )
    room.fail("Hostil", FetchFailure.NOT_A_FEED, EVIL, _LONG)
    causes = (Cause(event_id, EVIL, 6, 6), Cause(event_id, _LONG, 5, 5))
    spike = Spike("e", "amazon-rail", "", NOW, NOW, 11, 11, 0, 9, causes, expected=f"{EVIL} {_LONG}")
    known = [one.id for one in store.spikes.list_spikes()]
    assert store.spikes.save(spike, [], known=known, since=NOW - 99 * HOUR, now=NOW)
    return event_id


def _serve(folder: Path, *, spoilt: bool) -> Iterator[Site]:
    store = Store(f"sqlite:///{folder}/avizor.db")
    events = fill(store)
    add_spikes(store, events)
    paths = {
        "today": "/",
        "watchlist": "/watchlists/chancay-port",
        "event": f"/events/{events['ruling']}",
        "refused": f"/events/{events['licence']}",
        "sources": "/sources",
        "deliveries": "/deliveries",
    }
    if spoilt:
        paths["spoilt-event"] = f"/events/{_spoil(store)}"
        paths["spoilt-watchlist"] = "/watchlists/amazon-rail"
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(create_app(view), host=HOST, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the pages")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(f"http://{HOST}:{port}", paths)
    server.should_exit = True
    thread.join()
    store.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _serve(tmp_path_factory.mktemp("site"), spoilt=False)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _serve(tmp_path_factory.mktemp("spoilt"), spoilt=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def _look(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> tuple[Page, list[str]]:
    """Open an empty page that notes every complaint: console, faults, requests to anywhere else."""
    page = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("request", lambda request: None if HOST in request.url else complaints.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    return page, complaints


def _keep(page: Page, name: str) -> None:
    """Keep a picture where AVIZOR_TEST_PICTURES names a folder, to be looked at."""
    folder = os.environ.get("AVIZOR_TEST_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_pages_fit_and_nothing_complains(
    browser: Browser, site: Site, width: int, scheme: Literal["light", "dark"]
) -> None:
    page, complaints = _look(browser, width, scheme)
    for name, path in site.paths.items():
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("h1").count() == 1
        _keep(page, f"{name}-{width}-{scheme}")
    page.context.close()
    assert not complaints


@pytest.mark.promise("P12", size="every page, phone and desk, Chromium")
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_a_feed_wrote_neither_runs_nor_breaks_a_page(browser: Browser, spoilt: Site, width: int) -> None:
    page, complaints = _look(browser, width, "light")
    for name, path in spoilt.paths.items():
        page.goto(spoilt.url + path)
        title = page.title()
        assert title.endswith("Avizor"), name
        assert page.locator("script, img, style, #content svg").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("footer").is_visible()
        _keep(page, f"spoilt-{name}-{width}")
    page.context.close()
    assert not complaints


def test_even_a_script_that_got_through_would_be_stopped(browser: Browser, site: Site) -> None:
    page, complaints = _look(browser, DESK, "light")
    page.goto(site.url)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'broken'";
            document.body.append(script);
        }"""
    )
    assert page.title() == "Today · Avizor"
    page.context.close()
    assert any("Content Security Policy" in complaint for complaint in complaints)


def test_dark_and_light_are_different_papers(browser: Browser, site: Site) -> None:
    papers = set()
    for scheme in ("light", "dark"):
        page, _ = _look(browser, DESK, "dark" if scheme == "dark" else "light")
        page.goto(site.url)
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert papers == {"rgb(251, 250, 247)", "rgb(21, 21, 19)"}


def test_the_narrow_column_stands_beside_on_a_desk_and_below_on_a_phone(browser: Browser, site: Site) -> None:
    for width in (PHONE, DESK):
        page, _ = _look(browser, width, "light")
        page.goto(site.url)
        main, aside = page.locator("main").bounding_box(), page.locator("aside").bounding_box()
        assert main is not None
        assert aside is not None
        is_beside = aside["x"] >= main["x"] + main["width"]
        is_below = aside["y"] >= main["y"] + main["height"]
        assert (is_beside, is_below) == (width == DESK, width == PHONE)
        page.context.close()


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(browser: Browser, site: Site) -> None:
    page, _ = _look(browser, DESK, "light")
    page.goto(site.url)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("link => document.activeElement === link")
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert skip.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.close()
