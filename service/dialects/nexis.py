"""Nexis and Lexis+, searched with terms and connectors.

From Lexis help, "Connector Order and Priority" and "Terms & Connectors Complete Reference": OR binds
first, then proximity, of which the smaller number goes first and equal ones from left to right, then
AND, then AND NOT, which denies all that follows; w/n, /n and near/n are the same, pre/n, +n and
onear/n ask for the order. From "W/n Connector": w/3 finds a pair with two words between, so n counts
positions as ours. From the news operators' glossary: NOT w/n asks for one free occurrence; w/s and
w/p come after w/n. From "Precision Commands" and the news tips on them: CAPS is at least one
capital, ALLCAPS all, NOCAPS none; SINGULAR, PLURAL, ATLEASTn; regular plurals are found by
themselves. From "Wildcard Characters": `!` is any ending, `*` within a word one letter; the quick
reference of newer products gives `*` at the end any ending. From "Noise Words": they are skipped in
phrases and not counted by w/n. From "Document Sections": what HLEAD, LEAD and BODY hold. From
"Keyword Searches": words without a connector are a phrase.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects.grammar import TIGHTEST, Grammar, Infix, Kind, Lost, Prefix, Token, operator, scan
from service.dialects.remarks import NoEquivalent
from service.dialects.trees import (
    FORMS_MEND,
    LARGEST,
    all_but,
    all_of,
    any_of,
    at_least,
    has_signs,
    in_language,
    in_text,
    in_title,
    near,
    not_near,
    with_terms,
)
from service.match.prefixes import respelled
from service.match.terms import read_words
from service.match.tree import And, Spelling, Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.dialects.remarks import Remarks
    from service.match import Expression

_AND_NOT, _AND, _SEGMENT, _PARAGRAPH, _SENTENCE, _NEAR, _OR = 10.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0
_END = r"(?=[\s()\"]|$)"
_PATTERN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<stray>")"""
    rf"""|(?P<numbered>(?i:(?:not\s+)?(?:(?:w|within|near)\s?)?/\s?\d+|(?:pre|onear)\s?/\s?\d+|\+\d+)){_END}"""
    rf"""|(?P<unit>(?i:(?:not\s+)?(?:(?:w|pre)?/|\+)(?:seg|sent|para|s|p))){_END}"""
    rf"""|(?P<logic>(?i:and\s+not|but\s+not|andnot|butnot|and|or|not|&)){_END}"""
    r"""|(?P<range>(?i:[a-z-]+)\s*[<>]=?\s*[^\s()"]+|(?i:date|length)\s*(?:=|(?i:aft|bef|is))\s*[^\s()"]+)"""
    r"""|(?P<command>(?i:atleast\d+|allcaps|nocaps|caps|plural|singular))\s*(?=\()"""
    r"""|(?P<segment>[A-Za-z][A-Za-z-]*)(?=\()|(?P<section>(?i:headline|title|hlead|lead|body))\s+(?=\()"""
    r"""|(?P<word>[^\s()"]+)"""
)
_UNITS = {
    "s": ("the same sentence", _SENTENCE, "Nearest here: A NEAR/15 B."),
    "p": ("the same paragraph", _PARAGRAPH, "Nearest here: A NEAR/50 B."),
    "seg": ("the same part of the document", _SEGMENT, "Nearest here: title:(A AND B) OR text:(A AND B)."),
}
_UNITS |= {"sent": _UNITS["s"], "para": _UNITS["p"]}
_OUTLET = "Nearest here: source:andina for one outlet, by its whole name; or name feed packs under feeds:."
_SEGMENTS = {
    "hlead": ("headline, highlight and lead", "Leave it out: most entries are a headline and a lead anyway."),
    "lead": ("the first paragraphs", "Nearest here: text:, the summary or body."),
    "highlight": ("the summary of the story", "Nearest here: text:, the summary or body."),
    "publication": ("the name of the source", _OUTLET),
    "source": ("the name of the source", _OUTLET),
}
_LANGUAGES = {
    name: code
    for code, name in (
        ("en", "english"), ("es", "spanish"), ("pt", "portuguese"), ("zh", "chinese"), ("fr", "french"),
        ("de", "german"), ("it", "italian"), ("nl", "dutch"), ("ru", "russian"), ("ar", "arabic"),
        ("ja", "japanese"), ("ko", "korean"),
    )
}  # fmt: skip
_NOISE = frozenset(
    {"a", "an", "and", "at", "be", "do", "for", "his", "in", "is", "my", "of", "on", "or", "the", "to"}
)
_RANGE = Lost(
    "A range of dates or lengths: every entry is looked at once, when it is new.",
    "Leave it out; an item of a watchlist may have from: and until:.",
)
_SHORTEST_PLURAL = 3


