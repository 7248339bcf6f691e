"""A WebSub hub on loopback: it takes subscriptions, verifies them, signs and distributes, or fails to."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from aiohttp import ClientSession, web

if TYPE_CHECKING:
    from collections.abc import Mapping


class Manner(StrEnum):
    """How a hub behaves."""

    GOOD = "good"
    AT_ONCE = "at once"  # it verifies before it answers
    DENIES = "denies"
    SILENT = "never verifies"
    WRONG_TOPIC = "wrong topic"
    BROKEN = "broken"
    ECHOES = "echoes"  # it refuses, and repeats what it was sent
    MOVED = "moved"  # it wants the form elsewhere
    CIRCLE = "circle"  # it sends forms round and round
    HANGS = "hangs"  # it takes the form and says nothing
    NO_LEASE = "no lease"  # it does not say for how long it will push, as old ones do


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What a hub knows of one callback."""

    topic: str
    secret: str


class Hub:
    """A hub. `forms` are the requests as they came, `answers` what callbacks said to its questions."""

    def __init__(self, manner: Manner = Manner.GOOD, *, lease: int = 864_000) -> None:
        """Take how it behaves and the longest lease it gives, in seconds."""
        self.manner = manner
        self.lease = lease
        self.forms: list[Mapping[str, str]] = []
        self.answers: list[tuple[int, str]] = []
        self.subscribers: dict[str, Subscriber] = {}
        self._leaving = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen on a port of the system's choice."""
        app = web.Application()
        app.router.add_post("/", self._take)
        app.router.add_post("/new", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        self._session = ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        self._leaving.set()
        await self.settle()
        await self._session.close()
        await self._runner.cleanup()

    async def settle(self) -> None:
        """Wait until every question that was begun is answered."""
        await asyncio.gather(*self._asking)

    async def _take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self.manner is Manner.CIRCLE or (self.manner is Manner.MOVED and request.path == "/"):
            return web.Response(status=307, headers={"Location": "/new"})
        self.forms.append(form)
        if self.manner is Manner.HANGS:
            await self._leaving.wait()
            return web.Response(status=503)
        if self.manner is Manner.BROKEN:
            return web.Response(status=503, text="<p>out of order</p>")
        if self.manner is Manner.ECHOES:
            said = f"bad callback {form['hub.callback']} for {form.get('hub.secret', '')}"
            return web.Response(status=400, text=said)
        if self.manner is Manner.AT_ONCE:
            await self._verify(form)
        elif self.manner is not Manner.SILENT:
            task = asyncio.create_task(self._verify(form))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return web.Response(status=202)

    async def _verify(self, form: Mapping[str, str]) -> None:
        callback, topic = form["hub.callback"], form["hub.topic"]
        if self.manner is Manner.DENIES:
            asked = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "not on\r\nour list"}
            await self.ask(callback, asked)
            return
        lease = min(int(form.get("hub.lease_seconds", "0")), self.lease)
        asked = {
            "hub.mode": form["hub.mode"],
            "hub.topic": topic + "?other" * (self.manner is Manner.WRONG_TOPIC),
            "hub.challenge": "who-goes-there",
        }
        if lease and self.manner is not Manner.NO_LEASE:
            asked["hub.lease_seconds"] = str(lease)
        status, said = await self.ask(callback, asked)
        if status == 200 and said == "who-goes-there":
            if form["hub.mode"] == "subscribe":
                self.subscribers[callback] = Subscriber(topic, form["hub.secret"])
            else:
                self.subscribers.pop(callback, None)

    async def ask(self, callback: str, question: Mapping[str, str]) -> tuple[int, str]:
        """Put a question to a callback; gives its answer."""
        async with self._session.get(callback, params=question) as answer:
            said = answer.status, await answer.text()
        self.answers.append(said)
        return said

    async def publish(self, body: bytes, *, method: str = "sha256", secret: str = "") -> list[int]:
        """Send content to every subscriber, signed with its secret or another one; gives the answers."""
        return [
            await self.send(callback, body, sign(body, method, secret or one.secret))
            for callback, one in self.subscribers.items()
        ]

    async def send(self, callback: str, body: bytes, signature: str | None) -> int:
        """Send content with a signature that is given, or none."""
        headers = {"Content-Type": "application/rss+xml"}
        if signature is not None:
            headers["X-Hub-Signature"] = signature
        async with self._session.post(callback, data=body, headers=headers) as answer:
            return answer.status


def sign(body: bytes, method: str, secret: str) -> str:
    """Sign a body as hubs do."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"
