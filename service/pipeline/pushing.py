"""Asks hubs to push, and to stop: the steps that `service.websub` plans, one request at a hub at a time."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from service.websub import PATH, Push, PushState, plan, take_answer, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Feed
    from service.pipeline.shift import Shift
    from service.websub import HubAnswer

ROUND_SECONDS = 60.0  # after which a round begins no more requests; the next one goes on
log = logging.getLogger("avizor")


class Hubs(Protocol):
    """The way to hubs."""

    def can_call(self, public_url: str, feed: Feed, hub: str) -> bool:
        """Tell whether a feed's hub can be expected to reach us."""

    async def ask_hub(self, feed: Feed, push: Push) -> HubAnswer:
        """Send what a subscription asks for; raises nothing for what a hub does."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A subscription as it was read and as it is to be."""

    feed: Feed
    before: Push | None
    after: Push


class Pushing:
    """Subscribes feeds at the hubs they name, where the service has an address that hubs reach."""

    def __init__(self, shift: Shift, hubs: Hubs) -> None:
        """Take what is shared with polling, and the way to hubs."""
        self._shift = shift
        self._hubs = hubs

    async def ask_due(self) -> int:
        """Send the requests that are due; returns how many. Without a public address there are none."""
        if not self._shift.base_url:
            return 0
        lines: defaultdict[str, list[_Step]] = defaultdict(list)
        for step in await asyncio.to_thread(self._plan):
            lines[step.after.host].append(step)
        until = asyncio.get_running_loop().time() + ROUND_SECONDS
        return sum(await asyncio.gather(*(self._ask_all(line, until) for line in lines.values())))

    def _plan(self) -> list[_Step]:
        """Plan the steps that are due; those that need no request are taken at once."""
        shift, now = self._shift, self._shift.clock()
        steps = []
        for feed, before, is_polled in shift.store.pushes.list_due(now, shift.base_url + PATH):
            hub = feed.document_hints.hub
            after = plan(
                feed,
                before,
                base=shift.base_url,
                is_wanted=is_polled and self._hubs.can_call(shift.base_url, feed, hub),
                now=now,
                chance=(secrets.token_urlsafe(32), secrets.token_hex(32)),
            )
            if after is not None and after.state is PushState.ENDED:
                shift.store.pushes.claim(before, after)
            elif after is not None:
                steps.append(_Step(feed, before, after))
        return steps

    async def _ask_all(self, line: Sequence[_Step], until: float) -> int:
        """Send the requests to one hub, one after the other, each claimed just before."""
        asked = 0
        for step in line:
            if asyncio.get_running_loop().time() > until:
                break
            if await asyncio.to_thread(self._shift.store.pushes.claim, step.before, step.after):
                answer = await self._hubs.ask_hub(step.feed, step.after)
                await asyncio.to_thread(self._record, step, answer)
                asked += 1
        return asked

    def _record(self, step: _Step, answer: HubAnswer) -> None:
        """Note what a hub said; one that is given up is told of."""
        now = self._shift.clock()
        push = self._shift.store.pushes.change(
            step.feed.id,
            lambda push: take_answer(push, step.after, answer, now=now, jitter=random.random()),
        )
        if push is not None and push.state is PushState.GIVEN_UP:
            log.warning("%s: %s", step.feed.source.outlet, tell(push, now).words)
