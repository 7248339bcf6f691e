"""Alerts on their way out: planned (pure), rendered (pure), sent. The only door to Apprise and SMTP."""

from __future__ import annotations

from service.notify.ailing import Ailing, plan_report, render_report, say_ailment
from service.notify.alert import Alert, render_alert
from service.notify.chatkinds import (
    CHAT_KINDS,
    ChatAddress,
    ChatField,
    ChatKind,
    FieldFault,
    build_chat_address,
    check_bot,
    chosen_server,
    limited_as,
    offered_kinds,
)
from service.notify.chatstyle import server_of
from service.notify.digest import DigestItem, render_digest
from service.notify.late import check_chat_address
from service.notify.letters import (
    Unsent,
    render_access,
    render_chat_code,
    render_confirmation,
    render_refused,
    render_test,
    render_undelivered,
)
from service.notify.mailserver import MailSecurity, MailServer
from service.notify.message import MailHead, build_message, message_id
from service.notify.pacing import Circumstances, pace, pace_spike
from service.notify.parts import event_page
from service.notify.plan import (
    PlannedUpdate,
    hold_changes,
    hold_reason,
    plan_deliveries,
    plan_digest,
    plan_silence,
    plan_updates,
    wants_update,
)
from service.notify.reader_view import ReaderLinks, ReaderView
from service.notify.receipt import FileChange, NearMiss, Receipt, Silent, Trouble
from service.notify.roll import LETTERS, Reader, Roll, call_roll, list_digest_readers
from service.notify.routes import Outcome, Route, Supposed, find_routes, plan_supposed
from service.notify.send import Programs, Sender, check_sender
from service.notify.sessions import Sessions
from service.notify.smtp import LeaseLost
from service.notify.spike import plan_spike, render_spike

__all__ = [
    "CHAT_KINDS",
    "LETTERS",
    "Ailing",
    "Alert",
    "ChatAddress",
    "ChatField",
    "ChatKind",
    "Circumstances",
    "DigestItem",
    "FieldFault",
    "FileChange",
    "LeaseLost",
    "MailHead",
    "MailSecurity",
    "MailServer",
    "NearMiss",
    "Outcome",
    "PlannedUpdate",
    "Programs",
    "Reader",
    "ReaderLinks",
    "ReaderView",
    "Receipt",
    "Roll",
    "Route",
    "Sender",
    "Sessions",
    "Silent",
    "Supposed",
    "Trouble",
    "Unsent",
    "build_chat_address",
    "build_message",
    "call_roll",
    "check_bot",
    "check_chat_address",
    "check_sender",
    "chosen_server",
    "event_page",
    "find_routes",
    "hold_changes",
    "hold_reason",
    "limited_as",
    "list_digest_readers",
    "message_id",
    "offered_kinds",
    "pace",
    "pace_spike",
    "plan_deliveries",
    "plan_digest",
    "plan_report",
    "plan_silence",
    "plan_spike",
    "plan_supposed",
    "plan_updates",
    "render_access",
    "render_alert",
    "render_chat_code",
    "render_confirmation",
    "render_digest",
    "render_refused",
    "render_report",
    "render_spike",
    "render_test",
    "render_undelivered",
    "say_ailment",
    "server_of",
    "wants_update",
]
