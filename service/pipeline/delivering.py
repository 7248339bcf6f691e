"""From a due delivery to a recorded one."""

from __future__ import annotations

import asyncio
import logging
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from service import failpoints
from service.circuit import Lines
from service.domain import HeldReason, NotifyReason, SendOutcome, SendResult
from service.errors import StoreUnreachable
from service.pipeline.traffic import Traffic, paused_waits
from service.pipeline.waking import Waking
from service.schedule import EXPIRES_AFTER, retry_at
from service.signup import CODE_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from typing import Protocol

    from service.domain import Channel, Delivery
    from service.pipeline.shift import Shift

    class Send(Protocol):
        """Hands a delivery over; `before_data` is asked right before, and False means: do not."""

        def __call__(
            self, channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]
        ) -> SendResult:
            """Block until the other side has answered."""


log = logging.getLogger(__name__)
LOOK_AGAIN_SECONDS = 0.2  # what has come due meanwhile does not wait for the slowest one
LOOKED_AT = 200  # due deliveries among which those are chosen that may go out


def _nothing() -> None:
    pass


class Delivering:
    """Sends what is due, `at_once` messages at the same time to each server, each in a worker thread.

    A chat gets one message at a time. Servers that do not answer have places of their own, so that they
    hold up nobody else; what waits for them, and for targets that refuse, says so in the ledger.
    """

    def __init__(
        self, shift: Shift, send: Send, *, at_once: int = 8, rest: Callable[[], None] = _nothing
    ) -> None:
        """Prepare the bounded workers that blocking sends run in; `rest` is called when nothing is due."""
        self._shift = shift
        self._send = send
        self._rest = rest
        lines = Lines(at_once)
        self._traffic = Traffic(lines)  # a lease is for other processes; this one knows what it is doing
        self._threads = ThreadPoolExecutor(lines.room(), thread_name_prefix="send")
        self._is_stopping = False

    @property
    def is_busy(self) -> bool:
        """Tell whether a send is under way."""
        return bool(self._traffic.going)

    def stop(self) -> None:
        """Claim no more, and hand over nothing that is not being handed over already."""
        self._is_stopping = True
        self._shift.store.deliveries.end()

    def close(self) -> None:
        """End the workers; sends that are under way are waited for, unless it was stopped."""
        self._threads.shutdown(wait=not self._is_stopping, cancel_futures=self._is_stopping)

    async def deliver_due(self, on_done: Callable[[], object] = lambda: None) -> int:
        """Send every delivery that is due, until none is; returns how many sends there were."""
        running: set[asyncio.Future[SendResult]] = set()
        count = 0
        while True:
            while claimed := await self._claim_deliveries():
                for delivery, channel in claimed:
                    failpoints.reach("claimed")
                    running.add(self._start(delivery, channel))
                count += len(claimed)
            if not running:
                await asyncio.to_thread(self._rest)
                return count
            done, running = await asyncio.wait(
                running, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
                on_done()

    async def _claim_deliveries(self) -> list[tuple[Delivery, Channel | None]]:
        if self._is_stopping or not self._traffic.lines.room():
            return []
        return await asyncio.to_thread(self._claim)

    def _claim(self) -> list[tuple[Delivery, Channel | None]]:
        shift, traffic, now = self._shift, self._traffic, self._shift.clock()
        # Before the pauses are read: a look that ends in between is not yet over for what is chosen here.
        under_way = traffic.list_under_way()
        roll, paused = shift.roll(), shift.store.targets.list_paused()
        traffic.look(roll, paused, now)
        if traffic.take_back():
            shift.store.held.collect_piled_up(now)
        shift.store.deliveries.postpone(paused_waits(paused, now), now=now)
        claimed: list[Delivery] = []
        try:
            claimed = shift.store.deliveries.claim_due(
                now,
                worker=shift.worker,
                lease=shift.lease,
                limit=LOOKED_AT,
                avoid=traffic.avoid(under_way, now),
                choose=lambda waiting: traffic.choose(waiting, now),
            )
        finally:
            traffic.start(claimed, now)
        if not claimed:  # what can be sent goes first
            shift.store.deliveries.postpone(traffic.closed(now), now=now, most=LOOKED_AT)
        return [(one, roll.channels.get(one.channel_id)) for one in claimed]

    def _start(self, delivery: Delivery, channel: Channel | None) -> asyncio.Future[SendResult]:
        loop = asyncio.get_running_loop()
        sending = loop.run_in_executor(self._threads, self.deliver, delivery, channel)
        sending.add_done_callback(lambda done: self._end(delivery, done))
        return sending

    def _end(self, delivery: Delivery, done: asyncio.Future[SendResult]) -> None:
        is_known = not done.cancelled() and done.exception() is None
        self._traffic.end(delivery.id, done.result() if is_known else None, self._shift.clock())

    def deliver(self, delivery: Delivery, channel: Channel | None) -> SendResult:
        """Send one claimed delivery and record what came of it."""
        if channel is None:
            words = f"There is no channel {delivery.channel_id} in the file of channels any more."
            result = SendResult(SendOutcome.TEMPORARY, "channel", words=words)
        else:
            filled = self._shift.readership.fill(self._in_words(delivery), channel)
            result = self._send(channel, filled, before_data=lambda: self._may_hand_over(delivery))
        failpoints.reach("before-recorded")
        self._shift.store.deliveries.record(
            delivery,
            result,
            worker=self._shift.worker,
            now=self._shift.clock(),
            retry_at=self._retry_at(delivery, result),
        )
        failpoints.reach("recorded")
        return result

    def _in_words(self, delivery: Delivery) -> Delivery:
        if delivery.held is HeldReason.OUTAGE and not delivery.notification.text:
            return Waking(self._shift).put_in_words(delivery)
        return delivery

    def _may_hand_over(self, delivery: Delivery) -> bool:
        if self._is_stopping:
            return False
        shift = self._shift
        try:
            return shift.store.deliveries.mark_sending(
                delivery,
                worker=shift.worker,
                now=shift.clock(),
                lease=shift.lease,
                subject=shift.readership.signer.subject,
            )
        except StoreUnreachable as fault:  # no fault of the other side, which is not to wait for it
            log.warning("%s waits: %s", delivery.id, fault)
            return False

    def _retry_at(self, delivery: Delivery, result: SendResult) -> datetime | None:
        now = self._shift.clock()
        if result.was_not_begun:  # the other side has nothing to do with it: no pause for its sake
            return now
        at = retry_at(delivery.attempts, now=now, jitter=random.random(), retry_after=result.retry_after)
        return at if at <= delivery.created_at + _expires_after(delivery) else None


def _expires_after(delivery: Delivery) -> timedelta:
    """Give for how long a delivery is tried; a code for a chat, only for as long as it is good."""
    is_code = delivery.reason is NotifyReason.CONFIRMATION and not delivery.target
    return CODE_WITHIN if is_code else EXPIRES_AFTER
