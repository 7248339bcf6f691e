"""Sending: chats by their answers, addresses that are refused, and words without secrets."""

from __future__ import annotations

import io
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from apprise import Apprise
from apprise.plugins.matrix import NotifyMatrix
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Notification,
    NotifyReason,
    SendOutcome,
    SendResult,
    TextField,
)
from service.errors import SettingsError
from service.notify import (
    LeaseLost,
    MailServer,
    ReaderLinks,
    Sender,
    chat,
    check_chat_address,
    check_sender,
    render_alert,
)
from service.notify.chatstyle import STYLES, ChatStyle, fit, scheme_of, write_alike, write_chat
from service.notify.outcome import LogLine, classify, other_words, redact, secret_parts, tokens_in
from tests.partners.chat_standin import Answer, ChatStandIn, redirected
from tests.partners.messages import ANA, found_at, make_alert, make_entry
from tests.partners.scripted_smtp import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.partners.smtp_sink import SmtpSink

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOTE = Notification(
    "[Puerto] Titular del día", "Titular del *día*\n\n1 outlet\n\nRead it: https://news.example/a_b?x=1\n"
)
DESK = Channel("desk", ChannelKind.MAIL, ("ana@reader.example",))
TOKEN = "tKn" + "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _unhurried_services_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the half second by which Apprise spares a Matrix server between any two requests."""
    monkeypatch.setattr(NotifyMatrix, "request_rate_per_sec", 0)


@pytest.fixture
def standin() -> Iterator[ChatStandIn]:
    with ChatStandIn() as server:
        yield server


def _yes() -> bool:
    return True


def delivery_of(notification: Notification = NOTE, target: str = "", number: int = 1) -> Delivery:
    return Delivery(
        id=f"d{number}",
        subscription_id="s",
        channel_id="room",
        target=target,
        reason=NotifyReason.NEW_EVENT,
        event_id="e",
        watchlist_id="chancay-port",
        state=DeliveryState.CLAIMED,
        message_id=f"<d{number}.avizor@avizor.example>",
        notification=notification,
        created_at=NOW,
        due_at=NOW,
    )


def _room(address: str) -> Channel:
    return Channel("room", ChannelKind.CHAT, ("",), address=address)


def _chat(
    address: str, before_data: Callable[[], bool] = _yes, notification: Notification = NOTE
) -> SendResult:
    return Sender(None).send(_room(address), delivery_of(notification), before_data=before_data)


# --------------------------------------------------------------------------- addresses of chats

GOOD = {
    "discord": "discord://123456/abcdefgh",
    "gotifys": "gotifys://push.example/tok123456",
    "jsons": "jsons://ana:s3cret@hook.example/path?+X-Key=abc",
    "matrixs": "matrixs://syt_token@matrix.example/%23alerts:matrix.example",
    "mmosts": "mmosts://team.example/3ccdd113474722377935511fc85d3dd4",
    "ntfys": "ntfys://push.example/alerts",
    "rockets": "rockets://bot:s3cret@team.example/%23alerts",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12345",
    "workflows": "workflows://flow.example:443/643e69f83c8944/4jdfa3JF_xyz/",
    "zulip": "zulip://bot@team/a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4/alerts",
}


