"""Settings to ready parts. The only place where parts are chosen."""

from __future__ import annotations

from service.wiring.base import has_store, open_store, real_clock, settled
from service.wiring.drafts import Drafts, Explained, Judged, Saved
from service.wiring.feed_adding import USUAL_PACK, FeedAdding, Offer, Written, plan_edits
from service.wiring.feed_facts import Caught, facts_of_found, facts_of_named, filled, find_caught
from service.wiring.feed_import import Import, Known, RefusedFeed, find_facts, judge_opml
from service.wiring.files import Files, follows, keep_if_stored, keep_last_good, read_files, read_in_force
from service.wiring.parts import (
    Pipeline,
    address_policy,
    make_desk,
    make_rematching,
    make_roll,
    make_sender,
    make_shift,
    open_pipeline,
    open_trials,
    sync_store,
    sync_subscriptions,
    take_over,
)
from service.wiring.supposing import suppose_event, suppose_headline
from service.wiring.testing import send_to

__all__ = [
    "USUAL_PACK",
    "Caught",
    "Drafts",
    "Explained",
    "FeedAdding",
    "Files",
    "Import",
    "Judged",
    "Known",
    "Offer",
    "Pipeline",
    "RefusedFeed",
    "Saved",
    "Written",
    "address_policy",
    "facts_of_found",
    "facts_of_named",
    "filled",
    "find_caught",
    "find_facts",
    "follows",
    "has_store",
    "judge_opml",
    "keep_if_stored",
    "keep_last_good",
    "make_desk",
    "make_rematching",
    "make_roll",
    "make_sender",
    "make_shift",
    "open_pipeline",
    "open_store",
    "open_trials",
    "plan_edits",
    "read_files",
    "read_in_force",
    "real_clock",
    "send_to",
    "settled",
    "suppose_event",
    "suppose_headline",
    "sync_store",
    "sync_subscriptions",
    "take_over",
]
