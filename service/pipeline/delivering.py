"""From a due delivery to a recorded one."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from service import failpoints
from service.domain import NotifyReason, SendOutcome, SendResult
from service.schedule import EXPIRES_AFTER, retry_at
from service.signup import CODE_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from typing import Protocol

    from service.domain import Channel, Delivery, DeliveryState
    from service.pipeline.shift import Shift

    class Send(Protocol):
        """Hands a delivery over; `before_data` is asked right before, and False means: do not."""

        def __call__(
            self, channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]
        ) -> SendResult:
            """Block until the other side has answered."""


LOOK_AGAIN_SECONDS = 1.0  # what has come due meanwhile does not wait for the slowest one


class Delivering:
    """Sends what is due, `at_once` messages at the same time, each in a worker thread."""

    def __init__(self, shift: Shift, send: Send, *, at_once: int = 8) -> None:
        """Start the bounded workers that blocking sends run in."""
        self._shift = shift
        self._send = send
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="send")
        self._under_way: set[str] = set()  # a lease is for other processes; this one knows what it is doing
        self._is_stopping = False

    @property
    def is_busy(self) -> bool:
        """Tell whether a send is under way."""
        return bool(self._under_way)

    def stop(self) -> None:
        """Claim no more, and hand over nothing that is not being handed over already."""
        self._is_stopping = True

    def close(self) -> None:
        """End the workers; sends that are under way are waited for, unless it was stopped."""
        self._threads.shutdown(wait=not self._is_stopping, cancel_futures=self._is_stopping)

    async def deliver_due(self, on_done: Callable[[], object] = lambda: None) -> int:
        """Send every delivery that is due, until none is; returns how many sends there were."""
        running: set[asyncio.Future[DeliveryState]] = set()
        count = 0
        while True:
            for delivery in await self._claim_deliveries(self._at_once - len(running)):
                failpoints.reach("claimed")
                running.add(self._start(delivery))
                count += 1
            if not running:
                return count
            done, running = await asyncio.wait(
                running, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
                on_done()

    async def _claim_deliveries(self, room: int) -> list[Delivery]:
        if room <= 0 or self._is_stopping:
            return []
        return await asyncio.to_thread(
            self._shift.store.deliveries.claim_due,
            self._shift.clock(),
            worker=self._shift.worker,
            lease=self._shift.lease,
            limit=room,
            but_not=tuple(self._under_way),
        )

    def _start(self, delivery: Delivery) -> asyncio.Future[DeliveryState]:
        self._under_way.add(delivery.id)
        sending = asyncio.get_running_loop().run_in_executor(self._threads, self.deliver, delivery)
        sending.add_done_callback(lambda _: self._under_way.discard(delivery.id))
        return sending

    def deliver(self, delivery: Delivery) -> DeliveryState:
        """Send one claimed delivery and record what came of it."""
        channel = self._shift.roll().channels.get(delivery.channel_id)
        if channel is None:
            words = f"There is no channel {delivery.channel_id} in the file of channels any more."
            result = SendResult(SendOutcome.TEMPORARY, "channel", words=words)
        else:
            filled = self._shift.readership.fill(delivery, channel)
            result = self._send(channel, filled, before_data=lambda: self._may_hand_over(delivery))
        failpoints.reach("before-recorded")
        state = self._shift.store.deliveries.record(
            delivery,
            result,
            worker=self._shift.worker,
            now=self._shift.clock(),
            retry_at=self._retry_at(delivery, result),
        )
        failpoints.reach("recorded")
        return state

    def _may_hand_over(self, delivery: Delivery) -> bool:
        if self._is_stopping:
            return False
        shift = self._shift
        return shift.store.deliveries.mark_sending(
            delivery, worker=shift.worker, now=shift.clock(), subject=shift.readership.signer.subject
        )

    def _retry_at(self, delivery: Delivery, result: SendResult) -> datetime | None:
        now = self._shift.clock()
        at = retry_at(delivery.attempts, now=now, jitter=random.random(), retry_after=result.retry_after)
        return at if at <= delivery.created_at + _expires_after(delivery) else None


def _expires_after(delivery: Delivery) -> timedelta:
    """Give for how long a delivery is tried; a code for a chat, only for as long as it is good."""
    is_code = delivery.reason is NotifyReason.CONFIRMATION and not delivery.target
    return CODE_WITHIN if is_code else EXPIRES_AFTER
