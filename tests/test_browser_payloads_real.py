"""What a feed may write to do harm, through the whole service, on every page: nothing comes of it."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator

from service import loop
from service.parse.opml import read_opml
from service.store import mark_of
from service.wiring import open_pipeline, sync_store
from tests.partners.atom_rules import judge_atom
from tests.partners.browser import look
from tests.partners.feed_site import FeedSite
from tests.partners.payloads import MARKUP, SCRIPTS, STRANGER, TEXTS, atom, json_feed, rss
from tests.partners.ports import HOST
from tests.partners.scene import NOW, Scene, open_scene
from tests.partners.site_map import MACHINES, SPOTS, asking
from tests.test_feeds_out import JSON_FEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.partners.browser import Look

pytestmark = pytest.mark.real
WATCHLIST = """\
title: Ports
languages: [es]
feeds: [hostile]
match:
  any: [puerto]
"""
# Follows the same feeds and matches nothing, until a draft says what.
WATCHER = """\
title: Watcher
languages: [es]
feeds: [hostile]
match:
  any: [nothing-of-this]
"""
_FIELDS = (
    "language",
    "q",
    "watchlist",
    "outlet",
    "country",
    "state",
    "page",
    "next",
    "headline",
    "event",
    "at",
)
_AT_ONCE = 8  # headlines of a kind that the editor shows of a draft
# What of a page could run, ask a stranger, or be taken for ours.
_JUDGE = """
(stranger) => {
  const found = [];
  if (window.__ran) found.push("a script ran");
  const strange = "iframe, frame, object, embed, base, marquee, math, video, audio, template, plaintext, xmp,"
    + "style, meta[http-equiv], #content link, #content img, script:not([src^='/static/']),"
    + "#content title:not(.spread > svg title),"  // those of a drawing are ours
    + "link:not([href^='/static/']):not([rel=alternate])";
  for (const one of document.querySelectorAll(strange)) found.push(`holds ${one.outerHTML.slice(0, 150)}`);
  for (const one of document.querySelectorAll("*")) {
    for (const {name, value} of one.attributes) {
      // CodeMirror and uPlot place things by script, not in markup: of that the policy would tell.
      if (name === "style" && one.closest(".cm-editor, #plot > .uplot")) continue;
      if (/^on|^style$|^srcdoc$|^srcset$/i.test(name)) found.push(`${one.tagName} has ${name}=${value}`);
      if (/^(href|src|action|formaction|data|xlink:href)$/i.test(name)
          && !/^(https?:\\/\\/|\\/(?!\\/)|[?#]|mailto:)/.test(value)) found.push(`${name}=${value}`);
      if (one.tagName !== "A" && /^(src|action|formaction|data)$/i.test(name) && value.includes(stranger))
        found.push(`${one.tagName} goes to ${value}`);
    }
  }
  for (const one of document.querySelectorAll("input[name=password], form:not([action]):not([method])"))
    found.push(`a form of others: ${one.outerHTML}`);
  for (const one of document.querySelectorAll("a[href^='http']"))
    if (one.origin !== location.origin && !/noreferrer/.test(one.rel)) found.push(`betrays us: ${one.href}`);
  const text = document.documentElement.textContent;
  if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text)) found.push("turns the text");
  if (document.querySelectorAll("#content").length > 1) found.push("has another #content");
  if (!/ · Avizor$/.test(document.title)) found.push(`is called ${document.title}`);
  if (!document.querySelector("footer, main")?.getClientRects().length) found.push("is empty");
  return found;
}
"""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give a scene that has polled three hostile feeds, as the service polls: fetched, read, told."""
    made = tmp_path_factory.getbasetemp() / "scene-made"
    with open_scene(tmp_path_factory.mktemp("spoilt"), made) as scene, FeedSite() as site:
        at = NOW - timedelta(minutes=50)
        site.pages = {
            "/rss": rss(format_datetime(at)),
            "/atom": atom(at.isoformat()),
            "/json": json_feed(at.isoformat()),
        }
        names = {"/rss": SCRIPTS[5], "/atom": SCRIPTS[0], "/json": "</bdi><h1>x</h1>"}
        feeds = "".join(
            f"  - {{url: '{site.url(path)}', title: {_quoted(name)}, outlet: {_quoted(name)}, country: PE}}\n"
            for path, name in names.items()
        )
        (scene.watchlists / "feeds" / "hostile.yaml").write_text(f"title: Hostile\nfeeds:\n{feeds}")
        (scene.watchlists / "hostile.yaml").write_text(WATCHLIST)
        (scene.watchlists / "watcher.yaml").write_text(WATCHER)
        scene.shift.desk = scene.read_files()
        mine = [one for one in scene.files.sources if "hostile" in one.packs]
        sync_store(scene.store, scene.files, mine, scene.now)  # nobody else is asked for anything
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: loop.run(_poll(scene, NOW))).result()
            site.pages["/rss"] = rss(format_datetime(at), later=1)
            known = scene.store.feeds.list_by_url([site.url("/rss")])
            scene.store.feeds.put_off({one.id: scene.now for one in known})
            pool.submit(lambda: loop.run(_poll(scene, scene.now))).result()
        scene.read_files()
        yield scene


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def _poll(scene: Scene, begin: datetime) -> None:
    settings = scene.settings.model_copy(update={"private_feeds": HOST})
    for later in range(3):  # one feed of a host at a time
        now = begin + timedelta(minutes=20 * (later + 1))
        async with open_pipeline(settings, scene.store, scene.shift.desk, as_of=now) as pipeline:
            await pipeline.polling.poll_due()
            pipeline.waking.wake_due()
        scene.now = now


