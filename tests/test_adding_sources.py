"""Sources are added on a page, over a site on loopback: found, tried, and written into a pack."""

from __future__ import annotations

import re
import subprocess
import threading
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

import pytest

from service.config import Environment, Settings
from service.errors import Severity
from service.fetch import FetchLimits, no_secret
from service.pipeline.finding import MOST_ASKED
from service.store import Store
from service.watchlists import load_feed_packs, load_watchlists
from service.web import Access, Health, View
from service.wiring import Drafts, FeedAdding, parts, read_files
from tests.partners.feed_site import FeedSite
from tests.partners.newsroom import NOW
from tests.partners.visits import Visits
from tests.test_feeds_commands import ALL, LOCAL, PORT, PORTADA, page, rss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "the-secret-of-the-operator"


@dataclass
class Bench:
    """A folder, a publisher's site, and somebody at the pages."""

    lists: Path
    site: FeedSite
    store: Store
    private: str = "127.0.0.1"
    seconds: float = 20.0

    def view(self, *, signs_in: bool = False) -> View:
        settings = Settings(watchlists=self.lists, private_feeds=self.private, contact="desk@example.org")
        adding = FeedAdding(
            settings, no_secret, lambda: read_files(self.lists, Environment({}), settings), self.seconds
        )
        drafts = Drafts(self.lists, self.store, tuple, lambda: NOW)
        return View(
            self.store,
            lambda: (),
            lambda: Health(ok=True, checks={}),
            "UTC",
            lambda: NOW,
            drafts=drafts,
            adding=adding,
            access=Access(SECRET) if signs_in else None,
        )

    def find(self, address: str) -> tuple[int, str]:
        answer = Visits(self.view()).post("/sources/add", address=address)
        return answer.status_code, answer.text

    def save(self, **fields: str) -> tuple[int, str]:
        known = {"url": "https://nuevo.example/rss", "title": "Nuevo", "outlet": "Nuevo", "pack": "my-feeds"}
        visits = Visits(self.view())
        answer = visits.post("/sources/add/save", None, **{**known, **fields})
        if answer.status_code != 303:
            return answer.status_code, seen(answer.text)
        return answer.status_code, seen(visits.get(answer.headers["location"]).text)

    def read(self, name: str) -> str:
        return (self.lists / name).read_text(encoding="utf-8")

    def errors(self) -> list[str]:
        problems = load_watchlists(self.lists).problems + load_feed_packs(self.lists / "feeds").problems
        return [str(one) for one in problems if one.severity is Severity.ERROR]


