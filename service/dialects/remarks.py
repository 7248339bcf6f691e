"""What a translation says about a query: notes beside it, and refusals in its place.

A note tells what differs although the translation is right; a refusal tells what has no equivalent,
what it means there, and the nearest thing here. Offsets count characters of the query from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Origin(StrEnum):
    """A service whose queries can be translated."""

    FACTIVA = "factiva"
    NEXIS = "nexis"
    MELTWATER = "meltwater"
    GOOGLE = "google"


NAMES = {
    Origin.FACTIVA: "Factiva",
    Origin.NEXIS: "Nexis",
    Origin.MELTWATER: "Meltwater",
    Origin.GOOGLE: "Google Alerts",
}
"""The services as people call them."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know about a place of the query; `mend` says what to write, here or there."""

    start: int
    end: int
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """A query in our language; `expression` is empty where anything is refused.

    `items` are the parts of an OR at the top, of which each can stand as an item of its own.
    """

    origin: Origin
    query: str
    expression: str
    items: tuple[str, ...]
    notes: tuple[Remark, ...]
    refusals: tuple[Remark, ...]


class NoEquivalent(Exception):
    """Something means there what nothing means here; whoever knows its place makes it a refusal."""

    def __init__(self, message: str, mend: str) -> None:
        """Take what it means there, and the nearest thing here."""
        super().__init__(message)
        self.message = message
        self.mend = mend


class Unreadable(Exception):
    """A query that its own service could not read either, or that nests too deep: reading ends here."""

    def __init__(self, message: str, mend: str, start: int, end: int) -> None:
        """Take the fault and its place."""
        super().__init__(message)
        self.remark = Remark(start, end, message, mend)


@dataclass(slots=True)
class Remarks:
    """Collects what is to be said; the same note is said once, at its first place."""

    notes: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)

    def note(self, start: int, end: int, message: str, mend: str = "") -> None:
        """Add a note, unless it was said before."""
        if all(note.message != message for note in self.notes):
            self.notes.append(Remark(start, end, message, mend))

    def refuse(self, start: int, end: int, message: str, mend: str) -> None:
        """Add a refusal."""
        self.refusals.append(Remark(start, end, message, mend))

    def mark(self) -> tuple[int, int]:
        """Give how much has been said, to go back to."""
        return len(self.notes), len(self.refusals)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget what was said since: it was about a part that is refused as a whole."""
        del self.notes[mark[0] :], self.refusals[mark[1] :]
