"""A program gets each alert once, as JSON that it can trust: posted by the real commands to a real server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import string
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Entry,
    Evidence,
    Notification,
    NotifyReason,
    Posted,
    SendOutcome,
    TextField,
)
from service.fetch import AddressPolicy, Posting
from service.notify import Alert, Programs, ReaderView, Sender, render_alert
from service.notify.webhook import TYPES, read_answer, write_request
from service.text import hook_key
from tests.partners.chat_standin import Answer, ChatStandIn
from tests.partners.ports import HOST
from tests.test_chain import MONDAY, NEWS, Desk, Item
from tests.test_chain import desk as desk  # noqa: PLC0414 -- a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.partners.chat_standin import Request

KEY = bytes(range(32))
OTHER = bytes(range(32, 64))
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _secret(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


CHANNELS = """\
channels:
  cms:
    webhook: ${CMS_HOOK}
    secret: ${CMS_SECRET}
subscriptions:
  - {to: cms, watchlists: all}
"""


@pytest.fixture
def program() -> Iterator[ChatStandIn]:
    """Give a program of a newsroom that listens on loopback."""
    with ChatStandIn() as standin:
        yield standin


@pytest.fixture
def newsroom(desk: Desk, program: ChatStandIn) -> Desk:
    """Give a desk whose alerts go to the program."""
    desk.channels(CHANNELS)
    desk.environment |= {
        "AVIZOR_PRIVATE_FEEDS": HOST,
        "CMS_HOOK": f"http://{HOST}:{program.port}/hook/s3cret-path",
        "CMS_SECRET": _secret(KEY),
        "AVIZOR_PUBLIC_URL": "https://alerts.example",
        "AVIZOR_OPERATOR_SECRET": "a long secret of the operator",
    }
    desk.feed(NEWS)
    return desk


def _is_signed(request: Request, key: bytes) -> bool:
    """Check a post as its receiver does, by the standard's words alone."""
    heads = {name.lower(): value for name, value in request.headers.items()}
    said = f"{heads['webhook-id']}.{heads['webhook-timestamp']}.{request.body}".encode()
    right = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in heads["webhook-signature"].split(" ")


def _id(request: Request) -> str:
    return {name.lower(): value for name, value in request.headers.items()}["webhook-id"]


# ------------------------------------------------------------------------------------- what arrives


def test_an_alert_is_posted_once_signed_and_says_why(newsroom: Desk, program: ChatStandIn) -> None:
    assert newsroom.poll()["sends"] == 1
    newsroom.poll(MONDAY + timedelta(hours=1))
    [request] = program.requests
    assert _is_signed(request, KEY)
    assert not _is_signed(request, OTHER)
    assert request.headers["Content-Type"] == "application/json"
    said = request.json
    assert said["type"] == "event.opened"
    data = said["data"]
    assert data["watchlists"] == [{"id": "port", "title": "Port"}]
    assert data["report"]["title"] == "Huelga en el puerto de Chancay"
    assert data["report"]["evidence"] == [
        {"term": "puerto de Chancay", "field": "title", "line": 6, "words": "puerto de Chancay"}
    ]
    assert data["event"]["url"] == f"https://alerts.example/events/{data['event_id']}"
    assert [one["entry_id"] for one in data["reports"]] == [data["report"]["entry_id"]]
    assert "line 6" in data["why"]
    for page in ("mute", "useful", "noise", "leave", "change"):
        assert f"https://alerts.example/{page}/" not in request.body, "whoever it is handed on to could act"
    assert newsroom.ask("audit")["delivered"] == 1


@pytest.mark.slow
def test_a_program_that_fails_for_a_while_gets_the_same_id_again_under_a_new_signature(
    newsroom: Desk, program: ChatStandIn
) -> None:
    program.answer = Answer(503, "later", {"Retry-After": "120"})
    newsroom.poll()
    program.answer = Answer(204, "")
    newsroom.poll(MONDAY + timedelta(minutes=1))
    assert len(program.requests) == 1, "it asked to wait for two minutes"
    newsroom.poll(MONDAY + timedelta(hours=1))
    first, second = program.requests
    assert _id(first) == _id(second)
    assert first.body == second.body
    assert _is_signed(second, KEY)
    assert newsroom.ask("audit")["delivered"] == 1


