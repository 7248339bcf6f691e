"""Watchlist files: what an analyst may write, and what every mistake is answered with."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.domain import FeedGroup, Updates
from service.errors import Problem, Severity
from service.match import Matcher
from service.watchlists import KnownDate, LoadedWatchlists, load_watchlists

if TYPE_CHECKING:
    from service.watchlists import Watchlist

FULL = """\
title: Chancay Port
about: >
  The port,
  and who runs it.
languages: [es, zh]
feeds: [peru, https://desk.example/feed.xml]
terms:
  port: [puerto, megapuerto, port]
  works: ["$port", carretera*]
match:
  any:
    - $works NEAR/3 Chancay
    - 钱凯港
    - expr: name:Kast AND candidat*
      from: 2025-01-01
      until: 2026-03-11
      note: president since then,
        no longer a candidate
    - all: [Cosco, Perú]
      none:
        - any: [fútbol]
  none:
    - title:(momia OR arqueolog*)
examples:
  match:
    - "Megapuerto de Chancay recibe su primer buque"
    - title: Kast suma otro candidato
      date: 2025-11-02
    - title: Cosco crece
      text: La naviera compra otro muelle en el Perú.
      date: 2026-01-01
      lang: es
      country: PE
      source: The Desk
      group: state-media
  ignore:
    - "Momia en el puerto de Chancay"
    - title: Kast recibe a un candidato
      date: 2026-03-12
major: [clausura, nacionaliz*]
dates:
  - 2027-06-01: the trial begins
alerts:
  updates: all
"""
SMALL = "title: Port\nmatch:\n  any:\n    - puerto de Chancay\n"


def load(folder: Path, **files: str) -> LoadedWatchlists:
    root = folder / "watchlists"
    (root / "feeds").mkdir(parents=True, exist_ok=True)
    (root / "feeds" / "peru.yaml").touch()
    for name, content in files.items():
        (root / f"{name.replace('_', '-')}.yaml").write_text(content, encoding="utf-8")
    return load_watchlists(root)


def one(folder: Path, content: str) -> Watchlist:
    loaded = load(folder, topic=content)
    assert [str(problem) for problem in loaded.problems] == []
    (watchlist,) = loaded.watchlists
    return watchlist


def the_problem(folder: Path, content: str) -> Problem:
    loaded = load(folder, topic=content, good=SMALL)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    assert loaded.ids == {"topic", "good"}
    (problem,) = loaded.problems
    assert problem.file == "watchlists/topic.yaml"
    return problem


def test_everything_an_analyst_may_write_is_read(tmp_path: Path) -> None:
    watchlist = one(tmp_path, FULL)
    assert (watchlist.id, watchlist.title, watchlist.file) == (
        "topic",
        "Chancay Port",
        "watchlists/topic.yaml",
    )
    assert watchlist.about == "The port, and who runs it."
    assert watchlist.languages == ("es", "zh")
    assert watchlist.feeds == ("peru", "https://desk.example/feed.xml")
    assert [item.expression.text for item in watchlist.query.major] == ["clausura", "nacionaliz*"]
    assert watchlist.dates == (KnownDate(date(2027, 6, 1), "the trial begins"),)
    assert watchlist.updates is Updates.ALL
    assert watchlist.query.watchlist_id == "topic"
    assert watchlist.query.version == watchlist.version
    kast = watchlist.query.rule.any[2]
    assert (kast.line, kast.from_date, kast.until_date, kast.note) == (  # type: ignore[union-attr] # an item
        14,
        date(2025, 1, 1),
        date(2026, 3, 11),
        "president since then, no longer a candidate",
    )
    assert [example.title for example in watchlist.examples if example.should_match] == [
        "Megapuerto de Chancay recibe su primer buque",
        "Kast suma otro candidato",
        "Cosco crece",
    ]
    facts = watchlist.examples[2]
    assert (facts.language, facts.country, facts.outlet, facts.group) == (
        "es",
        "PE",
        "The Desk",
        FeedGroup.STATE_MEDIA,
    )


def test_a_small_file_leaves_the_rest_open(tmp_path: Path) -> None:
    watchlist = one(tmp_path, SMALL)
    assert (watchlist.feeds, watchlist.languages, watchlist.examples) == ((), (), ())
    assert watchlist.updates is Updates.MILESTONES


def test_evidence_points_at_the_line_of_the_file(tmp_path: Path) -> None:
    watchlist = one(tmp_path, FULL)
    entry = watchlist.examples[0].entry(date(2026, 1, 1))
    (match,) = Matcher([watchlist.query]).match(entry)
    assert {evidence.line for evidence in match.evidence} == {12}


def test_the_version_changes_with_the_file_and_with_the_shared_terms_it_uses(tmp_path: Path) -> None:
    first = one(tmp_path, SMALL)
    assert one(tmp_path, SMALL).version == first.version
    assert one(tmp_path, SMALL + "# a word\n").version != first.version
    terms = tmp_path / "watchlists" / "terms"
    terms.mkdir()
    (terms / "sea.yaml").write_text("terms:\n  ship: [buque*, ship]\n")
    assert one(tmp_path, SMALL).version == first.version
    using = SMALL + "    - $ship AND Chancay\n"
    before = one(tmp_path, using).version
    (terms / "sea.yaml").write_text("terms:\n  ship: [buque*, ship, navio*]\n")
    assert one(tmp_path, using).version != before


def test_shared_terms_are_known_to_every_file_and_their_names_are_taken(tmp_path: Path) -> None:
    terms = tmp_path / "watchlists" / "terms"
    terms.mkdir(parents=True)
    (terms / "a.yaml").write_text("title: Sea\nterms:\n  ship: [ship]\n")
    (terms / "b.yaml").write_text("terms:\n  ship: [boat]\n")
    (terms / "c.yaml").write_text("- list\n")
    loaded = load(
        tmp_path, topic=SMALL + "    - $ship\n", other=SMALL.replace("Port", "Two") + "terms: {ship: [x]}\n"
    )
    assert [watchlist.id for watchlist in loaded.watchlists] == ["topic"]
    assert [(problem.file, problem.line) for problem in loaded.problems] == [
        ("watchlists/terms/b.yaml", 2),
        ("watchlists/terms/c.yaml", 1),
        ("watchlists/other.yaml", 5),
    ]
    assert "already taken by the shared terms" in loaded.problems[0].message


def test_an_example_without_a_date_is_tried_on_every_day_that_matters(tmp_path: Path) -> None:
    period = "title: Kast\nmatch:\n  any:\n    - all:\n"
    period += "        - {expr: Kast, from: 2025-01-01, until: 2025-12-14}\n"
    assert one(tmp_path, period + "examples:\n  match: [Kast habla]\n  ignore: [Jara habla]\n").id == "topic"
    problem = the_problem(tmp_path, period + "examples:\n  ignore:\n    - Kast habla\n")
    assert (problem.line, problem.column) == (8, 7)
    assert problem.message == "this example should be ignored and matches by Kast (line 5): Kast habla"


def test_an_example_that_does_not_match_names_itself_and_its_line(tmp_path: Path) -> None:
    problem = the_problem(
        tmp_path, SMALL.replace("Port", "Pier") + "examples:\n  match:\n    - El Callao crece\n"
    )
    assert str(problem) == (
        "watchlists/topic.yaml:7:7: this example should match and does not: El Callao crece."
        " Add an expression that finds it, or delete the example."
    )


def test_a_rule_of_facts_alone_shows_no_words_in_the_message(tmp_path: Path) -> None:
    content = "title: T\nmatch:\n  any: ['country:PE']\nexamples:\n  ignore:\n    - {title: x, country: PE}\n"
    assert "should be ignored and matches: x" in the_problem(tmp_path, content).message


@pytest.mark.parametrize(
    ("item", "column", "words", "mend"),
    [
        ("Kast NEAR (debate OR foro)", 12, "NEAR needs a distance", "NEAR/10"),
        ("#ChancayPort", 6, "this item is empty: YAML reads #ChancayPort as a comment", "'#ChancayPort'"),
        ("puerto #ChancayPort", 7, "YAML reads #ChancayPort as a comment", "'puerto #ChancayPort'"),
        ('"De la Espriella" AND candidat*', 7, "begins with a quoted text", '\'"De la Espriella" AND'),
        ("*ción", 7, "YAML reads a leading *", "'*ción'"),
        ("@maduro", 7, "YAML reads a leading @", "'@maduro'"),
        ("no", 7, "no: YAML may read this", 'Put it in quotes: "no".'),
        ("12:30", 7, "12:30: YAML may read this", '"12:30"'),
        ("2026-11-22", 7, "YAML may read this", '"2026-11-22"'),
        ("1_000", 7, "YAML may read this", '"1_000"'),
        ("~", 7, "YAML may read this", '"~"'),
        ("", 6, "an item of any is empty", "Write a value"),
        ("'  '", 7, "an item of any is empty", "Write a text"),
        ("Perú: Chancay", 7, "YAML reads Perú: with a space after it as a key", "'Perú: Chancay'"),
        ("title: momia", 7, "YAML reads title: with a space", "without the space: title:momia."),
        ("country: PE", 7, "YAML reads country: with a space", "country:PE."),
        ("Perú: [a]", 7, "YAML reads Perú: with a space", "'Perú: …'"),
        ("{}", 7, "this item is empty", "Write an expression"),
        ("[a, b]", 7, "must be one text, and a list stands here", ""),
        ("NOT Chancay", 7, "it can match without any word being found", "AND"),
        ("none: [Chancay]", 7, "says only what must not be there", "any: or all:"),
        ("any: []", 12, "any is an empty list", "Write an item"),
        ("any: Chancay", 12, "any must be a list", "Write [Chancay]."),
        ("{some: [sea], all: [bay]}", 8, "the key some is unknown", "Known are: all, any, none."),
        ("{note: x}", 7, "the key expr is missing", "Write `expr: …`."),
        ("{expr: Kast, form: 2026-01-01}", 20, "the key form is unknown", "from"),
        ("{expr: Kast, from: tomorrow}", 26, "tomorrow: this is no day", "2026-03-11"),
        ("{expr: Kast, from: 2026-02-30}", 26, "there is no such day", "calendar"),
        ("{expr: Kast, from: 2026-02-03, until: 2026-02-02}", 45, "is before from 2026-02-03", "Change"),
        ("{expr: Kast AND, until: 2026-02-02}", 19, "Kast AND", ""),
        ("$prot AND Chancay", 7, "$prot", ""),
        ("(Chancay", 7, "(Chancay", ""),
        ("pu*", 7, "pu*", ""),
    ],
)
def test_each_mistake_in_an_item_is_answered_with_its_mend(
    tmp_path: Path, item: str, column: int, words: str, mend: str
) -> None:
    problem = the_problem(tmp_path, f"title: T\nmatch:\n  any:\n    - {item}\n    - puerto de Ilo\n")
    assert words in problem.message
    assert mend in problem.mend
    assert (problem.line, problem.column) == (4, column)
    assert problem.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("more", "words", "mend"),
    [
        ("keyword: [a]\n", "the key keyword is unknown", "Known are: "),
        ("lenguages: [es]\n", "the key lenguages is unknown", "Did you mean languages?"),
        ("languages: [es, spanish]\n", "spanish: this language is unknown", "Did you mean es?"),
        ("languages: es\n", "languages must be a list", "Write [es]."),
        ("languages: [es, es]\n", "es stands twice under languages", "Delete one."),
        ("feeds: [peru, perú]\n", "the feed pack perú is unknown", "Did you mean peru?"),
        ("feeds: [ftp://desk.example/x]\n", "only http and https", "https://"),
        ("feeds: [[peru]]\n", "feeds must be one text", ""),
        ("terms: [a]\n", "terms must be keys with values", ""),
        ("terms: {1st: [a]}\n", "1st: a block is named with letters", "port"),
        ("terms: {port: []}\n", "$port has no items", "one word"),
        ("terms: {port: [a AND]}\n", "a AND", ""),
        ("terms: {port: [sea]}\nmajor: [$prot]\n", "$prot", "$port"),
        ("major: clausura\n", "major must be a list", "[clausura]"),
        ("examples: [a]\n", "examples must be keys with values", ""),
        ("examples: {matches: [a]}\n", "the key matches is unknown", "Did you mean match?"),
        ("examples: {ignore: [2026]}\n", "YAML may read this as a number", '"2026"'),
        ("examples:\n  ignore:\n    - Lima: port\n", "makes a key of this example", "quotes"),
        ("examples:\n  ignore:\n    - {text: x}\n", "the key title is missing", ""),
        ("examples:\n  ignore:\n    - {title: x, country: XX}\n", "XX: this country is unknown", ""),
        ("examples:\n  ignore:\n    - {title: x, group: search-engine}\n", "this group is unknown", "search"),
        ("dates: [2027-06-01]\n", "a date needs its day", "- 2027-06-01: "),
        ("dates: [June: x]\n", "June: this is no day", "2026-03-11"),
        ("dates: [2027-06-01: 12]\n", "YAML may read this", '"12"'),
        ("alerts: milestones\n", "alerts must be keys with values", ""),
        ("alerts: {updates: some}\n", "some: this updates is unknown", "milestones"),
        ("alerts: {quiet: 22}\n", "the key quiet is unknown", "updates"),
        ("any: [a]\n", "the key any is unknown", "It belongs under match:"),
        ("title: Twice\n", "the key title stands twice", "Delete one"),
    ],
)
def test_each_mistake_beside_the_rule_is_answered_with_its_mend(
    tmp_path: Path, more: str, words: str, mend: str
) -> None:
    problem = the_problem(tmp_path, SMALL.replace("title: Port", "title: Topic") + more)
    assert words in problem.message
    assert mend in problem.mend
    assert problem.line >= 1


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("match: {any: [a1]}\n", ["the key title is missing."]),
        ("title: T\n", ["the key match is missing."]),
        ("title: T\nmatch: [a]\n", ["match must hold any, all or none."]),
        ("title: T\nmatch:\n", ["match is empty."]),
        ("title: T\nmatch: {none: [Chancay]}\n", ["This rule says only what must not be there."]),
        (
            "title: " + "x" * 121 + "\nmatch: {any: [puerto]}\n",
            ["the title has 121 characters, and 120 fit into a headline."],
        ),
        (
            "tilte: T\nmatch: {any: [Chancay AND]}\n",
            ["the key tilte is unknown.", "the key title is missing."],
        ),
    ],
)
def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path, content: str, messages: list[str]) -> None:
    loaded = load(tmp_path, topic=content)
    assert loaded.watchlists == ()
    found = [problem.message for problem in loaded.problems]
    assert found[: len(messages)] == messages


def test_one_title_belongs_to_one_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, a=SMALL, b=SMALL.replace("Port", "PORT"))
    assert [watchlist.id for watchlist in loaded.watchlists] == ["a"]
    assert [problem.message for problem in loaded.problems] == [
        "the title PORT is already that of watchlists/a.yaml."
    ]


def test_a_broken_file_stops_no_other_and_leftovers_are_passed_over(tmp_path: Path) -> None:
    load(tmp_path, good=SMALL, channels="channels: {}\n", broken="title: [\n")
    root = tmp_path / "watchlists"
    for name in (".good.yaml", "good.yaml~", ".good.yaml.swp", "good.yaml.tmp", "4913", "README.md"):
        (root / name).write_text("{[", encoding="utf-8")
    (root / "link.yaml").symlink_to("/etc/hostname")
    (root / "folder.yaml").mkdir()
    (root / "Not An Id.yaml").write_text(SMALL)
    (root / "old.yml").write_text(SMALL)
    loaded = load_watchlists(root)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    assert loaded.ids == {"good", "broken", "link", "folder"}
    assert sorted(problem.file for problem in loaded.problems) == [
        "watchlists/Not An Id.yaml",
        "watchlists/broken.yaml",
        "watchlists/folder.yaml",
        "watchlists/link.yaml",
        "watchlists/old.yml",
    ]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    loaded = load_watchlists(tmp_path / "watchlists")
    assert loaded.watchlists == ()
    assert [problem.message for problem in loaded.problems] == ["there is no such folder."]


def test_without_packs_an_unknown_pack_says_so(tmp_path: Path) -> None:
    (tmp_path / "topic.yaml").write_text(SMALL + "feeds: [peru]\n")
    (problem,) = load_watchlists(tmp_path).problems
    assert problem.mend == "There are no packs in feeds/."


def test_a_small_operator_word_is_noted_with_its_place_and_refuses_nothing(tmp_path: Path) -> None:
    content = "title: Isles\nmatch:\n  any:\n    - Trinidad and Tobago\n    - '\"Antigua and Barbuda\"'\n"
    loaded = load(tmp_path, topic=content)
    (problem,) = loaded.problems
    assert (problem.line, problem.column, problem.severity) == (4, 16, Severity.WARNING)
    assert problem.message == '"and" is read as a word; the operator is AND.'
    assert len(loaded.watchlists) == 1
    assert "write '\"Trinidad and Tobago\"'," in problem.mend


@pytest.mark.parametrize(
    ("item", "mend"),
    [
        ("Chancay, Cosco", "'\"Chancay, Cosco\"'"),
        ('"Chancay, Cosco"', "'\"Chancay, Cosco\"'"),
        ("Perú AND Chancay, Cosco", '"Chancay, Cosco"'),
        ("Chancay y Cosco", "'\"Chancay y Cosco\"'"),
        ("{expr: Chancay near Cosco}", "'\"Chancay near Cosco\"'"),
    ],
)
def test_a_phrase_that_may_be_meant_otherwise_is_noted_and_the_mend_ends_the_note(
    tmp_path: Path, item: str, mend: str
) -> None:
    content = f"title: T\nterms: {{firms: [Cifras y Conceptos]}}\nmatch:\n  any:\n    - {item}\n"
    loaded = load(tmp_path, topic=content)
    (problem,) = loaded.problems
    assert (problem.line, problem.severity, len(loaded.watchlists)) == (5, Severity.WARNING, 1)
    assert problem.message.startswith("read as the phrase “")
    assert problem.mend == f"If the phrase is meant, write {mend}, and this note goes."
    phrase = problem.message.partition("“")[2].partition("”")[0]
    mended = item.replace('"', "").replace(phrase, mend)
    assert load(tmp_path, topic=content.replace(item, mended)).problems == ()


@pytest.mark.slow
def test_the_shipped_watchlists_are_free_of_notes() -> None:
    folder = Path(__file__).parents[1] / "watchlists"
    assert load_watchlists(folder).problems == ()
