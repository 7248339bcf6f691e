"""Near-identical reports are one event; others are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain import ChangeKind, Entry, EventChange, JoinReason, KnownReport, Match
from service.group import WINDOW, group_matches, headline_words

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _match(number: int, title: str, *, url: str = "", at: datetime = NOW) -> Match:
    entry = Entry(number, 1, url, url, title, "", "es", at, at + timedelta(days=30))
    return Match(entry, "port", "v1", ())


def _known(event_id: str, title: str, *, url: str = "", at: datetime = NOW) -> KnownReport:
    return KnownReport(event_id, url, headline_words(title), at)


def _one(change_list: list[EventChange]) -> EventChange:
    [change] = change_list
    return change


def test_a_first_report_opens_an_event() -> None:
    change = _one(group_matches([_match(1, "Huelga en el puerto de Chancay")], []))
    assert (change.kind, change.join_reason) == (ChangeKind.OPENED, JoinReason.NONE)


def test_the_same_address_joins_whatever_the_headline() -> None:
    known = [_known("e1", "Una cosa", url="https://a.example/n")]
    change = _one(group_matches([_match(2, "Otra muy distinta", url="https://a.example/n")], known))
    assert (change.event_id, change.join_reason) == ("e1", JoinReason.SAME_ADDRESS)


def test_the_same_headline_joins_whatever_its_accents_and_capitals() -> None:
    known = [_known("e1", "Ositrán apela")]
    change = _one(group_matches([_match(2, "OSITRAN APELA")], known))
    assert (change.event_id, change.join_reason) == ("e1", JoinReason.SAME_HEADLINE)


def test_a_nearly_identical_headline_joins() -> None:
    known = [_known("e1", "Trabajadores del puerto de Chancay inician huelga indefinida")]
    title = "Puerto de Chancay: trabajadores inician una huelga indefinida este lunes"
    change = _one(group_matches([_match(2, title)], known))
    assert (change.event_id, change.join_reason) == ("e1", JoinReason.SIMILAR_HEADLINE)


def test_headlines_in_chinese_are_compared_by_character() -> None:
    change = _one(
        group_matches([_match(2, "钱凯港工人开始无限期罢工")], [_known("e1", "秘鲁钱凯港工人开始罢工")])
    )
    assert change.join_reason is JoinReason.SIMILAR_HEADLINE


def test_two_different_pieces_of_news_about_one_port_stay_apart() -> None:
    known = [_known("e1", "Trabajadores del puerto de Chancay inician huelga indefinida")]
    change = _one(group_matches([_match(2, "El puerto de Chancay recibe su primer buque de Brasil")], known))
    assert change.kind is ChangeKind.OPENED


def test_few_common_words_are_not_enough_however_short_the_headline() -> None:
    change = _one(group_matches([_match(2, "Puerto Chancay")], [_known("e1", "Puerto Chancay hoy")]))
    assert change.kind is ChangeKind.OPENED


def test_the_same_headline_after_three_silent_days_is_a_new_event() -> None:
    known = [_known("e1", "Huelga en el puerto")]
    late = _match(2, "Huelga en el puerto", at=NOW + WINDOW + timedelta(seconds=1))
    assert _one(group_matches([late], known)).kind is ChangeKind.OPENED


def test_an_event_that_goes_on_stays_open() -> None:
    known = [_known("e1", "Huelga en el puerto"), _known("e1", "Sigue la huelga", at=NOW + WINDOW)]
    late = _match(2, "Huelga en el puerto", at=NOW + WINDOW + timedelta(days=1))
    assert _one(group_matches([late], known)).event_id == "e1"


def test_a_late_copy_of_the_first_report_joins_though_the_event_went_on_for_days() -> None:
    known = [_known("e1", "Huelga", url="https://a.example/n"), _known("e1", "Sigue", at=NOW + 2 * WINDOW)]
    change = _one(group_matches([_match(2, "Huelga hoy", url="https://a.example/n")], known))
    assert change.join_reason is JoinReason.SAME_ADDRESS


def test_the_closest_event_is_joined() -> None:
    known = [
        _known("e1", "Tribunal ordena a Ositrán supervisar el puerto de Chancay otra vez"),
        _known("e2", "Tribunal ordena a Ositrán supervisar el puerto de Chancay"),
    ]
    change = _one(
        group_matches([_match(3, "Tribunal ordena a Ositrán supervisar el puerto de Chancay")], known)
    )
    assert change.event_id == "e2"


def test_reports_without_words_are_no_ones_likeness() -> None:
    changes = group_matches([_match(1, "…"), _match(2, "!!!")], [])
    assert [change.kind for change in changes] == [ChangeKind.OPENED, ChangeKind.OPENED]


@given(st.permutations(range(6)))
def test_the_order_of_a_feed_changes_nothing(order: list[int]) -> None:
    titles = [
        "Huelga en el puerto de Chancay por tiempo indefinido",
        "Huelga por tiempo indefinido en el puerto de Chancay",
        "Buque encallado bloquea la entrada del terminal",
        "Tribunal ordena supervisar el terminal de Cosco",
        "Un tribunal ordena supervisar el terminal de Cosco",
        "Buque encallado bloquea la entrada del terminal",
    ]
    matches = [_match(number, titles[number], at=NOW + timedelta(minutes=number)) for number in range(6)]
    expected = group_matches(matches, [])
    assert group_matches([matches[number] for number in order], []) == expected
    assert [change.kind.value for change in expected].count("opened") == 3