def _judge(seen: Look, name: str) -> list[str]:
    found: list[Any] = seen.page.evaluate(_JUDGE, STRANGER)
    return [f"{name} {one}" for one in (*found, *seen.judge(name))]


@pytest.mark.promise("P12", size="76 payloads in every field of three feeds, every page, Chromium")
def test_what_a_feed_wrote_neither_runs_nor_asks_nor_breaks_a_page(browser: Browser, spoilt: Scene) -> None:
    assert len(TEXTS) > 60
    found, words = [], ""
    paths = {name: (spot.path(spoilt), spot.status) for name, spot in SPOTS.items()}
    paths["hostile"] = ("/watchlists/hostile", 200)
    paths["search-hostile"] = ("/search?q=estibadores+AND+puerto", 200)
    for number, source in enumerate(one for one in spoilt.files.sources if "hostile" in one.packs):
        paths[f"source-hostile-{number}"] = (f"/sources/{mark_of(source.url)}", 200)
    for number, view in enumerate(spoilt.store.reading.list_events(watchlist_id="hostile", limit=500)):
        for part in range(1, 2 + len(view.reports) // 100):
            paths[f"event-{number}-{part}"] = (f"/events/{view.event.id}?part={part}", 200)
        paths[f"routes-{number}"] = (f"/routes?event={view.event.id}", 200)
    with look(browser, spoilt.url, session=spoilt.session, width=390) as seen:
        for name, (path, status) in paths.items():
            seen.open(path, status=status)
            found += _judge(seen, name)
            words += seen.page.locator("body").inner_text()
            if name in {"today", "hostile", "event-0-1", "sources"}:
                seen.keep(f"spoilt-{name}")
    shown = {kind: set(re.findall(rf"puerto ({kind}\d\d\d)", words)) for kind in "RAJ"}
    assert {kind: len(marks) for kind, marks in shown.items()} == dict.fromkeys("RAJ", len(TEXTS))
    assert words.count("<script>") > 50, "they stand there as text"
    assert len(re.findall(r"headline before: Huelga de estibadores", words)) == len(TEXTS)
    assert not found, "\n".join(found)


@pytest.mark.promise("P12", size="29 payloads, each as the article that nearly fits")
def test_an_article_that_nearly_fits_does_no_harm(browser: Browser, spoilt: Scene) -> None:
    numbers = range(0, len(SCRIPTS) + len(MARKUP), 2)
    found, marks = [], [f"{'RAJ'[number % 3]}{number:03}" for number in numbers]
    with look(browser, spoilt.url, session=spoilt.session, width=390) as seen:
        for mark in marks:
            seen.open(f"/search?q={mark}+AND+volcanes")
            found += _judge(seen, mark)
            assert f"puerto {mark}" in seen.page.locator(".reports").inner_text()
    assert not found, "\n".join(found)


@pytest.mark.promise(
    "P12", size="76 payloads, each gained and lost by a draft, every eighth tried as a headline"
)
def test_what_a_draft_gains_and_loses_does_no_harm_in_the_editor(browser: Browser, spoilt: Scene) -> None:
    found, shown = [], {"gained": "", "lost": ""}
    for first in range(0, len(TEXTS), _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, len(TEXTS)))
        marks = ", ".join(f"{'RAJ'[number % 3]}{number:03}" for number in numbers)
        drafts = {
            "gained": ("watcher", WATCHER.replace("nothing-of-this", marks)),
            "lost": ("hostile", f"{WATCHLIST}  none: [{marks}]\n"),
        }
        for region, (name, text) in drafts.items():
            with look(browser, spoilt.url, session=spoilt.session) as seen:
                seen.open(f"/watchlists/{name}/edit")
                _draft(seen, text, TEXTS[first], is_typed=region == "lost")
                found += _judge(seen, f"{region} {marks}")
                shown[region] += seen.page.get_by_role("region", name=region).inner_text()
    for region, words in shown.items():
        assert len(set(re.findall(r"puerto ([RAJ]\d\d\d)", words))) == len(TEXTS), region
    assert not found, "\n".join(found)


