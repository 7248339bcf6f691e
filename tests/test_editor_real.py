"""The editor in a real browser: CodeMirror in the place of the field, under our policy, and what is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.partners.browser import DESK, PHONE, look
from tests.partners.scene import open_scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.partners.browser import Look
    from tests.partners.scene import Scene

pytestmark = pytest.mark.real
PAGE = "/watchlists/old-port/edit"
TEXT = """\
# The port and its owner
title: "Old Port"
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


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = tmp_path_factory.getbasetemp() / "scene-made"
    with open_scene(tmp_path_factory.mktemp("editor"), made) as scene:
        yield scene


@pytest.fixture
def scene(served: Scene) -> Scene:
    _write(served, TEXT)
    return served


def _write(scene: Scene, text: str) -> None:
    (scene.watchlists / "old-port.yaml").write_text(text, encoding="utf-8")
    scene.read_files()


def _written(scene: Scene) -> str:
    return (scene.watchlists / "old-port.yaml").read_text(encoding="utf-8")


def _judged(seen: Look) -> None:
    """Wait until what was typed last is judged."""
    seen.page.wait_for_timeout(500)
    seen.settle()


def _field(seen: Look) -> str:
    return str(seen.page.locator("#text").input_value())


def _type_at_end_of(seen: Look, line: str, typed: str) -> None:
    seen.page.get_by_text(line, exact=True).click()
    seen.page.keyboard.press("End")
    seen.page.keyboard.type(typed)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_stands_in_the_place_of_the_field_and_breaks_no_rule_of_ours(
    browser: Browser, scene: Scene, width: int, scheme: str
) -> None:
    with look(
        browser, scene.url, session=scene.session, width=width, scheme="dark" if scheme == "dark" else "light"
    ) as seen:
        seen.open(PAGE)
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
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        _type_at_end_of(seen, "- cultura Chancay", "\ncastillo NEAR Chancay")
        mark = seen.page.locator(".cm-lintRange-error")
        mark.wait_for()
        assert "NEAR Chancay" in mark.inner_text()
        assert "castillo" not in mark.inner_text()
        listed = seen.page.locator(".problems li")
        assert "12" in listed.get_by_role("link").inner_text()
        listed.get_by_role("link").press("Enter")
        seen.page.keyboard.press("End")
        mark.hover()
        tip = seen.page.locator(".cm-tooltip .cm-diagnostic")
        tip.wait_for()
        assert "NEAR/10" in tip.inner_text()
        seen.keep("codemirror-wrong")
        seen.page.keyboard.press("Escape")
        for _ in " Chancay":
            seen.page.keyboard.press("Backspace")
        seen.page.keyboard.type("/5 Chancay")
        mark.wait_for(state="detached")
        assert not seen.judge("editor")
        assert _field(seen) == TEXT.rstrip("\n") + "\n    - castillo NEAR/5 Chancay\n"


def test_keys_operators_and_named_words_are_offered_and_taken_by_keyboard(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        offers = seen.page.locator(".cm-tooltip-autocomplete")
        _type_at_end_of(seen, "- cultura Chancay", "\ncastillo ONE")
        offers.get_by_text("ONEAR/5").wait_for()
        assert "this order" in offers.inner_text()
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


def test_tab_indents_and_escape_then_tab_leaves_the_text(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
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


def test_a_link_to_a_line_puts_the_cursor_there(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(f"{PAGE}?line=9")
        assert "NEAR/12" in seen.page.locator(".cm-activeLine").inner_text()
        seen.page.keyboard.type("X")
        assert _field(seen).splitlines()[8].startswith("X")


def test_without_scripts_the_field_is_a_field(browser: Browser, scene: Scene) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "avizor_session", "value": scene.session, "url": scene.url}])
    page = context.new_page()
    page.goto(scene.url + PAGE)
    assert page.locator("#text").is_visible()
    assert page.locator("#text").input_value() == TEXT
    assert page.locator("#text-keys").is_hidden()
    context.close()


def test_what_somebody_wrote_into_a_draft_is_shown_and_never_run(browser: Browser, scene: Scene) -> None:
    evil = "    - <img src=x onerror=window.__ran=1>\n    - '</textarea><script>window.__ran=1</script>'\n"
    _write(scene, TEXT + evil)
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        _type_at_end_of(seen, "- cultura Chancay", " <b onclick=window.__ran=1> NEAR Chancay")
        seen.page.locator(".cm-lintRange-error").first.wait_for()
        assert seen.page.evaluate("window.__ran") is None
        assert not seen.judge("editor")


def test_a_draft_of_thousands_of_lines_can_be_typed_in(browser: Browser, scene: Scene) -> None:
    _write(scene, TEXT + "".join(f"    - museo número {number} de Chancay\n" for number in range(3_000)))
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        assert seen.page.locator(".cm-line").count() < 300
        seen.page.get_by_role("textbox", name="The watchlist").press("Control+End")
        seen.page.keyboard.type("    - castillo")
        assert _field(seen).endswith("    - castillo")
        _judged(seen)
        assert not seen.judge("editor")