def _tokens(text: str, _remarks: Remarks) -> list[Token]:
    return list(scan(text, _PATTERN, _RULES))


# ------------------------------------------------------------------------------------------ operators


def _numbered(match: re.Match[str]) -> Token:
    written = match[0].lower()
    number = int(re.sub(r"\D", "", written)[:9])
    power = _NEAR + 1 - min(number, LARGEST) / (LARGEST + 1)  # the smaller number binds first
    if written.startswith("not"):
        return operator(match, infix=Infix(power, not_near(number)))
    ordered = written.startswith(("pre", "onear", "+"))
    return operator(match, infix=Infix(power, near(number, ordered=ordered)))


def _unit(match: re.Match[str]) -> Token:
    written = match[0].lower()
    what, power, nearest = _UNITS[re.split(r"[/+]", written)[1]]
    if written.startswith("not"):
        nearest = nearest.replace("NEAR", "NOT NEAR") if "NEAR" in nearest else "Nearest here: A AND NOT B."
        return operator(match, infix=Infix(power, Lost(f"{match[0]}: not in {what}.", nearest)))
    return operator(match, infix=Infix(power, Lost(f"{match[0]}: both in {what}.", nearest)))


def _logic(match: re.Match[str]) -> Token:
    written = match[0].lower()
    if written == "or":
        return operator(match, infix=Infix(_OR, any_of))
    if written in {"and", "&"}:
        return operator(match, infix=Infix(_AND, all_of))
    return operator(match, infix=Infix(_AND_NOT, _all_but))


def _all_but(left: Expression, right: Expression, token: Token, remarks: Remarks) -> Expression:
    if isinstance(right, And):
        message = "AND NOT is read last there, so all that follows is denied together, as in NOT (A AND B)."
        remarks.note(token.start, token.end, message, "If AND was to go on after it, put AND NOT at the end.")
    return all_but(left, right, token, remarks)


# ------------------------------------------------------------------------------ commands and segments


def _command(match: re.Match[str]) -> Token:
    name = match["command"].lower()
    if name.startswith("atleast"):
        return operator(match, prefix=Prefix(TIGHTEST, at_least(int(name[7:][:9]))))
    return operator(match, prefix=Prefix(TIGHTEST, _COMMANDS[name], holds_codes=True))


def _spelled(change: Callable[[str], str], spelling: Spelling) -> Callable[..., Expression]:
    """Give the builder of words in capitals or without."""

    def term(part: Term) -> Term:
        if has_signs(part):
            message = "It asks for the capitals of whole endings, too, which a * here does not."
            raise NoEquivalent(message, "Write the whole words with OR.")
        text = change(part.text)
        return Term(read_words(text, 0), text=text)

    def build(part: Expression, token: Token, remarks: Remarks) -> Expression:
        if spelling is Spelling.NAME:
            message = "CAPS asks for a capital anywhere; name: finds the word as written, or all in capitals."
            remarks.note(token.start, token.end, message, "Write its own capitals, as in name:McDonald.")
        return respelled(with_terms(part, term), spelling)

    return build


