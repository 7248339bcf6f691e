"""Finds where terms and NEARs stand in one field.

A span is a first and a last word position. Distances follow the language: neighbours are 1 apart,
it is the nearest ends that count, and spans that overlap are not near each other.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from service.match.tree import InField, Near, Or, Spelling, Term, WordKind
from service.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.match.document import Span, View
    from service.match.tree import Expression, NotNear, WordPattern
    from service.text import Stem


def spans(part: Expression, view: View) -> list[Span]:
    """Give all places of a term, an OR of terms, or a NEAR, sorted. Other expressions have none."""
    match part:
        case Term():
            return _term_spans(part, view)
        case Or():
            return sorted(set(chain.from_iterable(spans(inner, view) for inner in part.parts)))
        case Near():
            return sorted({cover(left, right) for left, right in near_pairs(part, view)})
        case InField(where=where) if where is view.where:
            return spans(part.part, view)
        case _:
            return []


# ----------------------------------------------------------------------------------------- terms


def _term_spans(term: Term, view: View) -> list[Span]:
    found = _word_spans(term.words[0], term.spelling, view)
    for word in term.words[1:]:
        if not found:
            break
        found = _joined(found, _word_spans(word, term.spelling, view))
    return found


def _joined(before: list[Span], after: list[Span]) -> list[Span]:
    """Give the spans of a phrase: each of `after` that begins right behind one of `before`."""
    lasts: dict[int, list[int]] = {}
    for first, last in after:
        lasts.setdefault(first, []).append(last)
    return [(first, end) for first, last in before for end in lasts.get(last + 1, ())]


def _word_spans(word: WordPattern, spelling: frozenset[Spelling], view: View) -> list[Span]:
    if word.kind is WordKind.FORMS:
        return _form_spans(word, spelling, view)
    keys = variants(word.folded) if Spelling.LOOSE in spelling else (word.folded,)
    found = _folded_spans(word, keys, view)
    if spelling - {Spelling.LOOSE}:
        return [span for span in found if _is_spelled(word, spelling, view.raw(span))]
    return found


def _form_spans(word: WordPattern, spelling: frozenset[Spelling], view: View) -> list[Span]:
    return sorted(set(chain.from_iterable(view.with_stem(stem) for stem in wanted_stems(word, spelling))))


def wanted_stems(word: WordPattern, spelling: frozenset[Spelling]) -> frozenset[Stem]:
    """Give the stems of which a word must have one to be a form of this one."""
    if Spelling.LOOSE not in spelling:
        return word.stems
    return frozenset((language, key) for language, stem in word.stems for key in variants(stem))


def _folded_spans(word: WordPattern, keys: tuple[str, ...], view: View) -> list[Span]:
    if word.kind is WordKind.WHOLE and len(keys) == 1:
        return view.places.get(word.folded, [])
    known = chain.from_iterable(_known(word.kind, key, view) for key in keys)
    return sorted(chain.from_iterable(view.places[key] for key in set(known)))


def _known(kind: WordKind, key: str, view: View) -> Iterable[str]:
    """Give the words of the field that a pattern fits."""
    match kind:
        case WordKind.WHOLE:
            return (key,) if key in view.places else ()
        case WordKind.PREFIX:
            return view.beginning_with(key)
        case _:
            return filter(_wildcard(key).fullmatch, view.places)


def variants(word: str) -> tuple[str, ...]:
    """Give a word, and with n for ñ where it has one."""
    return (word, word.replace("ñ", "n").replace("Ñ", "N")) if "ñ" in word.casefold() else (word,)


@lru_cache(maxsize=4096)
def _wildcard(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


# -------------------------------------------------------------------------------------- spelling


def _is_spelled(word: WordPattern, spelling: frozenset[Spelling], raw: str) -> bool:
    """Tell whether a word whose folded form fits is also spelled as the term demands."""
    is_name = Spelling.NAME in spelling and not word.is_particle
    keep_case = is_name or Spelling.CASE in spelling
    keep_accents = Spelling.ACCENTS in spelling
    written = fold(raw, keep_case=keep_case, keep_accents=keep_accents)
    wanted = {
        fold(variant, keep_case=keep_case, keep_accents=keep_accents)
        for variant in (variants(word.raw) if Spelling.LOOSE in spelling else (word.raw,))
    }
    if is_name and Spelling.CASE not in spelling:
        wanted.update([form.upper() for form in wanted])
    match word.kind:
        case WordKind.WHOLE:
            return written in wanted
        case WordKind.PREFIX:
            return written.startswith(tuple(wanted))
        case _:
            return any(_wildcard(form).fullmatch(written) for form in wanted)


# ------------------------------------------------------------------------------------------ NEAR


def near_pairs(near: Near, view: View) -> Iterator[tuple[Span, Span]]:
    """Give all pairs of left and right that are near each other; of many words these are very many."""
    lefts, rights = spans(near.left, view), _Spans(spans(near.right, view))
    for left in lefts:
        for right in rights.after(left, near.distance):
            yield left, right
        if not near.ordered:
            for right in rights.before(left, near.distance):
                yield left, right


def near_sides(near: Near, view: View) -> tuple[list[Span], list[Span]]:
    """Give the lefts that have a right near them, and the rights that have a left near them."""
    lefts, rights = _Spans(spans(near.left, view)), _Spans(spans(near.right, view))
    both_ways, distance = not near.ordered, near.distance
    return (
        [
            left
            for left in lefts.all
            if rights.after(left, distance) or (both_ways and rights.before(left, distance))
        ],
        [
            right
            for right in rights.all
            if lefts.before(right, distance) or (both_ways and lefts.after(right, distance))
        ],
    )


class _Spans:
    """Spans in both orders, so that those near a place are found without looking at the others."""

    def __init__(self, found: list[Span]) -> None:
        self.all = found
        self._firsts = [first for first, _ in found]
        self._by_last = sorted(found, key=_last)
        self._lasts = [last for _, last in self._by_last]

    def after(self, span: Span, distance: int) -> list[Span]:
        """Give those that begin behind the span, at most so far from its end."""
        firsts = self._firsts
        return self.all[bisect_right(firsts, span[1]) : bisect_right(firsts, span[1] + distance)]

    def before(self, span: Span, distance: int) -> list[Span]:
        """Give those that end before the span, at most so far from its beginning."""
        lasts = self._lasts
        return self._by_last[bisect_left(lasts, span[0] - distance) : bisect_left(lasts, span[0])]


def free_spans(part: NotNear, view: View) -> list[Span]:
    """Give the places of the left side that have no right side near them, or over them."""
    rights = spans(part.right, view)
    firsts = [first for first, _ in rights]
    longest = max((last - first for first, last in rights), default=0)
    free: list[Span] = []
    for left in spans(part.left, view):
        earliest, latest = left[0] - part.distance, left[1] + part.distance
        near = rights[bisect_left(firsts, earliest - longest) : bisect_right(firsts, latest)]
        # Its own occurrence is not near itself.
        if not any(right[1] >= earliest and right != left for right in near):
            free.append(left)
    return free


def separate(found: Iterable[Span]) -> int:
    """Count spans, those that overlap once."""
    count, free_from = 0, 0
    for first, last in sorted(found, key=_last):
        if first >= free_from:
            count, free_from = count + 1, last + 1
    return count


def _last(span: Span) -> int:
    return span[1]


def cover(left: Span, right: Span) -> Span:
    """Give the span from the beginning of the first to the end of the second, in either order."""
    return min(left[0], right[0]), max(left[1], right[1])
