"""The engines beside ours, each asked the same queries about the same articles.

Where an engine cannot say a thing (NEAR, mostly), it is asked for more than that and our evaluator
checks what it found; that time counts as the engine's.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import ahocorasick_rs
import mokaccino
import tantivy

from service.match import Matcher, Query, Rule, parse_expression
from service.match.compile import Program
from service.match.document import Document
from service.match.tree import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.match_load import Article, Stored, Words
    from service.domain import Entry

BATCH = 1_000
Answers = list[list[int]]
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Fold case and strip accents as most programs do."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def floor(article: Article) -> int:
    """Fold and cut into words, and nothing else: what no engine in Python can be quicker than."""
    return len(_WORD.findall(folded(article.title))) + len(_WORD.findall(folded(article.text)))


class Engine(Protocol):
    """An engine: built from queries, then asked; `at_once` is how many articles it wants at a time."""

    name: str
    at_once: int

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Take the queries."""

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Give the numbers of the queries that match each article, sorted."""


class Checker:
    """Our matcher, also as the one who checks what others found."""

    def __init__(self, queries: Sequence[Stored]) -> None:
        """Build it."""
        rules = (Rule(all=(Item(parse_expression(query.expression())),)) for query in queries)
        self.queries = [Query(str(number), "1", rule) for number, rule in enumerate(rules)]
        self.matcher = Matcher(self.queries)

    def keep(self, entry: Entry, numbers: Sequence[int]) -> list[int]:
        """Keep the queries that really match."""
        document = Document.of(entry)
        return [number for number in numbers if self._programs[number].holds(document)]

    @cached_property
    def _programs(self) -> list[Program]:
        return [Program(query.rule) for query in self.queries]


class Ours:
    """The matcher of this project."""

    name, at_once = "avizor", 1

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Use what the checker has built."""
        del queries
        self._matching = checker.matcher.matching

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Ask it."""
        del articles
        return [[int(query.watchlist_id) for query in self._matching(entry)] for entry in entries]


class OursWithEvidence:
    """The same, with the words that matched and their places, which no other engine gives."""

    name, at_once = "with evidence", 1

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Use what the checker has built."""
        del queries
        self._match = checker.matcher.match

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Ask it."""
        del articles
        return [[int(match.watchlist_id) for match in self._match(entry)] for entry in entries]


class AhoCorasick:
    """ahocorasick_rs looks for one rare word of every query; the queries found are checked."""

    name, at_once = "ahocorasick_rs", 1

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """File each query under its longest required words."""
        filed: dict[str, list[int]] = {}
        for number, query in enumerate(queries):
            for pattern in _anchors(query):
                filed.setdefault(pattern, []).append(number)
        self._filed = list(filed.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(filed))
        self._checker = checker

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Scan, then check."""
        return [self._one(*pair) for pair in zip(articles, entries, strict=True)]

    def _one(self, article: Article, entry: Entry) -> list[int]:
        text = f" {' '.join(_WORD.findall(folded(article.title + ' ' + article.text)))} "
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        found = {number for pattern, _, _ in hits for number in self._filed[pattern]}
        return self._checker.keep(entry, sorted(found))


def _anchors(query: Stored) -> list[str]:
    groups = [*query.groups, *((query.title,) if query.title else ()), *((query.near or ())[:2])]
    choices = [[f" {folded(word)} " for word in group] for group in groups if group]
    if query.prefix:
        choices.append([f" {query.prefix}"])
    return max(choices, key=lambda words: min(map(len, words)))


class Mokaccino:
    """mokaccino percolates sets of words; a NEAR is asked as an AND and checked."""

    name, at_once = "mokaccino", 1

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Add the queries."""
        self._percolator = mokaccino.Percolator()
        self._to_check = {number for number, query in enumerate(queries) if query.near}
        for number, query in enumerate(queries):
            self._percolator.add_query_id(_mokaccino(query), number)
        self._checker = checker

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Percolate, then check."""
        return [self._one(*pair) for pair in zip(articles, entries, strict=True)]

    def _one(self, article: Article, entry: Entry) -> list[int]:
        document = mokaccino.Document()
        title = set(_WORD.findall(folded(article.title)))
        for word in title:
            document = document.with_value("t", word)
        for word in title.union(_WORD.findall(folded(article.text))):
            document = document.with_value("w", word)
        found = set(self._percolator.percolate_list(document))
        unsure = sorted(found & self._to_check)
        return sorted({*(found - self._to_check), *(self._checker.keep(entry, unsure) if unsure else ())})


def _mokaccino(query: Stored) -> mokaccino.Query:
    either = [_mokaccino_or("w", group) for group in (*query.groups, *((query.near or ())[:2]))]
    if query.title:
        either.append(_mokaccino_or("t", query.title))
    if query.prefix:
        either.append(mokaccino.Query.from_kprefix("w", query.prefix))
    whole = either[0]
    for part in either[1:]:
        whole &= part
    return whole & ~_mokaccino_or("w", query.none) if query.none else whole


def _mokaccino_or(field: str, words: Words) -> mokaccino.Query:
    whole = mokaccino.Query.from_kv(field, folded(words[0]))
    for word in words[1:]:
        whole |= mokaccino.Query.from_kv(field, folded(word))
    return whole


