"""Feeds out of an OPML file: read safely, shown as new, there already or refused, and written into a pack."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config import Environment, Settings
from service.domain import FeedGroup, FeedSource
from service.errors import NotAFeed
from service.parse.opml import MOST_BYTES, MOST_OUTLINES, OURS, Outline, read_opml
from service.store import Store
from service.watchlists import load_feed_packs, load_watchlists
from service.web import Health, View
from service.web.outgoing.items import clean
from service.web.outgoing.opml import write_opml
from service.web.uploads import bytes_of, read_parts
from service.wiring import FeedAdding, judge_opml, read_files, sync_store
from tests.partners.newsroom import NOW
from tests.partners.visits import Visits
from tests.test_feeds_commands import LOCAL, PORT, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response


def opml(*outlines: str, head: str = "") -> bytes:
    lines = "".join(outlines)
    return f"<?xml version='1.0'?>{head}<opml version='2.0'><body>{lines}</body></opml>".encode()


def outline(url: str, title: str = "") -> str:
    return f'<outline type="rss" text="{title}" xmlUrl="{url}"/>'


MINE = opml(
    '<outline text="Papers">',
    outline("https://nuevo.example/rss", "Nuevo - Portada"),
    outline("http://COSTA.example/rss/", "Costa again"),
    "</outline>",
    outline("https://nuevo.example/rss", "Nuevo twice"),
    outline("ftp://old.example/rss", "Old"),
    outline("https://otro.example/rss"),
)

# ------------------------------------------------------------------------------------------ reading


def test_outlines_are_read_in_order_however_deep_they_stand() -> None:
    assert read_opml(MINE)[0] == Outline("https://nuevo.example/rss", "Nuevo - Portada")
    assert [one.url for one in read_opml(MINE)][-1] == "https://otro.example/rss"
    deep = "<outline text='x'>" * 20_000 + outline("https://a.example/f", "A") + "</outline>" * 20_000
    assert read_opml(opml(deep)) == (Outline("https://a.example/f", "A"),)


def test_other_codings_are_read_as_they_say() -> None:
    text = '<?xml version="1.0" encoding="{}"?><opml><outline title="Ñandú" xmlurl="https://a.example/f"/></opml>'
    for coding in ("iso-8859-1", "utf-8", "utf-16"):
        assert read_opml(text.format(coding).encode(coding))[0].title == "Ñandú"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "this is no OPML"),
        (b"hello", "this is no OPML"),
        (b"<rss version='2.0'/>", "it begins with <rss>"),
        (opml('<outline text="a folder"/>'), "no feed stands in this file"),
        (opml("<outline"), "this is no OPML"),
        (opml(outline("https://a.example/f"), head="<!DOCTYPE opml>"), "document type definition"),
        (
            opml(outline("&x;"), head="<!-- c --><!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"),
            "document type definition",
        ),
        (
            opml(outline("&x;"), head=f"<!--{'c' * 9_000}--><!DOCTYPE o [<!ENTITY x 'y'>]>"),
            "document type definition",
        ),
        (opml(outline("https://a.example/&x;")), "this is no OPML"),
        (b"<opml>" + b" " * MOST_BYTES, "larger than 1 MB"),
        (opml('<outline xmlUrl="x"/>' * (MOST_OUTLINES + 1)), "2,000 are the most"),
    ],
)
def test_what_is_no_opml_or_not_safe_is_refused_with_the_reason(body: bytes, said: str) -> None:
    with pytest.raises(NotAFeed, match=re.escape(said)):
        read_opml(body)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: f"<opml>{text}</opml>".encode()))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    with suppress(NotAFeed):
        assert read_opml(body)


# ------------------------------------------------------------------------------------------ judging


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    made = tmp_path / "watchlists"
    (made / "feeds").mkdir(parents=True)
    (made / "port.yaml").write_text(PORT.replace("[local]", "[local, 'https://single.example/f']"))
    (made / "feeds" / "local.yaml").write_text(LOCAL)
    return made


def test_each_feed_is_new_or_there_or_refused_with_the_reason(lists: Path) -> None:
    single = FeedSource("https://single.example/f", "Single", "single.example")
    body = MINE.replace(b"</body>", outline("https://single.example/f", "Single").encode() + b"</body>")
    judged = judge_opml(body, lists, [single])
    assert [(one.url, one.title, one.outlet) for one in judged.new] == [
        ("https://nuevo.example/rss", "Nuevo - Portada", "Nuevo"),
        ("https://otro.example/rss", "otro.example", "otro.example"),
    ]
    costa, alone = judged.known
    assert costa.there is not None
    assert (costa.there.pack, costa.there.line) == ("local", 6)
    assert alone.there is None
    twice, old = judged.refused
    assert twice.why == "it stands in this file twice"
    assert old.why == "only http and https addresses can be polled. Write https://…"


def test_what_we_export_is_taken_in_as_there_already(lists: Path, tmp_path: Path) -> None:
    settings = Settings(watchlists=lists)
    more = "  - {url: 'https://b.example/f?a=1&b=\"2\"', title: 'A & B <c>', outlet: B}\n".replace('"', "%22")
    (lists / "feeds" / "more.yaml").write_text(f"title: More\nfeeds:\n{more}")
    files = read_files(lists, Environment({}), settings)
    with_store = Store(f"sqlite:///{tmp_path}/avizor.db")
    sync_store(with_store, files, files.sources, NOW)
    exported = Visits(view(with_store, lists)).get("/sources.opml")
    with_store.close()
    assert exported.status_code == 200
    judged = judge_opml(exported.content, lists, files.sources)
    assert {one.url for one in judged.known} == {one.url for one in files.sources}
    assert (judged.new, judged.refused) == ((), ())


TOLD = (
    FeedSource(
        "https://mar.example/f?a=1&b=2",
        "Mar & <Costa>",
        "El Mar",
        "PE",
        "es",
        FeedGroup.GOVERNMENT,
        "Costa SA",
    ),
    FeedSource("https://mar.example/g", "Mar: deporte", "El Mar", "PE", "es"),
    FeedSource("https://seaport.example/f", "海岸新报", "海岸新报", "CN", "zh", FeedGroup.STATE_MEDIA),
    FeedSource("https://plain.example/f", "Plain", "Plain"),
)


def _known(source: FeedSource) -> tuple[str, ...]:
    return (
        source.url,
        source.title,
        source.outlet,
        source.country,
        source.language,
        source.group,
        source.owner,
    )


@pytest.mark.parametrize("is_by_page", [False, True])
def test_what_we_export_comes_back_as_it_was_where_it_is_new(
    visits: Visits, lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_by_page: bool
) -> None:
    exported = write_opml([replace(one, packs=("sea",)) for one in TOLD], "Avizor")
    if is_by_page:
        answer = upload(visits, exported)
        assert "El Mar, PE, es" in seen(answer.text)
        chosen = [unescape(one) for one in re.findall(r'name="feed" value="([^"]+)" checked', answer.text)]
        refused = visits.post("/sources/add/opml/save", None, feed=chosen, pack="..")  # and sent once more
        again = [unescape(one) for one in re.findall(r'name="feed" value="([^"]+)" checked', refused.text)]
        assert again == chosen
        assert visits.post("/sources/add/opml/save", None, feed=again, pack="sea").status_code == 303
    else:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "out.opml").write_bytes(exported)
        desk = Desk(lists, None, {"AVIZOR_CONTACT": "desk@example.org"})  # type: ignore[arg-type]
        assert desk.run("import", "out.opml", "--pack", "sea").exit_code == 0
    taken = [one for one in load_feed_packs(lists / "feeds").sources if one.packs == ("sea",)]
    assert sorted(map(_known, taken)) == sorted(map(_known, TOLD))
    assert load_watchlists(lists).problems == ()


def test_what_another_reader_says_of_a_feed_is_taken_as_far_as_it_can_be_meant(lists: Path) -> None:
    said = {
        'language="pt-BR"': ("pt", "", "independent"),
        'language="unknown"': ("", "", "independent"),
        'country="PE" outlet="X" group="wire"': ("", "", "independent"),
    }
    for attributes, (language, country, group) in said.items():
        [one] = judge_opml(
            opml(f'<outline text="Uno" xmlUrl="https://uno.example/f" {attributes}/>'), lists, []
        ).new
        assert (one.outlet, one.language, one.country, one.group or "independent") == (
            "Uno",
            language,
            country,
            group,
        )
    ours = f'<outline xmlns:a="{OURS}" text="U" xmlUrl="https://uno.example/f" a:country="Perú"/>'
    [refused] = judge_opml(opml(ours), lists, []).refused
    assert "Perú" in refused.why


@given(st.lists(st.tuples(st.integers(0, 99), st.text(max_size=30)), max_size=8))
def test_any_name_comes_back_from_what_we_write(named: list[tuple[int, str]]) -> None:
    sources = {f"https://a{number}.example/f": title for number, title in named}
    written = write_opml([FeedSource(url, title, "A", packs=("p",)) for url, title in sources.items()], "T")
    if sources:
        expected = {url: " ".join(clean(title or "A").split()) for url, title in sources.items()}
        assert {one.url: one.title for one in read_opml(written)} == expected


# ------------------------------------------------------------------------------------------ the page


def view(store: Store, lists: Path) -> View:
    settings = Settings(watchlists=lists)
    adding = FeedAdding(settings, lambda _: "", lambda: read_files(lists, Environment({}), settings))
    health = Health(ok=True, checks={})
    return View(store, lambda: (), lambda: health, "UTC", lambda: NOW, adding=adding)


@pytest.fixture
def visits(lists: Path, tmp_path: Path) -> Iterator[Visits]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield Visits(view(store, lists))
    store.close()


def upload(visits: Visits, body: bytes, text: str = "", name: str = "feeds.opml") -> Response:
    parts = [
        f'--b0\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
        b"Content-Type: text/x-opml\r\n\r\n" + body + b"\r\n",
        b'--b0\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text.encode() + b"\r\n--b0--\r\n",
    ]
    head = {"Sec-Fetch-Site": "same-origin", "Content-Type": 'multipart/form-data; boundary="b0"'}
    return visits.send("/sources/add/opml", head, b"".join(parts))


def seen(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.slow
@pytest.mark.parametrize("is_pasted", [False, True])
def test_a_file_is_shown_and_what_is_chosen_goes_into_a_pack(
    visits: Visits, lists: Path, *, is_pasted: bool
) -> None:
    answer = upload(visits, b"", MINE.decode()) if is_pasted else upload(visits, MINE)
    assert answer.status_code == 200
    said = seen(answer.text)
    assert "2 new feeds 1 there already 2 refused" in said
    assert "Costa again http://COSTA.example/rss/ line 6 of watchlists/feeds/local.yaml" in said
    assert "Only http and https addresses can be polled. Write https://…" in said
    chosen = re.findall(r'name="feed" value="([^"]+)" checked', answer.text)
    assert chosen[0] == "https://nuevo.example/rss Nuevo - Portada\toutlet=Nuevo"
    done = visits.post("/sources/add/opml/save", None, feed=chosen, pack="local", watchlist="")
    assert done.status_code == 303
    assert "2 feeds stand in the pack local now." in seen(visits.get(done.headers["location"]).text)
    assert [one.outlet for one in load_feed_packs(lists / "feeds").sources][:3] == [
        "Costa", "Nuevo", "otro.example",
    ]  # fmt: skip
    assert (lists / "feeds" / "local.yaml").read_text().startswith("# Kept by hand.\n")
    assert load_watchlists(lists).problems == ()
    again = seen(upload(visits, MINE).text)
    assert "0 new feeds 4 there already 1 refused" in again


def test_only_what_is_ticked_is_written_into_a_new_pack(visits: Visits, lists: Path) -> None:
    chosen = ["https://otro.example/rss otro.example"]
    visits.post("/sources/add/opml/save", None, feed=chosen, pack="from outside", watchlist="port")
    packs = {one.url: one.packs for one in load_feed_packs(lists / "feeds").sources}
    assert packs["https://otro.example/rss"] == ("from-outside",)
    assert len(packs) == 2
    assert "from-outside]" in (lists / "port.yaml").read_text()


def test_what_cannot_be_taken_in_is_said_and_nothing_is_written(visits: Visits, lists: Path) -> None:
    before = sorted((path.name, path.read_bytes()) for path in (lists / "feeds").iterdir())
    entity = opml(outline("&e;"), head="<!DOCTYPE o [<!ENTITY e 'f'>]>")
    for body in (b"", b"\xff\xfe\xff", b"<opml", entity):
        answer = upload(visits, body)
        assert answer.status_code == 422
        assert 'id="opml-fault"' in answer.text
    assert "the feeds" in seen(upload(visits, b"<opml").text).lower()
    for fields in (
        {"pack": "local", "watchlist": ""},
        {"feed": ["file:///etc/passwd X"], "pack": "local", "watchlist": ""},
        {"feed": ["https://costa.example/rss X"], "pack": "other", "watchlist": ""},
        {"feed": ["https://a.example/f A"], "pack": "..", "watchlist": ""},
        {"feed": ["https://a.example/f A"], "pack": "a", "watchlist": "none"},
    ):
        answer = visits.post("/sources/add/opml/save", None, **fields)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert sorted((path.name, path.read_bytes()) for path in (lists / "feeds").iterdir()) == before


def test_a_form_that_cannot_be_written_is_shown_again_as_it_was_ticked(visits: Visits) -> None:
    offered = ["https://a.example/f A", "https://b.example/f B"]
    typed = {"offered": offered, "feed": offered[1:], "pack": "..", "watchlist": "port"}
    answer = visits.post("/sources/add/opml/save", None, **typed)
    assert answer.status_code == 422
    assert re.findall(r'name="feed" value="([^"]+)"( checked)?', answer.text) == [
        ("https://a.example/f A", ""), ("https://b.example/f B", " checked"),
    ]  # fmt: skip
    assert 'name="pack" value=".."' in answer.text
    assert 'value="port" selected' in answer.text
    untick = visits.post("/sources/add/opml/save", None, **{**typed, "feed": []})
    assert "tick one at least" in untick.text
    assert re.findall(r'name="feed" value="([^"]+)"( checked)?', untick.text)[1] == (offered[1], "")
    hostile = f"https://c.example/f C\toutlet=%ff\x00&url=javascript:x&group=spies&{'x=1&' * 99}country"
    answer = visits.post("/sources/add/opml/save", None, feed=[hostile], pack="local")
    assert answer.status_code == 422
    assert "javascript" not in answer.text


def test_a_page_that_answered_a_form_leads_to_its_own_page_in_another_language(visits: Visits) -> None:
    answers = [
        upload(visits, MINE),
        visits.post("/sources/add/opml/save", None, pack="local"),
    ]
    for answer in answers:
        [link] = re.findall(r'href="([^"]+)" lang="pt"', answer.text)
        assert link == "/sources/add?language=pt"
        assert visits.get(link).status_code == 200


def test_a_file_that_is_too_large_is_refused_before_it_is_read(visits: Visits) -> None:
    assert upload(visits, b" " * (2 * MOST_BYTES)).status_code == 413


def test_names_in_a_file_are_no_markup(visits: Visits) -> None:
    hostile = "&lt;script&gt;x&lt;/script&gt; &quot;&gt;&lt;img src=x&gt;"
    text = upload(
        visits, opml(outline("https://a.example/f", hostile), outline("javascript:x", hostile))
    ).text
    assert "<script>x" not in text
    assert "<img" not in text


def test_a_form_with_a_file_is_read_by_its_parts_as_they_came() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n\xff\r\n--\r\n\x00\r\n'
        b'--x\r\ncontent-disposition: FORM-DATA; name="b"\r\n\r\n\r\n'
        b"--x\r\nContent-Disposition: attachment\r\n\r\nno field\r\n--x\r\nno head\r\n--x--\r\n"
    )
    fields = read_parts("multipart/form-data; boundary=x", body)
    assert set(fields) == {"a", "b"}
    assert bytes_of(fields, "a") == b"\xff\r\n--\r\n\x00"
    assert bytes_of(fields, "b") == b""
    assert bytes_of(fields, "c") == b""
    assert read_parts("application/x-www-form-urlencoded", b"a=1&b=%C3%B1") == {"a": ["1"], "b": ["ñ"]}


@given(st.text(max_size=60), st.binary(max_size=200))
def test_no_form_breaks_the_reading_of_forms(kind: str, body: bytes) -> None:
    read_parts(kind, body)
    read_parts(f"multipart/form-data; boundary={kind}", body)


# --------------------------------------------------------------------------------------- the command


@pytest.fixture
def desk(lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.opml").write_bytes(MINE)
    return Desk(lists, None, {"AVIZOR_CONTACT": "desk@example.org"})  # type: ignore[arg-type]


def test_the_command_shows_the_three_kinds_and_writes_what_is_new(desk: Desk) -> None:
    done = desk.run("import", "mine.opml", "--pack", "from-outside", "--watchlist", "port")
    said = " ".join(done.stdout.split())
    assert done.exit_code == 1  # something is refused
    for part in (
        "New: 2 feeds", "Nuevo - Portada", "There already: 1 feed", "watchlists/feeds/local.yaml, line 6",
        "Refused: 2 feeds", "only http and https addresses can be polled",
        "Written to watchlists/feeds/from-outside.yaml, line 5, a new file.",
        "port follows the pack from-outside.",
    ):  # fmt: skip
        assert part in said
    assert desk.errors() == []
    again = desk.ask("import", "mine.opml")
    assert (again["new"], len(again["there"]), again["changes"]) == ([], 4, [])


def test_a_dry_run_writes_nothing_and_a_missing_or_broken_file_is_one_sentence(desk: Desk) -> None:
    assert "Would be written" in desk.run("import", "mine.opml", "--dry-run").stdout
    assert not (desk.lists / "feeds" / "my-feeds.yaml").exists()
    (desk.lists.parent / "broken.opml").write_text("<opml")
    for name in ("none.opml", "broken.opml"):
        done = desk.run("import", name)
        assert done.exit_code == 1
        assert "Traceback" not in done.output
    assert desk.run("import", "mine.opml", "--pack", "../x").exit_code == 2
