"""A search finds what the matcher would find walking through everything, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain import FeedGroup, FeedSource, ParsedEntry
from service.match import Document, Fact, FactKind, Item, Query, Rule, fact_holds, parse_expression
from service.pipeline import Question, Searching, searching
from service.store import Place, Store, Wanted
from service.store.word_index import empty_index
from tests.match_campaign import _entry, _expression

if TYPE_CHECKING:
    from service.domain import Entry, Feed
    from service.pipeline import Hit

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_SOURCES = [
    FeedSource(f"https://{number}.example/rss", title="T", outlet=outlet, country=country, group=group)
    for number, (outlet, country, group) in enumerate(
        [
            ("El Diario", "PE", FeedGroup.STATE_MEDIA),
            ("El Diario", "PE", FeedGroup.INDEPENDENT),
            ("Andina", "PE", FeedGroup.WIRE),
            ("La Nación", "", FeedGroup.INDEPENDENT),
        ]
    )
]


def open_feeds(store: Store) -> list[Feed]:
    store.feeds.sync(_SOURCES, first_poll_at=lambda host: NOW)
    return store.feeds.list_by_url([source.url for source in _SOURCES])


def keep(store: Store, feed: Feed, *parsed: ParsedEntry, at: datetime = NOW) -> list[Entry]:
    with store.batch(at) as batch:
        return list(batch.keep_unseen(feed, parsed).new)


def written(key: str, title: str, summary: str = "", **others: object) -> ParsedEntry:
    return replace(ParsedEntry(key, f"https://x.example/{key}", title, summary), **others)  # type: ignore[arg-type]


def fill(store: Store, count: int, seed: int = 1) -> None:
    """Store invented entries as polls do, some of them published later than seen, or at no known time."""
    draw, feeds = Random(seed), open_feeds(store)
    for number in range(count):
        one = _entry(draw, number)
        when = draw.choice((None, NOW - MINUTE * draw.randint(0, 9_000), NOW + MINUTE))
        parsed = written(f"{seed}-{number}", one.title, one.summary, published_at=when, language=one.language)
        keep(store, draw.choice(feeds), parsed, at=NOW + MINUTE * number)


def ask(store: Store, text: str, **others: object) -> list[str]:
    question = Question(parse_expression(text) if text else None, **others)  # type: ignore[arg-type]
    return [hit.entry.title for hit in Searching(store).walk(question)]


def walked(store: Store, text: str) -> list[int]:
    """Give what the matcher finds in everything, the newest first."""
    program = Query("", "", Rule(all=(Item(parse_expression(text)),))).program
    found = [
        one
        for one in store.archive.iter_entries(datetime.min.replace(tzinfo=UTC))
        if program.holds(Document.of(one))
    ]
    return [one.id for one in sorted(found, key=_newest_first)]


def _newest_first(entry: Entry) -> tuple[int, int]:
    return -int(entry.happened_at.timestamp() // 60), -entry.id


@pytest.fixture(scope="module")
def archive(opened_store: Store) -> Store:
    with opened_store._database.write() as session:
        empty_index(session)
    fill(opened_store, 250)
    return opened_store


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 1_000_000))
def test_a_search_finds_exactly_what_the_matcher_finds(archive: Store, seed: int) -> None:
    draw = Random(seed)
    text = _expression(draw, draw.choice((0, 1, 2, 3)))
    found = [hit.entry.id for hit in Searching(archive).walk(Question(parse_expression(text)))]
    assert found == walked(archive, text), text


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 1_000_000), st.integers(1, 40))
def test_page_after_page_is_the_whole_without_a_hit_twice(archive: Store, seed: int, most: int) -> None:
    text = _expression(Random(seed), 1)
    question, pages, place = Question(parse_expression(text)), list[int](), Place(1 << 62)
    while True:
        found = Searching(archive).ask(question, place, most)
        pages += [hit.entry.id for hit in found.hits]
        if found.further is None:
            break
        place = found.further
    assert pages == walked(archive, text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fact",
    [
        Fact(FactKind.COUNTRY, "pe"),
        Fact(FactKind.SOURCE, "eldiario"),
        Fact(FactKind.SOURCE, "nobody"),
        Fact(FactKind.GROUP, "wire"),
        Fact(FactKind.LANG, "es"),
        Fact(FactKind.LANG, "es-pe"),
    ],
)
def test_fields_take_what_their_facts_hold_of(archive: Store, fact: Fact) -> None:
    hits = list(Searching(archive).walk(Question(facts=(fact,))))
    everything = archive.archive.iter_entries(datetime.min.replace(tzinfo=UTC))
    assert {hit.entry.id for hit in hits} == {one.id for one in everything if fact_holds(fact, one)}
    assert all(not hit.evidence for hit in hits)


def test_days_bound_a_search_and_what_it_looks_through(emptied_store: Store) -> None:
    feed = open_feeds(emptied_store)[0]
    for day in (1, 2, 3):
        at = datetime(2026, 5, day, 23, 59, tzinfo=UTC)
        keep(
            emptied_store,
            feed,
            written(str(day), f"Kast {day}", published_at=at),
            at=NOW + 9 * 24 * 60 * MINUTE,
        )
    since, until = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    assert ask(emptied_store, "Kast", wanted=Wanted(since=since, until=until)) == ["Kast 2"]
    assert ask(emptied_store, "Kast", wanted=Wanted(since=since)) == ["Kast 3", "Kast 2"]
    assert Searching(emptied_store).ask(Question(parse_expression("Kast"))).among == 3
    assert Searching(emptied_store).ask(Question(wanted=Wanted(since=since))).among == 2


def test_an_edited_entry_is_found_by_its_new_words_alone(emptied_store: Store) -> None:
    feed = open_feeds(emptied_store)[0]
    keep(emptied_store, feed, written("a", "Puerto de Chancay", "China"), written("b", "Otra cosa"))
    keep(emptied_store, feed, written("a", "Puerto de Ilo", "Bolivia"))
    assert ask(emptied_store, "Chancay OR China") == []
    assert ask(emptied_store, "Ilo AND Bolivia AND puerto") == ["Puerto de Ilo"]
    assert emptied_store.words.count() == (2, 0)


@pytest.mark.slow
def test_an_archive_from_before_is_indexed_in_batches_the_newest_first(emptied_store: Store) -> None:
    fill(emptied_store, 30)
    before = ask(emptied_store, "ano OR forms:años OR 钱凯")
    with emptied_store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE entry SET place = NULL")
        empty_index(session)
    emptied_store.words.known.clear()
    assert emptied_store.words.count() == (0, 30)
    assert ask(emptied_store, "ano OR forms:años OR 钱凯") == []
    assert emptied_store.words.index_some(20) == 20
    assert emptied_store.words.count() == (20, 10)
    keep(emptied_store, open_feeds(emptied_store)[0], written("1-0", "Not indexed yet, and edited"))
    assert emptied_store.words.index_some(20) in {10, 11}
    assert emptied_store.words.index_some(20) == 0
    assert set(before) - set(ask(emptied_store, "ano OR forms:años OR 钱凯")) <= {before[-1]}


def _fail_after_writing(store: Store, feed: Feed) -> None:
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [written("a", "Elecciones en Chile")])
        batch.finish()
        raise ZeroDivisionError


def test_what_a_transaction_that_failed_wrote_is_written_again(emptied_store: Store) -> None:
    feed = open_feeds(emptied_store)[0]
    with pytest.raises(ZeroDivisionError):
        _fail_after_writing(emptied_store, feed)
    keep(emptied_store, feed, written("a", "Elecciones en Chile"))
    assert ask(emptied_store, "forms:elección") == ["Elecciones en Chile"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "strange",
    [
        '"Kast" OR "x', "Kast'); DROP TABLE entry; --", "NEAR(Kast)", "{words}: Kast",
        "Kast* ^Kast - + \\ ' \"", "\\'Kast:* & !Kast |", "feed.1 lang.es Kast", "a" * 3_000 + " Kast",
        "'" * 40 + " Kast", "Kast \u0000 \u2028", "\ufdfa Kast \U0001f1e8\U0001f1f1", "ﷺ" * 300 + " Kast",
    ],
)  # fmt: skip
def test_whatever_stands_in_an_entry_is_indexed_and_found(emptied_store: Store, strange: str) -> None:
    if not emptied_store._database.is_sqlite:
        strange = strange.replace("\u0000", "")
    feed = open_feeds(emptied_store)[0]
    keep(emptied_store, feed, written("a", strange, strange))
    assert ask(emptied_store, "Kast") == [strange]
    assert ask(emptied_store, "lang:es") == []
    keep(emptied_store, feed, written("a", "Other"))
    assert ask(emptied_store, "Kast") == []


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=30))
def test_whatever_a_stranger_asks_is_an_answer_or_an_error_of_the_language(archive: Store, text: str) -> None:
    from service.errors import ExpressionError

    try:
        expression = parse_expression(text)
    except ExpressionError:
        return
    found = [hit.entry.id for hit in Searching(archive).walk(Question(expression))]
    assert found == walked(archive, text)


def test_paging_does_not_move_while_entries_arrive(emptied_store: Store) -> None:
    feed = open_feeds(emptied_store)[0]
    for number in range(10):
        keep(emptied_store, feed, written(str(number), f"Kast {number}"), at=NOW + MINUTE * number)
    first = Searching(emptied_store).ask(Question(parse_expression("Kast")), most=4)
    keep(emptied_store, feed, written("new", "Kast new"), at=NOW + MINUTE * 99)
    assert first.further is not None
    second = Searching(emptied_store).ask(Question(parse_expression("Kast")), first.further, most=4)
    assert titles(first.hits + second.hits) == [f"Kast {number}" for number in range(9, 1, -1)]


def titles(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.entry.title for hit in hits]


@pytest.mark.slow
def test_a_question_that_the_index_cannot_answer_looks_back_in_bounded_steps(
    emptied_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = open_feeds(emptied_store)[0]
    keep(emptied_store, feed, written("old", "Ilo"), at=NOW - MINUTE)
    for number in range(120):
        keep(emptied_store, feed, written(str(number), "Kast"), at=NOW + MINUTE * number)
    monkeypatch.setattr(searching, "MOST_LOOKED", 64)
    first = Searching(emptied_store).ask(Question(parse_expression("NOT Kast")))
    assert (first.hits, first.is_cut, first.nearly) == ((), True, None)
    assert first.reached == NOW + MINUTE * 56
    assert first.further is not None
    second = Searching(emptied_store).ask(Question(parse_expression("NOT Kast")), first.further)
    assert (titles(second.hits), second.is_cut, second.further) == (["Ilo"], False, None)


def test_nothing_found_names_the_newest_near_miss(emptied_store: Store) -> None:
    feed = open_feeds(emptied_store)[0]
    keep(emptied_store, feed, written("a", "Puerto de Chancay"), at=NOW)
    keep(emptied_store, feed, written("b", "Chancay, cultura"), at=NOW + MINUTE)
    found = Searching(emptied_store).ask(Question(parse_expression("Chancay AND Cosco")))
    assert found.nearly is not None
    assert (found.nearly.entry.title, found.nearly.miss.missing) == ("Chancay, cultura", "Cosco")
    assert Searching(emptied_store).ask(Question(parse_expression("Ilo"))).nearly is None
    assert Searching(emptied_store).ask(Question(parse_expression("Ilo AND Cosco"))).nearly is None


def test_what_nearly_matched_a_watchlist_is_listed_once_for_each_thing_that_was_lacked(
    emptied_store: Store,
) -> None:
    feeds = open_feeds(emptied_store)
    titles = (
        "Chancay, cultura",
        "Cosco compra un astillero",
        "Chancay, otra vez cultura",
        "Cosco en Chancay",
    )
    for number, title in enumerate(titles):
        keep(emptied_store, feeds[0], written(str(number), title), at=NOW + number * MINUTE)
    rule = Rule(any=(Item(parse_expression("Chancay AND Cosco"), 7), Item(parse_expression("Ilo"), 8)))
    nearest = Searching(emptied_store).list_nearest(Query("port", "1", rule), NOW - MINUTE, 3)
    found = [(one.entry.title, one.miss.line, one.miss.missing, one.miss.present) for one in nearest]
    assert found == [("Cosco compra un astillero", 7, "Chancay", "Cosco")]
    later = Searching(emptied_store).list_nearest(Query("port", "1", rule), NOW + 2 * MINUTE, 3)
    assert [one.entry.title for one in later] == ["Chancay, otra vez cultura"]
    words_alone = Query("port", "1", Rule(any=(Item(parse_expression("Ilo")),)))
    assert Searching(emptied_store).list_nearest(words_alone, NOW - MINUTE, 3) == []
