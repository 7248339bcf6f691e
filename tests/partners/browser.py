"""The system's Chromium, driven by Playwright: for what only a real page can show.

Needs the package chromium, which `make test-real` installs. Playwright's own browsers are not used.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# Without these, Chromium asks its makers' servers for updates at every start.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield a browser without a window, which is closed after the block."""
    from playwright.sync_api import sync_playwright  # half a second that only a test with a browser needs

    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run `make test-real`"
    # Chromium's sandbox refuses root, which a build machine often is.
    sandbox = () if os.getuid() else ("--no-sandbox",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_QUIET, *sandbox])
        try:
            yield browser
        finally:
            browser.close()
