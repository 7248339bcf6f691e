"""What readers get to see: alerts, digests and test messages, in text and HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain import Entry, Event, Evidence, FeedGroup, JoinReason, Lineage, NotifyReason, TextField
from service.group import Carried
from service.marking import Piece, mark
from service.notify import Alert, DigestItem, event_page, render_alert, render_digest, render_test
from service.notify.clean import clean_pieces
from service.notify.facts import Clock, gather_facts, outlet_of, plural
from service.notify.page import safe_link

NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)
BASE = "https://alerts.example"
LIMA = "America/Lima"
SUMMARY = (
    "El tribunal leyó ayer el fallo. La orden devuelve la vigilancia del Puerto Viejo al regulador, "
    "dijo Cosmo. El ministerio calla."
)
TITLE = "Ordenan vigilar otra vez el Puerto Viejo"


def _entry(number: int = 1, **changes: object) -> Entry:
    entry = Entry(
        id=number,
        feed_id=number,
        url=f"https://diario{number}.example/nota/{number}?a=1&b=2",
        canonical_url="",
        title=TITLE,
        summary=SUMMARY,
        language="es",
        published_at=NOW + timedelta(minutes=number),
        first_seen_at=NOW + timedelta(minutes=9 + number),
        outlet=f"Diario {number}",
        country="PE",
    )
    return replace(entry, **changes)  # type: ignore[arg-type] # tests name real fields


def _found(word: str, field: TextField, term: str = "", line: int = 9) -> Evidence:
    text = TITLE if field is TextField.TITLE else SUMMARY
    start = text.index(word)
    return Evidence(term or word.lower(), field, start, start + len(word), line)


EVIDENCE = (
    _found("Puerto Viejo", TextField.TEXT),
    _found("Cosmo", TextField.TEXT, line=12),
    _found("Puerto Viejo", TextField.TITLE),
)


def _carried(entry: Entry) -> Carried:
    return Carried(entry, Lineage())


def _with_reports(changes: dict[str, object]) -> dict[str, object]:
    reports = changes.get("reports")
    return changes if reports is None else changes | {"reports": tuple(map(_carried, reports))}  # type: ignore[call-overload] # entries


def _alert(**changes: object) -> Alert:
    alert = Alert(
        "port",
        "Old Port",
        "e1",
        _entry(),
        EVIDENCE,
        NotifyReason.NEW_EVENT,
        (_carried(_entry()),),
        channel_id="desk",
    )
    return replace(alert, **_with_reports(changes))  # type: ignore[arg-type] # tests name real fields


def _item(number: int = 1, title: str = "Old Port", **changes: object) -> DigestItem:
    event = Event(f"e{number}", "port", TITLE, NOW, NOW)
    return replace(
        DigestItem(title, event, (_carried(_entry(number)),), EVIDENCE),
        **_with_reports(changes),  # type: ignore[arg-type] # tests name real fields
    )


class _Checker(HTMLParser):
    """Refuses what a mail must not hold; collects links and the text that is shown."""

    allowed = frozenset("html head meta title style body div table tr td a b span".split())  # noqa: SIM905 -- short words

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.allowed, tag
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert not [name for name in names if name.startswith("on") or name == "src"]
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.shown += data


def _check(html: str) -> _Checker:
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert not checker.open
    assert len(html.encode()) < 30_000
    assert "@import" not in html
    assert "url(" not in html
    assert all(link.startswith(("https://", "http://")) for link in checker.links)
    return checker


# ----------------------------------------------------------------------------------------- alert


def test_an_alert_says_what_where_who_first_when_and_why() -> None:
    reports = (
        _entry(1),
        _entry(2, outlet="Agencia Sur", group=FeedGroup.STATE_MEDIA),
        _entry(3, outlet="Harbour Post", country="HK"),
    )
    copies = [Carried(reports[0], Lineage()), Carried(reports[1], Lineage(1)), Carried(reports[2], Lineage())]
    alert = render_alert(replace(_alert(), reports=tuple(copies)), base_url=BASE, timezone=LIMA)
    assert alert.title == "[Old Port] Ordenan vigilar otra vez el Puerto Viejo"
    assert alert.text == (
        "Ordenan vigilar otra vez el *Puerto Viejo*\n\n"
        "3 outlets, 2 independent · PE 2, HK 1 · first: Diario 1, 06:13 (Lima) · +2 min: Harbour Post\n\n"
        "El tribunal leyó ayer el fallo. La orden devuelve la vigilancia del *Puerto Viejo* al regulador, "
        "dijo *Cosmo*. El ministerio calla.\n\n"
        "Read it at Diario 1: https://diario1.example/nota/1?a=1&b=2\n"
        "The event with all its reports: https://alerts.example/events/e1\n\n"
        "06:13  Diario 1 (PE · first): https://diario1.example/nota/1?a=1&b=2\n"
        "06:14  Agencia Sur (PE · state media): https://diario2.example/nota/2?a=1&b=2\n"
        "06:15  Harbour Post (HK): https://diario3.example/nota/3?a=1&b=2\n\n"
        "Why you get this: line 9 of port.yaml: “Puerto Viejo” in headline and text; "
        "line 12: “Cosmo” in the text. First alert of this event. Published 06:13, read 06:22 (Lima).\n\n"
        "Avizor · Old Port\n"
        "You get this because the channel desk follows Old Port (port.yaml). "
        "Ask the operator to change it.\n"
    )


def test_the_html_of_an_alert_says_the_same_and_marks_the_matched_words() -> None:
    alert = render_alert(_alert(reports=(_entry(1), _entry(2))), base_url=BASE, timezone=LIMA)
    page = _check(alert.html)
    for words in (
        "Old Port",
        "2 outlets",
        "first: Diario 1, 06:13 (Lima)",
        "Why you get this: line 9 of port.yaml: “Puerto Viejo” in headline and text",
        "You get this because the channel desk follows Old Port (port.yaml).",
    ):
        assert words in page.shown
    assert len(re.findall(r'<b class="mark"[^>]*>(Puerto Viejo|Cosmo)</b>', alert.html)) == 3
    assert set(page.links) == set(re.findall(r"https://\S+", alert.text))
    assert '<span lang="es" dir="auto">' in alert.html
    assert '<meta name="color-scheme" content="light dark">' in alert.html


def test_a_first_report_without_an_address_of_our_own_links_to_the_article_only() -> None:
    alert = render_alert(_alert(), base_url="", timezone="UTC")
    assert "1 outlet · PE · Diario 1, 11:13 (UTC)" in alert.text
    assert re.findall(r"https?://\S+", alert.text) == ["https://diario1.example/nota/1?a=1&b=2"]
    assert "first: " not in alert.text
    assert set(_check(alert.html).links) == {"https://diario1.example/nota/1?a=1&b=2"}


def test_a_fresh_report_says_why_it_belongs_to_an_earlier_event() -> None:
    alert = _alert(reason=NotifyReason.FRESH_REPORT, join_reason=JoinReason.SAME_HEADLINE)
    text = render_alert(alert, base_url="", timezone="UTC").text
    assert (
        ". Fresh report of an earlier event that you had not been told of; it has the same headline" in text
    )


def test_a_report_without_a_time_says_so() -> None:
    text = render_alert(_alert(entry=_entry(published_at=None)), base_url="", timezone="UTC").text
    assert "No time of publication given, read 11:22 (UTC)." in text


def test_more_reports_than_fit_are_counted() -> None:
    alert = render_alert(_alert(reports=tuple(map(_entry, range(1, 10)))), base_url=BASE, timezone=LIMA)
    assert "Diario 6" in alert.text
    assert "Diario 7" not in alert.text
    assert "and 3 reports more" in alert.text
    assert "and 3 reports more" in _check(alert.html).shown


def test_a_summary_that_repeats_the_headline_is_not_said_again() -> None:
    alert = render_alert(_alert(entry=_entry(summary=f" {TITLE} "), evidence=()), base_url="", timezone="UTC")
    assert alert.text.count(TITLE) == 1
    assert "Why you get this: first alert of this event." in alert.text


def test_an_entry_without_words_still_makes_an_alert() -> None:
    bare = _entry(title="\x00", summary="", url="ftp://x.example", outlet="", country="", language="<es>")
    alert = render_alert(_alert(entry=bare, reports=(), watchlist_title=" "), base_url="", timezone="UTC")
    assert alert.title == "[port] (no headline)"
    assert "1 outlet · x.example, 11:13 (UTC)" in alert.text
    assert _check(alert.html).links == []
    assert "lang=" not in alert.html.partition("<body")[2]


def _why(*evidence: Evidence) -> str:
    text = render_alert(_alert(evidence=evidence), base_url="", timezone="UTC").text
    return text.partition("Why you get this: ")[2].partition(". First alert")[0]


def test_a_phrase_of_several_lines_is_named_once_and_as_it_stands_in_the_article() -> None:
    found = [_found("Puerto Viejo", TextField.TITLE, "case:PUERTO*", line) for line in (70, 76, 83)]
    assert _why(*found) == "line 70 of port.yaml: “Puerto Viejo” in the headline"
    in_text = _found("Puerto Viejo", TextField.TEXT, "text:viejo", 5)
    assert _why(in_text, *found) == "line 70 of port.yaml: “Puerto Viejo” in the headline"


def test_the_most_telling_line_comes_first_and_at_most_four_phrases_are_named() -> None:
    text, title = TextField.TEXT, TextField.TITLE
    why = _why(
        _found("tribunal", text, line=3),
        _found("vigilar", title, line=8),
        _found("ministerio calla", text, line=2),
        _found("Puerto Viejo", title, line=9),
        _found("Ordenan", title, line=9),
        _found("vez", title, line=9),
    )
    assert why == (
        "line 9 of port.yaml: “Puerto Viejo” in the headline; line 8: “vigilar” in the headline; "
        "line 2: “ministerio calla” in the text; line 3: “tribunal” in the text"
    )
    few = _why(
        _found("vez", title, line=9), _found("Cosmo", text, line=12), _found("Puerto Viejo", title, line=9)
    )
    assert few == (
        "line 9 of port.yaml: “Puerto Viejo” in the headline, “vez” in the headline; "
        "line 12: “Cosmo” in the text"
    )


def test_evidence_of_words_that_are_no_longer_there_names_none() -> None:
    gone = Evidence("gone", TextField.TITLE, 900, 905, 7)
    assert _why(gone, _found("Cosmo", TextField.TEXT)) == "line 9 of port.yaml: “Cosmo” in the text"


def test_a_time_of_another_day_carries_its_day_and_so_does_the_time_beside_it() -> None:
    yesterday = _entry(published_at=NOW - timedelta(hours=7))
    alert = render_alert(_alert(entry=yesterday, reports=(yesterday,)), base_url="", timezone=LIMA)
    assert "Published 2 Nov 23:12, read 3 Nov 06:22 (Lima)." in alert.text
    assert "Diario 1, 2 Nov 23:12 (Lima)" in alert.text
    same_day = render_alert(_alert(entry=yesterday, reports=(yesterday,)), base_url="", timezone="UTC")
    assert "Published 04:12, read 11:22 (UTC)." in same_day.text


@pytest.mark.parametrize("channel", ["settings-mail", "settings-chat"])
def test_a_channel_that_the_settings_make_is_named_by_them(channel: str) -> None:
    alert = render_alert(_alert(channel_id=channel), base_url="", timezone="UTC")
    says = "You get this because the address in the settings follows Old Port (port.yaml)."
    assert says in alert.text
    assert says in _check(alert.html).shown


def test_without_a_channel_nobody_is_named() -> None:
    alert = render_alert(_alert(channel_id=""), base_url="", timezone="UTC")
    assert alert.text.endswith("Avizor · Old Port\n")
    assert "because" not in alert.text + alert.html


# ---------------------------------------------------------------------------------------- digest


def test_a_digest_lists_events_by_watchlist_and_counts_them() -> None:
    items = [
        _item(1, reports=(_entry(1), _entry(2))),
        _item(3, "Lithium"),
        _item(4),
    ]
    digest = render_digest(items, base_url=BASE, timezone=LIMA)
    assert digest.title == "[Avizor] Digest: 3 events on 2 watchlists"
    assert "3 events, 4 reports from 4 outlets." in digest.text
    assert (
        digest.text.index("== Old Port ==")
        < digest.text.index("/events/e4")
        < digest.text.index("== Lithium ==")
    )
    assert (
        "line 9 of port.yaml: “Puerto Viejo” in headline and text; line 12: “Cosmo” in the text\n"
        in digest.text
    )
    assert digest.text.endswith("All events: https://alerts.example\n")
    page = _check(digest.html)
    assert set(page.links) == set(re.findall(r"https://\S+", digest.text))


def test_a_digest_of_one_watchlist_bears_its_name() -> None:
    digest = render_digest([_item(evidence=(), title="")], base_url="", timezone="UTC")
    assert digest.title == "[port] Digest: 1 event"
    assert _check(digest.html).links == ["https://diario1.example/nota/1?a=1&b=2"] * 2


def test_times_in_a_digest_carry_their_day_when_it_is_not_that_of_the_digest() -> None:
    evening, morning = _entry(1, published_at=NOW - timedelta(hours=9)), _entry(2)
    items = [_item(1, reports=(evening,)), _item(2, reports=(morning,))]
    sent = render_digest(items, base_url="", timezone=LIMA, now=NOW + timedelta(hours=1)).text
    assert "Diario 1, 2 Nov 21:12 (Lima)" in sent
    assert "Diario 2, 06:14 (Lima)" in sent
    next_day = render_digest(items, base_url="", timezone=LIMA, now=NOW + timedelta(days=1)).text
    assert "Diario 2, 3 Nov 06:14 (Lima)" in next_day
    undated = render_digest(items, base_url="", timezone=LIMA).text
    assert "Diario 1, 2 Nov 21:12 (Lima)" in undated
    assert "Diario 2, 06:14 (Lima)" in undated


def test_a_digest_begins_each_watchlist_with_its_newest_event() -> None:
    items = [_item(1), _item(5, "Lithium"), _item(3), _item(2), _item(6, "Lithium")]
    digest = render_digest(items, base_url=BASE, timezone=LIMA)
    assert re.findall(r"/events/e(\d)", digest.text) == ["3", "2", "1", "6", "5"]


def test_a_digest_of_very_many_events_stays_small_and_counts_the_rest() -> None:
    items = [_item(number, f"List {number % 40}") for number in range(1, 400)]
    digest = render_digest(items, base_url=BASE, timezone=LIMA)
    more = re.search(r"and (\d+) events more", digest.text)
    assert more is not None
    assert digest.text.count("Read it at") == 399 - int(more[1])
    assert more[0] in _check(digest.html).shown


# ------------------------------------------------------------------------------------------ test


def test_a_test_message_names_the_channel() -> None:
    test = render_test("desk\r\n<b>")
    assert test.title == "[Avizor] test of the channel desk <b>"
    assert "Alerts for the channel desk <b> arrive here." in test.text
    assert "desk <b>" in _check(test.html).shown


# ------------------------------------------------------------------------------------- any strings

ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=80),
    st.text("<>&\"'/ ascript=onerror:\u202e\x00\n", max_size=200),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</title></style><script>",
            "javascript:alert(1)",
            "https://x.example/" + "&" * 2_000,
            "'" * 20_000,
            "palabra. " * 3_000,
            "\ud800 \U0001f600" * 500,
        ]
    ),
)
ANY_TIME = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-3))))
ANY_ENTRY = st.builds(
    Entry,
    id=st.integers(0, 9),
    feed_id=st.just(1),
    url=ANY_TEXT | st.just("https://ok.example/nota"),
    canonical_url=ANY_TEXT,
    title=ANY_TEXT,
    summary=ANY_TEXT,
    language=ANY_TEXT,
    published_at=st.none() | ANY_TIME,
    first_seen_at=ANY_TIME,
    outlet=ANY_TEXT,
    country=ANY_TEXT,
    group=st.sampled_from(FeedGroup),
    owner=ANY_TEXT,
)
ANY_EVIDENCE = st.builds(
    Evidence,
    term=ANY_TEXT,
    field=st.sampled_from(TextField),
    start=st.integers(-10, 30_000),
    end=st.integers(-10, 30_000),
    line=st.integers(),
)
EVIDENCES = st.lists(ANY_EVIDENCE, max_size=6).map(tuple)
ANY_LINEAGE = st.builds(Lineage, copy_of=st.integers(0, 9), credit=st.sampled_from(["", "efe"]))
ANY_CARRIED = st.builds(Carried, ANY_ENTRY, ANY_LINEAGE)
ENTRIES = st.lists(ANY_CARRIED, max_size=4).map(tuple)
ANY_ALERT = st.builds(
    Alert,
    watchlist_id=ANY_TEXT,
    watchlist_title=ANY_TEXT,
    event_id=ANY_TEXT,
    entry=ANY_ENTRY,
    evidence=EVIDENCES,
    reason=st.sampled_from(NotifyReason),
    reports=ENTRIES,
    join_reason=st.sampled_from(JoinReason),
    channel_id=ANY_TEXT,
)
ANY_ZONE = st.sampled_from(["UTC", LIMA, "Pacific/Kiritimati", "no/where", "", "/etc/passwd", "\x00"])
MANY = settings(suppress_health_check=list(HealthCheck))


@MANY
@given(alert=ANY_ALERT, zone=ANY_ZONE)
def test_any_strings_in_any_field_make_a_valid_small_page_and_a_text_with_all_links(
    alert: Alert, zone: str
) -> None:
    made = render_alert(alert, base_url=BASE, timezone=zone)
    page = _check(made.html)
    assert all(link in made.text for link in page.links)
    assert safe_link(alert.entry.url) in made.text
    assert len(made.title) <= 250
    assert not set(made.title + made.text + made.html) & {"\x00", "\r", "\u202e", "\ud800"}


ANY_ITEM = st.builds(
    DigestItem,
    watchlist_title=ANY_TEXT,
    event=st.builds(Event, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.just(NOW), st.just(NOW)),
    reports=st.lists(ANY_CARRIED, min_size=1, max_size=3).map(tuple),
    evidence=EVIDENCES,
)


@MANY
@given(items=st.lists(ANY_ITEM, min_size=1, max_size=3), zone=ANY_ZONE)
def test_any_strings_make_a_valid_small_digest(items: list[DigestItem], zone: str) -> None:
    made = render_digest(items, base_url=BASE, timezone=zone)
    page = _check(made.html)
    assert all(link in made.text for link in page.links)


# ------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://x.example/a b", "https://x.example/a%20b"),
        ("HTTP://x.example/ñ?q='1'", "HTTP://x.example/%C3%B1?q=%271%27"),
        ("https://x.example/%C3%B1", "https://x.example/%C3%B1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//x.example", ""),
        ("https://", ""),
        ("https://user@x.example/", ""),
        ("https://[x.example/", ""),
        ("https://x.example/" + "a" * 1_000, ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(url: str, link: str) -> None:
    assert safe_link(url) == link


def test_times_are_said_in_the_reader_s_zone_and_with_the_day_where_it_is_another() -> None:
    clock = Clock(LIMA)
    assert clock.say(NOW, NOW) == "06:12"
    assert clock.say(NOW, NOW, with_day=True) == "3 Nov 06:12"
    assert clock.say(NOW - timedelta(hours=7), NOW) == "2 Nov 23:12"
    assert clock.say(NOW.replace(year=2024), NOW) == "3 Nov 2024 06:12"
    assert Clock("America/Argentina/Buenos_Aires").place == "Buenos Aires"
    assert Clock("Atlantis/Nowhere").place == "UTC"
    assert clock.say(datetime.min.replace(tzinfo=UTC), NOW) == "1 Jan 1 00:00"


def test_outlets_of_one_owner_are_counted_as_such_and_an_entry_once() -> None:
    entries = [_entry(1, owner="Grupo"), _entry(2, owner="Grupo"), _entry(3), _entry(3)]
    facts = gather_facts(map(_carried, entries))
    assert (len(facts.reports), facts.outlets, len(facts.independent), facts.countries) == (3, 3, 2, "PE")
    text = render_alert(_alert(entry=entries[0], reports=tuple(entries)), base_url="", timezone="UTC").text
    assert "3 outlets, 2 independent" in text


def test_many_countries_are_named_up_to_the_sixth() -> None:
    entries = [_entry(number, country=country) for number, country in enumerate("ABCDEFGH")]
    assert (
        gather_facts(map(_carried, entries)).countries == "A 1, B 1, C 1, D 1, E 1, F 1 and 2 countries more"
    )
    assert gather_facts(map(_carried, entries[:7])).countries.endswith("and 1 country more")


def test_an_outlet_without_a_name_is_the_host_of_its_article() -> None:
    assert outlet_of(_entry(outlet="")) == "diario1.example"
    assert outlet_of(_entry(outlet="", url="https://[bad")) == "an unnamed source"
    assert outlet_of(_entry(outlet="", url="")) == "an unnamed source"


def test_counts_agree_with_their_words() -> None:
    assert [plural(0, "event"), plural(1, "event"), plural(1_204, "event")] == [
        "0 events",
        "1 event",
        "1,204 events",
    ]


def test_pieces_are_cleaned_one_by_one_and_the_ends_of_the_line_stripped() -> None:
    assert clean_pieces(mark("  El\u202e  puerto\nviejo ", [(7, 13)])) == [
        Piece("El "),
        Piece("puerto", is_marked=True),
        Piece(" viejo"),
    ]
    assert clean_pieces(mark(" \x00", [(0, 1)])) == []


def test_marked_words_beyond_the_twelfth_are_plain() -> None:
    pieces = clean_pieces(mark("a " * 20, [(at, at + 1) for at in range(0, 40, 2)]))
    assert "".join(piece.text for piece in pieces) == ("a " * 20).strip()
    assert [piece.is_marked for piece in pieces if piece.text == "a"] == [True] * 12 + [False] * 8


def test_a_long_headline_keeps_its_beginning_and_the_marks_in_it() -> None:
    title = "Puerto Viejo " + "palabra " * 50 + "Cosmo"
    evidence = (
        Evidence("puerto viejo", TextField.TITLE, 0, 12, 9),
        Evidence("cosmo", TextField.TITLE, len(title) - 5, len(title), 12),
    )
    alert = _alert(entry=_entry(title=title, summary=""), evidence=evidence)
    headline = render_alert(alert, base_url="", timezone="UTC").text.splitlines()[0]
    assert headline.startswith("*Puerto Viejo* palabra")
    assert headline.endswith(" palabra…")
    assert len(headline) <= 302


def test_a_long_summary_is_cut_around_the_matched_words() -> None:
    summary = "palabra " * 100 + "Cosmo apela " + "otra " * 100
    evidence = (Evidence("cosmo", TextField.TEXT, 800, 805, 12),)
    alert = _alert(entry=_entry(summary=summary), evidence=evidence)
    excerpt = render_alert(alert, base_url="", timezone="UTC").text.split("\n\n")[2]
    assert excerpt.startswith("… palabra ")
    assert "palabra *Cosmo* apela otra" in excerpt
    assert excerpt.endswith(" otra …")
    assert len(excerpt) <= 430


def test_an_event_s_page_has_an_address_where_we_have_one() -> None:
    assert event_page("https://alerts.example/", "a/b") == "https://alerts.example/events/a%2Fb"
    assert event_page("", "a") == ""
