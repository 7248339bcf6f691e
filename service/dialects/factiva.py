"""Factiva's free text search, in its traditional mode.

From the Factiva Developer's Kit, "Search Statement Operators", "Search Statement Examples" and
"Range Searches": operators in any case; `adjN` and `w/N` ordered and counted from 1 (direct
neighbours), `adj` alone is adj1 and stands between two terms without an operator; `/Nn/` and `/Fn/`
need no spaces; quotes free operator words; `%` is exactly one word; `date …`, `wc…` are ranges.
From the help card "Using Connectors and Operators": `nearN` as `/Nn/`, either order, 0 to N-1 words
between; `same` is the same paragraph; round or square brackets; atleastN.
From the ProQuest guide to Factiva: what binds first (brackets, proximity, atleast and fields, NOT,
AND, OR). From ProQuest's table of Factiva's fields: what each holds. From a librarian's comparison
of databases: `$n` is up to n letters, `?` one, `*` any ending.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects.grammar import Grammar, Infix, Lost, Prefix, Token, operator, scan
from service.dialects.remarks import NoEquivalent
from service.dialects.trees import (
    all_but,
    all_of,
    any_of,
    at_least,
    denied,
    in_language,
    in_title,
    near,
)

if TYPE_CHECKING:
    from service.dialects.remarks import Remarks

_OR, _AND, _NOT, _FIELD, _NEAR, _SIDE_BY_SIDE = 10.0, 20.0, 30.0, 40.0, 50.0, 60.0
_PATTERN = re.compile(
    r"""(?P<open>[(\[])|(?P<close>[)\]])|"(?P<quoted>[^"]*)"|(?P<stray>")"""
    r"""|(?P<within>/[Nn]\d+/)|(?P<first>/[Ff]\d+/)"""
    r"""|(?P<range>(?i:(?:date|upd)\s+(?:from\s+\S+\s+to\s+[^\s()\[\]]+|(?:after|before|on|since)\s+[^\s()\[\]]+"""
    r"""|[-+]?\d[^\s()\[\]]*)|(?:date|upd|wc)\s*[<>=]+\s*[^\s()\[\]]+))"""
    r"""|(?P<field>[A-Za-z]{2,5}=)"""
    r"""|(?P<numbered>(?i:near|adj)\d+|(?i:w\s?/\s?\d+)|(?i:adj|near))(?=[\s()\[\]"]|$)"""
    r"""|(?P<atleast>(?i:atleast)\d+)(?=[\s()\[\]"]|$)"""
    r"""|(?P<logic>(?i:and|or|not|same))(?=[\s()\[\]"]|$)"""
    r"""|(?P<word>(?:(?!/[NnFf]\d+/)[^\s()\[\]"])+)"""
)
_SAME = Lost("same: both in the same paragraph.", "Nearest here: A NEAR/50 B, within 50 word positions.")
_BARE_NEAR = Lost("near has no number.", "Write near5 for at most five word positions apart.")
_FIRST = Lost(
    "/Fn/: within the first n words of the article.", "Nearest here: title:A for the headline, or just A."
)
_RANGE = Lost(
    "A range of dates or lengths: every entry is looked at once, when it is new.",
    "Leave it out; an item of a watchlist may have from: and until:.",
)
_LOGIC = {
    "and": (Infix(_AND, all_of), None),
    "or": (Infix(_OR, any_of), None),
    "not": (Infix(_NOT, all_but), Prefix(_NOT, denied)),
    "same": (Infix(_NEAR, _SAME), None),
}
_OUTLET = "Nearest here: source:andina for one outlet, by its whole name; or name feed packs under feeds:."
_WORDS = "Leave it out and write the words that name it."
_FIELDS = {
    "hlp": ("headline and lead paragraph", "Leave it out: most entries are a headline and a lead anyway."),
    "hl": ("headline, section and column name", "Nearest here: title:, the headline alone (hd= there)."),
    "lp": ("lead paragraphs", "Nearest here: text:, the summary or body."),
    "td": ("the text after the lead", "Nearest here: text:, the summary or body."),
    "rst": ("a group or code of sources", _OUTLET),
    "sc": ("a code of a source", _OUTLET),
    "sn": ("words of the source's name", _OUTLET),
    "pub": ("the publisher", _OUTLET),
    "re": (
        "the region an article is about",
        "Write the names of places; country:PE is the outlet's country, which is not the same.",
    ),
    "in": ("a code of an industry", _WORDS),
    "ns": ("a code of a subject", _WORDS),
    "de": ("descriptors", _WORDS),
    "co": ("a code of a company", _WORDS),
    "fds": ("a code of a company", _WORDS),
    "by": ("the author", _WORDS),
}
# Factiva's codes that are not the two letters of ours.
_LANGUAGES = {"zhcn": "zh", "zhtw": "zh"}
_UP_TO = re.compile(r"(?P<head>\w+)\$(?P<most>\d)")
_MOST_LETTERS = 3


def _tokens(text: str, _remarks: Remarks) -> list[Token]:
    return list(scan(text, _PATTERN, _RULES))


def _field(match: re.Match[str]) -> Token:
    name = match[0][:-1].lower()
    if name == "hd":
        return operator(match, prefix=Prefix(_FIELD, in_title))
    if name == "la":
        return operator(match, prefix=Prefix(_FIELD, in_language(_language), holds_codes=True))
    what, nearest = _FIELDS.get(name, ("a field of its own", "Leave it out."))
    return operator(match, prefix=Prefix(_FIELD, Lost(f"{name}= searches {what}.", nearest)))


def _language(written: str) -> str:
    return _LANGUAGES.get(written, written)


def _numbered(match: re.Match[str]) -> Token:
    name, number = re.fullmatch(r"(?i)(near|adj|w\s?/)\s?(\d*)", match[0]).groups()  # type: ignore[union-attr] # the pattern's own
    if name.lower() == "near" and not number:
        return operator(match, infix=Infix(_NEAR, _BARE_NEAR))
    return operator(match, infix=Infix(_NEAR, near(int(number or 1), ordered=name.lower() != "near")))


def _logic(match: re.Match[str]) -> Token:
    infix, prefix = _LOGIC[match[0].lower()]
    return operator(match, infix=infix, prefix=prefix)


_RULES = {
    "within": lambda match: operator(match, infix=Infix(_NEAR, near(int(match[0][2:-1])))),
    "first": lambda match: operator(match, infix=Infix(_NEAR, _FIRST, is_postfix=True)),
    "range": lambda match: operator(match, lost=_RANGE),
    "field": _field,
    "numbered": _numbered,
    "atleast": lambda match: operator(match, prefix=Prefix(_FIELD, at_least(int(match[0][7:])))),
    "logic": _logic,
}


def _word(token: Token, _remarks: Remarks) -> str:
    """Give a word in our signs: an end of any length is `*` here, one letter `?`."""
    if "%" in token.text:
        raise NoEquivalent("% is exactly one word, whichever.", "Nearest here: A ONEAR/2 B.")
    for chunk in token.text.split():
        limited = _UP_TO.fullmatch(chunk)
        if limited:
            head, most = limited["head"], int(limited["most"])
            raise NoEquivalent(f"{chunk}: at most {most} letters more.", _up_to(head, most))
    return re.sub(r"(?<=\w)\$(?!\w)", "*", token.text)


def _up_to(head: str, most: int) -> str:
    if most > _MOST_LETTERS:
        return f"Nearest here: {head}*, with any ending."
    forms = " OR ".join(f"{head}{'?' * count}" for count in range(most + 1))
    return f"Write {head}* for any ending, or ({forms})."


GRAMMAR = Grammar(
    tokens=_tokens,
    word=_word,
    implied=Infix(_SIDE_BY_SIDE, near(1, ordered=True)),
    is_phrase=True,
)
"""How Factiva reads a query."""
