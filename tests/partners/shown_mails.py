"""The mails that the manual shows: of one invented event, in the languages of its readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import Entry, Event, Evidence, HeldReason, Notification, NotifyReason, TextField
from service.notify import (
    Alert,
    DigestItem,
    NearMiss,
    ReaderView,
    Receipt,
    Silent,
    Trouble,
    render_alert,
    render_confirmation,
    render_digest,
)
from tests.partners.messages import ANA, NOW, carry

if TYPE_CHECKING:
    from datetime import datetime

_HEADLINE = "Estibadores del puerto de Chancay inician huelga indefinida"
_NEGOTIATING = "Estibadores del puerto de Chancay suspenden la huelga y aceptan negociar"
_LEAD = (
    "Los estibadores del puerto de Chancay iniciaron este martes una huelga indefinida por el pago de horas "
    "extra. La operadora Cosco Shipping dijo que el servicio a las navieras sigue con personal de relevo y "
    "que mañana habrá una reunión con el sindicato."
)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
PORT = "chancay-port"


def _report(
    number: int, outlet: str, country: str, title: str, at: datetime, language: str = "es", summary: str = ""
) -> Entry:
    url = f"https://{outlet.lower().replace(' ', '-')}.example/{number}"
    return Entry(
        number,
        number,
        url,
        url,
        title,
        summary,
        language,
        published_at=at,
        first_seen_at=at + 20 * _MINUTE,
        outlet=outlet,
        country=country,
    )


_FIRST = _report(1, "Diario del Muelle", "PE", _HEADLINE, NOW, summary=_LEAD)
_OTHERS = (
    _report(2, "Radio Litoral", "PE", "Huelga en Chancay", NOW + 65 * _MINUTE),
    _report(3, "Pacific Ledger", "US", "Dockers strike", NOW + 95 * _MINUTE, "en"),
    _report(4, "Folha da Serra", "BR", "Estivadores em greve", NOW + 2 * _HOUR, "pt"),
)
_RAILWAY = _report(
    5,
    "Folha da Serra",
    "BR",
    "Ministério publica o traçado da ferrovia bioceânica e abre consulta aos povos da floresta",
    NOW - 11 * _HOUR,
    "pt",
)
_LITHIUM = _report(
    6, "El Faro del Sur", "CL", "Chile licita cuotas de litio en tres salares del norte", NOW - 7 * _HOUR
)
_RECEIPT = Receipt(
    since_at=NOW - 22 * _HOUR,
    articles=1204,
    matched=6,
    healthy=17,
    troubled=(Trouble("Boletín del Istmo", "o servidor respondeu 403 Forbidden", NOW - 48 * _HOUR),),
    near=(
        NearMiss(
            "Lítio",
            "Salar de Uyuni abre temporada de turismo",
            "Correo Andino",
            "https://correo.example/7",
            "es",
            "litio",
        ),
    ),
    silent=(Silent("Petróleo da Venezuela", 214, 14, NOW - 22 * _HOUR),),
)


def shown_mails() -> dict[str, Notification]:
    """Give the mails by the names of their pictures."""
    spanish, portuguese = replace(ANA, language="es"), replace(ANA, language="pt")
    changed = f"Diario del Muelle changed its headline, which was: “{_HEADLINE}”"
    return {
        "confirmation": render_confirmation(
            "ana@desk.example", ["Chancay Port", "Lithium"], "https://alerts.example/confirm/Zr8k", ANA, NOW
        ),
        "new": _alert("Puerto de Chancay", spanish, _FIRST),
        "update": _alert(
            "Chancay Port",
            ANA,
            _FIRST,
            news=("3 independent outlets carry it now", "a major development: “huelga indefinida”"),
        ),
        "corrected": _alert(
            "Puerto de Chancay", spanish, replace(_FIRST, title=_NEGOTIATING), news=(changed,)
        ),
        "digest": _digest(portuguese),
    }


def _alert(watchlist: str, view: ReaderView, entry: Entry, news: tuple[str, ...] = ()) -> Notification:
    reports = (entry, *_OTHERS) if news else (entry,)
    reason = NotifyReason.UPDATE if news else NotifyReason.NEW_EVENT
    evidence = _found(entry, puerto_de_chancay=48, cosco_shipping=59)
    carried = tuple(map(carry, reports))
    return render_alert(Alert(PORT, watchlist, "e1", entry, evidence, reason, carried, news=news), view)


def _digest(view: ReaderView) -> Notification:
    port = _item("Porto de Chancay", PORT, (_FIRST, *_OTHERS), puerto_de_chancay=48, cosco_shipping=59)
    railway = _item("Ferrovia bioceânica", "ferrovia", (_RAILWAY,), ferrovia_bioceânica=7)
    lithium = _item("Lítio", "litio", (_LITHIUM,), litio=5)
    items = [
        replace(port, held=HeldReason.DIGEST),
        replace(railway, held=HeldReason.BUDGET),
        replace(lithium, held=HeldReason.QUIET_HOURS, reason=NotifyReason.FRESH_REPORT),
    ]
    return render_digest(items, view, now=NOW + 3 * _HOUR, receipt=_RECEIPT)


def _item(title: str, watchlist: str, reports: tuple[Entry, ...], **found: int) -> DigestItem:
    event = Event(f"e-{watchlist}", watchlist, reports[0].title, NOW, NOW)
    return DigestItem(title, event, tuple(map(carry, reports)), _found(reports[0], **found))


def _found(entry: Entry, **words: int) -> tuple[Evidence, ...]:
    """Find words in headline and lead; each is named with the line of the watchlist that looks for it."""
    fields = ((TextField.TITLE, entry.title), (TextField.TEXT, entry.summary))
    return tuple(
        Evidence(word, field, at, at + len(word), line)
        for name, line in words.items()
        for field, text in fields
        for word in [name.replace("_", " ")]
        if (at := text.lower().find(word)) >= 0
    )
