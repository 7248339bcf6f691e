"""What is said of a draft, in words and marks: problems, examples, what it gains and loses. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import TYPE_CHECKING

from service.domain import TextField
from service.marking import mark, spans_in
from service.match import Lack
from service.web.drawing import Bars, draw_bars
from service.web.phrases import language_tag, safe_link
from service.web.present import Text
from service.web.times import Moment, moment, since
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Match
    from service.match import NearMiss
    from service.pipeline import Tried
    from service.store import TermFeedback
    from service.watchlists import TriedExample
    from service.web.times import Local
    from service.wiring import Explained, Judged
    from service.wording import Wording

_SHOWN = 8  # headlines of each kind
_MOST_CHANGED = 60  # lines of a difference
_LACKS = {
    Lack.WORDS: later("line {line}: it has {present}, but not {missing}"),
    Lack.DISTANCE: later("line {line}: it has {present}, but too far apart"),
    Lack.FIELD: later("line {line}: it has {present}, but not where {missing} asks for it"),
    Lack.PERIOD: later("line {line}: it has {present}, but was published outside {missing}"),
}


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """An example: whether it goes as it should, and the line that decides."""

    headline: Text
    is_right: bool
    said: str


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline that is gained or lost, with the lines that decide."""

    headline: Text
    link: str
    outlet: str
    at: Moment
    lines: str


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the difference to what is in force: its sign, and its text."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that is said of a draft. `gained` and `lost` hold the latest few of as many as the figures say."""

    is_whole: bool
    is_as_in_force: bool
    figures: tuple[tuple[str, str], ...]
    weeks: Bars | None
    weeks_said: str
    looked: str
    gained: tuple[Headline, ...]
    gained_more: str
    lost: tuple[Headline, ...]
    lost_more: str
    examples: tuple[ExampleLine, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What readers said of alerts that a term let in; it stands on `line` of the draft, 0 for nowhere."""

    term: str
    line: int
    said: str


def verdicts(feedback: Iterable[TermFeedback], words: Wording) -> tuple[Verdicts, ...]:
    """Say what readers said of the terms of a watchlist, what they called noise most often first."""
    return tuple(
        Verdicts(one.term, one.line, _say_verdicts(one, words))
        for one in sorted(feedback, key=lambda one: (-one.noise, one.line, one.term))[:_SHOWN]
    )


def _say_verdicts(one: TermFeedback, words: Wording) -> str:
    useful = words.count(one.useful, "{number} time useful", "{number} times useful")
    noise = words.count(one.noise, "{number} time noise", "{number} times noise")
    return f"{useful}, {noise}"


def judgement(judged: Judged, local: Local, *, before: str, text: str) -> Judgement:
    """Say it; `before` is the text in force, or none."""
    words, tried = local.words, judged.tried
    result = tried.result if tried is not None else None
    gained, lost = (result.gained, result.lost) if result is not None else ((), ())
    weeks = result.weeks if result is not None else ()
    return Judgement(
        is_whole=tried is not None,
        is_as_in_force=judged.is_as_in_force,
        figures=() if tried is None else _figures(tried, words),
        weeks=draw_bars([one.after for one in weeks]) if weeks else None,
        weeks_said=words.say("alerts in each week"),
        looked="" if tried is None else _looked(tried, local),
        gained=_headlines(gained, local),
        gained_more=_more(gained, words),
        lost=_headlines(lost, local),
        lost_more=_more(lost, words),
        examples=tuple(
            ExampleLine(
                Text(mark(one.example.title or one.example.text, ()), language_tag(one.example.language)),
                one.is_right,
                say_example(one, words),
            )
            for one in judged.examples
        ),
        changes=tuple(list_changes(before, text)),
    )


def _figures(tried: Tried, words: Wording) -> tuple[tuple[str, str], ...]:
    result, number = tried.result, words.say_number
    was = words.say("alerts a week (now {before})", before=number(result.alerts_per_week_before))
    return (
        (f"+{number(len(result.gained))}", words.say("gained")),
        (f"−{number(len(result.lost))}", words.say("lost")),
        (number(result.alerts_per_week_after), was),
        (number(result.matched_after), words.say("articles matched")),
    )


def _looked(tried: Tried, local: Local) -> str:
    words = local.words
    if tried.is_cut:
        return words.say(
            "It asks for so much that only the newest articles were looked at, back to {time}.",
            time=since(tried.since, local),
        )
    return words.say("Looked at the articles of the last 90 days.")


def _headlines(matches: Sequence[Match], local: Local) -> tuple[Headline, ...]:
    return tuple(_headline(match, local) for match in matches[: -_SHOWN - 1 : -1])


def _headline(match: Match, local: Local) -> Headline:
    entry, words = match.entry, local.words
    title = mark(entry.title or words.say("(no headline)"), spans_in(match.evidence, TextField.TITLE))
    lines = sorted({one.line for one in match.evidence})
    return Headline(
        Text(title, language_tag(entry.language)),
        safe_link(entry.url),
        entry.outlet,
        moment(entry.happened_at, local),
        ", ".join(words.say("line {line}", line=line) for line in lines),
    )


def _more(matches: Sequence[Match], words: Wording) -> str:
    more = len(matches) - _SHOWN
    return words.count(more, "and {number} more", "and {number} more") if more > 0 else ""


def say_example(one: TriedExample, words: Wording) -> str:
    """Say how an example goes, and by which line."""
    line, is_right = one.line, one.is_right
    if one.example.should_match:
        return (
            words.say("matches by line {line}", line=line)
            if is_right
            else words.say("does not match, and should")
        )
    return (
        words.say("is left out, as it should be")
        if is_right
        else words.say("matches by line {line}, and should not", line=line)
    )


def list_changes(before: str, text: str) -> Iterable[Change]:
    """List the lines that differ from the text in force, the first of very many."""
    lines = unified_diff(before.splitlines(), text.splitlines(), n=0, lineterm="")
    told = (line for line in lines if not line.startswith(("---", "+++", "@@")))
    return (Change("−" if line[0] == "-" else "+", line[1:]) for line in islice(told, _MOST_CHANGED))


def say_explained(explained: Explained, words: Wording) -> tuple[str, ...]:
    """Say what a draft does with a headline, and why."""
    if explained.match is not None:
        lines = {one.line: one.term for one in explained.match.evidence}
        by = [words.say("line {line}: {term}", line=line, term=term) for line, term in sorted(lines.items())]
        return (words.say("It matches by {lines}.", lines=words.say_list(by)),)
    if not explained.misses:
        return (words.say("It does not match."),)
    return (words.say("It does not match, but nearly:"), *(_miss(one, words) for one in explained.misses[:3]))


def _miss(miss: NearMiss, words: Wording) -> str:
    return words.say(_LACKS[miss.lack], line=miss.line, present=miss.present, missing=miss.missing)
