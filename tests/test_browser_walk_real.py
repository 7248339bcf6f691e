"""The walk of docs/tutorial.md: a stranger subscribes, learns why an alert came, and mends the watchlist.

Each step goes by what one reads on the page. Where AVIZOR_TUTORIAL_PICTURES names a folder, the pictures are
taken into it; with fewer colours (any tool, 48 are enough) they take less than 100 kB each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.partners.browser import look
from tests.partners.pictures import keep_picture
from tests.partners.scene import NOW, Scene, open_scene
from tests.partners.scene_news import CORREO, LITORAL, MUELLE, NORTE, Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.real
WALKER = "marta@example.org"
SECONDS_A_STEP = 10  # to read what is new on the page and do one thing: click, choose or write
STRIKE = (
    Told(0, MUELLE, "Estibadores en huelga detienen el puerto de Chancay", "Reclaman turnos de ocho horas."),
    Told(0, LITORAL, "Huelga de estibadores detiene el puerto de Chancay"),
    Told(0, NORTE, "Estibadores en huelga detienen el puerto de Chancay por segundo día"),
)


@dataclass
class Walk:
    """What somebody does, step by step."""

    page: Page
    steps: int = 0

    def click(self, role: str, name: str) -> None:
        """Click what is called so."""
        self.steps += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def fill(self, label: str, text: str) -> None:
        """Write into the field with a label."""
        self.steps += 1
        self.page.get_by_label(label).fill(text)

    def check(self, label: str) -> None:
        """Tick a box."""
        self.steps += 1
        self.page.get_by_label(label).check()

    def reads(self, text: str) -> None:
        """Find a text in sight."""
        self.page.get_by_text(text).first.wait_for()

    def picture(self, name: str) -> None:
        """Take the picture for the tutorial of what is in sight."""
        keep_picture(self.page, f"tutorial-{name}", place="AVIZOR_TUTORIAL_PICTURES")


@pytest.fixture
def scene(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = tmp_path_factory.getbasetemp() / "scene-made"
    with open_scene(tmp_path, made, has_accounts=False) as opened:
        yield opened


def test_somebody_subscribes_learns_why_an_alert_came_and_mends_the_watchlist(
    browser: Browser, scene: Scene
) -> None:
    with look(browser, scene.url, width=1200) as seen:
        seen.page.set_viewport_size({"width": 1200, "height": 760})
        walk = Walk(seen.page)
        _subscribe(walk, scene)
        _learn_why(walk, scene, browser)
        _add_a_term(walk, scene)
        assert not seen.complaints
    assert walk.steps * SECONDS_A_STEP < 300


def _subscribe(walk: Walk, scene: Scene) -> None:
    walk.page.goto(scene.url)
    walk.picture("today")
    walk.click("link", "Subscribe")
    walk.check("Chancay Port")
    walk.fill("Your mail address", WALKER)
    walk.picture("subscribe")
    walk.click("button", "Subscribe")
    walk.reads("Look into your mailbox")
    assert scene.admit() == 1
    walk.page.goto(scene.url + scene.letter_link(WALKER))
    walk.picture("confirm")
    walk.click("button", "Yes, send me alerts")
    walk.reads("You are subscribed")


def _learn_why(walk: Walk, scene: Scene, browser: Browser) -> None:
    scene.report(NOW + timedelta(minutes=5), *STRIKE)
    message = scene.message_to(WALKER)
    mail = Walk(browser.new_page(viewport={"width": 900, "height": 640}))
    mail.page.set_content(message.html)
    mail.reads("Estibadores en huelga")
    mail.picture("alert")
    mail.page.close()
    [address] = set(re.findall(rf"{scene.url}/events/[\w-]+", message.text))
    walk.page.goto(address)
    walk.reads("3 outlets")
    walk.reads("Why here:")
    walk.picture("event")
    walk.click("link", "Chancay Port")
    walk.reads("Who reports it")


def _add_a_term(walk: Walk, scene: Scene) -> None:
    """High swell closes ports, and the watchlist does not know the word."""
    walk.click("link", "Edit this watchlist")
    walk.reads("This is what is in force: nothing is gained or lost.")
    walk.page.locator(".cm-editor").wait_for()  # the program of the text comes last, and the picture shows it
    walk.fill("Words", "oleaje")
    walk.picture("editor")
    walk.click("button", "Add it, and see what it would have caught")
    walk.reads("Gained")
    caught = walk.page.get_by_role("region", name="Gained").inner_text()
    assert "El tiempo: oleaje en la costa central" in caught
    walk.page.locator(".cm-editor").wait_for()
    walk.picture("gained")
    walk.click("button", "Save")
    walk.reads("Saved. It is in force within two seconds.")
    scene.shift.desk = scene.read_files()
    scene.report(NOW + timedelta(hours=3), Told(0, CORREO, "Oleaje anómalo cierra caletas de la costa"))
    assert "Oleaje" in scene.message_to(WALKER).title