@pytest.mark.parametrize("address", [*GOOD.values(), "ntfy://127.0.0.1:8080/alerts", "JSON://127.0.0.1/x"])
def test_an_address_of_a_known_kind_is_taken(address: str) -> None:
    assert check_chat_address(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "syslog://",
        "mailto://a:b@x.example",
        "alertmail://x",
        "https://hook.example/x",
        "file:///etc/passwd",
        "x",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused_and_the_known_kinds_are_named(address: str) -> None:
    trouble = check_chat_address(address)
    assert "not known" in trouble
    assert "discord" in trouble
    assert "matrixs" in trouble


def test_apprise_itself_takes_no_other_kind() -> None:
    check_chat_address("")
    assert Apprise.instantiate("syslog://") is None
    assert Apprise.instantiate("mailto://a:b@x.example") is None


@pytest.mark.parametrize("option", sorted(chat.REFUSED_OPTIONS))
@pytest.mark.parametrize("kind", ["discord", "slack", "workflows", "ntfys"])
def test_an_option_that_gives_an_address_more_rights_is_refused(option: str, kind: str) -> None:
    for name in (option, option.upper()):
        trouble = check_chat_address(f"{GOOD[kind]}?image=no&{name}=yes")
        assert trouble == f"The option {option} is not allowed in the address of a chat. Take it out."
    assert "not allowed" in check_chat_address(f"{GOOD['slack']}/#general?{option}=yes")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("discord://123456", "no complete address of the kind discord"),
        ("ntfys://push.example/one/two", "several destinations"),
        ("matrixs://ana:s3cret@matrix.example/%23alerts", "takes an access token"),
        ("gotify://", "no complete address of the kind gotify"),
    ],
)
def test_an_address_that_cannot_be_used_says_why_without_repeating_it(address: str, says: str) -> None:
    trouble = check_chat_address(address)
    assert says in trouble
    assert "s3cret" not in trouble
    result = _chat(address)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "settings")


def test_the_kind_of_an_address_is_what_stands_before_its_slashes() -> None:
    assert [scheme_of("NTFY://x"), scheme_of("ntfy:x"), scheme_of("")] == ["ntfy", "", ""]


# ------------------------------------------------------------------------------ what chats answer


def test_a_chat_gets_title_and_text_once_and_the_lease_is_asked_right_before(standin: ChatStandIn) -> None:
    asked: list[int] = []

    def ask() -> bool:
        asked.append(len(standin.requests))
        return True

    result = _chat(f"json://127.0.0.1:{standin.port}/{TOKEN}", ask)
    assert (result.outcome, result.words) == (SendOutcome.SENT, "The chat service took the message.")
    (request,) = standin.requests
    assert asked == [0]
    assert request.json["title"] == "[Puerto] Titular del día"
    assert request.json["message"] == "1 outlet\n\nRead it: https://news.example/a_b?x=1"
    assert request.headers["User-Agent"] == "Avizor"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, SendOutcome.SENT) for status in (200, 201, 204)),
        *((status, SendOutcome.PERMANENT) for status in (400, 401, 403, 404, 405, 410, 413, 422)),
        *((status, SendOutcome.TEMPORARY) for status in (301, 302, 402, 407, 408, 418, 425, 429, 499)),
        *((status, SendOutcome.TEMPORARY) for status in (500, 502, 503, 504, 599)),
    ],
)
def test_each_status_has_its_outcome(standin: ChatStandIn, status: int, outcome: SendOutcome) -> None:
    elsewhere = f"http://127.0.0.1:{standin.port}/elsewhere"
    standin.answer = Answer(status, '{"message": "so it is"}', {"Location": elsewhere})
    result = _chat(f"json://127.0.0.1:{standin.port}/hook")
    assert result.outcome is outcome
    assert len(standin.requests) == 1
    if outcome is not SendOutcome.SENT:
        assert (result.phase, result.code) == ("answer", status)
        assert '{"message": "so it is"}' in result.words


def test_a_refusal_says_the_status_the_answer_and_the_mend(standin: ChatStandIn) -> None:
    standin.answer = Answer(403, "<h1>No\r\nentry</h1>")
    result = _chat(f"json://127.0.0.1:{standin.port}/hook")
    assert result.words == "403 Forbidden: No entry Check the channel's address."
    standin.answer = Answer(404, "")
    assert _chat(f"json://127.0.0.1:{standin.port}/hook").words.startswith("404 Not Found. Check")


