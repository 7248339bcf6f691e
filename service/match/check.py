"""Judges what can be read: rules that cannot be meant are refused. Doubtful words are for `notes`.

A rule must not be able to match without any positive part, or it would alert for nearly every
entry of the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.match.tree import And, AtLeast, Fact, InField, Item, Near, Not, NotNear, Or, Rule, Term

if TYPE_CHECKING:
    from service.match.tree import Expression


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with a rule, the line of the item (or rule) at fault, and the mend."""

    line: int
    message: str
    mend: str


def find_rule_fault(rule: Rule) -> RuleFault | None:
    """Give why a rule cannot be taken, or None. A rule is refused when it is purely negative."""
    if is_rule_positive(rule):
        return None
    for item in rule.any:
        if not _is_positive(item):
            return _fault(item)
    return _fault(rule)


def is_rule_positive(rule: Rule) -> bool:
    """Tell whether a rule can only match where some positive part does."""
    needed = any(_is_positive(item) for item in rule.all)
    chosen = bool(rule.any) and all(_is_positive(item) for item in rule.any)
    return needed or chosen


def _is_positive(item: Item | Rule) -> bool:
    return is_rule_positive(item) if isinstance(item, Rule) else is_positive(item.expression)


def _fault(item: Item | Rule) -> RuleFault:
    add = "Add at least one word or phrase that must be there to any: or all:."
    if isinstance(item, Rule) and not (item.any or item.all):
        return RuleFault(item.line, "This rule says only what must not be there.", add)
    if isinstance(item, Item):
        message = f"{item.expression.text}: it can match without any word being found."
        return RuleFault(item.line, message, "Join it by AND with a word or phrase that must be there.")
    message = "This rule can match without any word being found."
    return RuleFault(item.line, message, add)


def is_positive(part: Expression) -> bool:
    """Tell whether an expression can only hold where some positive part of it does."""
    match part:
        case Term() | Near() | NotNear() | AtLeast() | Fact():
            return True
        case And():
            return any(is_positive(inner) for inner in part.parts)
        case Or():
            return all(is_positive(inner) for inner in part.parts)
        case InField():
            return is_positive(part.part)
        case _:
            return is_denial_positive(part.part)


def is_denial_positive(part: Expression) -> bool:
    """Tell whether an expression can only fail where some positive part within it holds."""
    match part:
        case And():
            return all(is_denial_positive(inner) for inner in part.parts)
        case Or():
            return any(is_denial_positive(inner) for inner in part.parts)
        case Not():
            return is_positive(part.part)
        case InField():
            return is_denial_positive(part.part)
        case _:
            return False
