"""Cuts an expression into tokens: words, quotes, brackets, operators, prefixes.

What word processors make of quotes, dashes and spaces is read as the plain character; one for
one, so that offsets stay those of the text as written. What looks like an operator of another
system is refused with this one's, because read as a word it would silently match nothing.
"""

from __future__ import annotations

import difflib
import re
from enum import StrEnum
from typing import NamedTuple

from service.domain import TextField
from service.errors import ExpressionError
from service.match.tree import FactKind, Spelling


class TokenKind(StrEnum):
    """What a token is; operators are named as they are written."""

    WORDS = "words"
    QUOTED = "quoted"
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    ONEAR = "ONEAR"
    ATLEAST = "ATLEAST"
    PREFIX = "prefix"
    FACT = "fact"
    NAMED = "named"
    END = "end"


class Token(NamedTuple):
    """A token with its place; `value` is the word, the prefix without `:`, or the name without `$`."""

    kind: TokenKind
    value: str
    start: int
    end: int
    number: int = 0


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»‹›″「」『』＂", '"'),
        **dict.fromkeys("‘’‚‛′＇", "'"),
        **dict.fromkeys(["\u00a0", "\u1680", "\u202f", "\u205f", "\u3000"], " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),  # the widths of the space in print
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        "（": "(", "）": ")", "：": ":", "＊": "*", "？": "?", "＄": "$", "／": "/",
    }
)  # fmt: skip
_FIELDS = tuple(TextField)
_FACTS = tuple(FactKind)
_SPELLINGS = tuple(Spelling)
FORMS = "forms"
PREFIXES = (*_FIELDS, *_SPELLINGS, FORMS)
_FACT_MENDS = {
    "lang": "Write lang:es.",
    "country": "Write country:PE.",
    "source": 'Write source:andina, or source:"El Comercio".',
    "group": "Write group:state-media.",
}
_TOKEN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<stray>")|\$(?P<named>[A-Za-z_][\w-]*)"""
    rf"""|(?P<fact>(?:{"|".join(_FACTS)}):(?:"[^"]*"|[^\s()"]*))|(?P<prefix>[A-Za-z][A-Za-z_-]*):(?=[^\s)])"""
    r"""|(?P<chunk>[^\s()"]+)"""
)
_NUMBERED = re.compile(r"(NEAR|ONEAR|ATLEAST)/([1-9]\d{0,3})")
_LIKE_NUMBERED = re.compile(r"(?i:(o?near|atleast)/.*)|NEAR|ONEAR|ATLEAST")
_FOREIGN = re.compile(r"(?i:(?:adj|o?near)\d+|(?:adj|pre|w)/n?\d+|/(?:\d+|[sp])|[^~^]*[~^]\d*)")
_SIGNS = {"&": "AND", "+": "AND", "|": "OR", "!": "AND NOT"}
_SIGN = re.compile(r"(?P<sign>[&+|!])(?P=sign)*(?P<word>[^\W\d_].*|\$\w.*|)")
_MINUS = re.compile(r"-+(?:[^\W\d_]|\$)")
_SIMPLE = {
    "(": TokenKind.OPEN,
    ")": TokenKind.CLOSE,
    "AND": TokenKind.AND,
    "OR": TokenKind.OR,
    "NOT": TokenKind.NOT,
}


def plain(text: str) -> str:
    """Give the expression with plain quotes, dashes, brackets and spaces; its length stays."""
    return text.translate(_PLAIN)


def tokens(text: str) -> list[Token]:
    """Cut a plain expression into tokens, the last one END.

    Raises:
        ExpressionError: a quote is left open, or something is neither a word nor an operator.
    """
    found = [_token(match) for match in _TOKEN.finditer(text)]
    return [*found, Token(TokenKind.END, "", len(text), len(text))]


