"""Weights that only grow, with the heaviest always at hand."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable

TOP = 64


class Ranked:
    """Weights by story; `top` holds the heaviest `TOP` of them, and up to as many more, once there are clearly more.

    Weights only grow between two calls of `scale`, so that a story outside `top` can get in only at
    the moment its own weight grows. No weight outside is above `floor`, none inside below it: who rises above
    it joins, and from time to time the lightest have to leave.
    """

    __slots__ = ("floor", "top", "weights")

    def __init__(self) -> None:
        self.weights: dict[int, float] = {}
        self.top: set[int] | None = None
        self.floor = 0.0

    def add(self, story: int, weight: float) -> None:
        """Add *weight*, which is positive, to *story*."""
        weights = self.weights
        weights[story] = new = weights.get(story, 0.0) + weight
        if self.top is None:
            if len(weights) > 2 * TOP:
                self.rank(weights)
        elif new > self.floor:
            self.top.add(story)
            if len(self.top) > 2 * TOP:
                self.rank(self.top)

    def scale(self, factor: float, least: float) -> None:
        """Multiply all by *factor* and forget what then weighs less than *least*."""
        self.weights = {
            story: scaled for story, weight in self.weights.items() if (scaled := weight * factor) >= least
        }
        self.top, self.floor = None, 0.0
        if len(self.weights) > 2 * TOP:
            self.rank(self.weights)

    def total(self) -> float:
        """Return the sum of all weights."""
        return math.fsum(self.weights.values())

    def rank(self, among: Iterable[int]) -> None:
        """Choose the top anew *among* stories that hold the heaviest."""
        best = heapq.nlargest(TOP, among, key=self.weights.__getitem__)
        self.top, self.floor = set(best), self.weights[best[-1]]
