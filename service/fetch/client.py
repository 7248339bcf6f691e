"""One fetch: the requests of a redirect chain, and what each answer means."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

from service.domain import (
    Fetched,
    FetchFailed,
    FetchFailure,
    NotModified,
    PublisherHints,
)
from service.fetch.access import NO_KEYS, fill_keys, no_secret
from service.fetch.address import AddressPolicy, Resolver
from service.fetch.faults import NETWORK_ERRORS, FetchFault, fault_of, fault_of_status, shown_url
from service.fetch.head import clock_skew, content_type, hints_of, validator
from service.fetch.hub import (
    ACCEPTED,
    FOLLOWED,
    MOST_HOPS,
    can_call,
    host_of,
    not_accepted,
    policy_for_hub,
)
from service.fetch.inflate import ACCEPT_ENCODING, Inflater, too_large
from service.fetch.links import find_hub
from service.fetch.trail import Trail
from service.fetch.turns import Turns
from service.text import clip, plain_text
from service.websub import HubAnswer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from service.domain import Feed, FetchResult
    from service.fetch.access import Keys
    from service.fetch.address import Lookup
    from service.websub import Push

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, */*;q=0.1"
)
_REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # whether it is permanent
_WHOLE_ANSWERS = frozenset({200, 203})
_NOT_MODIFIED = 304
_LOOKUP_THREADS = 32  # measured: 118 look-ups of 50 ms a second with 6 threads, 614 with 32, no more with 128
_LARGE = 1024 * 1024  # bytes of a body from which on others pass it; most publishers' feeds are shorter
_AT_A_TIME = 256 * 1024  # bytes of it that are received, or inflated, between two pauses
_ERROR_BYTES = 4096
_ERROR_SECONDS = 2.0
_ERROR_CHARACTERS = 200
_LONGEST_HEADER = 32 * 1024  # content security policies of real sites go over the usual 8 KiB
_MOST_HEADERS = 256


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may take, and how many run at once.

    `connect`, `idle` (nothing received), `total` (the whole chain, waiting for a turn not counted) and
    `spacing` (between two requests to a host) are seconds. `wire_bytes` is the most that is received for
    a body, `body_bytes` the most it may inflate to.
    """

    connect: float = 10.0
    idle: float = 15.0
    total: float = 30.0
    wire_bytes: int = 16 * 1024 * 1024
    body_bytes: int = 16 * 1024 * 1024
    redirects: int = 5
    at_once: int = 64
    spacing: float = 1.0


