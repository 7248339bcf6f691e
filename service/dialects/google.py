"""Google Alerts, which read what Google's search reads.

From Google's help on refining searches: quotes, `-`, OR, site:, intitle:. From "Google General
Search Rules" and "Search Rules" (both by users): words side by side must all be there, OR and AND
only in capitals, `|` is OR, common words are dropped outside of quotes, other forms and synonyms are
found by themselves, `*` in quotes stands for one or more words, never for letters. From "Order of
Operations on Google": OR joins what stands right beside it, so it binds before the words around it.
From notes on AROUND(n), which Google does not document: at most n words between, either order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects.grammar import TIGHTEST, Grammar, Infix, Kind, Lost, Prefix, Token, operator, scan
from service.dialects.remarks import NoEquivalent
from service.dialects.trees import FORMS_MEND, all_of, any_of, denied, in_text, in_title, near

if TYPE_CHECKING:
    from service.dialects.remarks import Remarks
    from service.match import Expression

_ALL, _AND, _OR, _AROUND = 5.0, 20.0, 30.0, 40.0
_END = r"(?=[\s()\"]|$)"
_PATTERN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<stray>")"""
    r"""|(?P<around>(?:AROUND|around)\s?\(\s*\d+\s*\))"""
    rf"""|(?P<logic>OR|AND|NOT){_END}|(?P<bar>\|+)"""
    r"""|(?<![^\s(|])(?P<minus>-+)(?=[\w"(])|(?<![^\s(|])(?P<plus>\+)(?=[\w"(])|(?P<like>~)(?=[\w"(])"""
    r"""|(?P<field>(?i:(?:all)?in(?:title|text|url):|site:)\s*|[A-Za-z]+:(?=[^\s)/]))|(?P<word>[^\s()"|]+)"""
)
_TITLE = {"intitle": TIGHTEST, "allintitle": _ALL}
_TEXT = {"intext": TIGHTEST, "allintext": _ALL}
_FIELDS = {
    "site": (
        "site: keeps to the pages of one site.",
        "Nearest here: source:andina, an outlet by its whole name; or name its feeds under feeds:.",
    ),
    "inurl": ("inurl: searches addresses.", "Leave it out; addresses are not searched here."),
    "allinurl": ("allinurl: searches addresses.", "Leave it out; addresses are not searched here."),
    "location": ("location: keeps to places.", "Nearest here: country:PE, the outlet's country."),
    "source": (
        "source: keeps to one paper of Google News.",
        "Nearest here: source:andina, an outlet by its whole name.",
    ),
}
_DATES = frozenset({"before", "after", "daterange"})
_LIKE = Lost("~ also finds words of like meaning.", "Write those words with OR, or forms:word for its forms.")
_NOT = Lost("NOT is a word to Google, not an operator.", "Write - before the word, as in -football.")
_COMMON = frozenset(
    {"a", "an", "and", "are", "at", "how", "in", "is", "of", "on", "or", "the", "to", "what", "where", "who"}
)
_SHORTEST_FORM = 3


def _tokens(text: str, remarks: Remarks) -> list[Token]:
    """Give the tokens without the common words that Google drops."""
    found = list(scan(text, _PATTERN, _RULES))
    kept: list[Token] = []
    for at, token in enumerate(found):
        if _is_dropped(found, at, kept):
            message = f"{token.text} is dropped there, and so it is here."
            remarks.note(token.start, token.end, message, "In quotes it would be kept.")
        else:
            kept.append(token)
    return kept


def _is_dropped(tokens: list[Token], at: int, kept: list[Token]) -> bool:
    """Tell whether a common word stands beside others, and no operator holds it."""
    token, after = tokens[at], tokens[at + 1 : at + 2]
    if token.kind is not Kind.WORD or token.text not in _COMMON:
        return False
    is_held = bool(kept) and (kept[-1].infix is not None or kept[-1].prefix is not None)
    is_last = after[0].kind in (Kind.CLOSE, Kind.END)
    is_first = not kept or kept[-1].kind is Kind.OPEN
    return not is_held and after[0].infix is None and not (is_first and is_last)


