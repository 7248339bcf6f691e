"""Why a reader gets an alert: what was found where, why it is told now, and who asked for it. Pure.

What was found is said in the words of the article, not in those of the rule.
"""

from __future__ import annotations

from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from service.domain import JoinReason, NotifyReason, TextField
from service.marking import mark
from service.notify.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Entry, Evidence

NAME_LIMIT = 60
MOST_PHRASES = 4
_PHRASE_LIMIT = 80
# The names of the channels that the settings make; nobody gave them, so no reader knows them.
_OF_SETTINGS = frozenset({"settings-mail", "settings-chat"})
_REASONS = {
    NotifyReason.NEW_EVENT: "first alert of this event",
    NotifyReason.UPDATE: "news of an event that you were told of",
    NotifyReason.FRESH_REPORT: "fresh report of an earlier event that you had not been told of",
}
_JOINED = {
    JoinReason.SAME_ADDRESS: "the same address as an earlier report",
    JoinReason.SAME_HEADLINE: "the same headline as an earlier report",
    JoinReason.SHARED_WORDS: "telling words in common with earlier reports",
    JoinReason.SAME_MEANING: "the meaning of earlier reports, in another language",
}
_WHERE = {
    frozenset({TextField.TITLE}): "in the headline",
    frozenset({TextField.TEXT}): "in the text",
    frozenset({TextField.TITLE, TextField.TEXT}): "in headline and text",
}


class _Phrase(NamedTuple):
    """Words of the article that a line of the watchlist found, and the fields it found them in."""

    words: str
    line: int
    fields: frozenset[TextField]

    def __str__(self) -> str:
        return f"“{self.words}” {_WHERE[self.fields]}"


def say_found(entry: Entry, evidence: Iterable[Evidence], watchlist_id: str, most: int = MOST_PHRASES) -> str:
    """Name at most `most` phrases that were found, by line of the watchlist's file, most telling first.

    What stands in the headline goes before what stands only in the text, long phrases before short
    ones. Every line has its say before one says a second phrase; a phrase of several lines is said once.
    """
    by_line = _by_line(_ranked(entry, evidence))
    in_turns = chain.from_iterable(zip_longest(*by_line.values()))
    chosen = set(islice((phrase for phrase in in_turns if phrase), most))
    said = {
        line: ", ".join(str(phrase) for phrase in phrases if phrase in chosen)
        for line, phrases in by_line.items()
        if chosen.intersection(phrases)
    }
    file = f" of {_file(watchlist_id)}"
    return "; ".join(
        f"line {line}{'' if number else file}: {phrases}"
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


def say_reason(reason: NotifyReason, join_reason: JoinReason) -> str:
    """Say why this is told now, and why the report belongs to its event."""
    joined = _JOINED.get(join_reason, "")
    said = _REASONS.get(reason, "")
    return "; ".join(part for part in (said, f"it has {joined}" if joined else "") if part)


def say_follower(channel_id: str, watchlist: str, watchlist_id: str) -> str:
    """Say which channel follows which watchlist, and who can change that; empty without a channel."""
    if not channel_id:
        return ""
    channel = f"the channel {clean_line(channel_id, NAME_LIMIT)}"
    who = "the address in the settings" if channel_id in _OF_SETTINGS else channel
    follows = f"{who} follows {watchlist} ({_file(watchlist_id)})"
    return f"You get this because {follows}. Ask the operator to change it."


def _file(watchlist_id: str) -> str:
    return f"{clean_line(watchlist_id, NAME_LIMIT)}.yaml"
