"""The pages in a real browser: on a phone and on a desk, by day and by night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.web import Health, View
from tests.partners.browser import DESK, PHONE
from tests.partners.newsroom import NOW, add_spikes, open_filled
from tests.partners.ports import HOST
from tests.partners.scene import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store, events = open_filled(tmp_path_factory.mktemp("site"))
    add_spikes(store, events)
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)
    with serve(view) as url:
        yield url
    store.close()


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


def test_even_a_script_that_got_through_would_be_stopped(browser: Browser, site: str) -> None:
    page, complaints = _look(browser, DESK, "light")
    page.goto(site)
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


def test_dark_and_light_are_different_papers(browser: Browser, site: str) -> None:
    papers = set()
    for scheme in ("light", "dark"):
        page, _ = _look(browser, DESK, "dark" if scheme == "dark" else "light")
        page.goto(site)
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert papers == {"rgb(251, 250, 247)", "rgb(21, 21, 19)"}


def test_the_narrow_column_stands_beside_on_a_desk_and_below_on_a_phone(browser: Browser, site: str) -> None:
    for width in (PHONE, DESK):
        page, _ = _look(browser, width, "light")
        page.goto(site)
        main, aside = page.locator("main").bounding_box(), page.locator("aside").bounding_box()
        assert main is not None
        assert aside is not None
        is_beside = aside["x"] >= main["x"] + main["width"]
        is_below = aside["y"] >= main["y"] + main["height"]
        assert (is_beside, is_below) == (width == DESK, width == PHONE)
        page.context.close()


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(browser: Browser, site: str) -> None:
    page, _ = _look(browser, DESK, "light")
    page.goto(site)
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
