"""`avizor feeds add` and `avizor feeds test`, as an analyst types them, over a site on loopback."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from service.cli import app, show
from service.errors import Severity
from service.fetch import FetchLimits
from service.parse import parse_feed
from service.pipeline.finding import MOST_ASKED
from service.watchlists import load_feed_packs, load_watchlists
from service.wiring import parts
from tests.partners.feed_site import FeedSite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import ParsedFeed

PORT = """title: Chancay Port
languages: [es]
feeds: [local]  # what we read
match:
  all:
    - puerto
    - Chancay
"""
ALL = "title: Everything\nmatch:\n  any:\n    - lluvia\n"
LOCAL = """# Kept by hand.
title: Local
about: Papers of the coast.
feeds:
  # The first one.
  - url: https://costa.example/rss   # asked rarely
    title: Costa
    outlet: Costa
    country: PE

# The end.
"""
PORTADA = ("Crece el puerto de Chancay", "Lluvia en el norte", "El presupuesto")
NOW = datetime.now(UTC)


def rss(title: str, *headlines: str, age: timedelta = timedelta(hours=1), language: str = "es-PE") -> str:
    times = (format_datetime(NOW - age - timedelta(hours=number)) for number in range(len(headlines)))
    items = "".join(
        f"<item><title>{headline}</title><link>https://diario.example/{number}</link>"
        f"<guid>{number}</guid><pubDate>{at}</pubDate></item>"
        for number, (headline, at) in enumerate(zip(headlines, times, strict=True))
    )
    head = f"<title>{title}</title><language>{language}</language>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>"


def page(*links: str) -> str:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{one}">' for one in links)
    return f"<!DOCTYPE html><html><head><title>Diario</title>{named}</head><body>Portada</body></html>"


@dataclass
class Desk:
    """A user's folder of watchlists, a publisher's site, and the program."""

    lists: Path
    site: FeedSite
    environment: dict[str, str]
    runner: CliRunner = field(default_factory=CliRunner)

    def run(self, *words: str) -> Result:
        """Run a command as typed."""
        return self.runner.invoke(app, ["feeds", *words], env=self.environment)

    def ask(self, *words: str) -> Any:  # noqa: ANN401 -- whatever JSON the command gives
        """Run a command with --json and give what it says."""
        return json.loads(self.run(*words, "--json").stdout)

    def read(self, name: str) -> str:
        """Give a file of the folder."""
        return (self.lists / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        (self.lists / name).write_text(text, encoding="utf-8")

    def errors(self) -> list[str]:
        """Say what is wrong with the folder."""
        problems = load_watchlists(self.lists).problems + load_feed_packs(self.lists / "feeds").problems
        return [str(one) for one in problems if one.severity is Severity.ERROR]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(show.out, "width", 200)
    monkeypatch.setattr(parts, "FetchLimits", partial(FetchLimits, spacing=0.0))
    (tmp_path / "watchlists" / "feeds").mkdir(parents=True)
    environment = {"AVIZOR_PRIVATE_FEEDS": "127.0.0.1", "AVIZOR_CONTACT": "desk@example.org"}
    with FeedSite() as site:
        made = Desk(tmp_path / "watchlists", site, environment)
        made.write("port.yaml", PORT)
        made.write("feeds/local.yaml", LOCAL)
        site.pages["/"] = page("/comments/feed", "/feed", "/dead")
        site.pages["/feed"] = rss("Diario - Portada", *PORTADA)
        site.pages["/comments/feed"] = rss("Comments on Diario", "ana: sí")
        yield made


# ------------------------------------------------------------------------------------------- adding


def test_the_feed_of_a_site_is_found_shown_and_written(desk: Desk) -> None:
    done = desk.run("add", desk.site.url("/"))
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "2 feeds were found" in said
    assert f"1 Diario - Portada 3 {NOW - timedelta(hours=1):%Y-%m-%d} {desk.site.url('/feed')}" in said
    assert "2 Comments on Diario (comments) 1" in said
    assert "Number 1 is taken; --pick 2 takes another." in said
    assert "Diario - Portada, in es, 3 entries" in said
    assert f"{NOW - timedelta(hours=2):%Y-%m-%d %H:%M} Lluvia en el norte" in said
    assert "The watchlists would have matched 1 of the 3" in said
    why = "matches by line 6: puerto; line 7: Chancay, but does not follow the pack yet"
    assert f"Crece el puerto de Chancay Chancay Port {why}" in said
    assert "Written to watchlists/feeds/my-feeds.yaml, line 5, a new file" in said
    assert "Not known: its country. Write it there, or say it with --country." in said
    assert "run this again with --watchlist port." in said
    assert desk.errors() == []
    [added] = [one for one in load_feed_packs(desk.lists / "feeds").sources if one.packs == ("my-feeds",)]
    assert (added.url, added.title, added.outlet) == (desk.site.url("/feed"), "Diario - Portada", "Diario")
    assert (added.country, added.language) == ("", "es")


def test_it_is_asked_for_as_in_polling(desk: Desk) -> None:
    desk.environment["AVIZOR_PRIVATE_FEEDS"] = ""
    done = desk.run("add", desk.site.url("/feed"))
    assert done.exit_code == 1
    assert "AVIZOR_PRIVATE_FEEDS" in done.stderr
    assert desk.site.asked == []


def test_another_feed_can_be_picked(desk: Desk) -> None:
    assert desk.run("add", desk.site.url("/"), "--pick", "2").exit_code == 0
    assert "/comments/feed" in desk.read("feeds/my-feeds.yaml")
    done = desk.run("add", desk.site.url("/"), "--pick", "3")
    assert done.exit_code == 1
    assert "there is no feed number 3: 2 feeds were found" in done.stderr
    done = desk.run("add", desk.site.url("/feed"), "--pick", "2")
    assert "there is no feed number 2: 1 feed was found" in done.stderr


def test_a_dry_run_shows_all_and_writes_nothing(desk: Desk) -> None:
    done = desk.run("add", desk.site.url("/feed"), "--watchlist", "port", "--dry-run")
    assert done.exit_code == 0
    assert "Would be written to watchlists/feeds/my-feeds.yaml" in done.stdout
    assert "feeds: [local, my-feeds]" in done.stdout
    assert "within seconds" not in done.stdout
    assert sorted(path.name for path in (desk.lists / "feeds").iterdir()) == ["local.yaml"]
    assert desk.read("port.yaml") == PORT


def test_a_pack_keeps_every_line_it_had(desk: Desk) -> None:
    options = shlex.split("--country PE --owner 'Grupo: Sur' --group wire --every 30m --title No")
    done = desk.run("add", desk.site.url("/feed"), "--pack", "local", *options, "--outlet", "El Diario")
    assert done.exit_code == 0, done.output
    added = f"""  - url: {desk.site.url("/feed")}
    title: 'No'
    outlet: El Diario
    country: PE
    language: es
    group: wire
    owner: 'Grupo: Sur'
    every: 30m
