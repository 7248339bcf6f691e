"""Labels a file of headlines, and counts how well the labels agree with the right answers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from service.cli import show
from service.cli.base import read_all
from service.cli.headlines import Headline, read_headlines
from service.cli.tables import Column, Fit, Rows
from service.errors import Problem, SettingsError, Severity
from service.match import Matcher, days_of_change
from service.watchlists import load_watchlists

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from service.watchlists import Watchlist

EVERY_LANGUAGE = "all"


@dataclass(frozen=True, slots=True)
class Score:
    """How one watchlist did in one language: counts of headlines, and what follows from them."""

    watchlist: str
    language: str
    right: int
    missed: int
    false: int

    @property
    def precision(self) -> float:
        """The share of its matches that are right; 1 where it matched nothing."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share it found of what it should; 1 where there was nothing to find."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True)
class Tally:
    """Counts agreement and keeps what disagrees: (watchlist, headline) pairs."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    missed: list[tuple[str, Headline]] = field(default_factory=list)
    false: list[tuple[str, Headline]] = field(default_factory=list)

    def add(self, headline: Headline, found: set[str], wanted: set[str]) -> None:
        """Note the labels of one headline beside the right ones."""
        for watchlist in found | wanted:
            kind = "right" if watchlist in found & wanted else "missed" if watchlist in wanted else "false"
            for language in (EVERY_LANGUAGE, headline.language or "?"):
                self.counts[watchlist, language, kind] += 1
        self.missed += [(watchlist, headline) for watchlist in sorted(wanted - found)]
        self.false += [(watchlist, headline) for watchlist in sorted(found - wanted)]

    def scores(self) -> list[Score]:
        """Give the scores by watchlist, each over all languages first."""
        pairs = {(watchlist, language) for watchlist, language, _ in self.counts}
        return [
            Score(*pair, *(self.counts[*pair, kind] for kind in ("right", "missed", "false")))
            for pair in sorted(pairs, key=lambda pair: (pair[0], pair[1] != EVERY_LANGUAGE, pair[1]))
        ]


def classify_file(file: Path, folder: Path | None, *, gold: str, as_json: bool) -> None:
    """Print the labels of each headline, one JSON line each, or with `gold` the scores.

    Ends with code 1 where a watchlist or a line could not be read; the rest is done all the same.
    """
    watchlists, problems = _watchlists(folder)
    show.print_problems(problems)
    is_whole = all(problem.severity is not Severity.ERROR for problem in problems)
    tally = Tally()
    for headline, labels in _labelled(file, watchlists):
        if isinstance(headline, Problem):
            show.print_problems([headline])
            is_whole = False
        elif gold:
            tally.add(headline, set(labels), _wanted(headline, gold, file))
        else:
            line = {"id": headline.id, "labels": labels}
            typer.echo(json.dumps(line, ensure_ascii=False))
    if gold:
        (_print_json if as_json else _print_scores)(tally)
    if not is_whole:
        raise typer.Exit(1)


def _watchlists(folder: Path | None) -> tuple[Sequence[Watchlist], Sequence[Problem]]:
    if folder is None:
        _, files = read_all()
        return files.watchlists, [one for one in files.problems if one.severity is Severity.ERROR]
    loaded = load_watchlists(folder)
    return loaded.watchlists, [one for one in loaded.problems if one.severity is Severity.ERROR]


def _labelled(
    file: Path, watchlists: Sequence[Watchlist]
) -> Iterator[tuple[Headline, list[str]] | tuple[Problem, list[str]]]:
    """Give each headline with the watchlists that match it on some day it may have been published."""
    matcher = Matcher([watchlist.query for watchlist in watchlists])
    boundaries = frozenset().union(*(days_of_change(watchlist.query.rule) for watchlist in watchlists))
    for headline in read_headlines(file):
        if isinstance(headline, Problem):
            yield headline, []
            continue
        days = headline.days(boundaries)
        found = {query.watchlist_id for day in days for query in matcher.matching(headline.entry(day))}
        yield headline, [watchlist.id for watchlist in watchlists if watchlist.id in found]


def _wanted(headline: Headline, gold: str, file: Path) -> set[str]:
    labels = headline.fields.get(gold)
    if isinstance(labels, str):
        return {labels} if labels else set()
    if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
        return set(labels)
    message = f"the headline {headline.id} has no list of labels in its field {gold}"
    raise SettingsError(message, resource=str(file), mend="Name the field with the right answers by --gold.")


def _print_json(tally: Tally) -> None:
    show.print_json(
        {
            "scores": [
                {
                    "watchlist": score.watchlist,
                    "language": score.language,
                    "right": score.right,
                    "missed": score.missed,
                    "false": score.false,
                    "precision": round(score.precision, 4),
                    "recall": round(score.recall, 4),
                    "f1": round(score.f1, 4),
                }
                for score in tally.scores()
            ],
            "missed": [_plain(*pair) for pair in tally.missed],
            "false": [_plain(*pair) for pair in tally.false],
        }
    )


def _plain(watchlist: str, headline: Headline) -> dict[str, object]:
    return {"watchlist": watchlist, "id": headline.id, "title": headline.title}


def _print_scores(tally: Tally) -> None:
    names = ("right", "missed", "false", "precision", "recall", "F1")
    rows = Rows(Column("watchlist"), Column("language"), *(Column(name, right=True) for name in names))
    for score in tally.scores():
        shares = (f"{share:.3f}" for share in (score.precision, score.recall, score.f1))
        rows.add(
            score.watchlist if score.language == EVERY_LANGUAGE else "",
            score.language,
            *map(str, (score.right, score.missed, score.false)),
            *shares,
        )
    rows.print(show.out)
    for pairs, one, many in ((tally.missed, "missed", "missed"), (tally.false, "false alert", "")):
        show.print_line(f"\n{show.counted(len(pairs), one, many)}")
        listed = Rows(
            Column("watchlist"), Column("id"), Column("lang"), Column("date"), Column("headline", Fit.WRAP)
        )
        for watchlist, headline in pairs:
            fields = headline.fields
            listed.add(
                watchlist, str(headline.id), headline.language, str(fields.get("date") or ""), headline.title
            )
        if pairs:
            listed.print(show.out)
