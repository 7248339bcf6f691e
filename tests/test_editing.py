"""The editor of watchlists: what is said of a draft, what is saved, and what is never lost."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.store import Store, TermFeedback
from service.watchlists import add_term, list_term_places, load_watchlist, load_watchlists, read_draft
from service.web import Health, View
from service.wiring import Drafts
from tests.partners.newsroom import NOW, Newsroom, Written, source
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = """\
# The port, by ana
title: Old Port
terms:
  ship: [buque, barco]  # two words
match:
  any:
    - puerto viejo   # the port itself

    - NEAR_A
  none:
    - cultura
examples:
  match:
    - "Reabre el puerto viejo"
  ignore:
    - "La cultura del puerto viejo"
""".replace("NEAR_A", "$ship NEAR/5 muelle")
HEADLINES = (
    "Reabre el puerto viejo",
    "Un buque choca contra el muelle",
    "El tren bioceánico llega a la costa",
    "Tren bioceánico: firman el estudio",
    "Sube el pan",
)


class _Bench:
    """A folder with one watchlist, an archive, and somebody who edits."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder / "watchlists"
        self.folder.mkdir()
        self.file = self.folder / "port.yaml"
        self.file.write_text(PORT, encoding="utf-8")
        self.store = store
        drafts = Drafts(self.folder, store, lambda: load_watchlists(self.folder).watchlists, lambda: NOW)
        self.view = View(
            store, lambda: (), lambda: Health(ok=True, checks={}), "UTC", lambda: NOW, drafts=drafts
        )
        self.visits = Visits(self.view)

    def read(self, *titles: str) -> None:
        """Have articles read, one a day."""
        room = Newsroom(self.store)
        room.open_feeds(source("Alba"), at=NOW - timedelta(days=40))
        room.poll("Alba", at=NOW - timedelta(days=39))
        for number, title in enumerate(titles):
            at = NOW - timedelta(days=len(titles) - number)
            room.poll("Alba", Written("Alba", title), at=at)

    def base(self) -> str:
        page = self.visits.get("/watchlists/port/edit").text
        return page.split('name="base" value="')[1].split('"')[0]

    def send(self, act: str, text: str, **fields: str) -> str:
        return self.visits.post(f"/watchlists/port/{act}", None, text=text, **fields).text


@pytest.fixture
def bench(tmp_path: Path, database_url: str) -> Iterator[_Bench]:
    store = Store(database_url)
    yield _Bench(tmp_path, store)
    store.close()


def test_a_draft_is_shown_beside_what_it_gains_and_loses_and_alerts_a_week(bench: _Bench) -> None:
    bench.read(*HEADLINES)
    same = bench.send("draft", PORT)
    assert "This is what is in force: nothing is gained or lost." in same
    assert "<dd>+0</dd>" in same
    draft = PORT.replace("$ship NEAR/5 muelle", "tren bioceánico")
    page = bench.send("draft", draft)
    assert "<dd>+2</dd>" in page
    assert "<dd>−1</dd>" in page
    gained = page.split('id="gained"')[1].split("</section>")[0]
    assert gained.index("firman el estudio") < gained.index("llega a la costa"), "the latest first"
    assert "<mark>Tren bioceánico</mark>" in gained
    assert "line 9" in gained
    assert "</mark> choca contra el <mark>" in page.split('id="lost"')[1].split("</section>")[0]
    assert '<span class="plus">+     - tren bioceánico</span>' in page
    assert "alerts a week (now 2)" in page


def test_a_script_gets_the_part_beside_the_text_alone(bench: _Bench) -> None:
    headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    part = bench.visits.post("/watchlists/port/draft", headers, text=PORT).text
    assert "<html" not in part
    assert "Examples" in part


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("puerto viejo   #", "puerto NEAR viejo   #", "Line 7, column"),
        ("title: Old Port", "titel: Old Port", "titel"),
        ("  any:", "\tany:", "Line 6"),
        ("[buque, barco]", "[buque, barco", "Line 4"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_saved(
    bench: _Bench, before: str, after: str, said: str
) -> None:
    wrong = PORT.replace(before, after)
    assert said in bench.send("draft", wrong)
    answer = bench.visits.post("/watchlists/port/save", text=wrong, base=bench.base())
    assert answer.status_code == 422
    assert "Not saved: mend what stands below first." in answer.text
    assert bench.file.read_text(encoding="utf-8") == PORT


@pytest.mark.slow
@pytest.mark.slow
def test_what_is_wrong_is_said_in_the_language_of_the_reader(bench: _Bench) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "es"}
    wrong = PORT.replace("puerto viejo   #", "puerto NEAR viejo   #")
    page = unescape(bench.visits.post("/watchlists/port/draft", headers, text=wrong).text)
    assert "puerto NEAR viejo: NEAR lleva una distancia. <span>Escriba NEAR/10 para una distancia" in page
    assert "needs a distance" not in page
    nowhere = bench.visits.post("/watchlists/port/add", headers, text=PORT, place="nowhere", term="mar").text
    assert "no existe esa lista a la que añadir un término." in nowhere
    assert "No hay ninguna lista con este nombre." in bench.visits.get("/watchlists/no/edit", headers).text