class Fts5:
    """SQLite FTS5: articles are indexed by the thousand, and every query is run."""

    name, at_once = "SQLite FTS5", BATCH

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Write the queries in its language."""
        del checker
        self._queries = [_fts5(query) for query in queries]

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Index the articles, run the queries."""
        del entries
        database = sqlite3.connect(":memory:")
        database.execute(
            "CREATE VIRTUAL TABLE t USING fts5(title, text, tokenize='unicode61 remove_diacritics 2')"
        )
        rows = [(number, article.title, article.text) for number, article in enumerate(articles)]
        database.executemany("INSERT INTO t(rowid, title, text) VALUES (?, ?, ?)", rows)
        answers: Answers = [[] for _ in articles]
        for number, query in enumerate(self._queries):
            for (row,) in database.execute("SELECT rowid FROM t WHERE t MATCH ?", (query,)):
                answers[row].append(number)
        database.close()
        return answers


def _fts5(query: Stored) -> str:
    parts = [_fts5_or(group) for group in query.groups]
    if query.title:
        parts.append(f"{{title}} : {_fts5_or(query.title)}")
    if query.near:
        left, right, distance = query.near
        pairs = (f'NEAR("{a}" "{b}", {distance - 1})' for a in left for b in right)
        parts.append(f"({' OR '.join(pairs)})")
    if query.prefix:
        parts.append(f'"{query.prefix}" *')
    whole = " AND ".join(parts)
    return f"({whole}) NOT {_fts5_or(query.none)}" if query.none else whole


def _fts5_or(words: Words) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


class Tantivy:
    """tantivy: articles are indexed by the thousand, and every query is run; NEAR is asked as AND."""

    name, at_once = "tantivy", BATCH

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Write the queries in its language."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("title", tokenizer_name="plain")
        builder.add_text_field("text", tokenizer_name="plain")
        self._schema = builder.build()
        self._queries = [self._query(query) for query in queries]
        self._to_check = {number for number, query in enumerate(queries) if query.near}
        self._checker = checker

    def _query(self, query: Stored) -> tantivy.Query:
        must = [self._either(group) for group in (*query.groups, *((query.near or ())[:2]))]
        if query.title:
            must.append(self._either(query.title, fields=("title",)))
        if query.prefix:
            found = [
                tantivy.Query.regex_query(self._schema, field, f"{query.prefix}.*")
                for field in ("title", "text")
            ]
            must.append(tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in found]))
        clauses = [(tantivy.Occur.Must, one) for one in must]
        if query.none:
            clauses.append((tantivy.Occur.MustNot, self._either(query.none)))
        return tantivy.Query.boolean_query(clauses)

    def _either(self, words: Words, fields: Sequence[str] = ("title", "text")) -> tantivy.Query:
        terms = (
            tantivy.Query.term_query(self._schema, field, folded(word)) for word in words for field in fields
        )
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Index the articles, run the queries, check what is unsure."""
        index = tantivy.Index(self._schema)
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        analyzer = analyzer.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
        index.register_tokenizer("plain", analyzer.build())
        writer = index.writer(heap_size=64_000_000, num_threads=1)
        for article in articles:
            writer.add_document(tantivy.Document(title=article.title, text=article.text))
        writer.commit()
        index.reload()
        searcher = index.searcher()
        answers: Answers = [[] for _ in articles]
        for number, query in enumerate(self._queries):
            for _, address in searcher.search(query, limit=BATCH, count=False).hits:
                if number not in self._to_check or self._checker.keep(entries[address.doc], [number]):
                    answers[address.doc].append(number)
        return answers


class RegularExpressions:
    """A loop over compiled regular expressions, on folded text."""

    name, at_once = "re loop", 1

    def __init__(self, queries: Sequence[Stored], checker: Checker) -> None:
        """Compile them."""
        del checker
        self._queries = [tuple(_patterns(query)) for query in queries]

    def ask(self, articles: Sequence[Article], entries: Sequence[Entry]) -> Answers:
        """Try every query on every article."""
        del entries
        return [self._one(article) for article in articles]

    def _one(self, article: Article) -> list[int]:
        title, text = folded(article.title), folded(article.text)
        fields = {"all": f"{title}\n{text}", "title": title}
        return [
            number
            for number, tests in enumerate(self._queries)
            if all((pattern.search(fields[field]) is not None) is wanted for pattern, field, wanted in tests)
        ]


def _patterns(query: Stored) -> Iterator[tuple[re.Pattern[str], str, bool]]:
    for group in query.groups:
        yield re.compile(rf"\b{_re_or(group)}\b"), "all", True
    if query.title:
        yield re.compile(rf"\b{_re_or(query.title)}\b"), "title", True
    if query.near:
        left, right, distance = query.near
        gap = rf"[^\w\n]+(?:\w+[^\w\n]+){{0,{distance - 1}}}"
        one, other = _re_or(left), _re_or(right)
        yield re.compile(rf"\b(?:{one}{gap}{other}|{other}{gap}{one})\b"), "all", True
    if query.prefix:
        yield re.compile(rf"\b{query.prefix}"), "all", True
    if query.none:
        yield re.compile(rf"\b{_re_or(query.none)}\b"), "all", False


def _re_or(words: Words) -> str:
    return f"(?:{'|'.join(map(folded, words))})"


ENGINES: tuple[type[Engine], ...] = (
    Ours,
    OursWithEvidence,
    AhoCorasick,
    Mokaccino,
    Fts5,
    Tantivy,
    RegularExpressions,
)
