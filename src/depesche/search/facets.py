"""Count what the results of a search have in common: providers, shares, languages, times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

import tantivy

MOST = 8
MOST_COUNTED = 100_000  # stories; counting more would take longer than finding them
# Days before today with which a span begins.
SPANS: Mapping[str, int] = {"day": 0, "week": 6, "month": 29, "year": 364}


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the stories found have what, the most frequent first.

    `spans` have a name, their first day and how many stories are of it or later.
    """

    providers: tuple[tuple[str, int], ...] = ()
    isins: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    spans: tuple[tuple[str, date, int], ...] = ()


NO_FACETS = Facets()


def count(searcher: tantivy.Searcher, query: tantivy.Query, now: datetime) -> Facets:
    """Return the counts over every story that meets *query*; *now* says in its zone when today began."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today - timedelta(days=days) for days in SPANS.values()]
    moments = [one.timestamp() for one in starts]
    # The engine wants ranges that do not overlap; each is what its span has more than the one before it.
    ranges = [
        {"key": name, "from": start} | ({"to": end} if end else {})
        for name, start, end in zip(SPANS, moments, [None, *moments[:-1]], strict=True)
    ]
    asked: dict[str, Any] = {
        name: {"terms": {"field": field, "size": MOST}}
        for name, field in (("providers", "sender"), ("isins", "isin"), ("languages", "language"))
    }
    asked["spans"] = {"range": {"field": "at", "ranges": ranges}}
    said = searcher.aggregate(query, asked)
    spans = {one["key"]: int(one["doc_count"]) for one in said["spans"]["buckets"]}
    totals = accumulate(spans.get(name, 0) for name in SPANS)
    return Facets(
        providers=_terms(said["providers"]),
        isins=_terms(said["isins"]),
        languages=_terms(said["languages"]),
        spans=tuple((name, start.date(), n) for name, start, n in zip(SPANS, starts, totals, strict=True)),
    )


def _terms(said: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((str(one["key"]), int(one["doc_count"])) for one in said["buckets"])