@pytest.mark.slow
def test_while_the_secret_is_changed_both_sign(newsroom: Desk, program: ChatStandIn) -> None:
    newsroom.channels(CHANNELS.replace("${CMS_SECRET}", "['${CMS_SECRET}', '${NEXT_SECRET}']"))
    newsroom.environment["NEXT_SECRET"] = _secret(OTHER)
    newsroom.poll()
    [request] = program.requests
    assert _is_signed(request, KEY)
    assert _is_signed(request, OTHER)


@pytest.mark.slow
def test_a_digest_a_test_and_an_update_are_posted_too(newsroom: Desk, program: ChatStandIn) -> None:
    assert newsroom.run("send-test", "cms").exit_code == 0
    newsroom.poll()
    newsroom.channels(CHANNELS.replace("all}", "all, when: daily 07:00}"))
    newsroom.feed(NEWS, Item("Otra noticia del puerto de Chancay, muy distinta", MONDAY + timedelta(hours=1)))
    newsroom.poll(MONDAY + timedelta(hours=2))
    newsroom.poll(MONDAY + timedelta(hours=20))
    kinds = [request.json["type"] for request in program.requests]
    assert kinds == ["test", "event.opened", "digest"]
    assert all(_is_signed(request, KEY) for request in program.requests)
    assert "Otra noticia" in program.requests[-1].json["data"]["text"]


def test_the_manual_shows_what_is_posted_and_how_to_read_it(newsroom: Desk, program: ChatStandIn) -> None:
    page = (Path(__file__).parent.parent / "docs" / "webhooks.md").read_text(encoding="utf-8")
    newsroom.poll()
    [request] = program.requests
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shown, sent = json.loads(example), request.json
    assert _shape(shown) == _shape(sent)
    for key in ("report", "reports", "watchlists", "news"):
        assert shown["data"][key] == sent["data"][key]
    assert {kind for kind in TYPES.values() if f"`{kind}`" not in page} == set()
    namespace: dict[str, Any] = {}
    exec(code, namespace)  # noqa: S102 -- the code of our own manual
    heads = {name.lower(): value for name, value in request.headers.items()}
    at = int(heads["webhook-timestamp"])
    body = request.body.encode()
    assert namespace["read_post"](heads, body, _secret(KEY), at) == sent
    for changed in ((heads, body + b" ", _secret(KEY), at), (heads, body, _secret(OTHER), at)):
        with pytest.raises(ValueError, match="not from Avizor"):
            namespace["read_post"](*changed)
    with pytest.raises(ValueError, match="old"):
        namespace["read_post"](heads, body, _secret(KEY), at + 301)


