"""What a parser takes out of a document before anything is cleaned, resolved or judged.

Every parser of this room (strict, JSON, loose) ends here, and `finish` starts here, so an entry
has the same identity and the same text whichever of them read it.

Names used as keys of `values`: `guid`, `title`, `media_title`, `summary`, `content`,
`media_summary`, `published`, `created`, `updated`, `language`, `author`, and for a feed `ttl`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

MAX_READ = 10_000  # items looked at; reading 100,000 takes four seconds

PAGE_TYPES = frozenset({"", "html", "text/html", "xhtml", "application/xhtml+xml"})


@dataclass(slots=True)
class RawLink:
    """A link as it stands in the document; `base` is the xml:base in force there, "" for none."""

    href: str
    rel: str = "alternate"
    kind: str = ""
    base: str = ""


@dataclass(slots=True)
class RawNode:
    """What feeds and entries have in common: named texts, links, and the xml:base in force."""

    values: dict[str, str] = field(default_factory=dict)
    links: list[RawLink] = field(default_factory=list)
    base: str = ""

    def keep(self, name: str, text: str | None) -> None:
        """Keep a text under its name if it says something and the name is still free."""
        stripped = (text or "").strip()
        if stripped:
            self.values.setdefault(name, stripped)

    def first(self, *names: str) -> str:
        """Give the first text there is under these names, "" when there is none."""
        for name in names:
            if name in self.values:
                return self.values[name]
        return ""

    def page(self) -> RawLink | None:
        """Give the link to the page: the first alternate one to HTML, else the first alternate one."""
        alternates = [link for link in self.links if link.rel in {"", "alternate"} and link.href]
        if len(alternates) < 2:  # noqa: PLR2004 -- nothing to choose between, as nearly always
            return alternates[0] if alternates else None
        return next((link for link in alternates if link.kind in PAGE_TYPES), alternates[0])


@dataclass(slots=True)
class RawEntry(RawNode):
    """One item. `guid_is_link` is False where the publisher says that its guid is no address."""

    guid_is_link: bool = True

    @property
    def guid(self) -> str:
        """The publisher's own identity of the item, "" when there is none."""
        return self.values.get("guid", "")


@dataclass(slots=True)
class RawFeed(RawNode):
    """A document: its own texts and links, its items in the order of the document.

    `unread` counts items that were not even looked at, because there are too many.
    """

    entries: list[RawEntry] = field(default_factory=list)
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    unread: int = 0


def both_ends(items: Sequence[Item]) -> list[Item]:
    """Give at most 10,000 items, from both ends: the newest stand at one of them."""
    if len(items) <= MAX_READ:
        return list(items)
    return [*items[: MAX_READ // 2], *items[-MAX_READ // 2 :]]
