"""What nearly matched, and what was missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.match import Lack, Matcher, Query, Rule
from tests.test_matcher import LAW, entry, item, rule


def _misses(asked: Rule, title: str, summary: str = "") -> list[tuple[int, str, str, str]]:
    found = Matcher([Query("x", "1", asked)]).near_misses(entry(title, summary))
    return [(one.line, one.lack.value, one.missing, one.present) for _, misses in found for one in misses]


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("a AND b", "a", [("words", "b", "a")]),
        ("a AND b AND c", "a c", [("words", "b", "a AND c")]),
        ("a AND b AND c", "a", []),
        ("a AND b", "x", []),
        ("a AND NOT b", "a b", []),
        ("a AND lang:en", "a", []),
        ("lang:es AND b", "a", []),
        ("a NEAR/1 b", "a x b", [("distance", "a NEAR/1 b", "a, b")]),
        ("a NEAR/1 b", "b", [("words", "a", "b")]),
        ("a NEAR/1 b", "a", [("words", "b", "a")]),
        ("a NEAR/1 b", "x", []),
        ("a AND b NEAR/1 c", "a b x c", [("distance", "b NEAR/1 c", "a")]),
        ("a AND title:b", "a", [("words", "title:b", "a")]),
        ("a", "x", []),
    ],
)
def test_an_item_lacks_one_part(text: str, title: str, expected: list[tuple[str, str, str]]) -> None:
    assert _misses(rule(text), title) == [(1, *one) for one in expected]


def test_words_in_the_other_field_are_a_near_miss() -> None:
    assert _misses(rule("title:b"), "x", "b") == [(1, "field", "title:b", "b")]
    assert _misses(rule("a AND title:b"), "a", "b") == [(1, "field", "title:b", "a")]
    assert _misses(rule("title:b"), "x", "y") == []


def test_an_item_outside_its_period_is_a_near_miss_where_its_words_are() -> None:
    asked = Rule(any=(replace(item("a", 3), until_date=date(2020, 1, 1)),))
    assert _misses(asked, "a") == [(3, "period", "the beginning to 2020-01-01", "a")]
    assert _misses(asked, "b") == []
    later = Rule(any=(replace(item("a", 3), from_date=date(2030, 1, 1)),))
    assert _misses(later, "a") == [(3, "period", "2030-01-01 to now", "a")]


def test_one_of_the_parts_of_all_may_be_missing() -> None:
    asked = Rule(all=(item("a", 1), item("b", 2), item("title:c", 3)))
    assert _misses(asked, "a c") == [(2, "words", "b", "a AND title:c")]
    assert _misses(asked, "a") == []
    assert _misses(Rule(all=(item("a", 1), item("lang:en", 2))), "a") == []
    assert _misses(Rule(all=(item("a AND b", 1),)), "a") == [(1, "words", "b", "a")]


def test_nested_rules_are_looked_into_and_what_excludes_ends_it() -> None:
    inner = Rule(all=(item("a", 4), item("b", 5)), none=(item("z", 6),))
    assert _misses(Rule(any=(inner, item("q AND r", 7))), "a q") == [
        (5, "words", "b", "a"),
        (7, "words", "r", "q"),
    ]
    assert _misses(Rule(any=(inner,)), "a z") == []
    nested = Rule(all=(item("x", 1), Rule(any=(item("a AND b", 2),))))
    assert _misses(nested, "x a") == [(2, "words", "b", "a")]


def test_what_matches_has_no_near_miss() -> None:
    assert _misses(rule("a AND b", "c AND d"), "a b c") == []
    assert Lack.WORDS.value == "words"


WORDS = ["a", "b", "c", "dos", "tres"]


@LAW
@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4, unique=True), st.sets(st.sampled_from(WORDS)))
def test_adding_the_missing_words_makes_it_match(parts: list[str], there: set[str]) -> None:
    asked = rule(" AND ".join(parts))
    title = " ".join(sorted(there)) or "x"
    for _, _, missing, _ in _misses(asked, title):
        assert Matcher([Query("x", "1", asked)]).matching(entry(f"{title} {missing}"))
