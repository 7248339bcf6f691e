"""Sessions with the mail server that are kept for the next message: setting one up costs more than a mail.

Only a session that has just taken a message is kept, and only while there is more to send.
"""

from __future__ import annotations

import contextlib
import smtplib
from dataclasses import dataclass
from threading import Lock

_QUIT_TIMEOUT_S = 1.0
_MOST_MESSAGES = 100  # over one session; servers have limits, and do not say which


@dataclass(frozen=True, slots=True)
class MailSession:
    """An open session, logged in where that is asked for, and how many messages it has taken."""

    smtp: smtplib.SMTP
    messages: int = 0

    def close(self) -> None:
        """Say goodbye, if the server listens."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self.smtp.sock is not None:
                self.smtp.sock.settimeout(_QUIT_TIMEOUT_S)
                self.smtp.quit()
        self.smtp.close()


class Sessions:
    """The sessions of one server that are at rest between two messages; thread-safe."""

    def __init__(self) -> None:
        """Begin with none."""
        self._resting: list[MailSession] = []
        self._lock = Lock()

    def take(self) -> MailSession | None:
        """Give a session to one sender alone; None where none rests."""
        with self._lock:
            return self._resting.pop() if self._resting else None

    def keep(self, session: MailSession) -> None:
        """Keep a session that has just taken a message, unless it has taken many."""
        if session.messages + 1 >= _MOST_MESSAGES:
            session.close()
            return
        with self._lock:
            self._resting.append(MailSession(session.smtp, session.messages + 1))

    def close(self) -> None:
        """End all that rest."""
        while session := self.take():
            session.close()
