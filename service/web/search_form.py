"""The form of a search: what was typed, what it asks for, and what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from service.domain import FeedGroup
from service.errors import ExpressionError
from service.match import Fact, FactKind, parse_expression, source_fact
from service.pipeline import Question
from service.store import END, Place, Wanted
from service.wording import later, retell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.web.times import Local
    from service.wording import Wording

ANY, NONE = "*", "-"
"""Articles that some watchlist matched, and those that none did; other names are those of watchlists."""

FIELDS = ("q", "watchlist", "outlet", "country", "language_of", "group", "since", "until")
_MOST_TYPED = 2_000  # characters of a question
_MOST_DIGITS = 19
_NO_DATE = later("This is no date. Write it like 2026-11-22.")
_TURNED_ROUND = later("This day is before the first one.")
_NO_SUCH = later("Nothing like this can be chosen here.")
GROUPS = {
    FeedGroup.WIRE: later("news agency"),
    FeedGroup.INDEPENDENT: later("independent"),
    FeedGroup.STATE_MEDIA: later("state media"),
    FeedGroup.GOVERNMENT: later("government"),
    FeedGroup.THINK_TANK: later("think tank"),
    FeedGroup.SEARCH: later("news search"),
}


@dataclass(frozen=True, slots=True)
class QueryFault:
    """What is wrong with the question: the words of the language, and the part of it they are about."""

    message: str
    mend: str
    before: str
    at: str
    after: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it was sent: `typed` by field, and the question, None where something is wrong with it."""

    typed: Mapping[str, str]
    question: Question | None
    fault: QueryFault | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    before: Place = END

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a field beside the words is filled in."""
        return any(self.typed[name] for name in FIELDS[1:])


def read_form(sent: Mapping[str, str], local: Local) -> Asked:
    """Read what was sent; days are those of the reader."""
    typed = {name: sent.get(name, "").strip()[:_MOST_TYPED] for name in FIELDS}
    before = sent.get("before", "")
    place = Place(before) if before.isascii() and before.isdigit() and len(before) < _MOST_DIGITS else END
    reading = _Reading(typed, local)
    question = reading.question()
    if reading.fault or reading.faults:
        return Asked(typed, None, reading.fault, reading.faults, place)
    return Asked(typed, question, before=place)


class _Reading:
    """Reads the fields one by one and notes what is wrong."""

    def __init__(self, typed: Mapping[str, str], local: Local) -> None:
        self._typed, self._local = typed, local
        self.fault: QueryFault | None = None
        self.faults: dict[str, str] = {}

    def question(self) -> Question:
        """Give the question, as far as it can be read."""
        expression = None
        if text := self._typed["q"]:
            try:
                expression = parse_expression(text)
            except ExpressionError as error:
                self.fault = _query_fault(text, error, self._local.words)
        watchlist = self._typed["watchlist"]
        wanted = Wanted(
            matched={ANY: True, NONE: False}.get(watchlist),
            watchlist_id="" if watchlist in {ANY, NONE} else watchlist,
            since=self._day("since"),
            until=self._day("until", days=1),
        )
        if wanted.since and wanted.until and wanted.until <= wanted.since:
            self.faults["until"] = self._local.words.say(_TURNED_ROUND)
        return Question(expression, tuple(self._facts()), wanted)

    def _facts(self) -> Iterator[Fact]:
        typed = self._typed
        if typed["outlet"]:
            yield source_fact(typed["outlet"])
        if typed["country"]:
            yield Fact(FactKind.COUNTRY, typed["country"].lower())
        if typed["language_of"]:
            yield Fact(FactKind.LANG, typed["language_of"].lower())
        if typed["group"] in tuple(FeedGroup):
            yield Fact(FactKind.GROUP, typed["group"])
        elif typed["group"]:
            self.faults["group"] = self._local.words.say(_NO_SUCH)

    def _day(self, name: str, days: int = 0) -> datetime | None:
        if not self._typed[name]:
            return None
        try:
            day = date.fromisoformat(self._typed[name]) + timedelta(days=days)
        except (ValueError, OverflowError):
            self.faults[name] = self._local.words.say(_NO_DATE)
            return None
        return datetime.combine(day, time(), self._local.zone)


def _query_fault(text: str, error: ExpressionError, words: Wording) -> QueryFault:
    """Take what the language says, with the word it is about marked in the question."""
    at = min(error.offset or 0, len(text))
    end = next((place for place in range(at + 1, len(text)) if text[place].isspace()), len(text))
    message = retell(error.message.removeprefix(f"{text}: "), words)
    return QueryFault(message, retell(error.mend, words), text[:at], text[at:end], text[end:])