def seen(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def fields_of(text: str) -> dict[str, str]:
    """Give what the first form of a feed would send as it stands."""
    form = text.partition('action="/sources/add/save">')[2].partition("</form>")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    picked = re.search(r'name="group">.*?value="([\w-]+)" selected', form, re.DOTALL)
    return {**fields, "watchlist": "", "group": picked[1] if picked else ""}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(parts, "FetchLimits", partial(FetchLimits, spacing=0.0))
    lists = tmp_path / "watchlists"
    (lists / "feeds").mkdir(parents=True)
    (lists / "port.yaml").write_text(PORT)
    (lists / "feeds" / "local.yaml").write_text(LOCAL)
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    with FeedSite() as site:
        site.pages["/"] = page("/comments/feed", "/feed", "/dead")
        site.pages["/feed"] = rss("Diario - Portada", *PORTADA)
        site.pages["/comments/feed"] = rss("Comments on Diario", "ana: sí")
        yield Bench(lists, site, store)
    store.close()


@pytest.mark.slow
def test_a_site_is_pasted_its_feeds_are_tried_and_one_is_written(bench: Bench) -> None:
    status, text = bench.find(f"  {bench.site.url('/')} ")
    assert status == 200
    said = seen(text)
    assert "2 feeds were found and tried." in said
    assert said.index("Diario - Portada 3 entries, in es") < said.index("Comments on Diario 1 entry")
    assert "Crece el puerto de Chancay" in said
    assert "The watchlists would have matched 1 of them." in said
    assert "Chancay Port : line 6 of port.yaml" in said
    assert not (bench.lists / "feeds" / "my-feeds.yaml").exists()
    fields = fields_of(text)
    assert (fields["title"], fields["outlet"], fields["language"]) == ("Diario - Portada", "Diario", "es")
    status, said = bench.save(**{**fields, "country": "pe", "group": "wire"})
    assert status == 303
    assert "Written: 1 feed stands in the pack my-feeds now." in said
    assert "No watchlist follows this pack yet" in said
    [added] = [one for one in load_feed_packs(bench.lists / "feeds").sources if one.packs == ("my-feeds",)]
    assert (added.url, added.outlet, added.country) == (bench.site.url("/feed"), "Diario", "PE")
    assert (added.language, added.group) == ("es", "wire")
    assert bench.errors() == []
    assert len(bench.site.asked) <= MOST_ASKED


def test_a_pack_keeps_its_comments_and_a_watchlist_comes_to_follow_another(bench: Bench) -> None:
    status, said = bench.save(pack="local")
    assert (status, "Followed by Chancay Port." in said) == (303, True)
    text = bench.read("feeds/local.yaml")
    assert text.startswith("# Kept by hand.\n")
    assert "  # The first one.\n" in text
    assert "   # asked rarely\n" in text
    assert text.endswith("# The end.\n")
    status, said = bench.save(url="https://otro.example/rss", pack="My Others", watchlist="port")
    assert (status, "Followed by Chancay Port." in said) == (303, True)
    assert "feeds: [local, my-others]  # what we read" in bench.read("port.yaml")
    assert bench.errors() == []


def test_what_is_saved_in_a_checkout_is_a_commit_in_the_editor_s_name(bench: Bench) -> None:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=bench.lists, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet")
    visits = Visits(bench.view())
    fields = {"url": "https://nuevo.example/rss", "title": "N", "outlet": "N", "pack": "local"}
    assert visits.post("/sources/add/save", None, **fields).status_code == 303
    assert (
        git("log", "-1", "--format=%an: %s", "--", "feeds/local.yaml")
        == "somebody on the page: local: 1 feed added"
    )
    assert git("status", "--porcelain", "--", "feeds/local.yaml") == ""


def test_that_git_did_not_take_what_was_saved_is_said(bench: Bench) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=bench.lists, check=True)
    (bench.lists / ".git" / "index.lock").write_text("")
    visits = Visits(bench.view())
    fields = {"url": "https://nuevo.example/rss", "title": "N", "outlet": "N", "pack": "local"}
    answer = visits.post("/sources/add/save", None, **fields)
    assert "nuevo.example" in bench.read("feeds/local.yaml")
    assert "git did not commit it" in visits.get(answer.headers["location"]).text


@pytest.mark.slow
def test_a_feed_that_stands_somewhere_already_is_named_and_not_offered(bench: Bench) -> None:
    _, text = bench.find(bench.site.url("/feed"))
    bench.save(**fields_of(text))
    _, text = bench.find(bench.site.url("/feed"))
    assert "It stands in the pack my-feeds already: line 5 of watchlists/feeds/my-feeds.yaml" in seen(text)
    assert "/sources/add/save" not in text
    status, said = bench.save(url=bench.site.url("/feed/"), pack="another")
    assert (status, "stands in the pack my-feeds already" in said) == (422, True)
    assert not (bench.lists / "feeds" / "another.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "ftp://nuevo.example/rss"}, "only http and https addresses can be polled"),
        ({"url": "https://me:pw@nuevo.example/rss"}, "A name or password stands in the address"),
        ({"country": "XX"}, "XX: this country is unknown."),
        ({"language": "xx"}, "Xx: this language is unknown."),
        ({"title": " "}, "title"),
        ({"pack": "../../etc/x"}, "This is no name of a pack."),
        ({"pack": ""}, "This is no name of a pack."),
        ({"watchlist": "nothing"}, "There is no watchlist nothing in order."),
    ],
)
def test_what_cannot_be_written_is_said_and_what_was_typed_stays(
    bench: Bench, fields: dict[str, str], said: str
) -> None:
    status, text = bench.save(**fields)
    assert status == 422
    assert said.lower() in text.lower()
    assert sorted(path.name for path in (bench.lists / "feeds").iterdir()) == ["local.yaml"]
    assert bench.read("feeds/local.yaml") == LOCAL


