"""Alerts on their way out: planned (pure), rendered (pure), sent. The only door to Apprise and SMTP."""

from __future__ import annotations

from service.notify.ailing import Ailing, plan_report, render_report
from service.notify.chat import check_chat_address
from service.notify.chatkinds import (
    CHAT_KINDS,
    ChatAddress,
    ChatField,
    ChatKind,
    FieldFault,
    build_chat_address,
    check_bot,
    offered_kinds,
)
from service.notify.mailserver import MailSecurity, MailServer
from service.notify.message import build_message, message_id
from service.notify.plan import (
    hold_changes,
    hold_reason,
    plan_deliveries,
    plan_digest,
    plan_updates,
    wants_update,
)
from service.notify.render import Alert, DigestItem, event_page, render_alert, render_digest, render_test
from service.notify.send import Sender, check_sender
from service.notify.smtp import LeaseLost
from service.notify.spike import plan_spike, render_spike

__all__ = [
    "CHAT_KINDS",
    "Ailing",
    "Alert",
    "ChatAddress",
    "ChatField",
    "ChatKind",
    "DigestItem",
    "FieldFault",
    "LeaseLost",
    "MailSecurity",
    "MailServer",
    "Sender",
    "build_chat_address",
    "build_message",
    "check_bot",
    "check_chat_address",
    "check_sender",
    "event_page",
    "hold_changes",
    "hold_reason",
    "message_id",
    "offered_kinds",
    "plan_deliveries",
    "plan_digest",
    "plan_report",
    "plan_spike",
    "plan_updates",
    "render_alert",
    "render_digest",
    "render_report",
    "render_spike",
    "render_test",
    "wants_update",
]