def _singular(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
    return part  # a word is always that form alone here


def _plural(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
    def term(one: Term) -> Term:
        if not one.text.casefold().endswith("s"):
            message = f"PLURAL asks for the plural of {one.text}, which is not known here."
            raise NoEquivalent(message, "Write the plural itself.")
        return one

    return with_terms(part, term)


def _capitalised(text: str) -> str:
    """Give a name its first letters, unless it has capitals of its own."""
    return text if text != text.lower() else " ".join(word[:1].upper() + word[1:] for word in text.split())


_COMMANDS: dict[str, Callable[..., Expression]] = {
    "allcaps": _spelled(str.upper, Spelling.CASE),
    "nocaps": _spelled(str.lower, Spelling.CASE),
    "caps": _spelled(_capitalised, Spelling.NAME),
    "singular": _singular,
    "plural": _plural,
}


def _segment(match: re.Match[str]) -> Token:
    name = match[0].strip().lower()
    if name in {"headline", "title"}:
        return operator(match, prefix=Prefix(TIGHTEST, in_title))
    if name == "body":
        return operator(match, prefix=Prefix(TIGHTEST, _in_body))
    if name == "language":
        return operator(match, prefix=Prefix(TIGHTEST, in_language(_language), holds_codes=True))
    message, nearest = _SEGMENTS.get(name, ("a part of its own", "Leave it out and write its words."))
    return operator(match, prefix=Prefix(TIGHTEST, Lost(f"{name.upper()} searches {message}.", nearest)))


def _in_body(part: Expression, token: Token, remarks: Remarks) -> Expression:
    remarks.note(token.start, token.end, "text: is the summary; few feeds carry the whole body.")
    return in_text(part, token, remarks)


def _language(written: str) -> str:
    return _LANGUAGES.get(written, "")


_RULES = {
    "numbered": _numbered,
    "unit": _unit,
    "logic": _logic,
    "range": lambda match: operator(match, lost=_RANGE),
    "command": _command,
    "segment": _segment,
    "section": _segment,
}

# ---------------------------------------------------------------------------------------------- words


def _word(token: Token, remarks: Remarks) -> str:
    """Give a word in our signs, and tell what is found there by itself."""
    text = token.text
    if re.search(r"!\w|\w\*(?!\w)", text):
        raise _sign_fault(text)
    if re.search(r"\w\*+\w", text):
        message = "A * within a word is one letter, ? here; newer products read any letters, * here."
        remarks.note(token.start, token.end, message)
    if token.kind is Kind.WORD:
        _note_plural(token, remarks)
    if not _NOISE.isdisjoint(text.casefold().split()):
        message = "Noise words (of, the, …) are skipped there, also in distances; here every word counts."
        remarks.note(token.start, token.end, message)
    return re.sub(r"(?<=\w)!", "*", text.replace("*", "?"))


def _sign_fault(text: str) -> NoEquivalent:
    if "!" in text:
        return NoEquivalent("! stands within a word, not at its end.", "Write ! at the end of the word.")
    message = "A * at the end is one letter in some Lexis products and any ending in others."
    return NoEquivalent(message, "Write ! there for any ending, or ? for one letter.")


def _note_plural(token: Token, remarks: Remarks) -> None:
    if len(token.text) >= _SHORTEST_PLURAL and token.text.isalpha() and token.text.casefold() not in _NOISE:
        message = "Plurals are found by themselves there; here a word is that form alone."
        remarks.note(token.start, token.end, message, FORMS_MEND)


GRAMMAR = Grammar(
    tokens=_tokens,
    word=_word,
    implied=Infix(
        _OR + 1,
        Lost(
            "Nothing says how this is joined to the part before it.",
            "Write AND, OR or pre/1 between.",
        ),
    ),
    is_phrase=True,
    or_first=True,
)
"""How Nexis reads a query."""
