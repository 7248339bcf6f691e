"""Who may do what on the pages: sessions, roles, guesses, tokens, and when nobody has to sign in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from service.cli import app as command_line
from service.config import Settings
from service.errors import NotFound, Refused, SettingsError
from service.store import Scope, Store
from service.store.accounts import IDLE, LONGEST
from service.web import Access, Health, View
from service.web.desk import Desk
from service.web.signing_in import own_path
from tests.partners.newsroom import HOUR, NOW, fill
from tests.partners.visits import Visits, list_routes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.pipeline import Correcting

SECRET = "a-secret-of-the-operator"
MINUTE = timedelta(minutes=1)
NAMES = ("", "ana", "eva", "operator")


class _Clock:
    """The time, which tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def view(tmp_path: Path, clock: _Clock) -> Iterator[View]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        clock,
        correct=_no_correction,
        public_host="news.example",
        access=Access(SECRET, is_secure=True),
    )
    store.close()


def _no_correction(by: str) -> Correcting:
    raise NotFound(f"{by} asked for nothing that there is")


def _visits(view: View) -> Visits:
    return Visits(view, "https://news.example")


def _signed_in(view: View, name: str) -> Visits:
    """Give somebody who has signed in: ana is a reader, eva an editor, anybody else the operator."""
    visits, roles = _visits(view), {"ana": "READER", "eva": "EDITOR"}
    if name:
        accounts = view.store.accounts
        secret = accounts.add_person(name, roles[name], NOW) if name in roles else SECRET
        answer = visits.post("/sign-in", name=name, secret=secret)
        assert answer.status_code == 303, answer.text
    return visits


# --------------------------------------------------------------------------------------- sign in


@pytest.mark.slow
def test_who_has_not_signed_in_is_asked_to_and_led_on_to_where_they_were_going(view: View) -> None:
    visits = _visits(view)
    answer = visits.get("/sources?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fsources%3Fx%3D1")
    page = visits.get(answer.headers["location"])
    assert (page.status_code, 'value="/sources?x=1"' in page.text) == (200, True)
    answer = visits.post("/sign-in", name="Rosa", secret=SECRET, next="/sources?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources?x=1")
    assert "Rosa" in visits.get("/sources").text


@pytest.mark.slow
def test_the_cookie_of_a_session_is_for_this_host_alone_and_no_script(view: View) -> None:
    cookie = _visits(view).post("/sign-in", name="Rosa", secret=SECRET).headers["set-cookie"]
    assert cookie.startswith("__Host-avizor=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    plain = replace(view, access=Access(SECRET))
    assert "Secure" not in _visits(plain).post("/sign-in", name="R", secret=SECRET).headers["set-cookie"]


def test_what_a_browser_brought_along_is_not_what_it_is_signed_in_with(view: View) -> None:
    visits = _visits(view)
    visits.cookies.set("__Host-avizor", "fixed-by-somebody", domain="news.example")
    visits.post("/sign-in", name="Rosa", secret=SECRET)
    other = _visits(view)
    other.cookies.set("__Host-avizor", "fixed-by-somebody", domain="news.example")
    assert other.get("/sources").status_code == 303


def test_signing_out_ends_the_session_wherever_its_cookie_was_copied(view: View) -> None:
    visits = _signed_in(view, "operator")
    copied = _visits(view)
    copied.cookies.update(visits.cookies)
    assert copied.get("/sources").status_code == 200
    assert visits.post("/sign-out").headers["location"] == "/sign-in"
    assert [one.get("/sources").status_code for one in (visits, copied)] == [303, 303]


@pytest.mark.slow
def test_a_session_ends_when_it_is_not_used_and_after_a_week_in_any_case(view: View, clock: _Clock) -> None:
    visits = _signed_in(view, "operator")
    clock.now += IDLE - MINUTE
    assert visits.get("/sources").status_code == 200
    clock.now += IDLE - MINUTE
    assert visits.get("/sources").status_code == 200, "it was used meanwhile"
    clock.now += IDLE
    assert visits.get("/sources").status_code == 303
    visits = _signed_in(view, "operator")
    began = clock.now
    while clock.now - began < LONGEST - HOUR:
        assert visits.get("/sources").status_code == 200
        clock.now += 6 * HOUR
    clock.now = began + LONGEST
    assert visits.get("/sources").status_code == 303


def test_whose_account_is_taken_away_is_out_at_once(view: View) -> None:
    visits = _signed_in(view, "eva")
    assert visits.get("/deliveries").status_code == 200
    view.store.accounts.remove_person("eva")
    assert visits.get("/deliveries").status_code == 303
    with pytest.raises(NotFound):
        view.store.accounts.remove_person("eva")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "secret"),
    [("ana", "wrong"), ("eva", ""), ("", SECRET), ("ana", SECRET + "x"), ("nobody", "ñ\ud800")],
)
def test_wrong_names_and_secrets_get_the_same_answer(view: View, name: str, secret: str) -> None:
    view.store.accounts.add_person("ana", "READER", NOW)
    answer = _visits(view).post("/sign-in", name=name, secret=secret.encode("utf-8", "replace").decode())
    assert answer.status_code == 403
    assert "Name and secret do not belong together." in answer.text
    assert "set-cookie" not in answer.headers


