"""Factiva. Rules after the operator pages of its product help (proximity, fields, truncation, precedence).

Two words side by side are adj1. Proximity binds tightest, then NOT, AND, OR. nearN and adjN count
positions, so their number stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects import cutting
from service.dialects.reading import Dialect, Kind, Side, Token

if TYPE_CHECKING:
    from service.dialects.query import Remarks

_LANGUAGES = {"zhcn": "zh", "zhtw": "zh"}
_TRUNCATED = re.compile(r"(?P<head>[\w'’.-]*?\w)[$*](?P<most>\d?)(?=[\s()\[\]\"]|$)")


def _language(found: re.Match[str], remarks: Remarks) -> Token:
    code = found[1].lower()
    code = _LANGUAGES.get(code, code)
    if len(code) != 2:  # noqa: PLR2004 -- the letters of a language code
        remarks.refuse(*found.span(), f"{found[0]} is no language that is known here. Write lang:es.")
        return Token(Kind.LOST, "x", *found.span())
    return Token(Kind.FACT, f"lang:{code}", *found.span())


def _truncated(found: re.Match[str], remarks: Remarks) -> Token:
    if found["most"]:
        message = "Here * takes any number of letters; Factiva's $ with a number takes at most so many."
        remarks.note(*found.span(), message)
    return cutting.truncated(found, remarks, found["head"], f"{found['head']}*")


_RULES = (
    *cutting.BRACKETS,
    cutting.QUOTED,
    cutting.word_operator("and", Kind.AND),
    cutting.word_operator("or", Kind.OR),
    cutting.word_operator("not", Kind.NOT),
    cutting.near(r"near(\d{1,3})", "NEAR"),
    (
        cutting.pattern(r"/n(\d{1,3})/"),
        lambda found, _: Token(Kind.NEAR, "NEAR", *found.span(), max(1, int(found[1]))),
    ),
    cutting.near(r"adj(\d{0,2})", "ONEAR", default=1),
    cutting.near(r"w\s?/\s?(\d{1,2})", "ONEAR"),
    cutting.lost(r"near(?=\s)", "near needs its number, as in near5."),
    cutting.lost(r"same(?=\s)", "same asks for one paragraph, which is not known here. Nearest: NEAR/30."),
    cutting.lost(r"/f\d{1,3}/", "The first words of an article cannot be asked for. Nearest: title:."),
    (
        cutting.pattern(r"atleast(\d{1,2})(?=\s|\()"),
        lambda found, _: Token(Kind.PREFIX, f"ATLEAST/{max(1, int(found[1]))} ", *found.span()),
    ),
    cutting.prefix(r"hd\s*=", "title:"),
    cutting.lost(r"hlp\s*=", "hlp= asks for headline and lead. Nearest: the words without a field."),
    (cutting.pattern(r"la\s*=\s*(\w+)"), _language),
    cutting.lost(r"(?:rst|sc|sn)\s*=\s*\S+", "Source codes are not known here. Nearest: source:andina."),
    cutting.lost(r"re\s*=\s*\S+", "Region codes are not known here. Nearest: country:PE, of the source."),
    cutting.lost(r"(?:co|in|ns|by|wc|pd|dln?|cln?|fds)\s*[=<>]\s*\S+", "This field has no equivalent here."),
    cutting.lost(r"%(?=\s|$)", "% stands for exactly one word, which cannot be asked for. Nearest: ONEAR/2."),
    (_TRUNCATED, _truncated),
    (cutting.pattern(r"(?:(?!/[fn]\d{1,3}/)[^\s()\[\]\"])+"), cutting.word),
)


FACTIVA = Dialect(
    name="factiva",
    cut=lambda text, remarks: cutting.cut(text, remarks, _RULES),
    binding={Kind.OR: 1, Kind.AND: 2, Kind.NOT: 3, Kind.AND_NOT: 3, Kind.NEAR: 4},
    side_by_side=Side.PHRASE,
)
