"""The pages of readers' chats in a real browser, and one whole way: into a room of a real Matrix server."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.notify import CHAT_KINDS, Sender
from service.pipeline import Delivering
from service.web import Chats
from tests.partners.chat_services import BOT
from tests.partners.pictures import keep_picture
from tests.partners.reader_site import DESK, PHONE, SCHEMES, Served, open_page, serve_readers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Literal

    from playwright.sync_api import Browser

    from tests.partners.synapse import SynapseServer

pytestmark = pytest.mark.real


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve_readers(tmp_path, Chats(BOT, lambda host, _port: host != "127.0.0.1")) as one:
        yield one


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_of_chats_fits_in_every_language_and_complains_of_nothing(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    paths = {"chats": "/subscribe/chat", "subscribe": "/subscribe"}
    paths |= {kind: f"/subscribe/chat/{kind}" for kind in CHAT_KINDS}
    with open_page(browser, width, scheme) as page:
        for language in ("en", "es", "pt"):
            for name, path in paths.items():
                page.goto(f"{served.url}{path}?language={language}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, language)
                assert page.locator("html").get_attribute("lang") == language
                keep_picture(page.locator(".page"), f"chat-{name}-{language}-{width}-{scheme}")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_is_wrong_with_a_chat_stands_at_its_field_and_the_code_has_its_page(
    browser: Browser, served: Served, width: int
) -> None:
    with open_page(browser, width, language="es-PE") as page:
        page.goto(f"{served.url}/subscribe/chat/ntfy")
        page.get_by_label("Servidor").fill("https://127.0.0.1")
        page.locator("#topic").fill("avisos-x7Kq2mPw9")
        page.get_by_role("button", name="Enviar el código").click()
        assert page.locator("#fault-server").is_visible()
        assert page.locator("#fault-watchlists").is_visible()
        assert page.evaluate("document.activeElement.id") == "server"
        assert page.locator("#server").input_value() == "https://127.0.0.1"
        assert page.locator("#topic").input_value() == ""
        keep_picture(page.locator(".page"), f"chat-wrong-{width}")
        page.get_by_label("Servidor").fill("")
        page.locator("#topic").fill("avisos-x7Kq2mPw9")
        page.get_by_label("Chancay Port").check()
        page.get_by_role("button", name="Enviar el código").click()
        page.wait_for_selector("h1:has-text('Escriba el código')")
        assert page.evaluate("document.activeElement.id") == "code"
        page.keyboard.type("123 456")
        keep_picture(page.locator(".page"), f"chat-code-{width}")
        page.keyboard.press("Enter")
        page.wait_for_selector("#fault-code")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        keep_picture(page.locator(".page"), f"chat-code-wrong-{width}")


def test_from_the_form_to_the_last_message_in_a_room(
    browser: Browser, tmp_path: Path, synapse: SynapseServer
) -> None:
    bot, ana = synapse.register("chatpagebot", "s3cret"), synapse.register("chatpageana", "s3cret")
    room = synapse.create_room(ana, alias="chatpage")
    of_the_operator = {"matrix_server": synapse.url, "matrix_token": bot.token}
    with serve_readers(tmp_path, Chats(of_the_operator, lambda _host, _port: False)) as served:
        house, delivering = (
            served.house,
            Delivering(served.house.shift, Sender(None, bot=of_the_operator).send),
        )

        def deliver() -> list[str]:
            with ThreadPoolExecutor(1) as pool:  # the browser's own loop runs in this thread
                pool.submit(loop.run, delivering.deliver_due()).result()
            return synapse.messages(ana, room)

        with open_page(browser, PHONE) as page:
            page.goto(f"{served.url}/subscribe")
            page.get_by_role("link", name="To a chat instead").click()
            page.get_by_role("link", name="Matrix").click()
            page.get_by_label("Room").fill("#chatpage:chat.example")
            page.get_by_label("Chancay Port").check()
            page.get_by_role("button", name="Send the code").click()
            page.wait_for_selector("h1:has-text('Type the code')")
            assert house.admitting.admit_due() == 1
            house.report("El puerto de Chancay abre")
            [text] = deliver()
            [code] = re.findall(r"Your code is (\d{3} \d{3})", text)
            page.get_by_label("Code").fill(code)
            page.get_by_role("button", name="Begin the alerts").click()
            page.wait_for_selector("h1:has-text('You are subscribed')")
            keep_picture(page.locator(".page"), "chat-done")
            house.report("Huelga de los estibadores paraliza Matarani")
            alert = deliver()[-1]
            assert "Matarani" in alert
            [leave] = re.findall(rf"{re.escape(served.url)}/leave/[\w.-]+", alert)
            page.goto(leave)
            page.get_by_role("button", name="Stop all messages").click()
            page.wait_for_selector("h1:has-text('Nothing more is sent')")
        house.report("Una tormenta cierra el puerto de Ilo")
        assert len(deliver()) == 2
        delivering.close()
        kept = house.everything()
        assert "chatpage" not in kept
        assert bot.token not in kept
        assert house.store.audit.run().is_clean
