"""The files beside the pages: kept for good under the address that a page names, and under no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.store import Store
from service.web.templating import asset
from tests.partners.readers import House, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield Site(House(store).view)
    store.close()


@pytest.mark.parametrize("name", ["avizor.css", "icon.svg", "vendor/htmx.min.js"])
def test_a_browser_keeps_what_a_page_names(site: Site, name: str) -> None:
    answer = site.get(asset(name))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/static/avizor.css", "/static/avizor.css?000000000000"])
def test_under_another_address_it_asks_again(site: Site, address: str) -> None:
    answer = site.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    again = site.get(address, if_none_match=answer.headers["etag"])
    assert again.status_code == 304


def test_a_file_that_is_missing_is_not_kept(site: Site) -> None:
    answer = site.get("/static/nothing.js?000000000000")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")
