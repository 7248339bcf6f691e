"""The evidence of what holds: the terms that were found where they count, with their places in the text.

Of a NEAR only the occurrences that are near, of an OR only what holds, of a NOT nothing.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from service.domain import Evidence, TextField
from service.match.occurrences import cover, free_spans, near_pairs, near_sides, spans
from service.match.tree import And, AtLeast, InField, Item, Near, NotNear, Or, Rule, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.match.compile import Program
    from service.match.document import Document, Span, View
    from service.match.tree import Expression


def rule_evidence(program: Program, document: Document) -> tuple[Evidence, ...]:
    """Give the evidence of a rule that holds, each once, in the order of the text."""
    found: list[Evidence] = []
    _collect_rule(program.rule, program, document, found)
    return _in_order(found)


def item_evidence(item: Item, program: Program, document: Document) -> tuple[Evidence, ...]:
    """Give the evidence of an item of the program's rule that holds, each once, in the order of the text."""
    found: list[Evidence] = []
    _Collector(program, item.line, found).collect(item.expression, document)
    return _in_order(found)


def _collect_rule(rule: Rule, program: Program, document: Document, found: list[Evidence]) -> None:
    for part in chain(rule.all, (part for part in rule.any if program.part_holds(part, document))):
        if isinstance(part, Rule):
            _collect_rule(part, program, document, found)
        else:
            _Collector(program, part.line, found).collect(part.expression, document)


def _in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=_place))


def _place(evidence: Evidence) -> tuple[bool, int, int, str, int]:
    in_text = evidence.field is not TextField.TITLE
    return in_text, evidence.start, evidence.end, evidence.term, evidence.line


class _Collector:
    """Adds the evidence of one item to a list."""

    def __init__(self, program: Program, line: int, found: list[Evidence]) -> None:
        self._program = program
        self._line = line
        self._found = found

    def collect(self, part: Expression, document: Document) -> None:
        """Add the occurrences that make an expression hold. It must hold."""
        match part:
            case Term() | Near():
                for view in document.views:
                    self._add(part, view, None)
            case And():
                for inner in part.parts:
                    self.collect(inner, document)
            case Or():
                for inner in part.parts:
                    if self._program.part_holds(inner, document):
                        self.collect(inner, document)
            case InField():
                self.collect(part.part, document.only(part.where))
            case _:
                self._collect_special(part, document)

    def _collect_special(self, part: Expression, document: Document) -> None:
        match part:
            case AtLeast():
                self.collect(part.part, document)
            case NotNear():
                for view in document.views:
                    self._add(part.left, view, set(free_spans(part, view)))
            case _:  # a NOT or a fact has no place in the text
                return

    def _add(self, part: Expression, view: View, wanted: set[Span] | None) -> None:
        """Add the terms that make up these spans; None stands for all there are."""
        match part:
            case Term():
                for span in spans(part, view):
                    if wanted is None or span in wanted:
                        start, end = view.offsets(span)
                        self._found.append(Evidence(part.text, view.where, start, end, self._line))
            case Or():
                for inner in part.parts:
                    self._add(inner, view, wanted)
            case InField(where=where) if where is view.where:
                self._add(part.part, view, wanted)
            case Near():
                lefts, rights = _sides(part, view, wanted)
                self._add(part.left, view, lefts)
                self._add(part.right, view, rights)
            case _:
                return


def _sides(near: Near, view: View, wanted: set[Span] | None) -> tuple[set[Span], set[Span]]:
    if wanted is None:
        lefts, rights = near_sides(near, view)
        return set(lefts), set(rights)
    pairs = [pair for pair in near_pairs(near, view) if cover(*pair) in wanted]
    return {left for left, _ in pairs}, {right for _, right in pairs}
