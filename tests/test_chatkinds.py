"""Chats that readers add: fields become an address of ours, and no text in a field becomes anything else."""

from __future__ import annotations

import contextlib
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from apprise import Apprise
from apprise.plugins import url_to_dict
from apprise.plugins.matrix import NotifyMatrix
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import SettingsError
from service.fetch.address import AddressPolicy
from service.fetch.faults import RefusedAddress
from service.notify import chatwords, check_chat_address
from service.notify.chat import REFUSED_OPTIONS
from service.notify.chatkinds import (
    CHAT_KINDS,
    ChatAddress,
    FieldFault,
    build_chat_address,
    check_bot,
    chosen_server,
    limited_as,
    offered_kinds,
    with_bot,
)
from service.notify.door import asset
from tests.partners.chat_services import BOT, DISCORD, INVOKE, MATTERMOST, SLACK, TEAMS
from tests.partners.chat_standin import overheard

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Fields = dict[str, str]


@pytest.fixture(autouse=True)
def _matrix_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the half second by which Apprise spares a Matrix server between any two requests."""
    monkeypatch.setattr(NotifyMatrix, "request_rate_per_sec", 0)


def _build(kind: str, fields: Fields, bot: Fields = BOT) -> ChatAddress:
    return build_chat_address(kind, fields, bot=bot)


def _fault(kind: str, fields: Fields, bot: Fields = BOT) -> FieldFault:
    with pytest.raises(FieldFault) as caught:
        _build(kind, fields, bot)
    return caught.value


# ------------------------------------------------------------------------------------ what is offered


def test_a_kind_is_offered_once_its_bot_is_set() -> None:
    without = ["slack", "discord", "teams", "mattermost", "ntfy"]
    assert list(offered_kinds({})) == without
    assert list(offered_kinds({"matrix_server": "https://matrix.example"})) == without
    assert list(offered_kinds(BOT)) == list(CHAT_KINDS) == ["matrix", "telegram", *without]


@pytest.mark.parametrize("kind", ["telegram", "matrix", "syslog", "", "tgram"])
def test_a_kind_that_is_not_offered_is_refused(kind: str) -> None:
    fault = _fault(kind, {"chat": "@our_alerts", "room": "#a:b.example"}, {})
    assert (fault.field, fault.fault.message) == ("kind", "This kind of chat is not offered here.")
    assert str(fault) == "This kind of chat is not offered here. Choose one of the kinds in the list."


@pytest.mark.parametrize("kind", CHAT_KINDS)
def test_every_example_on_the_page_is_taken(kind: str) -> None:
    _build(kind, {field.id: field.example for field in CHAT_KINDS[kind].fields})


@pytest.mark.parametrize("kind", CHAT_KINDS)
def test_fields_that_are_needed_are_asked_for_and_others_may_be_empty(kind: str) -> None:
    full = {field.id: field.example for field in CHAT_KINDS[kind].fields}
    for field in CHAT_KINDS[kind].fields:
        rest = {name: text for name, text in full.items() if name != field.id}
        if field.is_optional:
            assert _build(kind, rest) == _build(kind, full | {field.id: " \n"})
        else:
            fault = _fault(kind, rest)
            assert (fault.field, fault.fault.message) == (field.id, "This field is empty.")


def test_what_the_operator_set_wrongly_is_named_by_its_setting_and_not_repeated() -> None:
    check_bot({})
    check_bot(BOT)
    check_bot({"matrix_server": "http://127.0.0.1:8008/", "matrix_token": "syt_a1b2", "telegram_token": ""})
    for key, text in {
        "telegram_token": "s3cret-s3cret",
        "matrix_token": "s3cret/s3cret",
        "matrix_server": "https://s3cret@matrix.example",
    }.items():
        with pytest.raises(SettingsError, match=f"AVIZOR_{key.upper()}") as caught:
            check_bot(BOT | {key: text})
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("missing", ["matrix_server", "matrix_token"])
def test_half_of_a_matrix_account_is_not_passed_over_in_silence(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"AVIZOR_{missing.upper()}"):
        check_bot(BOT | {missing: ""})


@pytest.mark.parametrize(
    "server",
    [
        "matrix.example",
        "ftp://m.example",
        "https://m.example/_matrix",
        "https://m.example?x=1",
        "https://1.2.3",
    ],
)
def test_a_matrix_server_is_written_as_its_address_alone(server: str) -> None:
    with pytest.raises(SettingsError, match="not the address of a Matrix server"):
        _build("matrix", {"room": "#a:b.example"}, BOT | {"matrix_server": server})


# ------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://hooks.slack.com/services/T0/B0/abcdefghij", "does not begin with https://"),
        ("slack://T0123/B0456/abcdefghij", "does not begin with https://"),
        ("https://me:pw@hooks.slack.com/services/T0/B0/abcdefghij", "holds an @ sign"),
        ("https://hooks.slack.com@evil.example/services/T0/B0/abcdefghij", "holds an @ sign"),
        (SLACK + "#general", "holds a # sign"),
        (SLACK + "?template=/etc/passwd", "goes on after a question mark"),
        (SLACK + "?", "goes on after a question mark"),
        (SLACK.replace(".com", ".com:8443"), "names a port"),
        (SLACK.replace(".com", ".com:0"), "No server can have this port"),
        (SLACK.replace(".com", ".com:70000"), "No server can have this port"),
        (SLACK.replace("hooks.slack.com", "hooks.slack.com.evil.example"), "not the address of a Slack"),
        (SLACK.replace("hooks.slack.com", "evilhooks.slack.com"), "not the address of a Slack"),
        (SLACK.replace("hooks.slack.com", "hooks.\u017flack.com"), "not the address of a Slack"),
        (SLACK.replace("hooks.slack.com", "hooks.slac\u212a.com"), "not the address of a Slack"),
        (SLACK.replace("/T0123", "/xoxb"), "not the address of a Slack"),
        (SLACK.replace("/services/", "/triggers/"), "not the address of a Slack"),
        (SLACK + "/", "not the address of a Slack"),
        (SLACK + "/%23general", "not the address of a Slack"),
        (SLACK.replace("B0456", "../B0456"), "not the address of a Slack"),
        (SLACK + ",json://evil.example", "not the address of a Slack"),
        (SLACK.replace("/B0456", "\r\n/B0456"), "not the address of a Slack"),
        (SLACK + "\0", "not the address of a Slack"),
        (SLACK * 20, "far too long"),
    ],
)
def test_what_is_no_slack_webhook_is_refused_with_the_reason(text: str, says: str) -> None:
    fault = _fault("slack", {"webhook": text})
    assert fault.field == "webhook"
    assert says in fault.fault.message
    assert fault.fault.mend


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("matrix", "room", "sala"),
        ("matrix", "room", "#sala"),
        ("matrix", "room", "#a:b.example,#c:d.example"),
        ("matrix", "room", "#a:b.example/#c:d.example"),
        ("matrix", "room", "@ana:example.org"),
        ("telegram", "chat", "our_alerts"),
        ("telegram", "chat", "@our_alerts,@others"),
        ("telegram", "chat", "@our_alerts:7"),
        ("telegram", "chat", "-0"),
        ("telegram", "thread", "x"),
        ("telegram", "thread", "0"),
        ("telegram", "thread", "\u0665"),
        ("discord", "webhook", DISCORD.replace("discord.com", "evil.example")),
        ("discord", "webhook", DISCORD.replace("/123", "/x123")),
        ("discord", "webhook", DISCORD + "/github"),
        ("teams", "webhook", TEAMS.replace("logic.azure.com", "evil.example")),
        ("teams", "webhook", TEAMS.replace("prod-12.westus.logic", "logic").replace("logic", "evillogic")),
        ("teams", "webhook", TEAMS + "&template=/etc/passwd"),
        ("teams", "webhook", TEAMS + "&sig=another-signature"),
        ("teams", "webhook", TEAMS + "&sig"),
        ("teams", "webhook", TEAMS.partition("&sig")[0]),
        ("teams", "webhook", TEAMS.replace("sv=1.0", "sv=2.0")),
        ("teams", "webhook", TEAMS.replace("%2Frun", "%2Fstop")),
        ("teams", "webhook", TEAMS.replace("2016-06-01", "x")),
        ("teams", "webhook", TEAMS.replace("/manual/paths", "/other/paths")),
        ("teams", "webhook", "https://corp.webhook.office.com/webhookb2/1@2/IncomingWebhook/3/4"),
        ("mattermost", "webhook", MATTERMOST + "0"),
        ("mattermost", "webhook", MATTERMOST.replace("/hooks/", "/api/v4/")),
        ("ntfy", "server", "https://push.example/alerts"),
        ("ntfy", "server", "push.example/alerts"),
        ("ntfy", "topic", "one/two"),
        ("ntfy", "topic", "one,two"),
        ("ntfy", "topic", "x" * 65),
        ("ntfy", "token", "ana:s3cret"),
    ],
)
def test_a_text_of_another_shape_names_its_field_and_shows_an_example(
    kind: str, field: str, text: str
) -> None:
    good = {known.id: known.example for known in CHAT_KINDS[kind].fields}
    fault = _fault(kind, good | {field: text})
    assert fault.field == field
    if "@" not in text or kind in {"matrix", "telegram"}:
        assert str(fault).endswith(f" It looks like this: {good[field]}")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "chat.example.1",
        "a.1.example",
        "1.2.3.4.5",
        "-chat.example",
        "chat-.example",
        "chat..example",
        "chat.example.",
        ".example",
        "x" * 64 + ".example",
    ],
)
def test_a_server_s_name_that_some_read_as_an_address_or_not_at_all_is_refused(host: str) -> None:
    fault = _fault("mattermost", {"webhook": MATTERMOST.replace("team.example", host)})
    assert fault.fault.message == "This name of a server cannot be used."
    assert _fault("ntfy", {"topic": "alerts", "server": host}).field == "server"


# ----------------------------------------------------------------------------------- what is written


@pytest.mark.parametrize(
    ("kind", "fields", "host", "port", "label"),
    [
        ("matrix", {"room": "#sala:example.org"}, "matrix.example", 443, "Matrix #sala:example.org"),
        ("telegram", {"chat": "@our_alerts"}, "api.telegram.org", 443, "Telegram @our_alerts"),
        ("telegram", {"chat": "-10012", "thread": "5"}, "api.telegram.org", 443, "Telegram -10012:5"),
        ("slack", {"webhook": SLACK}, "hooks.slack.com", 443, "Slack …/B0456"),
        ("discord", {"webhook": DISCORD}, "discord.com", 443, "Discord …/123456789012345678"),
        (
            "discord",
            {"webhook": DISCORD.replace("discord", "DiscordApp")},
            "discord.com",
            443,
            "Discord …/123456789012345678",
        ),
        ("teams", {"webhook": TEAMS}, "prod-12.westus.logic.azure.com", 443, "Teams …/643e69f8"),
        ("mattermost", {"webhook": MATTERMOST}, "team.example", 443, "Mattermost team.example"),
        (
            "mattermost",
            {"webhook": MATTERMOST.replace("team.example", "10.1.2.3:8065")},
            "10.1.2.3",
            8065,
            "Mattermost 10.1.2.3:8065",
        ),
        ("ntfy", {"topic": "alerts-x7"}, "ntfy.sh", 443, "ntfy ntfy.sh/al…"),
        ("ntfy", {"topic": "a", "server": "https://Push:8443/"}, "push", 8443, "ntfy push:8443/…"),
    ],
)
def test_an_address_says_where_it_leads_and_what_to_call_it(
    kind: str, fields: Fields, host: str, port: int, label: str
) -> None:
    address = _build(kind, {name: f" {text}\r\n" for name, text in fields.items()})
    assert (address.host, address.port, address.label) == (host, port, label)
    assert address.url not in repr(address)


@pytest.mark.parametrize(
    "server", ["127.0.0.1", "10.1.2.3:8443", "localhost", "chat.localhost", "push.example:25"]
)
def test_the_address_policy_can_judge_where_an_address_leads(server: str) -> None:
    for kind, fields in {
        "ntfy": {"topic": "alerts", "server": server},
        "mattermost": {"webhook": MATTERMOST.replace("team.example", server)},
    }.items():
        address = _build(kind, fields)
        with pytest.raises(RefusedAddress):
            AddressPolicy().check_name(address.host, address.port)


def test_a_message_for_a_server_that_apprise_takes_for_none_goes_to_no_other() -> None:
    url = _build("ntfy", {"topic": "alerts", "server": "push.example"}).url
    assert check_chat_address(url) == ""
    assert "no complete address" in check_chat_address(url.replace("push.example", "a.1.example"))


def test_a_chat_goes_on_with_another_token_and_another_server_of_the_operator_s_bot() -> None:
    telegram = _build("telegram", {"chat": "@our_alerts", "thread": "5"}).url
    matrix = _build("matrix", {"room": "#sala:example.org"}).url
    other = {
        "telegram_token": "987654321:" + "b" * 35,
        "matrix_server": "http://10.0.0.7:8008",
        "matrix_token": "syt_other1",
    }
    assert with_bot(telegram, other) == f"tgram://987654321:{'b' * 35}/%40our_alerts%3A5".replace(
        "987654321:", "987654321%3A"
    )
    assert with_bot(matrix, other).startswith("matrix://syt_other1@10.0.0.7:8008/%23sala%3Aexample.org?")
    assert with_bot(matrix, BOT).startswith("matrixs://")
    for url in (telegram, matrix):
        with pytest.raises(SettingsError):
            with_bot(url, {})
    ntfy = _build("ntfy", {"topic": "alerts", "server": "bot"}).url
    assert with_bot(ntfy, other) == ntfy


# ---------------------------------------------------------------------------- any text in any field


def _text(alphabet: str, least: int, most: int) -> SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LETTERS = CAPITALS + CAPITALS.lower()
TOKEN_SIGNS = LETTERS + "_-"
SECRET = _text(LETTERS, 4, 50).map("zzzz{}".format)  # with a sign that stands in no label
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMED = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
NUMBERED = st.ip_addresses(v=4).map(str)
SERVER = st.tuples(NAMED | NUMBERED, st.integers(1, 65_535).map(":{}".format) | st.just("")).map("".join)


def _fields(shape: str, **parts: SearchStrategy[str]) -> SearchStrategy[Fields]:
    return st.fixed_dictionaries(parts).map(lambda drawn: {"webhook": shape.format(**drawn)})


GOOD: dict[str, SearchStrategy[Fields]] = {
    "matrix": st.fixed_dictionaries(
        {
            "room": st.builds("#{}:{}".format, _text(LETTERS + "._=-", 1, 40), NAMED)
            | st.builds("!{}:{}".format, _text(TOKEN_SIGNS, 1, 60), NAMED)
            | _text(TOKEN_SIGNS, 1, 60).map("!{}".format)
        }
    ),
    "telegram": st.fixed_dictionaries(
        {
            "chat": st.from_regex(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-?[1-9][0-9]{0,15}", fullmatch=True).filter(
                str.isascii
            )
        },
        optional={"thread": st.integers(1, 10**9).map(str)},
    ),
    "slack": _fields(
        "https://hooks.slack.com/services/T{t}/B{b}/{s}",
        t=_text(CAPITALS, 1, 12),
        b=_text(CAPITALS, 1, 12),
        s=SECRET,
    ),
    "discord": _fields(
        "https://{d}/api/webhooks/{n}/{s}",
        d=st.sampled_from(["discord.com", "discordapp.com", "ptb.discord.com", "CANARY.discord.com:443"]),
        n=st.integers(1, 10**19).map(str),
        s=SECRET,
    ),
    "teams": _fields(
        "https://{h}/workflows/{i}"
        + INVOKE
        + "?api-version={v}&sp=%2Ftriggers%2Fmanual%2Frun&sig={s}&sv=1.0",
        h=NAMED.map("{}.logic.azure.com:443".format)
        | st.builds(
            "{}.{:02}.environment.api.powerplatform.com/powerautomate/automations/direct{}".format,
            LABEL,
            st.integers(0, 99),
            st.sampled_from(["", "/cu/02"]),
        ),
        i=_text("0123456789abcdef", 1, 32),
        v=st.sampled_from(["1", "2016-06-01", "2016-10-01", "2022-03-01-preview"]),
        s=SECRET,
    ),
    "mattermost": _fields("https://{h}/hooks/{s}", h=SERVER, s=_text(LETTERS[10:36].lower(), 26, 26)),
    "ntfy": st.fixed_dictionaries(
        {"topic": _text(TOKEN_SIGNS, 1, 64)},
        optional={
            "server": SERVER | SERVER.map("https://{}".format),
            "token": _text(LETTERS, 1, 40).map("tk_{}".format),
        },
    ),
}
NASTY = [
    *(
        ",",
        " ",
        "%2C",
        "%2c%20",
        "&",
        "?",
        "#",
        "@",
        ":",
        ";",
        "/",
        "\\",
        "../",
        "%2e%2e%2f",
        "%00",
        "\0",
        "\r\n",
    ),
    *(
        "\t",
        "\u2028",
        "\u202e",
        "\ud800",
        "\u017f",
        "\u212a",
        "\uff0e",
        "\u0660",
        "é",
        "\U0001f600",
        "${HOME}",
    ),
    *("?template=/etc/passwd", "&template=file:///etc/passwd", "?verify=no", "&mode=cloud", "?to=%23other"),
    *(
        ",json://evil.example/x",
        "\njson://evil.example/x",
        "@evil.example/",
        "://",
        "127.0.0.1",
        "x" * 10_000,
    ),
]


def _hurt(text: str, at: int, taken: int, nasty: str) -> str:
    at %= len(text) + 1
    return text[:at] + nasty + text[at + taken :]


STRANGE = st.text() | st.lists(st.sampled_from(NASTY), max_size=4).map("".join)


def _strange_fields(kind: str) -> SearchStrategy[Fields]:
    """Fields of any text, and good ones into which something was put, in place of some characters or none."""
    any_text = st.fixed_dictionaries({field.id: STRANGE for field in CHAT_KINDS[kind].fields})
    hurt = st.builds(
        lambda fields, which, at, taken, nasty: (
            fields | {(name := sorted(fields)[which % len(fields)]): _hurt(fields[name], at, taken, nasty)}
        ),
        GOOD[kind],
        st.integers(0, 9),
        st.integers(0, 400),
        st.integers(0, 3),
        st.sampled_from(NASTY) | st.text(max_size=3),
    )
    return any_text | hurt


def _secrets(fields: Fields) -> list[str]:
    webhook, topic, token = (fields.get(name, "").strip() for name in ("webhook", "topic", "token"))
    hidden = re.search(r"[&?]sig=([^&]*)", webhook) or re.search(r"/([^/]*)$", webhook)
    return [secret for secret in (hidden and hidden[1], topic and f"/{topic}", token) if secret]


def _check(kind: str, fields: Fields, bot: Fields = BOT) -> None:
    """Check all that must hold of every address that is built."""
    address = _build(kind, fields, bot)
    url = with_bot(address.url, bot)
    assert check_chat_address(url) == ""
    plugin = Apprise.instantiate(url, asset=asset())
    assert plugin is not None
    assert len(plugin) == 1
    with overheard() as hosts:
        assert plugin.send(body="x", title="y") in {True, False}  # Slack says other words than the others
    assert set(hosts) == {address.host}
    with contextlib.suppress(OSError):  # what the system reads as an address is written as one
        assert socket.inet_ntoa(socket.inet_aton(address.host)) == address.host
    parsed = url_to_dict(url) or {}  # type: ignore[no-untyped-call] # Apprise annotates only in part
    options = {name.lower() for name in parsed["qsd"]}
    assert not options & REFUSED_OPTIONS
    assert options == {name for name, _ in parse_qsl(urlsplit(address.url).query)}
    assert options <= {"discovery", "hsreq", "pa", "route", "ver", "mode", "auth"}
    for secret in [*_secrets(fields), bot["telegram_token"], bot["matrix_token"]]:
        assert secret not in address.label
    for secret in (bot["telegram_token"], bot["matrix_token"]):
        assert secret not in address.url
        assert quote(secret, safe="") not in address.url
    assert address.label.isprintable()


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHAT_KINDS)
def test_whatever_a_service_may_show_becomes_one_address_at_that_service(kind: str) -> None:
    @given(GOOD[kind])
    def check(fields: Fields) -> None:
        _check(kind, fields)

    check()


SENTENCES = {fault for fault in vars(chatwords).values() if isinstance(fault, chatwords.Fault)} | {
    chatwords.looks_like(field) for kind in CHAT_KINDS.values() for field in kind.fields
}


def _try(kind: str, fields: Fields, bot: Fields) -> FieldFault | SettingsError | None:
    try:
        _build(kind, fields, bot)
    except (FieldFault, SettingsError) as fault:
        return fault
    return None


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHAT_KINDS)
def test_any_text_in_a_field_is_refused_by_the_field_s_name_or_becomes_one_address(kind: str) -> None:
    @given(_strange_fields(kind))
    @example({field.id: "" for field in CHAT_KINDS[kind].fields})
    def check(fields: Fields) -> None:
        fault = _try(kind, fields, BOT)
        if fault is None:
            _check(kind, fields)
            return
        assert isinstance(fault, FieldFault)
        assert fault.field in fields
        assert fault.fault in SENTENCES  # and so nothing of what was typed

    check()


@given(
    st.sampled_from(sorted(BOT)),
    STRANGE
    | st.builds(
        _hurt,
        st.sampled_from(sorted(BOT.values())),
        st.integers(0, 50),
        st.integers(0, 3),
        st.sampled_from(NASTY),
    ),
)
def test_any_text_in_a_setting_is_refused_or_becomes_one_address(key: str, text: str) -> None:
    kind = "telegram" if key == "telegram_token" else "matrix"
    fields = {"chat": "@our_alerts"} if kind == "telegram" else {"room": "#sala:example.org"}
    bot = BOT | {key: text}
    fault = _try(kind, fields, bot)
    if fault is None:
        _check(kind, fields, bot)
    else:
        assert isinstance(fault, SettingsError) or not text
        assert len(text.strip()) < 8 or text.strip() not in str(fault)


# ---------------------------------------------------------------------------------- limits and servers


def test_limits_count_a_chat_once_however_it_is_written() -> None:
    def limited(kind: str, **fields: str) -> tuple[str, str]:
        return limited_as(_build(kind, fields).url)

    telegram = limited("telegram", chat="@our_alerts")
    assert limited("telegram", chat="@OUR_alerts", thread="5") == telegram
    assert limited("telegram", chat="@our_alerts2")[0] != telegram[0]
    assert limited("telegram", chat="-100123")[1] == telegram[1]
    protected = limited("ntfy", server="push.example", topic="news", token="tk_abc")
    assert limited("ntfy", server="https://PUSH.example:443", topic="news") == protected
    assert limited("ntfy", topic="news") != protected
    assert len({limited("slack", webhook=SLACK)[0], limited("slack", webhook=SLACK + "0")[0]}) == 2


def test_a_server_is_judged_where_a_reader_chose_it() -> None:
    def chosen(kind: str, **fields: str) -> tuple[str, int] | None:
        return chosen_server(_build(kind, fields).url)

    assert chosen("ntfy", server="push.example:8443", topic="news", token="tk_abc") == ("push.example", 8443)
    assert chosen("ntfy", topic="news") == ("ntfy.sh", 443)
    assert chosen("mattermost", webhook=MATTERMOST) == ("team.example", 443)
    assert chosen("teams", webhook=TEAMS) == ("prod-12.westus.logic.azure.com", 443)
    assert chosen("slack", webhook=SLACK) is None
    assert chosen("discord", webhook=DISCORD) is None
    assert chosen("telegram", chat="@our_alerts") is None
    assert chosen("matrix", room="#sala:example.org") is None
