"""The pages of readers over a real store: what they say, what they change, and what they never tell."""

from __future__ import annotations

import json
import logging
import math
import random
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import loop
from service.domain import Channel, ChannelKind, SendOutcome, SendResult, Subscription
from service.notify import Roll
from service.signup import FORMS_FROM_ONE_PLACE
from service.store import Store
from service.tokens import Token
from service.web.forms import MOST_BYTES, is_one_click
from tests.partners.readers import ANA, FORM, ONE_CLICK, OURS, WISHES, House, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

EVA = "eva@example.org"
LANGUAGES = ["en", "es", "pt"]
EVIL = "<script>alert(1)</script>'\"{{7*7}}{given}\x00\u202e"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield House(store)
    store.close()


@pytest.fixture
def site(house: House) -> Site:
    return Site(house.view)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Site]]:
    """A house and its pages that no test changes."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('still')}/avizor.db")
    house = House(store)
    house.subscribe()
    yield house, Site(house.view)
    store.close()


class _Page(HTMLParser):
    """What a page shows, and how it is made."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.language = self.title = self.heading = ""
        self.values: dict[str, str] = {}
        self.checked: set[str] = set()
        self.faults: dict[str, str] = {}
        self._select = self._into = ""
        self._texts: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self._texts).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        self._into = tag if tag in {"title", "h1"} else given.get("id", "") if tag == "p" else ""
        assert not any(name.startswith("on") or name == "style" for name in given)
        if tag == "html":
            self.language = given["lang"]
        if tag == "select":
            self._select = given["name"]
        if tag == "option" and "selected" in given:
            self.values[self._select] = given["value"]
        if tag == "input" and given.get("type") == "checkbox":
            self.checked |= {given["value"]} if "checked" in given else set()
        elif tag == "input":
            self.values[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        self._texts.append(data)
        if self._into == "title":
            self.title += data
        elif self._into == "h1":
            self.heading += data
        elif self._into.startswith("fault-"):
            self.faults[self._into.removeprefix("fault-")] = data.strip()
        self._into = "" if self._into != "title" else self._into


def read_page(answer: Response, status: int = 200) -> _Page:
    """Read a page, and check what holds of every page of readers."""
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert '<meta name="robots" content="noindex">' in answer.text
    page = _Page(answer.text)
    assert not {"script", "style", "img", "iframe", "svg"} & set(page.tags)
    assert page.tags.count("h1") == 1
    return page


def _delivery(house: House) -> str:
    """Have a reader subscribe and be told of an event; gives the delivery."""
    house.subscribe()
    house.report("El puerto de Chancay abre")
    [delivery] = house.states()
    return delivery


# ---------------------------------------------------------------------------------------- subscribe


def test_the_form_offers_every_watchlist_in_force_and_ticks_what_its_address_names(
    house: House, site: Site
) -> None:
    page = read_page(site.get("/subscribe"))
    for title in ("Amazon railway", "Chancay Port", "Colombia elections", "Venezuela: licences and oil"):
        assert title in page.text
    assert page.checked == set()
    named = read_page(site.get("/subscribe?watchlists=amazon-rail&watchlists=x&watchlists=chancay-port"))
    assert named.checked == {"amazon-rail", "chancay-port"}
    assert page.values["timezone"] == "UTC"
    assert page.values["days"] == "immediate"
    house.store.sync_watchlists([("oil", "Oil", "", "1")], now=house.now)
    assert read_page(site.get("/subscribe")).checked == {"oil"}
    house.store.sync_watchlists([], now=house.now)
    assert "no watchlists" in read_page(site.get("/subscribe")).text


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_asked_for_else_in_the_browser_s(
    still: tuple[House, Site], language: str
) -> None:
    titles = {"en": "Alerts by mail", "es": "Avisos por correo", "pt": "Alertas por e-mail"}
    _, site = still
    for path in ("/subscribe", f"/subscribe?language={language}"):
        page = read_page(site.get(path, accept_language=f"de, {language}-PE;q=0.9, en;q=0.5"))
        assert (page.language, page.heading) == (language, titles[language])
        assert page.values["language"] == language
        assert "English Español Português" in page.text
    assert read_page(site.get(f"/subscribe?language={language}", accept_language="pt")).language == language
    assert read_page(site.get("/subscribe?language=xx", accept_language="de")).language == "en"


def test_a_filled_form_is_kept_and_answered_with_the_next_step(house: House, site: Site) -> None:
    page = read_page(
        site.send("/subscribe?language=es", FORM | {"days": "weekly monday", "hours": "07:00 18:00"})
    )
    assert page.heading == "Revise su correo"
    assert ANA in page.text
    [request] = house.store.signups.list_requests(limit=9)
    assert (request.kind, request.address) == ("subscribe", ANA)
    assert request.wishes == replace(WISHES, when="weekly monday 07:00 18:00")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_stands_at_its_field_in_the_reader_s_language_and_the_form_keeps_what_was_typed(
    house: House, site: Site, language: str
) -> None:
    wrong = {
        "address": "ana at example",
        "days": "daily",
        "hours": "at seven",
        "timezone": "America/Lima",
        "language": "pt",
        "quiet": "by night",
        "budget": "few",
        "together": "never",
        "watchlists": "amazon-rail",
    }
    page = read_page(site.send(f"/subscribe?language={language}", wrong), 400)
    assert set(page.faults) == {"address", "hours", "quiet", "budget", "together"}
    assert {name: page.values[name] for name in wrong if name != "watchlists"} == {
        name: value for name, value in wrong.items() if name != "watchlists"
    }
    assert page.checked == {"amazon-rail"}
    hours = {"en": "These are no hours.", "es": "Estas no son horas.", "pt": "Estes não são horários."}
    assert page.faults["hours"].startswith(hours[language])
    assert page.language == language
    assert house.store.signups.list_requests(limit=9) == []


def test_no_watchlist_and_a_choice_that_is_none_are_named(site: Site) -> None:
    page = read_page(
        site.send("/subscribe", {"address": ANA, "timezone": "Mars", "updates": "x", "wake": "y"}), 400
    )
    assert set(page.faults) == {"watchlists", "timezone", "updates", "wake"}
    assert page.faults["timezone"] == "Mars cannot be picked here. Pick one of the list."


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from([*FORM, "hours", "quiet", "budget", "together", "updates"]), st.text(), max_size=9
    )
)
def test_s127_whatever_stands_in_a_form_is_shown_as_text(
    still: tuple[House, Site], fields: dict[str, str]
) -> None:
    house, site = still
    for path in ("/subscribe", "/access"):
        answer = site.send(path, fields | {"quiet": f"{fields.get('quiet', '')}{EVIL}"})
        if path == "/access" and answer.status_code != 400:
            assert answer.status_code in {200, 429}
            continue
        page = read_page(answer, 400)
        assert "49" not in page.faults.values()
        assert "<script>alert(1)" not in answer.text
    assert not any(EVIL in request.address for request in house.store.signups.list_requests(limit=999))


