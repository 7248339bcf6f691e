"""What a feed may write to do harm, through the whole service, on every page: nothing comes of it."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator

from service.parse.opml import read_opml
from service.store import mark_of
from service.wiring import open_pipeline, sync_store
from tests.partners.atom_rules import judge_atom
from tests.partners.browser import look
from tests.partners.feed_site import FeedSite
from tests.partners.payloads import SCRIPTS, STRANGER, TEXTS, atom, json_feed, rss
from tests.partners.ports import HOST
from tests.partners.scene import NOW, Scene, open_scene
from tests.partners.site_map import MACHINES, SPOTS, asking
from tests.partners.visits import Visits
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
_FIELDS = ("language", "q", "watchlist", "outlet", "country", "state", "page", "next")
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
      // CodeMirror sets the height of lines by script, not in markup: of that the policy would tell.
      if (name === "style" && one.closest(".cm-editor")) continue;
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
        scene.shift.desk = scene.read_files()
        mine = [one for one in scene.files.sources if "hostile" in one.packs]
        sync_store(scene.store, scene.files, mine, scene.now)  # nobody else is asked for anything
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(_poll(scene))).result()
        scene.read_files()
        yield scene


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def _poll(scene: Scene) -> None:
    settings = scene.settings.model_copy(update={"private_feeds": HOST})
    for later in range(3):  # one feed of a host at a time
        now = NOW + timedelta(minutes=20 * (later + 1))
        async with open_pipeline(settings, scene.store, scene.shift.desk, as_of=now) as pipeline:
            await pipeline.polling.poll_due()
            pipeline.waking.wake_due()
        scene.now = now


def _judge(seen: Look, name: str) -> list[str]:
    found: list[Any] = seen.page.evaluate(_JUDGE, STRANGER)
    return [f"{name} {one}" for one in (*found, *seen.judge(name))]


@pytest.mark.promise("P12", size="84 payloads in every field of three feeds, every page, Chromium")
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
    assert not found, "\n".join(found)


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
    visits = Visits(replace(spoilt.view(), access=None))
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
