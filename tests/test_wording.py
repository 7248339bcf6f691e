"""Every text we say is there in every language, and dates and numbers are said as the language has them."""

from __future__ import annotations

import ast
import gc
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from service.wording import LANGUAGES, Wording, later, wording_for

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SERVICE = Path("service")
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
SAYERS = {"say": None, "later": None, "_": None, "count": (2, 3)}
OTHERS = [language for language in LANGUAGES if language != "en"]
NOON = datetime(2026, 11, 3, 12, 5, tzinfo=UTC)
Said = tuple[str, ...]


@cache
def _said() -> frozenset[Said]:
    """Give every text that the program says, those of counts with both forms."""
    found = extract_from_dir(SERVICE, method_map=METHODS, keywords=SAYERS)
    return frozenset(said if isinstance(said, tuple) else (said,) for _, _, said, _, _ in found)


@cache
def _catalogue(language: str) -> Catalog:
    with (SERVICE / "wording" / "locales" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> Said:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str) -> None:
    held = {_forms(message.id) for message in _catalogue(language) if message.id}
    assert held == _said()
    assert not _catalogue(language).obsolete
    assert len(held) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_translated_with_the_fields_of_the_original(language: str) -> None:
    for message in _catalogue(language):
        if message.id:
            forms = _forms(message.string)
            assert all(forms), message.id
            assert not message.fuzzy, message.id
            assert {frozenset(_fields(form)) for form in forms} == {
                frozenset(_fields(form)) for form in _forms(message.id)
            }, message.id
            ends = {form[-1] == "." for form in (*forms, *_forms(message.id))}
            assert len(ends) == 1, message.id


def _parsed(path: Path) -> ast.Module:
    """Read a module; what is collected as garbage meanwhile may run code, over which Python 3.11 stumbles."""
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def test_nothing_is_said_where_the_catalogues_cannot_see_it() -> None:
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.JoinedStr):
                called = {
                    getattr(one.func, "attr", getattr(one.func, "id", ""))
                    for one in ast.walk(node)
                    if isinstance(one, ast.Call) and any(isinstance(arg, ast.Constant) for arg in one.args)
                }
                assert not called & {"say", "count", "later"}, f"{path}:{node.lineno}"


def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert [wording_for(language).language for language in ("es", "pt", "xx", "", "../es")] == [
        *("es", "pt"),
        *("en", "en", "en"),
    ]
    assert wording_for("es") is wording_for("es")
    assert dict(LANGUAGES) == {"en": "English", "es": "Español", "pt": "Português"}


def _count_reports(wording: Wording, number: int) -> str:
    return wording.count(number, "{number} report", "{number} reports")


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        ("en", ["0 reports", "1 report", "2 reports", "1,204 reports"]),
        ("es", ["0 notas", "1 nota", "2 notas", "1,204 notas"]),
        ("pt", ["0 notícia", "1 notícia", "2 notícias", "1.204 notícias"]),
    ],
)
def test_counts_agree_with_their_words(language: str, counted: list[str]) -> None:
    assert [_count_reports(wording_for(language), number) for number in (0, 1, 2, 1_204)] == counted


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["0.4", "A, B and C", "3 Nov", "3 Nov 2026", "3 November 2026", "Tuesday", "Mexico City"]),
        (
            "es",
            [
                "0.4",
                "A, B y C",
                "3 nov",
                "3 nov 2026",
                "3 de noviembre de 2026",
                "martes",
                "Ciudad de México",
            ],
        ),
        (
            "pt",
            [
                *("0,4", "A, B e C", "3 de nov.", "3 de nov. de 2026"),
                *("3 de novembro de 2026", "terça-feira", "Cidade do México"),
            ],
        ),
    ],
)
def test_numbers_lists_dates_and_places_are_those_of_the_language(language: str, said: list[str]) -> None:
    wording = wording_for(language)
    assert [
        wording.say_number(Decimal("0.4")),
        wording.say_list(["A", "B", "C"]),
        wording.say_day(NOON),
        wording.say_day(NOON, with_year=True),
        wording.say_date(NOON),
        wording.say_weekday(NOON),
        wording.say_place(ZoneInfo("America/Mexico_City")),
    ] == said


def test_spans_of_time_are_whole_minutes_hours_or_days() -> None:
    lags = [timedelta(seconds=59), timedelta(minutes=59), timedelta(hours=47), timedelta(days=2)]
    assert [wording_for("pt").say_lag(lag) for lag in lags] == ["0 min", "59 min", "47 h", "2 d"]
    assert wording_for("pt").say_time(NOON) == "12:05"
    assert wording_for("es").say_place(ZoneInfo("UTC")) == "UTC"


@given(st.text(), st.sampled_from(sorted(LANGUAGES)))
def test_what_fills_a_field_is_never_read_as_a_field(words: str, language: str) -> None:
    said = wording_for(language).say("Read it at {outlet}", outlet=words)
    assert said.endswith(f" {words}")
    assert later(words) == words
