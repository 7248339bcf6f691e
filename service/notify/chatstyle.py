"""How to write for each kind of chat we know. Pure.

Text that a feed wrote must neither ping nor format. Services differ in what they do with it, so each kind
has its way of writing, and its own limit, within which we cut ourselves.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from html import escape as escape_html
from typing import TYPE_CHECKING
from urllib.parse import quote

from service.notify.clean import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import Notification

_LINK = re.compile(r"(https?://\S+)")
_BREAK = "\u200b"
_MARKDOWN = re.compile(r"([\\`*_~|\[\]()<>#+!-])")
_LOOK_ALIKES = str.maketrans(
    {
        "*": "\u2217",
        "_": "\u02cd",
        "`": "\u02cb",
        "~": "\u223c",
        "[": "\uff3b",
        "]": "\uff3d",
        "|": "\u2223",
        "$": "\uff04",
        "\\": "\u2216",
    }
)
_MENTION_TAG = re.compile(r"(?i)</?(?=at>)")  # of Teams, whose cards tell whoever stands between two of them
_LEAST_BEFORE_BLOCKS, _LEAST_BEFORE_LINE = 0.15, 0.5  # of the room, for what stands before them
_LINE_MARK = re.compile(r"(?m)^(?=[^\S\n]*([#>+/-]|\d+[.)]))")


def write_plain(text: str) -> str:
    """Leave the text as it is: for programs, and for services that neither ping nor format."""
    return text


def write_quiet(text: str) -> str:
    """Break what looks like a mention; links keep their meaning."""
    return _outside_links(text, lambda piece: piece.replace("@", f"@{_BREAK}"), "@")


def write_escaped(text: str) -> str:
    """Escape Markdown with backslashes, for services that know them."""
    return _outside_links(
        text, lambda piece: _MARKDOWN.sub(r"\\\1", piece).replace("@", f"@{_BREAK}"), "@*[]()|`<>\\"
    )


def write_alike(text: str) -> str:
    """Use look-alikes for Markdown's signs, for services whose Markdown has no escape."""
    quiet = _outside_links(text, _look_alike, "@*[]()|`<>\\$")
    return _LINE_MARK.sub(_BREAK, quiet)


def _look_alike(piece: str) -> str:
    return _MENTION_TAG.sub(rf"\g<0>{_BREAK}", piece.translate(_LOOK_ALIKES).replace("@", f"@{_BREAK}"))


def _outside_links(text: str, write: Callable[[str], str], unsafe: str) -> str:
    table = str.maketrans({sign: quote(sign, safe="") for sign in unsafe})
    pieces = _LINK.split(text)
    pieces[::2] = [write(piece) for piece in pieces[::2]]
    pieces[1::2] = [link.translate(table) for link in pieces[1::2]]
    return "".join(pieces)