def _draft(seen: Look, text: str, headline: str, *, is_typed: bool) -> None:
    """Have a draft judged: as one types, or by the button, when the page comes anew."""
    seen.page.get_by_label("Headline").fill(headline)
    area = seen.page.locator("#text")
    area.evaluate("(one, text) => { one.value = text; }", text)
    if is_typed:
        with seen.page.expect_response("**/draft"):
            area.dispatch_event("input")
    else:
        seen.page.locator(".acts").get_by_role("button", name="Check").click()
    seen.page.get_by_role("region", name="gained" if not is_typed else "lost").wait_for()
    seen.settle()


def test_what_stands_in_an_address_does_no_harm_either(browser: Browser, spoilt: Scene) -> None:
    found = []
    with look(browser, spoilt.url, session=spoilt.session) as seen:
        for name, spot in SPOTS.items():
            asked = dict.fromkeys(_FIELDS, SCRIPTS[1] + SCRIPTS[23])
            answer = seen.page.goto(spoilt.url + asking(spot.path(spoilt).partition("?")[0], **asked))
            assert answer is not None
            assert answer.status < 500, name
            seen.complaints[:] = [one for one in seen.complaints if "Failed to load resource" not in one]
            found += _judge(seen, name)
    assert not found, "\n".join(found)


def test_feeds_of_what_a_feed_wrote_are_as_their_specifications_say(spoilt: Scene) -> None:
    with httpx.Client(base_url=spoilt.url, cookies={"avizor_session": spoilt.session}) as visits:
        for path in ("", "/watchlists/hostile"):
            assert judge_atom(visits.get(f"{path}/events.atom").content) == []
            Draft202012Validator(JSON_FEED).validate(json.loads(visits.get(f"{path}/events.json").content))
            assert list(Calendar.from_ical(visits.get(f"{path}/dates.ics").content).walk("VEVENT"))
        assert len(visits.get("/watchlists/hostile/events.atom").content) > 20_000
        assert len(read_opml(visits.get("/sources.opml").content)) == len(spoilt.store.feeds.list_all())


@pytest.mark.promise("P12", size="every way out for machines, opened in Chromium")
def test_ways_out_for_machines_run_nothing_either(browser: Browser, spoilt: Scene) -> None:
    with look(browser, spoilt.url, session=spoilt.session) as seen:
        for spots in MACHINES.values():
            for name, spot in spots.items():
                answer = seen.page.request.get(spoilt.url + spot.path(spoilt))
                assert answer.status == spot.status, name
                assert answer.headers["x-content-type-options"] == "nosniff"
                is_saved = answer.headers.get("content-type", "").startswith(("text/calendar", "text/x-opml"))
                if is_saved or "content-disposition" in answer.headers or spot.status != 200:
                    continue  # a browser saves it, or has nothing to show
                seen.open(spot.path(spoilt), status=spot.status)
                assert not seen.page.evaluate("window.__ran"), name
                # Beside what is no page of ours a browser looks for an icon.
                assert not [one for one in seen.complaints if "Failed to load" not in one], name
