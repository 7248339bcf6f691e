"""One JSON document of a service that the operator has named: asked for, or answering a form."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import aiohttp
from yarl import URL

from service.errors import NotReached
from service.fetch.access import basic
from service.fetch.address import AddressPolicy, Resolver
from service.fetch.faults import NETWORK_ERRORS, fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 15
_MOST_BYTES = 512 * 1024
_OK = 200


class Asking:
    """Asks one service; its host may be inside the operator's own network, any other host may not."""

    def __init__(self, host: str, *, user_agent: str) -> None:
        """Take the host that the operator has named."""
        self._policy = AddressPolicy(allow=(host,))
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}

    async def __call__(
        self, url: str, form: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Mapping[str, object]:
        """Give the document of an address, or what it answers to a form; raises NotReached.

        Redirects are not followed: what is sent may be secret. No message holds what was sent or came.
        """
        try:
            async with asyncio.timeout(_SECONDS):
                found = await self._ask(URL(url), form, login)
        except (*NETWORK_ERRORS, ValueError) as error:
            said = (
                "its answer is no JSON" if isinstance(error, json.JSONDecodeError) else fault_of(error).what
            )
            raise NotReached(said, resource=URL(url).host or "") from None
        if not isinstance(found, dict):
            raise NotReached("its answer is no JSON object", resource=URL(url).host or "")
        return found

    async def _ask(self, url: URL, form: Mapping[str, str] | None, login: tuple[str, str] | None) -> object:
        headers = {"Authorization": basic(":".join(map(quote_plus, login)))} if login else {}
        with ThreadPoolExecutor(max_workers=1) as threads:
            policy = self._policy.for_host(url.host or "")
            connector = aiohttp.TCPConnector(
                resolver=Resolver(threads), socket_factory=policy.make_socket, force_close=True
            )
            async with (
                aiohttp.ClientSession(
                    connector=connector, headers=self._headers, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.request(
                    "GET" if form is None else "POST", url, data=form, headers=headers, allow_redirects=False
                ) as answer,
            ):
                if answer.status != _OK:
                    raise NotReached(f"it answered with status {answer.status}", resource=url.host or "")
                body = bytearray()
                async for piece in answer.content.iter_any():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        raise NotReached("its answer is too large", resource=url.host or "")
        return json.loads(body)
