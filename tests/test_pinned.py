"""A chat's server is judged at the address that is connected to, not at one its name led to before."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from service.domain import Channel, ChannelKind, Notification, SendOutcome
from service.fetch import AddressPolicy
from service.notify import Sender, chatkinds
from tests.test_send import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.fetch.address import Lookup

PUBLIC = "93.184.215.14"
HOST = "chat.example"
SAID = delivery_of(Notification("Title", "Text"))


def _chat(port: int) -> Channel:
    address = f"mmosts://{HOST}:{port}/" + "a" * 26
    assert chatkinds.chosen_server(address) == (HOST, port)
    return Channel("reader-1", ChannelKind.CHAT, ("",), address, by_reader=True)


@contextmanager
def _names(*answers: str) -> Iterator[list[str]]:
    """Have the chat's name lead to these addresses, one look-up after the other; gives those given."""
    given: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *options: Any, **named: Any) -> Sequence[Any]:  # noqa: ANN401 -- passes on what it gets
        if host != HOST:
            return real(host, port, *options, **named)
        given.append(answers[min(len(given), len(answers) - 1)])
        return real(given[-1], port, *options, **named)

    with patch.object(socket, "getaddrinfo", look_up):
        yield given


class _Inside(socketserver.ThreadingTCPServer):
    """A server of this machine that hangs up on everybody, and knows whether anybody came."""

    is_visited = False

    def verify_request(self, *_: object) -> bool:
        self.is_visited = True
        return False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture
def inside() -> Iterator[_Inside]:
    with _Inside(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def _sender(policy: AddressPolicy, *, on_port: int = 0) -> Sender:
    """Give a sender that judges as the service does; of `on_port`, where a listener is, by address alone."""

    def judge(host: str, port: int, lookup: Lookup | None = None) -> bool:
        return policy.is_allowed(host, 443 if port == on_port else port, lookup or socket.getaddrinfo)

    return Sender(None, is_allowed=judge)


def test_a_name_that_leads_inside_by_the_time_of_the_connection_is_not_connected_to(
    inside: _Inside,
) -> None:
    with _names(PUBLIC, "127.0.0.1") as given:
        result = _sender(AddressPolicy(), on_port=inside.port).send(
            _chat(inside.port), SAID, before_data=lambda: True
        )
    assert given == [PUBLIC, "127.0.0.1"], "it was looked up twice, and led elsewhere"
    assert "into a private network" in result.words
    assert result.outcome is SendOutcome.TEMPORARY
    assert not inside.is_visited


def test_what_the_operator_has_opened_is_connected_to_at_the_address_that_was_judged(
    inside: _Inside,
) -> None:
    with _names("127.0.0.1", "127.0.0.1", "192.0.2.1") as given:
        result = _sender(AddressPolicy(allow=(HOST,))).send(
            _chat(inside.port), SAID, before_data=lambda: True
        )
    assert len(given) == 2, "it is not looked up a third time"
    assert result.outcome is not SendOutcome.SENT
    assert inside.is_visited


def test_a_proxy_of_the_operator_is_connected_to_wherever_it_is(
    inside: _Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{inside.port}")
    with _names(PUBLIC):
        _sender(AddressPolicy()).send(_chat(443), SAID, before_data=lambda: True)
    assert inside.is_visited
