"""Apprise, made safe to use: what is switched off, and what it says to others about us."""

from __future__ import annotations

import logging
from functools import cache
from threading import Lock

from apprise import AppriseAsset, NotificationManager

from service.notify import mail
from service.notify.chatstyle import STYLES
from service.notify.message import APP_NAME

_preparing = Lock()


def prepare_apprise() -> None:
    """Switch off every service but ours and the known chats, and keep Apprise's log to ourselves.

    It takes a moment the first time, and nothing from then on; threads may call it at once. The log must be
    at DEBUG to hold the answers of services, and then holds tokens: it goes to no handler but the one that
    catches it for `classify`. The same is true of the HTTP library's lines.
    """
    with _preparing:
        _prepare()


@cache
def _prepare() -> None:
    mail.register()
    NotificationManager().enable_only(*mail.SCHEMES, *STYLES)  # type: ignore[no-untyped-call] # see above
    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(logging.NullHandler())
    logging.getLogger("urllib3").setLevel(logging.WARNING)


@cache
def asset() -> AppriseAsset:
    """Give the settings of every Apprise object: one send, here and now, with no address of others in it."""
    return AppriseAsset(
        app_id=APP_NAME,
        app_desc=APP_NAME,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        service_timeout=0,
        allow_templates=False,
        storage_mode="memory",
    )
