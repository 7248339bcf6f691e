"""Parts that messages of several kinds are made of: titles, headlines, links, names. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from service.domain import TextField
from service.marking import Piece, mark, spans_in
from service.notify import page
from service.notify.clean import clean_line, clean_pieces, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Entry, Evidence
    from service.wording import Wording

TITLE_LIMIT = 250
HEADLINE_LIMIT = 300
ROW_LINK_LIMIT = 300
_MOST_NAMES = 8
_NAMES_LIMIT = 360


def event_page(base_url: str, event_id: str) -> str:
    """Give the address of an event's page; empty without an address of our own."""
    return f"{base_url.rstrip('/')}/events/{quote(event_id, safe='', errors='replace')}" if base_url else ""


def event_link(base_url: str, event_id: str) -> str:
    """Give the address of an event's page where it is fit for a link."""
    return page.safe_link(event_page(base_url, event_id))


def make_title(head: str, rest: str) -> str:
    """Make the title of a message: `[Old Port] what it says`."""
    return clean_line(f"[{head}] {rest}", TITLE_LIMIT)


def say_names(names: Sequence[str], wording: Wording) -> str:
    """Join names to `A, B and C`; those beyond the eighth are counted."""
    more = len(names) - _MOST_NAMES
    counted = [wording.count(more, "{number} more", "{number} more")] if more > 0 else []
    return clean_line(wording.say_list([*names[:_MOST_NAMES], *counted]), _NAMES_LIMIT)


def say_more(number: int, wording: Wording) -> str:
    """Say how many more there are than are shown; empty where all are."""
    return wording.count(number, "and {number} more", "and {number} more") if number > 0 else ""


def marked_headline(entry: Entry, evidence: Iterable[Evidence], wording: Wording) -> list[Piece]:
    """Give a headline with its matched words marked.

    It keeps its beginning, wherever its marks stand: it is the subject of a mail too.
    """
    pieces = mark(cut(entry.title, HEADLINE_LIMIT), spans_in(evidence, TextField.TITLE))
    return clean_pieces(pieces) or [Piece(wording.say("(no headline)"))]


def say_headline(headline: str, wording: Wording) -> str:
    """Give a headline without marks."""
    return clean_line(headline, HEADLINE_LIMIT) or wording.say("(no headline)")


def say_reading(outlet: str, wording: Wording) -> str:
    """Give the label of the link to an article."""
    return wording.say("Read it at {outlet}", outlet=outlet)


def capitalised(said: str) -> str:
    """Begin a sentence with a capital."""
    return f"{said[:1].upper()}{said[1:]}"


def plain(pieces: Iterable[Piece]) -> str:
    """Write pieces without their marks."""
    return "".join(piece.text for piece in pieces)


def starred(pieces: Iterable[Piece]) -> str:
    """Write pieces for a text, the marked words between asterisks."""
    return "".join(f"*{piece.text.strip()}*" if piece.is_marked else piece.text for piece in pieces)


def blocks(*parts: str) -> str:
    """Put the blocks of a text together, those that are empty left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def lines(*links: tuple[str, str]) -> str:
    """Write links for a text, a line each; one without an address is left out."""
    return "\n".join(f"{label}: {url}" for label, url in links if url)


def actions(*links: tuple[str, str], top: int = 16) -> str:
    """Write links for HTML in a row; one without an address is left out."""
    made = [page.link(url, page.text(label), page.ACCENT) for label, url in links if url]
    return page.line(" &nbsp;&nbsp; ".join(made), top=top) if made else ""
