"""Every page in a real browser: phone and desk, by day and by night, in each language, held against WCAG."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from service.web import create_app
from tests.partners import scene_news
from tests.partners.browser import DESK, PHONE, look
from tests.partners.pictures import judge_pictures
from tests.partners.site_map import MACHINES, PAGES, SPOTS, asking, routes_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
FIRST_VISIT = 100_000  # bytes
MOST_ALIKE = 4  # links that lead to pages of one kind
# The editor brings its own program.
HEAVY = {"editor", "editor-line"}


def test_every_address_that_can_be_opened_is_looked_at(scene: Scene) -> None:
    assert set(routes_of(create_app(scene.view()).routes)) == {*PAGES, *MACHINES}


@pytest.mark.parametrize("name", SPOTS)
def test_a_page_fits_is_small_complains_of_nothing_and_axe_finds_nothing(
    browser: Browser, scene: Scene, name: str
) -> None:
    spot, found = SPOTS[name], []
    path = spot.path(scene)
    for width in (PHONE, DESK):
        with look(
            browser, scene.url, width=width, session=scene.session if spot.is_signed_in else ""
        ) as seen:
            seen.open(path, status=spot.status)
            if name not in HEAVY and seen.received() >= FIRST_VISIT:
                found.append(f"{name} takes {seen.received()} bytes")
            for scheme in ("light", "dark"):
                seen.page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
                shown = f"{name}-{width}-{scheme}"
                seen.keep(shown)
                found += seen.judge(shown) + seen.audit(shown, of_colours=scheme == "dark")
    if folder := os.environ.get("TEST_PICTURES"):  # as every build sets it
        found += judge_pictures(Path(folder), name, (PHONE, DESK))
    assert not found, "\n".join(found)


def test_pictures_that_are_missing_blank_or_alike_are_noticed(
    browser: Browser, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_PICTURES", str(tmp_path))
    for scheme in ("light", "dark"):
        with look(browser, scene.url, scheme="light" if scheme == "light" else "dark") as seen:
            seen.open("/sign-in")
            seen.keep(f"a-{DESK}-{scheme}")
            seen.page.set_content("<body style='background: teal'>")
            seen.keep(f"b-{DESK}-{scheme}")
    (tmp_path / f"b-{DESK}-dark.png").write_bytes((tmp_path / f"b-{DESK}-light.png").read_bytes())
    assert judge_pictures(tmp_path, "a", [DESK]) == []
    assert judge_pictures(tmp_path, "b", [DESK]) == [
        f"b-{DESK}-light.png is blank",
        f"b-{DESK}-dark.png is blank",
        f"b-{DESK}-dark.png is the same as another one",
    ]
    assert len(judge_pictures(tmp_path, "a", [PHONE])) == 2


def test_the_event_that_is_looked_at_has_a_report_whose_headline_was_changed(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(SPOTS["event"].path(scene))
        [report] = [
            one.inner_text()
            for one in seen.page.locator(".reports > li").all()
            if scene_news.CHANGED in one.inner_text()
        ]
        first = next(one.first for told in scene_news.STORIES for one in told.told if one.first)
        assert f"headline before: {first}\n" in report


_ENGLISH = re.compile(
    r"\b(the|is|are|of|and|not|was|with|which|this|that|its|from|than|what|who|nothing|there|where|each|any|have"
    r"|none|put|see|every|once|when|immediate|daily)\b",
    re.IGNORECASE,
)
_OUR_WORDS = """() => {
  const others = "script, style, template, svg, bdi, code, pre, textarea, option, [lang]:not(html)";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(others)) found.push(walk.currentNode.data);
  }
  return found.map((one) => one.replace(/\\s+/g, " ").trim());
}"""


def _words_of_files(scene: Scene) -> str:
    """Give what editors wrote: names of watchlists, sources and days stay as they are."""
    files = [*sorted(scene.watchlists.rglob("*.yaml")), Path(scene_news.__file__)]
    return " ".join(" ".join(file.read_text(encoding="utf-8").split()) for file in files)


@pytest.mark.parametrize("language", ["es", "pt"])
def test_every_page_speaks_the_language_that_is_asked_for(
    browser: Browser, scene: Scene, language: str
) -> None:
    found, written = [], _words_of_files(scene)
    with look(browser, scene.url, language=f"{language}-PE", session=scene.session) as seen:
        for name, spot in SPOTS.items():
            seen.open(asking(spot.path(scene), language=language), status=spot.status)
            assert seen.page.locator("html").get_attribute("lang") == language, name
            seen.keep(f"{name}-{DESK}-{language}")
            found += seen.judge(f"{name}-{language}")
            said = [one for one in seen.page.evaluate(_OUR_WORDS) if _ENGLISH.search(one)]
            found += [f"{name}-{language} says: {one}" for one in said if one not in written]
    assert not found, "\n".join(found)


def _shape(link: str) -> str:
    """Tell what kind of page a link leads to."""
    parts = urlsplit(link)
    names = "&".join(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    return f"{re.sub(r'(events|watchlists)/[^/]+', 'one', parts.path)}?{names}"


def test_every_link_to_a_page_of_ours_leads_somewhere(browser: Browser, scene: Scene) -> None:
    asked: set[str] = set()
    broken, shapes = [], Counter[str]()
    with look(browser, scene.url, session=scene.session) as seen:
        for name, spot in SPOTS.items():
            seen.open(spot.path(scene), status=spot.status)
            links = seen.page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
            here = {urljoin(scene.url, one).partition("#")[0] for one in links}
            here -= {one for one in here if spot.status != 200 and one.startswith(seen.page.url)}
            for link in sorted(one for one in here - asked if one.startswith(scene.url)):
                asked.add(link)
                shapes[_shape(link)] += 1
                if shapes[_shape(link)] > MOST_ALIKE:
                    continue
                status = seen.page.request.get(link).status
                if status != 200:
                    broken.append(f"{name}: {status} {link}")
            ids = seen.page.locator("a[href^='#']").evaluate_all(
                "all => all.map(one => one.hash).filter(one => !document.getElementById(one.slice(1)))"
            )
            assert ids == [], name
    assert not broken, "\n".join(broken)
    assert len(shapes) > 10


def test_files_beside_the_pages_are_kept_by_the_browser_until_they_change(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open("/")
        files = [one for one in seen.answers if urlsplit(one.url).path.startswith("/static/")]
        assert files
        for one in files:
            assert re.fullmatch(r"[0-9a-f]{12}", urlsplit(one.url).query), one.url
            assert one.headers["cache-control"] == "public, max-age=31536000, immutable"
        seen.open("/sources")
        moved = seen.page.evaluate(
            "performance.getEntriesByType('resource').map(one => [one.name, one.transferSize])"
        )
        assert [size for name, size in moved if name in {one.url for one in files}] == [0] * len(files), moved
