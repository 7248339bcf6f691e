"""Google Alerts. Rules after its help on search operators, as far as alerts keep to them.

Words side by side must all be there; OR binds tighter than that; a minus sign excludes. AROUND(n) counts
the words between, one less than the positions apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects import cutting
from service.dialects.reading import Dialect, Kind, Side, Token

if TYPE_CHECKING:
    from service.dialects.query import Remarks

_SITE = "site: asks for an address. Nearest: source:andina, the outlet's name."


def _phrase(found: re.Match[str], remarks: Remarks) -> Token:
    if "*" in found[1]:
        message = "* in a phrase stands for any words there. Write the words beside it with ONEAR/3."
        remarks.refuse(*found.span(), message)
        return Token(Kind.LOST, "x", *found.span())
    return cutting.phrase(found, remarks)


def _hashtag_or_word(found: re.Match[str], remarks: Remarks) -> Token:
    if found[0].islower():
        remarks.note(
            *found.span(), "Google finds similar words, too; here write forms:word for the forms of a word."
        )
    return cutting.word(found, remarks)


_RULES = (
    *cutting.BRACKETS,
    (re.compile(r'"([^"]*)"'), _phrase),
    (re.compile(r"OR(?=[\s()\"])|\|"), lambda found, _: Token(Kind.OR, "OR", *found.span())),
    (re.compile(r"AND(?=[\s()\"])"), lambda found, _: Token(Kind.AND, "AND", *found.span())),
    (re.compile(r"-(?=[\w\"(])"), lambda found, _: Token(Kind.NOT, "NOT", *found.span())),
    cutting.near(r"around\s?\((\d{1,3})\)", "NEAR", between=True),
    cutting.prefix(r"intitle:\s*", "title:"),
    cutting.prefix(r"intext:\s*", "text:"),
    cutting.lost(r"all(?:intitle|intext|inurl):.*", "Write title: before each of the words instead."),
    cutting.lost(r"site:\S+", _SITE),
    cutting.lost(r"[a-z]+:\S+", "This operator has no equivalent here."),
    cutting.lost(r"~\S+", "~ asks for similar words. Nearest: forms:word, or the words with OR."),
    cutting.lost(r"\d+\.\.\d+", "A range of numbers cannot be asked for."),
    (re.compile(r"[^\s()\[\]\"|]+"), _hashtag_or_word),
)

GOOGLE = Dialect(
    name="google",
    cut=lambda text, remarks: cutting.cut(text, remarks, _RULES),
    binding={Kind.AND: 1, Kind.OR: 2, Kind.NEAR: 3, Kind.NOT: 4, Kind.AND_NOT: 4},
    side_by_side=Side.AND,
)
