"""The file of channels: who is told, how and when; no secret in it, and none in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.domain import Cadence, Channel, ChannelKind, Subscription, Timetable
from service.errors import SecretMissing, Severity
from service.hours import OVER_BUDGET
from service.watchlists.channels import LoadedChannels, load_channels

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("chancay-port", "chile-elections", "maduro-negotiations")
GOOD = """\
channels:
  desk:
    mail: [desk@paper.example, ana@paper.example]
    timezone: America/Lima
  ops-room:
    chat: ${OPS_ROOM_URL}
subscriptions:
  - to: desk
    watchlists: [chancay-port, maduro-negotiations]
    when: daily 07:05
  - to: ops-room
    watchlists: all
"""
SECRETS = {
    "OPS_ROOM_URL": "ntfys://tk_secret@chat.example/room\n",
    "WRONG": "tk_secret",
    "TOKEN": "tk_secret",
}


def secret(name: str) -> str:
    if name in SECRETS:
        return SECRETS[name]
    message = f"{name} is not set"
    raise SecretMissing(
        message, resource=name if name != "BARE" else "", mend="" if name == "BARE" else "Set it."
    )


def load(folder: Path, content: str) -> LoadedChannels:
    path = folder / "watchlists" / "channels.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return load_channels(path, secret, KNOWN)


def test_channels_and_subscriptions_are_read(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD)
    assert loaded.problems == ()
    assert loaded.channels == (
        Channel(
            "desk", ChannelKind.MAIL, ("desk@paper.example", "ana@paper.example"), timezone="America/Lima"
        ),
        Channel("ops-room", ChannelKind.CHAT, ("",), "ntfys://tk_secret@chat.example/room"),
    )
    daily, immediate = loaded.subscriptions
    assert daily == Subscription(
        daily.id,
        "desk",
        frozenset({"chancay-port", "maduro-negotiations"}),
        Cadence.DIGEST,
        Timetable((7 * 60 + 5,)),
    )
    assert immediate == Subscription(immediate.id, "ops-room", timetable=OVER_BUDGET)
    assert immediate.wants("anything")


def test_no_file_means_no_channels_and_no_problem(tmp_path: Path) -> None:
    assert load_channels(tmp_path / "channels.yaml", secret, KNOWN) == LoadedChannels((), (), ())


def test_a_file_that_is_no_yaml_is_a_problem_and_holds_nothing(tmp_path: Path) -> None:
    loaded = load(tmp_path, "channels: [\n")
    assert not loaded.channels
    assert [problem.file for problem in loaded.problems] == ["watchlists/channels.yaml"]
    (tmp_path / "watchlists" / "channels.yaml").unlink()
    (tmp_path / "watchlists" / "channels.yaml").symlink_to("nowhere")
    assert load_channels(tmp_path / "watchlists" / "channels.yaml", secret, KNOWN).problems


def test_a_line_that_cannot_be_read_is_not_repeated_with_its_token(tmp_path: Path) -> None:
    loaded = load(tmp_path, "channels:\n  room:\n    chat: 'x' ntfys://tk_secret@chat.example/room\n")
    assert [problem.mend for problem in loaded.problems] == ["Put the whole item in quotes: '''x'' …'."]


def test_an_id_of_a_subscription_stands_for_what_it_says(tmp_path: Path) -> None:
    def ids(content: str) -> list[str]:
        return [subscription.id for subscription in load(tmp_path, content).subscriptions]

    first = ids(GOOD)
    assert len(set(first)) == 2
    assert (
        ids(GOOD.replace("[chancay-port, maduro-negotiations]", "[maduro-negotiations, chancay-port]"))
        == first
    )
    assert ids(GOOD.replace("07:05", "07:06"))[0] != first[0]
    assert ids(GOOD.replace("daily 07:05", "immediate"))[0] != first[0]
    assert ids(GOOD.replace("watchlists: all", "watchlists: [chile-elections]"))[1] != first[1]
    assert ids(GOOD.replace("watchlists: all", "watchlists: all\n    when: immediate"))[1] == first[1]


def test_a_watchlist_that_vanishes_changes_no_id_and_the_others_go_on(tmp_path: Path) -> None:
    before = load(tmp_path, GOOD).subscriptions[0]
    path = tmp_path / "watchlists" / "channels.yaml"
    loaded = load_channels(path, secret, ["maduro-negotiations"])
    assert loaded.subscriptions[0].id == before.id
    assert loaded.subscriptions[0].watchlists == {"maduro-negotiations"}
    assert [problem.message for problem in loaded.problems] == ["the watchlist chancay-port is unknown."]
    # With none left the subscription is out: an empty set would mean all of them.
    assert [one.channel_id for one in load_channels(path, secret, []).subscriptions] == ["ops-room"]


@pytest.mark.parametrize(
    ("address", "trouble", "mend"),
    [
        ("${UNSET}", "UNSET is not set", "Set it."),
        ("${BARE}", "BARE is not set", "BARE_FILE"),
        ("${WRONG}", "WRONG holds no address", "ntfys://"),
        ("${WRONG} x", "WRONG holds no address", "ntfys://"),
    ],
)
def test_a_channel_whose_secret_cannot_be_used_stays_with_its_trouble(
    tmp_path: Path, address: str, trouble: str, mend: str
) -> None:
    loaded = load(tmp_path, GOOD.replace("${OPS_ROOM_URL}", address))
    desk, room = loaded.channels
    assert (desk.trouble, room.trouble, room.address) == ("", trouble, "")
    assert len(loaded.subscriptions) == 2
    (problem,) = loaded.problems
    assert (problem.severity, problem.line, problem.column) == (Severity.WARNING, 6, 11)
    assert trouble in problem.message
    assert "ops-room" in problem.message
    assert mend in problem.mend


def test_a_secret_may_be_a_part_of_the_address(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD.replace("${OPS_ROOM_URL}", "ntfys://${TOKEN}@chat.example/room"))
    assert loaded.channels[1].address == "ntfys://tk_secret@chat.example/room"
    assert "tk_secret" not in repr(loaded)


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost", "[::1]:8080"])
def test_an_address_of_this_machine_is_no_secret(tmp_path: Path, host: str) -> None:
    loaded = load(tmp_path, GOOD.replace("${OPS_ROOM_URL}", f"json://{host}/hook"))
    assert loaded.channels[1].address == f"json://{host}/hook"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ntfys://tk_secret@chat.example/room", "does not belong in a file"),
        ("ntfys://[tk_secret", "does not belong in a file"),
        ("tk_secret", "does not belong in a file"),
        ("ntfys://$TOKEN@chat.example/tk_secret", "begins no ${NAME}"),
        ("ntfys://${token}@chat.example/tk_secret", "begins no ${NAME}"),
        ("[tk_secret]", "chat must be one text"),
        ("json://chat.example/tk_secret #${TOKEN}", "does not belong in a file"),
        ("json://chat.example/tk_secret #hook", "YAML reads #hook as a comment"),
    ],
)
def test_an_address_written_out_is_refused_and_not_repeated(tmp_path: Path, address: str, words: str) -> None:
    loaded = load(tmp_path, GOOD.replace("${OPS_ROOM_URL}", address))
    assert [channel.id for channel in loaded.channels] == ["desk"]
    assert [subscription.channel_id for subscription in loaded.subscriptions] == ["desk"]
    (problem,) = loaded.problems
    assert words in problem.message
    assert "tk_secret" not in str(problem)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("desk", "exactly one @"),
        ("a@b@paper.example", "exactly one @"),
        ("a@x.example, b@x.example", "exactly one @"),
        ('"desk@paper.example\\r\\nBcc: victim"', "no plain mail address"),
        ("Ana <ana@paper.example>", "no plain mail address"),
        ("'\"a b\"@paper.example'", "no plain mail address"),
        ("a,b@paper.example", "no plain mail address"),
        ("'@paper.example'", "no plain mail address"),
        ("desk@paper..example", "no plain mail address"),
        ("desk@-paper.example", "no plain mail address"),
        ("peña@paper.example", "no plain mail address"),
        ("x" * 65 + "@paper.example", "no plain mail address"),
        ("desk@peña.example", "outside ASCII"),
        ("desk@" + ".".join(["x" * 60] * 5), "at most 254"),
    ],
)
def test_what_is_no_plain_mail_address_is_refused(tmp_path: Path, address: str, words: str) -> None:
    loaded = load(tmp_path, f"channels:\n  desk:\n    mail: {address}\n")
    (problem,) = loaded.problems
    assert words in problem.message
    assert "\n" not in str(problem)
    assert (problem.line, problem.key) == (3, "mail")
    assert loaded.channels == ()


@pytest.mark.parametrize("address", ["desk@paper.example", "a.b+c'd@localhost", "A@paper-1.co.example"])
def test_one_plain_address_is_enough(tmp_path: Path, address: str) -> None:
    loaded = load(tmp_path, f"channels:\n  desk:\n    mail: {address}\n")
    assert loaded.problems == ()
    assert loaded.channels == (Channel("desk", ChannelKind.MAIL, (address,)),)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "words", "mend"),
    [
        ("timezone: America/Lima", "timezone: America/Lyma", "this time zone is unknown", "America/Lima"),
        ("timezone: America/Lima", "timezone: ../etc/passwd", "this time zone is unknown", "Europe/London"),
        ("timezone: America/Lima", "timezone: [a]", "timezone must be one text", ""),
        ("timezone: America/Lima", "zone: America/Lima", "the key zone is unknown", "timezone"),
        ("ana@paper.example", "Desk@paper.example", "stands twice in this channel", "Delete one"),
        ("[desk@paper.example, ana@paper.example]", "[]", "the list of addresses is empty", "one address"),
        ("[desk@paper.example, ana@paper.example]", "", "mail is empty", "Write a value"),
        ("[desk@paper.example, ana@paper.example]", "[a@b.example, [x]]", "mail must be one text", ""),
        ("  desk:", "  Desk 1:", "Desk 1: a channel is named", "ops-room"),
        ("    chat: ${OPS", "    mail: a@b.example\n    chat: ${OPS", "one way to be reached", "either"),
        ("    chat: ${OPS_ROOM_URL}", "    timezone: UTC", "one way to be reached", "either"),
        ("    chat: ${OPS_ROOM_URL}", "    - x", "ops-room must be keys with values", ""),
        ("to: desk", "to: dexk", "the channel dexk is unknown", "Did you mean desk?"),
        ("to: desk", "to: [desk]", "to must be one text", ""),
        ("to: desk", "for: desk", "the key for is unknown", ""),
        ("[chancay-port,", "[chancay,", "the watchlist chancay is unknown", "chancay-port"),
        ("[chancay-port,", "[zzz,", "the watchlist zzz is unknown", "Known are: chancay-port, "),
        ("[chancay-port,", "[chancay-port, chancay-port,", "stands twice under watchlists", "Delete"),
        ("[chancay-port, maduro-negotiations]", "chancay-port", "must be a list", "Write [chancay-port]."),
        ("[chancay-port, maduro-negotiations]", "[]", "the list of watchlists is empty", "all"),
        ("watchlists: all", "watchlist: all", "the key watchlist is unknown", "watchlists"),
        ("daily 07:05", "daily 7", "this is no time to send", "daily 07:00"),
        ("daily 07:05", "daily 24:00", "this is no time to send", "daily 07:00"),
        ("daily 07:05", "07:05", "this is no time to send", "daily 07:00"),
        ("daily 07:05", "[x]", "when must be one text", ""),
        ("  - to: ops-room", "  - desk\n  - to: ops-room", "a subscription must be keys", ""),
        (
            "  - to: ops-room",
            "  - {to: ops-room, watchlists: all, when: immediate}\n  - to: ops-room",
            "this subscription stands twice",
            "Delete one",
        ),
        ("subscriptions:", "subscribers:", "the key subscribers is unknown", "subscriptions"),
    ],
)
def test_each_fault_is_named_with_its_mend(
    tmp_path: Path, before: str, after: str, words: str, mend: str
) -> None:
    assert before in GOOD
    problems = load(tmp_path, GOOD.replace(before, after, 1)).problems
    found = [problem for problem in problems if words in problem.message]
    assert len(found) == 1
    assert mend in found[0].mend
    assert found[0].file == "watchlists/channels.yaml"
    assert found[0].line > 0


def test_a_subscription_to_a_channel_nobody_described_says_what_to_do(tmp_path: Path) -> None:
    loaded = load(tmp_path, "subscriptions:\n  - {to: desk, watchlists: all}\n")
    assert [problem.mend for problem in loaded.problems] == ["Describe it under channels: first."]
    assert loaded.subscriptions == ()


@pytest.mark.parametrize(
    ("name", "setting"), [("settings-mail", "AVIZOR_ALERT_TO"), ("settings-chat", "AVIZOR_ALERT_URL")]
)
def test_the_names_of_the_channels_of_settings_are_taken(tmp_path: Path, name: str, setting: str) -> None:
    loaded = load(tmp_path, f"channels:\n  {name}:\n    mail: ana@desk.example\n")
    assert loaded.channels == ()
    assert f"this name belongs to the channel of {setting}" in str(loaded.problems[0])


def test_a_city_alone_is_led_to_its_time_zone(tmp_path: Path) -> None:
    loaded = load(tmp_path, "channels:\n  desk:\n    mail: ana@desk.example\n    timezone: Lima\n")
    assert "Did you mean America/Lima?" in str(loaded.problems[0])
