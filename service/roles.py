"""What a process does: everything, or a part of the work beside other processes on one PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

SEEN_WITHIN = timedelta(minutes=1)  # a process that has not been seen for longer is taken to be gone


class Role(StrEnum):
    """What a process does."""

    ALL = "all"
    POLLER = "poller"
    DELIVERER = "deliverer"
    WEB = "web"


_POLLERS, _DELIVERERS = (Role.ALL, Role.POLLER), (Role.ALL, Role.DELIVERER)
_JOBS = {
    "poll": _POLLERS,
    "push": _POLLERS,
    "archive": _POLLERS,
    "index": _POLLERS,
    "spikes": _POLLERS,
    "commits": _POLLERS,
    "deliver": _DELIVERERS,
    "signups": _DELIVERERS,
    "waking": _DELIVERERS,
    "reports": _DELIVERERS,
    "silences": _DELIVERERS,
}


def has_job(role: Role, job: str) -> bool:
    """Tell whether a process in this role does a job; what is nobody's in particular, all do."""
    return role in _JOBS.get(job, tuple(Role))


def has_pages(role: Role) -> bool:
    """Tell whether a process in this role serves the pages."""
    return role in {Role.ALL, Role.WEB}


def missing(seen: list[Role]) -> list[Role]:
    """Give the roles whose work nobody does, of those that were seen lately."""
    return [
        role
        for role, done_by in ((Role.POLLER, _POLLERS), (Role.DELIVERER, _DELIVERERS))
        if not any(one in done_by for one in seen)
    ]
