"""The pages: server-rendered, and nothing fetched from anywhere else."""

from __future__ import annotations

from service.web.access import Access, Provider
from service.web.app import create_app
from service.web.from_settings import make_access, public_host
from service.web.view import Chats, Health, View

__all__ = ["Access", "Chats", "Health", "Provider", "View", "create_app", "make_access", "public_host"]
