"""How well also-read foretells the next click of invented readers, and what it costs."""

from __future__ import annotations

from depesche.audience.generate import clicks
from depesche.audience.replay import replay
from depesche.ops.bench import generate
from depesche.ops.bench.trial import Bench, Figures, rounded


def measure(n: int) -> Figures:
    """Replay a day of about *n* clicks: each is first predicted, then learned."""
    figures = replay(clicks(generate.SEED, 1, n))
    return {**_short(figures), "budget": {"update_us": 5, "list_us": 150}}


def _short(figures: Figures) -> dict[str, object]:
    return {
        name: _short(value) if isinstance(value, dict) else rounded(value) if isinstance(value, float) else value
        for name, value in figures.items()
    }  # fmt: skip


BENCH = Bench("alsoread", "also-read lists predicted against invented readers", measure, 180_000)
