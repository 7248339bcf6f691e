"""What readers say of alerts, useful or noise, counted by watchlist and by the words it was matched for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import DeliveryRow
from service.store.reader_tables import FeedbackRow
from service.store.rows import to_evidence
from service.store.tables import MatchRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from service.domain import Delivery
    from service.store.engine import Database


class Verdict(StrEnum):
    """What a reader says of an alert."""

    USEFUL = "useful"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class TermFeedback:
    """How often alerts that a line of a watchlist matched were called useful, and noise."""

    term: str
    line: int
    useful: int
    noise: int


class Feedback:
    """What can be asked and said about feedback."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def give(self, delivery_id: str, verdict: Verdict, now: datetime) -> bool:
        """Keep what was said of a delivery; the last word counts. False where there is no such alert."""
        with self._database.write() as session:
            delivery = session.get(DeliveryRow, delivery_id)
            if delivery is None or not delivery.event_id:
                return False
            row = session.get(FeedbackRow, delivery_id) or FeedbackRow(
                delivery_id=delivery_id,
                event_id=delivery.event_id,
                watchlist_id=delivery.watchlist_id,
                entry_id=delivery.entry_id,
                verdict="",
                at=now,
            )
            row.verdict, row.at = verdict.value, now
            session.add(row)
            return True

    def list_told_with(self, delivery_id: str) -> list[Delivery]:
        """List the alerts that a message tells of together, without their words."""
        statement = (
            select(DeliveryRow)
            .where(col(DeliveryRow.covered_by) == delivery_id, col(DeliveryRow.event_id) != "")
            .order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
        )
        with self._database.read() as session:
            return [to_delivery(row) for row in session.exec(statement)]

    def of_reader(self, address: str, channel_id: str = "") -> dict[str, str]:
        """Give what was said of deliveries to an address, or (where that is empty) to a chat, by delivery."""
        to_chat = col(DeliveryRow.channel_id) == channel_id
        statement = (
            select(FeedbackRow.delivery_id, FeedbackRow.verdict)
            .join(DeliveryRow, col(DeliveryRow.id) == col(FeedbackRow.delivery_id))
            .where(func.lower(DeliveryRow.target) == address.lower() if address else to_chat)
        )
        with self._database.read() as session:
            return dict(session.exec(statement).all())

    def count(self, watchlist_id: str) -> tuple[int, int]:
        """Count the alerts of a watchlist that were called useful, and noise."""
        with self._database.read() as session:
            statement = select(FeedbackRow.verdict).where(col(FeedbackRow.watchlist_id) == watchlist_id)
            said = Counter(session.exec(statement).all())
        return said[Verdict.USEFUL.value], said[Verdict.NOISE.value]

    def by_term(
        self, watchlist_id: str, lines: Mapping[str, Mapping[int, int]] | None = None
    ) -> list[TermFeedback]:
        """Count by term and line of the watchlist, in the order of the lines; each term once in an alert.

        `lines` has by version where its lines stand now; one that stands nowhere is line 0. Without it, lines
        are those of the version that found the article.
        """
        statement = (
            select(FeedbackRow.verdict, MatchRow.evidence, MatchRow.version)
            .join(
                MatchRow,
                (col(MatchRow.entry_id) == col(FeedbackRow.entry_id))
                & (col(MatchRow.watchlist_id) == col(FeedbackRow.watchlist_id)),
            )
            .where(col(FeedbackRow.watchlist_id) == watchlist_id)
        )
        with self._database.read() as session:
            return _count_terms(session.exec(statement).all(), lines)


def _count_terms(
    said: Iterable[tuple[str, str, str]], lines: Mapping[str, Mapping[int, int]] | None
) -> list[TermFeedback]:
    useful: Counter[tuple[int, str]] = Counter()
    noise: Counter[tuple[int, str]] = Counter()
    for verdict, evidence, version in said:
        now = None if lines is None else lines.get(version, {})
        found_by = to_evidence(evidence)
        terms = {(one.line if now is None else now.get(one.line, 0), one.term) for one in found_by}
        (useful if verdict == Verdict.USEFUL else noise).update(terms)
    found = sorted(useful.keys() | noise.keys())
    return [TermFeedback(term, line, useful[line, term], noise[line, term]) for line, term in found]
