"""Signing in at an OpenID provider: a real one on loopback, and everything it could be made to say."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import RSAKey

from service import loop
from service.config import Environment, Settings
from service.errors import NotReached, SettingsError
from service.fetch import Asking
from service.store import Store
from service.web import Access, Health, Provider, View, make_access
from tests.partners.newsroom import NOW
from tests.partners.openid import CLIENT, CLIENT_SECRET, HOUR, OpenIdProvider
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx import Response

PAGES = "https://news.example"
BACK = f"{PAGES}/sign-in/back"
ANA = {"sub": "1", "email": "Ana@News.example", "email_verified": True}


class _Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider(BACK, int(NOW.timestamp()), dict(ANA)) as opened:
        yield opened


@pytest.fixture
def view(tmp_path: Path, clock: _Clock, provider: OpenIdProvider) -> Iterator[View]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    there = Provider(
        provider.issuer,
        CLIENT,
        CLIENT_SECRET,
        BACK,
        Asking("127.0.0.1", user_agent="Avizor"),
        operators=("chief@news.example", "news-operators"),
        editors=("@news.example",),
    )
    access = Access("", is_secure=True, provider=there)
    yield View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        clock,
        public_host="news.example",
        access=access,
    )
    store.close()


def _path(address: str) -> str:
    assert address.startswith(PAGES)
    return address.removeprefix(PAGES)


def _begin(visits: Visits, path: str = "/sign-in/there?next=%2Fsources") -> str:
    answer = visits.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _sign_in(view: View, provider: OpenIdProvider) -> Visits:
    visits = Visits(view, PAGES)
    answer = visits.get(_path(provider.authorize(_begin(visits))))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources"), answer.text
    return visits


def _is_refused(visits: Visits, path: str) -> bool:
    return _is_led_back(visits.get(path), visits) and visits.get("/sources").status_code == 303


def _is_led_back(answer: Response, visits: Visits) -> bool:
    address = answer.headers["location"]
    assert address.startswith("/sign-in?failed=there&next=%2F"), address
    return "did not work" in visits.get(address).text


# ----------------------------------------------------------------------------------------- it works


@pytest.mark.slow
def test_who_signs_in_there_is_signed_in_here_and_led_on(view: View, provider: OpenIdProvider) -> None:
    page = Visits(view, PAGES).get("/sign-in?next=%2Fsources").text
    assert "Sign in at 127.0.0.1" in page
    assert 'href="/sign-in/there?next=/sources"' in page
    visits = _sign_in(view, provider)
    assert "Ana@News.example" in visits.get("/sources").text
    assert list(visits.cookies.keys()) == ["__Host-avizor"]
    assert visits.post("/sign-out").status_code == 303
    assert visits.get("/sources").status_code == 303


def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(
    view: View, provider: OpenIdProvider
) -> None:
    provider.about["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    _sign_in(view, provider)
    assert provider.posted[0]["client_secret"] == CLIENT_SECRET


@pytest.mark.slow
@pytest.mark.parametrize(
    ("person", "deliveries", "tokens"),
    [
        ({"email": "CHIEF@news.example", "email_verified": True}, 200, 200),
        ({"groups": ["sports", "news-operators"]}, 200, 200),
        ({"groups": "news-operators"}, 200, 200),
        ({"email": "eva@news.example", "email_verified": True}, 200, 403),
        ({"email": "chief@news.example"}, 403, 403),
        ({"email": "chief@news.example", "email_verified": "true"}, 403, 403),
        ({"email": "eva@evil-news.example", "email_verified": True}, 403, 403),
        ({"groups": ["News-Operators"], "preferred_username": "chief@news.example"}, 403, 403),
        ({"groups": {"news-operators": 1}}, 403, 403),
        ({}, 403, 403),
    ],
)
def test_a_role_comes_from_a_verified_address_or_a_group(
    view: View, provider: OpenIdProvider, person: dict[str, Any], deliveries: int, tokens: int
) -> None:
    provider.person = {"sub": "2", **person}
    visits = _sign_in(view, provider)
    assert visits.get("/deliveries").status_code == deliveries
    assert visits.get("/tokens").status_code == tokens


def test_with_a_list_of_readers_nobody_else_comes_in(view: View, provider: OpenIdProvider) -> None:
    assert view.access
    assert view.access.provider
    there = replace(view.access.provider, readers=("@wire.example",))
    closed = replace(view, access=replace(view.access, provider=there))
    provider.person = {"sub": "3", "email": "x@wire.example", "email_verified": True}
    assert _sign_in(closed, provider).get("/sources").status_code == 200
    provider.person = {"sub": "3", "email": "x@other.example", "email_verified": True}
    visits = Visits(closed, PAGES)
    assert _is_refused(visits, _path(provider.authorize(_begin(visits))))


@pytest.mark.slow
def test_keys_that_were_changed_there_are_asked_for_anew(
    view: View, provider: OpenIdProvider, clock: _Clock
) -> None:
    _sign_in(view, provider)
    visits = _sign_in(view, provider)
    assert visits.get("/sources").status_code == 200
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.shown = [provider.key]
    clock.now += timedelta(minutes=2)
    _sign_in(view, provider)


def test_other_lists_in_the_settings_end_the_sessions_that_stood_on_them(
    view: View, provider: OpenIdProvider
) -> None:
    visits = _sign_in(view, provider)
    assert view.access
    assert view.access.provider
    there = replace(view.access.provider, editors=())
    other = Visits(replace(view, access=replace(view.access, provider=there)), PAGES)
    other.cookies = visits.cookies
    assert other.get("/sources").status_code == 303


# ------------------------------------------------------------------------------------- it is refused


def _set(**claims: object) -> Callable[[dict[str, Any]], None]:
    return lambda said: said.update(claims)


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda said: said.pop(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        _set(iss="https://other.example"),
        _set(aud="another client"),
        _set(aud=["another client"]),
        _set(aud=[CLIENT, "another client"]),
        _set(azp="another client"),
        _set(nonce="of another sign-in"),
        _set(exp=int(NOW.timestamp()) - HOUR),
        _set(exp="soon"),
        _set(iat=int(NOW.timestamp()) + HOUR),
        *(_drop(name) for name in ("iss", "aud", "nonce", "exp", "iat", "sub")),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    view: View, provider: OpenIdProvider, spoil: Callable[[dict[str, Any]], None]
) -> None:
    provider.spoil = spoil
    visits = Visits(view, PAGES)
    assert _is_refused(visits, _path(provider.authorize(_begin(visits))))


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        _set(aud=[CLIENT]),
        _set(aud=[CLIENT, "another client"], azp=CLIENT),
        _set(exp=int(NOW.timestamp()) - 30),
        _set(iat=int(NOW.timestamp()) + 30),
    ],
)
def test_a_token_for_us_among_others_and_a_clock_that_is_half_a_minute_off_are_taken(
    view: View, provider: OpenIdProvider, spoil: Callable[[dict[str, Any]], None]
) -> None:
    provider.spoil = spoil
    _sign_in(view, provider)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["none", "HS256", "another key"])
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(
    view: View, provider: OpenIdProvider, how: str
) -> None:
    visits = Visits(view, PAGES)
    if how == "another key":
        provider.key = RSAKey.generate_key(2048, {"kid": "one"})  # the one that is shown is not this one
    else:
        provider.is_signing = how
    assert _is_refused(visits, _path(provider.authorize(_begin(visits))))


@pytest.mark.slow
def test_an_answer_is_of_use_once_and_in_the_browser_that_began(view: View, provider: OpenIdProvider) -> None:
    visits, stranger = Visits(view, PAGES), Visits(view, PAGES)
    answer = _path(provider.authorize(_begin(visits)))
    assert _is_refused(stranger, answer), "it has not begun"
    _begin(stranger)
    assert _is_refused(stranger, answer), "it has begun another one"
    assert len(provider.posted) == 0, "the code was not spent"
    begun = dict(visits.cookies)
    assert visits.get(answer).status_code == 303
    visits.post("/sign-out")
    visits.cookies.update(begun)
    assert _is_refused(visits, answer), "its code is spent"


@pytest.mark.slow
def test_one_beginning_opens_one_session_even_where_the_provider_gives_two_codes(
    view: View, provider: OpenIdProvider
) -> None:
    visits = Visits(view, PAGES)
    address = _begin(visits)
    answers = [_path(provider.authorize(address)) for _ in range(2)]
    begun = dict(visits.cookies)
    assert visits.get(answers[0]).status_code == 303
    visits.post("/sign-out")
    visits.cookies.update(begun)
    assert _is_refused(visits, answers[1])


def test_a_sign_in_that_took_too_long_is_begun_again(
    view: View, provider: OpenIdProvider, clock: _Clock
) -> None:
    visits = Visits(view, PAGES)
    answer = _path(provider.authorize(_begin(visits)))
    clock.now += timedelta(minutes=11)
    assert _is_refused(visits, answer)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.replace("state=", "state=x"),
        lambda path: path.replace("code=", "code=x"),
        lambda path: path.replace("code=", "error=access_denied&kode="),
        lambda path: path.replace("iss=", "iss=https%3A%2F%2Fother.example"),
        lambda _: "/sign-in/back",
    ],
)
def test_an_answer_that_was_tampered_with_lets_nobody_in(
    view: View, provider: OpenIdProvider, change: Callable[[str], str]
) -> None:
    visits = Visits(view, PAGES)
    assert _is_refused(visits, change(_path(provider.authorize(_begin(visits)))))


def _written(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        "%C3%B1",
        *map(
            _written,
            (
                "{}",
                '["seed", "soon", "/"]',
                '["seed", 1e400, "/"]',
                '["seed", 99999999999999999, "/"]',
                r'["\ud800", 1764201600, "/"]',
                "[" * 5_000,
            ),
        ),
    ],
)
def test_a_cookie_that_was_tampered_with_lets_nobody_in(
    view: View, provider: OpenIdProvider, cookie: str
) -> None:
    visits = Visits(view, PAGES)
    answer = _path(provider.authorize(_begin(visits)))
    visits.cookies.clear()
    header = {"Cookie": f"__Host-avizor-begun={cookie}"}
    assert _is_led_back(visits.get(answer, header), visits)
    assert visits.get("/sources").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("onwards", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere_after_signing_in_there(
    view: View, provider: OpenIdProvider, onwards: str
) -> None:
    visits = Visits(view, PAGES)
    answer = visits.get(_path(provider.authorize(_begin(visits, f"/sign-in/there?next={onwards}"))))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_attempts_that_fail_are_slowed_down(view: View, provider: OpenIdProvider) -> None:
    visits = Visits(view, PAGES)
    answer = _path(provider.authorize(_begin(visits)))
    for _ in range(5):
        assert _is_refused(Visits(view, PAGES), "/sign-in/back?code=x&state=y")
    assert _is_refused(visits, answer), "even one that is right"
    assert not provider.posted


# ------------------------------------------------------------------------------ what goes wrong there


@pytest.mark.slow
@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://other.example"},
        {"authorization_endpoint": "http://other.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_says_what_cannot_be_is_not_gone_to(
    view: View, provider: OpenIdProvider, about: dict[str, Any]
) -> None:
    provider.about = about
    visits = Visits(view, PAGES)
    assert _is_led_back(visits.get("/sign-in/there"), visits)


def test_no_secret_is_in_the_log_or_on_the_page_when_a_sign_in_fails(
    view: View, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visits = Visits(view, PAGES)
    path = _path(provider.authorize(_begin(visits))).replace("code=", "code=c0de-of-somebody")
    page = visits.get(visits.get(path).headers["location"]).text
    logged = "".join(one.getMessage() for one in caplog.records if not one.name.startswith("http"))
    assert "a sign-in at the provider failed: 127.0.0.1: it answered with status 400" in logged
    for said in (page, logged, repr(view.access)):  # the browser of these tests has a log, too
        assert CLIENT_SECRET not in said
        assert "c0de-of-somebody" not in said


def test_a_service_elsewhere_is_not_asked_inside_the_own_network(provider: OpenIdProvider) -> None:
    ask = Asking("issuer.example", user_agent="Avizor")
    with pytest.raises(NotReached, match="an address inside a private network"):
        loop.run(ask(f"{provider.issuer}/keys"))
    assert provider.visits == []
    with pytest.raises(NotReached, match="status 404"):
        loop.run(Asking("127.0.0.1", user_agent="Avizor")(f"{provider.issuer}/nothing"))


# ------------------------------------------------------------------------------------------ settings


GIVEN = {
    "AVIZOR_PUBLIC_URL": PAGES,
    "AVIZOR_OIDC_ISSUER": "https://id.example",
    "AVIZOR_OIDC_CLIENT_ID": "avizor",
    "AVIZOR_OIDC_CLIENT_SECRET": "s3cret-of-the-client",
    "AVIZOR_OIDC_EDITORS": "ana@news.example, @desk.example ,",
}


def test_a_provider_in_the_settings_is_enough_to_start() -> None:
    settings = Environment(GIVEN).settings()
    settings.check_access()
    access = make_access(settings)
    assert access
    assert access.provider
    assert access.provider.back == BACK
    assert access.provider.editors == ("ana@news.example", "@desk.example")
    assert "s3cret" not in repr(settings) + repr(access)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"AVIZOR_OIDC_CLIENT_ID": ""}, "AVIZOR_OIDC_CLIENT_ID"),
        ({"AVIZOR_OIDC_CLIENT_SECRET": ""}, "AVIZOR_OIDC_CLIENT_SECRET"),
        ({"AVIZOR_OIDC_ISSUER": ""}, "AVIZOR_OIDC_ISSUER"),
        ({"AVIZOR_OIDC_ISSUER": "http://id.example"}, "AVIZOR_OIDC_ISSUER"),
        ({"AVIZOR_OIDC_ISSUER": "https://id.example/?x=1"}, "AVIZOR_OIDC_ISSUER"),
        ({"AVIZOR_OIDC_ISSUER": "https://[id"}, "AVIZOR_OIDC_ISSUER"),
        ({"AVIZOR_PUBLIC_URL": "", "AVIZOR_HOST": "192.0.2.1"}, "AVIZOR_PUBLIC_URL"),
        ({"AVIZOR_PUBLIC_URL": "news.example"}, "AVIZOR_PUBLIC_URL"),
        ({"AVIZOR_TRUSTED_PROXIES": "*"}, "AVIZOR_TRUSTED_PROXIES"),
    ],
)
def test_settings_of_which_one_is_missing_or_wrong_are_refused_by_name(
    change: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Environment(GIVEN | change).settings().check_access()
    assert caught.value.resource == named
    assert "s3cret" not in str(caught.value)


def test_without_others_nobody_signs_in_anywhere() -> None:
    assert make_access(Settings()) is None
