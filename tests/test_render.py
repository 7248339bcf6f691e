"""What readers get to see of one event: alerts, in text and HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from service.domain import Evidence, FeedGroup, HeldReason, JoinReason, Lineage, NotifyReason, TextField
from service.group import Carried
from service.marking import Piece, mark
from service.notify import Alert, ReaderView, event_page, render_alert
from service.notify.clean import clean_pieces
from service.notify.clock import Clock
from service.notify.facts import gather_facts, outlet_of
from service.notify.page import safe_link
from service.wording import wording_for
from tests.partners.messages import (
    ANA,
    ANY_ALERT,
    ANY_VIEW,
    DESK,
    LIMA,
    LINKS,
    MANY,
    NOBODY,
    NOW,
    TITLE,
    carry,
    check_html,
    found_at,
    make_alert,
    make_entry,
)

EN = wording_for("en")

# ----------------------------------------------------------------------------------------- alert


def test_an_alert_says_what_where_who_first_when_and_why() -> None:
    reports = (
        make_entry(1),
        make_entry(2, outlet="Agencia Sur", group=FeedGroup.STATE_MEDIA),
        make_entry(3, outlet="Harbour Post", country="HK"),
    )
    copies = [Carried(reports[0], Lineage()), Carried(reports[1], Lineage(1)), Carried(reports[2], Lineage())]
    alert = render_alert(replace(make_alert(), reports=tuple(copies)), DESK)
    assert alert.title == "[Old Port] Ordenan vigilar otra vez el Puerto Viejo"
    assert alert.text == (
        "Ordenan vigilar otra vez el *Puerto Viejo*\n\n"
        "3 outlets, 2 independent · PE 2, HK 1 · first: Diario 1, 06:13 (Lima) · +2 min: Harbour Post\n\n"
        "El tribunal leyó ayer el fallo. La orden devuelve la vigilancia del *Puerto Viejo* al regulador, "
        "dijo *Cosmo*. El ministerio calla.\n\n"
        "Read it at Diario 1: https://diario1.example/nota/1?a=1&b=2\n"
        "The event with all its reports: https://alerts.example/events/e1\n\n"
        "06:13  Diario 1 (PE · first · repeated by 1): https://diario1.example/nota/1?a=1&b=2\n"
        "06:14  Agencia Sur (PE · state media): https://diario2.example/nota/2?a=1&b=2\n"
        "06:15  Harbour Post (HK): https://diario3.example/nota/3?a=1&b=2\n\n"
        "Why you get this: line 9 of port.yaml: “Puerto Viejo” in headline and text; "
        "line 12: “Cosmo” in the text. First alert of this event. Published 06:13, read 06:22 (Lima).\n\n"
        "Avizor · Old Port\n"
        "You get this because the channel desk follows Old Port (port.yaml). "
        "Ask the operator to change it.\n"
    )


def test_the_html_of_an_alert_says_the_same_and_marks_the_matched_words() -> None:
    alert = render_alert(make_alert(reports=(make_entry(1), make_entry(2))), DESK)
    page = check_html(alert.html)
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
    alert = render_alert(make_alert(), NOBODY)
    assert "1 outlet · PE · Diario 1, 11:13 (UTC)" in alert.text
    assert re.findall(r"https?://\S+", alert.text) == ["https://diario1.example/nota/1?a=1&b=2"]
    assert "first: " not in alert.text
    assert set(check_html(alert.html).links) == {"https://diario1.example/nota/1?a=1&b=2"}


def test_a_fresh_report_says_why_it_belongs_to_an_earlier_event() -> None:
    alert = make_alert(reason=NotifyReason.FRESH_REPORT, join_reason=JoinReason.SAME_HEADLINE)
    text = render_alert(alert, NOBODY).text
    assert (
        ". Fresh report of an earlier event that you had not been told of; it has the same headline" in text
    )


def test_a_report_without_a_time_says_so() -> None:
    text = render_alert(make_alert(entry=make_entry(published_at=None)), NOBODY).text
    assert "No time of publication given, read 11:22 (UTC)." in text


def test_more_reports_than_fit_are_counted() -> None:
    alert = render_alert(make_alert(reports=tuple(map(make_entry, range(1, 10)))), DESK)
    assert "Diario 6" in alert.text
    assert "Diario 7" not in alert.text
    assert "and 3 reports more" in alert.text
    assert "and 3 reports more" in check_html(alert.html).shown


def test_a_summary_that_repeats_the_headline_is_not_said_again() -> None:
    alert = render_alert(make_alert(entry=make_entry(summary=f" {TITLE} "), evidence=()), NOBODY)
    assert alert.text.count(TITLE) == 1
    assert "Why you get this: first alert of this event." in alert.text


def test_an_entry_without_words_still_makes_an_alert() -> None:
    bare = make_entry(title="\x00", summary="", url="ftp://x.example", outlet="", country="", language="<es>")
    alert = render_alert(make_alert(entry=bare, reports=(), watchlist_title=" "), NOBODY)
    assert alert.title == "[port] (no headline)"
    assert "1 outlet · x.example, 11:13 (UTC)" in alert.text
    assert check_html(alert.html).links == []
    assert "lang=" not in alert.html.partition("<body")[2]


def _why(*evidence: Evidence) -> str:
    text = render_alert(make_alert(evidence=evidence), NOBODY).text
    return text.partition("Why you get this: ")[2].partition(". First alert")[0]


def test_a_phrase_of_several_lines_is_named_once_and_as_it_stands_in_the_article() -> None:
    found = [found_at("Puerto Viejo", TextField.TITLE, "case:PUERTO*", line) for line in (70, 76, 83)]
    assert _why(*found) == "line 70 of port.yaml: “Puerto Viejo” in the headline"
    in_text = found_at("Puerto Viejo", TextField.TEXT, "text:viejo", 5)
    assert _why(in_text, *found) == "line 70 of port.yaml: “Puerto Viejo” in the headline"


def test_the_most_telling_line_comes_first_and_at_most_four_phrases_are_named() -> None:
    text, title = TextField.TEXT, TextField.TITLE
    why = _why(
        found_at("tribunal", text, line=3),
        found_at("vigilar", title, line=8),
        found_at("ministerio calla", text, line=2),
        found_at("Puerto Viejo", title, line=9),
        found_at("Ordenan", title, line=9),
        found_at("vez", title, line=9),
    )
    assert why == (
        "line 9 of port.yaml: “Puerto Viejo” in the headline; line 8: “vigilar” in the headline; "
        "line 2: “ministerio calla” in the text; line 3: “tribunal” in the text"
    )
    few = _why(
        found_at("vez", title, line=9),
        found_at("Cosmo", text, line=12),
        found_at("Puerto Viejo", title, line=9),
    )
    assert few == (
        "line 9 of port.yaml: “Puerto Viejo” in the headline, “vez” in the headline; "
        "line 12: “Cosmo” in the text"
    )


def test_evidence_of_words_that_are_no_longer_there_names_none() -> None:
    gone = Evidence("gone", TextField.TITLE, 900, 905, 7)
    assert _why(gone, found_at("Cosmo", TextField.TEXT)) == "line 9 of port.yaml: “Cosmo” in the text"


def test_a_time_of_another_day_carries_its_day_and_so_does_the_time_beside_it() -> None:
    yesterday = make_entry(published_at=NOW - timedelta(hours=7))
    alert = render_alert(make_alert(entry=yesterday, reports=(yesterday,)), ReaderView(LIMA))
    assert "Published 2 Nov 23:12, read 3 Nov 06:22 (Lima)." in alert.text
    assert "Diario 1, 2 Nov 23:12 (Lima)" in alert.text
    same_day = render_alert(make_alert(entry=yesterday, reports=(yesterday,)), NOBODY)
    assert "Published 04:12, read 11:22 (UTC)." in same_day.text


@pytest.mark.parametrize("channel", ["settings-mail", "settings-chat"])
def test_a_channel_that_the_settings_make_is_named_by_them(channel: str) -> None:
    alert = render_alert(make_alert(), ReaderView(channel_id=channel))
    says = "You get this because the address in the settings follows Old Port (port.yaml)."
    assert says in alert.text
    assert says in check_html(alert.html).shown


def test_without_a_channel_nobody_is_named() -> None:
    alert = render_alert(make_alert(), NOBODY)
    assert alert.text.endswith("Avizor · Old Port\n")
    assert "because" not in alert.text + alert.html


def test_a_reader_who_confirmed_is_told_when_and_how_to_change_it() -> None:
    alert = render_alert(make_alert(), ANA)
    assert alert.text.endswith(
        "\n\nAvizor · Old Port\n"
        "You get this because you confirmed on 14 October 2026 that you want alerts of Old Port.\n"
        "Useful: https://alerts.example/r/useful\n"
        "Noise: https://alerts.example/r/noise\n"
        "Mute: https://alerts.example/r/mute\n"
        "Change: https://alerts.example/r/change\n"
        "Unsubscribe: https://alerts.example/r/leave\n"
    )
    page = check_html(alert.html)
    assert page.shown.endswith("that you want alerts of Old Port. Change · Unsubscribe")
    assert set(page.links) == set(re.findall(r"https://\S+", alert.text))


def test_links_of_a_reader_that_there_are_not_are_left_out() -> None:
    alert = render_alert(make_alert(), replace(ANA, links=replace(LINKS, mute="", leave="javascript:x")))
    shown = check_html(alert.html).shown
    for words in ("Mute", "Unsubscribe", "javascript"):
        assert words not in shown + alert.text
    assert "Useful" in shown


def test_an_article_of_several_watchlists_names_them_all() -> None:
    alert = render_alert(make_alert(also=(("vote", "Chile elections"), ("rail", ""))), DESK)
    assert alert.title == f"[Old Port, Chile elections, rail] {TITLE}"
    assert "\n\nAvizor · Old Port, Chile elections and rail\n" in alert.text
    assert "follows Old Port (port.yaml), Chile elections (vote.yaml) and rail (rail.yaml)." in alert.text
    assert "Avizor · Old Port, Chile elections and railOrdenan" in check_html(alert.html).shown
    many = render_alert(make_alert(also=tuple((str(one), f"List {one}") for one in range(20))), DESK)
    assert "List 6 and 13 more" in many.text
    assert TITLE in many.title


def test_an_update_says_first_what_is_new_and_is_seen_to_be_one() -> None:
    news = ("3 independent outlets carry it now", "31 dead, before 12")
    alert = render_alert(make_alert(reason=NotifyReason.UPDATE, news=news), DESK)
    assert alert.title == f"[Old Port] Update: {TITLE}"
    assert alert.text.startswith("3 independent outlets carry it now; 31 dead, before 12.\n\nOrdenan")
    shown = check_html(alert.html).shown
    assert "Avizor · Old Port · update3 independent outlets carry it now; 31 dead, before 12." in shown
    first = render_alert(make_alert(news=news), DESK)
    assert "31 dead" not in first.text + first.html


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (HeldReason.QUIET_HOURS, "came in your quiet hours"),
        (HeldReason.BUDGET, "over your limit of alerts for the day"),
        (HeldReason.COOLDOWN, "an update soon after another one"),
        (HeldReason.INHIBITED, "right after a major event"),
        (HeldReason.OUTAGE, "could not be sent before"),
    ],
)
def test_an_alert_that_was_held_says_what_for(held: HeldReason, said: str) -> None:
    alert = render_alert(make_alert(held=held), DESK)
    for words in (alert.text, check_html(alert.html).shown):
        assert f". First alert of this event. Held until now: {said}. Published 06:13" in words


@pytest.mark.parametrize("held", [None, HeldReason.WINDOW])
def test_an_alert_that_waited_no_longer_than_a_moment_says_nothing_of_it(held: HeldReason | None) -> None:
    assert "First alert of this event. Published 06:13" in render_alert(make_alert(held=held), DESK).text


@pytest.mark.parametrize(
    ("hours", "said"),
    [(5, ""), (6, "published 6 h before this alert"), (72, "published 3 d before this alert")],
)
def test_an_alert_long_after_publication_says_so(hours: int, said: str) -> None:
    entry = make_entry(published_at=NOW)
    alert = render_alert(make_alert(entry=entry, reports=(entry,), at=NOW + timedelta(hours=hours)), DESK)
    assert ("before this alert" in alert.text) == bool(said)
    assert said in alert.text
    assert said in check_html(alert.html).shown


def test_a_row_names_its_language_where_that_is_not_the_one_of_the_article() -> None:
    reports = (make_entry(1), make_entry(2, language="en", country="HK", title="Port ruling"))
    text = render_alert(make_alert(reports=reports), DESK).text
    assert "Diario 1 (PE · first)" in text
    assert "Diario 2 (HK · en)" in text


@pytest.mark.slow
def test_the_largest_alert_there_can_be_stays_small() -> None:
    much = "&" * 20_000
    link = "https://x.example/" + "a" * 470
    entries = tuple(
        make_entry(
            number, title=much, summary=much, outlet=much, country=much, url=link, language=str(number)
        )
        for number in range(1, 40)
    )
    evidence = tuple(
        Evidence("x", field, at * 20, at * 20 + 9, line)
        for line, at in enumerate(range(14))
        for field in TextField
    )
    alert = make_alert(
        watchlist_id=much,
        watchlist_title=much,
        event_id=much,
        entry=entries[0],
        evidence=evidence,
        reason=NotifyReason.UPDATE,
        reports=entries,
        join_reason=JoinReason.SAME_MEANING,
        news=(much,) * 30,
        also=((much, much),) * 30,
        at=NOW + timedelta(days=3),
    )
    links = replace(LINKS, change=link, leave=link, mute=link, useful=link, noise=link)
    for view in (replace(ANA, links=links), replace(DESK, channel_id=much, links=links)):
        check_html(render_alert(alert, view).html)


# ------------------------------------------------------------------------------------- any strings


@pytest.mark.slow
@MANY
@given(alert=ANY_ALERT, view=ANY_VIEW)
def test_any_strings_in_any_field_make_a_valid_small_page_and_a_text_with_all_links(
    alert: Alert, view: ReaderView
) -> None:
    made = render_alert(alert, view)
    page = check_html(made.html)
    assert all(link in made.text for link in page.links)
    assert safe_link(alert.entry.url) in made.text
    assert len(made.title) <= 250
    assert not set(made.title + made.text + made.html) & {"\x00", "\r", "\u202e", "\ud800"}


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
    clock = Clock(LIMA, EN)
    assert clock.say(NOW, NOW) == "06:12"
    assert clock.say(NOW, NOW, with_day=True) == "3 Nov 06:12"
    assert clock.say(NOW - timedelta(hours=7), NOW) == "2 Nov 23:12"
    assert clock.say(NOW.replace(year=2024), NOW) == "3 Nov 2024 06:12"
    assert Clock("America/Argentina/Buenos_Aires", EN).place == "Buenos Aires"
    assert Clock("Atlantis/Nowhere", EN).place == "UTC"
    assert clock.say(datetime.min.replace(tzinfo=UTC), NOW) == "1 Jan 1 00:00"


def test_outlets_of_one_owner_are_counted_as_such_and_an_entry_once() -> None:
    entries = [make_entry(1, owner="Grupo"), make_entry(2, owner="Grupo"), make_entry(3), make_entry(3)]
    facts = gather_facts(map(carry, entries))
    assert (len(facts.reports), facts.outlets, len(facts.independent), facts.countries) == (
        3,
        3,
        2,
        (("PE", 3),),
    )
    text = render_alert(make_alert(entry=entries[0], reports=tuple(entries)), NOBODY).text
    assert "3 outlets, 2 independent" in text


def test_many_countries_are_named_up_to_the_sixth() -> None:
    entries = tuple(make_entry(number, country=country) for number, country in enumerate("ABCDEFGH"))
    text = render_alert(make_alert(entry=entries[0], reports=entries), NOBODY).text
    assert " · A 1, B 1, C 1, D 1, E 1, F 1 and 2 countries more · first: " in text
    fewer = render_alert(make_alert(entry=entries[0], reports=entries[:7]), NOBODY).text
    assert " · A 1, B 1, C 1, D 1, E 1, F 1 and 1 country more · " in fewer


@pytest.mark.parametrize(
    ("countries", "home", "said"),
    [
        (("US", "ES"), ("PE",), "2 outlets, 2 independent · only abroad: US 1, ES 1 · "),
        (("US", "US"), ("PE", "BO"), "2 outlets, 2 independent · only abroad: US · "),
        (("PE", "ES"), ("PE",), "2 outlets, 2 independent · PE 1, ES 1 · "),
        (("PE", "PE"), ("PE",), "2 outlets, 2 independent · only in PE · "),
        (("US", ""), ("PE",), "2 outlets, 2 independent · US · "),
        (("US", "ES"), (), "2 outlets, 2 independent · US 1, ES 1 · "),
        (("US",), ("PE",), "1 outlet · US · "),
    ],
)
def test_an_event_that_only_outlets_of_other_countries_tell_of_is_marked(
    countries: tuple[str, ...], home: tuple[str, ...], said: str
) -> None:
    entries = tuple(make_entry(number, country=country) for number, country in enumerate(countries, start=1))
    alert = replace(make_alert(entry=entries[0], reports=entries), home=home)
    assert said in render_alert(alert, NOBODY).text


def test_an_outlet_without_a_name_is_the_host_of_its_article() -> None:
    assert outlet_of(make_entry(outlet="")) == "diario1.example"
    assert outlet_of(make_entry(outlet="", url="https://[bad")) == ""
    nameless = make_entry(outlet="", url="")
    text = render_alert(make_alert(entry=nameless, reports=(nameless,)), NOBODY).text
    assert "1 outlet · PE · an unnamed source, 11:13 (UTC)" in text


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
    alert = make_alert(entry=make_entry(title=title, summary=""), evidence=evidence)
    headline = render_alert(alert, NOBODY).text.splitlines()[0]
    assert headline.startswith("*Puerto Viejo* palabra")
    assert headline.endswith(" palabra…")
    assert len(headline) <= 302


def test_a_long_summary_is_cut_around_the_matched_words() -> None:
    summary = "palabra " * 100 + "Cosmo apela " + "otra " * 100
    evidence = (Evidence("cosmo", TextField.TEXT, 800, 805, 12),)
    alert = make_alert(entry=make_entry(summary=summary), evidence=evidence)
    excerpt = render_alert(alert, NOBODY).text.split("\n\n")[2]
    assert excerpt.startswith("… palabra ")
    assert "palabra *Cosmo* apela otra" in excerpt
    assert excerpt.endswith(" otra …")
    assert len(excerpt) <= 430


def test_an_event_s_page_has_an_address_where_we_have_one() -> None:
    assert event_page("https://alerts.example/", "a/b") == "https://alerts.example/events/a%2Fb"
    assert event_page("", "a") == ""