def test_a_line_of_a_list_is_gone_on_with_and_ended(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        _type_at_end_of(seen, "- puerto de Chancay", "\nmuelle de Chancay\n\n")
        assert "    - puerto de Chancay\n    - muelle de Chancay\n\n    - Chancay NEAR/12" in _field(seen)
        _judged(seen)


def test_a_term_that_is_typed_shows_what_it_gains_and_once_saved_stands_in_the_file_and_in_force(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        _type_at_end_of(seen, "- puerto de Chancay", "\ntren bioceánico # the railway")
        seen.page.get_by_role("heading", name="Gained").wait_for()
        assert seen.page.locator("section[aria-labelledby=gained] mark", has_text="tren bioceánico").count()
        seen.keep("editor-gained")
        assert not seen.judge("editor") + seen.audit("editor")
        seen.page.get_by_role("button", name="Save").click()
        seen.page.get_by_text("Saved.").wait_for()
        assert "    - tren bioceánico # the railway\n" in _written(scene)
        assert _written(scene).startswith("# The port and its owner\n")
        scene.read_files()
        seen.open(PAGE)
        assert seen.page.get_by_role("heading", name="Gained").count() == 0
        assert not seen.judge("editor")


def test_a_term_is_added_by_the_plain_field_to_what_is_typed(browser: Browser, scene: Scene) -> None:
    for width in (PHONE, DESK):
        _write(scene, TEXT)
        with look(browser, scene.url, session=scene.session, width=width) as seen:
            seen.open(PAGE)
            _type_at_end_of(seen, "- cultura Chancay", "\nestilo Chancay")
            seen.page.get_by_label("Words").fill("tren bioceánico")
            seen.page.get_by_role("button", name="Add it").click()
            seen.page.get_by_role("heading", name="Gained").wait_for()
            assert "\n    - tren bioceánico\n" in _field(seen)
            assert "\n    - estilo Chancay\n" in _field(seen)
            seen.page.locator(".cm-editor").wait_for()
            seen.keep(f"editor-added-{width}")
            assert not seen.judge("editor")
            assert _written(scene) == TEXT


def test_a_file_that_changed_meanwhile_is_shown_and_not_overwritten(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        theirs = TEXT.replace("cultura Chancay", "cerámica Chancay")
        (scene.watchlists / "old-port.yaml").write_text(theirs, encoding="utf-8")
        _type_at_end_of(seen, "- puerto de Chancay", "\nmuelle de Chancay")
        seen.page.get_by_role("button", name="Save").click()
        seen.page.get_by_role("heading", name="The file as it is now").wait_for()
        assert _written(scene) == theirs
        assert "muelle de Chancay" in _field(seen)
        assert "cerámica Chancay" in seen.page.locator("pre.changes").last.inner_text()


_OFFERED = {
    "": "about: ",
    "title: Port\nmatch:\n  ": "any: ",
    "match:\n  any:\n  - Chancay\n  no": "none: ",
    "match:\n  any:\n    - Chancay NE": "NEAR/5",
    "match:\n  any:\n    - Chancay AND country:P": "PE",
    "match:\n  any:\n    - lang:e": "es",
    "match:\n  any:\n    - Chancay AND source:": '"Diario del Muelle"',
    "match:\n  any:\n    - expr: Chancay\n      un": "until: ",
    "terms:\n  port: [puerto]\nmatch:\n  any:\n    - $p": "$port",
    "languages: [es, e": "en",
    "languages:\n  - p": "pt",
    "feeds:\n  - p": "peru",
    "examples:\n  match:\n    - title: x\n      lang: e": "es",
    "alerts:\n  updates: ": "milestones",
}
_NOT_OFFERED = ("title: Puerto", "# a comment", "match:\n  any:\n    - Chancay # no")


def test_what_is_offered_is_what_may_stand_at_the_place(browser: Browser, scene: Scene) -> None:
    ask = """async (text) => {
      const {offers} = await import("/static/editor-complete.js");
      const schema = await (await fetch("/watchlists/schema.json")).json();
      const said = {language: {of: (code) => code}, country: {of: (code) => code}};
      return (offers(schema, said, text, text.length)?.options ?? []).map((one) => one.label);
    }"""
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        found = {text: seen.page.evaluate(ask, text) for text in (*_OFFERED, *_NOT_OFFERED)}
    assert not [(text, one, found[text]) for text, one in _OFFERED.items() if one not in found[text]]
    assert not [text for text in _NOT_OFFERED if found[text]]


def test_who_may_not_edit_is_told_nothing_of_sources(browser: Browser, scene: Scene) -> None:
    with look(browser, scene.url) as seen:
        answer = seen.page.request.get(f"{scene.url}/watchlists/schema.json", max_redirects=0)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_where_no_answer_comes_the_page_says_that_what_it_shows_is_older_and_keeps_the_text(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, session=scene.session) as seen:
        seen.open(PAGE)
        notice = seen.page.locator("#unanswered")
        assert notice.is_hidden()
        seen.page.route("**/draft", lambda route: route.abort())
        _type_at_end_of(seen, "- cultura Chancay", "\nhuaral")
        notice.wait_for(state="visible")
        assert not seen.audit("editor-unanswered")
        seen.keep("editor-unanswered")
        seen.page.unroute("**/draft")
        seen.page.keyboard.type("x")
        notice.wait_for(state="hidden")
        seen.page.context.clear_cookies(name="avizor_session")
        seen.page.keyboard.type("y")
        notice.wait_for(state="visible")
        assert seen.page.locator("#judgement input[name=secret]").count() == 0
        assert "huaralxy" in _field(seen)
        seen.page.context.add_cookies([{"name": "avizor_session", "value": scene.session, "url": scene.url}])
        seen.page.keyboard.type("z")
        notice.wait_for(state="hidden")
        assert "huaralxyz" in _field(seen)
