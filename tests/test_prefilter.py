"""What the index of words is asked for is never more than an entry holds that the matcher finds."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.match import (
    Document,
    Fact,
    FactKind,
    Item,
    Query,
    Rule,
    fact_holds,
    find_near_misses,
    parse_expression,
    prefilter,
)
from service.match.parser import FORMS_LANGUAGES
from service.match.prefilter import (
    LONGEST,
    Beginning,
    Every,
    Form,
    Need,
    OfFeed,
    Some,
    Word,
    indexed_facts,
    indexed_form,
    indexed_forms,
    indexed_words,
    near_need_of,
    near_need_of_rule,
    need_of,
)
from service.text import fold, is_han, stems, words
from tests.match_campaign import _entry, _expression, _rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import Entry


def forms_of(texts: Iterable[str]) -> set[tuple[str, str]]:
    forms = indexed_forms()
    for text in texts:
        forms.add(text)
    return forms.found()


def is_held(need: Need | None, entry: Entry) -> bool:  # noqa: PLR0911 -- one kind of need a line
    """Ask a need of an entry, the long way."""
    words = indexed_words(entry.title, entry.summary) | indexed_facts(entry.feed_id, entry.language)
    match need:
        case None:
            return True
        case Word(word):
            return word in words
        case Beginning(head):
            return any(word.startswith(head) for word in words)
        case Form(stem):
            return any(
                one == stem and word in words
                for one, word in map(indexed_form, forms_of((entry.title, entry.summary)))
            )
        case OfFeed(fact):
            return fact_holds(fact, entry)
        case Every(parts):
            return all(is_held(part, entry) for part in parts)
        case Some(parts):
            return any(is_held(part, entry) for part in parts)


@pytest.mark.slow
@given(st.integers(0, 1_000_000))
def test_whatever_the_matcher_finds_holds_what_the_index_is_asked_for(seed: int) -> None:
    draw = Random(seed)
    for number in range(20):
        text, entry = _expression(draw, draw.choice((0, 1, 2, 3))), _entry(draw, number)
        expression = parse_expression(text)
        if Query("", "", Rule(all=(Item(expression),))).program.holds(Document.of(entry)):
            assert is_held(need_of(expression), entry), text


@given(st.integers(0, 2**32))
def test_whatever_nearly_matches_a_rule_holds_what_the_index_is_asked_for(seed: int) -> None:
    draw = Random(seed)
    for number in range(5):
        rule, entry = _rule(draw), _entry(draw, number)
        program, document = Query("", "", rule).program, Document.of(entry)
        if "NOT" in repr(rule):
            continue
        if not program.holds(document) and find_near_misses(program, document):
            assert is_held(near_need_of_rule(rule), entry), rule


@given(st.text(), st.text())
def test_every_word_of_any_text_is_found_by_itself(title: str, summary: str) -> None:
    for word in indexed_words(title, summary):
        assert 0 < len(word) <= LONGEST
        assert not any(char.isspace() or char in "\"'\\&|!()*:<>" for char in word if char.isascii())


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("Chancay", Word("chancay")),
        ("puerto de Chancay", Every((Word("puerto"), Word("de"), Word("chancay")))),
        ("candidat*", Beginning("candidat")),
        ("neg*ción", Beginning("neg")),
        ("?ancay", None),
        ("loose:Peña", Some((Word("peña"), Word("pena")))),
        ("钱凯港", Every((Word("钱"), Word("凯"), Word("港"), Word("钱凯"), Word("凯港")))),
        ("A NEAR/3 B", Every((Word("a"), Word("b")))),
        ("A NOT NEAR/3 B", Word("a")),
        ("ATLEAST/2 A", Word("a")),
        ("title:A", Word("a")),
        ("NOT A", None),
        ("A AND NOT B", Word("a")),
        ("A OR NOT B", None),
        ("A OR A", Word("a")),
        ("lang:es-PE", Word("lang.es-pe")),
        ("country:PE", OfFeed(Fact(FactKind.COUNTRY, "pe"))),
        ("x" * 50, Word("x" * LONGEST)),
        ("AB-1", Every((Word("ab"), Word("1")))),
        ("source:andina", OfFeed(Fact(FactKind.SOURCE, "andina"))),
        ("3.5", Word("3.5")),
    ],
)
def test_an_expression_needs(text: str, need: Need | None) -> None:
    assert need_of(parse_expression(text)) == need


def test_the_forms_of_a_word_are_asked_for_by_their_stems_in_the_languages_that_are_indexed() -> None:
    need = need_of(parse_expression("forms:elección", languages=["es"]))
    assert need == Some((Word("eleccion"), Some((Word("eleccion"), Form("eleccion")))))
    assert ("eleccion", "elecciones") in forms_of(["Elecciones en Chile"])
    assert need_of(parse_expression("forms:Wahl", languages=["de"])) is None
    hashtag = forms_of(["#EleccionesEnChile", "¿Elecciones?"])
    assert ("eleccion", "elecciones") in hashtag
    assert any(word == "eleccionesenchile" for _, word in hashtag)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("A AND B AND NOT C", Some((Word("a"), Word("b")))),
        ("A NEAR/3 B", Some((Word("a"), Word("b")))),
        ("title:A", Word("a")),
        ("A OR B", None),
        ("NOT A AND NOT B", None),
    ],
)
def test_a_near_miss_holds_some_of_what_is_joined(text: str, need: Need | None) -> None:
    assert near_need_of(parse_expression(text)) == need


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("", set()),
        ("es", {"lang.es"}),
        ("es_PE", {"lang.es", "lang.es-pe"}),
        ("zh-Hans-CN-x", {"lang.zh", "lang.zh-hans", "lang.zh-hans-cn"}),
        ("es; drop", set()),
        ("es-ñ", {"lang.es"}),
    ],
)
def test_an_entry_is_found_by_its_feed_and_its_language(language: str, words: set[str]) -> None:
    assert indexed_facts(7, language) == {"feed.7"} | words


@given(st.lists(st.text(st.sampled_from("aeElecciónes sn#U.S.钱\n"), max_size=40), max_size=4))
def test_the_forms_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    each = [
        {
            (stem, fold(text[word.start : word.end]))
            for word in words(text)
            if not is_han(word.folded)
            for _, stem in stems(text[word.start : word.end], FORMS_LANGUAGES)
        }
        for text in texts
    ]
    plain = {(stem, word) for stem, word in set().union(*each) if stem != word}
    found = forms_of(texts)
    assert plain <= found
    assert found == set().union(*(forms_of([text]) for text in texts))


def test_a_full_memory_of_plain_words_is_exchanged_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ["Puerto de Chancay 3.5 钱凯港", f"puerto {'x' * 50}"]
    expected = [indexed_words(text, "") for text in texts]
    monkeypatch.setattr(prefilter, "_MOST_PLAIN", 2)
    monkeypatch.setattr(prefilter, "_PLAIN", [{"puerto", "de", "chancay"}])
    assert [indexed_words(text, "") for text in texts] == expected
    assert prefilter._PLAIN[0] == {"3.5", "puerto"}


def test_signs_alone_are_no_words() -> None:
    assert indexed_words("-- … ¡!", "") == set()


def test_the_words_of_entries_are_still_those_that_stand_in_the_index() -> None:
    """If this fails, words are read otherwise than before.

    Then a migration must empty the index and set every `place` to NULL, so that all is indexed anew;
    after that, note the new words here.
    """
    text = (
        "Perú: #PuertoDeChancay, EE. UU. y China’s 1,000.5 MW; año ﬁnal Straße, 钱凯港 ガス Łódź U.S. Ельцин"
    )
    assert sorted(indexed_words(text, "")) == sorted(
        [
            *(
                "peru",
                "puerto",
                "de",
                "chancay",
                "puertodechancay",
                "eeuu",
                "y",
                "china",
                "1000.5",
                "mw",
                "año",
            ),
            *("final", "strasse", "钱", "凯", "港", "钱凯", "凯港", "港ガ", "ガ", "ス", "ガス", "lodz", "us"),
            "ельцин",
        ]
    )
