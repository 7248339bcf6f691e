"""Changes to the files that people write: everything else in them stays, or nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FileRefused, SettingsError
from service.watchlists import (
    Edit,
    FeedFacts,
    Watchlist,
    add_feeds,
    find_feed,
    follow_pack,
    load_feed_packs,
    load_watchlists,
    note_check,
    save,
)
from service.watchlists.feed_packs import read_pack
from service.watchlists.pack_edits import _new_pack

if TYPE_CHECKING:
    from pathlib import Path

NEW = FeedFacts("https://nuevo.example/rss", "Nuevo", "Nuevo", language="es")
PACK = """title: Local
about: >
  Papers of
  the coast.

feeds:
- title: Costa   # indented by nothing
  url: https://costa.example/rss
  outlet: Costa

# The end.
"""
WATCHLIST = "title: Port\n{feeds}match:\n  any:\n    - puerto\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds").mkdir()
    return tmp_path


def pack_of(folder: Path, text: str | bytes = PACK) -> Path:
    path = folder / "feeds" / "local.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def added(folder: Path, facts: FeedFacts = NEW) -> Edit:
    edit = add_feeds(folder / "feeds", "local", [facts])
    save(edit)
    return edit


def watchlist_of(folder: Path, feeds: str) -> Watchlist:
    (folder / "port.yaml").write_text(WATCHLIST.format(feeds=feeds), encoding="utf-8")
    pack_of(folder)
    [watchlist] = load_watchlists(folder).watchlists
    return watchlist


# ------------------------------------------------------------------------------------ a feed is added


def test_a_feed_comes_after_the_last_one_written_as_they_are(folder: Path) -> None:
    path = pack_of(folder)
    edit = added(folder)
    item = "- url: https://nuevo.example/rss\n  title: Nuevo\n  outlet: Nuevo\n  language: es\n"
    assert path.read_text(encoding="utf-8") == PACK.replace("outlet: Costa\n", f"outlet: Costa\n{item}")
    assert (edit.line, edit.lines[0]) == (10, "- url: https://nuevo.example/rss")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PACK.removesuffix("\n\n# The end.\n"), "\n"),
        (PACK.replace("\n\n# The end.\n", "\nchecked: never\n"), "checked: never\n"),
        (PACK.replace("outlet: Costa\n", "outlet: >-\n    Costa\n\n"), "\n\n# The end.\n"),
    ],
    ids=["no line end", "a key after the feeds", "a folded text"],
)
def test_whatever_follows_the_feeds_still_follows_them(folder: Path, before: str, after: str) -> None:
    path = pack_of(folder, before)
    added(folder)
    assert path.read_text(encoding="utf-8").endswith(
        f"  language: es\n{after}".removesuffix("\n") + "\n" * (after != "\n")
    )
    loaded = load_feed_packs(folder / "feeds")
    assert loaded.problems == ()
    assert [one.outlet for one in loaded.sources] == ["Costa", "Nuevo"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_and_the_line_ends_stay(folder: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding[-2:] in {"le", "be"} else ""
    path = pack_of(folder, (mark + PACK.replace("coast", "coast é").replace("\n", "\r\n")).encode(encoding))
    start = path.read_bytes()[:40]
    added(folder)
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    assert path.read_bytes()[:40] == start
    assert text.count("\r\n") == text.count("\n") == PACK.count("\n") + 4
    assert len(load_feed_packs(folder / "feeds").sources) == 2


def test_rights_of_a_file_stay_and_nothing_lies_beside_it(folder: Path) -> None:
    path = pack_of(folder)
    path.chmod(0o640)
    added(folder)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["local.yaml"]


@pytest.mark.parametrize(
    "feeds",
    ["feeds: [{url: https://a.example/rss, title: A, outlet: A}]\n", "feeds: []\n"],
)
def test_a_list_in_brackets_is_left_alone_and_its_place_named(folder: Path, feeds: str) -> None:
    path = pack_of(folder, "title: Local\n" + feeds)
    with pytest.raises(FileRefused, match=r"local.yaml:2:1: nothing can be added to a list in brackets"):
        added(folder)
    assert path.read_text(encoding="utf-8") == "title: Local\n" + feeds


def test_a_file_in_which_the_feed_does_not_fit_is_left_alone_and_the_lines_are_given(folder: Path) -> None:
    text = "title: Local\nfeeds:\n  - {url: https://a.example/rss, title: A,\n     outlet: A\n    }\n"
    path = pack_of(folder, text)
    with pytest.raises(FileRefused, match=r"Write it there yourself:\n  - url: https://nuevo.example/rss"):
        added(folder)
    with pytest.raises(FileRefused, match="checked: today"):
        note_check(folder / "feeds", pack_of(folder, "{title: Local,\n feeds: []}\n").stem, "today")
    assert path.read_text(encoding="utf-8") == "{title: Local,\n feeds: []}\n"


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(folder: Path) -> None:
    path = pack_of(folder)
    edit = add_feeds(folder / "feeds", "local", [NEW])
    path.write_text(PACK + "# more\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="somebody else changed this file meanwhile"):
        save(edit)
    assert path.read_text(encoding="utf-8") == PACK + "# more\n"
    assert len(list(path.parent.iterdir())) == 1


def test_what_nobody_sees_in_a_name_is_not_written(folder: Path) -> None:
    pack_of(folder)
    edit = added(folder, FeedFacts(NEW.url, "Bell\a\u2028of the\ncoast", "Nuevo"))
    assert edit.lines[1] == "  title: Bell of the coast"


def test_a_file_that_reads_otherwise_than_meant_never_takes_the_place_of_the_old_one(folder: Path) -> None:
    path = pack_of(folder)
    edit = add_feeds(folder / "feeds", "local", [NEW])
    for text in (PACK, edit.text + "colour: red\n", edit.text + "# \a\n"):
        with pytest.raises(FileRefused):
            save(replace(edit, text=text))
    assert path.read_text(encoding="utf-8") == PACK
    assert len(list(path.parent.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    blocked = folder / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cannot be written: .* Let the user that runs this write"):
        save(add_feeds(blocked / "feeds", "local", [NEW]))


def test_an_address_with_a_name_in_it_is_refused(folder: Path) -> None:
    with pytest.raises(
        SettingsError, match="the feed's address: .* a name or password stands in the address"
    ):
        added(folder, FeedFacts("https://me:secret@nuevo.example/rss", "Nuevo", "Nuevo"))


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"]),
    min_size=1,
    max_size=40,
)


@pytest.mark.slow
@given(TEXTS.filter(str.strip), TEXTS.filter(str.strip))
def test_whatever_a_feed_is_called_is_read_back_as_it_is(title: str, owner: str) -> None:
    facts = FeedFacts("https://nuevo.example/?a=1&b=2,3", title, title, owner=owner)
    read = read_pack("my-feeds", "my-feeds", _new_pack("my-feeds", [facts]))
    assert read.problems == ()
    assert (read.sources[0].title, read.sources[0].owner) == (
        " ".join(title.split()),
        " ".join(owner.split()),
    )


def test_a_feed_is_found_whatever_the_spelling_of_its_address(folder: Path) -> None:
    pack_of(folder, PACK.replace("https://costa.example/rss", '"http://COSTA.example/rss/"'))
    (folder / "feeds" / "broken.yaml").write_text("title: [\n", encoding="utf-8")
    (folder / "feeds" / "bare.yaml").write_text(
        "title: Bare\nfeeds:\n  - https://costa.example/rss\n", encoding="utf-8"
    )
    (folder / "feeds" / "none.yaml").write_text("title: None yet\n", encoding="utf-8")
    there = find_feed(folder / "feeds", "", "https://[", "https://costa.example/rss")
    assert there is not None
    assert (there.pack, there.line) == ("local", 8)
    assert find_feed(folder / "feeds", "https://costa.example/RSS") is None
    assert find_feed(folder / "feeds", "https://costa.example/rss?x=1") is None


# ------------------------------------------------------------------------------------ a check is noted


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PACK, PACK.replace("coast.\n", "coast.\nchecked: today\n")),
        ("title: Local # so\nfeeds: []\n", "title: Local # so\nchecked: today\nfeeds: []\n"),
        ("checked: 'yesterday' # old\n" + PACK, "checked: today # old\n" + PACK),
        ("checked: >\n  some day\n  or other\n\n" + PACK, "checked: today\n\n" + PACK),
    ],
)
def test_a_check_is_noted_in_one_line(folder: Path, before: str, after: str) -> None:
    path = pack_of(folder, before)
    save(note_check(folder / "feeds", "local", "today"))
    assert path.read_text(encoding="utf-8") == after
    [pack] = load_feed_packs(folder / "feeds").packs
    assert pack.checked == "today"


# ---------------------------------------------------------------------------------- a pack is followed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds: [local]  # ours\n", "feeds: [local, mine]  # ours\n"),
        ("feeds: [\n  local,\n]\n", "feeds: [\n  local, mine,\n]\n"),
        ("feeds:\n  - local # ours\n\n", "feeds:\n  - local # ours\n  - mine\n\n"),
        ("feeds:\n- 'local'\n", "feeds:\n- 'local'\n- mine\n"),
    ],
)
def test_a_watchlist_gets_one_more_pack(folder: Path, before: str, after: str) -> None:
    edit = follow_pack(folder, watchlist_of(folder, before), "mine")
    assert edit is not None
    save(edit)
    assert (folder / "port.yaml").read_text(encoding="utf-8") == WATCHLIST.format(feeds=after)


@pytest.mark.parametrize("feeds", ["", "feeds: []\n", "feeds: [local]\n"])
def test_a_watchlist_that_follows_the_pack_already_stays_as_it_is(folder: Path, feeds: str) -> None:
    assert follow_pack(folder, watchlist_of(folder, feeds), "local") is None


def test_a_watchlist_that_was_changed_meanwhile_is_left_alone(folder: Path) -> None:
    watchlist = watchlist_of(folder, "feeds: [local]\n")
    for feeds in ("", "feeds: [other]\n", "feeds: local\n"):
        (folder / "port.yaml").write_text(WATCHLIST.format(feeds=feeds), encoding="utf-8")
        with pytest.raises(FileRefused, match="Write mine under feeds: yourself"):
            follow_pack(folder, watchlist, "mine")
