"""Which forms of a word `forms:` finds: those that stand in the archive, and those made by rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from service.cli import show
from service.cli.base import ask, read_all
from service.cli.tables import Column, Rows
from service.errors import SettingsError
from service.match import FORMS_LANGUAGES, LANGUAGES, Item
from service.match.tree import And, AtLeast, InField, Near, Not, NotNear, Or, Term
from service.text import STEMMED, fold, inflections, normal, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from service.match import Expression, Rule
    from service.store import Store
    from service.watchlists import Watchlist

MOST_ENTRIES = 100_000
"""How many stored entries are looked through, the newest first."""
_MOST_CHUNKS = 1 << 17


@dataclass(frozen=True, slots=True)
class Form:
    """A form in small letters: how often it stands in the archive and in watchlists, and where it is from."""

    form: str
    archive: int
    watchlists: int
    by_rule: bool


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a word in one language; `is_known` tells whether that language has inflections here."""

    word: str
    language: str
    is_known: bool
    forms: tuple[Form, ...]


def show_forms(word: str, languages: Sequence[str], *, as_json: bool) -> None:
    """Print every form of a word that `forms:` finds, by language.

    Raises:
        SettingsError: it is not one word, or a language is unknown.
    """
    chosen = tuple(dict.fromkeys(languages)) or FORMS_LANGUAGES
    _check(word, chosen)
    _, files = read_all()
    _, (read, stored) = ask(partial(_in_archive, word, chosen))
    written = Counter(_in_watchlists(files.watchlists))
    found = [_forms(word, language, stored, written) for language in chosen]
    if as_json:
        show.print_json({"entries": read, "languages": found})
    else:
        _print(found, read)


def _check(word: str, languages: Sequence[str]) -> None:
    if len(words(word)) != 1:
        raise SettingsError(f"{word} is not one word", mend="Ask for the words of a phrase one by one.")
    for language in languages:
        if language not in LANGUAGES:
            mend = "Write its two letters, as in --lang es."
            raise SettingsError(f"{language}: this language is unknown", mend=mend)


def _in_archive(word: str, languages: Sequence[str], store: Store) -> tuple[int, Counter[str]]:
    """Count the forms in the newest entries, and those entries."""
    wanted = stems(word, languages)
    known: dict[str, tuple[str, ...]] = {}
    read, found = 0, Counter[str]()
    pages = store.archive.iter_entries(datetime.min.replace(tzinfo=UTC), newest_first=True)
    for entry in islice(pages, MOST_ENTRIES):
        read += 1
        for chunk in (*entry.title.split(), *entry.summary.split()):
            if chunk not in known:
                if len(known) >= _MOST_CHUNKS:
                    known.clear()
                known[chunk] = tuple(form for form in _spelled(chunk) if wanted & stems(form, languages))
            found.update(known[chunk])
    return read, found


def _spelled(text: str) -> Iterator[str]:
    """Give the words of a text in small letters, with their accents."""
    for word in words(text):
        yield fold(normal(text[word.start : word.end]), keep_accents=True)


def _in_watchlists(watchlists: Iterable[Watchlist]) -> Iterator[str]:
    """Give the whole words of all rules and examples, in small letters."""
    for watchlist in watchlists:
        for expression in _expressions(watchlist.query.rule):
            yield from _words_of(expression)
        for example in watchlist.examples:
            yield from _spelled(f"{example.title} {example.text}")


def _expressions(rule: Rule) -> Iterator[Expression]:
    for part in (*rule.any, *rule.all, *rule.none):
        if isinstance(part, Item):
            yield part.expression
        else:
            yield from _expressions(part)


def _words_of(part: Expression) -> Iterator[str]:
    match part:
        case Term():
            yield from _spelled(" ".join(word.raw for word in part.words))
        case And() | Or():
            for inner in part.parts:
                yield from _words_of(inner)
        case Near() | NotNear():
            yield from _words_of(part.left)
            yield from _words_of(part.right)
        case Not() | AtLeast() | InField():
            yield from _words_of(part.part)
        case _:
            return


def _forms(word: str, language: str, stored: Counter[str], written: Counter[str]) -> Forms:
    wanted = stems(word, (language,))
    made = inflections(word, language)
    seen = {form for form in (*stored, *written) if wanted & stems(form, (language,))}
    forms = [Form(form, stored[form], written[form], form in made) for form in made | seen]
    forms.sort(key=lambda form: (-form.archive, -form.watchlists, form.form))
    return Forms(word, language, language in STEMMED, tuple(forms))


def _print(found: Sequence[Forms], read: int) -> None:
    rows = Rows(
        Column("language"),
        Column("form"),
        Column("archive", right=True),
        Column("watchlists", right=True),
        Column("by rule"),
    )
    for of in found:
        for at, form in enumerate(of.forms):
            language = "" if at else of.language
            counts = (str(form.archive or ""), str(form.watchlists or ""))
            rows.add(language, form.form, *counts, "yes" if form.by_rule else "")
    rows.print(show.out)
    show.print_line(
        f"Read in the archive: {show.counted(read, 'entry', 'entries')}. What is made by rule alone may be"
        " no word; what is irregular is found by its own name only. Accents and capitals do not matter."
    )
    for of in found:
        if not of.is_known:
            show.print_line(f"No inflections are known for {of.language}: the word itself is found.")
