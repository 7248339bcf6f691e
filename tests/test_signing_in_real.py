"""Signing in at a provider, in Chromium and by keyboard alone; the pages that it needs, looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.fetch import Asking
from service.store import Scope, Store
from service.web import Access, Health, Provider, View
from tests.partners.browser import look
from tests.partners.newsroom import NOW
from tests.partners.openid import CLIENT, CLIENT_SECRET, OpenIdProvider
from tests.partners.ports import HOST, free_port
from tests.partners.scene import SECRET, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.partners.browser import Scheme

pytestmark = pytest.mark.real

PHONE, DESK = 390, 1200


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The pages, where people sign in at a provider beside them."""
    person = {"sub": "7", "email": "ana.de.la.redaccion@news.example", "email_verified": True}
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    port = free_port()
    url = f"http://{HOST}:{port}"
    with OpenIdProvider(f"{url}/sign-in/back", int(NOW.timestamp()), person) as there:
        provider = Provider(
            there.issuer,
            CLIENT,
            CLIENT_SECRET,
            there.back,
            Asking(HOST, user_agent="Avizor"),
            operators=("@news.example",),
        )
        access = Access(SECRET, provider=provider)
        view = View(store, lambda: (), _health, "America/Lima", lambda: NOW, access=access)
        store.accounts.add_token("Grafana of the desk in Lima", [Scope.METRICS], NOW)
        store.accounts.add_token("reader", [Scope.FEEDS, Scope.READ], NOW)
        with serve(view, port=port) as served:
            assert served == url
            yield url
    store.close()


def _health() -> Health:
    return Health(ok=True, checks={})


def test_by_keyboard_alone_somebody_signs_in_there_makes_a_token_and_signs_out(
    browser: Browser, site: str
) -> None:
    with look(browser, site) as seen:
        seen.open("/tokens")
        assert seen.page.url == f"{site}/sign-in?next=%2Ftokens"
        seen.tab_to(f"Sign in at {HOST}")
        seen.press("Enter")
        seen.page.wait_for_url("**/tokens")
        assert "ana.de.la.redaccion@news.example" in seen.page.locator(".who").inner_text()
        seen.tab_to("Who uses it")
        seen.write("board")
        seen.press("Tab")
        seen.press("Space")
        seen.press("Enter")
        seen.page.wait_for_selector("code.secret")
        assert seen.page.locator("code.secret").inner_text().startswith("avizor_")
        seen.tab_to("Sign out")
        seen.press("Enter")
        seen.page.wait_for_url("**/sign-in")
        seen.page.goto(f"{site}/tokens")
        assert seen.page.url == f"{site}/sign-in?next=%2Ftokens"
        assert not [one for one in seen.complaints if "asked http://127.0.0.1" not in one]


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_its_pages_are_in_order(
    browser: Browser, site: str, width: int, scheme: Scheme, language: str
) -> None:
    found = []
    with look(browser, site, width=width, scheme=scheme, language=language) as seen:
        seen.open("/sign-in?failed=there")
        name = f"sign-in-there-{width}-{scheme}-{language}"
        seen.keep(name)
        found += seen.judge(name) + seen.audit(name)
        seen.page.locator("a.there").press("Enter")
        seen.page.wait_for_url(f"{site}/")
        seen.complaints.clear()
        seen.open("/tokens")
        seen.page.locator("#name").fill("board")
        seen.page.locator("input[name=scope]").first.check()
        seen.page.locator("form[action='/tokens'] button").press("Enter")
        seen.page.wait_for_selector("code.secret")
        name = f"tokens-{width}-{scheme}-{language}"
        seen.keep(name)
        found += seen.judge(name) + seen.audit(name)
    assert not found, "\n".join(found)
