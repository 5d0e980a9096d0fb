"""What this process has counted since it began, for those who watch it."""

from __future__ import annotations

from bisect import bisect_left

from depesche.model.audience import Batch

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds that part the durations of writings."""


class Tally:
    """Sums over all batches written; one thread adds, any may look."""

    def __init__(self) -> None:
        self.counted = 0
        self.rejected: dict[str, int] = {}
        self.seconds = 0.0
        self.writings = [0] * (len(BOUNDS) + 1)

    def add(self, batch: Batch, seconds: float) -> None:
        """Add a *batch* whose writing took so many *seconds*."""
        self.counted += sum(batch.views.values())
        for (_, reason), n in batch.rejected.items():
            self.rejected[reason] = self.rejected.get(reason, 0) + n
        self.seconds += seconds
        self.writings[bisect_left(BOUNDS, seconds)] += 1
