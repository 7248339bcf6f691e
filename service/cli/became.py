"""What became of a stored article that matched: held or not, its event, its deliveries with their reasons."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from service.cli import show
from service.domain import DeliveryState
from service.notify.holding import HELD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Delivery
    from service.store import EventView, StoredMatch

_SHOWN = 20  # deliveries of one event


def say_became(match: StoredMatch | None, event: EventView | None, zone: str) -> list[str]:
    """Say it in lines; none where it did not match. Times are those of the zone."""
    lines = [f"held: {match.held.value}, {HELD[match.held]}"] if match and match.held else []
    if event is None:
        return lines
    lines.append(f"event {event.event.id}: {event.event.title}")
    lines += [_say_delivery(one, zone) for one in event.deliveries[:_SHOWN]]
    return [*lines, *_say_rest(event.deliveries[_SHOWN:])]


def _say_delivery(one: Delivery, zone: str) -> str:
    """Say to whom, in which state, since or until when, why, why it is held, and what the other side said."""
    is_held = one.state is DeliveryState.HELD
    at = f"until {show.local(one.due_at, zone)}" if is_held else show.local(one.delivered_at, zone)
    why = f"; {HELD[one.held]}" if one.held else ""
    words = f" ({one.words})" if one.words else ""
    return (
        f"{one.channel_id} {one.target}".rstrip()
        + f": {one.state.value} {at}: {one.reason.value}{why}{words}"
    )


def _say_rest(rest: Sequence[Delivery]) -> list[str]:
    states = Counter(one.state.value for one in rest)
    if not rest:
        return []
    said = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
    return [f"and {show.counted(len(rest), 'more delivery', 'more deliveries')}: {said}"]
