"""From what Apprise logged during a send to an outcome, and from there to words without secrets. Pure.

Apprise says only yes or no; its log holds the service's code (`error=404`), what the service answered
and what became of the line. The last thing that happened decides.
"""

from __future__ import annotations

import ast
import contextlib
import re
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from service.domain import SendOutcome, SendResult
from service.notify.clean import cut, tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

WORDS_LIMIT = 400
_ANSWER_LIMIT = 200
_RETRY_LIMIT_S = 86_400.0
# What no repeat can mend: the request as such is refused. 402, 407, 408, 409, 423, 425 and 429 may pass.
PERMANENT = frozenset({400, 401, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422})
_CODE = re.compile(r"\berror=(\d{3})\d{0,2}\b|\bMatrix Response: code=(\d{3})\b")
_NO_LINE = re.compile(r"connection error occurred|i/o error occurred|invalid response from", re.IGNORECASE)
_THROTTLED = "rate limiting in effect"
_RETRY_AFTER = re.compile(r"[\"']retry_after(_ms)?[\"']\s*:\s*(\d{1,9}(?:\.\d{1,9})?)")
# What the line's fault says, in our words; those of `answer` came after the request was handed over.
_CAUSES = (
    ("Read timed out", "no answer in time", "answer"),
    ("closed connection", "the line was closed without an answer", "answer"),
    ("aborted", "the line broke", "answer"),
    ("timed out", "no connection in time", "connect"),
    ("getaddrinfo", "the host's name is not known", "connect"),
    ("resolve", "the host's name is not known", "connect"),
    ("refused", "the connection was refused", "connect"),
    ("certificate", "the server's certificate is not accepted", "connect"),
    ("SSL", "the encrypted line could not be set up", "connect"),
)
_SHORT_PART = 3
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{24,}")
_MASK = "…"


class LogLine(NamedTuple):
    """One line of Apprise's log: the level's name and the text."""

    level: str
    message: str


class _Seen(NamedTuple):
    code: int = 0
    no_line: bool = False
    cause: str = "the line failed"
    phase: str = "connect"
    answer: str = ""
    warning: str = ""
    retry_after: timedelta | None = None


def waiting(words: str) -> SendResult:
    """Give the result of a send that could not begin: a setting is missing, and can be mended."""
    return SendResult(SendOutcome.TEMPORARY, phase="settings", words=words)


def classify(lines: Sequence[LogLine], secrets: Collection[str] = ()) -> SendResult:
    """Tell how a send that Apprise calls failed has ended; what is not known is temporary.

    The secrets are taken out of what the service and Apprise said.
    """
    seen = _Seen()
    for line in lines:
        seen = _see(seen, line)
    if seen.no_line:
        words = f"The chat service cannot be reached: {seen.cause}."
        return SendResult(SendOutcome.TEMPORARY, phase=seen.phase, words=words)
    permanent = seen.code in PERMANENT
    return SendResult(
        SendOutcome.PERMANENT if permanent else SendOutcome.TEMPORARY,
        phase="answer",
        code=seen.code,
        words=_words(seen, secrets) + (" Check the channel's address." if permanent else ""),
        retry_after=seen.retry_after,
    )


def _see(seen: _Seen, line: LogLine) -> _Seen:
    head, _, _ = line.message.partition(":")
    if head in _READERS:
        return _READERS[head](seen, line.message)
    code = _CODE.search(line.message)
    if code or _THROTTLED in line.message:
        number = code[1] or code[2] if code else HTTPStatus.TOO_MANY_REQUESTS.value
        return seen._replace(code=int(number), no_line=False)
    if line.level == "DEBUG":
        return seen
    return seen._replace(no_line=seen.no_line or bool(_NO_LINE.search(line.message)), warning=line.message)


def _see_answer(seen: _Seen, message: str) -> _Seen:
    return seen._replace(answer=_answer(message), retry_after=_retry_after(message) or seen.retry_after)


def _see_fault(seen: _Seen, message: str) -> _Seen:
    found = next(((words, phase) for sign, words, phase in _CAUSES if sign in message), None)
    cause, phase = found or (seen.cause, seen.phase)
    return seen._replace(no_line=True, cause=cause, phase=phase)


def _see_crash(seen: _Seen, message: str) -> _Seen:
    return seen._replace(retry_after=_retry_after(message) or seen.retry_after)


_READERS = {
    "Response Details": _see_answer,
    "Socket Exception": _see_fault,
    "Notification Exception": _see_crash,
}


def _answer(message: str) -> str:
    text = message.partition(":")[2].strip()
    with contextlib.suppress(ValueError, SyntaxError):
        value = ast.literal_eval(text)
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return re.sub(r"<[^>]*>", " ", text)


def _retry_after(message: str) -> timedelta | None:
    found = _RETRY_AFTER.search(message)
    if not found:
        return None
    seconds = float(found[2]) / (1000 if found[1] else 1)
    return timedelta(seconds=min(seconds, _RETRY_LIMIT_S))


def _words(seen: _Seen, secrets: Collection[str]) -> str:
    if not seen.code:
        warning = other_words(seen.warning, WORDS_LIMIT, secrets)
        return warning or "The chat service did not take the message."
    phrase = ""
    with contextlib.suppress(ValueError):
        phrase = f" {HTTPStatus(seen.code).phrase}"
    answer = other_words(seen.answer, _ANSWER_LIMIT, secrets)
    return f"{seen.code}{phrase}" + (f": {answer}" if answer else ".")


# --------------------------------------------------------------------------------------- secrets


def secret_parts(address: str) -> set[str]:
    """Give every part of an address that must not be shown, as written and with %XX undone."""
    rest = address.partition("://")[2] or address
    forms = {rest, unquote(rest)}
    parts = {part for form in forms for part in re.split(r"[\s/@:?&=#,+;!]+", form)}
    return {part for part in parts | forms | {address} if part}


def tokens_in(text: str) -> set[str]:
    """Give what looks like a token in a message, such as that of a link to unsubscribe."""
    return set(_TOKEN.findall(text))


def other_words(said: str, limit: int, secrets: Collection[str]) -> str:
    """Make one line of what the other side said, without secrets.

    Our own words do not come here: a secret may well be a word that a mend needs, such as `password`.
    The cut comes last, so that no half of a secret stays.
    """
    return cut(redact(tidy(said).strip(), secrets), limit)


def redact(words: str, secrets: Iterable[str]) -> str:
    """Replace every secret by an ellipsis, whatever its case; very short ones only as whole words.

    Repeated until nothing changes: a short one between two others stands free only once those are gone.
    """
    in_order = sorted(set(secrets), key=lambda secret: (-len(secret), secret))
    before = ""
    while before != words:
        before = words
        for secret in in_order:
            pattern = re.escape(secret)
            if len(secret) <= _SHORT_PART:
                pattern = rf"(?<!\w){pattern}(?!\w)"
            words = re.sub(pattern, _MASK, words, flags=re.IGNORECASE)
    return words
