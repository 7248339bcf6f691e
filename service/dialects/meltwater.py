"""Meltwater's boolean searches (Explore, Monitor, and the older News).

From Meltwater's help, "How to Master Boolean Search" 1 to 3: NEAR/n and ONEAR/n allow at most n
words between, NEAR alone 4, ONEAR keeps the order; NOT excludes; a phrase must stand in quotes;
operators need no capitals any more; `^n` after a part only chooses the sentence that is shown.
From "The Boolean Touch": NOT binds before AND, AND before OR. From the help page "Boolean": title:,
ingress:, `*`. Their pages do not say what two words without quotes and operator mean, nor how
capitals are asked for: what is not known here is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects.grammar import TIGHTEST, Grammar, Infix, Lost, Prefix, Token, operator, scan
from service.dialects.remarks import NoEquivalent
from service.dialects.trees import all_but, all_of, any_of, denied, in_title, near

if TYPE_CHECKING:
    from service.dialects.remarks import Remarks
    from service.match import Expression

_OR, _AND, _NOT, _NEAR, _SIDE_BY_SIDE = 10.0, 20.0, 30.0, 40.0, 50.0
_END = r"(?=[\s()\"]|$)"
_PATTERN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<stray>")|(?P<boost>\^\d+(?:\.\d+)?)"""
    rf"""|(?P<near>(?i:o?near)(?:/\d+)?){_END}|(?P<logic>(?i:and|or|not)){_END}"""
    r"""|(?P<field>(?i:title|ingress|source|country|language):\s*|[A-Za-z][\w.]*:(?=[^\s)/]))|(?P<word>[^\s()"^]+|\^)"""
)
_BARE = 4
_FIELDS = {
    "ingress": ("the first paragraph", "Nearest here: text:, the summary or body."),
    "source": ("the source", "Nearest here: source:andina, by its whole name; or feed packs under feeds:."),
    "country": ("the country", "Nearest here: country:PE, the outlet's country, in two letters."),
    "language": ("the language", "Nearest here: lang:es, in two letters."),
}
_UNKNOWN = re.compile(r"[{}~<>=|\\^]|^[+!-]")


def _tokens(text: str, _remarks: Remarks) -> list[Token]:
    return list(scan(text, _PATTERN, _RULES))


def _near(match: re.Match[str]) -> Token:
    name, _, number = match[0].lower().partition("/")
    between = int(number[:9]) if number else _BARE
    build = near(between + 1, ordered=name == "onear")

    def counted(left: Expression, right: Expression, token: Token, remarks: Remarks) -> Expression:
        message = "NEAR/n allows n words between there; here neighbours are 1 apart, so it is one more."
        remarks.note(token.start, token.end, message)
        return build(left, right, token, remarks)

    return operator(match, infix=Infix(_NEAR, counted))


def _logic(match: re.Match[str]) -> Token:
    written = match[0].lower()
    if written == "or":
        return operator(match, infix=Infix(_OR, any_of))
    if written == "and":
        return operator(match, infix=Infix(_AND, all_of))
    return operator(match, infix=Infix(_NOT, all_but), prefix=Prefix(_NOT, denied))


def _field(match: re.Match[str]) -> Token:
    name = match[0].strip()[:-1].lower()
    if name == "title":
        return operator(match, prefix=Prefix(TIGHTEST, in_title))
    what, nearest = _FIELDS.get(
        name, ("a field that is not known here", "Leave it out, or put it in quotes if it is a word.")
    )
    return operator(match, prefix=Prefix(TIGHTEST, Lost(f"{name}: searches {what}.", nearest)))


def _boosted(part: Expression, _same: Expression, token: Token, remarks: Remarks) -> Expression:
    message = f"{token.text} only chooses the sentence that is shown, so it is left out."
    remarks.note(token.start, token.end, message)
    return part


_RULES = {
    "near": _near,
    "logic": _logic,
    "field": _field,
    "boost": lambda match: operator(match, infix=Infix(TIGHTEST + 1, _boosted, is_postfix=True)),
}


def _word(token: Token, _remarks: Remarks) -> str:
    """Give a word as it stands: `*` and `?` are the same here."""
    found = _UNKNOWN.search(token.text)
    if found:
        message = f"What {found[0]} means there is not known here."
        raise NoEquivalent(message, "Write the words without it, with AND NOT before what is to be excluded.")
    return token.text


GRAMMAR = Grammar(
    tokens=_tokens,
    word=_word,
    implied=Infix(
        _SIDE_BY_SIDE,
        Lost(
            "No operator stands before this, and Meltwater wants phrases in quotes.",
            "Put the phrase in quotes, or write AND or OR.",
        ),
    ),
    is_phrase=False,
)
"""How Meltwater reads a query."""
