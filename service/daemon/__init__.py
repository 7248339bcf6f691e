"""The long-running service: `serve` runs it until it is asked to end."""

from __future__ import annotations

from service.daemon.daemon import Daemon, serve

__all__ = ["Daemon", "serve"]
