"""What is said of a draft of a watchlist, asked once for the editor and for the API. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.web.moved_lines import moved_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.store import Store, TermFeedback
    from service.wiring import Drafts, Explained, Judged


@dataclass(frozen=True, slots=True)
class DraftData:
    """How a draft does: what is wrong, what it would have found, what readers said of its terms.

    `before` is the text in force, or none. `explained` is what it does with a headline, None where none was
    given or the draft cannot be read.
    """

    text: str
    before: str
    judged: Judged
    explained: Explained | None
    feedback: Sequence[TermFeedback]


def read_draft_data(store: Store, drafts: Drafts, watchlist_id: str, text: str, headline: str) -> DraftData:
    """Judge a draft; raises NotFound where no watchlist can have this name."""
    in_force = drafts.find_in_force(watchlist_id)
    judged = drafts.judge(watchlist_id, text)
    lines = moved_lines(store.versions.list_versions(f"{watchlist_id}.yaml"), text)
    return DraftData(
        text=text,
        before=in_force.source.text if in_force is not None else "",
        judged=judged,
        explained=drafts.explain(watchlist_id, text, headline) if headline else None,
        feedback=store.feedback.by_term(watchlist_id, lines),
    )


def as_in_file(text: str) -> str:
    """Give a text as a file has it: its lines end in one character, the last one too."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if not text or text.endswith("\n") else text + "\n"