def test_the_secret_of_one_does_not_sign_in_another(view: View) -> None:
    secret = view.store.accounts.add_person("ana", "READER", NOW)
    view.store.accounts.add_person("eva", "EDITOR", NOW)
    assert _visits(view).post("/sign-in", name="eva", secret=secret).status_code == 403
    with pytest.raises(Refused):
        view.store.accounts.add_person("ana", "OPERATOR", NOW)


def test_after_five_wrong_guesses_a_place_waits_and_a_right_one_is_not_taken_meanwhile(
    view: View, clock: _Clock
) -> None:
    visits = _visits(view)
    for _ in range(5):
        assert visits.post("/sign-in", name="ana", secret="guess").status_code == 403
    answer = visits.post("/sign-in", name="Rosa", secret=SECRET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "Try again in 2 s" in answer.text
    clock.now += timedelta(seconds=1)
    assert visits.post("/sign-in", name="Rosa", secret=SECRET).status_code == 303


def test_guesses_at_one_time_are_counted_each(view: View) -> None:
    """They are counted before they are looked at: none is looked at for free."""
    door = Desk(view).door
    waits = [door.begin_attempt("192.0.2.1") for _ in range(7)]
    assert [bool(wait) for wait in waits] == [False] * 5 + [True] * 2


def test_another_secret_in_the_settings_ends_the_sessions_of_the_one_before(view: View) -> None:
    visits = _signed_in(view, "operator")
    other = _visits(replace(view, access=Access("another-secret-of-the-operator", is_secure=True)))
    other.cookies.update(visits.cookies)
    assert other.get("/sources").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("change", ["", "x", "%00", "%C3%B1"])
def test_a_cookie_that_was_tampered_with_is_nobody(view: View, change: str) -> None:
    kept = _signed_in(view, "operator").cookies["__Host-avizor"]
    for cookie in (change, kept[:-1] + change, kept.swapcase(), f"{kept}{change or 'y'}"):
        header = {"Cookie": f"__Host-avizor={cookie}"}
        assert _visits(view).get("/sources", header).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:x",
        "",
        "x",
        "/a\nb",
        "http://[",
        "/\t/e.example",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(path: str) -> None:
    assert own_path(path) == "/"


@given(st.text())
def test_any_text_leads_to_a_path_of_ours(text: str) -> None:
    path = own_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


# ----------------------------------------------------------------------------------------- roles

_OPEN = {"/sign-in", "/sign-out", "/health", "/metrics"}
_OF_READERS = (
    *("/subscribe", "/access", "/confirm/", "/code/", "/leave/", "/change/"),
    *("/mute/", "/useful/", "/noise/", "/websub/"),
)


def _routes(view: View) -> list[tuple[str, str]]:
    """List methods and paths of all pages but those of readers, whose links are the proof of who they are."""
    return [
        (method, path.replace("{event_id}", "e").replace("{watchlist_id}", "chancay-port"))
        for method, path in list_routes(view)
        if method != "HEAD" and path not in _OPEN and not path.startswith(_OF_READERS)
    ]


@pytest.mark.slow
def test_every_page_asks_for_a_role_and_every_form_for_a_higher_one(view: View) -> None:
    routes = _routes(view)
    assert len(routes) > 6
    nobody, reader = _visits(view), _signed_in(view, "ana")
    for method, path in routes:
        if method == "GET":
            is_for_programs = path.endswith((".atom", ".json", ".ics", ".opml"))
            assert nobody.get(path).status_code in ({303, 401} if is_for_programs else {303}), path
        else:
            assert nobody.post(path).status_code == 403, path
            assert reader.post(path).status_code == 403, path


_ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},  # another port of the same host, or a neighbour
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://news.example:8443"},
    {"Origin": "http://news.example"},  # the same name, by whoever sits on the line
    {"Origin": "ftp://news.example"},
    {"Origin": "null"},
    {},
)
# Who may, by what stands in their address alone, wherever the form stood: their link is the proof.
_BY_LINK = ("/confirm/", "/code/", "/leave/", "/change/", "/mute/", "/useful/", "/noise/", "/websub/")


