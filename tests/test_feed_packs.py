"""Feed packs: the facts of each feed are checked, and one bad feed never stops the others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from service.domain import FeedGroup, FeedSource
from service.errors import Severity
from service.watchlists.feed_packs import LoadedFeeds, load_feed_packs, single_feeds

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
title: Peru
about: Papers of Peru.
feeds:
  - url: https://paper.example/rss
    title: The Paper, all
    outlet: The Paper
    country: PE
    language: es
    group: independent
    owner: Paper House
    every: 15m
"""


def load(folder: Path, **packs: str) -> LoadedFeeds:
    feeds = folder / "watchlists" / "feeds"
    feeds.mkdir(parents=True)
    for name, content in packs.items():
        (feeds / f"{name.replace('_', '-')}.yaml").write_text(content, encoding="utf-8")
    return load_feed_packs(feeds)


def one_feed(**changes: str) -> str:
    facts = {"url": "https://paper.example/rss", "title": "Paper", "outlet": "Paper"} | changes
    lines = [f"{key}: {value}" for key, value in facts.items() if value != "-"]
    return "title: Peru\nfeeds:\n  - " + "\n    ".join(lines) + "\n"


def test_a_pack_gives_its_feeds_with_all_their_facts(tmp_path: Path) -> None:
    loaded = load(tmp_path, peru=GOOD)
    assert loaded.problems == ()
    assert loaded.sources == (
        FeedSource(
            url="https://paper.example/rss",
            title="The Paper, all",
            outlet="The Paper",
            country="PE",
            language="es",
            group=FeedGroup.INDEPENDENT,
            owner="Paper House",
            every=timedelta(minutes=15),
            packs=("peru",),
        ),
    )
    (pack,) = loaded.packs
    assert (pack.id, pack.title, pack.about, pack.file) == (
        "peru",
        "Peru",
        "Papers of Peru.",
        "watchlists/feeds/peru.yaml",
    )


def test_what_is_not_said_is_left_open(tmp_path: Path) -> None:
    (source,) = load(tmp_path, peru=one_feed(country='""')).sources
    assert (source.country, source.language, source.owner, source.every) == ("", "", "", None)
    assert source.group is FeedGroup.INDEPENDENT


def test_a_folder_that_is_not_there_holds_no_packs(tmp_path: Path) -> None:
    assert load_feed_packs(tmp_path / "feeds") == LoadedFeeds((), (), ())


def test_the_same_feed_in_two_packs_is_one_feed_of_both(tmp_path: Path) -> None:
    loaded = load(tmp_path, peru=GOOD, chile=GOOD.replace("title: Peru", "title: Chile"))
    assert [source.packs for source in loaded.sources] == [("chile", "peru")]
    assert loaded.problems == ()


def test_packs_that_disagree_about_a_feed_are_a_problem_of_the_second(tmp_path: Path) -> None:
    loaded = load(tmp_path, peru=GOOD, chile=GOOD.replace("country: PE", "country: CL"))
    (problem,) = loaded.problems
    assert problem.file == "watchlists/feeds/peru.yaml"
    assert problem.line == 4
    assert "described differently in the pack chile" in problem.message
    assert [(source.country, source.packs) for source in loaded.sources] == [("CL", ("chile",))]


def test_an_address_twice_in_one_pack_is_named(tmp_path: Path) -> None:
    loaded = load(tmp_path, peru=GOOD + GOOD.split("feeds:\n")[1])
    assert [problem.message for problem in loaded.problems] == [
        "the address https://paper.example/rss stands twice in this pack."
    ]
    assert len(loaded.sources) == 1


