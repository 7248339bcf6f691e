"""Text from outside made fit to be sent: nothing is refused, what could harm is dropped. Pure.

Dropped are control characters, lone surrogates, characters that turn the direction of writing or
cannot be seen, and code points that are no characters: the first break headers and HTML, the
others let a headline show something else than what it says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.marking import Piece

# C0 and C1 controls but for white space; soft hyphen; zero-width space; marks, embeddings, overrides and
# isolates of direction; invisible operators; byte order mark; non-characters; lone surrogates;
# interlinear notes; tag characters.
_UNFIT = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e"
    "\\u2060-\\u206f\\ud800-\\udfff\\ufdd0-\\ufdef\\ufeff\\ufff9-\\ufffc\\ufffe\\uffff"
    "\\U000e0000-\\U000e007f"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
_SPACE = re.compile(r"\s+")
_ELLIPSIS = "…"
_MOST_MARKS = 12  # in one text; each adds some 80 bytes to a mail that must stay small


def drop_unfit(text: str) -> str:
    """Drop the characters named above; white space of all kinds stays."""
    return _UNFIT.sub("", text)


def tidy(text: str) -> str:
    """Clean a piece of a line: every run of white space becomes one space, the ends keep theirs."""
    return _SPACE.sub(" ", drop_unfit(text))


def clean_line(text: str, limit: int) -> str:
    """Clean a text into one line of at most `limit` characters, cut at a word's end."""
    return cut(tidy(text).strip(), limit)


def clean_text(text: str) -> str:
    """Clean a text of several lines; every kind of line end becomes a newline."""
    return "\n".join(drop_unfit(line).replace("\t", " ").rstrip() for line in text.splitlines())


def clean_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Clean the pieces of one line and strip its ends; marked words beyond the twelfth become plain ones."""
    cleaned = [replace(piece, text=tidy(piece.text)) for piece in pieces]
    kept = [piece for piece in cleaned if piece.text]
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    number = count()
    return [
        replace(piece, is_marked=piece.is_marked and next(number) < _MOST_MARKS)
        for piece in kept
        if piece.text
    ]


def cut(line: str, limit: int) -> str:
    """Cut a line to at most `limit` characters with an ellipsis, at a word's end in the second half."""
    if len(line) <= limit:
        return line
    head = line[: max(limit - 1, 0)]
    space = head.rfind(" ")
    return (head[:space] if space >= limit // 2 else head).rstrip() + _ELLIPSIS
