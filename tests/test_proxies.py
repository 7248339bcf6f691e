"""Behind a proxy: whose word on where visitors come from is taken, on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from typer.testing import CliRunner

from service.cli import app as command_line
from service.store import Store
from service.web import Access, Health, View
from tests.partners.newsroom import NOW
from tests.partners.scene import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE, ELSEWHERE = "127.0.0.1,::1", "192.0.2.0/24"


def _health() -> Health:
    return Health(ok=True, checks={})


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield View(store, lambda: (), _health, "UTC", lambda: NOW, access=Access("a-secret-of-the-operator"))
    store.close()


def _guess(url: str, visitor: str) -> int:
    """Guess a secret as a proxy passes it on for a visitor; gives the status."""
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": visitor}
    return httpx.post(f"{url}/sign-in", data={"name": "ana", "secret": "guess"}, headers=headers).status_code


@pytest.mark.slow
@pytest.mark.parametrize(("trusted", "last"), [(HERE, 403), (ELSEWHERE, 429)])
def test_only_a_proxy_that_is_named_says_where_visitors_come_from(
    view: View, trusted: str, last: int
) -> None:
    with serve(view, proxies=trusted.split(",")) as url:
        statuses = [_guess(url, f"198.51.100.{number}") for number in range(7)]
    assert statuses == [403] * 5 + [last] * 2


@pytest.mark.slow
def test_behind_a_proxy_each_visitor_waits_for_their_own_guesses(view: View) -> None:
    with serve(view, proxies=HERE.split(",")) as url:
        assert [_guess(url, "198.51.100.1") for _ in range(6)] == [403] * 5 + [429]
        assert _guess(url, "198.51.100.2") == 403
        assert _guess(url, "198.51.100.2, 198.51.100.1") == 429, "the last one is what the proxy saw"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"AVIZOR_PUBLIC_URL": "https://alerts.example.org"}, "AVIZOR_PUBLIC_URL"),
        ({"AVIZOR_HOST": "0.0.0.0"}, "AVIZOR_HOST"),
        ({"AVIZOR_PUBLIC_URL": "https://a.example", "AVIZOR_OPERATOR_SECRET": "sh0rt"}, "AVIZOR_OPERATOR"),
    ],
)
def test_the_service_does_not_start_open_to_all_and_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watchlists").mkdir()
    said = CliRunner().invoke(command_line, ["run"], env=given)
    assert said.exit_code == 3
    words = " ".join((said.output + said.stderr).split())
    assert named in words
    assert "AVIZOR_OPERATOR_SECRET" in words
    assert "sh0rt" not in words