def test_where_no_mail_can_be_sent_the_page_says_so_and_keeps_no_form(house: House) -> None:
    site = Site(replace(house.view, can_mail=False))
    assert "cannot send mail yet" in read_page(site.get("/subscribe")).text
    assert "cannot send mail yet" in read_page(site.send("/subscribe", FORM), 503).text
    assert house.store.signups.list_requests(limit=9) == []


# --------------------------------------------------------------------------- what a stranger can do


def _asked(site: Site, kind: str, address: str, ip: str) -> Response:
    return site.send(f"/{kind}", FORM | {"address": address}, ip=ip)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["subscribe", "access"])
def test_s115_known_unknown_and_left_addresses_get_the_same_answer(
    house: House, site: Site, kind: str
) -> None:
    house.subscribe("ana@example.org")
    left = house.subscribe("eva@example.org")
    house.store.readers.leave(house.token(house.last_link("eva@example.org")), house.now)
    assert house.store.readers.find(left.subject) is None
    answers = set()
    for number, address in enumerate(("ana@example.org", "eva@example.org", "ugo@example.org")):
        answer = _asked(site, kind, address, f"203.0.113.{number}")
        answers.add((answer.status_code, len(answer.content), answer.text.replace(address, "")))
    assert len(answers) == 1


def _p_value(one: list[float], other: list[float]) -> float:
    """Give how likely such ranks are if both are alike (Mann-Whitney, by the normal approximation)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    z = (abs(u - n * m / 2) - 0.5) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(max(z, 0.0) / math.sqrt(2))


def test_the_rank_test_tells_what_is_alike_from_what_is_not() -> None:
    chance = random.Random(7)
    alike = [[chance.gauss(5, 1) for _ in range(1_000)] for _ in range(2)]
    assert _p_value(*alike) > 0.01
    assert _p_value(alike[0], [value + 0.2 for value in alike[1]]) < 0.001


def _timed(
    site: Site, path: str, requests: int, network: int = 10
) -> tuple[list[float], list[float], set[int]]:
    """Send forms for known and unknown addresses in a random order; gives the times, and the answers."""
    chance = random.Random(11)
    order = [True, False] * (requests // 2)
    chance.shuffle(order)

    async def ask_all() -> tuple[list[float], list[float], set[int]]:
        times: dict[bool, list[float]] = {True: [], False: []}
        answers = set()
        for number, is_known in enumerate(order):
            address = ANA if is_known else "eva@example.org"
            body = urlencode(FORM | {"address": address}, doseq=True)
            headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
            began = time.perf_counter()
            answer = await site.ask_once(
                "POST",
                path,
                content=body,
                headers=headers,
                ip=f"{network}.0.{number // 250}.{number % 250}",
            )
            times[is_known].append(time.perf_counter() - began)
            answers |= {answer.status_code, len(answer.content)}
        return times[True], times[False], answers

    return loop.run(ask_all())


@pytest.mark.slow
@pytest.mark.promise("P16", size="200 forms")
@pytest.mark.parametrize("path", ["/subscribe", "/access"])
def test_p16_many_forms_for_known_and_unknown_addresses_are_answered_alike(
    house: House, site: Site, path: str
) -> None:
    house.subscribe()
    known, unknown, answers = _timed(site, path, 200)
    assert len(known) == len(unknown) == 100
    assert len(answers) == 2


@pytest.mark.promise("P16", size="2 times 2,000 forms, ranks compared")
@pytest.mark.slow
@pytest.mark.parametrize("path", ["/subscribe", "/access"])
def test_p16_the_time_of_an_answer_does_not_tell_whether_an_address_is_known(
    house: House, site: Site, path: str
) -> None:
    house.subscribe()

    def is_alike(network: int) -> bool:
        known, unknown, answers = _timed(site, path, 2_000, network)
        assert len(answers) == 2
        return _p_value(known, unknown) > 0.01

    # By chance alone one round in a hundred looks like a difference; a real one shows in the next one too.
    assert is_alike(10) or is_alike(11)


def _links_to_leave(house: House) -> dict[str, str]:
    """Give the link to leave of a reader, of one who has left, and one of ours that is of nobody."""
    known, gone = house.subscribe(), house.subscribe(EVA)
    signer, readers = house.store.readers.signer, house.store.readers
    tokens = {
        "known": Token(known.subject, "d" * 32, house.now),
        "left": Token(gone.subject, "d" * 32, house.now),
        "unknown": Token(signer.subject("ugo@example.org"), "d" * 32, house.now),
    }
    readers.leave(tokens["left"], house.now)
    return {name: f"/leave/{signer.seal(token)}" for name, token in tokens.items()}


@pytest.mark.promise("P16", size="3 links to leave, whole and made up, opened and pressed")
def test_p16_to_leave_is_answered_alike_whoever_it_is(house: House, site: Site) -> None:
    links = _links_to_leave(house)
    forged = {name: f"{link[:-2]}{'AA' if link[-2:] != 'AA' else 'BB'}" for name, link in links.items()}
    for asked, status in ((links, 200), (forged, 404)):
        for answers in (
            [site.get(link) for link in asked.values()],
            [site.press(link) for link in asked.values()],
            [_leave(site, link, ONE_CLICK) for link in asked.values()],
        ):
            assert {one.status_code for one in answers} == {status}
            assert len({one.content for one in answers}) == 1
            assert len({tuple(one.headers.items()) for one in answers}) == 1


@pytest.mark.promise("P16", size="2 times 1,500 links to leave that are opened, ranks compared")
@pytest.mark.slow
def test_p16_the_time_of_an_answer_does_not_tell_who_has_left(house: House, site: Site) -> None:
    links = _links_to_leave(house)
    odd = {"left", "unknown"}
    for seed in (10, 11):
        times = _opened(site, links, 500, seed)
        odd -= {name for name in odd if _p_value(times["known"], times[name]) > 0.01}
        if not odd:
            break
    assert odd == set()


def _opened(site: Site, links: dict[str, str], each: int, seed: int) -> dict[str, list[float]]:
    """Open links in a random order, so many times each; gives how long each took."""
    order = [*links] * each
    random.Random(seed).shuffle(order)

    async def open_all() -> dict[str, list[float]]:
        times = dict[str, list[float]]((name, []) for name in links)
        for name in order:
            began = time.perf_counter()
            await site.ask_once("GET", links[name])
            times[name].append(time.perf_counter() - began)
        return times

    return loop.run(open_all())


@pytest.mark.slow
@pytest.mark.promise("P13", size="1,000 forms from 100 addresses")
def test_p13_a_thousand_forms_for_one_address_from_a_hundred_places_are_one_mail(
    house: House, site: Site
) -> None:
    async def flood() -> list[int]:
        body = urlencode(FORM, doseq=True)
        headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
        return [
            (
                await site.ask_once(
                    "POST", "/subscribe", content=body, headers=headers, ip=f"198.51.100.{number % 100}"
                )
            ).status_code
            for number in range(1_000)
        ]

    assert set(loop.run(flood())) == {200}
    assert house.admitting.admit_due() == 1
    house.wait(hours=23)
    assert _asked(site, "subscribe", ANA, "192.0.2.1").status_code == 200
    assert house.admitting.admit_due() == 0
    assert [to for to, _ in house.letters()] == [ANA]
    assert house.store.readers.list_active() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("places", "statuses"),
    [
        (["192.0.2.1"] * 11, [200] * 10 + [429]),
        ([f"2001:db8::{number}" for number in range(1, 12)], [200] * 10 + [429]),
        ([f"2001:db8:0:{number}::1" for number in range(1, 12)], [200] * 11),
        ([f"::ffff:192.0.2.{number}" for number in range(1, 12)], [200] * 11),
        (["a-socket"] * 11, [200] * 10 + [429]),
    ],
)
def test_forms_from_one_address_or_network_are_limited(
    site: Site, places: list[str], statuses: list[int]
) -> None:
    assert FORMS_FROM_ONE_PLACE == 10
    assert [
        _asked(site, "subscribe", f"a{n}@b.example", ip).status_code for n, ip in enumerate(places)
    ] == statuses


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[evil"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/subscribe", "/access"])
def test_s121_s123_a_form_that_stood_elsewhere_is_refused(
    house: House, site: Site, headers: dict[str, str], path: str
) -> None:
    answer = site.ask("POST", path, content=urlencode(FORM, doseq=True), headers=headers)
    assert read_page(answer, 403).heading == "This form came from elsewhere"
    assert house.store.signups.list_requests(limit=9) == []


@pytest.mark.slow
@pytest.mark.parametrize("host", ["evil.example", "[evil", "", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("path", ["/subscribe", "/", "/metrics", "/static/avizor.css"])
def test_a_name_that_is_not_ours_is_answered_by_nothing_of_ours(site: Site, host: str, path: str) -> None:
    answer = site.ask("GET", path, headers={"host": host})
    assert (answer.status_code, b"Avizor" in answer.content) == (421, False)


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{"origin": "http://localhost"}, {**OURS, "host": "alerts.example"}])
def test_a_form_of_ours_is_known_by_its_origin_or_by_the_browser_s_word(
    site: Site, headers: dict[str, str]
) -> None:
    assert (
        site.ask("POST", "/subscribe", content=urlencode(FORM, doseq=True), headers=headers).status_code
        == 200
    )


def test_s128_a_form_of_a_hundred_megabytes_is_not_read(house: House, site: Site) -> None:
    read = 0

    async def body() -> object:
        nonlocal read
        for _ in range(1_600):
            read += 65_536
            yield b"a" * 65_536

    link = house.link("leave", _delivery(house))
    for path in ("/subscribe", "/access", link, link.replace("leave", "confirm")):
        read = 0
        answer = site.ask("POST", path, content=body(), headers=OURS)
        assert read_page(answer, 413).heading == "That is too much"
        assert read <= 4 * MOST_BYTES
    assert set(house.states().values()) == {"pending"}


def test_s128_a_form_of_very_many_fields_has_none(site: Site) -> None:
    many = "address=ana@example.org&watchlists=amazon-rail&" + "a&" * 30_000
    assert len(many) < MOST_BYTES
    page = read_page(site.ask("POST", "/subscribe", content=many, headers=OURS), 400)
    assert set(page.faults) == {"watchlists", "address"}
    assert site.ask("POST", "/subscribe", content="a=1&" * 100_000, headers=OURS).status_code == 413


# ------------------------------------------------------------------------------------------ confirm


@pytest.mark.promise("P13", size="1 form")
def test_the_button_confirms_and_nothing_else_does(house: House, site: Site) -> None:
    house.ask()
    link = house.last_link()
    for answer in (
        site.get(link),
        site.get(link),
        site.ask("HEAD", link),
        site.send(link),
        site.send(link, {"yes": ""}),
        site.send(link, {"no": "1"}),
    ):
        assert answer.status_code == 200
        assert house.store.readers.list_active() == []
    assert read_page(site.get(link)).heading == "Confirm your alerts"
    for _ in range(2):
        page = read_page(site.press(link))
        assert page.heading == "You are subscribed"
        assert len(house.store.readers.list_active()) == 1


def test_a_link_is_good_for_seven_days(house: House, site: Site) -> None:
    house.ask()
    link = house.last_link()
    house.wait(days=7)
    assert read_page(site.get(link)).heading == "Confirm your alerts"
    house.wait(seconds=1)
    for answer in (site.get(link), site.press(link)):
        page = read_page(answer, 410)
        assert page.heading == "This link is used up"
        assert "Subscribe again" in page.text
    assert house.store.readers.list_active() == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["confirm", "leave", "change", "mute", "useful", "noise"])
def test_s117_a_token_that_is_broken_or_foreign_is_a_friendly_page(
    still: tuple[House, Site], page: str, language: str
) -> None:
    house, site = still
    whole = house.last_link().rpartition("/")[2]
    for token in (whole[:-3], "x", "%00", "..%2F..", "%F0%9F%98%80", whole + "/", "a" * 3_000):
        for answer in (
            site.get(f"/{page}/{token}?language={language}"),
            site.press(f"/{page}/{token}?language={language}"),
        ):
            assert answer.status_code in {404, 405, 307}
            if answer.status_code == 404 and "/" not in token and "%2F" not in token:
                titles = {
                    "en": "This link leads nowhere",
                    "es": "Este enlace no lleva a ninguna parte",
                    "pt": "Este link não leva a lugar nenhum",
                }
                assert read_page(answer, 404).heading == titles[language]


@pytest.mark.slow
def test_s117_a_token_for_something_else_confirms_nothing(house: House, site: Site) -> None:
    told = house.link("confirm", _delivery(house))
    readers = house.store.readers.list_active()
    assert read_page(site.press(told), 410).heading == "This link is used up"
    assert house.store.readers.list_active() == readers
    letter = house.last_link().rpartition("/")[2]
    for page in ("mute", "useful", "noise"):
        assert read_page(site.get(f"/{page}/{letter}"), 404).heading == "This link leads nowhere"
        assert read_page(site.press(f"/{page}/{letter}"), 404).heading == "This link leads nowhere"


def test_the_pages_of_a_link_speak_the_language_of_its_reader(house: House, site: Site) -> None:
    house.ask(wishes=replace(WISHES, language="pt"))
    link = house.last_link()
    assert read_page(site.get(link, accept_language="es")).language == "pt"
    assert read_page(site.get(f"{link}?language=es")).language == "es"
    assert read_page(site.press(link)).language == "pt"


# -------------------------------------------------------------------------------------------- leave


def _leave(site: Site, path: str, body: bytes | str, content_type: str = "") -> Response:
    headers = {"content-type": content_type} if content_type else {}
    return site.ask("POST", path, content=body, headers=headers)


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PARTS = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.mark.slow
@pytest.mark.promise("P14", size="5 bodies, 3 requests each")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ONE_CLICK, URLENCODED),
        (ONE_CLICK, ""),
        (f"{ONE_CLICK}\r\n", f"{URLENCODED}; charset=utf-8"),
        (PARTS, MULTIPART),
        (PARTS.replace(b"\r\n", b"\n"), 'Multipart/Form-Data; boundary="b"'),
    ],
)
def test_s120_p14_a_mail_program_ends_all_messages_with_one_request(
    house: House, site: Site, body: bytes | str, content_type: str
) -> None:
    link = house.link("leave", _delivery(house))
    for _ in range(2):
        assert read_page(_leave(site, link, body, content_type)).heading == "Nothing more is sent"
        assert house.store.readers.list_active() == []
        assert ANA not in house.everything()
    house.wait(days=400)
    assert _leave(site, link, body, content_type).status_code == 200
    assert set(house.states().values()) == {"cancelled left"}


@pytest.mark.slow
@pytest.mark.promise("P14", size="12 bodies")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", ""),
        ("", URLENCODED),
        ("List-Unsubscribe=", URLENCODED),
        ("List-Unsubscribe=Two-Click", URLENCODED),
        ("x=List-Unsubscribe=One-Click", URLENCODED),
        ("List-Unsubscribe", "text/plain"),
        (ONE_CLICK, MULTIPART),
        (PARTS, URLENCODED),
        (PARTS.replace(b"One-Click", b"No"), MULTIPART),
        (PARTS.replace(b"List-Unsubscribe", b"Other"), MULTIPART),
        (PARTS, "multipart/form-data"),
        ("no=1", URLENCODED),
    ],
)
def test_s120_any_other_request_asks_first(
    house: House, site: Site, body: bytes | str, content_type: str
) -> None:
    link = house.link("leave", _delivery(house))
    assert read_page(_leave(site, link, body, content_type)).heading == "Stop all messages?"
    assert len(house.store.readers.list_active()) == 1


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])), st.binary())
def test_no_strange_body_ends_messages_or_breaks_what_reads_it(content_type: str, body: bytes) -> None:
    assert is_one_click(content_type, body) is False
    assert is_one_click(f"multipart/form-data; boundary={content_type}", body) is False
    assert is_one_click(f"multipart/form-data; boundary=b; x={content_type}", b"--b\r\n" + body) is False


@pytest.mark.promise("P14", size="3 requests")
def test_s119_a_scanner_that_opens_a_link_changes_nothing_and_a_press_does(house: House, site: Site) -> None:
    link = house.link("leave", _delivery(house))
    for method in ("GET", "HEAD", "GET"):
        assert site.ask(method, link).status_code == 200
    assert len(house.store.readers.list_active()) == 1
    assert read_page(site.press(link)).heading == "Nothing more is sent"
    assert house.store.readers.list_active() == []


def test_s131_an_old_link_still_leaves_after_coming_back(house: House, site: Site) -> None:
    link = house.link("leave", _delivery(house))
    confirm = house.last_link()
    site.press(link)
    house.wait(days=1)
    assert read_page(site.press(confirm), 410).heading == "This link is used up"
    house.subscribe()
    assert _leave(site, link, ONE_CLICK).status_code == 200
    assert house.store.readers.list_active() == []


@pytest.mark.slow
def test_a_room_of_many_is_told_who_can_end_its_messages(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/rooms.db")
    room = Channel("room", ChannelKind.CHAT, ("",), "ntfys://secret")
    house = House(store, roll=Roll({"room": room}, (Subscription("all", "room"),)))
    house.report("El puerto de Chancay abre")
    [delivery] = house.states()
    told = house.store.reading.get_delivery(delivery)
    text = house.shift.readership.fill(told, room).notification.text
    token = re.findall(r"/mute/(\S+)", text)[0]
    assert "/leave/" not in text
    assert read_page(Site(house.view).press(f"/leave/{token}"), 403).heading == "This is a room of many"
    assert house.states() == {delivery: "pending"}
    store.close()


# ------------------------------------------------------------------------------------------- change


@pytest.mark.slow
def test_the_link_of_a_message_shows_and_changes_what_its_reader_gets(house: House, site: Site) -> None:
    link = house.link("change", _delivery(house))
    page = read_page(site.get(link))
    assert (page.heading, page.checked) == ("Change your alerts", {"chancay-port", "amazon-rail"})
    assert page.values["timezone"] == "America/Lima"
    assert "address" not in page.values
    wanted = {
        "watchlists": "colombia-elections",
        "days": "weekdays",
        "hours": "08:00",
        "timezone": "America/Bogota",
        "language": "es",
        "budget": "5",
        "together": "09:00 20:00",
        "updates": "none",
    }
    page = read_page(site.send(link, wanted))
    assert (page.language, page.checked) == ("es", {"colombia-elections"})
    assert "Guardado." in page.text
    assert page.values["hours"] == "08:00"
    [reader] = house.store.readers.list_active()
    assert (reader.wishes.when, reader.wishes.timezone, reader.wishes.budget) == (
        "weekdays 08:00",
        "America/Bogota",
        5,
    )
    assert reader.wishes.together == "daily 09:00 20:00"
    values = read_page(site.get(link)).values
    assert (values["budget"], values["together"]) == ("5", "09:00 20:00")


@pytest.mark.slow
def test_a_reader_whose_mailbox_refuses_is_told_on_the_page_of_their_link(house: House, site: Site) -> None:
    link = house.link("change", _delivery(house))
    [reader] = house.store.readers.list_active()
    assert "is refused since" not in site.get(link).text
    for number in range(3):
        house.queue(reader, 1, first=number)
        refused = SendResult(SendOutcome.PERMANENT, "rcpt", 550, "<ana@example.org>: full")
        house.room.send(refused, at=house.now)
        house.wait(minutes=1)
    page = read_page(site.get(link)).text
    assert "What we send you is refused since 22 Nov, " in page
    assert re.search(r"\(<a…@example.org>: full\); \d messages wait. It is tried once a day", page)


def test_a_change_that_is_wrong_changes_nothing(house: House, site: Site) -> None:
    link = house.link("change", _delivery(house))
    page = read_page(site.send(link, {"quiet": "always"}), 400)
    assert set(page.faults) == {"watchlists", "quiet"}
    assert page.values["quiet"] == "always"
    [reader] = house.store.readers.list_active()
    assert reader.wishes == WISHES


@pytest.mark.slow
def test_a_reader_gets_all_that_is_kept_of_them(house: House, site: Site) -> None:
    delivery = _delivery(house)
    site.press(house.link("noise", delivery))
    site.send(house.link("mute", delivery), {"for": "watchlist-day"})
    answer = site.get(house.link("change", delivery) + "/data.json")
    kept = json.loads(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert (kept["address"], kept["wishes"]["timezone"]) == (ANA, "America/Lima")
    assert kept["confirmed_at"] == house.now.isoformat()
    assert [one["watchlist"] for one in kept["mutes"]] == ["chancay-port"]
    told = [(one["title"], one["said"], one["delivered_at"]) for one in kept["deliveries"]]
    assert len(told) == 2
    assert any("El puerto de Chancay abre" in title and said == "noise" for title, said, _ in told)


def test_a_link_is_good_for_changes_for_thirty_days_and_to_leave_for_ever(house: House, site: Site) -> None:
    delivery = _delivery(house)
    link = house.link("change", delivery)
    house.wait(days=30, seconds=1)
    for answer in (site.get(link), site.send(link, FORM), site.get(f"{link}/data.json")):
        page = read_page(answer, 410)
        assert page.heading == "This link is too old"
        assert "address" in page.values
    assert _leave(site, house.link("leave", delivery), ONE_CLICK).status_code == 200
    assert house.store.readers.list_active() == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_link_is_asked_for_in_every_language(house: House, site: Site, language: str) -> None:
    page = read_page(site.get(f"/access?language={language}"))
    assert page.language == language
    page = read_page(site.send(f"/access?language={language}", {"address": "ana"}), 400)
    assert (page.values["address"], bool(page.faults["address"])) == ("ana", True)
    house.subscribe()
    house.wait(days=2)
    assert ANA in read_page(site.send(f"/access?language={language}", {"address": ANA})).text
    assert house.admitting.admit_due() == 1
    assert read_page(site.get(house.last_link())).heading == "Change your alerts"
    site.send("/access", {"address": EVA})
    assert house.admitting.admit_due() == 0


# --------------------------------------------------------------------------------- mute and feedback


@pytest.mark.slow
def test_silence_is_picked_by_a_button_and_its_end_said_where_the_reader_is(house: House, site: Site) -> None:
    delivery = _delivery(house)
    link = house.link("mute", delivery)
    page = read_page(site.get(link))
    assert page.tags.count("button") == 3
    assert "All of Chancay Port, for 24 hours" in page.text
    for nothing in ({}, {"for": "ever"}, {"yes": "1"}):
        assert read_page(site.send(link, nothing)).tags.count("button") == 3
    assert house.states() == {delivery: "pending"}
    page = read_page(site.send(link, {"for": "event-week"}))
    assert "You hear nothing of it until 29 Nov, 09:40 (Lima)." in page.text
    assert house.states() == {delivery: "cancelled muted"}


@pytest.mark.slow
def test_the_silence_of_a_reader_of_the_files_is_said_in_the_zone_of_the_service(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/files.db")
    desk = Channel("desk", ChannelKind.MAIL, (ANA, EVA))
    house = House(store, roll=Roll({"desk": desk}, (Subscription("all", "desk"),)))
    house.report("El puerto de Chancay abre")
    [one, other] = house.states()
    page = read_page(
        Site(house.view).send(f"{house.link('mute', one)}?language=es", {"for": "watchlist-day"})
    )
    assert "No tendrá noticias de esto hasta el 23 nov, 14:40 (UTC)." in page.text
    assert house.states() == {one: "cancelled muted", other: "pending"}
    store.close()


def test_a_message_of_no_event_offers_no_silence_about_one(house: House, site: Site) -> None:
    reader = house.subscribe()
    house.queue(reader, 1)
    with house.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE delivery SET event_id = '' WHERE id = 'q0'")
    link = house.link("mute", "q0")
    assert read_page(site.get(link)).tags.count("button") == 1
    assert read_page(site.send(link, {"for": "event-day"})).tags.count("button") == 1
    assert house.store.mutes.list_active(house.now) == []


@pytest.mark.slow
def test_what_a_reader_says_of_an_alert_is_counted_once_pressed_and_the_last_word_counts(
    house: House, site: Site
) -> None:
    delivery = _delivery(house)
    count = house.store.feedback.count
    for verdict, counted in (("useful", (1, 0)), ("noise", (0, 1))):
        link = house.link(verdict, delivery)
        before = count("chancay-port")
        page = read_page(site.get(link))
        assert "El puerto de Chancay abre" in page.text
        assert (site.send(link).status_code, count("chancay-port")) == (200, before)
        assert read_page(site.press(link)).heading == "Thank you"
        assert count("chancay-port") == counted


@pytest.mark.slow
def test_of_a_digest_a_reader_says_which_of_its_events_were_of_use(house: House, site: Site) -> None:
    reader = house.subscribe()
    house.queue(reader, 3)
    with house.store._database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE delivery SET event_id = '' WHERE id = 'q0'")
        connection.exec_driver_sql("UPDATE delivery SET covered_by = 'q0' WHERE id IN ('q1', 'q2')")
    useful, noise = house.link("useful", "q0"), house.link("noise", "q0")
    page = read_page(site.get(useful))
    assert (page.heading, page.tags.count("button")) == ("What was useful?", 2)
    for nothing in ({}, {"for": "q3"}, {"for": "q0"}):
        assert read_page(site.send(useful, nothing)).heading == "What was useful?"
    assert house.store.feedback.count("chancay-port") == (0, 0)
    assert read_page(site.send(useful, {"for": "q1"})).heading == "Thank you"
    assert read_page(site.send(noise, {"for": "q2"})).heading == "Thank you"
    assert house.store.feedback.count("chancay-port") == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("about", ["event", "watchlist"])
def test_of_a_digest_a_reader_mutes_one_of_its_events_or_watchlists(
    house: House, site: Site, about: str
) -> None:
    reader = house.subscribe()
    house.queue(reader, 3)
    with house.store._database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE delivery SET event_id = '', watchlist_id = '' WHERE id = 'q0'")
        connection.exec_driver_sql("UPDATE delivery SET covered_by = 'q0' WHERE id IN ('q1', 'q2')")
        told = connection.exec_driver_sql("SELECT event_id, title FROM delivery WHERE id = 'q1'").one()
    link = house.link("mute", "q0")
    page = read_page(site.get(link))
    assert f"{told.title}, for 7 days" in page.text
    assert "All of Chancay Port, for 24 hours" in page.text
    for nothing in ({}, {"for": "event-q1"}, {"for": "event-week"}, {"for": "watchlist-day"}):
        assert read_page(site.send(link, nothing)).tags.count("button") == page.tags.count("button")
    assert house.store.mutes.list_active(house.now) == []
    picked = f"event-{told.event_id}" if about == "event" else "watchlist-chancay-port"
    assert "You hear nothing of it until" in read_page(site.send(link, {"for": picked})).text
    [(_, mute)] = house.store.mutes.list_active(house.now)
    assert (mute.event_id, mute.watchlist_id) == (
        (told.event_id, "") if about == "event" else ("", "chancay-port")
    )
    assert (mute.until_at - house.now).days == (7 if about == "event" else 1)


def test_a_message_of_no_event_takes_no_verdict(house: House, site: Site) -> None:
    reader = house.subscribe()
    house.queue(reader, 1)
    with house.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE delivery SET event_id = '' WHERE id = 'q0'")
    assert read_page(site.press(house.link("noise", "q0")), 404).heading == "This link leads nowhere"


# ----------------------------------------------------------------------------------------- secrets


@pytest.mark.slow
@pytest.mark.promise("P20", size="6 links")
def test_s118_no_token_stands_in_a_title_or_a_log(
    house: House, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    delivery = _delivery(house)
    paths = [house.link(page, delivery) for page in ("confirm", "leave", "change", "mute", "useful", "noise")]
    for path in paths:
        answer = site.get(path)
        assert path.rpartition("/")[2] not in _Page(answer.text).title
        site.press(path)
    ours = [line for line in caplog.messages if "httpx" not in line and "HTTP Request" not in line]
    assert not any(path.rpartition("/")[2] in line for line in ours for path in paths)


def test_s123_links_lead_to_the_address_of_the_settings_whatever_host_was_asked_for(
    house: House, site: Site
) -> None:
    headers = {**OURS, "host": "localhost:99"}
    site.ask("POST", "/subscribe", content=urlencode(FORM, doseq=True), headers=headers)
    house.admitting.admit_due()
    assert "https://alerts.example/confirm/" in house.letters()[-1][1]