"""
    before, after = LOCAL.split("\n\n")
    assert desk.read("feeds/local.yaml") == f"{before}\n{added}\n{after}"
    assert "port follows the pack local." in done.stdout
    assert "reads it within seconds" in done.stdout


def test_facts_are_taken_from_the_feeds_of_the_same_host(desk: Desk) -> None:
    known = f"  - url: {desk.site.url('/sport')}\n    title: Sport\n    outlet: Diario del Sur\n"
    desk.write(
        "feeds/south.yaml",
        "title: South\nfeeds:\n"
        f"{known}    country: CL\n    language: pt\n    group: government\n    owner: Grupo Sur\n",
    )
    facts = desk.ask("add", desk.site.url("/feed"))["feed"]
    assert facts["outlet"] == "Diario del Sur"
    assert (facts["country"], facts["language"], facts["group"]) == ("CL", "pt", "government")
    assert facts["owner"] == "Grupo Sur"


def test_a_watchlist_follows_the_pack_where_that_is_wished(desk: Desk) -> None:
    done = desk.run("add", desk.site.url("/feed"), "--watchlist", "port")
    assert desk.read("port.yaml") == PORT.replace("[local]", "[local, my-feeds]")
    assert "Written to watchlists/port.yaml, line 3:" in done.stdout
    assert "port follows the pack my-feeds." in done.stdout
    assert "does not follow" not in done.stdout
    again = desk.run("add", desk.site.url("/feed"), "--watchlist", "port")
    assert "It stands already in the pack my-feeds: watchlists/feeds/my-feeds.yaml, line 5." in again.stdout
    assert "Written" not in again.stdout
    assert desk.errors() == []


def test_a_watchlist_that_names_no_feeds_follows_all(desk: Desk) -> None:
    desk.write("all.yaml", ALL)
    done = desk.run("add", desk.site.url("/feed"), "--watchlist", "all")
    assert "all names no feeds, so it follows all of them, this one too." in done.stdout
    assert desk.read("all.yaml") == ALL
    done = desk.run("add", desk.site.url("/feed"), "--watchlist", "nope")
    assert done.exit_code == 1
    assert "there is no watchlist nope in order. Known and in order: all, port." in done.stderr


def test_a_feed_that_is_there_already_is_named_with_pack_and_line(desk: Desk) -> None:
    known = desk.site.url("/feed").replace("http://", "https://") + "/"
    desk.write("feeds/local.yaml", LOCAL.replace("https://costa.example/rss", known))
    answer = desk.ask("add", desk.site.url("/feed"))
    assert answer["already_in"] == {"pack": "local", "file": "watchlists/feeds/local.yaml", "line": 6}
    assert answer["changes"] == []


def test_where_a_feed_has_moved_for_good_the_new_address_is_written(desk: Desk) -> None:
    desk.site.moved["/old"] = desk.site.url("/feed")
    done = desk.run("add", desk.site.url("/old"))
    assert f"It has moved for good from {desk.site.url('/old')}: the new address is taken." in done.stdout
    assert f"url: {desk.site.url('/feed')}\n" in desk.read("feeds/my-feeds.yaml")


def test_a_site_that_names_no_feed_is_asked_at_the_usual_places_and_no_more(desk: Desk) -> None:
    desk.site.pages["/blog"] = page()
    desk.site.pages["/rss.xml"] = rss("Diario", *PORTADA)
    assert desk.ask("add", desk.site.url("/blog"))["feed"]["url"] == desk.site.url("/rss.xml")
    assert desk.site.asked == ["/blog", "/blog/feed/", "/feed/", "/rss", "/rss.xml"]


def test_where_there_is_no_feed_a_site_is_asked_eight_times_at_most(desk: Desk) -> None:
    desk.site.pages["/"] = page(*(f"/dead/{number}" for number in range(20)))
    done = desk.run("add", desk.site.url("/"))
    assert done.exit_code == 1
    assert "no feed was found there or at 7 addresses where one might be" in done.stderr
    assert len(desk.site.asked) == MOST_ASKED
    assert not (desk.lists / "feeds" / "my-feeds.yaml").exists()


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (403, "It lets no reader like this one in."),
        (404, "Give the address of the site's first page"),
        (500, "if it opens in a browser of this machine, try again later"),
    ],
)
def test_a_site_that_does_not_answer_is_named_with_the_mend(desk: Desk, status: int, mend: str) -> None:
    desk.site.refused["/"] = status
    done = desk.run("add", desk.site.url("/"))
    assert done.exit_code == 1
    assert f"{desk.site.url('/')}: answered {status}" in done.stderr
    assert mend in done.stderr
    assert "feed pack;" not in done.stderr


def test_an_address_may_be_given_without_its_beginning(desk: Desk) -> None:
    bare = desk.site.url("/feed").removeprefix("http://")
    assert desk.ask("add", bare)["feed"]["url"] == desk.site.url("/feed")
    desk.site.refused["/feed"] = 500
    assert f"error https://{bare}: no" in desk.run("add", bare).stderr


def test_an_empty_feed_is_taken_and_said_to_be_empty(desk: Desk) -> None:
    desk.site.pages["/feed"] = rss("", language="xx")
    done = desk.run("add", desk.site.url("/feed"), "--pack", "empty-ones")
    assert "127.0.0.1, its language is not known, 0 entries" in done.stdout
    assert "It holds no entry" in done.stdout
    assert "would have matched" not in done.stdout
    assert "Not known: its country and its language." in done.stdout
    assert "title: Empty ones\n" in desk.read("feeds/empty-ones.yaml")


def test_what_many_entries_match_is_cut_short_and_none_is_said_to_be_none(desk: Desk) -> None:
    desk.site.pages["/many"] = rss("Muchos", *(f"Puerto de Chancay {number}" for number in range(20)))
    assert "and 8 more" in desk.run("add", desk.site.url("/many"), "--dry-run").stdout
    desk.site.pages["/none"] = rss("Otros", "Otra cosa")
    done = desk.run("add", desk.site.url("/none"), "--dry-run")
    assert "The watchlists would have matched none of the 1." in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--country", "Peru"), 3, "--country: Peru: this country is unknown. Did you mean PE?"),
        (("--language", "spanish"), 3, "--language: spanish: this language is unknown. Did you mean es?"),
        (("--every", "1s"), 3, "--every: 1s: this is no span of time."),
        (("--pack", "My Feeds"), 2, "My Feeds is no name of a pack"),
    ],
)
def test_a_fact_that_no_pack_takes_is_refused_before_anybody_is_asked(
    desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    done = desk.run("add", desk.site.url("/feed"), *words)
    assert done.exit_code == code
    assert said in done.stderr
    assert desk.site.asked == []


def test_a_pack_with_a_problem_is_left_as_it_is(desk: Desk) -> None:
    broken = LOCAL.replace("country: PE", "country: Peru")
    desk.write("feeds/local.yaml", broken)
    done = desk.run("add", desk.site.url("/feed"), "--pack", "local")
    assert done.exit_code == 1
    assert "feeds/local.yaml:9:14: Peru: this country is unknown. Did you mean PE?" in done.stderr
    assert desk.read("feeds/local.yaml") == broken


def test_a_terminal_of_80_columns_shows_whole_addresses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show.out, "_force_terminal", True)
    monkeypatch.setattr(show.out, "width", 80)
    done = desk.run("add", desk.site.url("/"), "--dry-run")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert f"  {desk.site.url('/comments/feed')}" in lines
    assert "  matches by line 6: puerto; line 7: Chancay, but does not follow the pack yet" in lines


# ------------------------------------------------------------------------------------------ testing


@pytest.fixture
def tried(desk: Desk) -> Desk:
    site = desk.site
    site.pages |= {"/old": rss("Old", "Antes", age=timedelta(days=40)), "/empty": rss("Empty")}
    site.refused |= {"/gate": 403, "/over": 410, "/broken": 500}
    site.moved["/moved"] = site.url("/feed")
    site.etag = '"one"'
    paths = ("feed", "old", "empty", "gate", "over", "broken", "moved", "")
    feeds = "".join(f"  - url: {site.url('/' + one)}\n    title: T\n    outlet: o-{one}\n" for one in paths)
    desk.write("feeds/local.yaml", f"title: Local\nfeeds:\n{feeds}")
    desk.write("feeds/good.yaml", f"title: Good\nfeeds:\n{feeds.split('  - ')[1].join(('  - ', ''))}")
    return desk


def test_every_feed_is_asked_and_those_in_trouble_come_first(tried: Desk) -> None:
    done = tried.run("test")
    assert done.exit_code == 1
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows[1:9]] == [
        "o-broken",
        "o-",
        "o-over",
        "o-gate",
        "o-old",
        "o-empty",
        "o-feed",
        "o-moved",
    ]
    assert [" ".join(row[1:4]) for row in rows[2:4]] == [
        "not a feed",
        "gone – " + tried.site.url("/over") + ":",
    ]
    assert f"Moved to {tried.site.url('/feed')}: write that into the pack." in done.stdout
    assert "Its newest entry is 40 days old." in done.stdout
    assert "2 of 8 work (1 empty, 1 stale, 1 blocked, 1 gone, 1 not a feed, 1 unreachable)." in done.stdout
    assert "Pack local: nothing is written of a last check" in done.stdout


def test_a_script_is_told_the_same(tried: Desk) -> None:
    found = {one["outlet"]: one for one in tried.ask("test")}
    assert {name: one["result"] for name, one in found.items()} == {
        "o-feed": "works",
        "o-old": "stale",
        "o-empty": "empty",
        "o-gate": "blocked",
        "o-over": "gone",
        "o-broken": "unreachable",
        "o-moved": "works",
        "o-": "not a feed",
    }
    good = found["o-feed"]
    assert (good["entries"], good["validators"], good["packs"]) == (3, ["ETag"], ["good", "local"])
    assert datetime.fromisoformat(good["newest_at"]) == (NOW - timedelta(hours=1)).replace(microsecond=0)
    assert found["o-moved"]["moved_to"] == tried.site.url("/feed")
    assert (found["o-gate"]["validators"], found["o-gate"]["entries"]) == ([], 0)


def test_the_day_and_the_result_are_written_into_each_pack(tried: Desk) -> None:
    before = tried.read("feeds/local.yaml")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    done = tried.run("test", "--write")
    words = f"{day} by avizor feeds test: 1 of 1 works"
    assert f"Written to watchlists/feeds/good.yaml, line 2: checked: '{words}'" in done.stderr
    packs = {one.id: one.checked for one in load_feed_packs(tried.lists / "feeds").packs}
    assert packs["good"] == words
    assert packs["local"].startswith(f"{day} by avizor feeds test: 2 of 8 work (1 empty, 1 stale")
    checked = next(
        line for line in tried.read("feeds/local.yaml").splitlines() if line.startswith("checked:")
    )
    assert tried.read("feeds/local.yaml").replace(f"{checked}\n", "") == before
    assert f"Pack good: {words}" in tried.run("test", "--pack", "good").stdout


def test_one_pack_alone_is_asked_and_all_well_is_exit_code_0(tried: Desk) -> None:
    done = tried.run("test", "--pack", "good")
    assert done.exit_code == 0
    assert "1 of 1 works." in done.stdout
    assert tried.site.asked == ["/feed"]


def test_a_pack_that_is_not_there_is_named(tried: Desk) -> None:
    done = tried.run("test", "--pack", "nope")
    assert done.exit_code == 3
    assert "there is no pack nope with a feed in it. Known: good, local." in done.stderr


def test_where_there_is_no_feed_at_all_the_way_to_one_is_said(desk: Desk) -> None:
    (desk.lists / "feeds" / "local.yaml").unlink()
    done = desk.run("test")
    assert done.exit_code == 3
    assert "avizor feeds add ADDRESS adds one" in done.stderr


def test_the_result_is_not_written_into_a_pack_with_a_problem(tried: Desk) -> None:
    text = tried.read("feeds/good.yaml") + "colour: red\n"
    tried.write("feeds/good.yaml", text)
    done = tried.run("test", "--pack", "good", "--write")
    assert done.exit_code == 1
    assert "1 of 1 works." in done.stdout
    assert "the key colour is unknown" in done.stderr
    assert tried.read("feeds/good.yaml") == text
    tried.run("test", "--write")
    assert tried.read("feeds/good.yaml") == text
    assert "checked: " in tried.read("feeds/local.yaml")


@pytest.mark.slow
def test_what_is_large_or_broken_is_read_with_patience(desk: Desk) -> None:
    broken = "<rss version='2.0'><channel><title>Roto<b></title><item><title>Uno</title></item></channel>"
    desk.site.pages |= {"/broken": broken, "/large": rss("Grande", *PORTADA) + f"<!--{'x' * 1_100_000}-->"}
    assert desk.ask("add", desk.site.url("/broken"), "--dry-run")["entries"] == 1
    assert desk.ask("add", desk.site.url("/large"), "--dry-run")["entries"] == 3


def test_a_fault_of_our_own_over_one_feed_costs_no_other(
    tried: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_over_old(body: bytes, **more: Any) -> ParsedFeed:  # noqa: ANN401 -- passed on as it is
        if b"<title>Old" in body:
            raise ZeroDivisionError
        return parse_feed(body, **more)

    monkeypatch.setattr(parts, "parse_feed", fails_over_old)
    found = {one["outlet"]: one for one in tried.ask("test")}
    assert found["o-old"]["words"] == "Avizor could not read what it brought (ZeroDivisionError)."
    assert found["o-feed"]["result"] == "works"


def test_the_list_of_feeds_stays_what_it_was(desk: Desk) -> None:
    assert desk.run().exit_code == 0
    assert desk.run("--json").stdout.strip() == "[]"
