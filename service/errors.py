"""The one error tree of Avizor.

    AvizorError               what went wrong, with what, and the mend
    ├── SettingsError         a setting in the environment or `.env` cannot be used
    ├── SecretMissing         a `${NAME}` that stands nowhere in the environment
    ├── ExpressionError       an expression cannot be read; knows the offset of the fault
    ├── FileRefused           a YAML file is refused; carries every problem found in it
    ├── NotAFeed              bytes that are no feed, or a feed that cannot be read
    │   └── WebPage           a page for people in place of the feed
    ├── StoreLocked           another process holds the same SQLite file
    ├── StoreUnreachable      the database does not answer, or does not let us in
    ├── StoreTooNew           the database was written by a newer Avizor
    ├── NotReached            a service that the operator has named does not answer as it should
    ├── NotFound              a named thing is not in the store
    └── Refused               what was asked for cannot be done to things as they are

A feed that cannot be fetched and a message that cannot be sent are not errors but values
(`domain.FetchFailed`, `domain.SendResult`): they are the daily business of the service.
No message of this tree ever holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Severity(StrEnum):
    """How bad a problem in a file is: an error refuses the file; a warning, and mere advice, do not."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


def sentences(message: str, mend: str) -> str:
    """Put a message and its mend into one line, with one stop between them."""
    if not mend:
        return message
    stop = "" if message.endswith((".", "!", "?", ":")) else "."
    return f"{message}{stop} {mend}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what was read, and the mend. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    mend: str = ""
    key: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Give the line a terminal shows: `file:line:column: message. Mend.`."""
        return f"{self.file}:{self.line}:{self.column}: {sentences(self.message, self.mend)}"


class AvizorError(Exception):
    """Something the reader of the message can mend.

    `resource` names the file, address or setting; `mend` is one sentence saying what to do.
    """

    def __init__(self, message: str, *, resource: str = "", mend: str = "") -> None:
        """Keep the three parts apart, so that pages and JSON can show them apart."""
        super().__init__(message)
        self.message = message
        self.resource = resource
        self.mend = mend

    def __str__(self) -> str:
        """Give one line: resource, message, mend."""
        head = f"{self.resource}: " if self.resource else ""
        return head + sentences(self.message, self.mend)


class SettingsError(AvizorError):
    """A setting in the environment or `.env` cannot be used."""


class SecretMissing(AvizorError):
    """A `${NAME}` that is set neither as `NAME` nor by a file named in `NAME_FILE`."""


class ExpressionError(AvizorError):
    """An expression cannot be read; `offset` is the character (from 0) where the fault lies."""

    def __init__(self, message: str, *, offset: int, mend: str = "") -> None:
        """Take the offset inside the expression; the file's reader turns it into line and column."""
        super().__init__(message, mend=mend)
        self.offset = offset


class FileRefused(AvizorError):
    """A YAML file is refused as a whole; `problems` lists everything wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take at least one problem."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class NotAFeed(AvizorError):
    """Bytes that are no feed, or a feed that cannot be read."""


class WebPage(NotAFeed):
    """A page for people in place of the feed: for logging in, for consenting, or the site itself."""


class StoreLocked(AvizorError):
    """Another process holds the same SQLite file."""


class StoreUnreachable(AvizorError):
    """The database does not answer, or does not let us in."""


class StoreTooNew(AvizorError):
    """The database was written by a newer Avizor."""


class NotReached(AvizorError):
    """A service that the operator has named does not answer, or not as it should."""


class NotFound(AvizorError):
    """A named thing is not in the store."""


class Refused(AvizorError):
    """What was asked for cannot be done to things as they are."""
