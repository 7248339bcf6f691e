"""Advice for `avizor check`: from the files, and from the newest stored articles."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from service.cli import show
from service.errors import AvizorError, Problem, Severity
from service.match import Item, Matcher, Query, Rule
from service.match.tree import Or, Term
from service.watchlists import advise, blocks_of, items_of, line_of_block, nodes_of
from service.wiring import follows, has_store, open_store, real_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.config import Settings
    from service.domain import Entry, Feed
    from service.watchlists import Watchlist
    from service.wiring import Files

SPAN = timedelta(days=365)
LOOKED_AT = 5_000
"""So many of the newest articles are read: about two seconds."""
ENOUGH = 500
"""With fewer articles that never matched says nothing."""
TOO_MUCH = 0.05
"""A term that alone makes a match, and stands in more than this share of the articles, is too common."""
_LISTED = 12


def advise_all(settings: Settings, files: Files) -> list[Problem]:
    """Give the advice of the files, then that of the archive where there is one."""
    found = [problem for watchlist in files.watchlists for problem in advise(watchlist)]
    if not has_store(settings):
        return found
    try:
        with open_store(settings, exclusive=False) as store:
            feeds = store.archive.feeds_by_id()
            pages = store.archive.iter_pages(real_clock() - SPAN, newest_first=True, batch=LOOKED_AT)
            entries = next(pages, [])
    except AvizorError as fault:
        show.print_error_line(f"The stored articles were not looked at: {fault.message}.")
        return found
    if len(entries) < ENOUGH:
        return found
    return [
        *found,
        *(one for watchlist in files.watchlists for one in advise_from(watchlist, entries, feeds)),
    ]


def advise_from(watchlist: Watchlist, entries: Sequence[Entry], feeds: dict[int, Feed]) -> list[Problem]:
    """Say which terms never matched in these articles of the watchlist's feeds, and which match too many."""
    read = [
        entry
        for entry in entries
        if entry.feed_id in feeds and follows(watchlist, feeds[entry.feed_id].source)
    ]
    if len(read) < ENOUGH:
        return []
    counts = _count(watchlist, read)
    since = min(entry.first_seen_at for entry in read).date().isoformat()
    within = f"the {len(read):,} articles of its feeds since {since}"
    return [*_never(watchlist, counts, within), *_too_much(watchlist, counts, len(read), within)]


def _terms(watchlist: Watchlist) -> dict[str, Term]:
    """Give the terms of a watchlist by their text."""
    return {
        part.text: part
        for item in items_of(watchlist.query.rule)
        for part in nodes_of(item.expression)
        if isinstance(part, Term)
    }


def _count(watchlist: Watchlist, entries: Iterable[Entry]) -> Counter[str]:
    matcher = Matcher(Query(text, "", Rule(all=(Item(term),))) for text, term in _terms(watchlist).items())
    return Counter(query.watchlist_id for entry in entries for query in matcher.matching(entry))


def _never(watchlist: Watchlist, counts: Counter[str], within: str) -> list[Problem]:
    found = []
    for name, block in blocks_of(watchlist).items():
        texts = [part.text for part in block.parts if isinstance(part, Term)]
        dead = [text for text in texts if not counts[text]]
        if dead and len(dead) < len(texts):
            found.append(_said(watchlist, line_of_block(watchlist, name), f"${name}", dead, within))
    denied = _denied(watchlist.query.rule)
    for item in items_of(watchlist.query.rule):
        if id(item) not in denied and isinstance(item.expression, Term):
            text = item.expression.text
            if not counts[text]:
                found.append(_said(watchlist, item.line, "", [text], within))
    return found


def _denied(rule: Rule) -> set[int]:
    """Give the identity of every item that stands under some `none`."""
    found = {id(item) for item in items_of(Rule(any=rule.none))}
    for part in (*rule.all, *rule.any):
        if isinstance(part, Rule):
            found |= _denied(part)
    return found


def _said(watchlist: Watchlist, line: int, name: str, dead: Sequence[str], within: str) -> Problem:
    listed = ", ".join(dead[:_LISTED]) + (f" and {len(dead) - _LISTED} more" if len(dead) > _LISTED else "")
    head = f"{name}: " if name else ""
    message = f"{head}never found in {within}: {listed}."
    mend = "Check how the news writes it; if it is right, leave it."
    return Problem(watchlist.file, line, 1, message, mend, "", Severity.ADVICE)


def _too_much(watchlist: Watchlist, counts: Counter[str], read: int, within: str) -> list[Problem]:
    """Look at the terms that make a match alone: items of `any` that are a term, or an OR of terms."""
    found = []
    for item in watchlist.query.rule.any:
        if not isinstance(item, Item):
            continue
        parts = item.expression.parts if isinstance(item.expression, Or) else (item.expression,)
        common = [one.text for one in parts if isinstance(one, Term) and counts[one.text] > TOO_MUCH * read]
        if common:
            shares = ", ".join(f"{text} ({counts[text] / read:.0%})" for text in common)
            message = f"stands alone and is in very many of {within}: {shares}."
            mend = "Join it by AND with a word of the topic."
            found.append(Problem(watchlist.file, item.line, 1, message, mend, "any", Severity.ADVICE))
    return found
