"""The days of a watchlist in Chromium: by pointer, keyboard and touch, on paper, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.partners.browser import DESK, PHONE, look
from tests.partners.ports import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.partners.browser import Look
    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
PATH = "/watchlists/chancay-port?days=30"
FIRST, LAST = "2026-10-24", "2026-11-22"
WHOLE = "highest: 15 a day"


@pytest.fixture
def desk(browser: Browser, scene: Scene) -> Iterator[Look]:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PATH)
        yield seen
        # What the policy forbids and who else was asked stands among the complaints.
        assert not seen.complaints


def _place(page: Page, part: float) -> tuple[float, float]:
    """Give where on the screen a part of the time stands, low enough to be on a bar."""
    page.locator("#plot .u-over").scroll_into_view_if_needed()
    box = page.locator("#plot .u-over").bounding_box()
    assert box is not None
    return box["x"] + part * box["width"], box["y"] + box["height"] - 3


def _said(page: Page) -> str:
    return page.locator("#said").inner_text()


def _drag(page: Page, begin: float, end: float) -> None:
    page.mouse.move(*_place(page, begin))
    page.mouse.down()
    page.mouse.move(*_place(page, (begin + end) / 2), steps=4)
    page.mouse.move(*_place(page, end), steps=4)
    page.mouse.up()
    page.locator("#zoomed").wait_for()


def _shown(page: Page) -> str | None:
    """Give the days that are zoomed to, as the link to their articles has them."""
    if not page.locator("#zoomed").is_visible():
        return None
    address = page.locator("#these").get_attribute("href") or ""
    assert address.startswith("/search?watchlist=chancay-port&since=")
    return address.partition("since=")[2].replace("&until=", " ")


_COLOURS = """() => {
  const canvas = document.querySelector("#plot canvas"), counts = new Map();
  const {width, height} = canvas, copy = new OffscreenCanvas(width, height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const all = copy.getImageData(0, 0, width, height).data;
  for (let at = 0; at < all.length; at += 4) if (all[at + 3] === 255) {
    const colour = `${all[at]} ${all[at + 1]} ${all[at + 2]}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 15).sort((one, other) => other[1] - one[1])
    .map(([colour]) => colour);
}"""
ACCENT, TROUBLE = "140 47 27", "138 86 0"  # of the light scheme


def _colours(page: Page) -> list[str]:
    """Give the colours of the drawing, those first that most of its pixels have."""
    found: list[str] = page.evaluate(_COLOURS)
    return found


def _wait_for_colour(page: Page, colour: str) -> None:
    # Playwright's own waiting for a condition is evaluated within the page, which its policy forbids.
    wait_until(lambda: colour in _colours(page), f"{colour} to be drawn")


def test_the_day_under_the_pointer_is_said_and_a_click_opens_it(desk: Look) -> None:
    assert _said(desk.page) == WHOLE
    desk.page.mouse.move(*_place(desk.page, 29.5 / 30))
    assert _said(desk.page).startswith("Sun 22 Nov: 15 reports · ")
    assert "more reports than usual" in _said(desk.page)
    desk.page.mouse.move(*_place(desk.page, 0.5 / 30))
    assert _said(desk.page).startswith("Sat 24 Oct: ")
    across, down = _place(desk.page, 0.5 / 30)
    desk.page.mouse.down()
    desk.page.mouse.move(across + 2, down)
    desk.page.mouse.move(across, down)
    desk.page.mouse.move(across + 2, down)  # a hand is not quite still
    desk.page.mouse.up()
    desk.page.wait_for_url("**/search?watchlist=chancay-port&since=2026-10-24&until=2026-10-24")


def test_a_drag_zooms_and_a_double_click_the_button_or_escape_lead_back(desk: Look) -> None:
    page = desk.page
    _drag(page, 10.5 / 30, 19.5 / 30)
    assert _shown(page) == "2026-11-03 2026-11-12"
    assert _said(page).replace("\u2009", " ").replace("\u2013", "-") in {"3-12 Nov", "3 - 12 Nov"}
    desk.keep("timeline-zoomed")
    page.mouse.dblclick(*_place(page, 0.5))
    page.locator("#zoomed").wait_for(state="hidden")
    page.wait_for_timeout(400)
    assert (page.url.endswith(PATH), _said(page)) == (True, WHOLE)
    _drag(page, 27.5 / 30, 6.5 / 30)  # from right to left
    assert _shown(page) == "2026-10-30 2026-11-20"
    page.get_by_role("button", name="whole time").press("Enter")
    assert _shown(page) is None
    assert page.evaluate("document.activeElement.id") == "chart"
    _drag(page, 0.2, 0.5)
    desk.press("Escape")
    assert _shown(page) is None
    _drag(page, 10.5 / 30, 19.5 / 30)
    page.mouse.click(*_place(page, 0.05))
    page.wait_for_url("**/search?watchlist=chancay-port&since=2026-11-03&until=2026-11-03")


def test_zoomed_days_lead_to_their_articles(desk: Look) -> None:
    _drag(desk.page, 10.5 / 30, 29.9 / 30)
    desk.page.get_by_role("link", name="articles of these days").click()
    desk.page.wait_for_url(f"**/search?watchlist=chancay-port&since=2026-11-03&until={LAST}")
    assert "the newest 30 articles" in desk.page.locator("#found").inner_text()


def test_the_keyboard_moves_zooms_and_leads_back(desk: Look) -> None:
    page = desk.page
    desk.tab_to("Reports by day")
    desk.press("Home")
    assert _said(page).startswith("Sat 24 Oct: ")
    desk.press("PageDown", "ArrowRight", "ArrowLeft", "PageDown")
    assert _said(page).startswith("Sat 7 Nov: ")
    desk.press("+")
    assert _shown(page) == "2026-10-31 2026-11-14"
    desk.press("+", "+", "+", "+", "+")
    assert (_shown(page) or "").split()[0] in {"2026-11-06", "2026-11-07"}, "no fewer than two days"
    desk.press("PageDown")
    assert _said(page).startswith("Sat 14 Nov: ")
    assert "2026-11-14" in (_shown(page) or ""), "the window goes where the picked day is"
    desk.press("End")
    assert (_shown(page) or "").endswith(LAST)
    desk.press("-", "-", "-", "-", "-")
    assert _shown(page) is None
    desk.press("+", "Escape")
    assert (_shown(page), _said(page)) == (None, WHOLE)
    desk.press("ArrowLeft", "Enter")
    page.wait_for_url("**/search?watchlist=chancay-port&since=2026-11-21&until=2026-11-21")


def test_keys_that_the_browser_has_are_left_to_it(desk: Look) -> None:
    desk.tab_to("Reports by day")
    desk.page.locator("#chart").dispatch_event("keydown", {"key": "+", "ctrlKey": True})
    assert _shown(desk.page) is None


def test_a_tap_says_a_day_and_a_second_one_opens_it(browser: Browser, scene: Scene) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 800}, has_touch=True, locale="en-GB")
    context.add_cookies([{"name": "avizor_session", "value": scene.session, "url": scene.url}])
    page = context.new_page()
    page.goto(scene.url + PATH)
    page.locator("#plot").scroll_into_view_if_needed()
    page.touchscreen.tap(*_place(page, 28.5 / 30))
    page.touchscreen.tap(*_place(page, 29.5 / 30))
    page.wait_for_timeout(400)
    assert page.url.endswith(PATH)
    assert _said(page).startswith("Sun 22 Nov: 15 reports")
    page.touchscreen.tap(*_place(page, 29.5 / 30))
    page.wait_for_url(f"**/search?watchlist=chancay-port&since={LAST}&until={LAST}")
    context.close()


def test_a_finger_that_goes_sideways_zooms(browser: Browser, scene: Scene) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 800}, has_touch=True, locale="en-GB")
    context.add_cookies([{"name": "avizor_session", "value": scene.session, "url": scene.url}])
    page = context.new_page()
    page.goto(scene.url + PATH)
    finger = context.new_cdp_session(page)
    for kind, part in (("Start", 10.5), ("Move", 12), ("Move", 16), ("Move", 19.5), ("End", None)):
        at = [] if part is None else [dict(zip("xy", _place(page, part / 30), strict=True))]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})
    page.locator("#zoomed").wait_for()
    assert _shown(page) == "2026-11-03 2026-11-12"
    page.wait_for_timeout(400)
    assert page.url.endswith(PATH), "no day is opened by it"
    context.close()


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_zoomed_and_picked_it_fits_and_is_audited(browser: Browser, scene: Scene, width: int) -> None:
    found = []
    with look(browser, scene.url, width=width, session=scene.session) as seen:
        seen.open(PATH)
        _drag(seen.page, 0.4, 0.95)
        desk_width = seen.page.locator("#plot canvas").bounding_box()
        seen.page.locator("#chart").press("End")
        for scheme in ("light", "dark"):
            seen.page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            name = f"timeline-{width}-{scheme}"
            seen.keep(name)
            found += seen.judge(name) + seen.audit(name) + seen.audit(name, of_colours=True)
        seen.page.set_viewport_size({"width": 640, "height": 900})
        plot = seen.page.locator("#plot .uplot")
        wait_until(lambda: plot.evaluate("one => one.clientWidth") == 600, "the chart to fit the window")
        found += seen.judge("resized")
        resized = seen.page.locator("#plot canvas").bounding_box()
        assert desk_width
        assert resized
        assert resized["width"] == 600 != desk_width["width"]
    assert not found, "\n".join(found)


def test_it_is_drawn_anew_in_the_colours_of_the_other_scheme(desk: Look) -> None:
    _wait_for_colour(desk.page, ACCENT)
    desk.page.emulate_media(color_scheme="dark")
    _wait_for_colour(desk.page, "224 138 109")
    assert ACCENT not in _colours(desk.page)
    desk.page.emulate_media(color_scheme="light")
    _wait_for_colour(desk.page, ACCENT)
    desk.page.emulate_media(forced_colors="active")
    _wait_for_colour(desk.page, "0 0 0")
    desk.keep("timeline-forced")
    assert ACCENT not in _colours(desk.page)


@pytest.mark.parametrize(("language", "tick"), [("es", "2 nov"), ("pt", "2 de nov.")])
def test_days_are_said_in_the_language_of_the_page(
    browser: Browser, scene: Scene, language: str, tick: str
) -> None:
    with look(browser, scene.url, language=language, session=scene.session) as seen:
        seen.open(f"{PATH}&language={language}")
        seen.page.evaluate("window.written = []")
        seen.page.evaluate(
            """() => {
              const write = CanvasRenderingContext2D.prototype.fillText;
              CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
                window.written.push(text); write.call(this, text, ...rest);
              };
            }"""
        )
        seen.page.locator("#chart").press("End")
        assert _said(seen.page).startswith("dom")
        assert tick in seen.page.evaluate("window.written")
        seen.page.locator("#chart").press("+")
        seen.keep(f"timeline-{language}")
        assert not seen.complaints


def test_what_feeds_wrote_is_text(desk: Look) -> None:
    desk.page.route(
        "**/watchlists/chancay-port?*",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace("more reports than usual</bdi>", "&lt;b id=ran&gt;x&lt;/b&gt;</bdi>"),
        ),
    )
    desk.open(PATH)
    desk.page.locator("#chart").press("End")
    assert "<b id=ran>x</b>" in _said(desk.page)
    assert desk.page.locator("#ran").count() == 0


def test_on_paper_it_is_ink_on_white_whatever_the_screen_is(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url, scheme="dark", session=scene.session) as seen:
        seen.open(PATH)
        before = _colours(seen.page)
        seen.page.evaluate(f"addEventListener('beforeprint', () => {{ window.ink = ({_COLOURS})(); }})")
        seen.page.pdf()
        ink = seen.page.evaluate("window.ink")
        assert "0 0 0" in ink, "a spike is black on paper"
        assert "0 0 0" not in before
        _wait_for_colour(seen.page, before[0])
        assert "0 0 0" not in _colours(seen.page)


def test_what_stands_out_is_marked_in_a_colour_of_its_own(desk: Look) -> None:
    assert (ACCENT in _colours(desk.page), TROUBLE in _colours(desk.page)) == (True, False)
    desk.page.route(
        "**/watchlists/chancay-port?*",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace(
                '<td data-label="What stands out"><span data-kind="event"',
                '<td data-label="What stands out"><span data-kind="date"',
            ),
        ),
    )
    desk.open(PATH)
    desk.keep("timeline-dates")
    assert TROUBLE in _colours(desk.page)


def test_without_a_script_the_table_of_numbers_stands_there(browser: Browser, scene: Scene) -> None:
    context = browser.new_context(viewport={"width": DESK, "height": 900}, java_script_enabled=False)
    context.add_cookies([{"name": "avizor_session", "value": scene.session, "url": scene.url}])
    page = context.new_page()
    page.goto(scene.url + PATH)
    assert not page.locator("#chart").is_visible()
    assert page.locator("#numbers tbody tr").first.is_visible()
    context.close()


_NOTE_CUT = """
window.cut = [], window.written = 0;
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, ...rest) {
  if (this.textAlign === "center" && /\\d/.test(text)) {
    const half = this.measureText(text).width / 2;
    window.written += 1;
    if (x - half < 0 || x + half > this.canvas.width) window.cut.push(text);
  }
  write.call(this, text, x, ...rest);
};
"""


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_day_under_the_drawing_is_cut_at_an_end(browser: Browser, scene: Scene, width: int) -> None:
    with look(browser, scene.url, session=scene.session, width=width, language="pt-BR") as seen:
        seen.page.add_init_script(_NOTE_CUT)
        for days in (7, 30, 90):
            seen.open(f"/watchlists/chancay-port?days={days}")
            seen.page.locator("#chart").focus()
            seen.press("+", *["ArrowLeft"] * (days - 1))  # what is shown begins on every day once
            seen.press("-", *["ArrowRight"] * 7)
            assert (days, seen.page.evaluate("window.cut")) == (days, [])
            assert seen.page.evaluate("window.written") > 0
