"""No feed and no redirect reaches into a private network, however the address is written."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.domain import Fetched, FetchFailed, FetchFailure, FetchResult
from service.fetch import AddressPolicy
from service.fetch.address import is_public
from service.fetch.faults import RefusedAddress
from tests.partners.feed_server import (
    RSS,
    FeedServer,
    a_fetcher,
    answer,
    fetch_once,
    redirect,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.fetch.address import Lookup

LOOPBACK_FORMS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1.",
    "127.255.255.254",
    "0.0.0.0",
    "0",
    "localhost",
    "LOCALHOST",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "good@127.0.0.1",
    "good:pass@127.0.0.1",
    "good.example@127.0.0.1",
    "127.0.0.1:{port}@127.0.0.1",
    "0x7F000001",
    "0X7f.0.1",
    "2130706433.",
    "017700000001.",
    "127.1.",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::FFFF:127.0.0.1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[fe80::1]",
    "[fc00::1]",
]


def test_p11_there_are_forty_forms_and_more() -> None:
    assert len(set(LOOPBACK_FORMS)) >= 40


async def fetch_guarded(
    url_of: Callable[[int], str], lookup: Lookup = socket.getaddrinfo
) -> tuple[FetchResult, int]:
    """Fetch from a guarded listener that nothing may reach; gives the result and its connections."""
    async with FeedServer({"*": answer(RSS)}) as guarded:
        policy = AddressPolicy(ports=frozenset({guarded.port}))
        result = await fetch_once(url_of(guarded.port), fetcher=a_fetcher(policy=policy, lookup=lookup))
        return result, guarded.connections


def assert_refused(result: FetchResult, connections: int) -> None:
    assert connections == 0
    assert isinstance(result, FetchFailed), result
    assert result.reason in {FetchFailure.REFUSED_ADDRESS, FetchFailure.REDIRECT}, result


@pytest.mark.slow
@pytest.mark.promise("P11", size="43 notations")
@pytest.mark.parametrize("form", LOOPBACK_FORMS)
def test_p11_f21_f22_loopback_is_refused_in_every_notation(form: str) -> None:
    def url(port: int) -> str:
        return f"http://{form.format(port=port)}:{port}/feed"

    assert_refused(*loop.run(fetch_guarded(url)))


@pytest.mark.promise("P11", size="43 notations")
@pytest.mark.parametrize("form", LOOPBACK_FORMS)
def test_p11_f21_a_redirect_to_loopback_is_refused_in_every_notation(form: str) -> None:
    async def run() -> tuple[FetchResult, int]:
        async with FeedServer({"*": answer(RSS)}) as guarded:
            host = form.format(port=guarded.port)
            page = redirect(f"http://{host}:{guarded.port}/feed".encode().decode("latin-1"))
            async with FeedServer({"/feed": page}, host="127.0.0.2") as open_server:
                policy = AddressPolicy(allow=("127.0.0.2",), ports=frozenset({guarded.port}))
                result = await fetch_once(open_server.url(), fetcher=a_fetcher(policy=policy))
                assert len(open_server.requests) == 1
                return result, guarded.connections

    result, connections = loop.run(run())
    assert connections == 0
    assert isinstance(result, FetchFailed), result


@pytest.mark.parametrize(
    "tail",
    ["127.0.0.1:{port}#@good.example/", "127.0.0.1:{port}\\@good.example/", "127.0.0.1:{port}?@good.example"],
)
def test_f22_a_trick_with_delimiters_gains_nothing(tail: str) -> None:
    assert_refused(*loop.run(fetch_guarded(lambda port: f"http://{tail.format(port=port)}")))


def _lookup_of(*addresses: str) -> Lookup:
    def lookup(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    return lookup


@pytest.mark.promise("P11", size="names with private addresses")
@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.0.0.1", "192.168.0.1"),
        ("169.254.169.254",),
        ("::1", "127.0.0.1"),
        ("::ffff:127.0.0.1",),
        ("fe80::1%lo",),
    ],
)
def test_p11_f19_a_name_that_leads_into_a_private_network_is_refused(addresses: tuple[str, ...]) -> None:
    def url(port: int) -> str:
        return f"http://paper.example:{port}/feed"

    assert_refused(*loop.run(fetch_guarded(url, lookup=_lookup_of(*addresses))))


def test_f19_of_several_addresses_only_open_ones_are_tried() -> None:
    async def run() -> None:
        async with FeedServer({"/feed": answer(RSS)}, host="127.0.0.3") as server:
            policy = AddressPolicy(allow=("127.0.0.3/32",))
            lookup = _lookup_of("127.0.0.1", "127.0.0.2", "127.0.0.3")
            fetcher = a_fetcher(policy=policy, lookup=lookup)
            assert isinstance(await fetch_once(server.url(host="paper.example"), fetcher=fetcher), Fetched)

    loop.run(run())


@pytest.mark.promise("P11", size="1 name")
def test_p11_f20_a_name_that_changes_its_address_after_the_first_visit_is_judged_anew() -> None:
    async def run() -> None:
        async with FeedServer({"*": answer(RSS)}) as guarded:
            policy = AddressPolicy(allow=("127.0.0.2",), ports=frozenset({guarded.port}))
            answers = iter([_lookup_of("127.0.0.2"), _lookup_of("127.0.0.1")])

            def lookup(*args: object) -> Sequence[tuple[object, ...]]:
                return next(answers)(*args)

            url = guarded.url(host="paper.example")
            first = await fetch_once(url, fetcher=a_fetcher(policy=policy, lookup=lookup))
            assert isinstance(first, FetchFailed)
            assert first.reason is FetchFailure.UNREACHABLE  # it was let through; nobody listens there
            second = await fetch_once(url, fetcher=a_fetcher(policy=policy, lookup=lookup))
            assert_refused(second, guarded.connections)

    loop.run(run())


@pytest.mark.parametrize(
    "policy",
    [AddressPolicy(allow_private=True), AddressPolicy(allow=("127.0.0.2", "127.0.0.1", "127.0.0.0/8"))],
)
def test_what_is_allowed_is_not_allowed_to_redirects_from_another_host(policy: AddressPolicy) -> None:
    async def run() -> tuple[FetchResult, int]:
        async with FeedServer({"*": answer(RSS)}) as guarded:
            page = redirect(guarded.url())
            async with FeedServer({"/feed": page}, host="127.0.0.2") as open_server:
                fetcher = a_fetcher(policy=policy)
                return await fetch_once(open_server.url(), fetcher=fetcher), guarded.connections

    assert_refused(*loop.run(run()))


def test_a_refusal_names_the_address_and_the_mend() -> None:
    result, _ = loop.run(fetch_guarded(lambda port: f"http://127.0.0.1:{port}/feed"))
    assert isinstance(result, FetchFailed)
    assert "leads to 127.0.0.1 port" in result.words
    assert "an address inside a private network" in result.words
    assert "AVIZOR_PRIVATE_FEEDS" in result.mend


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 65535])
def test_f23_a_public_address_on_a_port_without_web_pages_is_refused(port: int) -> None:
    with pytest.raises(RefusedAddress):
        AddressPolicy().check("8.8.8.8", port)
    AddressPolicy(ports=frozenset({port})).check("8.8.8.8", port)


@pytest.mark.parametrize("port", [22, 25, 6379])
def test_f23_a_feed_on_such_a_port_is_refused_before_anybody_is_connected_to(port: int) -> None:
    fetcher = a_fetcher(policy=AddressPolicy(), lookup=_lookup_of("8.8.8.8"))
    result = loop.run(fetch_once(f"http://paper.example:{port}/", fetcher=fetcher))
    assert_refused(result, 0)
    assert isinstance(result, FetchFailed)
    assert "a port on which no web pages are served" in result.words


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "100.64.0.1", "0.0.0.0"]
)
def test_f17_a_redirect_into_a_private_network_is_refused(place: str) -> None:
    async def run() -> FetchResult:
        async with FeedServer(
            {"/feed": redirect(f"http://{place}/latest/meta-data/")}, host="127.0.0.2"
        ) as own:
            return await fetch_once(own.url(), fetcher=a_fetcher(policy=AddressPolicy(allow=("127.0.0.2",))))

    assert_refused(loop.run(run()), 0)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_f23_the_usual_ports_are_open_on_public_addresses(port: int) -> None:
    AddressPolicy().check("8.8.8.8", port)
    with pytest.raises(RefusedAddress):
        AddressPolicy(allow=("paper.example",)).check("10.8.8.8", port)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_of_no_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
    ],
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


def _leading_to(*addresses: str) -> Lookup:
    return lambda _host, port, *_: [(0, 0, 0, "", (address, port)) for address in addresses]


def _unknown(*_: object) -> Sequence[tuple[object, ...]]:
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest.mark.parametrize(
    ("port", "lookup", "is_allowed"),
    [
        (443, _leading_to("8.8.8.8", "2606:4700::1111"), True),
        (443, _leading_to("8.8.8.8", "127.0.0.1"), False),
        (443, _leading_to("::ffff:10.0.0.1"), False),
        (22, _leading_to("8.8.8.8"), False),
        (443, _leading_to(), False),
        (443, _unknown, False),
    ],
)
def test_s126_a_host_that_a_reader_gives_is_judged_by_all_that_it_leads_to(
    port: int, lookup: Lookup, *, is_allowed: bool
) -> None:
    assert AddressPolicy().is_allowed("push.example", port, lookup) is is_allowed


def test_s126_a_host_that_the_operator_has_opened_may_be_inside_and_at_any_port() -> None:
    policy = AddressPolicy(allow=("Push.example", "10.1.0.0/16"))
    assert policy.is_allowed("push.EXAMPLE.", 8065, _leading_to("192.168.1.1"))
    assert policy.is_allowed("other.example", 8065, _leading_to("10.1.2.3"))
    assert not policy.is_allowed("other.example", 8065, _leading_to("10.2.2.3"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "::1", "a" * 300, "\x00"])
def test_s126_the_system_s_own_look_up_lets_no_reader_inside(host: str) -> None:
    assert not AddressPolicy().is_allowed(host, 443)