def test_what_readers_said_of_a_term_stands_beside_the_text_in_which_it_is_edited(
    bench: _Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [
        TermFeedback("puerto viejo", 7, 3, 0),
        TermFeedback("buque", 4, 1, 12),
        TermFeedback("lancha", 0, 0, 1),
    ]
    monkeypatch.setattr(bench.store.feedback, "by_term", lambda *_: said)
    page = bench.visits.get("/watchlists/port/edit").text
    part = page.split('id="verdicts"')[1].split("</section>")[0]
    rows = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in part.split("<li")[1:]]
    assert [row.partition("> ")[2] for row in rows] == [
        "buque 1 time useful, 12 times noise, line 4",
        "lancha 0 times useful, 1 time noise, not in this text any more",
        "puerto viejo 3 times useful, 0 times noise, line 7",
    ]
    assert 'data-line="4"' in part
    assert "12 veces ruido" in bench.visits.get("/watchlists/port/edit?language=es").text


@pytest.mark.slow
def test_an_example_that_goes_wrong_is_red_and_the_draft_is_tried_all_the_same(bench: _Bench) -> None:
    bench.read(*HEADLINES)
    page = bench.send("draft", PORT.replace("    - cultura\n", "    - museo\n"))
    assert "matches by line 7, and should not" in page
    assert "this example should be ignored and matches" in page
    assert "matches by line 7</small>" in page
    assert "articles matched" in page


@pytest.mark.slow
def test_a_pasted_headline_is_explained_by_the_draft(bench: _Bench) -> None:
    said = bench.send("draft", PORT, headline="El puerto viejo reabre")
    assert "It matches by line 7: puerto viejo." in said
    assert "It does not match, but nearly:" in bench.send("draft", PORT, headline="Un buque zarpa")
    assert "It does not match." in bench.send("draft", PORT, headline="Ceviche")


# ------------------------------------------------------------------------------------ one more term


@pytest.mark.slow
def test_a_term_is_added_to_the_list_that_was_picked_and_all_else_stays(bench: _Bench) -> None:
    bench.read(*HEADLINES)
    page = bench.send("add", PORT, place="match any", term=" tren  bioceánico ")
    text = unescape(page.split('hx-sync="this:replace">\n')[1].split("</textarea>")[0])
    assert text == PORT.replace("muelle\n", "muelle\n    - tren bioceánico\n")
    assert 'data-line="10"' in page
    assert "<dd>+2</dd>" in page
    assert "there is no such list" in bench.send("add", PORT, place="match all", term="x")


@pytest.mark.parametrize(
    ("place", "term", "written"),
    [
        ("terms ship", "lancha", "  ship: [buque, barco, lancha]  # two words\n"),
        ("terms ship", "a: b", "  ship: [buque, barco, 'a: b']  # two words\n"),
        ("match none", "no", "    - cultura\n    - 'no'\n"),
        ("match any", 'title:"el fin"', "muelle\n    - 'title:\"el fin\"'\n"),
        ("match any", "L'Oréal", "muelle\n    - L'Oréal\n"),
        ("match any", "钱凯港", "muelle\n    - 钱凯港\n"),
        ("match any", "# x", "muelle\n    - '# x'\n"),
        ("match any", "2027", "muelle\n    - '2027'\n"),
    ],
)
def test_a_term_is_written_as_yaml_reads_it_back(place: str, term: str, written: str, tmp_path: Path) -> None:
    text, line = add_term(PORT, place, term)
    assert written in text
    assert text.splitlines()[line - 1].strip() in written
    before, after = (read_draft(one, "port", tmp_path).problems for one in (PORT, text))
    assert not before
    assert not [one for one in after if "YAML" in one.message]


