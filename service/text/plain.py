"""Text without markup, and text cut to a length."""

from __future__ import annotations

import re
from html import unescape

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SILENT = re.compile(
    r"<(script|style|template|noscript)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
# Control characters, zero-width and bidi signs, lone surrogates: nothing a reader sees.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
# Marks over and under letters beyond the third: no language piles up more, and they would cover other lines.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"{_MARK}{{4,}}")
_ELLIPSIS = "…"


def plain_text(markup: str) -> str:
    """Give the text of a piece of HTML, or of text that is none, as one line; never raises.

    Scripts and styles are dropped with their content, block tags separate words. Entities are decoded,
    and what is a tag or an entity after that is treated once more, because feeds often escape twice.
    Characters that nobody sees (control, zero-width, bidi) are removed, and marks piled on a letter. It makes
    text, not safe HTML: escape what you show.
    """
    text = markup
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = unescape(text)
        if "<" in text:
            text = _without_tags(text)
        if "&" in text:
            text = unescape(text)
    # What is printable throughout, as nearly all text is, holds nothing unseen and no space but this one.
    line = _with_single_spaces(text) if text.isprintable() else _seen(text)
    return line if _is_western(line) else _PILE.sub(_cut_pile, line)


def _with_single_spaces(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def _seen(text: str) -> str:
    """Give what of a text a reader sees, as one line."""
    return " ".join(_UNSEEN.sub("", " ".join(text.split())).split())


def _is_western(text: str) -> bool:
    """Tell whether all of a text is of Latin-1, where no marks stand by themselves: a look at C speed."""
    return len(text.encode("latin-1", "ignore")) == len(text)


def _cut_pile(pile: re.Match[str]) -> str:
    return pile.group()[:3]


def _without_tags(text: str) -> str:
    text = _SILENT.sub(" ", _COMMENT.sub(" ", text))
    return _TAG.sub(" ", _INLINE.sub("", text))


def clip(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at the end of a word where there is one, with an ellipsis."""
    if len(text) <= limit:
        return text
    room = max(limit - len(_ELLIPSIS), 0)
    cut = text[:room]
    if room < len(text) and not text[room].isspace() and " " in cut:
        cut = cut[: cut.rindex(" ")]
    return (cut.rstrip(" ,;:.-–") + _ELLIPSIS)[:limit]