def test_a_service_that_asks_to_wait_is_given_the_time_it_asks_for(standin: ChatStandIn) -> None:
    standin.answer = Answer(429, '{"retry_after": 64.5}')
    assert _chat(f"json://127.0.0.1:{standin.port}/hook").retry_after == timedelta(seconds=64.5)
    standin.answer = Answer(429, '{"retry_after": 999999999}')
    assert _chat(f"json://127.0.0.1:{standin.port}/hook").retry_after == timedelta(days=1)


def test_the_short_codes_of_ntfy_are_read(standin: ChatStandIn) -> None:
    standin.answer = Answer(429, '{"code": 42901, "error": "limit reached"}')
    result = _chat(f"ntfy://127.0.0.1:{standin.port}/alerts")
    assert (result.outcome, result.code) == (SendOutcome.TEMPORARY, 429)
    standin.answer = Answer(403, '{"code": 40301, "error": "forbidden"}')
    assert _chat(f"ntfy://127.0.0.1:{standin.port}/alerts").outcome is SendOutcome.PERMANENT


@pytest.mark.parametrize(("status", "cause"), [(0, "closed"), (-1, "no answer in time")])
def test_a_line_that_breaks_is_temporary(
    standin: ChatStandIn, monkeypatch: pytest.MonkeyPatch, status: int, cause: str
) -> None:
    monkeypatch.setattr(chat, "_ANSWER_TIMEOUT_S", 0.15)
    standin.answer = Answer(status)
    result = _chat(f"json://127.0.0.1:{standin.port}/hook")
    assert (result.outcome, result.phase, result.code) == (SendOutcome.TEMPORARY, "answer", 0)
    assert cause in result.words


def test_a_service_that_is_down_or_unknown_is_temporary() -> None:
    with ChatStandIn() as server:
        port = server.port
    down, unknown = _chat(f"json://127.0.0.1:{port}/hook"), _chat("json://no-such-host.invalid/hook")
    assert down.words == "The chat service cannot be reached: the connection was refused."
    assert unknown.words == "The chat service cannot be reached: the host's name is not known."
    for result in (down, unknown):
        assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "connect")


def _lost() -> bool:
    raise LeaseLost


def _broken() -> bool:
    message = "the database is gone"
    raise RuntimeError(message)


@pytest.mark.parametrize(
    ("before_data", "phase"), [(lambda: False, "lease"), (_lost, "lease"), (_broken, "internal")]
)
def test_without_the_lease_no_request_is_made(
    standin: ChatStandIn, before_data: Callable[[], bool], phase: str
) -> None:
    result = _chat(f"json://127.0.0.1:{standin.port}/hook", before_data)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, phase)
    assert standin.requests == []


def test_a_channel_in_trouble_waits_and_says_why() -> None:
    channel = Channel("room", ChannelKind.CHAT, ("",), trouble="CHAT_URL is not set.")
    result = Sender(None).send(channel, delivery_of(), before_data=_yes)
    assert (result.outcome, result.words) == (SendOutcome.TEMPORARY, "CHAT_URL is not set.")


# ---------------------------------------------------------------------------------------- Matrix


def _matrix(standin: ChatStandIn) -> str:
    standin.answer = Answer(
        200, '{"room_id": "!abc:x.example", "event_id": "$1", "user_id": "@bot:x.example"}'
    )
    return f"matrix://{TOKEN}@127.0.0.1:{standin.port}/%23alerts:x.example"


