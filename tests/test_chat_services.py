"""Chats that readers add: what is sent arrives in the right place, within each service's own limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from apprise.plugins.matrix import NotifyMatrix
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain import Channel, ChannelKind, Notification, SendOutcome
from service.notify import Sender, render_alert
from service.notify.chatkinds import build_chat_address, with_bot
from tests.partners.chat_services import (
    BOT,
    DISCORD,
    INVOKE,
    MATTERMOST,
    NEW_TEAMS,
    NTFY_SECRET,
    SIGNED,
    SLACK,
    TEAMS,
    ChatServices,
)
from tests.partners.chat_standin import ChatStandIn, redirected
from tests.partners.messages import ANA
from tests.partners.spoilt import PAYLOADS, alerts_of_payloads
from tests.test_send import HOSTILE, delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.notify.chatkinds import ChatAddress

Fields = dict[str, str]


@pytest.fixture(autouse=True)
def _matrix_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the half second by which Apprise spares a Matrix server between any two requests."""
    monkeypatch.setattr(NotifyMatrix, "request_rate_per_sec", 0)


@pytest.fixture
def chats(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServices]:
    with ChatStandIn() as standin, redirected(standin, monkeypatch):
        all_of_them = ChatServices()
        standin.services = all_of_them.answer
        yield all_of_them


@pytest.fixture(scope="module")
def standing() -> Iterator[ChatServices]:
    """Give services for all examples of a test."""
    with pytest.MonkeyPatch.context() as patch, ChatStandIn() as standin, redirected(standin, patch):
        patch.setattr(NotifyMatrix, "request_rate_per_sec", 0)
        all_of_them = ChatServices()
        standin.services = all_of_them.answer
        yield all_of_them


def _send(address: ChatAddress, notification: Notification, bot: Fields = BOT) -> SendOutcome:
    channel = Channel("room", ChannelKind.CHAT, ("",), address=with_bot(address.url, bot))
    return Sender(None).send(channel, delivery_of(notification), before_data=lambda: True).outcome


