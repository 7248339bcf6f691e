"""Text with its matched words marked, and long text cut around them. Pure.

Spans are Python slices of the original text. They are not trusted: a span that lies outside the text
(the words were edited after they matched) is cut to it or dropped, and overlapping ones become one.
Nothing is cleaned or escaped here: mail and pages each do so in their own way, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Evidence, TextField

Span = tuple[int, int]

_SHOWN = 3  # places of a long text that are shown; more would be a list, not a sentence
_SNAP = 24  # characters given up at most so that a cut falls between words


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is shown in one way; a gap stands for words that were left out."""

    text: str
    is_marked: bool = False
    is_gap: bool = False


GAP = Piece(" … ", is_gap=True)


def spans_in(evidence: Iterable[Evidence], field: TextField) -> list[Span]:
    """Give the spans of the evidence that stands in one field."""
    return [(one.start, one.end) for one in evidence if one.field is field]


def mark(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Split a text into marked and unmarked pieces; joined, they are the text."""
    return tuple(_pieces(text, (0, len(text)), _tidy(spans, len(text))))


def excerpt(text: str, spans: Iterable[Span], limit: int) -> tuple[Piece, ...]:
    """Mark a text and cut it to at most `limit` characters around the marks; gaps say where.

    Without marks the beginning is kept. Cuts fall between words where there is a space nearby.
    """
    tidy = _tidy(spans, len(text))
    if len(text) <= limit:
        return tuple(_pieces(text, (0, len(text)), tidy))
    shown: list[Piece] = []
    end = 0
    for window in _windows(text, tidy, limit):
        if window[0] > 0:
            shown.append(GAP)
        shown += _pieces(text, window, tidy)
        end = window[1]
    return (*shown, GAP) if end < len(text) else tuple(shown)


def _tidy(spans: Iterable[Span], length: int) -> list[Span]:
    """Sort spans, cut them to the text, join those that touch, drop those that are empty."""
    tidy: list[Span] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if tidy and start <= tidy[-1][1]:
            tidy[-1] = (tidy[-1][0], max(tidy[-1][1], end))
        else:
            tidy.append((start, end))
    return tidy


def _pieces(text: str, window: Span, spans: Sequence[Span]) -> Iterable[Piece]:
    at, stop = window
    for start, end in spans:
        start, end = max(start, at), min(end, stop)  # noqa: PLW2901 -- the span, cut to the window
        if start >= end:
            continue
        if at < start:
            yield Piece(text[at:start])
        yield Piece(text[start:end], is_marked=True)
        at = end
    if at < stop:
        yield Piece(text[at:stop])


def _windows(text: str, spans: Sequence[Span], limit: int) -> list[Span]:
    """Choose what is shown: the first marks with words around them, together at most `limit` long."""
    chosen = [(start, min(end, start + limit // _SHOWN)) for start, end in spans[:_SHOWN]]
    end = chosen[-1][1] if chosen else 0
    if not chosen or end + _SNAP <= limit:
        return [(0, _before_word(text, limit, end))]
    windows = _around(chosen, len(text), limit)
    snapped = []
    for left, right in windows:
        inside = [span for span in chosen if left <= span[0] and span[1] <= right]
        left_cut = _after_word(text, left, inside[0][0])
        snapped.append((left_cut, _before_word(text, right, inside[-1][1])))
    return snapped


def _around(spans: Sequence[Span], length: int, limit: int) -> list[Span]:
    """Give each span an equal share of context, join what meets, and spend what is left at the ends."""
    context = (limit - sum(end - start for start, end in spans)) // (2 * len(spans))
    windows: list[Span] = []
    for start, end in spans:
        left, right = max(0, start - context), min(length, end + context)
        if windows and left <= windows[-1][1]:
            windows[-1] = (windows[-1][0], right)
        else:
            windows.append((left, right))
    spare = limit - sum(right - left for left, right in windows)
    left, right = windows[-1]
    windows[-1] = (left, min(length, right + spare))
    spare -= windows[-1][1] - right
    left, right = windows[0]
    windows[0] = (max(0, left - spare), right)
    return windows


def _after_word(text: str, at: int, stop: int) -> int:
    """Move a cut forward to the beginning of a word, but not past `stop`."""
    if at == 0:
        return at
    nearby = range(at, min(stop, at + _SNAP))
    return next((place + 1 for place in nearby if text[place].isspace()), at)


def _before_word(text: str, at: int, stop: int) -> int:
    """Move a cut back to the end of a word, but not before `stop`."""
    if at == len(text):
        return at
    nearby = range(at, max(stop, at - _SNAP), -1)
    return next((place for place in nearby if text[place].isspace()), at)


def written_form(text: str, folded: str) -> str:
    """Give a folded word as it is first written in a text; empty where it is not there."""
    for word in words(text):
        if word.folded == folded:
            return text[word.start : word.end]
    # Words of Chinese and Japanese are pairs of characters, which are one word each.
    return folded if folded in text else ""
