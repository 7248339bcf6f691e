"""A small watchlist file for an expression that was made elsewhere, ready to be saved.

Writes what the loader reads; whether the expression is any good is for whoever saves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.watchlists.folders import printable
from service.watchlists.yaml_faults import in_quotes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCHEMA_LINE = "# yaml-language-server: $schema=watchlist.schema.json"
"""The first line of a watchlist, by which an editor finds the schema beside it."""


def draft_watchlist(watchlist_id: str, items: Iterable[str], remarks: Sequence[str] = ()) -> str:
    """Write a watchlist that matches any of these expressions; `remarks` stand above it as comments."""
    title = " ".join(word.capitalize() for word in watchlist_id.split("-"))
    comments = [f"# {printable(' '.join(remark.split()))}" for remark in remarks]
    expressions = [f"    - {in_quotes(item)}" for item in items]
    head = [SCHEMA_LINE, *comments, f"title: {in_quotes(title)}"]
    return "\n".join([*head, "match:", "  any:", *expressions, ""])