@pytest.mark.slow
def test_every_list_of_the_shipped_watchlists_takes_a_term() -> None:
    shipped = Path("watchlists")
    for path in sorted(shipped.glob("*-*.yaml")):
        text = path.read_text(encoding="utf-8")
        places = list_term_places(text)
        assert len(places) > 3
        filled = text
        for place in places:
            changed, _ = add_term(text, place.name, "zzz uno")
            assert len(changed.splitlines()) - len(text.splitlines()) in {0, 1}
            assert changed.replace(", zzz uno", "").replace("- zzz uno", "").split() == text.split()
            filled, _ = add_term(filled, place.name, "zzz uno")
        assert filled.count("zzz uno") == len(places)
        assert read_draft(filled, path.stem, shipped).watchlist is not None


# --------------------------------------------------------------------------------------------- save


@pytest.mark.slow
def test_a_saved_draft_is_the_file_to_the_last_comment(bench: _Bench) -> None:
    changed = PORT.replace("  # two words", "  # three words").replace("barco]", "barco, lancha]")
    answer = bench.visits.post("/watchlists/port/save", text=changed.replace("\n", "\r\n"), base=bench.base())
    assert (answer.status_code, answer.headers["location"]) == (303, "/watchlists/port/edit?saved=1")
    assert bench.file.read_bytes() == changed.encode()
    assert "Saved. It is in force within two seconds." in bench.visits.get(answer.headers["location"]).text
    assert list(bench.folder.iterdir()) == [bench.file], "nothing is left beside it"


@pytest.mark.slow
def test_a_file_keeps_its_line_ends_and_its_mark(bench: _Bench) -> None:
    bench.file.write_bytes(b"\xef\xbb\xbf" + PORT.replace("\n", "\r\n").encode())
    changed = PORT.replace("Old Port", "Older Port")
    assert bench.visits.post("/watchlists/port/save", text=changed, base=bench.base()).status_code == 303
    assert bench.file.read_bytes() == b"\xef\xbb\xbf" + changed.replace("\n", "\r\n").encode()


