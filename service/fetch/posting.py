"""One document posted to a program that the operator has named, under the address policy."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from service.domain import FetchFailure, Posted
from service.fetch.address import AddressPolicy, Resolver
from service.fetch.faults import NETWORK_ERRORS, fault_of
from service.fetch.head import retry_after
from service.text import clip, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_CONNECT_SECONDS, _SECONDS = 10, 15
_MOST_BYTES, _MOST_CHARACTERS = 4096, 200


class Posting:
    """Posts to any program that the policy lets it reach. Blocks, so it is called in a thread of its own."""

    def __init__(self, policy: AddressPolicy, *, user_agent: str, clock: Callable[[], datetime]) -> None:
        """Take what may be connected to, and how to call ourselves."""
        self._policy = policy
        self._user_agent = user_agent
        self._clock = clock

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post once. Redirects are not followed, of an answer only its beginning is read; raises nothing.

        No words hold the address.
        """
        return asyncio.run(self._post(url, body, {"User-Agent": self._user_agent, **headers}))

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        sent = _Sent(body)
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._ask(URL(url), sent, headers)
        except NETWORK_ERRORS as error:
            fault = fault_of(error)
            what = "it leads into a private network" if _is_refused(fault.reason) else fault.what
            return Posted(words=what, was_sent=sent.is_out)

    async def _ask(self, url: URL, sent: _Sent, headers: Mapping[str, str]) -> Posted:
        policy = self._policy.for_host(url.host or "")
        with ThreadPoolExecutor(max_workers=1) as threads:
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
                words = await _words_of(answer)
                return Posted(answer.status, words, retry_after(answer.headers, self._clock()))


def _is_refused(reason: FetchFailure) -> bool:
    return reason is FetchFailure.REFUSED_ADDRESS


async def _words_of(answer: aiohttp.ClientResponse) -> str:
    """Give the beginning of what was said; the status stands, whatever becomes of the rest."""
    try:
        said = await answer.content.read(_MOST_BYTES)
    except NETWORK_ERRORS:
        return ""
    return clip(plain_text(said.decode("utf-8", "replace")), _MOST_CHARACTERS)


class _Sent(aiohttp.BytesPayload):
    """A body that knows whether it has begun to go out."""

    is_out = False

    async def write_with_length(
        self, writer: aiohttp.abc.AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write it."""
        self.is_out = True
        await super().write_with_length(writer, content_length)
