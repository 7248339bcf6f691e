"""The files beside the pages: kept for good under the address that a page names, and under no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import service
from service.store import Store
from service.web.templating import asset
from tests.partners.readers import House, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

VENDOR = Path(service.__file__).parent / "web" / "static" / "vendor"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield Site(House(store).view)
    store.close()


@pytest.mark.parametrize("name", ["avizor.css", "icon.svg", "vendor/htmx.min.js", "vendor/uplot.min.js"])
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


def test_what_others_wrote_stands_beside_its_licence_and_its_release() -> None:
    for program in VENDOR.glob("*.js"):
        licence = VENDOR / f"{program.name.partition('.')[0]}.LICENSE"
        assert len(licence.read_text(encoding="utf-8").split()) > 50, program.name
    wanted = json.loads((VENDOR / "src" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    stated = "".join(path.read_text(encoding="utf-8") for path in VENDOR.glob("*.LICENSE"))
    assert [name for name, release in wanted.items() if f"{name} {release}" not in stated] == []
    lock = json.loads((VENDOR / "src" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not any("resolved" in one for one in lock.values()), "the lock file names no registry"
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
