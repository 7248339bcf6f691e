"""The pages over a real store: what they say, what they link to, and what they never let through."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpx import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families

import service.web
from service import loop
from service.domain import DeliveryState, FeedGroup, FetchFailure, HeldReason
from service.errors import Problem, Severity
from service.fetch.faults import fault_of_status
from service.store import Opened, Store, Verdict, mark_of
from service.store import timeline as stored_timeline
from service.web import Health, View, create_app
from tests.partners.newsroom import (
    BROKEN,
    HOUR,
    NOW,
    SENT,
    Newsroom,
    Written,
    add_spikes,
    open_filled,
    source,
)
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Response

MEND = "Write NEAR/10 for at most ten word positions apart."
PROBLEM = Problem("watchlists/amazon-rail.yaml", 13, 16, "NEAR needs a distance.", MEND)
WELL = Health(ok=True, checks={"poll": "ok", "disk": "ok"}, sources="9 of 9 feeds answer")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield opened
    opened.close()


def _view(store: Store) -> View:
    return View(store, lambda: (), lambda: WELL, "America/Lima", lambda: NOW)


@pytest.fixture
def view(store: Store) -> View:
    return _view(store)


@dataclass(frozen=True)
class _Filled:
    """A view of a store with a week of news, and the ids of its events."""

    view: View
    events: dict[str, str]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[_Filled]:
    store, events = open_filled(tmp_path)
    yield _Filled(_view(store), events)
    store.close()


class _Client:
    """Asks an application without a socket, and as a browser would: a fault is an answer."""

    def __init__(self, view: View) -> None:
        self._transport = ASGITransport(create_app(view), raise_app_exceptions=False)

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def ask(self, method: str, path: str) -> Response:
        return loop.run(self._ask(method, path))

    async def _ask(self, method: str, path: str) -> Response:
        async with AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path)


class _Text(HTMLParser):
    """What a reader sees, in one line; and every element that was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"p", "li", "h2", "h3", "td", "th", "span", "small", "section"}:
            self.words.append(" ")


def _parsed(answer: Response) -> _Text:
    parser = _Text()
    parser.feed(answer.text)
    return parser


def _seen(answer: Response) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", "".join(_parsed(answer).words))


def _page(view: View, path: str = "/") -> str:
    return _seen(_Client(view).get(path))


# ----------------------------------------------------------------------------------------- spikes


@pytest.mark.slow
def test_today_shows_the_spikes_of_the_day_first_and_what_was_expected(filled: _Filled) -> None:
    assert "More reports than usual" not in _page(filled.view)
    add_spikes(filled.view.store, filled.events)
    seen = _page(filled.view)
    parts = [
        "More reports than usual",
        "Chancay Port: 14 reports from 9 outlets in the hour to 08:10, usual is 0.4",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay 11 reports",
        "and 5 more events",
        "Amazon railway: 9 reports of one event from 9 outlets in the hour to 00:40, usual is none",
        "Amazon railway: 16 reports from 12 outlets in the hour to yesterday 22:40, usual is 12",
        "expected: o leilão da ferrovia",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay 4 outlets",
    ]
    places = [seen.index(part) for part in parts]
    assert places == sorted(places)
    assert "6 reports from 6 outlets" not in seen
    links = [
        dict(attrs).get("href") for tag, attrs in _parsed(_Client(filled.view).get("/")).tags if tag == "a"
    ]
    assert f"/events/{filled.events['ruling']}" in links


def test_the_page_of_a_watchlist_shows_its_spikes_and_no_others(filled: _Filled) -> None:
    add_spikes(filled.view.store, filled.events)
    seen = _page(filled.view, "/watchlists/chancay-port")
    assert "14 reports from 9 outlets in the hour to 08:10, usual is 0.4" in seen
    assert "6 reports from 6 outlets in the hour to Thu 07:40, usual is none" in seen
    assert "Amazon" not in seen
    assert "expected" not in seen


# ------------------------------------------------------------------------------------------ today