def test_every_try_of_a_delivery_is_the_same_transaction_to_matrix(standin: ChatStandIn) -> None:
    address = _matrix(standin)
    sender = Sender(None)
    for number in (1, 1, 2):
        result = sender.send(_room(address), delivery_of(number=number), before_data=_yes)
        assert result.outcome is SendOutcome.SENT
    sends = [request for request in standin.requests if "/send/m.room.message/" in request.path]
    first, again, other = (request.path.rpartition("/")[2] for request in sends)
    assert first == again != other
    assert sends[0].json == {"msgtype": "m.text", "body": sends[0].json["body"]}
    assert sends[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_matrix_server_that_asks_for_a_long_wait_does_not_hold_the_worker(standin: ChatStandIn) -> None:
    address = _matrix(standin)
    standin.by_path["/send/"] = Answer(429, '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 90000}')
    result = _chat(address)
    assert (result.outcome, result.code) == (SendOutcome.TEMPORARY, 429)
    assert result.retry_after == timedelta(seconds=90)


def test_a_short_wait_is_waited(standin: ChatStandIn) -> None:
    address = _matrix(standin)
    standin.by_path["/send/"] = Answer(429, '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1}')
    assert _chat(address).outcome is SendOutcome.TEMPORARY
    assert len([request for request in standin.requests if "/send/" in request.path]) > 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(401, '{"errcode": "M_UNKNOWN_TOKEN"}'), SendOutcome.PERMANENT),
        (Answer(403, '{"errcode": "M_FORBIDDEN"}'), SendOutcome.PERMANENT),
        (Answer(502, "<html>Bad gateway</html>"), SendOutcome.TEMPORARY),
        (Answer(404, "<html>maintenance</html>"), SendOutcome.TEMPORARY),
        (Answer(404, '{"errcode": "M_NOT_FOUND", "error": "no such alias"}'), SendOutcome.PERMANENT),
    ],
)
def test_a_refusal_of_matrix_is_told_from_a_server_that_is_down_and_no_room_is_made(
    standin: ChatStandIn, answer: Answer, outcome: SendOutcome
) -> None:
    address = _matrix(standin)
    standin.by_path["/join/"] = answer
    result = _chat(address)
    assert result.outcome is outcome
    paths = [request.path for request in standin.requests]
    assert not [path for path in paths if "register" in path or "createRoom" in path]


# ------------------------------------------------------------------------------- what is written

HOSTILE = Notification(
    "[Puerto] @everyone **x** <!channel>",
    "@here <@123456> <@&9> [haga clic](https://evil.example/x) *negrita* __b__ `c` ~~d~~ ||e||\n"
    "# título\n> cita\n- punto\n1. uno\n/poll\n@all @channel @room @**all** $$x$$ \\\n"
    "Read it: https://news.example/@diario/nota_uno_(dos)*[3]?a=1&b=2\n",
)


