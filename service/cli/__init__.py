"""The command line: `avizor …`. Each command says what it did; `--json` says it to a script.

Exit codes: 0 done; 1 done, and something is wrong (a problem in a file, a lost delivery, a refused
message); 2 the command was misspelt; 3 Avizor cannot start (settings, database).
"""

from __future__ import annotations

from service.cli import accounts, commands, correcting, feedback, feeds, mutes, readers, routes, workbench
from service.cli.base import app

__all__ = [
    "accounts",
    "app",
    "commands",
    "correcting",
    "feedback",
    "feeds",
    "mutes",
    "readers",
    "routes",
    "workbench",
]