@pytest.mark.slow
def test_every_form_is_refused_from_elsewhere_whoever_sends_it(view: View) -> None:
    paths = [
        path.replace("{event_id}", "e").replace("{watchlist_id}", "chancay-port").replace("{kind}", "ntfy")
        for method, path in list_routes(view)
        if method == "POST" and not path.startswith(_BY_LINK)
    ]
    assert {"/sign-in", "/sign-out", "/subscribe", "/access", "/tokens", "/tokens/remove"} <= set(paths)
    visits = _signed_in(view, "operator")
    for path in paths:
        for headers in _ELSEWHERE:
            assert visits.post(path, headers, name="x", scope="read").status_code == 403, (path, headers)
    assert visits.get("/sources").status_code == 200
    assert view.store.accounts.list_tokens() == []


@pytest.mark.slow
def test_nothing_is_changed_by_what_is_only_looked_at(view: View) -> None:
    visits = _signed_in(view, "operator")
    for method, path in list_routes(view):
        if method == "POST" and not path.startswith(_BY_LINK):
            asked = path.replace("{event_id}", "e").replace("{watchlist_id}", "w").replace("{kind}", "ntfy")
            assert visits.get(asked).status_code in {200, 303, 404, 405}, path
    assert visits.get("/sources").status_code == 200, "still signed in"


def test_tokens_are_for_operators(view: View) -> None:
    for name, status in (("", 403), ("ana", 403), ("eva", 403), ("operator", 200)):
        visits = _signed_in(view, name)
        assert visits.post("/tokens", name=name or "x", scope="read").status_code == status
        assert visits.get("/tokens").status_code == (303 if not name else status)
    assert [one.name for one in view.store.accounts.list_tokens()] == ["operator"]


def test_nobody_is_shown_a_way_that_is_closed_to_them(view: View) -> None:
    for name, deliveries, tokens in (
        ("ana", False, False),
        ("eva", True, False),
        ("operator", True, True),
    ):
        page = _signed_in(view, name).get("/sources").text
        assert ('href="/deliveries"' in page, 'href="/tokens"' in page) == (deliveries, tokens)


def test_browsers_are_told_to_come_by_https_alone_and_to_share_nothing(view: View) -> None:
    headers = _visits(view).get("/sign-in").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    plain = _visits(replace(view, access=Access(SECRET))).get("/sign-in").headers
    assert "strict-transport-security" not in plain


def test_a_name_that_is_not_ours_leads_nowhere_even_beside_one_that_is(view: View) -> None:
    for host in ("evil.example", "news.example.evil.example", "news.example@evil.example", ""):
        answer = _visits(view).get("/sign-in", {"Host": host})
        assert (answer.status_code, "Sign in" in answer.text) == (421, False), host
        assert "content-security-policy" in answer.headers


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("", [303, 303, 403]),
        ("ana", [200, 403, 403]),
        ("eva", [200, 200, 404]),
        ("operator", [200, 200, 404]),
    ],
)
def test_a_role_may_what_those_below_it_may(view: View, name: str, statuses: list[int]) -> None:
    visits = _signed_in(view, name)
    answers = [visits.get("/sources"), visits.get("/deliveries"), visits.post("/events/e/rename", title="x")]
    assert [answer.status_code for answer in answers] == statuses


def test_with_anonymous_readers_all_may_look_and_only_look(view: View) -> None:
    visits = _visits(replace(view, access=Access(SECRET, anonymous=True)))
    assert [visits.get(path).status_code for path in ("/", "/sources", "/deliveries")] == [200, 200, 403]
    assert "Sign in" in visits.get("/").text


@pytest.mark.slow
def test_a_reader_sees_that_and_when_it_was_told_and_not_to_whom(view: View) -> None:
    events = fill(view.store)
    reader, editor = _signed_in(view, "ana"), _signed_in(view, "eva")
    for path in ("/", "/watchlists/chancay-port", f"/events/{events['ruling']}"):
        assert "newsroom-chat" in editor.get(path).text, path
        assert "newsroom-chat" not in reader.get(path).text, path
    refused = f"/events/{events['licence']}"
    assert "5.1.1" in editor.get(refused).text
    assert "5.1.1" not in reader.get(refused).text
    assert "could not be told: refused for good" in reader.get(refused).text


