"""Who looks at the pages, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a visitor may do; each may also do what those before it may.

    NOBODY has not said who they are where that is asked for. A READER looks, an EDITOR changes watchlists and
    corrects events, an OPERATOR also sees and changes sources, channels, subscribers and accounts.
    """

    NOBODY = 0
    READER = 1
    EDITOR = 2
    OPERATOR = 3


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at the pages. `name` signs what they do; empty where nobody is asked for one."""

    name: str = ""
    role: Role = Role.OPERATOR

    def may(self, role: Role) -> bool:
        """Tell whether the visitor may do what a role may."""
        return self.role >= role