def test_today_tells_an_event_in_the_order_of_the_house(filled: _Filled) -> None:
    seen = _page(filled.view)
    parts = [
        "In the last 24 hours: 5 new events, 1 change of known ones, from 249 articles read at 12 sources.",
        "2 feeds need a look.",
        "Chancay Port",
        "Juez devuelve al regulador la vigilancia del puerto de Chancay",
        "4 outlets, 3 independent PE 3 · CL 1 es first: Diario del Muelle, 06:12",
        "La sala dejó sin efecto",
        "Why here: line 9 of chancay-port.yaml: puerto de Chancay, in the title and the text",
        "line 12: Ositrán, in the text",
        "told 07:01 to newsroom-chat and news-desk",
    ]
    places = [seen.index(part) for part in parts]
    assert places == sorted(places)


def test_today_shows_every_watchlist_and_silence_with_a_receipt(filled: _Filled) -> None:
    seen = _page(filled.view)
    assert (
        "Colombia elections No new event since 11 November. "
        "Last event: El consejo electoral fija el calendario" in seen
    )
    assert "Still watching: 1,210 articles from 12 sources since Monday, none matched" in seen


@pytest.mark.slow
def test_an_empty_store_is_not_a_blank_page(view: View) -> None:
    assert "No watchlist is in force." in _page(view)
    assert "No source is polled" in _page(view, "/sources")
    assert "No alert so far" in _page(view, "/deliveries")
    Newsroom(view.store)
    assert _page(view).count("Watching since just now: 0 sources to read, no article yet") == 4
    assert "Watching since just now" in _page(view, "/watchlists/amazon-rail")


def test_matched_words_are_marked_and_the_headline_keeps_its_language(filled: _Filled) -> None:
    text = _Client(filled.view).get("/").text
    assert '<bdi lang="zh">秘鲁法官恢复监管机构对<mark>钱凯港</mark>的监督权</bdi>' in text
    assert "alcanza a todo el <mark>puerto de Chancay</mark> y obliga" in text


def test_today_says_why_an_event_was_not_told(filled: _Filled) -> None:
    seen = _page(filled.view)
    assert "not told: older than a day when this source was first read" in seen
    assert "will be in the digest of tomorrow 06:40 to evening-post" in seen
    assert "told in the digest of 07:01 to evening-post" in seen
    assert "not told yet; next try 10:00 to news-desk: 4.7.1 try again later" in seen
    assert "could not be told: refused for good to news-desk: 5.1.1 <l…@example.org>: no such mailbox" in seen


def test_the_narrow_column_shows_sources_alerts_and_files(filled: _Filled) -> None:
    warning = replace(PROBLEM, severity=Severity.WARNING, mend="")
    seen = _page(replace(filled.view, problems=lambda: (PROBLEM, warning)))
    assert "watchlists/amazon-rail.yaml:13:16 NEAR needs a distance. Write NEAR/10" in seen
    assert "2 problems in the files." in seen
    assert "Boletín del Istmo since Thursday The server answered 403 Forbidden" in seen
    assert "10 feeds healthy" in seen
    assert "Held 1 held: kept for a digest" in seen
    assert "1 failed this week 1 waiting to be sent 4 delivered" in seen
    in_portuguese = _page(replace(filled.view, problems=lambda: (PROBLEM,)), "/?language=pt")
    assert "watchlists/amazon-rail.yaml:13:16 NEAR leva uma distância. Escreva NEAR/10" in in_portuguese


@pytest.mark.slow
def test_failures_of_last_month_no_longer_call_for_the_eye(filled: _Filled) -> None:
    later = replace(filled.view, clock=lambda: NOW + timedelta(days=30))
    assert "failed this week" not in _page(later)
    assert "Still watching" not in _page(later)
    assert "Watching since just now" not in _page(later)
    assert "No new event since 22 November." in _page(later)


