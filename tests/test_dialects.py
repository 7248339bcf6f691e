"""Queries of other services mean here what they mean there, or are refused with the place and the reason."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from service.cli import app
from service.dialects import DIALECTS, translate
from service.domain import Entry
from service.errors import ExpressionError
from service.match import Item, Matcher, Query, Rule, parse_expression
from service.watchlists import load_watchlists

if TYPE_CHECKING:
    from pathlib import Path

TRANSLATED = {
    "factiva": [
        ("chancay", "chancay"),
        ("bill clinton or gore and george bush", "bill clinton OR gore AND george bush"),
        ("a and (b or c)", "a AND (b OR c)"),
        ("a and b not c or d", "a AND b AND NOT c OR d"),
        ("not museum and chancay", "NOT museum AND chancay"),
        ("chancay near5 cosco", "chancay NEAR/5 cosco"),
        ("boeing 747/N30/british airways", "boeing 747 NEAR/30 british airways"),
        ("world cup adj5 rugby", "world cup ONEAR/5 rugby"),
        ("world adj cup", "world ONEAR/1 cup"),
        ("president w/2 bush", "president ONEAR/2 bush"),
        ("president w /2 bush", "president ONEAR/2 bush"),
        ("world (cup or series)", "world ONEAR/1 (cup OR series)"),
        ("atleast5 microsoft", "ATLEAST/5 microsoft"),
        ("atleast0 microsoft", "ATLEAST/1 microsoft"),
        ("engineer$3", "engineer*"),
        ("communicat*", "communicat*"),
        ("wom?n", "wom?n"),
        ('"peas and carrots"', "peas and carrots"),
        ('"AND" near3 gate', '"AND" NEAR/3 gate'),
        ("hd=(megaport or port)", "title:(megaport OR port)"),
        ("hd=chancay and la=es", "title:chancay AND lang:es"),
        ("la=zhcn and cosco", "lang:zh AND cosco"),
        ("[a or b] and c", "(a OR b) AND c"),
        ("“puerto de chancay”", "puerto de chancay"),
    ],
    "nexis": [
        ("doctor or physician w/5 malpractice", "(doctor OR physician) NEAR/5 malpractice"),
        ("a and b or c", "a AND (b OR c)"),
        ("a and not b and c", "a AND NOT (b AND c)"),
        ("a but not b", "a AND NOT b"),
        ("a andnot b", "a AND NOT b"),
        ("a & b", "a AND b"),
        ("a w/10 b w/3 c", "a NEAR/10 (b NEAR/3 c)"),
        ("a w/3 b w/10 c", "(a NEAR/3 b) NEAR/10 c"),
        ("southwest pre/2 air or airline", "southwest ONEAR/2 (air OR airline)"),
        ("rico NOT W/5 puerto", "rico NOT NEAR/5 puerto"),
        ("port within/4 peru", "port NEAR/4 peru"),
        ("port /4 peru", "port NEAR/4 peru"),
        ("child!", "child*"),
        ("wom*n", "wom?n"),
        ("HEADLINE(chancay port)", "title:chancay port"),
        ("BODY(cosco) and title (port)", "text:cosco AND title:port"),
        ("ALLCAPS(AID)", "case:AID"),
        ("nocaps(aid)", "case:aid"),
        ("caps(Brown)", "name:Brown"),
        ("singular(port)", "port"),
        ("atleast5 (port or harbor)", "ATLEAST/5 (port OR harbor)"),
    ],
    "meltwater": [
        ("apple AND watch", "apple AND watch"),
        ("apple OR watch AND phone", "apple OR watch AND phone"),
        ("apple NEAR watch", "apple NEAR/5 watch"),
        ("apple NEAR/10 watch", "apple NEAR/11 watch"),
        ("apple ONEAR watch", "apple ONEAR/5 watch"),
        ("apple onear/0 watch", "apple ONEAR/1 watch"),
        ('apple NOT "apple juice"', "apple AND NOT apple juice"),
        ("apple AND NOT juice", "apple AND NOT juice"),
        ("title:port", "title:port"),
        ('title: "puerto de chancay"', "title:puerto de chancay"),
        ("ingress:(a OR b)", "text:(a OR b)"),
        ("orchard*", "orchard*"),
        ("port?n", "port?n"),
        ('"Golden State Warriors" OR GSW', "Golden State Warriors OR GSW"),
    ],
    "google": [
        ("chancay port", "chancay AND port"),
        ("chancay port OR megaport", "chancay AND (port OR megaport)"),
        ("chancay | huaral", "chancay OR huaral"),
        ("chancay -museum", "chancay AND NOT museum"),
        ('chancay -"copa peru" port', "chancay AND NOT copa peru AND port"),
        ('"puerto de chancay"', "puerto de chancay"),
        ("chancay AND cosco", "chancay AND cosco"),
        ("intitle:chancay cosco", "title:chancay AND cosco"),
        ("intext:cosco", "text:cosco"),
        ("chancay AROUND(3) cosco", "chancay NEAR/4 cosco"),
        ("(a OR b) (c OR d)", "(a OR b) AND (c OR d)"),
    ],
}
REFUSED = {
    "factiva": [
        ("chancay same port", "same", "paragraph"),
        ("toyota/F50/", "/F50/", "first words"),
        ("chancay near port", "near", "needs its number"),
        ("rst=TPRNT and port", "rst=TPRNT", "Source codes"),
        ("re=peru and port", "re=peru", "Region codes"),
        ("co=cosco", "co=cosco", "no equivalent"),
        ("hlp=port", "hlp=", "headline and lead"),
        ("president % clinton", "%", "exactly one word"),
        ("la=spanish and port", "la=spanish", "no language"),
        ("ab$", "ab$", "only 2 letters"),
        ("(a or b", "(", "never closed"),
        ("(", "(", "never closed"),
        ("a or b)", ")", "closes nothing"),
        ("a and", "", "missing at the end"),
        ("and b", "and", "missing before AND"),
        ("", "", "empty"),
        ('""', '""', "no word"),
        ('port "of chancay', '"', "never closed"),
        ("a ++ b", "++", "no word, and no operator"),
        ("(" * 70 + "a" + ")" * 70, "(", "levels deep"),
        ("a (b c", "(", "never closed"),
    ],
    "nexis": [
        ("plan w/s action", "w/s", "sentence"),
        ("plan w/p action", "w/p", "paragraph"),
        ("plan not w/seg action", "not w/seg", "one part of a document"),
        ("hlead(port)", "hlead", "The lead is no field"),
        ("plural(port)", "plural", "write the plural"),
        ("byline(smith)", "byline", "no equivalent"),
        ("a not b", "not", "Write AND NOT"),
        ("bank*", "bank*", "one letter or none"),
        ("ab!", "ab!", "only 2 letters"),
    ],
    "meltwater": [
        ("port chancay", "port chancay", "No operator"),
        ('"a" (b)', '"a" (', "No operator"),
        ("author:smith", "author:smith", "This field"),
        ("D*C", "D*C", "only 1 letters"),
    ],
    "google": [
        ("chancay site:rpp.pe", "site:rpp.pe", "source:andina"),
        ('"puerto * chancay"', '"puerto * chancay"', "any words there"),
        ("allintitle: chancay port", "allintitle: chancay port", "title: before each"),
        ("filetype:pdf port", "filetype:pdf", "no equivalent"),
        ("~port", "~port", "forms:word"),
        ("port 10..20", "10..20", "range of numbers"),
    ],
}


@pytest.mark.parametrize(
    ("service", "query", "expected"),
    [(service, query, expected) for service, pairs in TRANSLATED.items() for query, expected in pairs],
)
def test_a_query_is_written_in_the_language_of_watchlists(service: str, query: str, expected: str) -> None:
    found = translate(DIALECTS[service], query)
    assert (found.expression, found.refusals) == (expected, ())
    parse_expression(found.expression)


@pytest.mark.parametrize(
    ("service", "query", "place", "words"),
    [(service, query, place, words) for service, rows in REFUSED.items() for query, place, words in rows],
)
def test_what_has_no_equivalent_is_refused_at_its_place(
    service: str, query: str, place: str, words: str
) -> None:
    found = translate(DIALECTS[service], query)
    assert found.expression == ""
    first = found.refusals[0]
    assert words in first.message
    assert query[first.start : first.end] == place


def test_everything_without_equivalent_is_named_at_once() -> None:
    found = translate(DIALECTS["factiva"], "rst=a and (b same c)")
    assert [remark.message[:12] for remark in found.refusals] == ["Source codes", "same asks fo"]


def _matches(expression: str, text: str) -> bool:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    rule = Rule(all=(Item(parse_expression(expression)),))
    entry = Entry(0, 0, "", "", text, "", "", now, now)
    return bool(Matcher([Query("x", "1", rule)]).matching(entry))


@pytest.mark.parametrize(
    ("service", "query", "between"),
    [
        ("factiva", "apple near3 watch", 2),
        ("factiva", "apple adj3 watch", 2),
        ("nexis", "apple w/3 watch", 2),
        ("meltwater", "apple near/3 watch", 3),
        ("meltwater", "apple near watch", 4),
        ("google", "apple AROUND(3) watch", 3),
    ],
)
def test_so_many_words_may_stand_between_as_there(service: str, query: str, between: int) -> None:
    expression = translate(DIALECTS[service], query).expression
    assert _matches(expression, f"apple {'x ' * between}watch")
    assert not _matches(expression, f"apple {'x ' * (between + 1)}watch")


def test_ordered_operators_keep_the_order() -> None:
    for service, query in (("factiva", "a w/3 b"), ("nexis", "a pre/3 b"), ("meltwater", "a onear/3 b")):
        expression = translate(DIALECTS[service], query).expression
        assert _matches(expression, "a x b")
        assert not _matches(expression, "b x a")


def test_a_free_occurrence_is_enough_for_not_within() -> None:
    expression = translate(DIALECTS["nexis"], "rico not w/2 puerto").expression
    assert _matches(expression, "puerto rico and, far away from it, a man called rico")
    assert not _matches(expression, "puerto rico")


_PIECES = st.sampled_from(
    [
        *("a", "chancay", "us", "5", "é", "钱", "'x'", "port*", "ab*", "wom?n"),
        *(
            "and",
            "AND",
            "or",
            "OR",
            "not",
            "NOT",
            "near",
            "near5",
            "w/3",
            "pre/2",
            "NEAR/4",
            "onear",
            "adj",
            "adj2",
        ),
        *(
            "same",
            "atleast3",
            "hd=",
            "title:",
            "intitle:",
            "la=es",
            "/F5/",
            "/N3/",
            "AROUND(2)",
            "site:x",
            "caps(",
        ),
        *("allcaps(x)", "(", ")", "[", "]", '"', "-", "|", "*", "?", "!", "%", "~", ","),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(DIALECTS)), st.lists(_PIECES | st.text(max_size=3), max_size=12).map(" ".join))
def test_whatever_is_typed_is_translated_to_what_can_be_read_or_refused(service: str, query: str) -> None:
    found = translate(DIALECTS[service], query)
    assert bool(found.expression) is not bool(found.refusals)
    assert all(0 <= one.start <= one.end <= max(len(query), one.end) for one in found.refusals)
    if found.expression:
        with suppress(ExpressionError):  # our language refuses things, too, such as an AND inside a NEAR
            parse_expression(found.expression)


def _run(*words: str, given: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["import-query", *words], input=given)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_the_expression_and_what_to_know() -> None:
    code, out, err = _run("--from", "nexis", "port w/3 us")
    assert (code, out) == (0, "port NEAR/3 us\n")
    assert "  port w/3 us\n  ^^^^\nnote: Nexis finds regular plurals" in err
    assert "           ^^\nnote: us is the pronoun, too" in err


def test_the_command_refuses_with_a_caret_under_the_place() -> None:
    code, out, err = _run("--from", "factiva", "a same b")
    assert (code, out) == (1, "")
    assert "  a same b\n    ^^^^\nno equivalent: same asks for one paragraph" in err


def test_the_command_reads_a_query_from_standard_input() -> None:
    assert _run("--from", "google", "-", given="chancay\nport\n")[:2] == (0, "chancay AND port\n")


@pytest.mark.parametrize("query", ["(a AND b) near c", "NOT b"])
def test_what_a_watchlist_would_refuse_is_not_printed_as_if_it_were_right(query: str) -> None:
    code, out, err = _run("--from", "meltwater", query)
    assert (code, out) == (1, "")
    assert err.startswith("no equivalent: ")


def test_json_has_the_expression_the_notes_and_the_refusals() -> None:
    found = json.loads(_run("--from", "meltwater", "--json", "a near b")[1])
    assert (found["expression"], found["notes"], found["refusals"]) == ("a NEAR/5 b", [], [])


def test_a_whole_watchlist_is_printed_that_can_be_saved_as_it_is(tmp_path: Path) -> None:
    _, text, _ = _run("--from", "google", "--yaml", "chancay-port", '"cosco\'s port" -museo')
    (tmp_path / "chancay-port.yaml").write_text(text, encoding="utf-8")
    loaded = load_watchlists(tmp_path)
    assert loaded.problems == ()
    assert loaded.watchlists[0].title == "Chancay port"
