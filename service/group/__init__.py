"""Reports to events: which of a watchlist's matches tell of the same thing that happened. Pure."""

from __future__ import annotations

from service.group.copies import Carried, independent_groups
from service.group.corrections import TOLD_WITHIN, WITHDRAWN_AFTER, is_correction, is_missing
from service.group.descent import Bond, Heir, Origin, abridge, trace_origins
from service.group.grouper import ENDS_AFTER, Grouper, Placement
from service.group.headline import central_report
from service.group.kinds import ArticleKind, kind_of
from service.group.milestones import find_milestones
from service.group.reports import Reports
from service.group.state import dump_grouper, load_grouper

__all__ = [
    "ENDS_AFTER",
    "TOLD_WITHIN",
    "WITHDRAWN_AFTER",
    "ArticleKind",
    "Bond",
    "Carried",
    "Grouper",
    "Heir",
    "Origin",
    "Placement",
    "Reports",
    "abridge",
    "central_report",
    "dump_grouper",
    "find_milestones",
    "independent_groups",
    "is_correction",
    "is_missing",
    "kind_of",
    "load_grouper",
    "trace_origins",
]
