"""The pages of readers served on this machine, and opened in a real browser."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import uvicorn

from service.store import Store
from service.web import create_app
from tests.partners.ports import HOST, wait_until
from tests.partners.readers import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Literal

    from playwright.sync_api import Browser, Page

    from service.web import Chats

PHONE, DESK = 390, 1_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True)
class Served:
    """A house whose pages are served at `url`."""

    house: House
    url: str


@contextmanager
def serve_readers(folder: Path, chats: Chats | None = None) -> Iterator[Served]:
    """Serve the pages of a new house meanwhile; `chats` is what readers add chats with."""
    store = Store(f"sqlite:///{folder}/avizor.db")
    house = House(store)
    server = uvicorn.Server(
        uvicorn.Config(create_app(replace(house.view, chats=chats)), host=HOST, port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the pages")
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://{HOST}:{port}"
    house.move(url)
    yield Served(house, url)
    server.should_exit = True
    thread.join()
    store.close()


@contextmanager
def open_page(
    browser: Browser, width: int = DESK, scheme: Literal["light", "dark"] = "light", language: str = "en-GB"
) -> Iterator[Page]:
    """Open an empty page that complains of nothing: no script, no fault, no request to anywhere else."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on("request", lambda request: None if HOST in request.url else complaints.append(request.url))
    yield page
    context.close()
    # The browser itself notes an answer that is no 200; that is what the test asked for.
    assert [one for one in complaints if "Failed to load resource" not in one] == []
