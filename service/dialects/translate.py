"""A query of another service -> an expression of ours, or everything in it that has no equivalent.

What is written is read back by our own parser before it is given: it must be the same tree, able
to match, and not by absence alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects import factiva, google, meltwater, nexis
from service.dialects.parser import Parser
from service.dialects.remarks import Origin, Remark, Remarks, Translation, Unreadable
from service.dialects.write import write
from service.errors import ExpressionError
from service.match import find_nowhere, is_positive, parse_expression
from service.match.lexer import plain
from service.match.tree import Or

if TYPE_CHECKING:
    from service.match import Expression

_GRAMMARS = {
    Origin.FACTIVA: factiva.GRAMMAR,
    Origin.NEXIS: nexis.GRAMMAR,
    Origin.MELTWATER: meltwater.GRAMMAR,
    Origin.GOOGLE: google.GRAMMAR,
}
# What no watchlist file may hold: it stands between words, if anywhere.
_UNUSABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def translate(query: str, origin: Origin) -> Translation:
    """Translate a query; notes and refusals point at its characters."""
    grammar, remarks = _GRAMMARS[origin], Remarks()
    text = _UNUSABLE.sub(" ", plain(query))
    tree: Expression | None = None
    try:
        tree = Parser(grammar, grammar.tokens(text, remarks), remarks).read()
    except Unreadable as fault:
        remarks.refusals.append(fault.remark)
    if tree is None:
        return _translation(origin, query, "", (), remarks)
    written = _written(tree, remarks, len(text))
    parts = tree.parts if isinstance(tree, Or) else (tree,)
    return _translation(origin, query, written, tuple(map(write, parts)) if written else (), remarks)


def _translation(
    origin: Origin, query: str, expression: str, items: tuple[str, ...], remarks: Remarks
) -> Translation:
    return Translation(
        origin, query, expression, items, _in_order(remarks.notes), _in_order(remarks.refusals)
    )


def _in_order(remarks: list[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(remarks, key=lambda remark: (remark.start, remark.end)))


def _written(tree: Expression, remarks: Remarks, length: int) -> str:
    """Write the tree and read it back; an empty text where it cannot be used."""
    text = write(tree)
    fault = _fault_of(tree, text)
    if fault is None:
        return text
    remarks.refuse(0, length, *fault)
    return ""


def _fault_of(tree: Expression, text: str) -> tuple[str, str] | None:
    """Give the message and the mend where the translation could not stand in a watchlist."""
    try:
        read_back = parse_expression(text)
    except ExpressionError as error:
        return error.message.removeprefix(f"{text}: "), error.mend
    if read_back != tree:
        return "This query does not read back as it was meant.", "Please report it, and write it by hand."
    if not is_positive(tree):
        message = "The query can match without any word being found, which a watchlist must not."
        return message, "Join it by AND with a word or phrase that must be there."
    if find_nowhere(tree) is not None:
        return (
            "The query asks for one place in two fields at once.",
            "Ask for each field alone, with AND.",
        )
    return None
