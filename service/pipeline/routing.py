"""What would become of an alert at some time: what the store knows, and then the rules of planning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.notify import Circumstances, find_routes, plan_supposed
from service.notify.pacing import DAY
from service.pipeline.readership import Readership

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from service.notify import Roll, Route, Supposed
    from service.store import Store


def route(store: Store, files: Roll, supposed: Supposed, *, at: datetime, window: timedelta) -> list[Route]:
    """Say for each reader what would become of it; `files` is the roll as the files write it.

    What was told of the event itself does not count: it is supposed to be new. Nothing is stored.
    """
    readership = Readership(store)
    roll = readership.call(files)
    planned = plan_supposed(supposed, roll, at)
    with store.told_at(at) as told:
        lately, mutes = told.said_lately(planned, at - DAY), told.list_mutes()
    around = Circumstances(
        subscriptions={one.id: one for one in roll.subscriptions},
        channels=roll.channels,
        said={
            reader: [one for one in said if one.at <= at and one.event_id != supposed.event_id]
            for reader, said in lately.items()
        },
        mutes=mutes,
        subject=readership.signer.subject,
        now=at,
        window=window,
    )
    return find_routes(planned, files, roll, around)
