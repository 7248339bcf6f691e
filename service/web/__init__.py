"""The pages: server-rendered, and nothing fetched from anywhere else."""

from __future__ import annotations

from service.web.access import Access
from service.web.app import create_app
from service.web.view import Chats, Health, View

__all__ = ["Access", "Chats", "Health", "View", "create_app"]
