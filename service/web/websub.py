"""Where hubs call: verification of intent, and pushes, of which nothing but their signature is looked at."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.websub import MOST_BYTES, PATH, PushState, Seal, take_denial, take_verification, tell

if TYPE_CHECKING:
    from service.web.view import View
    from service.websub import Push

BODY_SECONDS = 60.0
_LONGEST_CHALLENGE = 4096
_MISSING, _LATE, _TOO_LARGE = 404, 408, 413
_TAKEN = 204

log = logging.getLogger("avizor")

_Said = Annotated[str, Query(max_length=_LONGEST_CHALLENGE)]


class Callback:
    """The address each hub was given, which nobody else can guess."""

    def __init__(self, view: View) -> None:
        """Take what the pages look at."""
        self._view = view

    def router(self) -> APIRouter:
        """Name the address."""
        router = APIRouter()
        router.add_api_route(PATH + "{token}", self.verify, methods=["GET"], response_model=None)
        router.add_api_route(PATH + "{token}", self.take, methods=["POST"], response_model=None)
        return router

    def verify(
        self,
        token: str,
        mode: Annotated[_Said, Query(alias="hub.mode")] = "",
        topic: Annotated[_Said, Query(alias="hub.topic")] = "",
        challenge: Annotated[_Said, Query(alias="hub.challenge")] = "",
        lease: Annotated[_Said, Query(alias="hub.lease_seconds")] = "",
        reason: Annotated[_Said, Query(alias="hub.reason")] = "",
    ) -> Response:
        """Answer a hub's question whether we want what it was asked for; or take note that it refuses."""
        pushes, now = self._view.store.pushes, self._view.clock()
        known = pushes.find(token)
        if known is None:
            return Response(status_code=_MISSING)
        if mode == "denied":
            push = pushes.change(known.feed_id, lambda one: take_denial(one, topic, reason, now))
            if push is not None and push.state is PushState.DENIED and known.state is not PushState.DENIED:
                log.warning("%s", tell(push, now).words)
            return Response(status_code=_TAKEN if push is not None else _MISSING)
        if not challenge:
            return Response(status_code=_MISSING)
        push = pushes.change(known.feed_id, lambda one: take_verification(one, mode, topic, lease, now))
        return Response(status_code=_MISSING) if push is None else PlainTextResponse(challenge)

    async def take(self, token: str, request: Request) -> Response:
        """Take a push: where it is signed as agreed, its feed is polled now. What it holds is not kept."""
        push = await run_in_threadpool(self._view.store.pushes.find, token)
        if push is None:
            return Response(status_code=_MISSING)
        seal = Seal(push.secret, request.headers.get("X-Hub-Signature", ""))
        try:
            async with asyncio.timeout(BODY_SECONDS):
                is_whole = await _read(request, seal)
        except TimeoutError:
            return Response(status_code=_LATE)
        except ClientDisconnect:
            is_whole = False
        if not is_whole:
            return Response(status_code=_TOO_LARGE)
        await run_in_threadpool(self._record, push, is_good=seal.is_good())
        return Response(status_code=_TAKEN)

    def _record(self, push: Push, *, is_good: bool) -> None:
        """Have the feed polled; a push without the right signature is counted, and told of once."""
        pushes = self._view.store.pushes
        if is_good:
            pushes.record_push(push.feed_id, self._view.clock())
        elif pushes.record_refusal(push.feed_id) == 1:
            log.warning("%s sent a push that is not signed as agreed; such pushes are ignored", push.host)


async def _read(request: Request, seal: Seal) -> bool:
    """Take a body in, piece by piece; tells whether it ended within the cap."""
    came = 0
    async for piece in request.stream():
        came += len(piece)
        if came > MOST_BYTES:
            return False
        seal.add(piece)
    return True
