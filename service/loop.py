"""The event loop that the service waits in: that of uvloop, in which a request takes less of a processor.

The only door to uvloop.
"""

from uvloop import run

__all__ = ["run"]