class Fetcher:
    """Fetch feeds politely: conditional, one request per host at a time, no cookies, bounded in all ways.

    Use it as an async context manager. `user_agent` names program, version and operator.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        limits: FetchLimits | None = None,
        policy: AddressPolicy | None = None,
        lookup: Lookup = socket.getaddrinfo,
        secret: Callable[[str], str] = no_secret,
    ) -> None:
        """Take limits and policy, both strict when left out; nothing is opened yet.

        `secret` gives the value of a `${NAME}` of a feed pack, or raises SecretMissing.
        """
        self._secret = secret
        self._user_agent = user_agent
        self._limits = limits or FetchLimits()
        self._policy = policy or AddressPolicy()
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")
        self._lookup = lookup
        self._turns = Turns(self._limits.at_once, self._limits.spacing)
        self._sessions: dict[AddressPolicy, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        """Give the fetcher; connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection; a look-up that still runs in its thread is not waited for."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(self, feed: Feed, now: datetime) -> FetchResult:
        """Fetch a feed. Whatever server or network do, the result says it; nothing is raised for it."""
        try:
            keys = fill_keys(feed.source.access, self._secret)
            trail = Trail(feed, keys, self._limits.redirects)
        except FetchFault as fault:
            return _failed(feed, shown_url(feed.source.url), fault)
        result = await self._fetch(trail, keys, feed, now)
        return replace(result, words=keys.hide(result.words)) if isinstance(result, FetchFailed) else result

    async def _fetch(self, trail: Trail, keys: Keys, feed: Feed, now: datetime) -> FetchResult:
        try:
            return await self._walk(trail, keys, feed, now)
        except FetchFault as fault:
            return _failed(feed, trail.words, fault)
        except NETWORK_ERRORS as error:
            return _failed(feed, trail.words, fault_of(error))

    async def _walk(self, trail: Trail, keys: Keys, feed: Feed, now: datetime) -> FetchResult:
        """Ask, and follow redirects until something else is answered."""
        loop = asyncio.get_running_loop()
        left = self._limits.total
        while True:
            async with self._turns.turn(trail.host):
                started = loop.time()
                async with asyncio.timeout(left):
                    result = await self._ask(trail, keys, feed, now)
                left -= loop.time() - started
            if result is not None:
                return result

    async def _ask(self, trail: Trail, keys: Keys, feed: Feed, now: datetime) -> FetchResult | None:
        """Send one request; None when the answer was a redirect, and the trail has gone on."""
        validators = trail.validators()
        headers = {**validators, **trail.credentials()}
        if keys.user_agent:
            headers["User-Agent"] = keys.user_agent
        session = self._session(trail, keys)
        proxy = keys.proxy or None
        async with session.get(trail.here, headers=headers, proxy=proxy, allow_redirects=False) as answer:
            if answer.status in _REDIRECTS:
                location = answer.headers.get("Location", "")
                trail.follow(location, is_permanent=_REDIRECTS[answer.status])
                return None
            if answer.status in _WHOLE_ANSWERS:
                return await self._fetched(answer, trail, feed, now)
            if answer.status == _NOT_MODIFIED:
                return _not_modified(answer, trail, feed, now, asked=bool(validators))
            fault = fault_of_status(answer.status, await self._said(answer, keys))
            return _failed(feed, trail.words, fault, hints_of(answer.headers, now))

    def _session(self, trail: Trail, keys: Keys) -> aiohttp.ClientSession:
        """Give the session whose policy fits the host to ask now.

        Through a proxy, the policy judges the proxy's address, which the operator named; the host is then
        judged by its name alone.
        """
        policy = self._policy.for_host(trail.host) if trail.is_at_home else self._policy.for_elsewhere()
        if keys.proxy:
            policy.check_name(trail.host, trail.here.port or 0)
            policy = AddressPolicy(allow_private=True)
        return self._session_of(policy)

    def _session_of(self, policy: AddressPolicy) -> aiohttp.ClientSession:
        if policy not in self._sessions:
            self._sessions[policy] = self._open(policy)
        return self._sessions[policy]

    def _open(self, policy: AddressPolicy) -> aiohttp.ClientSession:
        limits = self._limits
        return aiohttp.ClientSession(
            # Almost every host has one feed: idle TLS connections would only hold 256 KB each.
            connector=aiohttp.TCPConnector(
                resolver=Resolver(self._threads, self._lookup),
                socket_factory=policy.make_socket,
                force_close=True,
                limit=0,
            ),
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(connect=limits.connect, sock_read=limits.idle),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            max_headers=_MOST_HEADERS,
            middlewares=(_only_once,),
        )

    # ----------------------------------------------------------------------------------------- hubs

    def can_call(self, public_url: str, feed: Feed, hub: str) -> bool:
        """Tell whether the hub of a feed can be expected to reach our public address."""
        return can_call(self._policy, public_url, feed.source.url, hub)

    async def ask_hub(self, feed: Feed, push: Push) -> HubAnswer:
        """Ask the hub of a feed to push, or to stop. Whatever it does, the answer says it."""
        try:
            await self._follow(feed, URL(push.hub), push.form())
        except FetchFault as fault:
            return HubAnswer(fault.what)
        except NETWORK_ERRORS as error:
            return HubAnswer(fault_of(error).what)
        return HubAnswer()

    async def _follow(self, feed: Feed, hub: URL, form: dict[str, str]) -> None:
        """Send a form to where a hub wants it; raises FetchFault where it is not accepted."""
        loop = asyncio.get_running_loop()
        left = self._limits.total
        for _ in range(MOST_HOPS):
            async with self._turns.turn(host_of(str(hub))):
                started = loop.time()
                async with asyncio.timeout(left):
                    to = await self._post(feed, hub, form)
                left -= loop.time() - started
            if not to:
                return
            hub = hub.join(URL(to))
        raise FetchFault(FetchFailure.REDIRECT, "redirects too many times")

    async def _post(self, feed: Feed, hub: URL, form: dict[str, str]) -> str:
        """Send a form; gives where else the hub wants it sent, "" where it was accepted."""
        session = self._session_of(policy_for_hub(self._policy, feed.source.url, host_of(str(hub))))
        async with session.post(hub, data=form, allow_redirects=False) as answer:
            if answer.status in ACCEPTED:
                return ""
            to = answer.headers.get("Location", "")
            if to and answer.status in FOLLOWED:
                return to
            raise not_accepted(answer.status, await self._said(answer))

    # -------------------------------------------------------------------------------------- answers

    async def _fetched(
        self, answer: aiohttp.ClientResponse, trail: Trail, feed: Feed, now: datetime
    ) -> Fetched:
        body = await self._body(answer)
        if not body or body.isspace():
            raise FetchFault(
                FetchFailure.NOT_A_FEED,
                "answered with an empty page",
                "Open the address in a browser; if it is empty there too, look for the feed's new address.",
            )
        hints = hints_of(answer.headers, now)
        if "Link" in answer.headers:
            hub, topic = find_hub(answer.headers.getall("Link"), str(trail.here))
            hints = replace(hints, hub=hub, topic=topic)
        return Fetched(
            feed=feed,
            url=str(trail.here),
            body=body,
            body_hash=sha256(body).hexdigest(),
            content_type=content_type(answer.headers),
            etag=validator(answer.raw_headers, b"etag"),
            last_modified=validator(answer.raw_headers, b"last-modified"),
            hints=hints,
            moved_to=trail.moved_to,
            clock_skew=clock_skew(answer.headers, now),
        )

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        limits = self._limits
        if (answer.content_length or 0) > limits.wire_bytes:
            raise too_large(limits.wire_bytes)
        inflater = _inflater(answer, limits.body_bytes)
        pieces: list[bytes] = []
        came, size, pause_at = 0, 0, _LARGE
        async for chunk in answer.content.iter_any():
            came += len(chunk)
            if came > limits.wire_bytes:
                raise too_large(limits.wire_bytes)
            for piece in inflater.pieces(chunk):
                pieces.append(piece)
                size += len(piece)
                if size > pause_at:
                    pause_at = size + _AT_A_TIME
                    await self._turns.let_pass()
        inflater.finish()
        return b"".join(pieces)

    async def _said(self, answer: aiohttp.ClientResponse, keys: Keys = NO_KEYS) -> str:
        """Give the beginning of an error's page as plain text; nothing where it cannot be read."""
        start = bytearray()
        # Whatever goes wrong here, the status says enough.
        with suppress(FetchFault, *NETWORK_ERRORS):
            async with asyncio.timeout(_ERROR_SECONDS):
                raw = await _first_bytes(answer.content)
            for piece in _inflater(answer, self._limits.body_bytes).pieces(raw):
                start += piece[:_ERROR_BYTES]
                if len(start) >= _ERROR_BYTES:
                    break
        said = keys.hide(plain_text(start.decode(errors="replace")))  # before a cut leaves half of a secret
        return clip(said, _ERROR_CHARACTERS)


