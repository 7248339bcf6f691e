"""The identity of an item within its feed, the same whichever parser read it.

Taken from the raw strings before anything is resolved or cleaned: resolving turns an id such as
`t3_1x` into an address that depends on the parser, and a feed that moves from one parser to the
other would then look entirely new.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from service.parse.characters import readable
from service.text import digest

if TYPE_CHECKING:
    from service.parse.raw import RawEntry

MAX_KEY = 250  # longer ones are hashed: an index over them must stay small


def entry_key(entry: RawEntry) -> str:
    """Give the guid or id, else the link, else a hash of title (or text) and date; "" for nothing.

    Whitespace around it is dropped and Unicode is brought to NFC. Case counts: two guids that
    differ in case are two entries. Keys longer than 250 characters become their hash.
    """
    own = _tidy(entry.guid) or _tidy(_href(entry))
    if own:
        return own if len(own) <= MAX_KEY else f"hash:{digest(own)}"
    words = _tidy(" ".join(entry.first("title", "media_title", "summary", "content").split()))
    date = _tidy(entry.first("published", "created", "updated"))
    return f"title:{digest(words, date)}" if words else ""


def _href(entry: RawEntry) -> str:
    link = entry.page()
    return link.href if link else ""


def _tidy(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", readable(text)).strip()