@pytest.mark.slow
def test_a_reader_sees_no_addresses_and_no_forms(view: View) -> None:
    events = fill(view.store)
    path = f"/events/{events['licence']}"
    reader, editor = _signed_in(view, "ana").get(path).text, _signed_in(view, "eva").get(path).text
    assert "l…@example.org" in editor
    assert "Correct this event" in editor
    assert 'class="delivery"' not in reader
    assert "Correct this event" not in reader


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://news.example:8443"},
        {"Origin": "http://news.example:8080"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_that_stood_elsewhere_changes_nothing_whoever_sends_it(
    view: View, headers: dict[str, str]
) -> None:
    visits = _signed_in(view, "operator")
    for path in ("/events/e/rename", "/sign-out", "/sign-in"):
        assert visits.post(path, headers, title="x", name="R", secret=SECRET).status_code == 403
    assert visits.get("/sources").status_code == 200, "still signed in"


def test_pages_of_somebody_who_is_signed_in_are_kept_by_nobody(view: View) -> None:
    assert _signed_in(view, "ana").get("/sources").headers["cache-control"] == "private, no-store"


def test_what_was_done_is_signed_with_the_name(view: View) -> None:
    assert "eva asked for nothing" in _signed_in(view, "eva").post("/events/e/rename", title="x").text


# ---------------------------------------------------------------------------------------- tokens


def test_the_figures_ask_for_a_token_where_visitors_sign_in(view: View) -> None:
    accounts = view.store.accounts
    good = accounts.add_token("grafana", [Scope.METRICS], NOW)
    other = accounts.add_token("reader", [Scope.READ], NOW)
    visits = _visits(view)
    asked = [
        {"Authorization": f"{kind} {token}"}
        for kind, token in (("Bearer", good), ("bearer", other), ("Basic", good))
    ]
    assert [visits.get("/metrics", headers).status_code for headers in (*asked, {})] == [200, 401, 401, 401]
    assert [one.used_at for one in accounts.list_tokens()] == [NOW, NOW]
    accounts.remove_token("grafana")
    assert visits.get("/metrics", asked[0]).status_code == 401
    assert _visits(replace(view, access=None)).get("/metrics").status_code == 200


def test_no_secret_is_stored(view: View, tmp_path: Path) -> None:
    secrets = [
        view.store.accounts.add_person("ana", "READER", NOW),
        view.store.accounts.add_token("t", [Scope.READ], NOW),
    ]
    visits = _signed_in(view, "operator")
    secrets += [SECRET, *visits.cookies.values()]
    view.store.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("avizor.db*"))
    assert [secret for secret in secrets if secret.encode() in stored] == []
    assert SECRET not in repr(view.access)


# ------------------------------------------------------------------------------ when one signs in


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, ""),
        ({"public_url": "http://127.0.0.1:8080"}, ""),
        ({"host": "0.0.0.0", "trusted_network": True}, ""),
        ({"host": "0.0.0.0"}, "AVIZOR_HOST"),
        ({"public_url": "https://news.example"}, "AVIZOR_PUBLIC_URL"),
        ({"public_url": "https://news.example", "trusted_network": True}, "AVIZOR_PUBLIC_URL"),
        ({"public_url": "https://news.example", "operator_secret": SECRET}, ""),
        ({"host": "0.0.0.0", "operator_secret": SECRET}, ""),
    ],
)
def test_pages_that_others_reach_do_not_start_open_to_all(given: dict[str, object], refused: str) -> None:
    settings = Settings.model_validate(given)
    if refused:
        with pytest.raises(SettingsError, match="AVIZOR_OPERATOR_SECRET") as caught:
            settings.check_access()
        assert caught.value.resource == refused
    else:
        settings.check_access()


def test_a_short_secret_is_refused_without_being_named() -> None:
    with pytest.raises(ValueError, match="it has 5 characters, and 16 are the least"):
        Settings(operator_secret="short")


# -------------------------------------------------------------------------------------- commands


def test_accounts_and_tokens_are_given_listed_and_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    assert "Nobody has an account" in run(command_line, ["accounts"]).output
    said = run(command_line, ["accounts", "add", "ana", "--role", "editor"]).output.splitlines()
    token = run(
        command_line, ["tokens", "add", "board", "--scope", "read", "--scope", "feeds"]
    ).output.splitlines()[-1]
    assert "EDITOR" in run(command_line, ["accounts", "--json"]).output
    assert "feeds, read" in run(command_line, ["tokens"]).output
    assert '"scopes"' in run(command_line, ["tokens", "--json"]).output
    assert run(command_line, ["accounts", "add", "ana"]).exit_code == 3
    unknown = ["tokens", "add", "partner", "--scope", "feeds", "--watchlist", "nothing"]
    assert run(command_line, unknown).exit_code == 3
    store = Store(f"sqlite:///{tmp_path}/data/avizor.db")
    assert store.accounts.find_person("ana", said[-1]) is not None
    assert store.accounts.find_token(token, NOW) is not None
    store.close()
    assert run(command_line, ["accounts", "remove", "ana"]).exit_code == 0
    assert run(command_line, ["tokens", "remove", "board"]).exit_code == 0
    assert run(command_line, ["tokens", "remove", "board"]).exit_code == 3
    assert "There is no token." in run(command_line, ["tokens"]).output