def test_what_cannot_be_written_is_said_in_the_language_of_the_reader(bench: Bench) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "es"}
    facts = {"url": "ftp://nuevo.example/rss", "title": "Nuevo", "outlet": "Nuevo", "pack": "my-feeds"}
    answer = Visits(bench.view()).post("/sources/add/save", headers, **facts)
    assert "solo se pueden leer direcciones http y https. Escriba https://…" in seen(answer.text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "This is no address of a site."),
        ("diario example", "This is no address of a site."),
        ("file:///etc/passwd", "Only http and https addresses can be asked."),
        ("https://" + "a" * 2_000, "This is no address of a site."),
    ],
)
def test_what_is_no_address_is_told_and_nobody_is_asked(bench: Bench, address: str, said: str) -> None:
    status, text = bench.find(address)
    assert (status, said in seen(text)) == (422, True)
    assert bench.site.asked == []


def test_a_private_network_is_asked_only_where_it_is_allowed(bench: Bench) -> None:
    bench.private = ""
    for address in (bench.site.url("/"), bench.site.url("/").replace("127.0.0.1", "localhost")):
        status, text = bench.find(address)
        assert status == 422
        assert "AVIZOR_PRIVATE_FEEDS" in seen(text)
    assert bench.site.asked == []


def test_a_site_without_a_feed_is_told_in_words(bench: Bench) -> None:
    bench.site.pages["/"] = page()
    del bench.site.pages["/feed"]
    status, text = bench.find(bench.site.url("/"))
    assert status == 422
    assert "No feed was found there or at" in seen(text) or "no feed was found there or at" in seen(text)
    assert "Look on 127.0.0.1 for a link named RSS" in seen(text)


@pytest.mark.slow
def test_a_site_that_takes_too_long_is_left_and_a_second_search_waits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = threading.Event(), threading.Event()
    plain = bench.site.pages

    class Slow(dict[str, str]):
        def get(self, path: str, default: str | None = None) -> str | None:  # type: ignore[override]
            entered.set()
            leave.wait(10)
            return plain.get(path, default)

    monkeypatch.setattr(bench.site, "pages", Slow())
    bench.seconds = 1.0
    visits, answers = Visits(bench.view()), []
    first = threading.Thread(
        target=lambda: answers.append(visits.post("/sources/add", address=bench.site.url("/")))
    )
    first.start()
    assert entered.wait(10)
    # The same browser in another window: the application is the same one.
    second = visits.post("/sources/add", address=bench.site.url("/"))
    first.join()
    leave.set()
    assert "A site is being searched already." in seen(second.text)
    assert "The site did not answer all questions within 1 s." in seen(answers[0].text)


@pytest.mark.slow
def test_only_editors_add_sources_and_only_by_our_own_form(bench: Bench) -> None:
    visits = Visits(bench.view(signs_in=True))
    assert visits.get("/sources/add").status_code == 303
    assert visits.post("/sources/add", address=bench.site.url("/")).status_code == 403
    bench.store.accounts.add_person("rita", "READER", NOW)
    visits.cookies.set("avizor_session", "x")
    assert visits.post("/sources/add/save", url="https://a.example/f").status_code == 403
    strange = Visits(bench.view()).post(
        "/sources/add", {"Sec-Fetch-Site": "cross-site"}, address=bench.site.url("/")
    )
    assert strange.status_code == 403
    assert bench.site.asked == []
    closed = View(bench.store, lambda: (), lambda: Health(ok=True, checks={}), "UTC", lambda: NOW)
    assert Visits(closed).get("/sources/add").status_code == 404
    assert "/sources/add" not in Visits(closed).get("/sources").text
    assert "/sources/add" in Visits(bench.view()).get("/sources").text


def test_what_a_feed_writes_is_no_markup(bench: Bench) -> None:
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt; puerto Chancay &quot;&gt;"
    written = rss(hostile, hostile)
    bench.site.pages["/feed"] = written.replace("https://diario.example/0", "javascript:alert(1)")
    (bench.lists / "all.yaml").write_text(ALL)
    _, text = bench.find(bench.site.url("/feed"))
    assert "<script>alert" not in text
    assert "javascript:" not in text
