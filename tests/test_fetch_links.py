"""The Link header: which hub and which name of its own a page gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Fetched
from service.fetch.address import AddressPolicy
from service.fetch.hub import can_call
from service.fetch.links import find_hub, parse_links
from tests.partners.feed_server import RSS, answer, poll

HERE = "https://port.example/feed.xml"
HUB = "https://hub.example/"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((), ("", "")),
        ((f'<{HUB}>; rel="hub"', f"<{HERE}>; rel=self"), (HUB, HERE)),
        ((f'<{HUB}>; rel="hub", <{HERE}>; rel="self"',), (HUB, HERE)),
        (
            (f'<{HUB}>;REL = "next Hub";type="a,b;c \\" d", </own>;rel=self',),
            (HUB, "https://port.example/own"),
        ),
        ((f"<{HUB}?a=1,2;b>; rel=hub",), (f"{HUB}?a=1,2;b", "")),
        ((f"<{HUB}>; rel=hub; anchor='#x'",), ("", "")),
        ((f"<{HUB}>; rel=other; rel=hub",), ("", "")),
        ((f"<{HUB}>; rel=hub; title*=UTF-8''a",), (HUB, "")),
        (("<javascript:alert(1)>; rel=hub", f"<{HUB}>; rel=hub"), (HUB, "")),
        (("<ftp://hub.example/>; rel=hub", "<mailto:a@b.example>; rel=self"), ("", "")),
        (("<https://[broken>; rel=hub",), ("", "")),
        (("<https://hub.example/\x07>; rel=hub",), ("", "")),
        ((f"<{HUB}{'x' * 3000}>; rel=hub",), ("", "")),
        ((f"{HUB}; rel=hub",), ("", "")),
        ((f"nonsense, <{HUB}>; rel=hub",), ("", "")),
        ((f"<{HUB}>",), ("", "")),
    ],
)
def test_hub_and_topic_are_found_as_the_rfc_writes_them(
    headers: tuple[str, ...], found: tuple[str, str]
) -> None:
    assert find_hub(headers, HERE) == found


_REL = st.from_regex(r"[a-z]{1,9}", fullmatch=True)
_TARGET = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"), max_size=30)
_TITLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(
    st.lists(st.tuples(_TARGET, st.lists(_REL, min_size=1, max_size=3), _TITLE), max_size=6), st.booleans()
)
def test_links_that_are_written_are_read_again(
    links: list[tuple[str, list[str], str]], is_one_header: bool
) -> None:
    quoted = [title.replace("\\", "\\\\").replace('"', '\\"') for _, _, title in links]
    written = [
        f'<{target}>; title="{title}"; rel="{" ".join(rels)}"'
        for (target, rels, _), title in zip(links, quoted, strict=True)
    ]
    headers = [", ".join(written)] if is_one_header else written
    assert list(parse_links(headers)) == [(target, frozenset(rels)) for target, rels, _ in links]


@given(st.lists(st.text(max_size=200), max_size=30))
def test_whatever_stands_in_the_header_nothing_breaks_and_only_web_addresses_come_out(
    headers: list[str],
) -> None:
    for address in find_hub(headers, HERE):
        assert not address or address.startswith(("http://", "https://"))


def test_a_long_header_is_read_in_no_time_and_only_its_beginning() -> None:
    hostile = ['<a>; b="' + "\\" * 100_000, "<a>" + ";a" * 100_000, "<" * 100_000, ", " * 100_000]
    assert [len(list(parse_links([one]))) <= 1 for one in hostile] == [True] * 4
    assert len(list(parse_links(["<a>; rel=b"] * 999))) == 20


def test_an_answer_carries_what_its_head_says_of_a_hub() -> None:
    head = (f'Link: <{HUB}>; rel="hub"', 'Link: </feed?a=1>; rel="self"')
    result, server = poll(answer(RSS, *head))
    assert isinstance(result, Fetched)
    assert (result.hints.hub, result.hints.topic) == (HUB, server.url("/feed?a=1"))
    plain, _ = poll(answer(RSS))
    assert isinstance(plain, Fetched)
    assert (plain.hints.hub, plain.hints.topic) == ("", "")


# ------------------------------------------------------------------------------------ who may be asked

OPEN, CLOSED = "https://port.example/feed", "http://intranet/feed"


@pytest.mark.parametrize(
    ("ours", "feed", "hub", "allow", "is_expected"),
    [
        ("https://news.example", OPEN, HUB, (), True),
        ("http://news.example:8080/avizor", OPEN, HUB, (), True),
        ("https://8.8.8.8", OPEN, HUB, (), True),
        ("", OPEN, HUB, (), False),
        ("news.example", OPEN, HUB, (), False),
        ("mailto:desk@news.example", OPEN, HUB, (), False),
        ("https://desk:secret@news.example", OPEN, HUB, (), False),
        ("https://localhost", OPEN, HUB, (), False),
        ("https://news.localhost", OPEN, HUB, (), False),
        ("https://127.0.0.1:8080", OPEN, HUB, (), False),
        ("https://0x7f.1", OPEN, HUB, (), False),
        ("https://[::1]", OPEN, HUB, (), False),
        ("https://192.168.1.4", OPEN, HUB, ("192.168.0.0/16",), False),
        ("https://[broken", OPEN, HUB, (), False),
        ("http://192.168.1.4", CLOSED, "http://intranet/hub", ("intranet",), True),
        ("http://192.168.1.4", CLOSED, "http://10.0.0.9/hub", ("intranet", "10.0.0.0/8"), True),
        ("http://192.168.1.4", CLOSED, "http://10.0.0.9/hub", ("intranet",), False),
        ("http://192.168.1.4", OPEN, "http://intranet/hub", ("intranet",), False),
        ("http://192.168.1.4", "http://10.0.0.9/feed", "http://10.0.0.9/", ("10.0.0.0/8",), True),
    ],
)
def test_a_hub_is_expected_to_call_where_it_can_reach_us(
    ours: str, feed: str, hub: str, allow: tuple[str, ...], is_expected: bool
) -> None:
    assert can_call(AddressPolicy(allow=allow), ours, feed, hub) is is_expected
