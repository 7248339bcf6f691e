"""Advice about a watchlist that is in order: what is said twice, what a language lacks, what never ends.

Only what follows from the file alone, and only what is certain; what stored articles say about its terms
is counted elsewhere. Advice refuses nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.errors import Problem, Severity
from service.match import Item, Rule
from service.match.tree import Or, Spelling, Term, WordKind, parts_of
from service.text import is_han

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.match import Expression
    from service.watchlists.watchlist import Watchlist

_ENGLISH = re.compile(r"\b(?:the|of|and)\b|(?:tion|tions|ship|ing|ment|ous)\b|[a-z]*[kw][a-z]*")
_LISTED = 8  # so many words are named; more would not be read


def advise(watchlist: Watchlist) -> list[Problem]:
    """Give advice about a watchlist, each with the line it is about, in the order of the file."""
    found = [*_shadowed(watchlist), *_without_language(watchlist), *_without_period(watchlist)]
    return sorted(found, key=lambda problem: problem.line)


def blocks_of(watchlist: Watchlist) -> dict[str, Or]:
    """Give the named blocks that the rule uses, by name."""
    found: dict[str, Or] = {}
    for item in items_of(watchlist.query.rule):
        for part in nodes_of(item.expression):
            if isinstance(part, Or) and re.fullmatch(r"\$[\w-]+", part.text):
                found.setdefault(part.text[1:], part)
    return found


def items_of(rule: Rule) -> Iterator[Item]:
    """Give all items of a rule, those of nested rules too."""
    for part in (*rule.any, *rule.all, *rule.none):
        if isinstance(part, Rule):
            yield from items_of(part)
        else:
            yield part


def nodes_of(part: Expression) -> Iterator[Expression]:
    """Give an expression and everything in it."""
    yield part
    for one in parts_of(part):
        yield from nodes_of(one)


def line_of_block(watchlist: Watchlist, name: str) -> int:
    """Give the line on which a block is defined; 1 for one of the shared terms."""
    found = re.search(rf"^\s+{re.escape(name)}\s*:", watchlist.source.text, re.MULTILINE)
    return watchlist.source.text.count("\n", 0, found.start() + 1) + 1 if found else 1


def _advice(watchlist: Watchlist, line: int, message: str, mend: str, key: str) -> Problem:
    return Problem(watchlist.file, line, 1, message, mend, key, Severity.ADVICE)


# ---------------------------------------------------------------------------------------- shadowed


def _shadowed(watchlist: Watchlist) -> Iterator[Problem]:
    """Name terms that a broader one beside them finds anyway."""
    for name, block in blocks_of(watchlist).items():
        pairs = [*_pairs(block.parts)]
        if pairs:
            line = line_of_block(watchlist, name)
            yield _advice(watchlist, line, f"${name}: {_list_pairs(pairs)}.", "Leave out the narrower.", name)
    plain = [one for one in watchlist.query.rule.any if isinstance(one, Item) and not one.until_date]
    for narrow, broad in _pairs(tuple(one.expression for one in plain if not one.from_date)):
        line = next(one.line for one in plain if one.expression is narrow)
        message = f"{narrow.text} is found by {broad.text} anyway."
        yield _advice(watchlist, line, message, "Leave out the narrower.", "any")


def _list_pairs(pairs: list[tuple[Term, Term]]) -> str:
    named = [f"{narrow.text} is found by {broad.text} anyway" for narrow, broad in pairs[:_LISTED]]
    more = len(pairs) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")


def _pairs(parts: tuple[Expression, ...]) -> Iterator[tuple[Term, Term]]:
    terms = [part for part in parts if isinstance(part, Term)]
    broad = [term for term in terms if len(term.words) == 1 and not term.spelling]
    for at, narrow in enumerate(terms):
        others = (one for one in broad if one is not narrow and _covers(one, narrow))
        # Of two that find the same, the second is the one to leave out.
        found = next((one for one in others if not _covers(narrow, one) or one in terms[:at]), None)
        if found:
            yield narrow, found


def _covers(broad: Term, narrow: Term) -> bool:
    """Tell whether a single word is found wherever a term is."""
    word = broad.words[0]
    if broad.spelling or len(broad.words) > 1 or Spelling.LOOSE in narrow.spelling:
        return False
    for other in narrow.words:
        if other.kind in (WordKind.WHOLE, WordKind.PREFIX):
            if word.kind is WordKind.PREFIX and other.folded.startswith(word.folded):
                return True
            if word.kind is other.kind is WordKind.WHOLE and word.folded == other.folded:
                return True
    return False


# --------------------------------------------------------------------------------------- languages


def _without_language(watchlist: Watchlist) -> Iterator[Problem]:
    """Name declared languages in which a watchlist, or a block of it, has no word."""
    terms = [
        part
        for item in items_of(watchlist.query.rule)
        for part in nodes_of(item.expression)
        if isinstance(part, Term)
    ]
    has_han = any(is_han(word.folded[0]) for term in terms for word in term.words)
    if "zh" in watchlist.languages and not has_han:
        message = "languages: names zh, and no term is written in Chinese."
        yield _advice(watchlist, 1, message, "Add the names in Chinese, or take zh out.", "languages")
    others = [code for code in watchlist.languages if code in ("es", "pt")]
    for name, block in blocks_of(watchlist).items():
        texts = [part.text for part in block.parts if isinstance(part, Term)]
        if others and len(texts) > 1 and all(map(_is_english, texts)):
            message = f"${name} has English words, and none in {' or '.join(others)}."
            mend = "Add what papers in that language write."
            yield _advice(watchlist, line_of_block(watchlist, name), message, mend, name)


def _is_english(text: str) -> bool:
    return text.isascii() and text.islower() and _ENGLISH.search(text) is not None


# ----------------------------------------------------------------------------------------- periods


def _without_period(watchlist: Watchlist) -> Iterator[Problem]:
    """Name people that count for ever, in a watchlist in which others have their time."""
    items = [*items_of(watchlist.query.rule)]
    if not any(item.from_date or item.until_date for item in items):
        return
    names: dict[str, int] = {}
    for item in items:
        if item.from_date or item.until_date or item in watchlist.query.rule.none:
            continue
        if isinstance(item.expression, Term) and Spelling.NAME in item.expression.spelling:
            names.setdefault(item.expression.text, item.line)
    if names:
        listed = ", ".join([*names][:_LISTED])
        message = f"{listed}: a name without a period, though other items of the file have one."
        mend = "Give it from: and until:, if its time in the topic ends."
        yield _advice(watchlist, min(names.values()), message, mend, "any")
