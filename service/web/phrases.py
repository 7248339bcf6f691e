"""Small words of the pages: counts, lists, languages, links and addresses that are safe to show. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedGroup
from service.text import partly_hidden
from service.watchlists import OPERATORS, SETTINGS_CHAT, SETTINGS_MAIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GROUPS = {
    FeedGroup.WIRE: "news agency",
    FeedGroup.INDEPENDENT: "independent",
    FeedGroup.STATE_MEDIA: "state media",
    FeedGroup.GOVERNMENT: "government",
    FeedGroup.THINK_TANK: "think tank",
    FeedGroup.SEARCH: "news search",
}
WORDS_LIMIT = 300  # of another side's words: enough for every reply of a mail server

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UNSAFE_IN_LINK = re.compile(r"[\x00-\x20\x7f<>\"\\]")


def many(number: int, one: str, more: str = "") -> str:
    """Count things: `1 outlet`, `1,204 articles`; `more` is the plural where it is not `…s`."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 -- one word needs no "and"
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def language_tag(text: str) -> str:
    """Give a feed's word for its language as a page may use it; empty when it is no language tag."""
    text = text.strip().replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else ""


def languages(tags: Iterable[str]) -> str:
    """Name the languages, the first one first, regions left out: `es zh`."""
    known = (language_tag(tag).partition("-")[0].lower() for tag in tags)
    return " ".join(dict.fromkeys(tag for tag in known if tag))


def countries(codes: Iterable[str], *, shown: int = 4) -> str:
    """Count outlets by country, the most first: `PE 12 · CL 3 · 2 more`; a single one is just named."""
    counts = Counter(code for code in codes if code).most_common()
    if sum(count for _, count in counts) == 1:
        return counts[0][0]
    parts = [f"{code} {count}" for code, count in counts[:shown]]
    rest = len(counts) - shown
    return " · ".join([*parts, f"{rest} more"] if rest > 0 else parts)


def safe_link(url: str) -> str:
    """Give an address that a page may link to: http or https with a host; empty for any other."""
    if _UNSAFE_IN_LINK.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # a broken IPv6 host
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def channel_name(channel_id: str) -> str:
    """Name a channel as its owner knows it: by its name in the file, or as the address in the settings."""
    if channel_id in OPERATORS:
        return "the operator"
    return "the address in the settings" if channel_id in {SETTINGS_MAIL, SETTINGS_CHAT} else channel_id


def hide_addresses(text: str) -> str:
    """Show the mail addresses in a text partly, `a…@example.org`, and the text not longer than is read."""
    clipped = text if len(text) <= WORDS_LIMIT else text[:WORDS_LIMIT] + "…"
    return partly_hidden(clipped)