def _shape(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Give JSON with the kinds of its values in their place."""
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else type(value).__name__


# ------------------------------------------------------------------------- where it does not arrive


@pytest.mark.slow
def test_no_secret_of_a_webhook_is_in_any_answer(newsroom: Desk, program: ChatStandIn) -> None:
    program.answer = Answer(500, f"cannot take s3cret-path {_secret(KEY)}")
    newsroom.poll()
    for words in (
        ["deliveries", "--json"],
        ["check"],
        ["send-test", "cms"],
        ["audit"],
        ["routes", "--at", "now"],
    ):
        shown = newsroom.run(*words).output
        assert "s3cret" not in shown
        assert base64.b64encode(KEY).decode() not in shown
    [delivery] = newsroom.ask("deliveries")
    assert "cannot take" in delivery["words"]


@pytest.mark.slow
def test_a_program_inside_a_private_network_is_not_connected_to_unless_it_is_opened(
    newsroom: Desk, program: ChatStandIn
) -> None:
    del newsroom.environment["AVIZOR_PRIVATE_FEEDS"]
    newsroom.poll()
    assert program.requests == []
    [delivery] = newsroom.ask("deliveries")
    assert delivery["state"] == "pending"
    assert "private network" in delivery["words"]


@pytest.mark.parametrize("host", ["n8n:5678", "10.1.2.3", "cms.internal", "[fd00::7]:8080", "localhost"])
def test_a_program_of_one_s_own_network_is_posted_to_without_encryption(newsroom: Desk, host: str) -> None:
    newsroom.channels(CHANNELS.replace("${CMS_HOOK}", f"http://{host}/hook"))
    assert "on the way" not in newsroom.run("check").output


@pytest.mark.parametrize(
    ("change", "words", "mend"),
    [
        (("secret: ${CMS_SECRET}", "secret: whsec_abc"), "does not belong in a file", "write its name"),
        (("    secret: ${CMS_SECRET}\n", ""), "has no secret", "Add the line"),
        (("${CMS_HOOK}", "http://cms.example/hook"), "could be read on the way", "https://"),
        (("${CMS_HOOK}", "cms.example"), "no web address", "https://"),
        (("${CMS_HOOK}", "https://ana:s3@cms.example/"), "a login stands", "Leave it out"),
        (("${CMS_HOOK}", "https://cms.example/$HOOK"), "begins no ${NAME}", "in capitals"),
        (("${CMS_SECRET}", "[]"), "one secret, or two", "Delete"),
        (
            ("${CMS_SECRET}", "['${CMS_SECRET}', '${CMS_SECRET}', '${CMS_SECRET}']"),
            "one secret, or two",
            "Delete",
        ),
        (("${CMS_SECRET}", "[[]]"), "secret must be one text", ""),
        (("${CMS_SECRET}", "${CMS_HOOK}"), "CMS_HOOK holds no secret of a webhook", "openssl rand"),
        (("${CMS_SECRET}", "${NOWHERE}"), "NOWHERE is not set", "NOWHERE_FILE"),
        (("${CMS_HOOK}", "${NOWHERE}"), "NOWHERE is not set", "NOWHERE_FILE"),
        (("${CMS_HOOK}", "${CMS_SECRET}"), "CMS_SECRET: this is no web address", "https://"),
        (("webhook: ${CMS_HOOK}", "mail: a@desk.example"), "only a webhook has a secret", "Delete the line"),
        (("${CMS_HOOK}", "[a]"), "webhook must be one text", ""),
    ],
)
def test_what_is_wrong_with_a_webhook_is_named_with_its_mend(
    newsroom: Desk, change: tuple[str, str], words: str, mend: str
) -> None:
    newsroom.channels(CHANNELS.replace(*change))
    shown = " ".join(newsroom.run("check").output.split())
    assert words in shown
    assert mend in shown
    assert "s3cret" not in shown
    assert "channels.yaml:" in shown


def test_what_is_wrong_is_shown_beside_alerts_that_wait(newsroom: Desk, program: ChatStandIn) -> None:
    newsroom.environment["CMS_SECRET"] = "whsec_tooshort"
    newsroom.poll()
    [delivery] = newsroom.ask("deliveries")
    assert (delivery["state"], program.requests) == ("pending", [])
    assert "CMS_SECRET holds no secret of a webhook" in delivery["words"]
    newsroom.environment["CMS_SECRET"] = _secret(KEY)
    newsroom.poll(MONDAY + timedelta(hours=1))
    assert len(program.requests) == 1


# ------------------------------------------------------------------------------ what an answer means


def _send(program: ChatStandIn, policy: AddressPolicy | None = None) -> Any:  # noqa: ANN401 -- a result
    return _send_to(program.port, policy)


def _send_to(port: int, policy: AddressPolicy | None = None) -> Any:  # noqa: ANN401 -- a result
    policy = policy or AddressPolicy(allow=(HOST,))
    programs = Programs(Posting(policy, user_agent="Avizor", clock=lambda: NOW), lambda: NOW)
    channel = Channel("cms", ChannelKind.WEBHOOK, ("",), f"http://{HOST}:{port}/hook", keys=(KEY,))
    return Sender(None, programs=programs).send(channel, _delivery(), before_data=lambda: True)


def _delivery(said: Notification | None = None) -> Delivery:
    return Delivery(
        id="d1",
        subscription_id="s",
        channel_id="cms",
        target="",
        reason=NotifyReason.NEW_EVENT,
        event_id="e1",
        watchlist_id="port",
        state=DeliveryState.CLAIMED,
        message_id="<d1@avizor.example>",
        notification=said or Notification("Title", "Text"),
        created_at=NOW,
        due_at=NOW,
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, SendOutcome.SENT) for status in (200, 202, 204)),
        *((status, SendOutcome.PERMANENT) for status in (301, 307)),
        *(
            (status, SendOutcome.TEMPORARY if status in {408, 409, 423, 425, 429} else SendOutcome.PERMANENT)
            for status in range(400, 500)
        ),
        *((status, SendOutcome.TEMPORARY) for status in (500, 503, 599)),
    ],
)
def test_each_answer_means_what_receivers_expect(
    program: ChatStandIn, status: int, outcome: SendOutcome
) -> None:
    program.answer = Answer(status, "", {"Location": f"http://{HOST}:{program.port}/other"})
    result = _send(program)
    assert (result.outcome, result.code) == (outcome, status)
    assert [request.path for request in program.requests] == ["/hook"], "no redirect is followed"


def test_a_line_that_breaks_after_the_post_leaves_open_whether_it_arrived(program: ChatStandIn) -> None:
    program.answer = Answer(0)
    result = _send(program)
    assert len(program.requests) == 1
    assert result.outcome is SendOutcome.AMBIGUOUS


def test_a_program_that_is_not_there_has_had_nothing() -> None:
    with ChatStandIn() as gone:
        pass
    result = _send(gone)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "connect")


def test_an_endless_answer_is_read_no_further_than_its_beginning(program: ChatStandIn) -> None:
    program.answer = Answer(400, "<p>no</p> " + "x " * 500_000)
    result = _send(program)
    assert result.words.startswith("no x")
    assert len(result.words) <= 400


@pytest.mark.slow
@pytest.mark.parametrize(("status", "outcome"), [(200, SendOutcome.SENT), (404, SendOutcome.PERMANENT)])
def test_a_status_stands_though_the_words_after_it_never_come(status: int, outcome: SendOutcome) -> None:
    with socket.create_server((HOST, 0)) as server, ThreadPoolExecutor(1) as threads:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65_536)
                line.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode())
                line.recv(1)  # until the other side has had enough

        threads.submit(answer)
        result = _send_to(server.getsockname()[1])
    assert (result.outcome, result.code) == (outcome, status)


@pytest.mark.slow
def test_no_part_of_a_secret_is_left_where_an_answer_is_cut(program: ChatStandIn) -> None:
    secret = base64.b64encode(KEY).decode()
    for before in (*range(340, 420), *range(4_000, 4_100, 9)):
        program.answer = Answer(500, "x" * before + secret)
        words = _send(program).words
        assert secret[:6] not in words, before


def test_without_a_way_to_post_alerts_wait() -> None:
    channel = Channel("cms", ChannelKind.WEBHOOK, ("",), "https://cms.example/", keys=(KEY,))
    result = Sender(None).send(channel, _delivery(), before_data=lambda: True)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "settings")


def test_nothing_is_posted_once_the_lease_is_lost() -> None:
    programs = Programs(lambda *_: Posted(200), lambda: NOW)
    channel = Channel("cms", ChannelKind.WEBHOOK, ("",), "https://cms.example/", keys=(KEY,))
    result = Sender(None, programs=programs).send(channel, _delivery(), before_data=lambda: False)
    assert result.phase == "lease"


# -------------------------------------------------------------------------------- whatever is written


def test_the_signature_is_that_of_the_standard_s_own_example() -> None:
    """The example of the standard's reference libraries: their id, time, body and secret."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    right = base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
    assert right == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    body, heads = write_request(_delivery(), [key], NOW)
    signed = b".".join((b"d1", str(int(NOW.timestamp())).encode(), body))
    assert (
        heads["webhook-signature"]
        == f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"
    )


@given(title=st.text(max_size=300), summary=st.text(max_size=600), url=st.text(max_size=80))
def test_whatever_a_feed_writes_the_body_is_json_that_says_it(title: str, summary: str, url: str) -> None:
    entry = replace(
        Entry.unstored(title, summary, at=NOW, language="es", outlet=title[:40], country="PE"), url=url
    )
    evidence = (Evidence("x", TextField.TITLE, 0, 3, 4), Evidence("y", TextField.TEXT, 0, 2, 4))
    alert = Alert("port", "Port", "e1", entry, evidence, NotifyReason.NEW_EVENT, at=NOW)
    said = render_alert(alert, ReaderView(is_program=True))
    body, _ = write_request(_delivery(said), [KEY], NOW)
    read = json.loads(body.decode("utf-8"))
    assert read["data"]["title"]
    link = read["data"]["report"]["url"]
    assert link is None or link.startswith(("http://", "https://"))


@given(st.text(string.printable, max_size=200))
def test_no_secret_that_a_program_repeats_is_kept(words: str) -> None:
    result = read_answer(Posted(500, f"{words} s3cret-token {words}"), {"s3cret-token"})
    assert "s3cret-token" not in result.words


@given(st.binary(max_size=80), st.text(max_size=60))
def test_a_key_has_the_length_of_the_standard_or_is_none(key: bytes, words: str) -> None:
    assert hook_key(_secret(key)) == (key if 24 <= len(key) <= 64 else None)
    assert hook_key(words) is None
    assert hook_key(f"whsec_{words}!") is None
    assert hook_key("whsec_ñ") is None
