"""Pages on paper: dark on white whatever the screen is, nothing to press or cut off, addresses in words."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from tests.partners.browser import look
from tests.partners.site_map import SPOTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
A4 = 680  # pixels of CSS: 210 mm without the margins of 15 mm
# The pages people print, and how many sheets they take at most.
PRINTED = {
    "today": 5,
    "watchlist": 7,
    "event": 3,
    "event-languages": 3,
    "source": 4,
    "sources": 12,
    "deliveries": 16,
    "delivery": 2,
    "search-found": 6,
}
# What is wrong with the sheet: pale words, things to press, what is cut off or reaches beyond the paper.
_JUDGE = """
() => {
  const found = [], seen = (one) => one.checkVisibility({visibilityProperty: true});
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number)
      .map((one) => (one /= 255) <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  if (light(paper) < 1) found.push(`the paper is ${paper}`);
  for (const one of document.querySelectorAll("button, input, select, nav, summary, form, footer"))
    if (seen(one) && !(one.tagName === "SUMMARY" && one.closest("aside li")))
      found.push(`to press: ${one.outerHTML.slice(0, 90)}`);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement, words = walk.currentNode.data.trim();
    if (!words || !seen(one) || one.closest("script, style, .unseen, .skip, svg title, svg desc")) continue;
    const {color, fontSize} = getComputedStyle(one);
    if (parseFloat(fontSize) === 0) continue;  // what is said otherwise on paper
    if (1.05 / (light(color) + .05) < 4.5) found.push(`${words} is ${color}`);
    if (parseFloat(fontSize) < 9) found.push(`${words} is ${fontSize} high`);
    const range = document.createRange();
    range.selectNode(walk.currentNode);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`${words} reaches beyond the paper`);
    for (let up = one; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible" && up.clientWidth > 1
          && up.scrollWidth > up.clientWidth + 1)
        { found.push(`${words} is cut off`); break; }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the paper");
  return [...new Set(found)];
}
"""
_ADDRESSES = """
() => [...document.querySelectorAll(".reports h3 a")].map((one) =>
  [one.href, JSON.parse(getComputedStyle(one, "::after").content)])
"""


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_page_is_dark_on_white_whole_and_has_nothing_to_press(
    browser: Browser, scene: Scene, name: str
) -> None:
    spot = SPOTS[name]
    with look(browser, scene.url, width=A4, scheme="dark", session=scene.session) as seen:
        seen.open(spot.path(scene))
        seen.page.emulate_media(media="print", color_scheme="dark")
        seen.keep(f"{name}-print")
        assert seen.page.evaluate(_JUDGE) == []
        assert seen.broken_words() == []
        assert seen.page.get_by_text("Avizor").first.is_visible()
        assert len(seen.page.locator("#content").inner_text()) > 200
        pdf = seen.page.pdf(prefer_css_page_size=True, format="A4")
        assert not seen.complaints
    sheets = PdfReader(BytesIO(pdf)).pages
    sizes = [(one.mediabox.width, one.mediabox.height) for one in sheets]
    assert [one for one in sizes if one != pytest.approx((595, 842), abs=2)] == []
    assert 0 < len(sheets) <= PRINTED[name]
    assert all(len(one.extract_text()) > 40 for one in sheets), "a sheet is all but empty"


def test_a_printed_event_says_where_and_when_each_report_stood_and_how_it_is_cited(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, width=A4, session=scene.session) as seen:
        seen.open(SPOTS["event"].path(scene))
        seen.page.emulate_media(media="print")
        addresses = seen.page.evaluate(_ADDRESSES)
        assert len(addresses) == 8
        assert [href for href, said in addresses if said != href] == []
        times = seen.page.locator(".reports time").evaluate_all(
            "all => all.map((one) => JSON.parse(getComputedStyle(one, '::after').content))"
        )
        assert len(times) == 8
        assert all("22 November 2026" in one for one in times)
        said = seen.page.locator(".clipping").inner_text()
        assert seen.page.url in said
        assert re.search(r"2026-11-22 \d\d:\d\d UTC\s+SHA-256 [0-9a-f]{64}$", said)
        assert not seen.page.get_by_text("news-desk").first.is_visible(), (
            "whom it was told is not for everybody"
        )
