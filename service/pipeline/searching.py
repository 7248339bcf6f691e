"""A search of the archive: the index of words gives candidates, the matcher decides, the newest first.

What is found is what the matcher would find walking through everything. One page looks at a bounded number
of entries, and says where it stopped. Pure but for the store; the time is in the question.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from service.match import Document, Item, NearMiss, Query, Rule, fact_holds, find_near_misses
from service.match.prefilter import every, near_need_of, near_need_of_rule, need_of
from service.pipeline.overlooked import Overlooked
from service.store import END, Place, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.domain import Entry, Evidence
    from service.match import Expression, Fact
    from service.match.prefilter import Need
    from service.store import InEvent, Store

SHOWN = 30
MOST_LOOKED = 2_000  # entries read for one page
_FIRST, _GROWTH, _LARGEST = 64, 4, 1_000  # candidates asked for at a time
_NEARLY_LOOKED = 300


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for: an expression (None takes everything), facts that hold, and what is wanted."""

    expression: Expression | None = None
    facts: tuple[Fact, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, why, and the events it is a report of."""

    entry: Entry
    evidence: tuple[Evidence, ...] = ()
    events: tuple[InEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearly:
    """An entry that one part of the question kept from being found."""

    entry: Entry
    miss: NearMiss


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. `further` is where to go on, None at the end.

    `is_cut` says that the page ended at its bound and not because it was full; `reached` is how far back it
    looked then. `among` counts the entries that the whole search is about. `nearly` is given where nothing
    was found at all.
    """

    hits: tuple[Hit, ...]
    further: Place | None
    is_cut: bool
    reached: datetime | None
    among: int
    nearly: Nearly | None = None


class Searching:
    """Searches the archive of a store."""

    def __init__(self, store: Store) -> None:
        """Take the open store."""
        self._store = store

    def ask(self, question: Question, before: Place = END, most: int = SHOWN) -> Found:
        """Give a page of hits that stand before a place."""
        looking = _Looking(self._store, question, before, MOST_LOOKED)
        hits: list[tuple[Place, Hit]] = []
        for one in looking.hits():
            hits.append(one)
            if len(hits) > most:
                break
        is_full = len(hits) > most
        is_cut = not is_full and not looking.is_over
        shown = [hit for _, hit in hits[:most]]
        further = hits[most - 1][0] if is_full else (looking.place if is_cut else None)
        return Found(
            hits=tuple(self._with_events(shown)),
            further=further,
            is_cut=is_cut,
            reached=looking.place.at if is_cut else None,
            among=self._store.searching.count_entries(question.wanted),
            nearly=None if hits or is_cut or before != END else self._find_nearly(question),
        )

    def walk(self, question: Question) -> Iterator[Hit]:
        """Give all hits, however many there are, page by page."""
        looking = _Looking(self._store, question, END, None)
        page: list[Hit] = []
        for _, hit in looking.hits():
            page.append(hit)
            if len(page) == _LARGEST:
                yield from self._with_events(page)
                page = []
        yield from self._with_events(page)

    def list_nearest(self, query: Query, since: datetime, most: int) -> list[Nearly]:
        """List articles since a time that nearly matched a watchlist, each of which lacks something else.

        What is lacked by very many is left out: it says too little (`telling`).
        """
        need = near_need_of_rule(query.rule)
        if need is None:
            return []
        question = Question(wanted=Wanted(since=since))
        looking, found = _Looking(self._store, question, END, _NEARLY_LOOKED, need), Overlooked()
        for _, entry in looking.entries():
            document = Document.of(entry)
            if not query.program.holds(document):
                found.note(query.watchlist_id, entry, find_near_misses(query.program, document))
            found.walk(1)
        return [
            Nearly(one.examples[0], NearMiss(one.line, one.lack, one.missing, one.present))
            for one in found.list_telling()[:most]
        ]

    def _with_events(self, hits: Sequence[Hit]) -> list[Hit]:
        if not hits:
            return []
        events = self._store.searching.list_events([hit.entry.id for hit in hits])
        return [replace(hit, events=tuple(events.get(hit.entry.id, ()))) for hit in hits]

    def _find_nearly(self, question: Question) -> Nearly | None:
        """Give the newest entry that nearly fits, of so many of those that hold some of the words."""
        if question.expression is None or (need := near_need_of(question.expression)) is None:
            return None
        program = _query(question.expression).program
        looking = _Looking(self._store, question, END, _NEARLY_LOOKED, need)
        for _, entry in looking.entries():
            misses = find_near_misses(program, Document.of(entry))
            if misses:
                return Nearly(entry, misses[0])
        return None


class _Looking:
    """One look from a place backwards; remembers how far it came."""

    def __init__(
        self,
        store: Store,
        question: Question,
        before: Place,
        most: int | None,
        need: Need | None = None,
    ) -> None:
        self._store, self._question, self._most = store, question, most
        self.place, self.is_over = before, False
        expression = question.expression
        asked = need if need is not None else (None if expression is None else need_of(expression))
        self._need = every((asked, *(need_of(fact) for fact in question.facts)))

    def hits(self) -> Iterator[tuple[Place, Hit]]:
        """Give what the matcher finds."""
        expression = self._question.expression
        query = None if expression is None else _query(expression)
        for place, entry in self.entries():
            if query is None:
                yield place, Hit(entry)
                continue
            document = Document.of(entry)
            if query.program.holds(document):
                yield place, Hit(entry, query.match(document).evidence)

    def entries(self) -> Iterator[tuple[Place, Entry]]:
        """Give the candidates of which all facts hold."""
        searching, wanted, facts = self._store.searching, self._question.wanted, self._question.facts
        left, size = self._most, _FIRST
        while left is None or left > 0:
            places = searching.find_places(self._need, wanted, self.place, size)
            for place, entry in searching.list_entries(places, wanted):
                self.place = place
                if all(fact_holds(fact, entry) for fact in facts):
                    yield place, entry
            if len(places) < size:
                self.is_over = True
                return
            self.place = places[-1]
            left = None if left is None else left - len(places)
            size = min(size * _GROWTH, _LARGEST)


def _query(expression: Expression) -> Query:
    return Query("", "", Rule(all=(Item(expression),)))