def _inflater(answer: aiohttp.ClientResponse, cap: int) -> Inflater:
    return Inflater(", ".join(answer.headers.getall("Content-Encoding", ())), cap)


async def _first_bytes(content: aiohttp.StreamReader) -> bytes:
    start = bytearray()
    while chunk := await content.read(_ERROR_BYTES - len(start)):
        start += chunk
    return bytes(start)


def _not_modified(
    answer: aiohttp.ClientResponse, trail: Trail, feed: Feed, now: datetime, *, asked: bool
) -> NotModified:
    if not asked:
        raise FetchFault(
            FetchFailure.HTTP_ERROR,
            "answered 304 Not Modified without having been asked for changes",
            "A cache in front of the server is broken: tell the publisher; it is asked again later.",
        )
    return NotModified(
        feed,
        etag=validator(answer.raw_headers, b"etag"),
        last_modified=validator(answer.raw_headers, b"last-modified"),
        hints=hints_of(answer.headers, now),
        moved_to=trail.moved_to,
        clock_skew=clock_skew(answer.headers, now),
    )


def _failed(feed: Feed, where: str, fault: FetchFault, hints: PublisherHints | None = None) -> FetchFailed:
    words = f"{where}: {fault.what}."
    return FetchFailed(feed, fault.reason, words, fault.mend, hints or PublisherHints())


async def _only_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Name the error here, as aiohttp would send the request again where a server hangs up."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise fault_of(error) from error
