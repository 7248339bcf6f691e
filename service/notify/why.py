"""Why a reader gets an alert: what was found where, and why it is told now. Pure.

What was found is said in the words of the article, not in those of the rule.
"""

from __future__ import annotations

from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from service.domain import JoinReason, NotifyReason, TextField
from service.marking import mark
from service.notify.clean import clean_line
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Entry, Evidence
    from service.wording import Wording

NAME_LIMIT = 60
MOST_PHRASES = 4
_PHRASE_LIMIT = 80
_REASONS = {
    NotifyReason.NEW_EVENT: later("first alert of this event"),
    NotifyReason.UPDATE: later("news of an event that you were told of"),
    NotifyReason.FRESH_REPORT: later("fresh report of an earlier event that you had not been told of"),
}
_REASONS_SHORTLY = {
    NotifyReason.NEW_EVENT: later("new event"),
    NotifyReason.UPDATE: later("update"),
    NotifyReason.FRESH_REPORT: later("new report of an earlier event"),
}
_JOINED = {
    JoinReason.SAME_ADDRESS: later("it has the same address as an earlier report"),
    JoinReason.SAME_HEADLINE: later("it has the same headline as an earlier report"),
    JoinReason.SHARED_WORDS: later("it has telling words in common with earlier reports"),
    JoinReason.SAME_MEANING: later("it has the meaning of earlier reports, in another language"),
}
_WHERE = {
    frozenset({TextField.TITLE}): later("“{words}” in the headline"),
    frozenset({TextField.TEXT}): later("“{words}” in the text"),
    frozenset({TextField.TITLE, TextField.TEXT}): later("“{words}” in headline and text"),
}


class _Phrase(NamedTuple):
    """Words of the article that a line of the watchlist found, and the fields it found them in."""

    words: str
    line: int
    fields: frozenset[TextField]

    def say(self, wording: Wording) -> str:
        return wording.say(_WHERE[self.fields], words=self.words)


def say_found(
    entry: Entry,
    evidence: Iterable[Evidence],
    watchlist_id: str,
    wording: Wording,
    most: int = MOST_PHRASES,
) -> str:
    """Name at most `most` phrases that were found, by line of the watchlist's file, most telling first.

    What stands in the headline goes before what stands only in the text, long phrases before short
    ones. Every line has its say before one says a second phrase; a phrase of several lines is said once.
    """
    by_line = _by_line(_ranked(entry, evidence))
    in_turns = chain.from_iterable(zip_longest(*by_line.values()))
    chosen = set(islice((phrase for phrase in in_turns if phrase), most))
    said = {
        line: ", ".join(phrase.say(wording) for phrase in phrases if phrase in chosen)
        for line, phrases in by_line.items()
        if chosen.intersection(phrases)
    }
    file = file_of(watchlist_id)
    return "; ".join(
        wording.say("line {line}: {phrases}", line=line, phrases=phrases)
        if number
        else wording.say("line {line} of {file}: {phrases}", line=line, file=file, phrases=phrases)
        for number, (line, phrases) in enumerate(said.items())
    )


def _ranked(entry: Entry, evidence: Iterable[Evidence]) -> list[_Phrase]:
    found: dict[tuple[str, int], _Phrase] = {}
    for one in evidence:
        words = _words(entry, one)
        if words:
            fresh = _Phrase(words, one.line, frozenset())
            known = found.get((words.casefold(), one.line), fresh)
            found[words.casefold(), one.line] = known._replace(fields=known.fields | {one.field})
    return sorted(found.values(), key=_rank)


def _words(entry: Entry, one: Evidence) -> str:
    text = entry.title if one.field is TextField.TITLE else entry.summary
    marked = (piece.text for piece in mark(text, [(one.start, one.end)]) if piece.is_marked)
    return clean_line(next(marked, ""), _PHRASE_LIMIT)


def _rank(phrase: _Phrase) -> tuple[bool, int, int]:
    return TextField.TITLE not in phrase.fields, -len(phrase.words), phrase.line


def _by_line(ranked: Sequence[_Phrase]) -> dict[int, list[_Phrase]]:
    once: dict[str, _Phrase] = {}
    for phrase in ranked:
        once.setdefault(phrase.words.casefold(), phrase)
    lines: dict[int, list[_Phrase]] = {}
    for phrase in once.values():
        lines.setdefault(phrase.line, []).append(phrase)
    return lines


def say_reason(reason: NotifyReason, join_reason: JoinReason, wording: Wording) -> str:
    """Say why this is told now, and why the report belongs to its event."""
    parts = (_REASONS.get(reason), _JOINED.get(join_reason))
    return "; ".join(wording.say(part) for part in parts if part)


def say_reason_shortly(reason: NotifyReason, wording: Wording) -> str:
    """Say why one event of several is told."""
    return wording.say(_REASONS_SHORTLY[reason])


def file_of(watchlist_id: str) -> str:
    """Name the file of a watchlist."""
    return f"{clean_line(watchlist_id, NAME_LIMIT)}.yaml"
