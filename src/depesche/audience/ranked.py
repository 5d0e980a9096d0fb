"""Weights that only grow, with the heaviest always at hand."""

from __future__ import annotations

import heapq
import math

TOP = 64


class Ranked:
    """Weights by story; `top` holds the heaviest `TOP` of them once there are clearly more.

    Weights only grow between two calls of `scale`, so that a story outside `top` can get in only at
    the moment its own weight grows. No weight outside is above `floor`, none inside below it.
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
                self._rank()
        elif new > self.floor and story not in self.top:
            self._enter(story, new)

    def scale(self, factor: float, least: float) -> None:
        """Multiply all by *factor* and forget what then weighs less than *least*."""
        self.weights = {
            story: scaled for story, weight in self.weights.items() if (scaled := weight * factor) >= least
        }
        self.top, self.floor = None, 0.0
        if len(self.weights) > 2 * TOP:
            self._rank()

    def total(self) -> float:
        """Return the sum of all weights."""
        return math.fsum(self.weights.values())

    def _rank(self) -> None:
        best = heapq.nlargest(TOP, self.weights, key=self.weights.__getitem__)
        self.top, self.floor = set(best), self.weights[best[-1]]

    def _enter(self, story: int, weight: float) -> None:
        assert self.top is not None
        lightest = min(self.top, key=self.weights.__getitem__)
        self.floor = self.weights[lightest]
        if weight > self.floor:
            self.top.remove(lightest)
            self.top.add(story)