NOTE = Notification("Puerto", "Titular\nhttps://news.example/a\n")
PLACES = [
    ("matrix", {"room": "#sala:example.org"}, "matrix.example #sala:example.org"),
    ("matrix", {"room": "!vJ0k-_s:example.org"}, "matrix.example !vJ0k-_s:example.org"),
    (
        "matrix",
        {"room": "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"},
        "matrix.example !31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM",
    ),
    ("telegram", {"chat": "@our_alerts"}, "@our_alerts"),
    ("telegram", {"chat": "-1001234567890", "thread": "5"}, "-1001234567890 5"),
    ("slack", {"webhook": SLACK}, "T0123/B0456"),
    ("discord", {"webhook": DISCORD}, "123456789012345678"),
    ("teams", {"webhook": TEAMS}, "prod-12.westus.logic.azure.com/workflows/643e69f83c8944 2016-06-01"),
    (
        "teams",
        {"webhook": f"{NEW_TEAMS}/workflows/643e{INVOKE}?api-version=1&{SIGNED}"},
        f"{NEW_TEAMS[8:].replace(':443', '')}/workflows/643e 1",
    ),
    (
        "teams",
        {"webhook": f"{NEW_TEAMS}/cu/02/workflows/643e{INVOKE}?{SIGNED}"},
        f"{NEW_TEAMS[8:].replace(':443', '')}/cu/02/workflows/643e 2022-03-01-preview",
    ),
    ("mattermost", {"webhook": MATTERMOST}, "team.example"),
    ("mattermost", {"webhook": MATTERMOST.replace(".example", ".example:8065")}, "team.example:8065"),
    ("ntfy", {"topic": "alerts-x7"}, "ntfy.sh alerts-x7"),
    ("ntfy", {"topic": "protected", "token": NTFY_SECRET}, "ntfy.sh protected"),
    (
        "ntfy",
        {"server": "push.example:8443", "topic": "protected", "token": NTFY_SECRET},
        "push.example:8443 protected",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fields", "place"), PLACES)
def test_a_message_arrives_where_the_fields_say(
    chats: ChatServices, kind: str, fields: Fields, place: str
) -> None:
    assert _send(build_chat_address(kind, fields, bot=BOT), NOTE) is SendOutcome.SENT
    (arrival,) = chats.arrived
    assert (arrival.service, arrival.place) == (kind, place)
    assert "Titular" in arrival.text
    assert "https://news.example/a" in arrival.text


@pytest.mark.parametrize(
    ("kind", "fields", "bot"),
    [
        ("matrix", {"room": "#sala:example.org"}, {"matrix_token": "syt_another"}),
        (
            "telegram",
            {"chat": "@our_alerts"},
            {"telegram_token": "123456789:AAAnother-_0123456789abcdefghijklmn"},
        ),
        ("slack", {"webhook": SLACK + "0"}, {}),
        ("discord", {"webhook": DISCORD + "0"}, {}),
        ("teams", {"webhook": TEAMS + "0"}, {}),
        ("mattermost", {"webhook": MATTERMOST[:-1] + "x"}, {}),
        ("ntfy", {"topic": "protected"}, {}),
        ("ntfy", {"topic": "protected", "token": "tk_another"}, {}),
    ],
)
def test_with_another_secret_nothing_arrives_and_no_repeat_is_made(
    chats: ChatServices, kind: str, fields: Fields, bot: Fields
) -> None:
    address = build_chat_address(kind, fields, bot=BOT)
    assert _send(address, NOTE, BOT | bot) is SendOutcome.PERMANENT
    assert chats.arrived == []


# Of many lines, since a long line is cut off whole.
LONG = {
    "words": ("título " * 60, "palabra " * 9),
    "cyrillic": ("новости " * 60, "слово " * 9),
    "signs": ("\U0001f600" * 300, "\U0001f600\U0001f600 " * 9),
    "markup": ("<&>" * 200, "<&> \"'" * 9),
    "markdown": ("*_`~|[]" * 60, "*_`~|[]()<>#+-.! " * 3),
    "links": ("https://news.example/ " * 60, f"- https://news.example/@a/{'b_' * 40}?c=1&d=2"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fields", "place"), PLACES)
@pytest.mark.parametrize("what", LONG)
def test_every_service_takes_the_longest_message(
    chats: ChatServices, kind: str, fields: Fields, place: str, what: str
) -> None:
    title, line = LONG[what]
    notification = Notification(title, "Uno\n" + f"{line}\n" * 3_000)
    assert _send(build_chat_address(kind, fields, bot=BOT), notification) is SendOutcome.SENT
    assert [arrival.place for arrival in chats.arrived] == [place]


# What each service takes for a mention, in the text as it comes to it.
MENTIONS = {
    "matrix": r"@room",
    "telegram": r"@\w",
    "slack": r"<[!@#]",
    "discord": r"@everyone|@here|<[@#&]+\d",
    "teams": r"<at>",
    "mattermost": r"@\w",
    "ntfy": r"(?!)",
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fields", "place"), PLACES)
def test_f81_no_service_finds_a_mention_in_what_a_feed_wrote(
    chats: ChatServices, kind: str, fields: Fields, place: str
) -> None:
    text = f"{HOSTILE.text}\n<at>29:1-abc</at> <AT>ana</AT> <!subteam^S1> <#C1>\n"
    note = Notification(f"{HOSTILE.title} <at>ana</at>", text)
    assert _send(build_chat_address(kind, fields, bot=BOT), note) is SendOutcome.SENT
    (arrival,) = chats.arrived
    assert arrival.place == place
    assert not re.search(MENTIONS[kind], arrival.text, re.IGNORECASE)


ONE_OF_EACH = {kind: fields for kind, fields, _ in reversed(PLACES)}


@pytest.mark.slow
@pytest.mark.promise("P12", size="86 payloads in headline, summary and outlet of an alert, 7 services")
@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_p12_no_service_makes_more_than_text_of_what_a_feed_wrote(chats: ChatServices, kind: str) -> None:
    address = build_chat_address(kind, ONE_OF_EACH[kind], bot=BOT)
    for alert in alerts_of_payloads():
        assert _send(address, render_alert(alert, ANA)) is SendOutcome.SENT
    assert len(chats.arrived) == len(PAYLOADS)
    assert [(one.made, one.text) for one in chats.arrived if one.made] == []


@pytest.mark.slow
@given(
    title=st.text("ab *@[]()<&\n\u00e9\u6587\U0001f600/:htps.", max_size=60) | st.sampled_from(PAYLOADS),
    line=st.text("ab *@[]()<&\u00e9\u6587\U0001f600/:htps.#>-_~|", max_size=60) | st.sampled_from(PAYLOADS),
    times=st.integers(1, 3_000),
    kind=st.sampled_from(sorted(ONE_OF_EACH)),
)
@example(title="", line="::", times=456, kind="telegram")  # of very many short lines
def test_every_service_takes_any_text_of_any_length_and_makes_no_more_of_it(
    standing: ChatServices, title: str, line: str, times: int, kind: str
) -> None:
    standing.arrived.clear()
    address = build_chat_address(kind, ONE_OF_EACH[kind], bot=BOT)
    assert _send(address, Notification(title, f"Uno\n{line}\n" * times)) is SendOutcome.SENT
    (arrival,) = standing.arrived
    assert arrival.made == ()
