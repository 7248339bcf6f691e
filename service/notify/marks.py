"""Matched words in a text: which part of it to show, and the spans in it. Pure.

Spans are offsets in the text as the feed gave it; cleaning happens here, piece by piece, so that
they stay true. Offsets that lie outside of the text are cut to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from service.notify.clean import cut, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import Evidence, TextField

_MOST_MARKS = 12
_SENTENCE_END = re.compile(r"[.!?…]['\")\]»”]*\s+|[。！？]|\n{2,}")
_LEAD = 120  # characters of context kept before the first matched word of a very long sentence


class Piece(NamedTuple):
    """A piece of cleaned text, and whether it is a matched word."""

    text: str
    marked: bool = False


def spans_in(evidence: Iterable[Evidence], field: TextField, length: int) -> list[tuple[int, int]]:
    """Give the spans of one field, in order, merged where they touch, inside the text."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((item.start, item.end) for item in evidence if item.field is field):
        begin, stop = max(start, 0), min(end, length)
        if begin >= stop:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((begin, stop))
    return merged[:_MOST_MARKS]


def mark(text: str, spans: list[tuple[int, int]], limit: int) -> list[Piece]:
    """Cut a text into cleaned pieces, marked and not, of at most `limit` characters in all."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [Piece(text[at:start]), Piece(text[start:end], marked=True)]
        at = end
    pieces.append(Piece(text[at:]))
    return _limited(_cleaned(pieces), limit)


def excerpt(text: str, spans: list[tuple[int, int]], limit: int) -> list[Piece]:
    """Give the sentence around the first span, or the text's beginning where there is none."""
    first = spans[0][0] if spans else 0
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    begin = max((end for end in ends if end <= first), default=0)
    if first - begin > limit - _LEAD:
        begin = first - _LEAD
        begin = text.find(" ", begin, first) + 1 or begin
        return [Piece("… "), *mark(text[begin:], _shifted(spans, begin), limit)]
    # What follows the sentence comes along as far as there is room: a lead is seldom one sentence.
    return mark(text[begin:], _shifted(spans, begin), limit)


def _shifted(spans: list[tuple[int, int]], by: int) -> list[tuple[int, int]]:
    return [(max(start - by, 0), end - by) for start, end in spans if end > by]


def _cleaned(pieces: list[Piece]) -> list[Piece]:
    cleaned = [Piece(tidy(piece.text), piece.marked) for piece in pieces]
    kept = [piece for piece in cleaned if piece.text]
    if kept:
        kept[0] = kept[0]._replace(text=kept[0].text.lstrip())
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip())
    return [piece for piece in kept if piece.text]


def _limited(pieces: list[Piece], limit: int) -> list[Piece]:
    shown: list[Piece] = []
    for piece in pieces:
        if len(piece.text) > limit:
            return [*shown, piece._replace(text=cut(piece.text, limit))]
        shown.append(piece)
        limit -= len(piece.text)
    return shown
