"""The text of a watchlist in a real browser: CodeMirror in the place of the field, under our own policy."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fastapi import Request  # noqa: TC002 -- the framework reads it from the annotations
from fastapi.responses import HTMLResponse

from service.errors import FileRefused
from service.watchlists import load_watchlist
from service.web.app import create_app
from service.web.forms import one_of, read_fields
from service.web.templating import asset
from tests.partners.browser import DESK, PHONE, look, open_browser
from tests.partners.ports import wait_until
from tests.partners.scene import open_scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from playwright.sync_api import Browser

    from service.errors import Problem
    from tests.partners.browser import Look
    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
TEXT = """\
# The port and its owner
title: "Chancay Port"
languages: [es, en]
terms:
  port: [puerto, megapuerto]
match:
  any:
    - puerto de Chancay
    - Chancay NEAR/12 ($port OR Cosco)
  none:
    - cultura Chancay
"""


@dataclass
class Bench:
    """A page with the field, and a service that judges what is typed. `drafts` are those it was sent."""

    folder: Path
    scene: Scene
    text: str = TEXT
    drafts: list[str] = field(default_factory=list)

    def page(self) -> HTMLResponse:
        """Show the field, as a page of the editor does."""
        return HTMLResponse(
            f"""<!doctype html><html lang="es"><meta charset="utf-8"><title>Editor</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="htmx-config" content='{{"includeIndicatorStyles":false,"allowEval":false}}'>
            <link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="{asset("avizor.css")}">
            <script src="{asset("vendor/htmx.min.js")}" defer></script>
            <script type="module" src="{asset("editor-codemirror.js")}"></script>
            <main class="page"><h1>Editor</h1><form method="post" id="editor">
            <p><a href="#x" id="x">before</a></p><label for="text">The watchlist</label>
            <p id="text-keys" hidden>Escape, then Tab, leaves the text.</p>
            <textarea id="text" name="text" hx-post="/trial/draft" hx-trigger="input changed delay:400ms"
            hx-target="#judgement" hx-sync="this:replace">{escape(self.text)}</textarea>
            <button>Save</button></form><div id="judgement" aria-live="polite"></div></main></html>"""
        )

    async def judge(self, request: Request) -> HTMLResponse:
        """Say what is wrong with a draft, as the loader finds it."""
        text = one_of(read_fields(await request.body()), "text").replace("\r\n", "\n")
        self.drafts.append(text)
        found = "".join(map(_line, self._problems(text)))
        return HTMLResponse(f'<section class="problems"><ol>{found}</ol></section>' if found else "fine")

    def _problems(self, text: str) -> tuple[Problem, ...]:
        file = self.folder / "chancay-port.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            load_watchlist(file, self.scene.watchlists)
        except FileRefused as refused:
            return tuple(refused.problems)
        return ()

    def app(self) -> FastAPI:
        """Give the pages of the service with this one among them."""
        app = create_app(self.scene.view())
        app.add_api_route("/trial", self.page, response_class=HTMLResponse)
        app.add_api_route("/trial/draft", self.judge, methods=["POST"], response_class=HTMLResponse)
        return app


def _line(problem: Problem) -> str:
    place = f'data-line="{problem.line}" data-column="{problem.column}"'
    return f"<li {place}>{escape(problem.message)} {escape(problem.mend)}</li>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Bench]]:
    made = tmp_path_factory.getbasetemp() / "scene-made"
    with open_scene(tmp_path_factory.mktemp("editor"), made) as scene:
        bench = Bench(tmp_path_factory.mktemp("draft"), scene)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            config = uvicorn.Config(bench.app(), log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listening],))
            thread.start()
            wait_until(lambda: server.started, "the pages are served")
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", bench
            server.should_exit = True
            thread.join()


def _field(seen: Look) -> str:
    return str(seen.page.locator("#text").input_value())


def _type_at_end_of(seen: Look, line: str, typed: str) -> None:
    seen.page.get_by_text(line, exact=True).click()
    seen.page.keyboard.press("End")
    seen.page.keyboard.type(typed)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_stands_in_the_place_of_the_field_and_breaks_no_rule_of_ours(
    browser: Browser, bench: tuple[str, Bench], width: int, scheme: str
) -> None:
    with look(browser, bench[0], width=width, scheme="dark" if scheme == "dark" else "light") as seen:
        seen.open("/trial")
        assert seen.page.locator("#text").is_hidden()
        box = seen.page.get_by_role("textbox", name="The watchlist")
        assert box.inner_text().startswith("# The port and its owner")
        colours = (
            "(one) => [...new Set([...one.querySelectorAll('span')].map((s) => getComputedStyle(s).color))]"
        )
        assert len(box.evaluate(colours)) > 2
        assert seen.page.locator("style").count() == 0
        seen.keep(f"codemirror-{width}-{scheme}")
        assert not seen.judge("editor") + seen.audit("editor")


def test_what_is_wrong_is_underlined_in_its_place_as_one_types_and_no_more_once_mended(
    browser: Browser, bench: tuple[str, Bench]
) -> None:
    with look(browser, bench[0]) as seen:
        seen.open("/trial")
        _type_at_end_of(seen, "- cultura Chancay", "\n- castillo NEAR Chancay")
        mark = seen.page.locator(".cm-lintRange-error")
        mark.wait_for()
        assert "NEAR Chancay" in mark.inner_text()
        assert "castillo" not in mark.inner_text()
        mark.hover()
        tip = seen.page.locator(".cm-tooltip .cm-diagnostic")
        tip.wait_for()
        assert "NEAR/10" in tip.inner_text()
        seen.keep("codemirror-wrong")
        seen.page.keyboard.press("Escape")
        for _ in " Chancay":
            seen.page.keyboard.press("Backspace")
        seen.page.keyboard.type("/5 Chancay")
        seen.page.get_by_text("fine").wait_for()
        assert mark.count() == 0
        assert not seen.judge("editor")
    assert bench[1].drafts[-1] == TEXT.rstrip("\n") + "\n    - castillo NEAR/5 Chancay\n"


def test_keys_operators_and_named_words_are_offered_and_taken_by_keyboard(
    browser: Browser, bench: tuple[str, Bench]
) -> None:
    with look(browser, bench[0]) as seen:
        seen.open("/trial")
        offers = seen.page.locator(".cm-tooltip-autocomplete")
        _type_at_end_of(seen, "- cultura Chancay", "\n- castillo ONE")
        offers.get_by_text("ONEAR/5").wait_for()
        assert "este orden" in offers.inner_text()
        seen.page.wait_for_timeout(
            120
        )  # the first moments a list takes no key, lest it take one meant for text
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.type(" $po")
        offers.get_by_text("$port").wait_for()
        seen.keep("codemirror-offers")
        seen.page.wait_for_timeout(120)
        seen.page.keyboard.press("Enter")
        assert "    - castillo ONEAR/5 $port" in _field(seen)
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Backspace")
        seen.page.keyboard.press("Control+Home")
        seen.page.keyboard.type("\n")
        seen.page.keyboard.press("ArrowUp")
        seen.page.keyboard.type("ab")
        offers.get_by_text("about").first.wait_for()
        seen.page.wait_for_timeout(120)
        seen.page.keyboard.press("Enter")
        assert _field(seen).startswith("about: ")
        assert not seen.judge("editor") + seen.audit("editor")


def test_tab_indents_and_escape_then_tab_leaves_the_text(browser: Browser, bench: tuple[str, Bench]) -> None:
    with look(browser, bench[0]) as seen:
        seen.open("/trial")
        assert seen.page.locator("#text-keys").is_visible()
        box = seen.page.get_by_role("textbox", name="The watchlist")
        box.press("Control+Home")
        seen.page.keyboard.press("Tab")
        assert _field(seen).startswith("  # The port")
        seen.page.keyboard.press("Shift+Tab")
        assert _field(seen) == TEXT
        seen.page.keyboard.press("Escape")
        seen.page.keyboard.press("Tab")
        assert seen.page.get_by_role("button", name="Save").evaluate(
            "(one) => one === document.activeElement"
        )
        assert _field(seen) == TEXT


def test_a_link_to_a_line_puts_the_cursor_there(browser: Browser, bench: tuple[str, Bench]) -> None:
    with look(browser, bench[0]) as seen:
        seen.open("/trial#line-9")
        assert "NEAR/12" in seen.page.locator(".cm-activeLine").inner_text()
        seen.page.keyboard.type("X")
        assert _field(seen).splitlines()[8].startswith("X")


def test_without_scripts_the_field_is_a_field(browser: Browser, bench: tuple[str, Bench]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{bench[0]}/trial")
    assert page.locator("#text").is_visible()
    assert page.locator("#text").input_value() == TEXT
    assert page.locator("#text-keys").is_hidden()
    context.close()


def test_what_somebody_wrote_into_a_draft_is_shown_and_never_run(
    browser: Browser, bench: tuple[str, Bench]
) -> None:
    url, made = bench
    made.text = (
        TEXT
        + "    - <img src=x onerror=window.__ran=1>\n    - '</textarea><script>window.__ran=1</script>'\n"
    )
    try:
        with look(browser, url) as seen:
            seen.open("/trial")
            _type_at_end_of(seen, "- cultura Chancay", " <b onclick=window.__ran=1> NEAR Chancay")
            seen.page.locator(".cm-lintRange-error").first.wait_for()
            assert seen.page.evaluate("window.__ran") is None
            assert not seen.judge("editor")
    finally:
        made.text = TEXT


def test_a_draft_of_thousands_of_lines_can_be_typed_in(browser: Browser, bench: tuple[str, Bench]) -> None:
    url, made = bench
    made.text = TEXT + "".join(f"    - museo número {number} de Chancay\n" for number in range(6_000))
    try:
        with look(browser, url) as seen:
            seen.open("/trial")
            assert seen.page.locator(".cm-line").count() < 300
            seen.page.get_by_role("textbox", name="The watchlist").press("Control+End")
            seen.page.keyboard.type("    - castillo")
            assert _field(seen).endswith("    - castillo")
            assert not seen.judge("editor")
    finally:
        made.text = TEXT
