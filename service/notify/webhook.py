"""What is posted to programs: a signed JSON document, and what their answers mean. Pure.

Signed as Standard Webhooks 1.0.0 has it (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and
body, one signature for each key, so that a key can be changed without a gap. The id is that of the delivery,
the same at every try: a program drops what it has had.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from service.domain import NotifyReason, SendOutcome, SendResult
from service.notify.clean import clean_line, clean_text
from service.notify.outcome import WORDS_LIMIT, other_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from service.domain import Delivery, Posted

_TITLE_LIMIT = 500
TYPES = {
    NotifyReason.NEW_EVENT: "event.opened",
    NotifyReason.FRESH_REPORT: "event.reported",
    NotifyReason.UPDATE: "event.updated",
    NotifyReason.SPIKE: "watchlist.spike",
    NotifyReason.DIGEST: "digest",
    NotifyReason.TEST: "test",
}
_TAKEN = range(200, 300)
_MOVED = range(300, 400)
_REFUSED = range(400, 500)
_PASSING = frozenset({408, 409, 423, 425, 429})


def written_keys(keys: Sequence[bytes]) -> set[str]:
    """Give the keys as they are written in settings, to be taken out of what comes back."""
    return {base64.b64encode(key).decode() for key in keys}


def write_request(delivery: Delivery, keys: Sequence[bytes], now: datetime) -> tuple[bytes, dict[str, str]]:
    """Give the body and the headers by which a delivery is posted now."""
    body = _body(delivery)
    second = str(int(now.timestamp()))
    signed = b".".join((delivery.id.encode(), second.encode(), body))
    signatures = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return body, {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": second,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def _body(delivery: Delivery) -> bytes:
    said = delivery.notification
    data = {
        "reason": delivery.reason.value,
        "watchlist_id": delivery.watchlist_id or None,
        "event_id": delivery.event_id or None,
        "title": clean_line(said.title, _TITLE_LIMIT),
        "text": clean_text(said.text),
        **(json.loads(said.data) if said.data else {}),
    }
    whole = {
        "type": TYPES.get(delivery.reason, delivery.reason.value),
        "timestamp": delivery.created_at.isoformat(),
        "data": data,
    }
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")


def read_answer(answer: Posted, secrets: Collection[str]) -> SendResult:
    """Tell what an answer means for the delivery.

    Where the document had gone out and no answer came, it is sent again under the same id.
    """
    words = other_words(answer.words, WORDS_LIMIT, secrets)
    if not answer.status:
        if answer.was_sent:
            return SendResult(SendOutcome.AMBIGUOUS, "response", words=f"No answer: {words}.")
        return SendResult(SendOutcome.TEMPORARY, "connect", words=f"The program was not reached: {words}.")
    if answer.status in _MOVED:
        words = "It points to another address, and redirects are not followed. Write the new one."
    if answer.status in _TAKEN:
        outcome = SendOutcome.SENT
    else:
        is_over = answer.status in _MOVED or (answer.status in _REFUSED and answer.status not in _PASSING)
        outcome = SendOutcome.PERMANENT if is_over else SendOutcome.TEMPORARY
    return SendResult(outcome, "response", answer.status, words or _phrase(answer.status), answer.retry_after)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
