"""Figures for Prometheus: what this process counts, and how far followers, letters and spool are.

They are for the operator: programs on the same machine may read them, others need the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from depesche.audience.tally import BOUNDS, Tally
from depesche.model.audience import COUNTED, REJECTIONS
from depesche.model.errors import NotFound
from depesche.portal.ask import NOT_KEPT, Ask, Page
from depesche.portal.site import Site
from depesche.store.database import Transaction

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_DAY = timedelta(days=1)
_BEARER = "bearer "


def show(site: Site, ask: Ask) -> Page:
    """Return the figures.

    Raises:
        NotFound: the sender may not see them.
    """
    if not may_see(site, ask):
        raise NotFound(ask.path)
    registry = CollectorRegistry()
    registry.register(_Figures(site))
    return Page(generate_latest(registry), 200, _TEXT, cache=NOT_KEPT)


def may_see(site: Site, ask: Ask) -> bool:
    """Tell whether the sender has the token or, where there is none, sits on this machine and speaks for nobody else."""
    token = site.settings.metrics_token.get_secret_value()
    if token:
        said = ask.headers.get("authorization", "")
        given = said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else ""
        return hmac.compare_digest(given.encode(), token.encode())
    if any(name in ask.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(ask.ip).is_loopback
    except ValueError:
        return False


class _Figures(Collector):
    """Reads every figure at the moment it is asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        yield from _counting(self._site.newsroom.readership.tally)
        with self._site.newsroom.database.reading() as tx:
            yield from _store(tx)
            yield _asked(self._site, tx)
            yield _unaccounted(tx, self._site.newsroom.clock.now() - _DAY)
            yield from _returns(tx, self._site.newsroom.clock.now() - _DAY)


def _counting(tally: Tally) -> Iterator[Metric]:
    views = CounterMetricFamily(
        "depesche_views", "Visits to stories since the process began.", labels=["outcome"]
    )
    views.add_metric([COUNTED], tally.counted)
    for reason in REJECTIONS:
        views.add_metric([reason], tally.rejected.get(reason, 0))
    yield views
    counted, buckets = 0, []
    for bound, n in zip([*map(str, BOUNDS), "+Inf"], tally.writings, strict=True):
        counted += n
        buckets.append((bound, counted))
    yield HistogramMetricFamily(
        "depesche_views_write_seconds",
        "How long it takes to write a second's counts.",
        buckets=buckets,
        sum_value=tally.seconds,
    )


def _store(tx: Transaction) -> Iterator[Metric]:
    last = tx.journal.last()
    lag = GaugeMetricFamily(
        "depesche_journal_lag_entries", "Entries a follower has not read yet.", labels=["follower"]
    )
    for follower, seq in sorted(tx.cursors.all().items()):
        lag.add_metric([follower], max(last - seq, 0))
    yield lag
    for name, said, counts in (
        ("depesche_letters", "Letters by state.", tx.ledger.counts()),
        ("depesche_spool_items", "Items as received, by state.", tx.spool.counts()),
    ):
        family = GaugeMetricFamily(name, said, labels=["state"])
        for state, n in sorted(counts.items()):
            family.add_metric([state], n)
        yield family


def _returns(tx: Transaction, since: datetime) -> Iterator[Metric]:
    """Yield what came back, and how many addresses are not mailed."""
    for name, said, label, counts in (
        (
            "depesche_bounces_day",
            "Reports on letters within a day, by meaning.",
            "meaning",
            tx.bounces.counts(since),
        ),
        (
            "depesche_suppressed_addresses",
            "Addresses that are not mailed, by reason.",
            "reason",
            tx.suppressions.counts(),
        ),
    ):
        family = GaugeMetricFamily(name, said, labels=[label])
        for value, n in sorted(counts.items()):
            family.add_metric([value], n)
        yield family


def _unaccounted(tx: Transaction, since: datetime) -> Metric:
    """Return how many decisions of the last day do not add up: anything but 0 is an alarm."""
    said = "Decisions of the last day whose letters are not all accounted for."
    return GaugeMetricFamily("depesche_letters_unaccounted", said, value=len(tx.ledger.uneven(since)))


def _asked(site: Site, tx: Transaction) -> Metric:
    """Return how many confirmations go out, beside the number at which the portal sends no more."""
    hour_ago = site.newsroom.clock.now() - timedelta(hours=1)
    asked = GaugeMetricFamily(
        "depesche_confirmations_hour",
        "Confirmations asked for within an hour, and how many at most.",
        labels=["what"],
    )
    asked.add_metric(["asked"], tx.readers.requests(hour_ago))
    asked.add_metric(["most"], site.settings.confirmations_per_hour)
    return asked
