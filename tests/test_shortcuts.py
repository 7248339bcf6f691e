"""What is usual is read at one look, and is what the long way would have read."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.match.prefilter import indexed_words
from service.parse import dates
from service.parse.characters import _C1, _windows_1252, readable
from service.parse.dates import _any_moment, _believed, _plain, parse_date
from service.text import canonical_url, plain, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTHING = re.compile("(?!)")

# ------------------------------------------------------------------------------------------ dates


def numbers(first: int, last: int, digits: str = "02") -> st.SearchStrategy[str]:
    return st.integers(first, last).map(lambda number: f"{number:{digits}}")


DAY = st.one_of(numbers(0, 33), numbers(0, 33, ""))
YEAR = st.one_of(numbers(1985, 2035, ""), numbers(0, 9999, "04"), st.just("9999"))
CLOCK = st.tuples(numbers(0, 25), numbers(0, 61), numbers(0, 61)).map(":".join)
MONTH = st.sampled_from(
    ["Jan", "feb", "MAR", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Foo", "ene", "Mär"]
)
OFFSET = st.builds(
    "{}{}{}{}".format, st.sampled_from("+-"), numbers(0, 25), st.sampled_from(["", ":"]), numbers(0, 99)
)
ZONE = st.one_of(OFFSET, st.sampled_from(["GMT", "gmt", "UT", "Z", "z", "EST", "", "+", "GMT+1", "+03", "X"]))
USUAL = st.builds(
    "{}, {} {} {} {} {}".format, st.sampled_from(["Mon", "lun", "Xyz", "M"]), DAY, MONTH, YEAR, CLOCK, ZONE
)
USUAL_ISO = st.builds(
    "{}-{}-{}{}{}{}{}".format,
    YEAR,
    numbers(0, 13),
    DAY,
    st.sampled_from(["T", "t", " ", ""]),
    CLOCK,
    st.sampled_from(["", ".1", ".123456789", ".", ",5"]),
    ZONE,
)


@given(st.one_of(USUAL, USUAL_ISO), st.sampled_from(["", " ", "\n"]))
def test_a_usual_date_is_what_all_forms_make_of_it(text: str, around: str) -> None:
    assert parse_date(f"{around}{text}{around}") == _believed(_any_moment(_plain(text)))


@pytest.mark.parametrize("text", ["Mon, 02 Mar 2026 07:15:00 -0300", "2026-03-02T10:15:00.5Z"])
def test_usual_dates_are_read_at_one_look(text: str) -> None:
    with patch.object(dates, "_any_moment", return_value=None):
        assert parse_date(text) == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


# -------------------------------------------------------------------------------------- addresses


@contextmanager
def _the_long_way() -> Iterator[None]:
    with patch("service.text.address._SIMPLE", _NOTHING):
        yield


HOST = st.text(alphabet="aB9-.", min_size=1, max_size=6)
PIECES = st.sampled_from(
    [
        "//",
        "aZ9",
        "%C3",
        "utm_source=rss",
        "a=b",
        "b=a",
        "q=",
        *"ñ钱\xa0\xad\u2028\ud7ff\ud800\ue000\U0001f6a2",
        *"/%:@!'(*+,;=~._-?&# []\t\\\"|^",
    ]
)
ADDRESS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp", "httpſ"]),
    st.one_of(st.just("news.example"), st.just("news.google.com"), HOST),
    st.sampled_from(["", "/", "?", "/a", "/a/", ":80", ":443/", "./", "/?"]),
    st.lists(PIECES, max_size=8).map("".join),
)


@given(ADDRESS)
def test_a_simple_address_has_the_form_that_any_address_is_given(url: str) -> None:
    with _the_long_way():
        expected = canonical_url(url)
    assert canonical_url(url) == expected


def test_simple_addresses_are_not_taken_apart() -> None:
    with patch("service.text.address.urlsplit", side_effect=AssertionError):
        assert canonical_url("https://news.example/2026/a-b.html?utm_source=rss") == (
            "https://news.example/2026/a-b.html"
        )
        assert canonical_url("https://news.example/año") == "https://news.example/a%C3%B1o"


# ------------------------------------------------------------------------------------- characters

CHARACTERS = st.text(alphabet="aé\x80\x93\x9f\xa0\xadñ’—\u0301\u0308\n \u200b", max_size=30)


@given(CHARACTERS)
def test_what_holds_no_control_characters_is_readable_as_it_is(text: str) -> None:
    assert readable(text) == _C1.sub(_windows_1252, text)


@given(CHARACTERS)
@example("  Puerto  de   Chancay ")
def test_printable_text_becomes_one_line_as_any_text_does(text: str) -> None:
    with patch("service.text.plain._with_single_spaces", plain._seen):
        expected = plain_text(text)
    assert plain_text(text) == expected


@given(CHARACTERS)
def test_marks_are_looked_for_only_where_some_can_be(text: str) -> None:
    with patch("service.text.plain._is_western", return_value=False):
        expected = plain_text(text)
    assert plain_text(text) == expected


# ------------------------------------------------------------------------------------------ words

WORDS = st.text(alphabet=st.sampled_from("aÉñ1.3,'#_-钱港ガ\u3099가\u0301 ") | st.characters(), max_size=60)


@given(WORDS, WORDS)
@example("钱凯港 puerto", "")
@example("x" * 41, "")
def test_plain_words_stand_in_the_index_as_any_words_would(title: str, summary: str) -> None:
    with patch("service.match.prefilter._has_special", return_value=True):
        expected = indexed_words(title, summary)
    assert indexed_words(title, summary) == expected
