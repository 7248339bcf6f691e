"""Where a site's feeds may be, told from its page."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.parse.discover import MOST_FOUND, Clue, find_feeds, is_of_comments, usual_places
from tests.fuzz.targets import TARGETS

HOME = "https://diario.example/"
RSS = "application/rss+xml"


def urls(page: str, url: str = HOME) -> list[str]:
    return [one.url for one in find_feeds(page.encode(), url)]


def link(href: str, kind: str = RSS, more: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" {more}>'


@pytest.mark.parametrize(
    "kind",
    [RSS, "application/atom+xml", "application/feed+json", "Application/RSS+XML; charset=utf-8", "text/xml"],
)
def test_a_page_names_its_feed_of_any_kind(kind: str) -> None:
    [place] = find_feeds(link("/feed", kind, 'title="Portada"').encode(), HOME)
    assert (place.url, place.clue, place.title) == ("https://diario.example/feed", Clue.NAMED, "Portada")


@pytest.mark.parametrize(
    "page",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/">',
        '<link rel="alternate" type="text/xml+oembed" href="/oembed">',
        '<link rel="alternate" hreflang="en" href="/en/">',
        '<link rel="stylesheet" type="text/xml" href="/style">',
        '<link rel="alternate" type="application/rss+xml">',
        f'<link rel="alternate" type="{RSS}" href="">',
        f'<!-- <link rel="alternate" type="{RSS}" href="/old"> -->',
        f"<script>write('<link rel=alternate type={RSS} href=/written>')</script>",
        '<a href="/politica">RSS</a>',
        '<a href="/sitemap.xml">x</a><a href="/feed.png">x</a><a href="/feedback">x</a>',
        '<a href="https://[/rss">x</a>',
        '<a>no address</a><a href="javascript:rss()">x</a><a href="mailto:rss@diario.example">x</a>',
        '<a href="https://user:secret@diario.example/rss">x</a>',
        f'<a href="/rss/{"x" * 3000}">x</a>',
        "",
    ],
)
def test_what_is_no_feed_of_the_page_is_passed_over(page: str) -> None:
    assert urls(page) == []


def test_attributes_are_read_as_people_write_them() -> None:
    assert urls(
        f"<LINK REL=Alternate TYPE={RSS} HREF=/a><link type='{RSS}'\n href='/b?x=1&amp;y=2' rel='alternate'/>"
    ) == [
        "https://diario.example/a",
        "https://diario.example/b?x=1&y=2",
    ]
    assert urls('<link rel="feed" href="/c">') == ["https://diario.example/c"]
    assert urls(link("/first", more='href="/second"')) == ["https://diario.example/first"]


def test_addresses_start_from_where_the_page_says() -> None:
    assert urls(link("rss"), "https://diario.example/politica/") == ["https://diario.example/politica/rss"]
    assert urls('<base href="/es/">' + link("rss")) == ["https://diario.example/es/rss"]
    assert urls('<base target="x">' + link("//otro.example/rss")) == ["https://otro.example/rss"]
    assert urls('<base href="https://[">' + link("rss")) == ["https://diario.example/rss"]
    assert urls(link("feed:https://diario.example/rss#top")) == ["https://diario.example/rss"]


@pytest.mark.parametrize(
    "href",
    [
        "/rss",
        "/feed/",
        "/politica/feed",
        "/rss.xml",
        "/noticias.xml",
        "/?feed=rss2",
        "/atom.php",
        "/index.rdf",
    ],
)
def test_a_link_that_looks_like_a_feed_is_one_to_try(href: str) -> None:
    [place] = find_feeds(f'<a class=x href="{href}">Portada en <b>RSS</b></a>'.encode(), HOME)
    assert (place.clue, place.title) == (Clue.LINKED, "Portada en")


def test_the_best_guess_comes_first_and_comments_last() -> None:
    page = (
        '<a href="https://otro.example/rss">x</a><a href="/rss">x</a>'
        + link("/comments/feed/")
        + link("https://otro.example/feed")
        + link("/feed")
        + link("/posts", more='title="Comentários recentes"')
        + link("/feed")
        + link(HOME)
    )
    assert urls(page) == [
        "https://diario.example/feed",
        "https://otro.example/feed",
        "https://diario.example/rss",
        "https://otro.example/rss",
        "https://diario.example/comments/feed/",
        "https://diario.example/posts",
    ]
    assert is_of_comments("https://x.example/feed", "Commenti a: Diario")
    assert not is_of_comments("https://x.example/feed?next=/comments", "Diario")


def test_a_page_with_very_many_feeds_gives_the_first() -> None:
    found = urls("".join(link(f"/feed/{number}") for number in range(500)))
    assert found == [f"https://diario.example/feed/{number}" for number in range(MOST_FOUND)]


def test_the_usual_places_are_few_and_below_the_page_first() -> None:
    home = [one.url for one in usual_places("https://diario.example:8080")]
    assert home[:2] == ["https://diario.example:8080/feed/", "https://diario.example:8080/rss"]
    assert [one.url for one in usual_places("https://diario.example/politica/?x=1#y")] == [
        "https://diario.example/politica/feed/",
        *(one.url for one in usual_places(HOME)),
    ]
    assert usual_places("https://diario.example/index.html") == usual_places(HOME)
    assert len(home) < 8
    assert {one.clue for one in usual_places(HOME)} == {Clue.USUAL}


PIECES = st.sampled_from(
    [
        "<link ",
        "<a ",
        "<base ",
        "href=",
        "rel=alternate ",
        f"type={RSS} ",
        '"',
        "'",
        ">",
        "<",
        "=",
        "/rss",
        "://",
        "[",
        "&#0;",
        "<script>",
        "</script ",
        "<!--",
        "-->",
        "http:",
        "feed:",
        "\n",
        "\0",
        "é",
        "https://x.example/feed ",
        "title=",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=400), st.lists(PIECES, max_size=60).map(lambda parts: "".join(parts).encode())
    )
)
def test_whatever_a_page_is_made_of_nothing_but_web_addresses_come_out(page: bytes) -> None:
    TARGETS["site"](page)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<link href=",
        '<a href="',
        "<!--",
        "<script",
        "<script>",
        "</script ",
        "a",
        "a=",
        "<a " + "b" * 50,
        "<a b='>",
        '<a b="c" ',
        " ",
        f"<link rel=alternate type={RSS} href=/x ",
        "<a href=/rss>",
        "&amp;",
        "<a\t",
        "<base href=",
    ],
)
def test_a_hostile_page_of_twice_the_length_costs_about_twice_as_much(piece: str) -> None:
    def cost(size: int) -> float:
        page = (piece * (size // len(piece) + 1))[:size].encode()
        started = time.process_time()
        find_feeds(page, HOME)
        return time.process_time() - started

    short = min(cost(50_000) for _ in range(3))
    long = min(cost(800_000) for _ in range(2))
    assert long < 16 * 6 * short + 0.2  # sixteen times as long: what grows with the square takes 256 times
