"""What is put in force: the files that are in order, and of a refused one what stood before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from service.config import Environment, Settings
from service.domain import Channel, ChannelKind, FileVersion, Notification
from service.errors import SettingsError, Severity
from service.store import Store
from service.wiring import Files, keep_if_stored, make_sender, read_files, read_in_force, sync_store
from tests.test_send import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PORT = "title: Port\nlanguages: [es]\nfeeds: [peru]\nmatch:\n  any:\n    - puerto\n"
SINGLE = "title: Single\nlanguages: [es]\nfeeds: ['https://d.example/f']\nmatch:\n  any:\n    - tren\n"
PACK = "title: Peru\nabout: One.\nfeeds:\n  - {url: 'https://a.example/f', title: A, outlet: A}\n"
CHANNELS = "channels:\n  desk:\n    mail: ana@desk.example\nsubscriptions:\n  - {to: desk, watchlists: all}\n"


def _write(folder: Path, **files: str) -> Files:
    (folder / "watchlists" / "feeds").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "watchlists" / f"{name.replace('__', '/')}.yaml").write_text(text, encoding="utf-8")
    return _read(folder)


def _read(folder: Path, **settings: str) -> Files:
    return read_files(folder / "watchlists", Environment({}), Settings(**settings))  # type: ignore[arg-type] # only texts are given here


@pytest.mark.promise("P17", size="1 file")
def test_a_refused_watchlist_stays_in_force_with_the_feeds_only_it_names(tmp_path: Path) -> None:
    before = _write(tmp_path, single=SINGLE, feeds__peru=PACK)
    after = _write(tmp_path, single=SINGLE.replace("tren", "(tren")).keeping_refused(before)
    assert [watchlist.id for watchlist in after.watchlists] == ["single"]
    assert [source.url for source in after.followed_sources] == ["https://d.example/f"]


def test_a_refused_pack_keeps_its_feeds_and_doubles_no_watchlist_of_its_name(tmp_path: Path) -> None:
    before = _write(tmp_path, peru=PORT, feeds__peru=PACK)
    after = _write(tmp_path, feeds__peru=PACK + "  - [").keeping_refused(before)
    assert [watchlist.id for watchlist in after.watchlists] == ["peru"]
    assert [source.url for source in after.followed_sources] == ["https://a.example/f"]


def test_a_refused_file_of_channels_leaves_everyone_subscribed(tmp_path: Path) -> None:
    before = _write(tmp_path, port=PORT, feeds__peru=PACK, channels=CHANNELS)
    after = _write(tmp_path, channels="channels: [").keeping_refused(before)
    assert [channel.id for channel in after.channels] == ["desk"]
    assert len(after.subscriptions) == 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


def _start(folder: Path, store: Store, **secrets: str) -> Files:
    """Read the files as a service does that starts now, and put them in force."""
    settings = Settings(watchlists=folder / "watchlists", alert_to="all@desk.example")
    files = read_in_force(store, Environment(secrets), settings)
    sync_store(store, files, files.followed_sources, NOW)
    return files


TERMS = "terms:\n  ship: [buque, barco]\n"
SHIPS = "title: Ships\nlanguages: [es]\nmatch:\n  any:\n    - $ship AND Chancay\n"


@pytest.mark.promise("P17", size="1 file, 1 restart")
def test_after_a_restart_a_broken_watchlist_goes_on_in_its_last_good_version_and_says_so(
    tmp_path: Path, store: Store
) -> None:
    _write(tmp_path, port=PORT, single=SINGLE, feeds__peru=PACK)
    before = _start(tmp_path, store)
    _write(tmp_path, single=SINGLE.replace("tren", "(tren"))
    for _ in range(2):  # and after another one
        files = _start(tmp_path, store)
        assert {one.id: one.version for one in files.watchlists} == {
            one.id: one.version for one in before.watchlists
        }
        assert {source.url for source in files.followed_sources} == {
            source.url for source in before.followed_sources
        }
        [note] = [problem for problem in files.problems if "stays in force" in problem.message]
        assert (note.file, note.severity) == ("watchlists/single.yaml", Severity.WARNING)
        assert "the version of 2026-03-01 12:00 UTC stays in force" in note.message
    _write(tmp_path, single=SINGLE.replace("tren", "ferrocarril"))
    files = _start(tmp_path, store)
    assert "stays in force" not in " ".join(map(str, files.problems))
    assert len(store.versions.list_versions("single.yaml")) == 2


def test_after_a_restart_a_watchlist_keeps_the_shared_terms_it_was_good_with(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / "watchlists" / "terms").mkdir(parents=True)
    before = _write(tmp_path, ships=SHIPS, terms__ships=TERMS).watchlists
    _start(tmp_path, store)
    _write(tmp_path, terms__ships="terms:\n  ship: (buque\n")
    [kept] = _start(tmp_path, store).watchlists
    assert (kept.version, kept.query) == (before[0].version, before[0].query)


def test_after_a_restart_broken_packs_and_channels_go_on_as_they_were(tmp_path: Path, store: Store) -> None:
    chat = CHANNELS.replace("subscriptions", "  room:\n    chat: ${ROOM}\nsubscriptions")
    chat += "  - {to: room, watchlists: [port]}\n"
    _write(tmp_path, port=PORT, feeds__peru=PACK, channels=chat)
    before = _start(tmp_path, store, ROOM="ntfys://ntfy.example/x")
    _write(tmp_path, port="title: [", feeds__peru=PACK + "  - [", channels="channels: [")
    files = _start(tmp_path, store, ROOM="ntfys://ntfy.example/x")
    assert (files.sources, files.channels) == (before.sources, before.channels)
    assert files.subscriptions == before.subscriptions
    assert sum("stays in force" in problem.message for problem in files.problems) == 3
    assert "ntfy.example" not in "".join(one.text for one in store.versions.list_in_force())


def test_a_watchlist_that_was_taken_away_and_comes_back_broken_is_not_in_force(
    tmp_path: Path, store: Store
) -> None:
    _write(tmp_path, port=PORT, feeds__peru=PACK)
    _start(tmp_path, store)
    (tmp_path / "watchlists" / "port.yaml").unlink()
    _start(tmp_path, store)
    _write(tmp_path, port="title: [")
    assert _start(tmp_path, store).watchlists == ()


def test_a_kept_version_that_is_not_understood_any_more_is_said_to_be_lost(
    tmp_path: Path, store: Store
) -> None:
    store.versions.put_in_force([FileVersion("port.yaml", "1", "title: Port\nmatch: {any: [(]}\n")], now=NOW)
    _write(tmp_path, port="title: [")
    files = _start(tmp_path, store)
    assert files.watchlists == ()
    assert "nothing of it is in force" in " ".join(map(str, files.problems))


def test_check_asks_for_last_good_versions_only_where_there_is_a_database(
    tmp_path: Path, store: Store
) -> None:
    _write(tmp_path, port=PORT, feeds__peru=PACK)
    _start(tmp_path, store)
    broken = _write(tmp_path, port="title: [")
    for name, ids in (("a.db", ["port"]), ("none.db", [])):
        url = f"sqlite:///{tmp_path / name}"
        settings = Settings(watchlists=tmp_path / "watchlists", database_url=url)
        files = keep_if_stored(broken, Environment({}), settings)
        assert [one.id for one in files.watchlists] == ids
    assert not (tmp_path / "none.db").exists()


def test_a_watchlist_that_was_taken_away_is_gone(tmp_path: Path) -> None:
    before = _write(tmp_path, port=PORT, feeds__peru=PACK)
    (tmp_path / "watchlists" / "port.yaml").unlink()
    assert _read(tmp_path).keeping_refused(before).watchlists == ()


def test_only_feeds_that_a_watchlist_follows_are_polled(tmp_path: Path) -> None:
    other = PACK.replace("Peru", "Chile").replace("a.example", "b.example")
    files = _write(tmp_path, port=PORT, feeds__peru=PACK, feeds__chile=other)
    assert [source.url for source in files.followed_sources] == ["https://a.example/f"]


@pytest.mark.parametrize(
    ("spoken", "is_one"), [(("es", "es"), True), (("es", "pt"), False), (("es", ""), False)]
)
def test_a_watchlist_is_in_one_language_where_all_its_feeds_are(
    tmp_path: Path, spoken: tuple[str, str], *, is_one: bool
) -> None:
    says = [f", language: {language}" if language else "" for language in spoken]
    feeds = [
        f"  - {{url: 'https://{at}.example/f', title: F, outlet: F{say}}}\n" for at, say in enumerate(says)
    ]
    pack = f"title: P\nabout: P.\nfeeds:\n{''.join(feeds)}"
    port, chile = (
        PORT.replace("[es]", "[es, pt]"),
        PACK.replace("Peru", "Chile").replace("a.example", "c.example"),
    )
    files = _write(tmp_path, port=port, feeds__peru=pack, feeds__chile=chile)
    assert len(files.sources) == 3, files.problems
    assert files.in_one_language == ({"port"} if is_one else set())


def test_it_is_said_when_nobody_is_told_or_a_channel_gets_nothing(tmp_path: Path) -> None:
    files = _write(tmp_path, port=PORT, feeds__peru=PACK)
    assert ["nobody is told of anything yet." in str(problem) for problem in files.problems] == [True]
    assert {problem.severity for problem in files.problems} == {Severity.WARNING}
    silent = "  room:\n    mail: luis@desk.example\n"
    files = _write(tmp_path, channels=CHANNELS.replace("subscriptions", silent + "subscriptions"))
    assert ["the channel room has no subscription" in str(problem) for problem in files.problems] == [True]


def test_the_addresses_of_the_settings_are_channels_that_get_everything(tmp_path: Path) -> None:
    _write(tmp_path, port=PORT, feeds__peru=PACK)
    files = _read(tmp_path, alert_to="ana@desk.example", alert_url="ntfys://ntfy.example/x")
    assert [channel.id for channel in files.channels] == ["settings-mail", "settings-chat"]
    assert all(subscription.wants("anything") for subscription in files.subscriptions)


def test_a_chat_address_of_the_settings_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    _write(tmp_path, port=PORT, feeds__peru=PACK)
    [channel] = _read(tmp_path, alert_url="syslog://").channels
    assert channel.trouble


def test_a_mail_server_without_a_sender_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="AVIZOR_MAIL_FROM"):
        make_sender(Settings(smtp_url="smtp://127.0.0.1:2525"))


def test_a_token_of_a_bot_that_is_none_is_refused_at_the_start_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="AVIZOR_TELEGRAM_TOKEN") as caught:
        make_sender(Settings(telegram_token="s3cret"))
    assert "s3cret" not in str(caught.value)


def test_a_reader_s_chat_is_judged_as_feeds_are() -> None:
    chat = Channel("reader-1", ChannelKind.CHAT, ("",), "mmosts://127.0.0.1/" + "a" * 26, by_reader=True)
    delivery = delivery_of(Notification("Title", "Text"))
    result = make_sender(Settings()).send(chat, delivery, before_data=lambda: False)
    assert "into a private network" in result.words
    opened = make_sender(Settings(private_feeds="127.0.0.1"))
    for sender, channel in ((opened, chat), (make_sender(Settings()), replace(chat, by_reader=False))):
        assert sender.send(channel, delivery, before_data=lambda: False).phase == "lease"
