"""How well also-read foretells the next click of invented readers, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from depesche.audience.generate import clicks
from depesche.audience.replay import replay
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.trial import Bench, Figures, rounded, shown

_DAYS = 5  # one day of news is easier to foretell than another
_TOO_FEW = 1_000  # clicks of a day that say nothing, however many days they are taken of


def measure(n: int) -> Figures:
    """Replay days of about *n* clicks, each of other news: each click is first predicted, then learned."""
    days = range(_DAYS if n >= _TOO_FEW else 1)
    played = [replay(clicks(generate.SEED + day, 1, n)) for day in shown(days, "days replayed")]
    weights = [one["predictions"] for one in played]
    return {
        **_mean(played, weights),
        "days": len(played),
        "clicks": sum(one["clicks"] for one in played),
        "predictions": sum(weights),
        "baseline": _mean([one["baseline"] for one in played], weights),
        "budget": {"update_us": 5, "list_us": 150},
    }


def _mean(days: Sequence[Mapping[str, Any]], weights: Sequence[int]) -> Figures:
    """Return the figures of all predictions, those of a day weighing as many as it has."""
    names = [name for name, value in days[0].items() if isinstance(value, float)]
    every = max(sum(weights), 1)
    return {
        name: rounded(sum(day[name] * n for day, n in zip(days, weights, strict=True)) / every)
        for name in names
    }


BENCH = Bench("alsoread", "also-read lists predicted against invented readers", measure, 180_000)
