"""The search page over a real store: what it finds, says and gives as files."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from service import loop
from service.domain import Entry
from service.pipeline import Hit, searching
from service.store import END, Store
from service.web import Health, View, create_app
from service.web.search_export import COLUMNS, csv_lines, json_lines
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, fill, open_filled, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

WELL = Health(ok=True, checks={"poll": "ok"})


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened, _ = open_filled(tmp_path_factory.mktemp("search"))
    yield opened
    opened.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    yield opened
    opened.close()


def get(store: Store, path: str = "/search", language: str = "en", **fields: str) -> Response:
    app = create_app(View(store, lambda: (), lambda: WELL, "America/Lima", lambda: NOW))

    async def ask() -> Response:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(path, params=fields, headers={"Accept-Language": language})

    return loop.run(ask())


def headlines(answer: Response) -> list[str]:
    found = answer.text.partition('<div id="found">')[2]
    return [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<h3>(.*?)</h3>", found, re.DOTALL)]


def counted(answer: Response) -> str:
    found = re.search(r'id="counted" role="status">(.*?)</p>', answer.text)
    assert found
    return unescape(found[1])


def test_an_expression_finds_articles_with_their_words_marked_and_their_event(filled: Store) -> None:
    answer = get(filled, q="chancay AND NOT ositran")
    assert answer.status_code == 200
    assert headlines(answer)
    assert all("chancay" in answer.text.lower() for _ in headlines(answer))
    assert re.search(r"<h3><a [^>]*><bdi[^>]*>[^<]*<mark>Chancay</mark>", answer.text)
    assert re.search(r'In: <a href="/events/[\w-]+">', answer.text)
    assert re.fullmatch(r"\d+ articles? found, of [\d,]+ articles looked through", counted(answer))


def test_without_words_the_newest_articles_are_shown(filled: Store) -> None:
    answer = get(filled)
    assert headlines(answer)
    assert "of" in counted(answer)


@pytest.mark.slow
def test_a_mistake_is_said_in_the_words_of_the_language_at_its_place(filled: Store) -> None:
    answer = get(filled, q="Kast NEAR (debate OR foro)")
    assert "NEAR needs a distance. Write NEAR/10" in answer.text
    assert "<bdi>Kast <mark>NEAR</mark> (debate OR foro)</bdi>" in answer.text
    assert "NEAR lleva una distancia. Escriba NEAR/10" in get(filled, q="Kast NEAR foro", language="es").text
    assert not headlines(answer)
    assert get(filled, "/search.csv", q="(").status_code == 400
    assert get(filled, "/search.json", q="(").status_code == 400


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("since", "yesterday", "This is no date."),
        ("until", "9999-12-31", "This is no date."),
        ("group", "friends", "Nothing like this can be chosen here."),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(filled: Store, field: str, value: str, words: str) -> None:
    answer = get(filled, q="Chancay", **{field: value})
    assert f'id="fault-{field}" role="alert">{words}' in answer.text
    assert f'aria-describedby="fault-{field}"' in answer.text


@pytest.mark.slow
def test_days_turned_round_are_named(filled: Store) -> None:
    assert "This day is before the first one." in get(filled, since="2026-11-20", until="2026-11-18").text


@pytest.mark.slow
def test_fields_narrow_it_down(filled: Store) -> None:
    everything = set(headlines(get(filled, q="chancay OR puerto OR 钱凯")))
    by_outlet = set(headlines(get(filled, q="chancay OR puerto OR 钱凯", outlet="diario del muelle")))
    assert by_outlet
    assert by_outlet < everything
    matched = set(headlines(get(filled, watchlist="chancay-port")))
    assert matched == set(headlines(get(filled, watchlist="*"))) & matched
    assert not matched & set(headlines(get(filled, watchlist="-")))
    assert headlines(get(filled, country="PE", group="state-media", language_of="es")) is not None
    assert headlines(get(filled, since="2026-11-22", until="2026-11-22", q="chancay"))
    assert not headlines(get(filled, until="2020-01-01", q="chancay"))
    assert "<details open>" in get(filled, country="PE").text
    assert "<details>" in get(filled).text


def test_nothing_found_says_out_of_how_much_and_what_comes_nearest(filled: Store) -> None:
    answer = get(filled, q="Chancay AND zeppelin")
    assert re.fullmatch(r"None, of [\d,]+ articles looked through\.", counted(answer))
    assert "What comes nearest" in answer.text
    assert "It lacks zeppelin." in answer.text


def test_an_empty_archive_says_so(empty: Store) -> None:
    assert counted(get(empty, q="Chancay")) == "No article can be searched yet."


@pytest.mark.slow
def test_an_archive_that_is_being_indexed_says_how_far(filled: Store, empty: Store) -> None:
    fill(empty)
    with empty._database.write() as session:
        session.connection().exec_driver_sql("UPDATE entry SET place = NULL WHERE id % 2 = 0")
    assert re.search(r"[\d,]+ of [\d,]+ articles can be searched so far", get(empty).text)
    assert "can be searched so far" not in get(filled).text


@pytest.mark.slow
def test_older_articles_are_a_page_away(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching.Searching.ask, "__defaults__", (END, 2))
    answer = get(filled, q="chancay")
    pages = headlines(answer)
    assert len(pages) == 2
    while older := re.search(r'href="/search\?q=chancay&amp;(before=\d+)">Older articles', answer.text):
        answer = get(filled, q="chancay", before=older[1].removeprefix("before="))
        pages += headlines(answer)
    every = json.loads(get(filled, "/search.json", q="chancay").text)["articles"]
    assert pages == [one["headline"] or "(no headline)" for one in every]
    assert counted(answer).startswith("the last ")


def test_a_search_that_stops_at_its_bound_leads_further_back(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_LOOKED", 1)
    monkeypatch.setattr(searching, "_FIRST", 1)
    answer = get(filled, q="NOT a")
    assert "Look further back" in answer.text
    assert "looked back until" in answer.text
    assert "found so far" in counted(answer)


@pytest.mark.slow
@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_a_place_that_is_none_is_passed_over(filled: Store, before: str) -> None:
    assert headlines(get(filled, before=before)) == headlines(get(filled))


@pytest.mark.slow
def test_the_whole_comes_as_csv_and_json(filled: Store) -> None:
    table = get(filled, "/search.csv", q="chancay")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    articles = json.loads(get(filled, "/search.json", q="chancay").text)
    assert articles["query"] == "chancay"
    assert [row["headline"] for row in rows] == [one["headline"] for one in articles["articles"]]
    assert all(row["found_words"] == "chancay" for row in rows)
    assert {"chancay-port"} <= {name for one in articles["articles"] for name in one["watchlists"]}


def _entry(title: str) -> Entry:
    return Entry.unstored(title, title, at=NOW)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_a_file_gives_back_what_stood_in_the_articles_and_no_formula(titles: list[str]) -> None:
    hits = [Hit(_entry(title)) for title in titles]
    text = "".join(csv_lines(hits)).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(COLUMNS)
    for row, title in zip(rows[1:], titles, strict=True):
        assert row[0] in {title, f"'{title}"}
        assert not row[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    articles = json.loads("".join(json_lines("q", hits)))["articles"]
    assert [one["headline"] for one in articles] == titles


@pytest.mark.slow
def test_what_a_stranger_wrote_is_escaped_everywhere(empty: Store) -> None:
    evil = "<script>alert(1)</script> Chancay \u202e x"
    room = Newsroom(empty)
    room.open_feeds(source("Hostil", "IL", "he"))
    room.poll("Hostil", Written("Hostil", evil, evil, url="javascript:alert(1)"), at=NOW)
    answer = get(empty, q='Chancay OR "<script>"')
    assert "<script>alert" not in answer.text
    assert "javascript:" not in answer.text
    assert "<script>x" not in get(empty, q="<script>x", outlet="<script>x").text


@pytest.mark.slow
@pytest.mark.parametrize(("language", "words"), [("es", "Buscar en el archivo"), ("pt", "Buscar no arquivo")])
def test_the_search_speaks_the_language_of_its_reader(filled: Store, language: str, words: str) -> None:
    assert words in get(filled, language=language, q="Chancay").text
    assert "None" not in get(filled, language=language, q="Chancay").text


@pytest.mark.slow
def test_days_are_those_of_the_reader(empty: Store) -> None:
    room = Newsroom(empty)
    room.open_feeds(source("Andina", "PE", "es"))
    late = NOW.replace(hour=3)  # still the day before in Lima
    room.poll("Andina", Written("Andina", "Chancay de noche", at=late), at=NOW)
    assert headlines(get(empty, q="Chancay", since="2026-11-21", until="2026-11-21")) == ["Chancay de noche"]
    assert not headlines(get(empty, q="Chancay", since="2026-11-22"))
    room.poll("Andina", *(Written("Andina", f"Chancay {hour}", at=NOW - hour * HOUR) for hour in range(2)))
    for days, said in (
        ({"since": "2026-11-21", "until": "2026-11-21"}, "1 article found, of 1 article looked through"),
        ({"since": "2026-11-22", "until": "2026-11-22"}, "2 articles found, of 2 articles looked through"),
        ({"until": "2026-11-21"}, "1 article found, of 1 article looked through"),
        ({"since": "2026-11-22"}, "2 articles found, of 2 articles looked through"),
        ({"since": "2026-11-21"}, "3 articles found, of 3 articles looked through"),
    ):
        assert counted(get(empty, q="Chancay", **days)) == said
    assert late + timedelta(days=1) > NOW
