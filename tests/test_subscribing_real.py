"""The pages of readers in a real browser, and one whole way: from the form to the last message."""

from __future__ import annotations

import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.notify import MailServer as Server
from service.notify import Sender
from service.pipeline import Delivering
from tests.partners.mailbox import DOMAIN
from tests.partners.pictures import keep_picture
from tests.partners.ports import HOST
from tests.partners.reader_site import DESK, PHONE, SCHEMES, Served, open_page, serve_readers
from tests.partners.readers import ANA, BASE, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path
    from typing import Literal

    from playwright.sync_api import Browser

    from tests.partners.mailbox import MailServer

pytestmark = pytest.mark.real


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve_readers(tmp_path) as one:
        yield one


def _links(house: House) -> dict[str, str]:
    """Give the path of every page of readers, by its name."""
    house.ask()
    paths = {"subscribe": "/subscribe", "access": "/access", "confirm": house.last_link()}
    house.store.readers.confirm(house.token(house.last_link()).about, house.now)
    house.report("El puerto de Chancay abre sin esperar el fallo del Tribunal Constitucional")
    [delivery] = house.states()
    pages = ("change", "leave", "mute", "useful", "noise")
    return paths | {page: house.link(page, delivery) for page in pages} | {"broken": "/leave/x"}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_fits_in_every_language_and_complains_of_nothing(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    links = _links(served.house)
    with open_page(browser, width, scheme) as page:
        for language in ("en", "es", "pt"):
            for name, path in links.items():
                page.goto(f"{served.url}{path}?language={language}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, language)
                assert page.locator("h1").count() == 1
                assert page.locator("html").get_attribute("lang") == language
                keep_picture(page.locator(".page"), f"reader-{name}-{language}-{width}-{scheme}")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_is_wrong_stands_in_sight_at_its_field(browser: Browser, served: Served, width: int) -> None:
    with open_page(browser, width, language="es-PE") as page:
        page.goto(f"{served.url}/subscribe")
        page.get_by_role("button", name="Suscribirse").click()
        assert page.locator("#fault-watchlists").is_visible()
        assert page.evaluate("document.activeElement.name") == "watchlists"
        page.get_by_label("Chancay Port").check()
        page.get_by_label("Su dirección de correo").fill("ana at example")
        page.get_by_label("Cuándo").select_option("daily")
        page.get_by_label("A estas horas, si van juntos").fill("a las siete")
        page.locator("summary").click()
        page.get_by_label("Horas de silencio").fill("de noche")
        page.get_by_role("button", name="Suscribirse").click()
        keep_picture(page.locator(".page"), f"reader-wrong-{width}")
        focused = page.evaluate("document.activeElement.id")
        assert focused == "address"
        for field in ("address", "hours", "quiet"):
            fault, box = page.locator(f"#fault-{field}"), page.locator(f"#{field}")
            assert fault.is_visible()
            assert box.get_attribute("aria-describedby") == f"fault-{field}"
            above, below = fault.bounding_box(), box.bounding_box()
            assert above is not None
            assert below is not None
            assert 0 <= below["y"] - above["y"] - above["height"] < 12
        assert page.locator("#quiet").input_value() == "de noche"
        assert page.locator("#days").input_value() == "daily"
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_form_is_filled_and_sent_by_the_keyboard_alone(browser: Browser, served: Served) -> None:
    with open_page(browser) as page:
        page.goto(f"{served.url}/subscribe")
        seen = []
        for _ in range(30):
            page.keyboard.press("Tab")
            element = page.evaluate(
                "(() => { const e = document.activeElement; return [e.name || e.textContent, e.value || '',"
                " getComputedStyle(e).outlineStyle]; })()"
            )
            assert element[2] == "solid", element
            seen.append(element[0])
            if element[1] in {"amazon-rail", "chancay-port"}:
                page.keyboard.press("Space")
            if element[0] == "address":
                page.keyboard.type(ANA)
            if element[0] == "Subscribe":
                break
        assert {"watchlists", "address", "days", "hours", "timezone", "language"} <= set(seen)
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('Look into your mailbox')")
        keep_picture(page.locator(".page"), "reader-sent")
    [request] = served.house.store.signups.list_requests(limit=9)
    assert (request.address, sorted(request.wishes.watchlists)) == (ANA, ["amazon-rail", "chancay-port"])


@pytest.mark.promise("P13", size="every page, Chromium")
def test_p13_s119_a_scanner_that_opens_links_runs_scripts_and_sends_forms_changes_nothing(
    browser: Browser, served: Served
) -> None:
    house, links = served.house, _links(served.house)
    house.ask("eva@example.org")
    links["confirm"] = house.last_link()
    before = house.everything()
    with open_page(browser) as page:
        for path in links.values():
            for _ in range(2):
                page.goto(served.url + path)
                page.wait_for_load_state("networkidle")
        for name in ("confirm", "leave", "mute", "useful", "noise"):
            page.goto(served.url + links[name])
            with page.expect_navigation():
                page.evaluate("document.querySelector('form').submit()")
            assert page.locator("form button").count() >= 1, name
    assert house.everything() == before
    assert len(house.store.readers.list_active()) == 1


def _urls(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("plain",))
    assert body is not None
    return re.findall(r"https://\S+", body.get_content())


@pytest.mark.promise("P15", size="1 reader, Postfix, Dovecot and Chromium")
def test_from_the_form_to_the_last_message(
    browser: Browser, served: Served, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    house, address = served.house, f"walker@{DOMAIN}"
    server = Server.parse(f"smtp://{HOST}:{mail_server.smtp_port}")
    house.move(BASE)  # one click is offered for https alone; what stands before these pages would end there
    sender = Sender(server, mail_from=f"Avizor <alerts@{DOMAIN}>")
    delivering = Delivering(house.shift, sender.send)

    def deliver() -> None:
        with ThreadPoolExecutor(1) as pool:  # the browser's own loop runs in this thread
            pool.submit(loop.run, delivering.deliver_due()).result()

    with open_page(browser) as page:
        page.goto(f"{served.url}/subscribe?language=es")
        page.get_by_label("Su dirección de correo").fill(address)
        page.get_by_label("Chancay Port").check()
        page.get_by_label("Zona horaria").select_option("America/Lima")
        page.get_by_role("button", name="Suscribirse").click()
        page.wait_for_selector("h1:has-text('Revise su correo')")
        assert house.admitting.admit_due() == 1
        deliver()
        [letter] = mail_server.wait_for(address, 1)
        assert letter["Subject"] == "Confirme sus avisos de Avizor"
        house.report("El puerto de Chancay abre")
        assert house.states() == {}
        [confirm] = _urls(letter)
        page.goto(confirm.replace(BASE, served.url))
        page.get_by_role("button", name="Sí, envíenme avisos").click()
        page.wait_for_selector("h1:has-text('Su suscripción está hecha')")
        keep_picture(page.locator(".page"), "reader-confirmed")
    house.report("Huelga de los estibadores paraliza Matarani")
    deliver()
    [_, alert] = mail_server.wait_for(address, 2)
    assert "Matarani" in alert["Subject"]
    leave = alert["List-Unsubscribe"].strip("<>")
    assert leave.startswith(f"{BASE}/leave/")
    assert alert["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    house.report("Una tormenta cierra el puerto de Ilo")
    here = leave.replace(BASE, served.url)
    request = urllib.request.Request(here, b"List-Unsubscribe=One-Click")  # noqa: S310 -- our own page
    with urllib.request.urlopen(request) as answer:  # noqa: S310 -- the same
        assert (answer.status, answer.url) == (200, here)
    deliver()
    house.report("Cae el precio del cobre")
    deliver()
    delivering.close()
    assert len(mail_server.wait_for(address, 2)) == 2
    assert address not in house.everything()
    assert address not in caplog.text
    assert leave.rpartition("/")[2] not in caplog.text
    assert house.store.audit.run().is_clean
