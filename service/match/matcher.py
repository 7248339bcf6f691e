"""The matcher: many queries, one pass over each entry, and the explanation for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Evidence, Match
from service.match.document import Document
from service.match.evaluate import holds, in_period, item_evidence, part_holds, rule_evidence, rule_holds
from service.match.index import Index
from service.match.tree import And, AtLeast, InField, Item, Near, Not, NotNear, Or, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import Entry
    from service.match.tree import Expression


@dataclass(frozen=True, slots=True)
class Query:
    """The rule of a watchlist in one version of it."""

    watchlist_id: str
    version: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """A node of a rule, as asked of one entry: its text in the file, its line, whether it holds.

    Evidence stands at items only. The groups of a rule are called `all of`, `any of`, `none of`.
    """

    text: str
    line: int
    holds: bool
    parts: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one watchlist does or does not match an entry."""

    watchlist_id: str
    version: str
    holds: bool
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


class Matcher:
    """Asks each entry every query that could match it. Building it costs; asking is cheap."""

    def __init__(self, queries: Iterable[Query]) -> None:
        """File the queries; a changed watchlist needs a new matcher."""
        self._queries = tuple(queries)
        self._index = Index([query.rule for query in self._queries])

    def match(self, entry: Entry) -> list[Match]:
        """Give the matches of an entry with their evidence, in the order of the queries."""
        document = Document.of(entry)
        found: list[Match] = []
        for number in self._index.candidates(document.vocabulary):
            query = self._queries[number]
            if rule_holds(query.rule, document):
                evidence = rule_evidence(query.rule, document)
                found.append(Match(entry, query.watchlist_id, query.version, evidence))
        return found

    def explain(self, entry: Entry) -> list[Explanation]:
        """Say for every query, in their order, which parts of it hold for an entry and which do not."""
        document = Document.of(entry)
        return [_explanation(query, document) for query in self._queries]


def _explanation(query: Query, document: Document) -> Explanation:
    fits = rule_holds(query.rule, document)
    return Explanation(
        query.watchlist_id,
        query.version,
        fits,
        _rule_findings(query.rule, document),
        rule_evidence(query.rule, document) if fits else (),
    )


def _rule_findings(rule: Rule, document: Document) -> tuple[Finding, ...]:
    """Give the groups of a rule; `none of` holds where nothing in it does."""
    groups = (("all of", rule.all, all), ("any of", rule.any, any), ("none of", rule.none, _none))
    findings: list[Finding] = []
    for name, members, judge in groups:
        if members:
            parts = tuple(_part_finding(part, document) for part in members)
            findings.append(Finding(name, rule.line, judge(part.holds for part in parts), parts))
    return tuple(findings)


def _none(values: Iterable[bool]) -> bool:
    return not any(values)


def _part_finding(part: Item | Rule, document: Document) -> Finding:
    if isinstance(part, Rule):
        findings = _rule_findings(part, document)
        return Finding("rule", part.line, rule_holds(part, document), findings)
    fits = part_holds(part, document)
    return Finding(
        part.expression.text,
        part.line,
        fits,
        tuple(_finding(inner, part.line, document) for inner in _inner(part.expression)),
        item_evidence(part, document) if fits else (),
        "" if in_period(part, document.entry) else _period(part),
    )


def _period(item: Item) -> str:
    """Say in words why an item does not count on the day of an entry."""
    begins = f" from {item.from_date.isoformat()}" if item.from_date else ""
    ends = f" until {item.until_date.isoformat()}" if item.until_date else ""
    return f"counts only for entries published{begins}{ends}"


def _finding(part: Expression, line: int, document: Document) -> Finding:
    inner = tuple(_finding(inner, line, document) for inner in _inner(part))
    return Finding(part.text, line, holds(part, document), inner)


def _inner(part: Expression) -> tuple[Expression, ...]:
    match part:
        case And() | Or():
            return part.parts
        case Near() | NotNear():
            return part.left, part.right
        case Not() | AtLeast() | InField():
            return (part.part,)
        case _:
            return ()
