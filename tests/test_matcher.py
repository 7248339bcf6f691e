"""The matcher finds what a plain walk through every tree finds, and says why."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain import Entry, Evidence, FeedGroup, Match, TextField
from service.match import (
    Explanation,
    Finding,
    Item,
    Matcher,
    Query,
    Rule,
    combine,
    find_rule_fault,
    parse_expression,
)
from service.match.document import Document
from service.match.index import Index, rule_anchors
from service.match.tree import Or
from tests.match_oracle import oracle

# The machine may be busy with other tests: time says nothing about a law.
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

NOW = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)


def entry(title: str, summary: str = "") -> Entry:
    return Entry(
        id=1,
        feed_id=1,
        url="https://news.example/a",
        canonical_url="https://news.example/a",
        title=title,
        summary=summary,
        language="es-PE",
        published_at=None,
        first_seen_at=NOW,
        outlet="El Diario",
        country="PE",
        group=FeedGroup.STATE_MEDIA,
    )


def rule(*any_of: str, **others: tuple[Item | Rule, ...]) -> Rule:
    items = tuple(item(text, line) for line, text in enumerate(any_of, 1))
    return Rule(items, others.get("all", ()), others.get("none", ()))


def item(text: str, line: int = 9) -> Item:
    return Item(parse_expression(text), line)


def matches(asked: Rule, of: Entry) -> list[Match]:
    return Matcher([Query("topic", "v1", asked)]).match(of)


def found(text: str, title: str, summary: str = "") -> list[str] | None:
    """Give the pieces of the entry that an expression finds, None where it does not match."""
    report = matches(rule(text), entry(title, summary))
    if not report:
        return None
    return [
        (title if proof.field is TextField.TITLE else summary)[proof.start : proof.end]
        for proof in report[0].evidence
    ]


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("chancay", "El puerto de CHANCAY", ["CHANCAY"]),
        ("puerto de Chancay", "puerto: de—Chancay", ["puerto: de—Chancay"]),
        ("puerto de Chancay", "puerto del Chancay", None),
        ("año", "ano", None),
        ("ano", "An\u0303o del dragón", None),
        ("papá", "el papa", ["papa"]),
        ("accents:papá", "el papa", None),
        ("accents:papá", "el papa\u0301", ["papa\u0301"]),
        ("accents:papa", "el papá", None),
        ("Peña Nieto", "Pena Nieto", None),
        ("loose:Peña Nieto", "Pena Nieto, Peña Nieto", ["Pena Nieto", "Peña Nieto"]),
        ("loose:accents:Peña", "PENA", ["PENA"]),
        ("loose:Peña*", "Penalosa", ["Penalosa"]),
        ("name:Maduro", "mango maduro", None),
        ("name:Maduro", "MADURO y Maduro", ["MADURO", "Maduro"]),
        ("name:Maduro", "MaDuro", None),
        ("name:J. D. Vance", "JD Vance y J.D. VANCE", ["JD Vance", "J.D. VANCE"]),
        ("name:Petro*", "Petroperú, PETROBRAS, petróleo", ["Petroperú", "PETROBRAS"]),
        ("name:Ch?le", "CHILE, chile", ["CHILE"]),
        ("case:WHO", "who is WHO", ["WHO"]),
        ("case:US", "tell us: the U.S. port", ["U.S."]),
        ("case:name:Maduro", "MADURO", None),
        ("US", "tell us", ["us"]),
        ("EE UU", "en EE. UU. y EEUU", ["EE. UU", "EEUU"]),
        ("钱凯港", "中国钱凯港开港", ["钱凯港"]),
        ("candidat*", "candidata, candidatos, can", ["candidata", "candidatos"]),
        ("candidat* a", "candidata a candidatos b", ["candidata a"]),
        ("ch?ncay", "Chincay chncay", ["Chincay"]),
        ("neg*ción", "la negociación", ["negociación"]),
        ("PuertoDeChancay", "#PuertoDeChancay", ["PuertoDeChancay"]),
        ("puerto de Chancay", "#PuertoDeChancay", ["PuertoDeChancay"]),
        ("hoy PuertoDeChancay abre", "hoy #PuertoDeChancay abre", ["hoy #PuertoDeChancay abre"]),
        ("3,5", "3.5", ["3.5"]),
        ("5", "3.5", None),
        ("a NEAR/1 b", "b a", ["b", "a"]),
        ("a NEAR/1 b", "a x b", None),
        ("a NEAR/2 b", "a x b x x a", ["a", "b"]),
        ("a ONEAR/2 b", "b x a", None),
        ("a ONEAR/2 b", "a x b", ["a", "b"]),
        ("credit NEAR/10 credit", "one credit", None),
        ("credit NEAR/10 credit", "credit credit", ["credit", "credit"]),
        ("a b NEAR/1 b c", "a b c", None),
        ("a b NEAR/1 b c", "a b b c", ["a b", "b c"]),
        ("x NEAR/2 (a OR b c)", "x y b c z a", ["x", "b c"]),
        ("(a NEAR/2 b) NEAR/2 c", "a b x c", ["a", "b", "c"]),
        ("boric NOT NEAR/1 acid", "boric acid", None),
        ("boric NOT NEAR/1 acid", "boric acid, y ayer Boric", ["Boric"]),
        ('chile NOT NEAR/1 "chile chico"', "en Chile Chico", None),
        ('chico NOT NEAR/1 "en chile el chico"', "en chile el chico", None),
        ("chile NOT NEAR/3 chile", "chile", ["chile"]),
        ("ATLEAST/2 a", "a x a", ["a", "a"]),
        ("ATLEAST/2 a a", "a a a", None),
        ("ATLEAST/2 (a OR a b)", "a b", None),
        ("a AND NOT b", "a c", ["a"]),
        ("a AND NOT b", "a b", None),
        ("a AND (b OR NOT c)", "a", ["a"]),
        ("a AND NOT (b AND c)", "a b", ["a"]),
        ("a OR b OR c AND x", "b c", ["b"]),
        ("a AND lang:es AND country:PE AND source:el-diario", "a", ["a"]),
        ("a AND group:state-media", "a", ["a"]),
        ("a AND lang:es-pe", "a", ["a"]),
        ("a AND lang:pt", "a", None),
        ("a AND country:CL", "a", None),
        ("lang:es", "todo", []),
    ],
)
def test_an_expression_finds_what_the_language_says(
    text: str, title: str, expected: list[str] | None
) -> None:
    assert found(text, title) == expected


@pytest.mark.parametrize(
    ("text", "title", "summary", "expected"),
    [
        ("a b", "a", "b", None),
        ("a NEAR/9 b", "a", "b", None),
        ("a AND b", "a", "b", ["a", "b"]),
        ("title:a", "b", "a", None),
        ("text:a", "a", "x a", ["a"]),
        ("title:(a AND NOT b)", "a", "b", ["a"]),
        ("title:(a AND NOT b)", "a b", "", None),
        ("title:a AND NOT text:b", "a b", "c", ["a"]),
        ("title:a NEAR/2 b", "a b", "a b", ["a", "b"]),
        ("title:text:a", "a", "a", None),
        ("ATLEAST/2 a", "a", "a", ["a", "a"]),
        ("(title:a OR b) NEAR/2 c", "b c", "a c", ["b", "c"]),
    ],
)
def test_fields_are_kept_apart(text: str, title: str, summary: str, expected: list[str] | None) -> None:
    assert found(text, title, summary) == expected


def test_a_rule_wants_every_all_some_any_and_no_none() -> None:
    asked = Rule(
        any=(item("a"), Rule(all=(item("b"), item("c")))), all=(item("x"),), none=(item("z"), item("y w"))
    )
    texts = ["x a", "x b c", "x b", "a b c", "x a z", "x a y w", "x a y"]
    assert [bool(matches(asked, entry(text))) for text in texts] == [
        True, True, False, False, False, False, True,
    ]  # fmt: skip
    assert [proof.term for proof in matches(asked, entry("x b c"))[0].evidence] == ["x", "b", "c"]
    assert matches(Rule(all=(item("a"),)), entry("a"))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, date(2026, 5, 2), True),
        (None, date(2026, 5, 1), False),
        (date(2026, 5, 2), None, True),
        (date(2026, 5, 3), None, False),
        (date(2026, 5, 2), date(2026, 5, 2), True),
    ],
)
def test_an_item_counts_only_within_its_period(
    first: date | None, last: date | None, *, expected: bool
) -> None:
    dated = replace(item("a"), from_date=first, until_date=last)
    assert bool(matches(Rule(any=(dated,)), entry("a"))) is expected
    assert bool(matches(Rule(any=(item("a"),), none=(dated,)), entry("a"))) is not expected


def test_the_day_of_an_entry_is_the_publishers() -> None:
    dated = replace(item("a"), until_date=date(2026, 4, 30))
    published = replace(entry("a"), published_at=datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
    assert matches(Rule(any=(dated,)), published)


def test_evidence_names_term_field_place_and_line_each_once_in_order() -> None:
    asked = rule("puerto OR Chancay", "name:Chancay", "Chancay", "nunca")
    report = matches(asked, entry("Chancay, puerto", "el puerto"))
    assert report == [
        Match(
            entry("Chancay, puerto", "el puerto"),
            "topic",
            "v1",
            (
                Evidence("Chancay", TextField.TITLE, 0, 7, 1),
                Evidence("Chancay", TextField.TITLE, 0, 7, 3),
                Evidence("name:Chancay", TextField.TITLE, 0, 7, 2),
                Evidence("puerto", TextField.TITLE, 9, 15, 1),
                Evidence("puerto", TextField.TEXT, 3, 9, 1),
            ),
        )
    ]


def test_all_queries_are_asked_in_one_pass_and_answer_in_their_order() -> None:
    queries = [Query(f"w{number}", "v", rule(text)) for number, text in enumerate(["b", "x", "lang:es", "a"])]
    assert [match.watchlist_id for match in Matcher(queries).match(entry("a b"))] == ["w0", "w2", "w3"]
    assert Matcher([]).match(entry("a")) == []


@pytest.mark.parametrize(
    ("text", "words", "is_asked"),
    [
        ("puerto de Chancay", "puerto de", False),
        ("a AND Chancay", "a", False),
        ("a OR Chancay", "a", True),
        ("a NEAR/3 Chancay", "a", False),
        ("a NOT NEAR/3 b", "b", False),
        ("ATLEAST/2 title:Chancay", "a", False),
        ("candidat* AND a", "a candil", False),
        ("candidat* AND a", "candidata", True),
        ("cand?dat*", "a", False),
        ("c?ndidat", "a", True),
        ("loose:Peña", "pena", True),
        ("钱凯港 AND us", "us", False),
        ("a AND NOT b", "b", False),
        ("lang:es", "a", True),
        ("forms:elección", "a", False),
        ("forms:elección", "Elecciones", True),
        ("a AND loose:forms:año", "a", False),
        ("loose:forms:año", "anos", True),
    ],
)
def test_the_index_leaves_out_queries_whose_rarest_word_is_missing(
    text: str, words: str, *, is_asked: bool
) -> None:
    index = Index()
    index.add(0, rule_anchors(rule(text)))
    index.add(1, rule_anchors(Rule(any=(item("a"),), all=(item("nowhere"),))))
    assert _asked(index, words) == ({0} if is_asked else set())
    assert _asked(index, words) == ({0} if is_asked else set())  # from memory


def test_a_word_that_begins_as_no_query_asked_is_found_by_one_that_comes_later() -> None:
    index = Index()
    index.add(0, rule_anchors(rule("candi*")))
    assert _asked(index, "presidente") == set()
    index.add(1, rule_anchors(rule("presi*")))
    assert _asked(index, "presidente") == {1}


def test_beginnings_are_asked_rightly_however_little_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combine, "_MOST_WORDS", 2)
    test = combine.some_begin(["puert", "port", "harbo"])
    titles = ["El puerto", "Una receta", "The harbour", "Otra receta más", "Portuario", "Nada", "Los puertos"]
    found = [test(Document.of(entry(title))) for title in (*titles, *titles)]
    assert found == [True, False, True, False, True, False, True] * 2


def test_what_is_remembered_of_words_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.match.index._MOST_REMEMBERED", 2)
    index = Index()
    index.add(0, rule_anchors(rule("can*")))
    for word in ("x1", "candil", "x2", "candado", "x3"):
        assert _asked(index, word) == ({0} if word.startswith("can") else set())


def _asked(index: Index, words: str) -> set[int]:
    return index.candidates(Document.of(entry(words)))


def _told(matcher: Matcher, of: Entry) -> list[tuple[str, str]]:
    assert matcher.matching(of) == [
        query
        for query in matcher.queries()
        for match in matcher.match(of)
        if match.watchlist_id == query.watchlist_id
    ]
    return [(match.watchlist_id, match.version) for match in matcher.match(of)]


def test_a_query_put_in_again_takes_the_place_of_the_one_before() -> None:
    matcher = Matcher([Query("one", "1", rule("a")), Query("two", "1", rule("b"))])
    matcher.put(Query("one", "2", rule("ccc*")))
    assert _told(matcher, entry("a b ccc")) == [("two", "1"), ("one", "2")]
    assert _told(matcher, entry("a")) == []


def test_a_query_taken_out_matches_no_more() -> None:
    matcher = Matcher([Query("one", "1", rule("a")), Query("two", "1", rule("lang:es"))])
    matcher.remove("one")
    matcher.remove("never there")
    assert _told(matcher, entry("a")) == [("two", "1")]


def test_an_update_touches_only_what_is_new_or_gone() -> None:
    kept, old = Query("kept", "1", rule("a")), Query("old", "1", rule("b"))
    matcher = Matcher([kept, old, Query("gone", "1", rule("c"))])
    matcher.update([Query("old", "2", rule("d")), kept, Query("new", "1", rule("e"))])
    assert _told(matcher, entry("a b c d e")) == [("kept", "1"), ("old", "2"), ("new", "1")]
    assert matcher.queries()[0] is kept


def test_a_matcher_changed_very_often_stays_small_and_right() -> None:
    matcher = Matcher([Query("other", "1", rule("b"))])
    for version in range(300):
        matcher.put(Query("one", str(version), rule("a")))
    assert _told(matcher, entry("a b")) == [("other", "1"), ("one", "299")]
    assert len(matcher._held) < 200


def test_an_explanation_shows_every_part_with_its_answer() -> None:
    dated = replace(item("b", 4), from_date=date(2027, 1, 1), until_date=date(2027, 2, 1))
    asked = Rule(
        any=(item("a NEAR/2 b AND NOT title:c", 3), dated, Rule(all=(item("ATLEAST/2 x", 6),), line=5)),
        none=(item("z", 8),),
        line=2,
    )
    [told] = Matcher([Query("topic", "v1", asked)]).explain(entry("a b"))
    proof = (Evidence("a", TextField.TITLE, 0, 1, 3), Evidence("b", TextField.TITLE, 2, 3, 3))
    near = Finding("a NEAR/2 b", 3, True, (Finding("a", 3, True), Finding("b", 3, True)))
    in_title = Finding("title:c", 3, False, (Finding("c", 3, False),))
    first = (near, Finding("NOT title:c", 3, True, (in_title,)))
    period = "counts only for entries published from 2027-01-01 until 2027-02-01"
    nested = Finding("all of", 5, False, (Finding("ATLEAST/2 x", 6, False, (Finding("x", 6, False),)),))
    assert told == Explanation(
        "topic",
        "v1",
        True,
        (
            Finding(
                "any of",
                2,
                True,
                (
                    Finding("a NEAR/2 b AND NOT title:c", 3, True, first, proof),
                    Finding("b", 4, False, note=period),
                    Finding("rule", 5, False, (nested,)),
                ),
            ),
            Finding("none of", 2, True, (Finding("z", 8, False),)),
        ),
        proof,
    )


@pytest.mark.parametrize(
    ("first", "last", "note"),
    [
        (date(2027, 1, 1), None, "counts only for entries published from 2027-01-01"),
        (None, date(2025, 1, 1), "counts only for entries published until 2025-01-01"),
    ],
)
def test_an_explanation_says_when_an_item_counts(first: date | None, last: date | None, note: str) -> None:
    dated = replace(item("a"), from_date=first, until_date=last)
    [told] = Matcher([Query("topic", "v1", Rule(any=(dated,)))]).explain(entry("a"))
    assert told.findings[0].parts[0].note == note
    assert not told.holds
    assert told.evidence == ()


# --------------------------------------------------------------------- against the oracle, laws

_TEXT_WORDS = [
    "ano", "año", "an\u0303o", "Año", "ANO", "anos", "añoso", "kast", "Kast", "KAST", "钱", "凯港", "Kast钱",
    "U.S.", "us", "EE. UU.", "#AnoKast", "#añoUS", "3,5", "5", "Kast's", "-", "y",
]  # fmt: skip
_TERMS = [
    "ano", "año", "Kast", "kast y", "ano ano", "ano Kast", "钱凯", "钱", "凯港", "us", "U.S.", "EEUU",
    "EE UU", "anokast",
    "ano*", "año*", "kas*", "a?o", "ano?*", "ano*t", "kas* ano", "5", "3.5", "ano Kast us",
    "name:Kast", "case:KAST", "case:us", "accents:ano", "accents:Año", "loose:año", "loose:name:Año",
    "loose:año*",
    "case:accents:loose:añ?", "name:AnoKast",
    "forms:ano", "forms:año kast", "loose:forms:años", "forms:AnoKast", "name:Y Kast", "case:Y Kast",
]  # fmt: skip


def _operators(inner: st.SearchStrategy[str], names: list[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(inner, st.sampled_from(names), inner)
    return parts.map(lambda part: f"({part[0]} {part[1]} {part[2]})")


entry_texts = st.lists(st.sampled_from(_TEXT_WORDS), max_size=8).map(" ".join)
entries = st.builds(entry, entry_texts, entry_texts)
terms = st.sampled_from(_TERMS)
places = st.recursive(
    terms,
    lambda inner: st.one_of(
        _operators(inner, ["OR", "NEAR/1", "NEAR/3", "ONEAR/2"]),
        st.tuples(st.sampled_from(["title:", "text:"]), inner).map("".join),
    ),
    max_leaves=4,
)
expressions = st.recursive(
    st.one_of(
        places,
        _operators(places, ["NOT NEAR/1", "NOT NEAR/3"]),
        places.map("ATLEAST/2 ({})".format),
        st.sampled_from(["lang:es", "lang:en"]),
    ),
    lambda inner: st.one_of(
        _operators(inner, ["AND", "OR"]),
        inner.map("NOT ({})".format),
        st.tuples(st.sampled_from(["title:", "text:"]), inner).map("{0[0]}({0[1]})".format),
    ),
    max_leaves=5,
)
periods = st.sampled_from([None, None, None, date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)])
items = st.builds(Item, expressions.map(parse_expression), st.integers(1, 4), periods, periods)
groups = st.lists(items, max_size=2).map(tuple)
flat_rules = st.builds(Rule, groups, groups, groups)
rules = st.builds(
    lambda outer, inner: replace(outer, any=(*outer.any, *inner)),
    flat_rules,
    st.lists(flat_rules.filter(lambda inner: inner != Rule()), max_size=1),
).filter(lambda made: find_rule_fault(made) is None)


def answer(asked: Rule, of: Entry) -> set[tuple[str, TextField, int, int, int]] | None:
    report = matches(asked, of)
    if not report:
        return None
    proofs = [(e.term, e.field, e.start, e.end, e.line) for e in report[0].evidence]
    assert len(set(proofs)) == len(proofs)
    return set(proofs)


@pytest.mark.slow
@LAW
@given(rules, entries)
def test_the_matcher_and_the_oracle_agree_on_rules(asked: Rule, of: Entry) -> None:
    assert answer(asked, of) == oracle(asked, of)


@LAW
@given(expressions, entries)
def test_the_matcher_and_the_oracle_agree_on_expressions(text: str, of: Entry) -> None:
    asked = Rule(all=(item(text),))
    assert answer(asked, of) == oracle(asked, of)


@pytest.mark.slow
@LAW
@given(st.lists(rules, min_size=1, max_size=4), entries)
def test_leaving_out_the_index_changes_nothing(asked: list[Rule], of: Entry) -> None:
    matcher = Matcher(Query(str(number), "v", made) for number, made in enumerate(asked))
    told = [told for told in matcher.explain(of) if told.holds]
    report = matcher.match(of)
    assert [(match.watchlist_id, match.evidence) for match in report] == [
        (each.watchlist_id, each.evidence) for each in told
    ]


@LAW
@given(expressions, entries)
def test_composed_and_decomposed_entries_match_alike(text: str, of: Entry) -> None:
    composed, decomposed = (
        replace(
            of,
            title=unicodedata.normalize(form, of.title),
            summary=unicodedata.normalize(form, of.summary),
        )
        for form in ("NFC", "NFD")
    )
    assert bool(matches(rule(text), composed)) is bool(matches(rule(text), decomposed))


@LAW
@given(expressions, entries)
def test_denying_twice_changes_nothing(text: str, of: Entry) -> None:
    once, twice = rule(text), rule(f"NOT (NOT ({text}))")
    assert answer(once, of) == answer(twice, of)


@LAW
@given(expressions, expressions, st.sampled_from(["AND", "OR"]), entries)
def test_the_order_of_operands_does_not_matter(left: str, right: str, operator: str, of: Entry) -> None:
    one, other = rule(f"({left}) {operator} ({right})"), rule(f"({right}) {operator} ({left})")
    assert answer(one, of) == answer(other, of)


@LAW
@given(places, places, st.integers(1, 4), entries)
def test_near_looks_in_both_directions(left: str, right: str, distance: int, of: Entry) -> None:
    one, other = rule(f"({left}) NEAR/{distance} ({right})"), rule(f"({right}) NEAR/{distance} ({left})")
    assert answer(one, of) == answer(other, of)


@LAW
@given(expressions, entries)
def test_a_branch_that_never_matches_changes_nothing(text: str, of: Entry) -> None:
    assert answer(rule(text), of) == answer(rule(f"({text}) OR nowhere"), of)


@LAW
@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | expressions), max_size=8), entries)
def test_changed_one_by_one_is_as_if_built_at_once(changes: list[tuple[str, str | None]], of: Entry) -> None:
    changed, wanted = Matcher([]), dict[str, Query]()
    for name, text in changes:
        wanted.pop(name, None)
        if text is None:
            changed.remove(name)
        elif find_rule_fault(rule(text)) is None:
            wanted[name] = Query(name, text, rule(text))
            changed.put(wanted[name])
        else:
            changed.remove(name)
    assert changed.match(of) == Matcher(wanted.values()).match(of)


def test_a_block_that_stands_in_many_items_answers_for_each_field_by_itself() -> None:
    words = [parse_expression(text) for text in ("a", "bbb*", "c d", "name:E", "f", "g", "hhh*", "i?")]
    block = {"block": Or(tuple(words), text="$block")}
    made = Rule(
        any=tuple(
            Item(parse_expression(text, block), line)
            for line, text in enumerate(("title:$block AND x", "text:$block AND y", "$block AND z"), 1)
        )
    )
    for title, text, lines in (
        ("x y z c d", "", {1, 3}),
        ("x y z", "c d", {2, 3}),
        ("x y z", "bbbb E", {2, 3}),
        ("x y z e", "hh", set()),
    ):
        of = entry(title, text)
        assert {line for *_, line in answer(made, of) or ()} == lines
        assert answer(made, of) == oracle(made, of)