@pytest.mark.parametrize(
    ("changes", "words", "mend"),
    [
        ({"url": "-"}, "the key url is missing", "Write `url: …`."),
        ({"outlet": "-"}, "the key outlet is missing", "Write `outlet: …`."),
        ({"url": "ftp://paper.example/rss"}, "only http and https", "https://"),
        ({"url": "file:///etc/passwd"}, "only http and https", "https://"),
        ({"url": "https://"}, "no web address", "browser"),
        ({"url": "https://paper.example/a b"}, "no web address", "%20"),
        ({"url": "https://[paper.example/rss"}, "no web address", "browser"),
        ({"url": "https://paper.example:99999/rss"}, "no web address", "browser"),
        ({"url": "https://ana:word@paper.example/rss"}, "a name or password", "public address"),
        ({"country": "UK"}, "UK: this country is unknown", "GB"),
        ({"country": "Peru"}, "this country is unknown", "PE"),
        ({"country": "Atlantis"}, "this country is unknown", "two letters"),
        ({"language": "Spanish"}, "this language is unknown", "es"),
        ({"language": "pt-BR"}, "this language is unknown", "pt"),
        ({"language": "qq"}, "this language is unknown", "two letters"),
        ({"group": "thinktank"}, "thinktank: this group is unknown", "think-tank"),
        ({"group": "xyz"}, "this group is unknown", "Known are: government, "),
        ({"every": "fifteen"}, "no span of time", "15m"),
        ({"every": "4m"}, "every 5m to 7d", "between"),
        ({"every": "8d"}, "every 5m to 7d", "between"),
        ({"ttl": "60"}, "the key ttl is unknown", ""),
        ({"titel": "x"}, "the key titel is unknown", "Did you mean title?"),
        ({"title": "2026"}, "a number, a date or yes/no", '"2026"'),
        ({"title": '" "'}, "title is empty", "Write a text"),
        ({"title": "[a]"}, "title must be one text, and a list stands here", ""),
        ({"owner": "{a: b}"}, "owner must be one text, and a mapping stands here", ""),
        ({"url": "[a]"}, "url must be one text, and a list stands here", ""),
        ({"owner": ""}, "owner is empty", "Write a value"),
        ({"owner": "Paper House #1"}, "YAML reads #1 as a comment", "'Paper House #1'"),
    ],
)
def test_a_feed_with_a_fault_is_named_and_left_out(
    tmp_path: Path, changes: dict[str, str], words: str, mend: str
) -> None:
    loaded = load(tmp_path, peru=one_feed(**changes), chile=GOOD)
    (problem,) = loaded.problems
    assert words in problem.message
    assert mend in problem.mend
    assert problem.file == "watchlists/feeds/peru.yaml"
    assert 3 <= problem.line <= 7
    assert [source.packs for source in loaded.sources] == [("chile",)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("title: Peru\nfeeds: https://paper.example/rss\n", "feeds must be a list"),
        ("title: Peru\nfeeds: {a: b}\n", "feeds must be a list"),
        ("title: Peru\nfeeds:\n", "feeds is empty"),
        ("title: Peru\nfeeds:\n  - https://paper.example/rss\n", "a feed must be keys with values"),
        ("title: Peru\nfeeds:\n  - \n", "a feed is empty"),
        ("feeds: []\n", "the key title is missing"),
        ("title: a: b\n", "a colon followed by a space"),
    ],
)
def test_a_pack_of_the_wrong_shape_is_named_and_the_others_stay(
    tmp_path: Path, content: str, words: str
) -> None:
    loaded = load(tmp_path, peru=content, chile=GOOD)
    assert [problem.message for problem in loaded.problems if words in problem.message]
    assert [source.packs for source in loaded.sources] == [("chile",)]


def test_names_that_cannot_be_ids_are_refused_and_leftovers_passed_over(tmp_path: Path) -> None:
    loaded = load(tmp_path, peru=GOOD)
    folder = tmp_path / "watchlists" / "feeds"
    for name in (".hidden.yaml", "peru.yaml~", "peru.yaml.swp", "peru.yaml.tmp", "notes.txt"):
        (folder / name).write_text("nonsense: [")
    assert load_feed_packs(folder) == loaded
    (folder / "Chile y Perú.yaml").write_text(GOOD)
    (folder / "¿.yaml").write_text(GOOD)
    (folder / "chile\r\nX.yaml").write_text(GOOD)
    (folder / "bolivia.yml").write_text(GOOD)
    loaded = load_feed_packs(folder)
    assert len(loaded.sources) == 1
    assert {(problem.file, problem.mend, problem.severity) for problem in loaded.problems} == {
        ("watchlists/feeds/Chile y Perú.yaml", "Rename it to chile-y-peru.yaml.", Severity.ERROR),
        ("watchlists/feeds/¿.yaml", "Rename it, as in chancay-port.yaml.", Severity.ERROR),
        ("watchlists/feeds/chile??X.yaml", "Rename it to chile-x.yaml.", Severity.ERROR),
        ("watchlists/feeds/bolivia.yml", "Rename it to bolivia.yaml.", Severity.WARNING),
    }


def test_an_address_no_pack_describes_becomes_a_feed_named_for_its_host(tmp_path: Path) -> None:
    known = load(tmp_path, peru=GOOD).sources
    urls = ["https://paper.example/rss", "https://desk.example/feed", "https://desk.example/feed"]
    (single,) = single_feeds(urls, known)
    assert single == FeedSource("https://desk.example/feed", title="desk.example", outlet="desk.example")