def _around(match: re.Match[str]) -> Token:
    between = int(re.sub(r"\D", "", match[0])[:9])
    build = near(between + 1)

    def counted(left: Expression, right: Expression, token: Token, remarks: Remarks) -> Expression:
        message = "AROUND(n) allows n words between; here neighbours are 1 apart, so it is one more."
        remarks.note(token.start, token.end, message)
        return build(left, right, token, remarks)

    return operator(match, infix=Infix(_AROUND, counted))


def _logic(match: re.Match[str]) -> Token:
    if match[0] == "NOT":
        return operator(match, prefix=Prefix(TIGHTEST, _NOT))
    return operator(match, infix=Infix(_AND, all_of) if match[0] == "AND" else Infix(_OR, any_of))


def _field(match: re.Match[str]) -> Token:
    name = match[0].strip()[:-1].lower()
    if name in _TITLE:
        return operator(match, prefix=Prefix(_TITLE[name], in_title))
    if name in _TEXT:
        return operator(match, prefix=Prefix(_TEXT[name], _in_text))
    if name in _DATES:
        message = f"{name}: is a range of dates: every entry is looked at once, when it is new."
        lost = Lost(message, "Leave it out; an item of a watchlist may have from: and until:.")
    else:
        lost = Lost(*_FIELDS.get(name, (f"{name}: has no equivalent here.", "Leave it out.")))
    return operator(match, prefix=Prefix(TIGHTEST, lost))


def _in_text(part: Expression, token: Token, remarks: Remarks) -> Expression:
    remarks.note(token.start, token.end, "text: is the summary; few feeds carry the whole body.")
    return in_text(part, token, remarks)


def _kept(part: Expression, token: Token, remarks: Remarks) -> Expression:
    remarks.note(token.start, token.end, "+ asks for exactly this word, as every word does here.")
    return part


_RULES = {
    "around": _around,
    "logic": _logic,
    "bar": lambda match: operator(match, infix=Infix(_OR, any_of)),
    "minus": lambda match: operator(match, prefix=Prefix(TIGHTEST, denied)),
    "plus": lambda match: operator(match, prefix=Prefix(TIGHTEST, _kept)),
    "like": lambda match: operator(match, prefix=Prefix(TIGHTEST, _LIKE)),
    "field": _field,
}


def _word(token: Token, remarks: Remarks) -> str:
    """Give a word as it stands; a `*` is never the end of a word."""
    text = token.text
    if "*" in text:
        raise _star_fault(text)
    if token.kind is Kind.WORD and len(text) >= _SHORTEST_FORM and text.isalpha():
        message = "Other forms and synonyms are found by themselves there; here a word is that form alone."
        remarks.note(token.start, token.end, message, FORMS_MEND)
    if re.fullmatch(r"\d+\.\.\d+", text):
        raise NoEquivalent("A range of numbers.", "Write the numbers with OR.")
    return text.replace("?", " ")


def _star_fault(text: str) -> NoEquivalent:
    """Say what to write for a `*` between words, and for one at a word."""
    parts = [part.strip() for part in re.split(r"\s\*+\s", f" {text} ")]
    if len(parts) > 1 and all(parts) and "*" not in "".join(parts):
        nearest = " ONEAR/4 ".join(parts)
        return NoEquivalent("* in quotes is one or more words.", f"Nearest here: {nearest}.")
    head = text.strip("*")
    if text.endswith("*") and head.isalpha():
        message = "Google knows no beginnings of words: the * is a word."
        return NoEquivalent(message, f"Here you may write {head}*.")
    return NoEquivalent("* is one or more words.", "Nearest here: A ONEAR/4 B.")


GRAMMAR = Grammar(tokens=_tokens, word=_word, implied=Infix(_AND, all_of), is_phrase=False, or_first=True)
"""How Google Alerts read a query."""
