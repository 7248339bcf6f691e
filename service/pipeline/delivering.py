"""From a due delivery to a recorded one, and from held ones to a digest."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from service import failpoints
from service.domain import SendOutcome, SendResult
from service.group import central_report
from service.notify import DigestItem, ReaderView, plan_digest, render_digest
from service.schedule import EXPIRES_AFTER, retry_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Protocol

    from service.domain import Channel, Delivery, DeliveryState, Notification
    from service.pipeline.shift import Shift
    from service.store import DueDigest

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

    def make_digests(self) -> int:
        """Store the digests whose hour has come; returns how many."""
        now = self._shift.clock()
        due = self._shift.store.deliveries.list_due_digests(now)
        for digest in due:
            planned = plan_digest(digest.deliveries, now)
            rendered = self._shift.ready(planned, self._render_digest(digest))
            self._shift.store.deliveries.save_digest(rendered, digest.deliveries, now=now)
        return len(due)

    def _render_digest(self, digest: DueDigest) -> Notification:
        channel = self._shift.desk.channels.get(digest.channel_id)
        items = [self._digest_item(delivery) for delivery in digest.deliveries]
        items = list({item.event.id: item for item in items}.values())  # updates are of events told before
        view = ReaderView(
            timezone=channel.timezone if channel else "UTC",
            base_url=self._shift.base_url,
            channel_id=digest.channel_id,
        )
        return render_digest(items, view, now=self._shift.clock())

    def _digest_item(self, delivery: Delivery) -> DigestItem:
        view = self._shift.store.reading.get_event(delivery.event_id)
        best = central_report([report.entry for report in view.reports])
        ordered = sorted(view.reports, key=lambda report: report.entry.id != best.id)
        return DigestItem(
            watchlist_title=self._shift.title_of(delivery.watchlist_id),
            event=view.event,
            reports=tuple(report.carried for report in ordered),
            evidence=ordered[0].evidence,
        )

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
        channel = self._shift.desk.channels.get(delivery.channel_id)
        if channel is None:
            words = f"There is no channel {delivery.channel_id} in the file of channels any more."
            result = SendResult(SendOutcome.TEMPORARY, "channel", words=words)
        else:
            result = self._send(channel, delivery, before_data=lambda: self._may_hand_over(delivery))
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
        return shift.store.deliveries.mark_sending(delivery, worker=shift.worker, now=shift.clock())

    def _retry_at(self, delivery: Delivery, result: SendResult) -> datetime | None:
        now = self._shift.clock()
        at = retry_at(delivery.attempts, now=now, jitter=random.random(), retry_after=result.retry_after)
        return at if at <= delivery.created_at + EXPIRES_AFTER else None
