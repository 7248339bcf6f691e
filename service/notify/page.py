"""HTML of mail: one column of tables, inline styles, no image, nothing fetched, light and dark. Pure.

Everything that goes in as text is escaped here; only http and https become links.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from service.notify.clean import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.marking import Piece

INK, GREY, ACCENT, RULE, PAPER, MARK = "#1b1b19", "#6b6a64", "#8c2f1b", "#dedbd2", "#fbfaf7", "#fde9a9"
LINK_LIMIT = 1_000
_SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SERIF = "'Source Serif 4','Iowan Old Style',Palatino,Georgia,'Times New Roman',serif"
_URL_SAFE = "!$&()*+,-./:;=?@[]_~%#"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"'
# Clients that know dark mode read this; the others keep the inline colours.
_DARK = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".paper{background:#171715!important}.ink{color:#ecebe6!important}.grey{color:#a3a199!important}"
    ".accent{color:#e08a72!important}.rule{border-color:#3a3934!important}"
    ".mark{background:#5c4a12!important;color:#fff!important}"
    ".button{background:#e08a72!important;color:#171715!important}}"
)


def safe_link(url: str, limit: int = LINK_LIMIT) -> str:
    """Give an http(s) address fit for a link; empty for any other, and for one too long as HTML."""
    cleaned = quote(tidy(url).strip(), safe=_URL_SAFE)
    try:
        parts = urlsplit(cleaned)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host or parts.username is not None:
        return ""
    return cleaned if len(escape(cleaned)) <= limit else ""


def text(value: str) -> str:
    """Clean and escape a text that somebody else wrote."""
    return escape(tidy(value), quote=False)  # an apostrophe would take six bytes of a mail that must be small


def link(url: str, label: str, colour: str = INK, *, bold: bool = False) -> str:
    """Make a link out of an escaped label; the label alone when there is no address."""
    if not url:
        return label
    look = "text-decoration:none" if bold else "text-decoration:underline"
    kind = {INK: "ink", ACCENT: "accent"}.get(colour, "grey")
    return f'<a class="{kind}" href="{escape(url)}" style="color:{colour};{look}">{label}</a>'


def marked(pieces: Iterable[Piece]) -> str:
    """Write pieces with the matched words marked."""
    return "".join(
        f'<b class="mark" style="background:{MARK};font-weight:600">{escape(piece.text, quote=False)}</b>'
        if piece.is_marked
        else escape(piece.text, quote=False)
        for piece in pieces
    )


def headline(inner: str, language: str = "", size: int = 24) -> str:
    """Write a headline in the reader's serif, in its own language and direction."""
    return _row(in_language(inner, language), f"padding-top:18px;font:600 {size}px/1.25 {_SERIF}")


def in_language(inner: str, language: str) -> str:
    """Say in which language words stand, and let them run in their own direction."""
    code = f' lang="{language}"' if _LANGUAGE.fullmatch(language) else ""
    return f'<span{code} dir="auto">{inner}</span>'


def line(inner: str, *, top: int = 8, size: int = 14, grey: bool = True) -> str:
    """Write one line of text, grey or in ink."""
    return _row(inner, f"padding-top:{top}px;font-size:{size}px", "grey" if grey else "ink")


def heading(inner: str) -> str:
    """Write the heading of a section, over a rule."""
    return (
        f'<tr><td class="rule ink" style="padding:26px 0 6px;border-bottom:1px solid {RULE};'
        f'font:600 18px/1.3 {_SERIF};color:{INK}">{inner}</td></tr>'
    )


def strong(inner: str) -> str:
    """Write a fact that is to be seen first."""
    return f'<b class="ink" style="color:{INK}">{inner}</b>'


def accent(inner: str) -> str:
    """Write what the eye is to find, in the one colour there is for it."""
    return f'<span class="accent" style="color:{ACCENT}">{inner}</span>'


def rows(cells: Iterable[tuple[str, str]]) -> str:
    """Write a small table of two columns of HTML, a rule under each row."""
    style = f"padding:8px 0;border-bottom:1px solid {RULE}"
    inner = "".join(
        f'<tr><td class="rule grey" style="{style};color:{GREY};white-space:nowrap;'
        f'padding-right:12px;width:1%;vertical-align:top">{left}</td>'
        f'<td class="rule grey" style="{style};color:{GREY}">{right}</td></tr>'
        for left, right in cells
    )
    return _row(
        f'{_TABLE} class="rule" style="font-size:14px;border-top:1px solid {RULE}">{inner}</table>',
        "padding-top:16px",
    )


def button(url: str, label: str) -> str:
    """Write the one link that a message is for, as a button of HTML; the label is escaped."""
    return _row(
        f'<a class="button" href="{escape(url)}" style="display:inline-block;padding:12px 22px;'
        f'background:{ACCENT};color:#ffffff;border-radius:4px;font-weight:600;text-decoration:none">'
        f"{label}</a>",
        "padding-top:20px;font-size:16px",
    )


def foot(inner: str) -> str:
    """Write the last row: small, under a rule."""
    return (
        f'<tr><td class="rule grey" style="padding:26px 0 0;font-size:12px;color:{GREY}">'
        f'<div class="rule" style="border-top:1px solid {RULE};padding-top:12px">{inner}</div></td></tr>'
    )


def page(title: str, masthead: str, preview: str, inner: str, language: str) -> str:
    """Put rows into the page of a mail. `title` and `preview` are plain, masthead and rows are HTML.

    `language` is the code of the reader's.
    """
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{text(title)}</title><style>{_DARK}</style></head>"
        f'<body class="paper ink" style="margin:0;background:{PAPER};color:{INK};font:16px/1.5 {_SANS}">'
        f'<div style="display:none;max-height:0;overflow:hidden">{text(preview)}</div>'
        f'{_TABLE} class="paper" style="background:{PAPER}"><tr><td align="center" style="padding:24px 16px">'
        f'{_TABLE} style="max-width:600px;text-align:left">'
        f'<tr><td class="rule grey" style="padding-bottom:14px;border-bottom:3px double {RULE};'
        f'font:600 13px/1.3 {_SERIF};color:{GREY}">{masthead}</td></tr>'
        f"{inner}</table></td></tr></table></body></html>"
    )


def _row(inner: str, style: str, kind: str = "ink") -> str:
    colour = GREY if kind == "grey" else INK
    return f'<tr><td class="{kind}" style="{style};color:{colour}">{inner}</td></tr>'
