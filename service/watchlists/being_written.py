"""Whether a file is whole: tells a file that some program still has open for writing from one at rest.

The kernel knows: it gives a read lease on a file only while nobody has it open for writing (Linux, files of
our own user). Where it gives no answer, as on network drives, only rest over time can be observed: that is
the business of `watching`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BEING_WRITTEN = "being-written"  # the key of the problem that a file is refused with meanwhile
Stamp = tuple[int, int, int, int]


def stamp_of(stat: os.stat_result) -> Stamp:
    """Give what changes whenever a file is written, replaced or put back to an old time."""
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def is_being_written(path: Path) -> bool:
    """Tell whether the kernel says that a program has the file open for writing."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False  # it is gone, or may not be read: whoever reads it will say so
    try:
        return not _can_be_leased(handle)
    finally:
        os.close(handle)


def _can_be_leased(handle: int) -> bool:
    try:
        # Should a program open the file in the moment of the lease, the kernel tells us by a signal, and
        # its own choice (SIGIO) would end the process; SIGURG is ignored where nobody listens.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as fault:
        return fault.errno != errno.EAGAIN
    return True
