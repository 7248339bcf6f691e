"""The search in a real browser: as one types, by keyboard, and without any script."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pytest
import uvicorn

from service.web import Health, View, create_app
from tests.partners.newsroom import NOW, open_filled
from tests.partners.pictures import keep_picture
from tests.partners.ports import HOST, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store, _ = open_filled(tmp_path_factory.mktemp("search"))
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(create_app(view), host=HOST, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the pages")
    yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    store.close()


@contextmanager
def _open(
    browser: Browser, width: int = 1200, *, scheme: Literal["light", "dark"] = "light", scripts: bool = True
) -> Iterator[Page]:
    size: ViewportSize = {"width": width, "height": 900}
    with browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts) as context:
        yield context.new_page()


def test_results_come_as_one_types_and_the_address_keeps_the_question(browser: Browser, site: str) -> None:
    with _open(browser) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("request", lambda request: None if HOST in request.url else complaints.append(request.url))
        page.goto(f"{site}/search")
        page.locator("#q").press_sequentially("Chancay AND NOT regulador", delay=20)
        page.wait_for_url(re.compile(r"q=Chancay\+?(%20)?AND"))
        page.locator("#counted", has_text="found, of").wait_for()
        assert page.locator("#found h3").count() > 0
        assert page.evaluate("document.activeElement.id") == "q"
        assert page.locator("#found mark").first.inner_text().lower().startswith("chancay")
        page.locator("#q").fill("Kast NEAR (debate")
        page.locator("#query-fault .fault").wait_for()
        assert page.locator("#found h3").count() == 0
        page.locator("#q").fill("zeppelin")
        page.locator("#counted", has_text="None, of").wait_for()
        assert page.locator("#query-fault .fault").count() == 0
        page.go_back()
        page.wait_for_url(re.compile("NEAR"))
        assert complaints == []


def test_without_scripts_the_form_is_sent_by_its_button(browser: Browser, site: str) -> None:
    with _open(browser, scripts=False) as page:
        page.goto(f"{site}/search")
        page.locator("#q").fill("chancay")
        page.locator("#q").press("Enter")
        page.wait_for_url(re.compile("q=chancay"))
        assert page.locator("#found h3").count() > 0
        page.locator("summary", has_text="Narrow").click()
        page.locator("#country").select_option("CN")
        page.locator("form.seek button").click()
        page.wait_for_url(re.compile("country=CN"))
        assert page.locator("#country").input_value() == "CN"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_it_fits(
    browser: Browser, site: str, language: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    with _open(browser, width, scheme=scheme) as page:
        for name, question in (
            ("found", "q=Chancay"),
            ("narrow", "q=Chancay+AND+zeppelin&country=PE&since=x"),
            ("nearly", "q=Chancay+AND+zeppelin"),
            ("fault", "q=Kast+NEAR+(debate+OR+foro)"),
            ("all", ""),
        ):
            page.goto(f"{site}/search?language={language}&{question}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
            keep_picture(page, f"search-{name}-{language}-{width}-{scheme}", whole=True)
