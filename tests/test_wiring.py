"""What is put in force: the files that are in order, and of a refused one what stood before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.config import Environment, Settings
from service.errors import SettingsError, Severity
from service.wiring import Files, make_sender, read_files

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_watchlist_that_was_taken_away_is_gone(tmp_path: Path) -> None:
    before = _write(tmp_path, port=PORT, feeds__peru=PACK)
    (tmp_path / "watchlists" / "port.yaml").unlink()
    assert _read(tmp_path).keeping_refused(before).watchlists == ()


def test_only_feeds_that_a_watchlist_follows_are_polled(tmp_path: Path) -> None:
    other = PACK.replace("Peru", "Chile").replace("a.example", "b.example")
    files = _write(tmp_path, port=PORT, feeds__peru=PACK, feeds__chile=other)
    assert [source.url for source in files.followed_sources] == ["https://a.example/f"]


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