@pytest.mark.promise("P12", size="11 kinds of chats")
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_f81_nothing_a_feed_writes_pings_formats_or_carries_an_image(
    standin: ChatStandIn, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    standin.answer = Answer(
        200,
        json.dumps(
            {
                "ok": True,
                "status": "success",
                "room_id": "!a:b",
                "user_id": "@b:c",
                "data": {"userId": "u", "authToken": "t"},
            }
        ),
    )
    with redirected(standin, monkeypatch):
        _chat(GOOD[kind], notification=HOSTILE)
    said = max((request.body for request in standin.requests), key=len)
    assert "github" not in "".join(f"{request.body}{request.headers}" for request in standin.requests)
    if STYLES[kind].write("@") == "@":
        return
    text = said.encode().decode("unicode_escape", "replace") if "\\u" in said else said
    assert not re.search(r"@(everyone|here|all|channel|room|diario|\*)", text)
    assert "<!channel>" not in text or kind not in {"slack", "discord", "mmosts"}
    assert not re.search(r"(?<!\\)\[haga clic(?<!\\)\]\(", said) or kind in {"slack", "tgram", "matrixs"}


def test_markdown_is_escaped_and_links_are_kept() -> None:
    _, discord = write_chat(HOSTILE, STYLES["discord"])
    assert "@\u200beveryone" in discord
    assert r"\[haga clic\]\(https://evil.example/x%29" in discord
    assert r"\*negrita\* \_\_b\_\_ \`c\` \~\~d\~\~ \|\|e\|\|" in discord
    assert "https://news.example/%40diario/nota_uno_%28dos%29%2A%5B3%5D?a=1&b=2" in discord
    title, zulip = write_chat(HOSTILE, STYLES["zulip"])
    assert "*" not in title + zulip
    assert "[" not in title + zulip
    assert "\n\u200b# título\n\u200b> cita\n\u200b- punto\n\u200b1. uno\n\u200b/poll" in zulip


def test_the_headline_is_said_once() -> None:
    assert write_chat(NOTE, STYLES["ntfy"]) == (
        "[Puerto] Titular del día",
        "1 outlet\n\nRead it: https://news.example/a_b?x=1",
    )
    assert write_chat(NOTE, STYLES["mmost"])[0] == ""
    assert write_chat(NOTE, STYLES["mmost"])[1].startswith("\\[Puerto\\] Titular del día\n1 outlet")
    assert write_chat(Notification("Uno", "Dos"), STYLES["json"]) == ("Uno", "Dos")
    assert write_chat(Notification("Uno", "Uno"), STYLES["json"]) == ("Uno", "Uno")
    assert write_chat(Notification("", "\n"), STYLES["json"]) == ("", "(no text)")


@given(
    text=st.text("ab *@[]()<&\n\u00e9\u6587\U0001f600/:htps.", max_size=60),
    times=st.integers(1, 99),
    kind=st.sampled_from(sorted(STYLES)),
)
def test_any_text_keeps_within_the_limit_of_its_chat(text: str, times: int, kind: str) -> None:
    style = STYLES[kind]
    title, body = write_chat(Notification(text, "Línea\n" + text * times), style)
    assert style.measure(title) <= max(style.title_limit, 0)
    assert style.measure(body) <= style.body_limit
    assert body


def test_a_text_is_cut_at_a_line_s_end_so_that_no_link_is_broken() -> None:
    style = ChatStyle(1_000, write=write_alike)
    body = fit("uno\nhttps://news.example/" + "a" * 2_000, style)
    assert body == "uno\n…"
    assert fit("palabra " * 400, style).endswith("palabra\n…")
    assert len(fit("x" * 4_000, style)) <= 1_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(STYLES))
@pytest.mark.parametrize("line", ["palabra " * 9, "<&> \"'*_ " * 9, "\U0001f600" * 40])
def test_however_long_a_text_is_the_link_at_its_end_by_which_one_leaves_stays_whole(
    kind: str, line: str
) -> None:
    style, link = STYLES[kind], f"https://alerts.example/leave/{'aB-_9.' * 25}"
    _, body = write_chat(Notification("Title", f"{line}\n" * 3_000 + f"Unsubscribe: {link}\n"), style)
    assert body.endswith(style.write(f"\nUnsubscribe: {link}"))
    assert body.count("…") == 1
    assert style.measure(body) <= style.body_limit
    _, cut = write_chat(Notification("Title", f"{line}\n" * 3_000 + f"{link}{'a' * 40_000}"), style)
    assert "://" not in cut


PAGES = ("useful", "noise", "mute", "change", "leave")


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("kind", sorted(STYLES))
def test_a_chat_shows_why_an_event_of_six_reports_comes_and_all_links_of_its_reader(
    kind: str, language: str
) -> None:
    style, token = STYLES[kind], "aB3-_9xY" * 13 + "Zr8kQ"
    made = {page: f"https://alerts.example/{page}/{token}" for page in PAGES}
    view = replace(ANA, language=language, links=ReaderLinks(**made))
    reports = tuple(make_entry(one, title=f"Voz {one}", summary="palabra " * 90) for one in range(1, 7))
    found = found_at("Puerto Viejo", TextField.TITLE)
    alert = make_alert(entry=reports[0], reports=reports, evidence=(found,))
    _, body = write_chat(render_alert(alert, view), style)
    for link in made.values():
        assert style.write(link) in body
    why = view.wording.say("Why you get this: {why}.", why="").split(":")[0]
    assert f"\n{style.write(why)}: " in body
    assert "Diario 1" in body


# ---------------------------------------------------------------------------------------- secrets

PART = st.text("abcdefXYZ0123456789-_.", min_size=1, max_size=30) | st.text(min_size=1, max_size=12)


