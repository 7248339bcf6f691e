"""Small words of the pages: kinds of sources, countries, languages; links and addresses safe to show."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedGroup
from service.signup import is_of_reader
from service.text import partly_hidden
from service.watchlists import OPERATORS, SETTINGS_CHAT, SETTINGS_MAIL
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.wording import Wording

GROUPS = {
    FeedGroup.WIRE: later("news agency"),
    FeedGroup.INDEPENDENT: later("independent"),
    FeedGroup.STATE_MEDIA: later("state media"),
    FeedGroup.GOVERNMENT: later("government"),
    FeedGroup.THINK_TANK: later("think tank"),
    FeedGroup.SEARCH: later("news search"),
}
WORDS_LIMIT = 300  # of another side's words: enough for every reply of a mail server

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UNSAFE_IN_LINK = re.compile(r"[\x00-\x20\x7f<>\"\\]")


def language_tag(text: str) -> str:
    """Give a feed's word for its language as a page may use it; empty when it is no language tag."""
    text = text.strip().replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else ""


def languages(tags: Iterable[str]) -> str:
    """Name the languages, the first one first, regions left out: `es zh`."""
    known = (language_tag(tag).partition("-")[0].lower() for tag in tags)
    return " ".join(dict.fromkeys(tag for tag in known if tag))


def countries(codes: Iterable[str], words: Wording, *, shown: int = 4) -> str:
    """Count outlets by country, the most first: `PE 12 · CL 3 · 2 more`; a single one is just named."""
    counts = Counter(code for code in codes if code).most_common()
    if sum(count for _, count in counts) == 1:
        return counts[0][0]
    parts = [f"{code} {count}" for code, count in counts[:shown]]
    rest = len(counts) - shown
    more = words.count(rest, "{number} more", "{number} more") if rest > 0 else ""
    return " · ".join([*parts, more] if more else parts)


def safe_link(url: str) -> str:
    """Give an address that a page may link to: http or https with a host; empty for any other."""
    if _UNSAFE_IN_LINK.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # a broken IPv6 host
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def channel_name(channel_id: str, words: Wording) -> str:
    """Name a channel as its owner knows it: by its name in the file, or as the address in the settings.

    That of somebody who subscribed has no name that anybody knows.
    """
    if channel_id in OPERATORS:
        return words.say("the operator")
    if is_of_reader(channel_id):
        return words.say("a reader")
    is_of_settings = channel_id in {SETTINGS_MAIL, SETTINGS_CHAT}
    return words.say("the address in the settings") if is_of_settings else channel_id


def hide_addresses(text: str) -> str:
    """Show the mail addresses in a text partly, `a…@example.org`, and the text not longer than is read."""
    clipped = text if len(text) <= WORDS_LIMIT else text[:WORDS_LIMIT] + "…"
    return partly_hidden(clipped)
