"""Our own mail plugin for Apprise, which tells the outcome of a send and not only yes or no.

Apprise's own cannot tell "later" from "never" and gives each try a new Message-ID. This one
takes the ready message from a context variable, so that no address or password is ever part of an
Apprise URL, and leaves the result in the same place.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from apprise import Apprise, NotificationManager
from apprise.plugins.email import NotifyEmail

from service.domain import SendOutcome
from service.notify.smtp import MailJob, fault_result, run_job

if TYPE_CHECKING:
    from apprise import AppriseAsset

    from service.domain import SendResult

SCHEMES = ("alertmail", "alertmails")
_INERT_URL = "alertmail://avizor@mail.invalid"  # what Apprise sees of a mail: nothing
_job: ContextVar[MailJob | None] = ContextVar("avizor_mail_job", default=None)


class AlertMail(NotifyEmail):  # type: ignore[no-untyped-call] # Apprise annotates only in part
    """Sends the message of the current context; on its own it sends nothing."""

    service_name = "Alert mail"
    protocol, secure_protocol = SCHEMES
    enabled = True  # of its own: else switching `mailto` off would switch this off too

    def send(self, *_: Any, **__: Any) -> bool:  # noqa: ANN401 -- what Apprise passes is not looked at
        """Run the job of this context; tell Apprise whether it was sent."""
        job = _job.get()
        if job is None:
            return False
        job.result = run_job(job)
        return job.result.outcome is SendOutcome.SENT


def register() -> None:
    """Make the plugin known to Apprise; a second call changes nothing."""
    manager = NotificationManager()  # type: ignore[no-untyped-call] # see above
    if SCHEMES[0] not in manager:
        manager.add(AlertMail, schemas=set(SCHEMES))  # type: ignore[no-untyped-call] # see above


@cache
def _pipe(asset: AppriseAsset) -> Apprise:
    """Give the one Apprise object of all mails: its plugin keeps nothing between two messages."""
    register()
    apprise = Apprise(asset=asset)
    apprise.add(_INERT_URL)
    return apprise


def send_mail(job: MailJob, asset: AppriseAsset) -> SendResult:
    """Send one message through Apprise, in this thread."""
    token = _job.set(job)
    try:
        _pipe(asset).notify(body=job.message["Message-ID"])
    finally:
        _job.reset(token)
    return job.result or fault_result(job.phase, RuntimeError("the send ended without a result"))