@pytest.mark.slow
def test_more_events_than_fit_are_counted_and_linked(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario"))
    for word in ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete"):
        room.news("chancay-port", Written("Diario", word, terms=((word, 3),)))
    answer = _Client(view).get("/")
    assert "all 7 events" in _seen(answer)
    assert answer.text.count("<article") == 5
    assert _Client(view).get("/watchlists/chancay-port").text.count("<article") == 7


def test_events_too_old_to_tell_are_counted_apart(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario"))
    room.news("chancay-port", Written("Diario", "Vieja nota"), held=HeldReason.BASELINE)
    assert "no new event, 1 too old to be told" in _page(view)


# ------------------------------------------------------------------------------ watchlist and event


def test_a_watchlist_page_lists_its_events_alone(filled: _Filled) -> None:
    seen = _page(filled.view, "/watchlists/venezuela-oil")
    assert "Licences, cargoes, talks." in seen
    assert "Treasury renews the oil licence" in seen
    assert "Chancay" not in seen


def test_a_page_after_the_last_event_says_that_there_are_no_more_and_not_that_nothing_matched(
    filled: _Filled,
) -> None:
    seen = _page(filled.view, "/watchlists/chancay-port?page=9")
    assert "There are no earlier events." in seen
    assert "none matched" not in seen
    assert "Watching since" not in seen


def test_the_list_of_sources_leads_to_them_as_opml_and_not_only_its_foot(filled: _Filled) -> None:
    text = _Client(filled.view).get("/sources").text
    assert 'href="/sources.opml"' in text[: text.index("<footer")]


def test_an_event_that_stands_out_among_the_days_is_a_link(filled: _Filled) -> None:
    text = _Client(filled.view).get("/watchlists/chancay-port").text
    numbers = text[text.index('id="numbers"') : text.index("</details>")]
    assert f'href="/events/{filled.events["ruling"]}"' in numbers


@pytest.mark.slow
def test_a_watchlist_that_matched_too_much_is_counted_in_part_and_says_so(
    filled: _Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "are counted" not in _page(filled.view, "/watchlists/chancay-port")
    monkeypatch.setattr(stored_timeline, "MOST_READ", 3)
    seen = _page(filled.view, "/watchlists/chancay-port")
    assert "Only the latest 3 matches are counted, here and below." in seen
    for part in ("/timeline", "/coverage", ""):
        assert _Client(filled.view).get(f"/api/v1/watchlists/chancay-port{part}").json()["is_cut"]


@pytest.mark.slow
def test_a_watchlist_page_shows_what_readers_say_of_its_terms_once_they_have(filled: _Filled) -> None:
    store, path = filled.view.store, "/watchlists/chancay-port"
    told = [one for one in store.reading.list_deliveries() if one.watchlist_id == "chancay-port"]
    for number, one in enumerate(told):
        store.feedback.give(one.id, Verdict.NOISE if number else Verdict.USEFUL, NOW)
    seen = _page(filled.view, path)
    assert "Term Line Hits Last hit Useful Noise" in seen
    assert "lines nothing in this time" in seen or "line nothing in this time" in seen
    terms = store.feedback.by_term("chancay-port")
    assert sum(term.useful for term in terms) > 0 < sum(term.noise for term in terms)
    for term in terms:
        share = round(100 * term.useful / (term.useful + term.noise))
        row = f"{term.term} {term.line} none in this time – {term.useful} {term.noise} {share} %"
        assert row in seen
    assert "Its terms" not in _page(filled.view, "/watchlists/venezuela-oil")


def test_an_event_page_shows_reports_in_order_with_lag_and_reason(filled: _Filled) -> None:
    seen = _page(filled.view, f"/events/{filled.events['ruling']}")
    parts = [
        "4 reports",
        "Diario del Muelle PE independent 06:12 first",
        "opened this event",
        "Radio Litoral PE news agency 06:37 25 min later",
        "joined: telling words in common (",
        "El Norte Chico PE independent 07:00 48 min later",
        "joined: the same headline",
        "El Faro del Sur CL independent 07:50 1 h 38 min later",
        "newsroom-chat",
        "delivered 07:01 new event",
        "attempt 1, 07:01: accepted by the mail server (250 2.0.0 queued as 7F3A)",
    ]
    places = [seen.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.slow
def test_an_event_page_shows_what_a_digest_and_a_refusal_did(filled: _Filled) -> None:
    assert "told with others 07:01 new event attempts: none of its own" in _page(
        filled.view, f"/events/{filled.events['weekly']}"
    )
    refused = _page(filled.view, f"/events/{filled.events['licence']}")
    assert "07:40: refused by the mail server (550 5.1.1 <l…@example.org>: no such mailbox here)" in refused
    assert "will be tried again due 10:00" in refused


@pytest.mark.slow
def test_an_event_nobody_was_told_of_says_why(filled: _Filled) -> None:
    seen = _page(filled.view, f"/events/{filled.events['old']}")
    assert "Alerts not told: older than a day when this source was first read" in seen
    assert "may not alert by itself: older than a day" in seen


def test_an_event_of_a_watchlist_no_longer_in_force_keeps_its_page(filled: _Filled) -> None:
    filled.view.store.sync_watchlists([], now=NOW)
    answer = _Client(filled.view).get(f"/events/{filled.events['ruling']}")
    assert "chancay-port" in _seen(answer)
    assert 'href="/watchlists/' not in answer.text
    assert _Client(filled.view).get("/watchlists/chancay-port").status_code == 404


def test_an_undated_report_counts_from_when_it_was_seen(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario", country=""))
    event_id = room.news("amazon-rail", Written("Diario", "Sin fecha", at=None))
    assert "Diario independent seen 09:40 first" in _page(view, f"/events/{event_id}")


# --------------------------------------------------------------------------- sources and deliveries


def test_sources_in_trouble_come_first_with_words_and_mend(filled: _Filled) -> None:
    seen = _page(filled.view, "/sources")
    parts = [
        "10 feeds healthy, 2 in trouble.",
        "Boletín del Istmo",
        "The server answered 403 Forbidden. Open the address in a browser",
        "failing, 9 times in a row since Thursday government, PA, es last answer: Thu 21:40 next poll: 11:40",
        "Mirador Caribe",
        "Correo Andino Correo Andino, economía independent, PE, es healthy Wed 07:40 due now Wed 07:40",
    ]
    places = [seen.index(part) for part in parts]
    assert places == sorted(places)


def test_the_trouble_of_a_source_is_said_in_the_language_of_who_reads_of_it(view: View) -> None:
    room, alba = Newsroom(view.store), source("Alba")
    room.open_feeds(alba)
    fault = fault_of_status(404, "")
    room.fail("Alba", fault.reason, f"{alba.url}: {fault.what}.", fault.mend, times=3)
    visits = Visits(view)
    for path in ("/sources", f"/sources/{mark_of(alba.url)}", "/"):
        said = visits.get(path, {"Accept-Language": "es"}).text
        assert "Respondió 404 Not Found" in said or "respondió 404 Not Found" in said, path
        assert "nswered 404" not in said, path


@pytest.mark.slow
def test_a_feed_that_is_a_file_is_named_and_not_linked(view: View) -> None:
    view.store.feeds.sync(
        [replace(source("Diario", country=""), url="file:///srv/diario.xml", title="Portada", language="")],
        first_poll_at=lambda host: NOW + HOUR,
    )
    answer = _Client(view).get("/sources")
    assert "Diario Portada" in _seen(answer)
    assert "independent not read yet never 10:40 none yet" in _seen(answer)
    assert "1 not read yet, none in trouble" in _seen(answer)
    assert "file:" not in answer.text
    assert "1 feed not read yet" in _page(view)


@pytest.mark.slow
def test_many_feeds_in_trouble_are_counted_not_listed(view: View) -> None:
    room = Newsroom(view.store)
    names = [f"Diario {number}" for number in range(8)]
    room.open_feeds(*(source(name) for name in names))
    for name in names:
        room.fail(name, FetchFailure.GONE, "Gone.", "")
    assert "8 feeds: Gone" in _page(view)


def test_the_ledger_shows_state_reason_and_words_but_no_whole_address(filled: _Filled) -> None:
    answer = _Client(filled.view).get("/deliveries")
    seen = _seen(answer)
    assert "refused for good" in seen
    assert "news-desk l…@example.org 07:40 1 attempt 5.1.1 <l…@example.org>: no such mailbox here" in seen
    assert "Digest: Naviera suma una escala" in seen
    assert "ana@example.org" not in answer.text
    assert "lucia" not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("show", "rows"), [("", 7), ("waiting", 1), ("digest", 1), ("delivered", 4), ("failed", 1), ("x", 7)]
)
def test_the_ledger_can_be_read_in_parts(filled: _Filled, show: str, rows: int) -> None:
    assert _Client(filled.view).get(f"/deliveries?show={show}").text.count('<th scope="row">') == rows


def test_an_empty_part_of_the_ledger_says_so(view: View) -> None:
    assert "Nothing here." in _page(view, "/deliveries?show=failed")


@pytest.mark.slow
def test_a_long_ledger_goes_on_page_by_page(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario"))
    event_id = room.news("amazon-rail", Written("Diario", "Nota"))
    room.plan(event_id, *(f"reader{number}@example.org" for number in range(101)))
    seen, path = [], "/deliveries"
    while path:
        page = _Client(view).get(path).text
        seen += re.findall(r"/deliveries/([\w-]+)\"", page)
        [path] = re.findall(r'href="([^"]+)">Earlier ones', page) or [""]
        path = html.unescape(path)
    assert len(seen) == len(set(seen)) >= 101
    assert set(seen) == {one.id for one in view.store.reading.list_deliveries(limit=1_000)}


def test_a_line_that_broke_at_the_end_is_told_as_uncertain(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario"))
    event_id = room.news("amazon-rail", Written("Diario", "Nota"))
    room.plan(event_id, "ana@example.org", due_at=NOW - HOUR)
    assert room.send(BROKEN, retry_at=NOW + HOUR) == [DeliveryState.AMBIGUOUS]
    assert "perhaps told: the line broke at the end; repeated 10:40" in _page(view)
    assert "perhaps delivered, will be repeated" in _page(view, "/deliveries")


# ------------------------------------------------------------------------------------ for machines


def test_health_is_200_when_all_is_well_and_503_when_not(view: View) -> None:
    well = _Client(view).get("/health")
    assert (well.status_code, well.json()) == (
        200,
        {"ok": True, "checks": {"poll": "ok", "disk": "ok"}, "sources": "9 of 9 feeds answer"},
    )
    ill = Health(ok=False, checks={"poll": "has not come round for 400 seconds"})
    answer = _Client(replace(view, health=lambda: ill)).get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)


def _metrics(view: View) -> dict[tuple[str, str], float]:
    answer = _Client(view).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_are_counted_in_the_store(filled: _Filled) -> None:
    metrics = _metrics(filled.view)
    assert metrics["avizor_feeds", "healthy"] == 10
    assert metrics["avizor_feeds", "failing"] == 2
    assert metrics["avizor_feeds", "gone"] == 0
    assert metrics["avizor_deliveries", "delivered"] == 3
    assert metrics["avizor_deliveries", "covered"] == 1
    assert metrics["avizor_entries_last_day", ""] == 249
    assert metrics["avizor_matches_last_day", ""] == 9
    assert metrics["avizor_oldest_due_delivery_seconds", ""] == 0
    assert metrics["avizor_healthy", ""] == 1


def test_metrics_know_how_long_the_oldest_delivery_waits(view: View, filled: _Filled) -> None:
    assert _metrics(view)["avizor_oldest_due_delivery_seconds", ""] == 0
    later = replace(filled.view, clock=lambda: NOW + HOUR)
    assert _metrics(later)["avizor_oldest_due_delivery_seconds", ""] == 40 * 60


@pytest.mark.slow
def test_two_applications_keep_their_figures_apart(view: View) -> None:
    assert _metrics(view) == _metrics(view)


@pytest.mark.slow
def test_pages_can_be_asked_for_their_headers_alone(view: View) -> None:
    answer = _Client(view).ask("HEAD", "/")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


# ---------------------------------------------------------------------------- what never gets through


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/", "/sources", "/deliveries", "/health", "/metrics", "/nothing", "/static/avizor.css", "/static/none"],
)
def test_every_answer_carries_the_headers(view: View, path: str) -> None:
    headers = _Client(view).get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_fault_is_a_friendly_page_with_the_headers_and_no_detail(view: View) -> None:
    view.store.close()
    broken = replace(view, problems=_fail)
    answer = _Client(broken).get("/")
    assert answer.status_code == 500
    assert "The service goes on; its log says what happened." in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def _fail() -> tuple[Problem, ...]:
    message = "secret detail"
    raise RuntimeError(message)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["/events/nothing", "/events/a%00b", "/events/%3Cb%3E", "/watchlists/x", "/x/y"]
)
def test_what_is_not_there_has_a_friendly_page(view: View, path: str) -> None:
    answer = _Client(view).get(path)
    assert answer.status_code == 404
    assert "Not here" in answer.text
    assert 'href="/"' in answer.text


def test_pages_can_only_be_read(view: View) -> None:
    answer = _Client(view).ask("POST", "/")
    assert answer.status_code == 405
    assert "This page can only be read." in answer.text


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>&amp;{{ 7*7 }}"


@pytest.mark.slow
def test_nothing_a_feed_wrote_becomes_markup(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario"))
    written = Written("Diario", EVIL, EVIL, terms=(("script", 3), ("amp", 4)), language='es"><script>')
    event_id = room.news("amazon-rail", replace(written, url="javascript:alert(3)"))
    room.plan(event_id, "ana@example.org", due_at=NOW - HOUR)
    room.send(replace(SENT, words=EVIL))
    room.fail("Diario", FetchFailure.NOT_A_FEED, EVIL, EVIL)
    for path in ("/", "/watchlists/amazon-rail", f"/events/{event_id}", "/sources", "/deliveries"):
        answer = _Client(view).get(path)
        parsed = _parsed(answer)
        names = {tag for tag, _ in parsed.tags}
        assert not names & {"img", "style", "iframe"}
        forms = [str(found["action"]) for tag, found in parsed.tags if tag == "form"]
        assert {*forms} <= {f"/events/{event_id}/mute", "/deliveries", "/sources"}
        scripts = [found for tag, found in parsed.tags if tag == "script"]
        assert all(str(found["src"]).startswith("/static/") for found in scripts)
        assert not [name for _, found in parsed.tags for name in found if name.startswith("on")]
        links = {str(found.get("href")) for tag, found in parsed.tags if tag == "a"}
        assert all(re.match(r"/|#|\?(?:[a-z]+=[a-z0-9]*&?)+$|https?://", link) for link in links)
        assert "alert(2)" in "".join(parsed.words)
        assert "{{ 7*7 }}" in answer.text


@pytest.mark.slow
def test_words_of_feeds_are_set_apart_from_the_direction_of_the_page(view: View) -> None:
    room = Newsroom(view.store)
    room.open_feeds(source("Diario", "IL", "he"))
    room.news("amazon-rail", Written("Diario", "רכבת האמזונס"))
    assert '<bdi lang="he">רכבת האמזונס</bdi>' in _Client(view).get("/").text


def test_links_to_reports_tell_nothing_about_the_reader(filled: _Filled) -> None:
    parsed = _parsed(_Client(filled.view).get(f"/events/{filled.events['ruling']}"))
    outside = [found for tag, found in parsed.tags if tag == "a" and str(found["href"]).startswith("http")]
    assert len({found["href"] for found in outside}) == 4
    assert all("noreferrer" in str(found["rel"]) for found in outside)


@pytest.mark.slow
def test_pages_ask_nobody_else_for_anything(filled: _Filled) -> None:
    for path in ("/", "/sources", "/deliveries"):
        for tag, found in _parsed(_Client(filled.view).get(path)).tags:
            assert "style" not in found
            if tag in {"link", "img", "script"}:
                assert str(found.get("href", found.get("src"))).startswith("/static/")


# ------------------------------------------------------------------------------------------- style

_CSS = (Path(service.web.__file__).parent / "static" / "avizor.css").read_text()


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_contrast_is_at_least_that_of_wcag_aa_in_light_and_in_dark(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", _CSS, flags=re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", blocks[scheme]))
    for name in ("ink", "soft", "accent", "good", "trouble"):
        assert _contrast(colours[name], colours["paper"]) >= 4.5, name
    assert _contrast(colours["ink"], colours["mark"]) >= 4.5


def test_an_address_never_breaks_inside() -> None:
    [rule] = re.findall(r"^\.address \{(.*?)\}", _CSS, re.MULTILINE)
    assert "white-space: nowrap" in rule


def test_the_style_sheet_asks_nobody_else_for_anything() -> None:
    assert "url(" not in _CSS
    assert "@import" not in _CSS


# ---------------------------------------------------------------------- the questions pages ask


def test_events_are_listed_and_counted_by_when_they_were_matched(filled: _Filled) -> None:
    since = NOW - timedelta(days=1)
    reading, events = filled.view.store.reading, filled.events
    of_port = reading.list_events_matched_since(["chancay-port"], since)["chancay-port"]
    found = [view.event.id for view in of_port]
    assert found == [events["chinese"], events["ruling"], events["weekly"]]
    assert len(reading.list_events_matched_since(["chancay-port"], since, limit=1)["chancay-port"]) == 1
    assert reading.count_events_matched_since(since) == {
        "amazon-rail": 1,
        "chancay-port": 3,
        "venezuela-oil": 1,
    }
    assert filled.view.store.counts.count_opened_since(since) == Opened(fresh=5, held=0)
    assert filled.view.store.counts.count_opened_since(NOW - timedelta(days=9)) == Opened(fresh=5, held=1)


def test_the_first_reading_is_known(store: Store) -> None:
    assert store.counts.first_read_at() is None
    room = Newsroom(store)
    room.open_feeds(source("Diario", group=FeedGroup.SEARCH))
    room.poll("Diario", Written("Diario", "Nota"), at=NOW - HOUR)
    room.poll("Diario", Written("Diario", "Otra"))
    assert store.counts.first_read_at() == NOW - HOUR


def test_a_delivery_has_a_page_with_its_attempts_and_its_words(filled: _Filled) -> None:
    store = filled.view.store
    [failed] = [one for one in store.reading.list_deliveries() if one.state is DeliveryState.FAILED]
    answer = _Client(filled.view).get(f"/deliveries/{failed.id}")
    seen = _seen(answer)
    assert failed.notification.title in seen
    assert "attempt 1" in seen
    assert "no such mailbox here" in seen
    assert "lucia.prado" not in answer.text
    assert f'action="/deliveries/{failed.id}/again"' in answer.text
    assert _Client(filled.view).get("/deliveries/nothing").status_code == 404


def test_a_delivery_that_failed_is_tried_once_more_under_the_same_message_id(filled: _Filled) -> None:
    store, visits = filled.view.store, Visits(filled.view)
    [failed] = [one for one in store.reading.list_deliveries() if one.state is DeliveryState.FAILED]
    assert visits.post(f"/deliveries/{failed.id}/again").headers["location"] == f"/deliveries/{failed.id}"
    again = store.reading.get_delivery(failed.id)
    assert (again.state, again.due_at, again.message_id) == (DeliveryState.PENDING, NOW, failed.message_id)
    assert visits.post(f"/deliveries/{failed.id}/again").status_code == 404, "it is on its way"
    [told] = [one for one in store.reading.list_deliveries() if one.state is DeliveryState.DELIVERED][:1]
    assert visits.post(f"/deliveries/{told.id}/again").status_code == 404
