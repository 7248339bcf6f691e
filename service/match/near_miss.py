"""Near misses: entries that one term, one place or one day kept from matching.

An item is nearly matched when all but one of the parts it joins by AND hold, the one that does not is no
NOT, and some other word was found. Of a NEAR, one side may be missing, or both are there and too far
apart; of `title:` and `text:`, the words may stand in the other field; an item may be outside its period.
The parts of a rule's `all:` count as joined by AND, and a rule that something excludes has no near miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.match.compile import in_period
from service.match.tree import And, Fact, InField, Item, Near, Not, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.match.compile import Program
    from service.match.document import Document
    from service.match.tree import Expression


class Lack(StrEnum):
    """What was missing: words, words near others, words in that field, or the day."""

    WORDS = "words"
    DISTANCE = "distance"
    FIELD = "field"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An item that nearly matched: its line, what was missing as the file says it, and what was there."""

    line: int
    lack: Lack
    missing: str
    present: str


def find_near_misses(program: Program, document: Document) -> list[NearMiss]:
    """Give the near misses of a rule that does not hold, in the order of the file."""
    return [*_of_rule(program.rule, program, document)]


def _of_rule(rule: Rule, program: Program, document: Document) -> Iterator[NearMiss]:
    if any(program.part_holds(part, document) for part in rule.none):
        return
    failing = [part for part in rule.all if not program.part_holds(part, document)]
    has_choice = not rule.any or any(program.part_holds(part, document) for part in rule.any)
    if not failing and not has_choice:
        for part in rule.any:
            yield from _of_part(part, program, document)
    elif len(failing) == 1 and has_choice:
        yield from _of_all(failing[0], rule, program, document)


def _of_all(part: Item | Rule, rule: Rule, program: Program, document: Document) -> Iterator[NearMiss]:
    """Give the near miss of the one part of `all:` that does not hold, beside others that do."""
    others = [one for one in rule.all if one is not part and isinstance(one, Item)]
    if isinstance(part, Rule) or not others:
        yield from _of_part(part, program, document)
    elif _can_be_missing(part.expression):
        present = " AND ".join(one.expression.text for one in others)
        yield NearMiss(part.line, _lack(part.expression, program, document), part.expression.text, present)


def _of_part(part: Item | Rule, program: Program, document: Document) -> Iterator[NearMiss]:
    if isinstance(part, Rule):
        yield from _of_rule(part, program, document)
    elif not in_period(part, document.entry):
        if program.part_holds(part.expression, document):
            yield NearMiss(part.line, Lack.PERIOD, _period(part), part.expression.text)
    else:
        yield from _of_expression(part.expression, part.line, program, document)


def _of_expression(part: Expression, line: int, program: Program, document: Document) -> Iterator[NearMiss]:
    match part:
        case And():
            failing = [one for one in part.parts if not program.part_holds(one, document)]
            held = [one for one in part.parts if one not in failing and not isinstance(one, Not | Fact)]
            if len(failing) == 1 and held and _can_be_missing(failing[0]):
                present = " AND ".join(one.text for one in held)
                missing = failing[0]
                yield NearMiss(line, _lack(missing, program, document), missing.text, present)
        case Near():
            yield from _of_near(part, line, program, document)
        case InField():
            if program.part_holds(part.part, document):
                yield NearMiss(line, Lack.FIELD, part.text, part.part.text)
        case _:
            return


def _of_near(near: Near, line: int, program: Program, document: Document) -> Iterator[NearMiss]:
    left, right = (program.part_holds(side, document) for side in (near.left, near.right))
    if left and right:
        yield NearMiss(line, Lack.DISTANCE, near.text, f"{near.left.text}, {near.right.text}")
    elif left or right:
        missing, present = (near.right, near.left) if left else (near.left, near.right)
        yield NearMiss(line, Lack.WORDS, missing.text, present.text)


def _can_be_missing(part: Expression) -> bool:
    return not isinstance(part, Not | Fact)


def _lack(part: Expression, program: Program, document: Document) -> Lack:
    if isinstance(part, InField) and program.part_holds(part.part, document):
        return Lack.FIELD
    if isinstance(part, Near) and all(program.part_holds(side, document) for side in (part.left, part.right)):
        return Lack.DISTANCE
    return Lack.WORDS


def _period(item: Item) -> str:
    first = item.from_date.isoformat() if item.from_date else "the beginning"
    return f"{first} to {item.until_date.isoformat() if item.until_date else 'now'}"
