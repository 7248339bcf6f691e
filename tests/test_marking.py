"""Matched words in a text: which are marked, and what is shown of a text that is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from service.domain import Evidence, TextField
from service.marking import GAP, Piece, excerpt, mark, spans_in, written_form

if TYPE_CHECKING:
    from collections.abc import Sequence

texts = st.text(max_size=200)
spans = st.lists(st.tuples(st.integers(-20, 220), st.integers(-20, 220)), max_size=6)


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _marked(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_marked]


@given(texts, spans)
def test_marked_pieces_joined_are_the_text_whatever_the_spans(
    text: str, found: list[tuple[int, int]]
) -> None:
    pieces = mark(text, found)
    assert _joined(pieces) == text
    assert all(piece.text for piece in pieces)


@given(texts, spans)
def test_every_character_inside_a_span_is_marked_and_no_other(
    text: str, found: list[tuple[int, int]]
) -> None:
    wanted = [any(max(0, start) <= at < end for start, end in found) for at in range(len(text))]
    shown = [piece.is_marked for piece in mark(text, found) for _ in piece.text]
    assert shown == wanted


@given(st.text(alphabet="ab ñ港", max_size=400), spans, st.integers(30, 120))
def test_an_excerpt_is_short_and_made_of_the_text_in_order(
    text: str, found: list[tuple[int, int]], limit: int
) -> None:
    pieces = excerpt(text, found, limit)
    kept = [piece for piece in pieces if not piece.is_gap]
    assert sum(len(piece.text) for piece in kept) <= limit
    at = 0
    for run in _runs(pieces):
        at = text.index(run, at) + len(run)
    if len(text) <= limit:
        assert _joined(pieces) == text


@given(st.text(alphabet="ab ñ港", min_size=200, max_size=400), st.integers(0, 190), st.integers(60, 120))
def test_an_excerpt_shows_the_mark_wherever_it_stands(text: str, start: int, limit: int) -> None:
    assert _marked(excerpt(text, [(start, start + 5)], limit)) == [text[start : start + 5]]


def _runs(pieces: Sequence[Piece]) -> list[str]:
    return [run for run in "".join("\x00" if p.is_gap else p.text for p in pieces).split("\x00") if run]


def test_a_long_text_is_cut_between_words_around_its_marks() -> None:
    text = "uno dos tres " * 20 + "el puerto de Chancay " + "cuatro cinco " * 20
    start = text.index("puerto")
    pieces = excerpt(text, [(start, start + 17)], 80)
    assert _marked(pieces) == ["puerto de Chanca" + "y"]
    assert pieces[0] == pieces[-1] == GAP
    shown = _joined(pieces).replace(" … ", "")
    assert f" {shown} " in f" {text} "


def test_marks_far_apart_are_shown_in_their_own_words_with_a_gap_between() -> None:
    text = "Chancay " + "x " * 200 + "Callao" + " y" * 200
    start = text.index("Callao")
    pieces = excerpt(text, [(0, 7), (start, start + 6)], 60)
    assert _marked(pieces) == ["Chancay", "Callao"]
    assert pieces.count(GAP) == 2


def test_marks_close_together_share_their_words() -> None:
    text = "x " * 200 + "Chancay y Callao" + " y" * 200
    pieces = excerpt(text, [(400, 407), (410, 416)], 60)
    assert _marked(pieces) == ["Chancay", "Callao"]
    assert pieces.count(GAP) == 2


def test_a_mark_at_the_end_takes_its_context_from_before_it() -> None:
    text = "palabra " * 60 + "Chancay"
    pieces = excerpt(text, [(len(text) - 7, len(text))], 80)
    assert pieces[-1].is_marked
    assert len(_joined(pieces)) > 60


def test_a_text_without_marks_keeps_its_beginning() -> None:
    assert _joined(excerpt("uno dos tres cuatro cinco seis siete", [], 12)) == "uno dos tres … "


def test_spans_are_those_of_one_field() -> None:
    evidence = [Evidence("a", TextField.TITLE, 0, 1, 3), Evidence("a", TextField.TEXT, 4, 5, 3)]
    assert spans_in(evidence, TextField.TEXT) == [(4, 5)]


def test_spans_that_touch_are_one_and_those_outside_are_left_out() -> None:
    found = [(0, 3), (2, 5), (5, 6), (8, 99), (50, 60), (4, 1), (-5, 1)]
    assert mark("0123456789", found) == (
        Piece("012345", is_marked=True),
        Piece("67"),
        Piece("89", is_marked=True),
    )


def test_a_folded_word_is_given_as_it_is_first_written() -> None:
    text = "El regulador Ositrán apela; OSITRÁN insiste. 秘鲁钱凯港"
    assert written_form(text, "ositran") == "Ositrán"
    assert written_form(text, "钱凯") == "钱凯"
    assert written_form(text, "huelga") == ""
