"""A source is added in a real browser, to the service as it runs: it is read by itself, and has its page."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.partners.browser import DESK, PHONE, look
from tests.partners.feed_site import FeedSite
from tests.partners.ports import HOST, free_port, wait_until
from tests.test_feeds_commands import ALL, LOCAL, PORT, PORTADA, page, rss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.partners.browser import Look, Scheme

pytestmark = pytest.mark.real


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with FeedSite() as opened:
        opened.pages["/"] = page("/comments/feed", "/feed")
        opened.pages["/feed"] = rss("Diario - Portada", *PORTADA)
        opened.pages["/comments/feed"] = rss("Comments on Diario", "ana: sí")
        yield opened


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "watchlists" / "feeds").mkdir(parents=True)
    (tmp_path / "watchlists" / "port.yaml").write_text(PORT)
    (tmp_path / "watchlists" / "all.yaml").write_text(ALL)
    (tmp_path / "watchlists" / "feeds" / "local.yaml").write_text(LOCAL)
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AVIZOR_")},
        "AVIZOR_DATA_DIR": str(tmp_path),
        "AVIZOR_WATCHLISTS": str(tmp_path / "watchlists"),
        "AVIZOR_PORT": str(port),
        "AVIZOR_PRIVATE_FEEDS": HOST,
    }
    url = f"http://{HOST}:{port}"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from service.cli import app; app()", "run"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _answers(url), "the pages", 30)
        yield url
    finally:
        process.terminate()
        process.wait(40)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=2):  # noqa: S310 -- an address of ours
            return True
    except OSError:
        return False


@pytest.mark.parametrize(
    ("width", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
)
def test_a_source_is_added_by_its_site_s_address_and_read_by_itself(
    browser: Browser, site: FeedSite, service: str, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    name = f"{width}-{scheme}"
    with look(browser, service, width=width, scheme=scheme) as seen:
        seen.open("/sources")
        seen.page.get_by_role("link", name="Add a source").click()
        seen.page.get_by_label("Address of a site").fill(site.url("/"))
        seen.page.get_by_role("button", name="Look for its feeds").click()
        seen.page.get_by_text("2 feeds were found and tried.").wait_for()
        assert seen.audit(f"found {name}") == []
        assert seen.audit(f"found {name}", of_colours=True) == []
        assert seen.unseen_focus() == []
        seen.keep(f"source-add-found-{name}")
        form = seen.page.locator("section.offer").first
        form.get_by_label("Country").fill("PE")
        form.locator("[name=pack]").fill("Coast papers")
        form.get_by_label("Let a watchlist follow").select_option(label="Chancay Port")
        form.get_by_role("button", name="Write it into the pack").click()
        seen.page.get_by_text("Written: 1 feed stands in the pack coast-papers now.").wait_for()
        seen.page.get_by_text("Followed by Everything and Chancay Port.").wait_for()
        assert seen.audit(f"saved {name}") == []
        seen.keep(f"source-add-saved-{name}")
        _take_in_a_file(seen, site, tmp_path, name)
        asked = len(site.asked)
        seen.open("/sources")
        wait_until(lambda: _is_listed(seen.page), "the new source", 30)
        seen.page.get_by_role("link", name="Diario", exact=True).click()
        seen.page.get_by_text("feeds/coast-papers.yaml").wait_for()
        assert not seen.complaints
    if width == DESK and scheme == "light":  # a feed's first poll may be a minute away
        wait_until(lambda: len(site.asked) > asked, "the first poll", 90)
    assert "country: PE" in (tmp_path / "watchlists" / "feeds" / "coast-papers.yaml").read_text()
    assert (
        "feeds: [local, coast-papers]  # what we read" in (tmp_path / "watchlists" / "port.yaml").read_text()
    )


def _take_in_a_file(seen: Look, site: FeedSite, folder: Path, name: str) -> None:
    lines = "".join(
        f'<outline text="{title}" xmlUrl="{url}"/>'
        for title, url in (
            (
                "La Gaceta de la Costa, edición vespertina",
                "https://gaceta.example/vespertina/titulares/rss.xml",
            ),
            ("Otro", "https://otro.example/rss"),
            ("Diario", site.url("/feed")),
            ("Old", "gopher://old.example/"),
        )
    )
    (folder / "mine.opml").write_text(f"<opml><body>{lines}</body></opml>")
    seen.open("/sources/add")
    seen.page.get_by_text("From an OPML file").click()
    seen.page.get_by_label("The file").set_input_files(folder / "mine.opml")
    seen.page.get_by_role("button", name="Show what is in it").click()
    seen.page.get_by_text("2 new feeds").wait_for()
    for title in ("There already", "Refused"):
        seen.page.get_by_text(f"{title} (1)").click()
    assert seen.audit(f"file {name}") == []
    assert seen.audit(f"file {name}", of_colours=True) == []
    assert seen.unseen_focus() == []
    seen.keep(f"source-add-file-{name}")
    seen.page.get_by_label("Otro").uncheck()
    seen.page.get_by_role("button", name="Write them into the pack").click()
    seen.page.get_by_text("Written: 1 feed stands in the pack my-feeds now.").wait_for()
    assert "gaceta.example" in (folder / "watchlists" / "feeds" / "my-feeds.yaml").read_text()


def _is_listed(page_: Page) -> bool:
    page_.reload()
    return page_.get_by_role("link", name="Diario", exact=True).count() > 0
