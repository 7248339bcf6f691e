"""The event loop that the service waits in: that of uvloop, in which a request takes less of a processor.

Windows, which uvloop is not made for, has the one of the language. The only door to uvloop.
"""

import sys

if sys.platform == "win32":  # pragma: no cover -- no test runs there
    from asyncio import run
else:
    from uvloop import run

__all__ = ["run"]
