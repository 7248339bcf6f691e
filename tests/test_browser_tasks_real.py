"""Further tasks done by the keyboard alone, each judged by what is kept then, or by what the page says."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.fetch import no_secret
from service.store import Scope
from service.wiring import FeedAdding
from tests.partners.browser import look
from tests.partners.feed_site import FeedSite
from tests.partners.ports import HOST
from tests.partners.scene import LEAVER, READER, serve
from tests.partners.scene_news import RULING
from tests.partners.site_map import STRIKE
from tests.test_feeds_commands import PORTADA, page, rss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.partners.browser import Look
    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
OPML = (
    '<opml version="2.0"><body><outline text="Gaceta de la Costa" xmlUrl="https://gaceta.example/rss"/>'
    '<outline text="Otro" xmlUrl="https://otro.example/rss"/></body></opml>'
)


@pytest.fixture
def desk(browser: Browser, scene: Scene) -> Iterator[Look]:
    with look(browser, scene.url, session=scene.session) as seen:
        yield seen
    assert not seen.complaints


def _go(seen: Look, name: str) -> None:
    """Go to a link or a button and press Enter, until the page it leads to is there."""
    seen.tab_to(name)
    _enter(seen)


def _enter(seen: Look) -> None:
    with seen.page.expect_navigation():
        seen.press("Enter")


def _paste(seen: Look, text: str) -> None:
    """Paste a text, as if it had been copied elsewhere."""
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    seen.press("ControlOrMeta+V")


def _downloaded(seen: Look, name: str) -> str:
    """Go to a link and press Enter; gives what is downloaded then."""
    seen.tab_to(name)
    with seen.page.expect_download() as expected:
        seen.press("Enter")
    return Path(expected.value.path()).read_text(encoding="utf-8-sig")


def test_a_report_is_split_off_its_event(desk: Look, scene: Scene) -> None:
    title, event_id = "Ositrán retoma la vigilancia del puerto de Chancay", scene.event_of(RULING)
    assert scene.event_of(title) == event_id
    desk.open(f"/events/{event_id}")
    desk.tab_to("Correct this event")
    desk.press("Enter")
    desk.tab_to(f"Boletín de Puertos: {title}")
    desk.press("Space")
    _go(desk, "Split them off")
    assert desk.page.locator("h1").inner_text() == title
    assert scene.event_of(title) != event_id
    assert scene.event_of(RULING) == event_id


def test_two_events_are_merged(desk: Look, scene: Scene) -> None:
    first = "Naviera suma una escala semanal en el puerto de Chancay desde enero"
    second = "Shipping line adds a weekly call at Chancay port from January"
    event_id = scene.event_of(first)
    assert scene.event_of(second) != event_id
    desk.open(f"/events/{event_id}")
    desk.tab_to("Correct this event")
    desk.press("Enter")
    desk.tab_to("It is the same event as")
    desk.page.keyboard.type("Shipping")
    _go(desk, "Merge it into this one")
    assert scene.event_of(first) == scene.event_of(second)
    assert desk.page.locator("ol.reports > li").count() == 2


def test_a_mute_is_ended(desk: Look, scene: Scene) -> None:
    event_id = scene.event_of(STRIKE)
    assert [mute.event_id for _, mute in scene.store.mutes.list_active(scene.now)] == [event_id]
    desk.open("/deliveries")
    _go(desk, "Mutes")
    desk.tab_to(scene.store.reading.get_event(event_id).event.title)
    _go(desk, "End it")
    assert scene.store.mutes.list_active(scene.now) == []
    desk.page.get_by_text("Nothing is muted.").wait_for()


def test_an_operator_ends_the_alerts_of_a_reader(desk: Look, scene: Scene) -> None:
    assert scene.store.readers.find_named("jo.almeida@example.org", 9)
    desk.open("/subscribers")
    desk.tab_to("End the alerts of j…@example.org")
    desk.press("Enter")
    _go(desk, "Yes, end them")
    assert scene.store.readers.find_named("jo.almeida@example.org", 9) == []
    assert desk.page.get_by_text("j…@example.org").count() == 0


def test_a_target_that_refuses_is_tried_at_once(desk: Look, scene: Scene) -> None:
    [paused] = scene.store.targets.list_paused()
    assert (paused.target, paused.until_at > scene.now) == (LEAVER, True)
    desk.open("/deliveries")
    _go(desk, "Channels")
    _go(desk, "Try it now")
    assert [one.until_at for one in scene.store.targets.list_paused()] == [scene.now]


def test_a_new_watchlist_is_filled_in_and_saved(desk: Look, scene: Scene) -> None:
    desk.open("/watchlists")
    _go(desk, "A new watchlist")
    desk.tab_to("Name")
    desk.write("port-strikes")
    desk.tab_to("What an article must say")
    desk.write("puerto NEAR/5 paro\nestibadores")
    _go(desk, "Open it in the editor")
    _go(desk, "Save")
    desk.page.get_by_text("Saved. It is in force within two seconds.").wait_for()
    written = (scene.watchlists / "port-strikes.yaml").read_text(encoding="utf-8")
    assert "    - 'puerto NEAR/5 paro'\n    - 'estibadores'\n" in written


def test_a_pasted_headline_is_explained_and_nothing_is_saved(desk: Look, scene: Scene) -> None:
    before = (scene.watchlists / "chancay-port.yaml").read_bytes()
    desk.open("/watchlists/chancay-port/edit")
    desk.tab_to("Headline")
    _paste(desk, "Huelga en el puerto de Chancay")
    _enter(desk)
    told = desk.page.get_by_role("region", name="Your headline").inner_text()
    assert "Huelga en el puerto de Chancay" in told
    assert "puerto" in told.rpartition("Huelga")[2]
    assert "Saved." not in desk.page.locator("main").inner_text()
    assert (scene.watchlists / "chancay-port.yaml").read_bytes() == before


def test_enter_in_the_field_of_a_term_adds_it_to_the_draft_alone(desk: Look, scene: Scene) -> None:
    before = (scene.watchlists / "chancay-port.yaml").read_bytes()
    desk.open("/watchlists/chancay-port/edit")
    desk.tab_to("The watchlist")
    desk.tab_to("Words")
    desk.write("oleaje")
    _enter(desk)
    assert "    - oleaje\n" in desk.page.locator("#text").input_value()
    assert desk.page.locator(".saved").count() == 0
    assert (scene.watchlists / "chancay-port.yaml").read_bytes() == before


def test_a_source_is_added_by_its_address(browser: Browser, scene: Scene) -> None:
    settings = scene.settings.model_copy(update={"private_feeds": HOST})
    adding = FeedAdding(settings, no_secret, lambda: scene.files)
    with FeedSite() as site, serve(replace(scene.view(), adding=adding)) as url:
        site.pages["/"] = page("/feed")
        site.pages["/feed"] = rss("Diario - Portada", *PORTADA)
        with look(browser, url, session=scene.session) as seen:
            seen.open("/sources")
            _go(seen, "Add a source")
            seen.tab_to("Address of a site")
            seen.write(site.url("/"))
            _enter(seen)
            seen.page.get_by_text("1 feed was found and tried.").wait_for()
            seen.tab_to("Pack")
            seen.write("coast-papers")
            _go(seen, "Write it into the pack")
            seen.page.get_by_text("Written: 1 feed stands in the pack coast-papers now.").wait_for()
            assert not seen.complaints
        pack = scene.watchlists / "feeds" / "coast-papers.yaml"
        assert site.url("/feed") in pack.read_text(encoding="utf-8")


def test_feeds_are_taken_in_from_a_pasted_opml(desk: Look, scene: Scene) -> None:
    desk.open("/sources/add")
    desk.tab_to("From an OPML file")
    desk.press("Enter")
    desk.tab_to("Or its text")
    _paste(desk, OPML)
    _go(desk, "Show what is in it")
    desk.page.get_by_text("2 new feeds").wait_for()
    desk.tab_to("Otro")
    desk.press("Space")
    desk.tab_to("Pack")
    desk.write("from-another")
    _go(desk, "Write them into the pack")
    desk.page.get_by_text("Written: 1 feed stands in the pack from-another now.").wait_for()
    written = (scene.watchlists / "feeds" / "from-another.yaml").read_text(encoding="utf-8")
    assert "https://gaceta.example/rss" in written
    assert "otro.example" not in written


def test_what_a_search_finds_is_downloaded_as_a_table(desk: Look) -> None:
    desk.open("/search")
    desk.tab_to("Words, as in a watchlist")
    desk.write("Ositrán")
    desk.press("Enter")
    desk.page.wait_for_url("**/search?q=Ositr*")
    desk.page.locator("#found .hits").wait_for()
    rows = list(csv.DictReader(_downloaded(desk, "All of it as CSV").splitlines()))
    assert RULING in [row["headline"] for row in rows]
    assert str(len(rows)) == desk.page.locator("#counted").inner_text().split()[0]


def test_an_event_is_cited(desk: Look, scene: Scene) -> None:
    event_id = scene.event_of(RULING)
    desk.open(f"/events/{event_id}")
    text = _downloaded(desk, "BibTeX")
    assert text.startswith(f"@misc{{avizor-{event_id},")
    assert desk.page.locator("h1").inner_text() in text


def test_a_reader_changes_what_comes_and_leaves(browser: Browser, scene: Scene) -> None:
    [reader] = scene.store.readers.find_named(READER, 9)
    with look(browser, scene.url) as seen:
        seen.open(f"{scene.link('change')}?language=en")
        seen.tab_to("Venezuela: US, regime and opposition")
        seen.press("Space")
        seen.tab_to("Language of the messages")
        seen.page.keyboard.type("English")
        seen.tab_to("Quiet hours (such as 22:00-07:00)")
        seen.write("23:00-05:00")
        _go(seen, "Save")
        seen.page.locator(".saved").wait_for()
        changed = scene.store.readers.find(reader.subject)
        assert changed is not None
        assert (changed.wishes.language, changed.wishes.quiet) == ("en", "23:00-05:00")
        assert set(changed.wishes.watchlists) == {"chancay-port", "maduro-negotiations"}
        _go(seen, "Stop all messages and erase my address")
        _go(seen, "Stop all messages")
        seen.page.get_by_role("heading", name="Nothing more is sent").wait_for()
        assert not seen.complaints
    assert scene.store.readers.find(reader.subject) is None


def test_a_token_is_removed_and_the_other_stays(desk: Look, scene: Scene) -> None:
    for name in ("old program", "figures"):
        scene.store.accounts.add_token(name, [Scope.READ], scene.now)
    desk.open("/")
    _go(desk, "tokens")
    _go(desk, "Remove the token of old program")
    assert [one.name for one in scene.store.accounts.list_tokens()] == ["figures"]
    assert "old program" not in desk.page.locator("main").inner_text()
