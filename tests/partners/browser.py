"""The system's Chromium, driven by Playwright: for what only a real page can show.

Needs the packages chromium and npm, which `make test-real` installs. Playwright's own browsers are not used.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.partners.pictures import keep_picture
from tests.partners.ports import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response

    Scheme = Literal["light", "dark"]

PHONE, DESK = 390, 1200
AXE = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
# Without these, Chromium asks its makers' servers for updates at every start.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
)
# Runs before anything of a page. What a feed wrote would set `__ran`, were it ever run.
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
_AUDIT = """
async (ofColours) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ofColours ? {type: "rule", values: ["color-contrast", "link-in-text-block"]}
      : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${node.html.slice(0, 200)}
      ${node.failureSummary.replaceAll("\\n", " ")}`));
}
"""
# The second frame begins when the first one has been drawn.
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
# Words of a table that are cut by the end of a line; what may be cut, such as an address, is marked as such.
_BROKEN_WORDS = """
() => [...document.querySelectorAll("td, th")].flatMap((one) => {
  if (!one.checkVisibility() || one.closest("thead")?.getBoundingClientRect().width < 2) return [];
  const words = [], walk = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const short = /(?<!\\p{L})\\p{Script=Latin}{2,20}(?!\\p{L})/gu;
    for (const {0: word, index} of walk.currentNode.data.matchAll(short)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, index);
      range.setEnd(walk.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) words.push(word);
    }
  }
  return words;
})
"""
_OVERFLOWING = """
() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 60)}`).slice(0, 6)
"""
# What stands where the keyboard is: its label or words, and whether one sees that it is there.
_FOCUSED = """
() => {
  const one = document.activeElement, style = getComputedStyle(one.closest(".cm-editor") || one);
  const words = one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent
    || one.value;
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [one === document.body ? "" : words.trim().replaceAll(/\\s+/g, " ") || one.tagName,
    isOutlined || one.type === "date"];  // of a date the browser itself marks day, month, year and button
}
"""
# All that a keyboard can reach but where one would not see that it is there.
_UNSEEN_FOCUS = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.disabled && one.type !== "hidden")
  .filter((one) => {
    one.focus();
    const {outlineStyle, outlineWidth} = getComputedStyle(one.closest(".cm-editor") || one);
    return document.activeElement === one && (outlineStyle === "none" || parseFloat(outlineWidth) < 2);
  })
  .map((one) => one.outerHTML.slice(0, 120))
"""


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield a browser without a window, which is closed after the block."""
    from playwright.sync_api import sync_playwright  # half a second that only a test with a browser needs

    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run `make test-real`"
    # Chromium's sandbox refuses root, which a build machine often is.
    sandbox = () if os.getuid() else ("--no-sandbox",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_QUIET, *sandbox])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Look:
    """A page somebody looks at, and all it complained of: console, faults, the policy, dialogs, strangers."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen."""
        note = self.complaints.append
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda fault: note(str(fault)))
        self.page.on("dialog", self._note_dialog)
        self.page.on("request", self._note_stranger)
        self.page.on("request", self._note_request)
        self.page.on("requestfinished", self._note_end)
        self.page.on("requestfailed", self._note_end)
        self.page.on("response", self._note_answer)
        self.page.on("popup", lambda popup: note(f"window: {popup.url}"))

    def _note_message(self, message: ConsoleMessage) -> None:
        # A request that a later one overtakes is no fault, though htmx notes it.
        if not re.match(r"htmx:(afterRequest|sendAbort),", message.text):
            self.complaints.append(message.text)

    def _note_answer(self, answer: Response) -> None:
        self.answers.append(answer)  # the library wants a function of Python

    def _note_request(self, request: Request) -> None:
        self.under_way.add(request)

    def _note_end(self, request: Request) -> None:
        self.under_way.discard(request)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note_stranger(self, request: Request) -> None:
        if urlsplit(request.url)[:2] != urlsplit(self.url)[:2] and not request.url.startswith("data:"):
            self.complaints.append(f"asked {request.url}")

    def open(self, path: str, *, status: int = 200) -> None:
        """Open a page of the service, and wait until it is quiet."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        self.settle()
        if status != 200:  # Chromium notes it, too
            self.complaints[:] = [one for one in self.complaints if "Failed to load resource" not in one]

    def settle(self) -> None:
        """Wait until all that was asked for has come and is drawn; timers are not waited for."""

        def is_quiet() -> bool:
            self.page.evaluate(_DRAWN)
            return not self.under_way

        wait_until(is_quiet, "all that the page asked for")

    def received(self) -> int:
        """Count the bytes of all answers so far, as they went over the wire."""
        sizes = [one.request.sizes() for one in self.answers]
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)

    def judge(self, name: str) -> list[str]:
        """Give what is wrong with the page as it stands: too wide, headings, and what it complained of."""
        found = [f"complains: {one}" for one in self.complaints]
        self.complaints.clear()
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if wide:
            found.append(f"is wider than the screen: {self.page.evaluate(_OVERFLOWING)}")
        found += [f"cuts {one}" for one in self.broken_words()]
        if self.page.locator("h1").count() != 1:
            found.append(f"has {self.page.locator('h1').count()} first headings")
        return [f"{name} {one}" for one in found]

    def broken_words(self) -> list[str]:
        """Give the words in tables that one line does not hold."""
        found: list[str] = self.page.evaluate(_BROKEN_WORDS)
        return found

    def audit(self, name: str, *, of_colours: bool = False) -> list[str]:
        """Give what axe-core finds wrong with the page as it stands, or only with its colours."""
        assert AXE.exists(), "axe-core is not installed: run `make test-real`"
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return [f"{name} {one}" for one in self.page.evaluate(_AUDIT, of_colours)]

    def unseen_focus(self) -> list[str]:
        """Give what the keyboard reaches without one seeing it."""
        self.page.keyboard.press("Shift")  # from now on the page is used by keyboard
        found: list[str] = self.page.evaluate(_UNSEEN_FOCUS)
        return found

    def tab_to(self, name: str, *, most: int = 250) -> None:
        """Press Tab until one is at what is called so; at each stop one must see where one is."""
        passed = []
        for _ in range(most):
            if self.page.evaluate("!!document.activeElement.closest('.cm-editor')"):
                self.page.keyboard.press("Escape")  # as stands above the text: Tab belongs to the text there
            self.page.keyboard.press("Tab")
            words, is_seen = self.page.evaluate(_FOCUSED)
            if words:
                assert is_seen, f"one does not see that one is at {words}"
            if words.startswith(name):
                return
            passed.append(words)
        raise AssertionError(f"{name} is not among {passed}")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Write in place of what stands in the field one is at."""
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def keep(self, name: str) -> None:
        """Keep a picture where TEST_PICTURES names a folder, to be looked at."""
        keep_picture(self.page, name, whole=True)


@contextlib.contextmanager
def look(
    browser: Browser,
    url: str,
    *,
    width: int = DESK,
    scheme: Scheme = "light",
    language: str = "en-GB",
    session: str = "",
) -> Iterator[Look]:
    """Open an empty page, as of somebody who was never here, or is signed in with a session."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
    )
    context.set_default_timeout(10_000)
    context.add_init_script(_WATCH)
    if session:
        context.add_cookies([{"name": "avizor_session", "value": session, "url": url}])
    yield Look(context.new_page(), url)
    context.close()
