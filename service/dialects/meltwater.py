"""Meltwater. Rules after its help on boolean search (operators, wildcards, fields).

NOT binds tightest of the three, then AND, then OR. near/n counts the words between, one less than the
positions apart; without a number it is 4. Words side by side without quotes are refused: its help asks for
quotes, and what it makes of them else is not said there.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from service.dialects import cutting
from service.dialects.reading import Dialect, Kind, Side, Token

if TYPE_CHECKING:
    from service.dialects.query import Remarks

_DEFAULT = 4


def _wild(found: re.Match[str], remarks: Remarks) -> Token:
    return cutting.truncated(found, remarks, re.split(r"[*?]", found[0])[0], found[0])


_RULES = (
    *cutting.BRACKETS,
    cutting.QUOTED,
    cutting.word_operator(r"and\s+not", Kind.AND_NOT),
    cutting.word_operator("and", Kind.AND),
    cutting.word_operator("or", Kind.OR),
    cutting.word_operator("not", Kind.NOT),
    cutting.near(r"near(?:/(\d{1,3}))?", "NEAR", between=True, default=_DEFAULT),
    cutting.near(r"onear(?:/(\d{1,3}))?", "ONEAR", between=True, default=_DEFAULT),
    cutting.prefix(r"title:\s*", "title:"),
    cutting.prefix(r"ingress:\s*", "text:", "ingress: is the lead; text: here is the lead or body."),
    cutting.lost(r"[a-z]+:\s*\S+", "This field has no equivalent here."),
    (re.compile(r"[\w'’.-]*[*?][\w'’.*?-]*"), _wild),
    (re.compile(r"[^\s()\[\]\"]+"), cutting.word),
)


def _cut(text: str, remarks: Remarks) -> list[Token]:
    tokens = cutting.cut(text, remarks, _RULES)
    ends = (Kind.WORD, Kind.PHRASE, Kind.CLOSE)
    begins = (Kind.WORD, Kind.PHRASE, Kind.OPEN, Kind.PREFIX)
    for before, after in pairwise(tokens):
        if before.kind in ends and after.kind in begins:
            message = 'No operator stands here. For a phrase write "quotes", else AND or OR.'
            remarks.refuse(before.start, after.end, message)
    return tokens


MELTWATER = Dialect(
    name="meltwater",
    cut=_cut,
    binding={Kind.OR: 1, Kind.AND: 2, Kind.NOT: 3, Kind.AND_NOT: 3, Kind.NEAR: 4},
    side_by_side=Side.PHRASE,
)
