"""Figures for Prometheus, counted in the store when they are asked for. No state of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.domain import DeliveryState, FeedStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    from service.web.view import View

DAY = timedelta(hours=24)


class StoreCollector(Collector):
    """Counts feeds, deliveries, entries and matches at each scrape."""

    def __init__(self, view: View) -> None:
        """Take what the pages look at."""
        self._view = view

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Describe nothing beforehand: registering must not count."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count."""
        counts, now = self._view.store.counts, self._view.clock()
        day = counts.count_since(now - DAY)
        due = counts.oldest_due_at()
        age = 0.0 if due is None else max(0.0, (now - due).total_seconds())
        yield _by_state("avizor_feeds", "Polled feeds by status.", "status", FeedStatus, counts.count_feeds())
        yield _by_state(
            "avizor_deliveries", "Deliveries by state.", "state", DeliveryState, counts.count_deliveries()
        )
        yield _gauge("avizor_entries_last_day", "Entries first seen in the last 24 hours.", day.entries)
        yield _gauge("avizor_matches_last_day", "Matches made in the last 24 hours.", day.matches)
        yield _gauge("avizor_oldest_due_delivery_seconds", "Age of the delivery that is due longest.", age)
        yield _gauge("avizor_healthy", "1 when every check of /health is ok.", float(self._view.health().ok))


def make_registry(view: View) -> CollectorRegistry:
    """Make a registry for one application."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(view))
    return registry


def render_metrics(registry: CollectorRegistry) -> bytes:
    """Count and give the text format."""
    return generate_latest(registry)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _by_state(
    name: str, about: str, label: str, states: type[StrEnum], counts: Mapping[str, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for state in states:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family
