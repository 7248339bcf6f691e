"""The pages: server-rendered, without scripts, and nothing fetched from anywhere else."""

from __future__ import annotations

from service.web.app import create_app
from service.web.view import Health, View

__all__ = ["Health", "View", "create_app"]
