"""A watchlist that nothing has matched for unusually long says so once, to readers of digests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.bursts import is_unusual_silence
from service.notify import list_digest_readers, plan_silence, render_digest
from service.pipeline.receipts import Receipts

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Notification
    from service.notify import Reader
    from service.pipeline.shift import Shift
    from service.store import LastMatch

_AFTER = timedelta(seconds=1)  # of a match, what came later
_APART = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_PULSE = timedelta(days=90)  # in which what is usual is seen


class Silences:
    """Looks for silences and stores what is said of them."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift
        self._looked_at: datetime | None = None

    def say_due(self) -> int:
        """Tell readers of digests, at the hour of one, that a watchlist has been silent for unusually long.

        Once for each silence: the delivery is named by the last match before it. Where a digest goes out at
        that hour anyway, its receipt says so. Returns how many messages there were.
        """
        shift, now = self._shift, self._shift.clock()
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + _APART:
            return 0
        self._looked_at, since = now, now - _PULSE
        silent = [
            one
            for one in shift.store.archive.list_last_matches(since)
            if is_unusual_silence(one.last_at, one.matches, since, now)
        ]
        readers = [one for one in list_digest_readers(shift.roll()) if one.had_hour_since(now - _HOUR, now)]
        planned = {
            plan.id: (plan, last, reader)
            for last in silent
            for reader in readers
            if reader.subscription.wants(last.watchlist_id) and self._has_no_digest(reader, now)
            for plan in [plan_silence(last.watchlist_id, str(last.match_id), reader, now)]
        }
        new = shift.store.held.list_unknown(planned)
        messages = [
            shift.ready(plan, self._silence(last, reader, now))
            for plan, last, reader in (planned[one] for one in new)
        ]
        return shift.store.held.save_new(messages, now=now)

    def _has_no_digest(self, reader: Reader, now: datetime) -> bool:
        last = self._shift.store.held.last_digest_at(reader.subscription.id, reader.target)
        return last is None or last < now - _HOUR

    def _silence(self, last: LastMatch, reader: Reader, now: datetime) -> Notification:
        view = self._shift.readership.view(reader.channel)
        receipt = Receipts(self._shift).make({last.watchlist_id}, last.last_at + _AFTER, view.wording)
        return render_digest([], view, now=now, receipt=receipt)