@pytest.mark.slow
def test_a_file_that_somebody_else_changed_meanwhile_is_never_overwritten(bench: _Bench) -> None:
    base = bench.base()
    theirs = PORT.replace("Old Port", "Their Port")
    bench.file.write_text(theirs, encoding="utf-8")
    mine = PORT.replace("Old Port", "My Port")
    answer = bench.visits.post("/watchlists/port/save", text=mine, base=base)
    assert answer.status_code == 409
    assert "somebody else has changed the file meanwhile" in answer.text
    assert "title: Their Port" in answer.text
    assert "title: My Port" in answer.text
    assert bench.file.read_text(encoding="utf-8") == theirs
    again = answer.text.split('name="base" value="')[1].split('"')[0]
    assert bench.visits.post("/watchlists/port/save", text=mine, base=again).status_code == 303
    assert bench.file.read_text(encoding="utf-8") == mine


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_says_so(bench: _Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    base = bench.base()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("service.watchlists.edits._write", refuse)
    answer = bench.visits.post("/watchlists/port/save", text=PORT.replace("Old", "New"), base=base)
    assert answer.status_code == 409
    assert "Let the user that runs this write into the folder of watchlists." in answer.text
    assert bench.file.read_text(encoding="utf-8") == PORT


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.slow
def test_what_is_saved_twice_before_it_is_read_keeps_each_version(bench: _Bench) -> None:
    for title in ("Port One", "Port Two"):
        assert "Saved" in _after(bench, PORT.replace("Old Port", title))
    bench.file.write_text("match: [", encoding="utf-8")  # by hand, and wrong: it is mended in the editor
    assert "Saved" in _after(bench, PORT)
    kept = [one.text for one in bench.store.versions.list_versions("port.yaml")]
    assert sorted(kept) == sorted([PORT, PORT.replace("Old Port", "Port One"), "match: ["])
    assert bench.store.versions.list_in_force() == []


def _after(bench: _Bench, text: str) -> str:
    """Save, and give the page that comes then."""
    answer = bench.visits.post("/watchlists/port/save", None, text=text, base=bench.base())
    assert answer.status_code == 303, answer.text
    return bench.visits.get(answer.headers["location"]).text


def test_where_the_folder_is_a_checkout_a_save_is_a_commit_of_this_file_alone(bench: _Bench) -> None:
    _git(bench.folder, "init", "--quiet")
    _git(bench.folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-qm", "first")
    (bench.folder / "other.txt").write_text("staged by somebody")
    _git(bench.folder, "add", "other.txt")
    hook = bench.folder / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    bench.read(*HEADLINES)
    draft = PORT.replace("$ship NEAR/5 muelle", "tren bioceánico")
    bench.visits.post("/watchlists/port/save", text=draft, base=bench.base())
    assert _git(bench.folder, "log", "-1", "--format=%an: %s") == (
        "somebody on the page: port: gains 2, loses 1 over 90 days\n"
    )
    assert _git(bench.folder, "show", "--name-only", "--format=") == "port.yaml\n"
    assert _git(bench.folder, "diff", "--cached", "--name-only") == "other.txt\n"


@pytest.mark.slow
def test_that_git_did_not_take_a_save_is_said(bench: _Bench) -> None:
    _git(bench.folder, "init", "--quiet")
    (bench.folder / ".git" / "index.lock").write_text("")
    bench.read(*HEADLINES)
    draft = PORT.replace("$ship NEAR/5 muelle", "tren bioceánico")
    answer = bench.visits.post("/watchlists/port/save", text=draft, base=bench.base())
    assert (bench.folder / "port.yaml").read_text() == draft
    page = bench.visits.get(answer.headers["location"]).text
    assert "but git did not commit it" in page


@pytest.mark.slow
def test_a_new_watchlist_begins_with_a_name_and_some_words(bench: _Bench) -> None:
    assert 'name="terms"' in bench.visits.get("/watchlists/new").text
    for name, terms, fault in (
        ("Ñandú!", "x", "small letters"),
        ("port", "x", "already"),
        ("rail", " ", "one on each line"),
        ("../etc", "x", "small letters"),
    ):
        answer = bench.visits.post("/watchlists/new", name=name, terms=terms)
        assert (answer.status_code, fault in answer.text) == (422, True)
    page = bench.visits.post("/watchlists/new", name="Amazon Rail", terms="ferrovia\ntren NEAR/3 selva").text
    text = unescape(page.split('hx-sync="this:replace">\n')[1].split("</textarea>")[0])
    answer = bench.visits.post("/watchlists/amazon-rail/save", text=text, base="")
    assert answer.status_code == 303
    assert load_watchlist(bench.folder / "amazon-rail.yaml", bench.folder).title == "Amazon Rail"
    assert bench.visits.post("/watchlists/amazon-rail/save", text=text, base="").status_code == 409


# ----------------------------------------------------------------------------------- hostile drafts


@pytest.mark.slow
@pytest.mark.parametrize("name", ["..", "channels", "PORT", "a%2Fb", "port.yaml", "x" * 300])
def test_only_files_of_watchlists_are_read_and_written(bench: _Bench, name: str) -> None:
    (bench.folder / "channels.yaml").write_text("channels: {}\n")
    before = sorted(bench.folder.parent.rglob("*"))
    assert bench.visits.get(f"/watchlists/{name}/edit").status_code == 404
    assert bench.visits.post(f"/watchlists/{name}/save", text=PORT, base="").status_code == 404
    assert sorted(bench.folder.parent.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: [*a, *a]\n",
        "title: x\nmatch:\n  any: [" + "'((((((((((a'," * 2_000 + "]\n",
        "title: x\nmatch:\n  any: ['" + "*" * 5_000 + "']\n",
        "title: " + "x" * 250_000,
        "<script>alert(1)</script>",
        "\x00",
        "title: x\nmatch:\n  any: ['a NEAR/99999 b', '" + "a OR " * 3_000 + "b']\n",
        "",
    ],
)
def test_a_hostile_draft_is_answered_and_changes_nothing(bench: _Bench, text: str) -> None:
    bench.read(*HEADLINES)
    answer = bench.visits.post("/watchlists/port/draft", text=text)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert bench.file.read_text(encoding="utf-8") == PORT


def test_a_form_without_end_is_refused(bench: _Bench) -> None:
    assert bench.visits.post("/watchlists/port/draft", text="x" * 2_000_000).status_code == 413