def _token(match: re.Match[str]) -> Token:
    value = match[match.lastgroup or 0]
    start, end = match.span()
    if value in _SIMPLE and match.lastgroup != "quoted":
        return Token(_SIMPLE[value], value, start, end)
    match match.lastgroup:
        case "stray":
            message = "A quotation mark is opened and never closed."
            raise ExpressionError(message, offset=start, mend='Add the closing ".')
        case "quoted":
            return Token(TokenKind.QUOTED, value, start, end)
        case "named":
            return Token(TokenKind.NAMED, value, start, end)
        case "fact":
            return _fact(value, start, end)
        case "prefix":
            return _prefix(value, start, end)
        case _:
            return _chunk(value, start, end)


def _fact(written: str, start: int, end: int) -> Token:
    name, _, value = written.partition(":")
    if not value.strip('"'):
        message = f"{name}: needs its value directly after the colon."
        raise ExpressionError(message, offset=start, mend=_FACT_MENDS[name])
    return Token(TokenKind.FACT, written, start, end)


def _prefix(name: str, start: int, end: int) -> Token:
    if name in PREFIXES:
        return Token(TokenKind.PREFIX, name, start, end)
    near = difflib.get_close_matches(name.lower(), PREFIXES, n=1)
    mend = f"Did you mean {near[0]}: ?" if near else f"The known ones are {', '.join(PREFIXES)}."
    message = f"{name}: is no field and no prefix."
    raise ExpressionError(message, offset=start, mend=f'{mend} As plain words, put them in "quotes".')


def _chunk(chunk: str, start: int, end: int) -> Token:
    """Give a word or a numbered operator, and refuse what looks like an operator but is none."""
    numbered = _NUMBERED.fullmatch(chunk)
    if numbered:
        return Token(TokenKind(numbered[1]), chunk, start, end, int(numbered[2]))
    fault = _fault_of(chunk)
    if fault:
        raise ExpressionError(fault[0], offset=start, mend=fault[1])
    return Token(TokenKind.WORDS, chunk, start, end)


def _fault_of(chunk: str) -> tuple[str, str] | None:
    """Give the message and the mend where a chunk would be misread as a word."""
    quote = f'As a word, put it in quotes: "{chunk}".'
    if _LIKE_NUMBERED.fullmatch(chunk):
        return _numbered_fault(chunk)
    if _FOREIGN.fullmatch(chunk):
        return f"{chunk} is no operator here.", f"Write NEAR/5, or ONEAR/5 for a fixed order. {quote}"
    sign = _SIGN.fullmatch(chunk)
    if sign:
        return _sign_fault(sign)
    if _MINUS.match(chunk):
        return f"A minus sign does not exclude: {chunk}.", f"Write AND NOT {chunk.lstrip('-')}. {quote}"
    if chunk.endswith(":") and chunk[:-1] in (*PREFIXES, *_FACTS):
        return f"{chunk} needs what it is about directly after the colon.", f"Write {chunk}word. {quote}"
    return None


def _sign_fault(sign: re.Match[str]) -> tuple[str, str]:
    """Say what to write for `&`, `+`, `|` and `!`, alone or before a word."""
    written = sign[0].removesuffix(sign["word"])
    meant = f"{_SIGNS[sign['sign']]} {sign['word']}".strip()
    return f"{written} is no operator here.", f"Write {meant}. In a name leave the sign out."


def _numbered_fault(chunk: str) -> tuple[str, str]:
    """Say how NEAR, ONEAR and ATLEAST are written."""
    name = chunk.partition("/")[0].upper()
    if name == "ATLEAST":
        return f"{name} needs a count.", "Write ATLEAST/3 for at least three times."
    if chunk == name or chunk.startswith(f"{name}/"):
        mend = f"Write {name}/10 for at most ten word positions apart."
        return f"{name} needs a distance{_read_as(chunk)}.", mend
    return (
        f"Operators are written in capitals, not {chunk}.",
        f'Write {name}/10, or put the words in "quotes".',
    )


def _read_as(chunk: str) -> str:
    return f" from 1 to 9999, not {chunk}" if "/" in chunk else ""
