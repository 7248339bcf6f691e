"""The keyboard alone does every task, and one sees at each step where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.partners.browser import look
from tests.partners.scene import READER, SECRET
from tests.partners.scene_news import RULING
from tests.partners.site_map import SPOTS, STRIKE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.partners.browser import Look
    from tests.partners.scene import Scene

pytestmark = pytest.mark.real


@pytest.fixture
def desk(browser: Browser, scene: Scene) -> Iterator[Look]:
    with look(browser, scene.url, session=scene.session) as seen:
        yield seen
    assert not seen.complaints


def _heading(seen: Look) -> str:
    return seen.page.locator("h1").inner_text()


def test_one_sees_where_one_is_on_every_page(browser: Browser, scene: Scene) -> None:
    found = []
    with look(browser, scene.url, session=scene.session) as seen:
        for name, spot in SPOTS.items():
            seen.open(spot.path(scene), status=spot.status)
            seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            found += [f"{name}: {one}" for one in seen.unseen_focus()]
    assert not found, "\n".join(found)


def test_somebody_signs_in_and_out(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url) as seen:
        seen.open("/sign-in")
        seen.tab_to("Your name")
        seen.write("ana")
        seen.tab_to("Secret")
        seen.write(SECRET)
        seen.press("Enter")
        seen.page.wait_for_url("**/")
        assert _heading(seen) == "Today"
        seen.tab_to("Sign out")
        seen.press("Enter")
        seen.page.wait_for_url("**/sign-in")


def test_a_day_of_a_watchlist_is_picked_and_its_articles_opened(desk: Look) -> None:
    desk.open("/watchlists/chancay-port?days=30")
    desk.tab_to("Reports by day; move along the days with the arrow keys, + and - zoom, Enter opens")
    desk.press("ArrowLeft")
    said = desk.page.locator("#said").inner_text()
    desk.press("Enter")
    desk.page.wait_for_url("**/search?watchlist=chancay-port&since=2026-11-22&until=2026-11-22")
    assert desk.page.locator("#counted").inner_text().split()[0] in said


def test_past_the_masthead_to_an_event_and_from_there_to_its_watchlist(desk: Look) -> None:
    desk.open("/")
    desk.tab_to("Skip to the content")
    desk.press("Enter")
    assert desk.page.evaluate("document.activeElement.id") == "content"
    title = desk.page.locator("article h3 a").first.inner_text()
    desk.tab_to(title)
    desk.press("Enter")
    desk.page.wait_for_url("**/events/*")
    assert _heading(desk) == title
    desk.tab_to("Chancay Port")
    desk.press("Enter")
    desk.page.wait_for_url("**/watchlists/chancay-port")
    assert _heading(desk) == "Chancay Port"


def test_an_event_is_called_otherwise(desk: Look, scene: Scene) -> None:
    desk.open(f"/events/{scene.event_of(STRIKE)}")
    desk.tab_to("Correct this event")
    desk.press("Enter")
    desk.tab_to("Another title")
    desk.write("Paro en el acceso al puerto")
    desk.press("Enter")
    desk.page.wait_for_selector("h1:has-text('Paro en el acceso al puerto')")


def test_an_event_is_muted_for_a_week(desk: Look, scene: Scene) -> None:
    event_id = scene.event_of(RULING)
    desk.open(f"/events/{event_id}")
    desk.tab_to("Keep silence about it")
    desk.press("Enter")
    desk.tab_to("How long")
    desk.press("ArrowDown")
    desk.tab_to("Tell nobody of it")
    with desk.page.expect_navigation():
        desk.press("Enter")
    mutes = [mute for _, mute in scene.store.mutes.list_active(scene.now) if mute.event_id == event_id]
    assert [(mute.until_at - scene.now).days for mute in mutes] == [7]


def test_the_archive_is_searched_and_narrowed_down(desk: Look) -> None:
    desk.open("/")
    desk.tab_to("Search")
    desk.press("Enter")
    desk.page.wait_for_url("**/search")
    desk.tab_to("Words, as in a watchlist")
    desk.write("estibadores OR tarifas")
    desk.press("Enter")
    desk.page.wait_for_url("**/search?q=estibadores*")
    desk.tab_to("Narrow it down")
    desk.press("Enter")
    desk.tab_to("Country")
    desk.page.keyboard.type("PE")
    desk.tab_to("Search")
    desk.press("Enter")
    desk.page.wait_for_url("**country=PE*")
    assert "Diario del Muelle" in desk.page.locator("#found").inner_text()


def test_an_operator_tests_a_channel_and_sees_what_a_reader_was_sent(desk: Look) -> None:
    desk.open("/deliveries")
    desk.tab_to("Channels")
    desk.press("Enter")
    desk.page.wait_for_url("**/channels")
    desk.tab_to("Send a test message to newsroom-chat")
    desk.press("Enter")
    desk.page.get_by_text("accepted: 2.0.0 queued").wait_for()
    desk.keep("channels-tested")
    desk.open("/subscribers")
    desk.tab_to("A whole mail address")
    desk.write(READER)
    desk.press("Enter")
    desk.page.get_by_role("link", name="All readers").wait_for()
    assert desk.page.locator("tbody tr").count() == 1
    desk.tab_to("Deliveries: r…@example.org")
    desk.press("Enter")
    desk.page.wait_for_url("**/deliveries?channel=reader-*")
    assert set(desk.page.locator("td[data-label=To] .address").all_inner_texts()) == {"r…@example.org"}


def test_an_operator_asks_who_would_be_told_of_a_headline(desk: Look) -> None:
    desk.open("/deliveries")
    desk.tab_to("Who would be told")
    desk.press("Enter")
    desk.page.wait_for_url("**/routes")
    desk.tab_to("Or a headline")
    desk.write("Huelga en el puerto de Chancay")
    desk.press("Enter")
    desk.page.get_by_text("would be told at once").wait_for()
    assert "a…@example.org" in desk.page.locator("tbody").inner_text()


def test_a_watchlist_gets_a_term_and_is_saved(desk: Look, scene: Scene) -> None:
    desk.open("/watchlists/chancay-port")
    desk.tab_to("Edit this watchlist")
    desk.press("Enter")
    desk.page.wait_for_url("**/edit")
    desk.tab_to("The watchlist")
    desk.tab_to("Words")
    desk.write("oleaje")
    desk.tab_to("Add it, and see what it would have caught")
    desk.press("Enter")
    desk.page.get_by_role("region", name="Gained").wait_for()
    desk.tab_to("Save")
    desk.press("Enter")
    desk.page.get_by_text("Saved. It is in force within two seconds.").wait_for()
    assert "    - oleaje\n" in (scene.watchlists / "chancay-port.yaml").read_text(encoding="utf-8")


def test_the_language_is_changed_and_stays_so(desk: Look) -> None:
    desk.open("/sources")
    desk.tab_to("Português", most=900)
    desk.press("Enter")
    desk.page.wait_for_url("**language=pt")
    desk.open("/")
    assert desk.page.locator("html").get_attribute("lang") == "pt"
    desk.open("/?language=en")


def test_a_reader_mutes_an_event_and_says_that_an_alert_was_useful(browser: Browser, scene: Scene) -> None:
    for page in ("mute", "useful"):
        with look(browser, scene.url) as seen:
            seen.open(f"{scene.link(page)}?language=en")
            main = seen.page.locator("main")
            before = main.inner_text()
            seen.tab_to(seen.page.locator("main form button").first.inner_text())
            seen.press("Enter")
            expect(main).not_to_have_text(before, use_inner_text=True)
            seen.keep(f"after-{page}")
