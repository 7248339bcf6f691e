"""Asks a document whether an expression or a rule holds, and for the evidence.

Truth first, cheaply; evidence only for what holds. Evidence names the positive terms that were
found where they count: of a NEAR only the occurrences that are near, of an OR only what holds,
of a NOT nothing.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from service.domain import Evidence, TextField
from service.match.facts import fact_holds
from service.match.occurrences import cover, free_spans, near_pairs, near_sides, separate, spans
from service.match.tree import (
    And,
    AtLeast,
    Fact,
    InField,
    Item,
    Near,
    Not,
    NotNear,
    Or,
    Rule,
    Spelling,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.domain import Entry
    from service.match.document import Document, Span, View
    from service.match.tree import Expression


class Hit(NamedTuple):
    """An occurrence of a term that counts."""

    term: str
    view: View
    span: Span


# ----------------------------------------------------------------------------------------- truth


def rule_holds(rule: Rule, document: Document) -> bool:
    """Tell whether every one of `all`, some of `any` and none of `none` holds."""
    return (
        all(part_holds(part, document) for part in rule.all)
        and (not rule.any or any(part_holds(part, document) for part in rule.any))
        and not any(part_holds(part, document) for part in rule.none)
    )


def part_holds(part: Item | Rule, document: Document) -> bool:
    """Tell whether an item, within its period, or a nested rule holds."""
    if isinstance(part, Rule):
        return rule_holds(part, document)
    return in_period(part, document.entry) and holds(part.expression, document)


def in_period(item: Item, entry: Entry) -> bool:
    """Tell whether an item counts for entries of this day (UTC)."""
    if item.from_date is None and item.until_date is None:
        return True
    day = entry.happened_at.date()
    return (item.from_date is None or item.from_date <= day) and (
        item.until_date is None or day <= item.until_date
    )


def holds(part: Expression, document: Document) -> bool:
    """Tell whether an expression holds in the fields of the document."""
    match part:
        case Term():
            return _term_holds(part, document)
        case Near():
            return _near_holds(part, document)
        case And():
            return all(holds(inner, document) for inner in part.parts)
        case Or():
            return _some_hold(part, document)
        case Not():
            return not holds(part.part, document)
        case _:
            return _special_holds(part, document)


def _term_holds(term: Term, document: Document) -> bool:
    if Spelling.LOOSE not in term.spelling:  # most terms stand in no entry: rule them out quickly
        for word in term.words:
            if not document.may_hold(word):
                return False
    return any(spans(term, view) for view in document.views)


def _near_holds(near: Near, document: Document) -> bool:
    if not (holds(near.left, document) and holds(near.right, document)):
        return False  # cheaper than to look for the places of all sides
    return any(True for view in document.views for _ in near_pairs(near, view))


def _some_hold(part: Or, document: Document) -> bool:
    answer = document.answers.get(id(part))
    if answer is None:
        answer = any(holds(inner, document) for inner in part.parts)
        document.answers[id(part)] = answer
    return answer


def _special_holds(part: NotNear | AtLeast | InField | Fact, document: Document) -> bool:
    match part:
        case InField():
            return holds(part.part, document.only(part.where))
        case Fact():
            return fact_holds(part, document.entry)
        case NotNear():
            return any(free_spans(part, view) for view in document.views)
        case _:
            return sum(separate(spans(part.part, view)) for view in document.views) >= part.count


# -------------------------------------------------------------------------------------- evidence


def rule_evidence(rule: Rule, document: Document) -> tuple[Evidence, ...]:
    """Give the evidence of a rule that holds, each once, in the order of the text."""
    return _in_order(_rule_evidence(rule, document))


def item_evidence(item: Item, document: Document) -> tuple[Evidence, ...]:
    """Give the evidence of an item that holds, each once, in the order of the text."""
    return _in_order(_item_evidence(item, document))


def _rule_evidence(rule: Rule, document: Document) -> Iterator[Evidence]:
    for part in chain(rule.all, (part for part in rule.any if part_holds(part, document))):
        if isinstance(part, Rule):
            yield from _rule_evidence(part, document)
        else:
            yield from _item_evidence(part, document)


def _item_evidence(item: Item, document: Document) -> Iterator[Evidence]:
    for hit in hits(item.expression, document):
        start, end = hit.view.offsets(hit.span)
        yield Evidence(hit.term, hit.view.where, start, end, item.line)


def _in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=_place))


def _place(evidence: Evidence) -> tuple[bool, int, int, str, int]:
    in_text = evidence.field is not TextField.TITLE
    return in_text, evidence.start, evidence.end, evidence.term, evidence.line


def hits(part: Expression, document: Document) -> Iterator[Hit]:
    """Give the occurrences that make an expression hold. It must hold."""
    match part:
        case And():
            yield from chain.from_iterable(hits(inner, document) for inner in part.parts)
        case Or():
            holding = (inner for inner in part.parts if holds(inner, document))
            yield from chain.from_iterable(hits(inner, document) for inner in holding)
        case InField():
            yield from hits(part.part, document.only(part.where))
        case AtLeast():
            yield from hits(part.part, document)
        case NotNear():
            for view in document.views:
                yield from _located(part.left, view, set(free_spans(part, view)))
        case Term() | Near():
            for view in document.views:
                yield from _located(part, view, None)
        case _:  # a NOT or a fact has no place in the text
            return


def _located(part: Expression, view: View, wanted: set[Span] | None) -> Iterator[Hit]:
    """Give the terms that make up these spans; None stands for all there are."""
    match part:
        case Term():
            found = spans(part, view)
            yield from (Hit(part.text, view, span) for span in found if wanted is None or span in wanted)
        case Or():
            yield from chain.from_iterable(_located(inner, view, wanted) for inner in part.parts)
        case InField(where=where) if where is view.where:
            yield from _located(part.part, view, wanted)
        case Near():
            lefts, rights = _sides(part, view, wanted)
            yield from _located(part.left, view, lefts)
            yield from _located(part.right, view, rights)
        case _:
            return


def _sides(near: Near, view: View, wanted: set[Span] | None) -> tuple[set[Span], set[Span]]:
    if wanted is None:
        lefts, rights = near_sides(near, view)
        return set(lefts), set(rights)
    pairs = [pair for pair in near_pairs(near, view) if cover(*pair) in wanted]
    return {left for left, _ in pairs}, {right for _, right in pairs}