@given(user=PART, password=PART, path=st.lists(PART, max_size=3), value=PART, noise=st.text(max_size=40))
def test_no_part_of_an_address_ever_comes_out_in_words(
    user: str, password: str, path: list[str], value: str, noise: str
) -> None:
    parts = [user, password, *path, value]
    address = "json://{}:{}@hook.example/{}?k={}".format(
        *(quote(part, safe="") for part in (user, password, "/".join(path), value))
    )
    said = f"{noise} {' '.join(parts)} {address} {'|'.join(quote(part, safe='') for part in parts)}"
    lines = [
        LogLine("WARNING", f"Failed to send JSON to {address}: {said}, error=418."),
        LogLine("DEBUG", f"Response Details:\r\n{said.encode()!r}"),
    ]
    words = classify(lines, secret_parts(address)).words.removeprefix("418 I'm a Teapot")
    for part in secret_parts(address):
        found = re.escape(part) if len(part) > 3 else rf"(?<!\w){re.escape(part)}(?!\w)"
        assert not re.search(found, words.replace("…", "\n"), re.IGNORECASE), part


@pytest.mark.parametrize("secrets", [["|", "0"], ["0", "|"]])
def test_a_secret_between_others_is_taken_out_in_whichever_order_they_come(secrets: list[str]) -> None:
    assert redact("0|0 of us", secrets) == "……… of us"


