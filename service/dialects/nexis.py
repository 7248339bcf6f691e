"""Nexis and Lexis. Rules after their pages on connectors and commands (priority, wildcards, segments).

OR binds first, then proximity, the smallest number first, then AND, then AND NOT. w/n counts positions,
so its number stays. Regular plurals are found there by themselves; here `forms:` does that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects import cutting
from service.dialects.reading import Dialect, Kind, Side, Token

if TYPE_CHECKING:
    from service.dialects.query import Remarks

_PLURALS = "Nexis finds regular plurals by itself; here write forms:word for the forms of a word."
_SENTENCE = "{0} asks for one {1}, which is not known here. Nearest: NEAR/{2}."


def _wild(found: re.Match[str], remarks: Remarks) -> Token:
    """Read `!`, which ends a beginning, and `*`, which stands for one letter."""
    text = found[0]
    if text.endswith("!"):
        return cutting.truncated(found, remarks, text[:-1], f"{text[:-1]}*")
    if text.endswith("*"):
        message = (
            f"{text}: a * at the end is one letter or none there. Write {text.rstrip('*')} OR {text[:-1]}?."
        )
        remarks.refuse(*found.span(), message)
        return Token(Kind.LOST, "x", *found.span())
    return Token(Kind.WORD, text.replace("*", "?"), *found.span())


def _plain(found: re.Match[str], remarks: Remarks) -> Token:
    token = cutting.word(found, remarks)
    if token.kind is Kind.WORD and token.text.islower():
        remarks.note(*found.span(), _PLURALS)
    return token


_RULES = (
    *cutting.BRACKETS,
    cutting.QUOTED,
    cutting.word_operator(r"(?:and|but)\s+not", Kind.AND_NOT),
    cutting.word_operator("(?:andnot|butnot)", Kind.AND_NOT),
    cutting.near(r"not\s+(?:w|within|near)\s?/\s?(\d{1,3})", "NOT NEAR"),
    cutting.near(r"(?:w|within|near)\s?/\s?(\d{1,3})", "NEAR"),
    cutting.near(r"(?:pre|onear|\+)\s?/\s?(\d{1,3})", "ONEAR"),
    cutting.near(r"/(\d{1,3})", "NEAR"),
    cutting.lost(r"(?:not\s+)?w?/s(?:ent)?(?=\s)", _SENTENCE.format("w/s", "sentence", 15)),
    cutting.lost(r"(?:not\s+)?w?/p(?:ara)?(?=\s)", _SENTENCE.format("w/p", "paragraph", 30)),
    cutting.lost(r"(?:not\s+)?w?/seg(?=\s)", "w/seg asks for one part of a document. Nearest: title:."),
    cutting.word_operator("(?:and|&)", Kind.AND),
    cutting.word_operator("or", Kind.OR),
    cutting.lost(r"not(?=\s)", "not stands alone. Write AND NOT."),
    (
        cutting.pattern(r"atleast\s?(\d{1,3})(?=\s*\()"),
        lambda found, _: Token(Kind.PREFIX, f"ATLEAST/{max(1, int(found[1]))} ", *found.span()),
    ),
    cutting.prefix(r"(?:headline|title)(?=\s*\()", "title:"),
    cutting.prefix(r"(?:body|text)(?=\s*\()", "text:"),
    cutting.lost(r"(?:hlead|lead)(?=\s*\()", "The lead is no field of its own here. Nearest: text:."),
    cutting.prefix(
        r"allcaps(?=\s*\()", "case:", "case: asks for the letters as you write them: in capitals."
    ),
    cutting.prefix(
        r"nocaps(?=\s*\()", "case:", "case: asks for the letters as you write them: in small ones."
    ),
    cutting.prefix(r"caps(?=\s*\()", "name:", "caps asks for some capital; name: for the word as written."),
    cutting.prefix(r"singular(?=\s*\()", ""),
    cutting.lost(r"plural(?=\s*\()", "plural has no equivalent: write the plural itself."),
    cutting.lost(r"[a-z-]+(?=\s*\()", "This segment or command has no equivalent here."),
    (re.compile(r"[\w'’.-]*\w[!](?=[\s()\"]|$)|\w[\w*]*\*[\w*]*(?=[\s()\"]|$)"), _wild),
    (re.compile(r"[^\s()\[\]\"]+"), _plain),
)

NEXIS = Dialect(
    name="nexis",
    cut=lambda text, remarks: cutting.cut(text, remarks, _RULES),
    binding={Kind.AND_NOT: 1, Kind.AND: 2, Kind.NEAR: 3, Kind.OR: 5, Kind.NOT: 1},
    side_by_side=Side.PHRASE,
    smallest_near_first=True,
)
