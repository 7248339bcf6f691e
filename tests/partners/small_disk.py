"""A disk of a few megabytes for one process alone, which fills, and can be made larger while it runs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_IS_ROOT = os.getuid() == 0
_OWN_MOUNTS = ("unshare", "--mount") if _IS_ROOT else ("unshare", "--mount", "--map-root-user")


@cache
def can_be_made() -> bool:
    """Tell whether this system lets a process have mounts of its own."""
    try:
        tried = [*_OWN_MOUNTS, "sh", "-c", "mount -t tmpfs none /mnt"]
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A folder that is a disk of its own for the process that `command` starts; it is gone with that."""

    folder: Path
    kilobytes: int

    def command(self, *words: str) -> list[str]:
        """Give what starts a program with this disk."""
        self.folder.mkdir(exist_ok=True)
        mount = f"mount -t tmpfs -o size={self.kilobytes}k none '{self.folder}' && exec \"$@\""
        return [*_OWN_MOUNTS, "sh", "-c", mount, "sh", *words]

    def enlarge(self, pid: int, kilobytes: int) -> None:
        """Make room for a process that runs."""
        self.run(pid, "mount", "-o", f"remount,size={kilobytes}k", str(self.folder))

    def run(self, pid: int, *words: str) -> str:
        """Run a program beside a process, so that it sees the same disk; gives what that writes."""
        users = () if _IS_ROOT else ("--user", "--preserve-credentials")
        entering = ("nsenter", "--target", str(pid), "--mount", *users)
        return subprocess.run([*entering, *words], check=True, capture_output=True, text=True).stdout
