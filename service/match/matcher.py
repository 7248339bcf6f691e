"""The matcher: many queries, one pass over each entry, and the explanation for people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from service.domain import Evidence, Match
from service.match.compile import Program, in_period
from service.match.document import Document
from service.match.evidence import item_evidence, rule_evidence
from service.match.index import Index
from service.match.near_miss import NearMiss, find_near_misses
from service.match.tree import Rule, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Entry
    from service.match.compile import Test
    from service.match.tree import Expression, Item


_SPARSE, _FEW = 2, 32  # when more than half of the numbers are of queries that are gone


@dataclass(frozen=True)
class Query:
    """The rule of a watchlist in one version of it, and the expressions that make an event a major one."""

    watchlist_id: str
    version: str
    rule: Rule
    major: tuple[Item, ...] = ()

    @cached_property
    def program(self) -> Program:
        """What asks the rule; compiled once, whoever asks."""
        return Program(self.rule)

    @cached_property
    def major_program(self) -> Program | None:
        """What asks for the major expressions, if there are any."""
        return Program(Rule(any=self.major)) if self.major else None

    def match(self, document: Document) -> Match:
        """Give the match of an entry that the rule holds for."""
        entry, major = document.entry, self.major_program
        is_major = major is not None and major.holds(document)
        return Match(
            entry,
            self.watchlist_id,
            self.version,
            rule_evidence(self.program, document),
            rule_evidence(major, document) if major and is_major else (),
        )


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
    """Asks each entry every query that could match it.

    Asking is cheap; to change a query costs its own size, not that of the others.
    """

    def __init__(self, queries: Iterable[Query]) -> None:
        """Compile and file the queries."""
        self._begin()
        for query in queries:
            self.put(query)

    def _begin(self) -> None:
        self._index = Index()
        self._places: dict[str, range] = {}
        self._held: list[Query | None] = []
        self._guards: list[frozenset[str] | None] = []
        self._rests: list[Test | None] = []
        self._gone = 0

    def put(self, query: Query) -> None:
        """Take a query in, in place of the one of the same watchlist if there is one."""
        self.remove(query.watchlist_id)
        first = len(self._held)
        for number, one in enumerate(query.program.alternatives, first):
            self._held.append(query)
            self._guards.append(one.guard)
            self._rests.append(one.rest)
            self._index.add(number, one.anchors)
        self._places[query.watchlist_id] = range(first, len(self._held))

    def remove(self, watchlist_id: str) -> None:
        """Leave out the query of a watchlist; what the index holds of it is passed over."""
        numbers = self._places.pop(watchlist_id, range(0))
        for number in numbers:
            self._held[number] = None
            self._guards[number] = frozenset()  # of which no document has a word
        self._gone += len(numbers)
        if self._gone > len(self._held) / _SPARSE + _FEW:
            self._file_anew()

    def _file_anew(self) -> None:
        """File what is held without the gaps that removed queries leave."""
        queries = self.queries()
        self._begin()
        for query in queries:
            self.put(query)

    def update(self, queries: Sequence[Query]) -> None:
        """Hold these queries and no others; those already held in the same version are left as they are."""
        held = {query.watchlist_id: query for query in self.queries()}
        for watchlist_id in held.keys() - {query.watchlist_id for query in queries}:
            self.remove(watchlist_id)
        for query in queries:
            if held.get(query.watchlist_id) != query:
                self.put(query)

    def queries(self) -> list[Query]:
        """Give the queries held, in the order in which they came."""
        return [query for numbers in self._places.values() if (query := self._held[numbers[0]]) is not None]

    def match(self, entry: Entry) -> list[Match]:
        """Give the matches of an entry with their evidence, in the order of the queries."""
        document = Document.of(entry)
        return [query.match(document) for query in self._holding(document)]

    def matching(self, entry: Entry) -> list[Query]:
        """Give the queries that match an entry, in their order, without the evidence."""
        return self._holding(Document.of(entry))

    def _holding(self, document: Document) -> list[Query]:
        guards, rests, vocabulary = self._guards, self._rests, document.vocabulary
        found = []
        for number in self._index.candidates(document):
            guard = guards[number]
            if guard is None or not guard.isdisjoint(vocabulary):
                rest = rests[number]
                if rest is None or rest(document):
                    found.append(number)
        held = {id(query): query for number in sorted(found) if (query := self._held[number]) is not None}
        return [*held.values()]

    def near_misses(self, entry: Entry) -> list[tuple[Query, list[NearMiss]]]:
        """Give the queries that do not match an entry but nearly do, each with what was missing."""
        document = Document.of(entry)
        found = []
        for query in self.queries():
            if not query.program.holds(document):
                misses = find_near_misses(query.program, document)
                if misses:
                    found.append((query, misses))
        return found

    def explain(self, entry: Entry) -> list[Explanation]:
        """Say for every query, in their order, which parts of it hold for an entry and which do not."""
        document = Document.of(entry)
        return [_explanation(query, document) for query in self.queries()]


def _explanation(query: Query, document: Document) -> Explanation:
    program = query.program
    fits = program.holds(document)
    return Explanation(
        query.watchlist_id,
        query.version,
        fits,
        _rule_findings(query.rule, program, document),
        rule_evidence(program, document) if fits else (),
    )


def _rule_findings(rule: Rule, program: Program, document: Document) -> tuple[Finding, ...]:
    """Give the groups of a rule; `none of` holds where nothing in it does."""
    groups = (("all of", rule.all, all), ("any of", rule.any, any), ("none of", rule.none, _none))
    findings: list[Finding] = []
    for name, members, judge in groups:
        if members:
            parts = tuple(_part_finding(part, program, document) for part in members)
            findings.append(Finding(name, rule.line, judge(part.holds for part in parts), parts))
    return tuple(findings)


def _none(values: Iterable[bool]) -> bool:
    return not any(values)


def _part_finding(part: Item | Rule, program: Program, document: Document) -> Finding:
    if isinstance(part, Rule):
        findings = _rule_findings(part, program, document)
        return Finding("rule", part.line, program.part_holds(part, document), findings)
    fits = program.part_holds(part, document)
    return Finding(
        part.expression.text,
        part.line,
        fits,
        tuple(_finding(inner, part.line, program, document) for inner in parts_of(part.expression)),
        item_evidence(part, program, document) if fits else (),
        "" if in_period(part, document.entry) else _period(part),
    )


def _period(item: Item) -> str:
    """Say in words why an item does not count on the day of an entry."""
    begins = f" from {item.from_date.isoformat()}" if item.from_date else ""
    ends = f" until {item.until_date.isoformat()}" if item.until_date else ""
    return f"counts only for entries published{begins}{ends}"


def _finding(part: Expression, line: int, program: Program, document: Document) -> Finding:
    inner = tuple(_finding(inner, line, program, document) for inner in parts_of(part))
    return Finding(part.text, line, program.part_holds(part, document), inner)
