"""Matches entries against the rules of watchlists: expression language, index, evidence. Pure."""

from __future__ import annotations

from service.match.check import RuleFault, find_rule_fault, is_positive
from service.match.document import Document
from service.match.facts import LANGUAGES, fact_holds, facts_in, source_fact
from service.match.matcher import Explanation, Finding, Matcher, Query
from service.match.near_miss import Lack, NearMiss, find_near_misses
from service.match.notes import Note, find_notes
from service.match.parser import FORMS_LANGUAGES, parse_expression
from service.match.periods import days_of_change
from service.match.places import find_nowhere
from service.match.tree import Expression, Fact, FactKind, Item, Rule

__all__ = [
    "FORMS_LANGUAGES",
    "LANGUAGES",
    "Document",
    "Explanation",
    "Expression",
    "Fact",
    "FactKind",
    "Finding",
    "Item",
    "Lack",
    "Matcher",
    "NearMiss",
    "Note",
    "Query",
    "Rule",
    "RuleFault",
    "days_of_change",
    "fact_holds",
    "facts_in",
    "find_near_misses",
    "find_notes",
    "find_nowhere",
    "find_rule_fault",
    "is_positive",
    "parse_expression",
    "source_fact",
]