@pytest.fixture
def log_of_the_operator() -> Iterator[io.StringIO]:
    """A log that takes everything there is, as somebody searching for a fault may set it up."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_service_that_repeats_the_request_gives_nothing_away(
    standin: ChatStandIn, capfd: pytest.CaptureFixture[str], log_of_the_operator: io.StringIO
) -> None:
    secret, link_token = "s3cr3t-pa55", "unsub" + "Zx9" * 9
    note = Notification("Titular", f"Texto\nhttps://alerts.example/leave/{link_token}\n")
    for status in (401, 500):
        standin.answer = Answer(
            status, f'{{"you": "ana:{secret}@ {TOKEN} {TOKEN.upper()} said {link_token}"}}'
        )
        address = f"json://ana:{secret}@127.0.0.1:{standin.port}/{TOKEN}?+X-Key={TOKEN}"
        words = _chat(address, notification=note).words
        assert str(status) in words
        assert "said" in words
        for hidden in (secret, TOKEN, link_token, "127.0.0.1", str(standin.port)):
            assert hidden.lower() not in words.lower()
    _chat("json://ana:s3cr3t-pa55@127.0.0.1:1/x")
    logged = log_of_the_operator.getvalue() + "".join(capfd.readouterr())
    assert not [hidden for hidden in (secret, TOKEN, link_token) if hidden in logged]


def test_short_parts_are_hidden_as_words_and_others_anywhere() -> None:
    assert redact("a at cat ABCD xabcdx", {"a", "at", "abcd"}) == "… … cat … x…x"
    assert secret_parts("no-address") == {"no-address"}
    assert tokens_in("https://x.example/AbCdEfGhIjKlMnOpQrStUvWxYz") == {"AbCdEfGhIjKlMnOpQrStUvWxYz"}


def test_what_apprise_says_without_a_code_is_kept_and_temporary() -> None:
    assert classify([]).words == "The chat service did not take the message."
    result = classify([LogLine("WARNING", "There are no rooms"), LogLine("DEBUG", "Payload: x")])
    assert (result.outcome, result.words) == (SendOutcome.TEMPORARY, "There are no rooms")
    limited = classify([LogLine("WARNING", "Discord rate limiting in effect; blocking for 3.00 second(s)")])
    assert (limited.outcome, limited.code) == (SendOutcome.TEMPORARY, 429)
    odd = classify(
        [LogLine("WARNING", "x error=404."), LogLine("DEBUG", "Response Details:\r\nnot a literal")]
    )
    assert odd.words == "404 Not Found: not a literal Check the channel's address."
    broken = classify(
        [LogLine("WARNING", "A Connection error occurred"), LogLine("DEBUG", "Socket Exception: ?")]
    )
    assert broken.words == "The chat service cannot be reached: the line failed."


# ------------------------------------------------------------------------------------------- mail


def _mail(
    sender: Sender, target: str = "ana@reader.example", notification: Notification = NOTE
) -> SendResult:
    return sender.send(DESK, delivery_of(notification, target), before_data=_yes)


def _sender(port: int, user: str = "") -> Sender:
    url = f"smtp://{user}127.0.0.1:{port}?security=none"
    return Sender(MailServer.parse(url), mail_from="Avizor <alerts@avizor.example>")


def test_mail_goes_out_from_the_configured_address_to_one_reader(smtp_sink: SmtpSink) -> None:
    sender = _sender(smtp_sink.port)
    assert _mail(sender).outcome is SendOutcome.SENT
    (stored,) = smtp_sink.messages()
    assert (stored.sender, stored.recipients) == ("alerts@avizor.example", ("ana@reader.example",))
    assert stored.message["Message-ID"] == "<d1.avizor@avizor.example>"
    assert stored.message["List-Id"] == "<chancay-port.avizor.avizor.example>"
    assert stored.message["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert sender.domain == "avizor.example"


def test_bounces_go_to_their_own_address(smtp_sink: SmtpSink) -> None:
    server = MailServer.parse(f"smtp://127.0.0.1:{smtp_sink.port}")
    sender = Sender(server, mail_from="alerts@avizor.example", bounce="bounces@avizor.example")
    assert _mail(sender).outcome is SendOutcome.SENT
    (stored,) = smtp_sink.messages()
    assert stored.sender == "bounces@avizor.example"
    assert stored.message["From"] == "Avizor <alerts@avizor.example>"


@pytest.mark.parametrize(
    "target", ["r@d.example\r\nBcc: v@x.example", "r@d.example,v@x.example", "nobody", ""]
)
def test_a_recipient_that_is_not_one_address_gets_nothing(smtp_sink: SmtpSink, target: str) -> None:
    result = _mail(_sender(smtp_sink.port), target)
    assert (result.outcome, result.phase) == (SendOutcome.PERMANENT, "address")
    assert smtp_sink.messages() == []


def test_without_a_mail_server_mail_waits_and_the_mend_is_said() -> None:
    result = _mail(Sender(None))
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "settings")
    assert result.words == "No mail server is configured. Set AVIZOR_SMTP_URL."
    assert Sender(None).domain == "localhost"


def test_a_password_that_the_server_repeats_is_hidden_and_its_other_words_are_kept() -> None:
    answer = "535 5.7.8 wrong: s3cret-word for ana@reader.example"
    with ScriptedSmtp({"AUTH": answer, "RCPT": "550 5.1.1 <ana@reader.example> unknown"}) as server:
        words = _mail(_sender(server.port, "ana:s3cret-word@")).words
        assert words.startswith("535 5.7.8 wrong: … for ana@reader.example.")
        words = _mail(_sender(server.port)).words
        assert words == "550 5.1.1 <ana@reader.example> unknown"


def test_a_password_that_is_a_word_of_our_own_leaves_our_sentences_whole() -> None:
    with ScriptedSmtp({"AUTH": "535 5.7.8 wrong PASSWORD"}) as server:
        words = _mail(_sender(server.port, "ana:password@")).words
    assert words == "535 5.7.8 wrong …. Check user and password in AVIZOR_SMTP_URL."
    with ScriptedSmtp({"EHLO": "250 mail.example"}) as server:
        words = _mail(_sender(server.port, "USER:PASSWORD@")).words
    assert words == "This server takes no login: remove USER:PASSWORD@ from AVIZOR_SMTP_URL."
    room = replace(DESK, trouble="The password is missing. Set DESK_PASSWORD.")
    sender = _sender(server.port, "USER:PASSWORD@")
    assert sender.send(room, delivery_of(), before_data=_yes).words == room.trouble


@pytest.mark.parametrize(
    ("verb", "answer"), [("RCPT", "550 no s3cret-word"), (".", "354 s3cret-word"), (".", "250 s3cret-word")]
)
def test_a_password_is_hidden_at_every_step(verb: str, answer: str) -> None:
    with ScriptedSmtp({verb: answer}) as server:
        words = _mail(_sender(server.port, "ana:s3cret-word@")).words
    assert words == answer.replace("s3cret-word", "…")


def test_a_secret_at_the_cut_leaves_no_half_behind() -> None:
    assert other_words("uno s3cret-word", 10, {"s3cret-word"}) == "uno …"


def test_a_mend_for_a_chat_stays_whole_whatever_its_address(standin: ChatStandIn) -> None:
    standin.answer = Answer(404, '"no channel here"')
    words = _chat(f"json://channel:address@127.0.0.1:{standin.port}/check").words
    assert words == '404 Not Found: "no … here" Check the channel\'s address.'


def test_a_test_message_is_of_no_list(smtp_sink: SmtpSink) -> None:
    test = replace(delivery_of(target="ana@reader.example"), reason=NotifyReason.TEST, watchlist_id="")
    result = _sender(smtp_sink.port).send(DESK, test, before_data=_yes)
    assert result.outcome is SendOutcome.SENT
    digest = replace(test, reason=NotifyReason.DIGEST, message_id="<d2.avizor@avizor.example>")
    _sender(smtp_sink.port).send(DESK, digest, before_data=_yes)
    lists = [stored.message["List-Id"] for stored in smtp_sink.messages()]
    assert lists == [None, "<digest.avizor.avizor.example>"]


def test_the_sender_s_address_is_checked_at_the_start() -> None:
    assert check_sender("") == ""
    assert check_sender("alerts@x.example") == "Avizor <alerts@x.example>"
    assert check_sender("Puerto <alerts@x.example>") == "Puerto <alerts@x.example>"
    server = MailServer.parse("smtp://127.0.0.1:2525")
    for make in (
        lambda: check_sender("nobody"),
        lambda: Sender(server),
        lambda: Sender(server, mail_from="nobody"),
        lambda: Sender(server, mail_from="a@x.example", bounce="nobody"),
    ):
        with pytest.raises(SettingsError, match="AVIZOR_MAIL_FROM"):
            make()


def test_many_threads_may_send_at_once_and_each_gets_its_own_result(
    smtp_sink: SmtpSink, standin: ChatStandIn
) -> None:
    sender = _sender(smtp_sink.port)
    for number in range(0, 12, 3):
        standin.by_path[f"/hook{number}/"] = Answer(503, f'"busy {number}"')

    def send(number: int) -> tuple[SendResult, SendResult]:
        delivery = delivery_of(target=f"r{number}@reader.example", number=number)
        room = _room(f"json://127.0.0.1:{standin.port}/hook{number}/")
        return sender.send(DESK, delivery, before_data=_yes), sender.send(room, delivery, before_data=_yes)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(send, range(12)))
    assert all(mail.outcome is SendOutcome.SENT for mail, _ in results)
    for number, (_, said) in enumerate(results):
        assert said.code == (503 if number % 3 == 0 else 0)
        assert (f"busy {number}" in said.words) is (number % 3 == 0)
    ids = {stored.message["Message-ID"]: stored.recipients for stored in smtp_sink.messages()}
    assert ids == {f"<d{n}.avizor@avizor.example>": (f"r{n}@reader.example",) for n in range(12)}


def test_a_reader_s_chat_waits_while_the_operator_s_bot_is_not_set() -> None:
    chat = Channel("reader-1", ChannelKind.CHAT, ("",), "tgram://bot/12345", by_reader=True)
    result = Sender(None).send(chat, delivery_of(), before_data=_yes)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "settings")
    assert "AVIZOR_TELEGRAM_TOKEN" in result.words
