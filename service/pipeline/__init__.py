"""The steps in order. This room calls; it decides nothing.

claim due feeds | fetch, many at once | parse | keep the unseen | match | group | plan
| store, one transaction for all feeds that are ready together

claim due deliveries | send, a few at once | record

ask a feed once | parse | judge, and nothing stored

ask a site's page | find its feeds | ask each once, and nothing stored

plan requests to hubs | claim one | ask | record

merge, split or rename an event | store, and tell of what was split off

suppose an alert | plan | pace, and nothing stored

walk the stored matches | group | plan, and nothing stored

walk the stored entries | match changed watchlists | group | store, held as found later

ask the index of words | match what it gives, the newest first, and nothing stored

look at what is held until now | render with what is known by now | store, due or as a digest

look at forms that readers sent | admit or forget | store the letter that answers

look at busy watchlists | find bursts | plan | store, one transaction for each spike
"""

from __future__ import annotations

from service.pipeline.admitting import Admitting
from service.pipeline.backtest import AtWork, Backtest, Share, Week, run_backtest
from service.pipeline.correcting import Correcting
from service.pipeline.delivering import Delivering
from service.pipeline.drafting import Drafting, Tried, Version
from service.pipeline.finding import FoundFeed, find_site_feeds
from service.pipeline.grouping import Grouping
from service.pipeline.overlooked import Overlooked, Suggestion, telling
from service.pipeline.polling import Polled, Polling
from service.pipeline.pushing import Pushing
from service.pipeline.rematching import Rematching
from service.pipeline.replay import Replayed, ReplayedAlert, replay_matches
from service.pipeline.reporting import Reporting
from service.pipeline.routing import route
from service.pipeline.searching import Found, Hit, Nearly, Question, Searching
from service.pipeline.shift import Desk, Shift
from service.pipeline.silences import Silences
from service.pipeline.spiking import Spiking
from service.pipeline.tracing import Stage, Trace, find_stage
from service.pipeline.trying import Trial, Trials, Verdict
from service.pipeline.waking import Waking

__all__ = [
    "Admitting",
    "AtWork",
    "Backtest",
    "Correcting",
    "Delivering",
    "Desk",
    "Drafting",
    "Found",
    "FoundFeed",
    "Grouping",
    "Hit",
    "Nearly",
    "Overlooked",
    "Polled",
    "Polling",
    "Pushing",
    "Question",
    "Rematching",
    "Replayed",
    "ReplayedAlert",
    "Reporting",
    "Searching",
    "Share",
    "Shift",
    "Silences",
    "Spiking",
    "Stage",
    "Suggestion",
    "Trace",
    "Trial",
    "Trials",
    "Tried",
    "Verdict",
    "Version",
    "Waking",
    "Week",
    "find_site_feeds",
    "find_stage",
    "replay_matches",
    "route",
    "run_backtest",
    "telling",
]