def _utf8(text: str) -> int:
    return len(text.encode())


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _utf8_and_json(text: str) -> int:
    # Apprise writes JSON in ASCII, and makes a file of more than 8,000 of it.
    return max(_utf8(text), len(json.dumps(text)) // 2)


def _ascii_json(text: str) -> int:
    return len(json.dumps(text))


def _html_utf16(text: str) -> int:
    return _utf16(escape_html(text))


def _telegram(text: str) -> int:
    return _html_utf16(text) + text.count("\n")  # Apprise ends a line by two signs there


@dataclass(frozen=True, slots=True)
class ChatStyle:
    """How to write for a kind of chat. A title limit of 0 makes the title the body's first line.

    Limits are the services' own or lower, counted by `measure` on the text as it is written.
    """

    body_limit: int
    title_limit: int = 200
    write: Callable[[str], str] = write_quiet
    measure: Callable[[str], int] = _utf16
    body_format: str = "text"


_PLAIN_MATRIX = ChatStyle(30_000, measure=_utf8)
# ntfy makes a file of more than 4,096 bytes.
_NTFY = ChatStyle(3_500, title_limit=300, write=write_plain, measure=_utf8_and_json)
_GOTIFY = ChatStyle(8_000, write=write_plain)
_MATTERMOST = ChatStyle(3_900, title_limit=0, write=write_escaped)
_ROCKET = ChatStyle(4_500, title_limit=0, write=write_alike, body_format="markdown")
# Teams takes 28,000 bytes, which Apprise writes as JSON in ASCII, with the title and what stands round both.
_WORKFLOW = ChatStyle(20_000, write=write_alike, measure=_ascii_json, body_format="markdown")
_JSON = ChatStyle(30_000, write=write_plain)

STYLES = {
    "discord": ChatStyle(1_900, title_limit=0, write=write_escaped),
    "gotify": _GOTIFY,
    "gotifys": _GOTIFY,
    "json": _JSON,
    "jsons": _JSON,
    "matrix": _PLAIN_MATRIX,
    "matrixs": _PLAIN_MATRIX,
    "mmost": _MATTERMOST,
    "mmosts": _MATTERMOST,
    "ntfy": _NTFY,
    "ntfys": _NTFY,
    "rocket": _ROCKET,
    "rockets": _ROCKET,
    "slack": ChatStyle(8_000, measure=_html_utf16),
    "tgram": ChatStyle(3_600, measure=_telegram),
    "workflow": _WORKFLOW,
    "workflows": _WORKFLOW,
    "zulip": ChatStyle(9_000, title_limit=60, write=write_alike),
}


_ONE_SERVICE = frozenset({"discord", "slack", "tgram", "zulip"})  # what follows names no host


def server_of(address: str) -> str:
    """Name the server behind an address, never to be shown; all addresses of a server give the same name."""
    scheme = scheme_of(address)
    if scheme in _ONE_SERVICE or not scheme:
        return scheme
    host = re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0]
    return f"{scheme}://{host.rpartition('@')[2].lower()}"


def scheme_of(address: str) -> str:
    """Give the kind of an address, in lower case; empty when there is none."""
    scheme, separator, _ = address.partition("://")
    return scheme.strip().lower() if separator else ""


def write_chat(notification: Notification, style: ChatStyle) -> tuple[str, str]:
    """Write title and body for a chat, both within its limits.

    The headline is not said twice: the text's first line is left out where the title holds it. Where the text
    is too long, its last two blocks stay: why it comes, and the links by which a reader acts on it. Where
    these are too long, the last line stays if it is a link: it is the one by which a reader leaves.
    """
    title = clean_line(notification.title, style.title_limit or 250)
    lines = clean_text(notification.text).strip().split("\n")
    if lines[0].replace("*", "") and lines[0].replace("*", "") in title.replace("*", ""):
        del lines[0]
    body = "\n".join(lines).strip() or title or "(no text)"
    if style.title_limit == 0:
        return "", _fit_body(f"{title}\n{body}", style)
    return fit(title, style, style.title_limit), _fit_body(body, style)


def _fit_body(text: str, style: ChatStyle) -> str:
    if style.measure(style.write(text)) <= style.body_limit:
        return style.write(text)
    two_blocks = text.rfind("\n\n", 0, max(text.rfind("\n\n"), 0))
    for end, part in ((two_blocks, _LEAST_BEFORE_BLOCKS), (text.rfind("\n"), _LEAST_BEFORE_LINE)):
        last = style.write(text[end:])
        room = style.body_limit - style.measure(last)
        if end > 0 and "://" in last and room >= style.body_limit * part:
            return fit(text[:end], style, room) + last
    return fit(text, style)


def fit(text: str, style: ChatStyle, limit: int = 0) -> str:
    """Write the text, cut so that it keeps within the limit: whole lines go first, then words."""
    limit = limit or style.body_limit
    if style.measure(style.write(text)) <= limit:
        return style.write(text)
    end = bisect_right(range(len(text)), limit - 2, key=lambda size: style.measure(style.write(text[:size])))
    head = text[: max(end - 1, 0)]
    cut_at = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0) or len(head)
    return style.write(head[:cut_at].rstrip()) + "\n…"
