"""One document posted to a program that the operator has named, under the address policy."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from service import loop
from service.domain import FetchFailure, Posted
from service.fetch.address import AddressPolicy, Resolver
from service.fetch.faults import NETWORK_ERRORS, FetchFault, fault_of
from service.fetch.head import retry_after
from service.text import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_CONNECT_SECONDS, _SECONDS = 10, 15
_WORDS_SECONDS = 2  # for what is said after the status, which counts alone
_MOST_BYTES = 4096
_LONGEST_SECRET = 512  # bytes; that much of a cut end may be a part of one


class Posting:
    """Posts to any program that the policy lets it reach. Blocks, so it is called in a thread of its own."""

    def __init__(self, policy: AddressPolicy, *, user_agent: str, clock: Callable[[], datetime]) -> None:
        """Take what may be connected to, and how to call ourselves."""
        self._policy = policy
        self._user_agent = user_agent
        self._clock = clock

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post once. Redirects are not followed, of an answer only its beginning is read; raises nothing.

        No words of ours hold the address; what the other side says may hold anything.
        """
        return loop.run(self._post(url, body, {"User-Agent": self._user_agent, **headers}))

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        sent = _Sent(body)
        try:
            async with asyncio.timeout(_SECONDS) as limit:
                return await self._ask(URL(url), sent, headers, limit)
        except NETWORK_ERRORS as error:
            return Posted(words=_what(fault_of(error)), was_sent=sent.is_out)

    async def _ask(self, url: URL, sent: _Sent, headers: Mapping[str, str], limit: asyncio.Timeout) -> Posted:
        policy = self._policy.for_host(url.host or "")
        threads = ThreadPoolExecutor(max_workers=1)
        try:
            connector = aiohttp.TCPConnector(
                resolver=Resolver(threads), socket_factory=policy.make_socket, force_close=True
            )
            limits = aiohttp.ClientTimeout(connect=_CONNECT_SECONDS)
            async with (
                aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=limits
                ) as session,
                session.post(url, data=sent, headers=headers, allow_redirects=False) as answer,
            ):
                limit.reschedule(None)  # the status is there, and stands
                words = await _words_of(answer)
                return Posted(answer.status, words, retry_after(answer.headers, self._clock()))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)  # looking a name up may take longer than we do


def _what(fault: FetchFault) -> str:
    """Say what went wrong, without the address."""
    if fault.reason is not FetchFailure.REFUSED_ADDRESS:
        return fault.what
    return f"it leads to {fault.what.rpartition(', ')[2]}; if it is yours, open it by AVIZOR_PRIVATE_FEEDS"


async def _words_of(answer: aiohttp.ClientResponse) -> str:
    """Give the beginning of what was said, nothing where it does not come at once.

    It may hold secrets: nothing is cut here but the end of a long text, where a part of one could be.
    """
    said = bytearray()
    with suppress(*NETWORK_ERRORS):
        async with asyncio.timeout(_WORDS_SECONDS):
            while len(said) < _MOST_BYTES and (more := await answer.content.read(_MOST_BYTES - len(said))):
                said += more
    whole = said if len(said) < _MOST_BYTES else said[:-_LONGEST_SECRET]
    return plain_text(whole.decode("utf-8", "replace"))


class _Sent(aiohttp.BytesPayload):
    """A body that knows whether it has begun to go out."""

    is_out = False

    async def write_with_length(
        self, writer: aiohttp.abc.AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write it."""
        self.is_out = True
        await super().write_with_length(writer, content_length)
