"""Play a log of clicks against also-read: each click is first predicted, then learned."""

from __future__ import annotations

import heapq
import math
import time
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol

from depesche.audience.alsoread import AlsoRead, reads
from depesche.audience.trail import MEMORY, Trails

LENGTH = 20
BASELINE_MS = 15 * 60 * 1000

Figures = dict[str, float]
"""Keys `HR@1 HR@5 HR@10 HR@20 MRR@20 NDCG@10 update_us list_us`; times are CPU microseconds."""


def replay(rows: Iterable[tuple[int, str, int]]) -> dict[str, Any]:
    """Return the figures of also-read over *rows* (time in ms, reader, story), ordered by time.

    A click is predicted from the page its reader was on, if that was within half an hour and is another story;
    `predictions` counts these. Under `baseline` are the figures of the most read of the last 15 minutes,
    which sees the same clicks. A row before its predecessor is taken at the predecessor's time.
    """
    trails: Trails[str] = Trails(MEMORY * 1000)
    trials = _Trial(_ByCoreads()), _Trial(_ByPopularity())
    clicks = predictions = latest = 0
    for time_ms, reader, story in rows:
        latest = max(latest, time_ms)
        clicks += 1
        pages = trails.pages(reader, latest)
        before = trails.step(reader, story, latest)
        asked = bool(pages) and pages[0] != story
        predictions += asked
        for trial in trials:
            if asked:
                trial.predict(pages[0], story, latest)
            trial.learn(story, before, latest)
    own, baseline = (trial.figures(clicks, predictions) for trial in trials)
    return {**own, "clicks": clicks, "predictions": predictions, "baseline": baseline}


class _Predictor(Protocol):
    def after(self, page: int, at_ms: int) -> list[int]:
        """Return what readers of *page* may read next, the likeliest first."""
        ...

    def learn(self, story: int, before: list[tuple[int, float]], at_ms: int) -> None:
        """Learn that *story* was read by one who came from *before*."""
        ...


class _ByCoreads:
    """Also-read as the portal uses it, except that it learns at once."""

    def __init__(self) -> None:
        self._also_read = AlsoRead()

    def after(self, page: int, at_ms: int) -> list[int]:
        return [story for story, _ in self._also_read.list(page, LENGTH, at_ms / 1000)]

    def learn(self, story: int, before: list[tuple[int, float]], at_ms: int) -> None:
        at = at_ms / 1000
        self._also_read.learn(reads(story, before, at), at)


class _ByPopularity:
    """The most clicked of the last 15 minutes; among equals the higher id."""

    def __init__(self) -> None:
        self._clicks: deque[tuple[int, int]] = deque()
        self._counts: dict[int, int] = {}

    def after(self, page: int, at_ms: int) -> list[int]:
        self._expire(at_ms)
        best = heapq.nlargest(LENGTH + 1, zip(self._counts.values(), self._counts, strict=True))
        return [story for _, story in best if story != page][:LENGTH]

    def learn(self, story: int, before: list[tuple[int, float]], at_ms: int) -> None:  # noqa: ARG002
        self._expire(at_ms)
        self._clicks.append((at_ms, story))
        self._counts[story] = self._counts.get(story, 0) + 1

    def _expire(self, at_ms: int) -> None:
        while self._clicks and self._clicks[0][0] < at_ms - BASELINE_MS:
            _, story = self._clicks.popleft()
            if self._counts[story] == 1:
                del self._counts[story]
            else:
                self._counts[story] -= 1


class _Trial:
    """The ranks at which a predictor had what came, and the CPU time it took."""

    def __init__(self, predictor: _Predictor) -> None:
        self._predictor = predictor
        self._ranks = [0] * LENGTH
        self._listing = 0
        self._learning = 0

    def predict(self, page: int, story: int, at_ms: int) -> None:
        began = time.process_time_ns()
        listed = self._predictor.after(page, at_ms)
        self._listing += time.process_time_ns() - began
        if story in listed:
            self._ranks[listed.index(story)] += 1

    def learn(self, story: int, before: list[tuple[int, float]], at_ms: int) -> None:
        began = time.process_time_ns()
        self._predictor.learn(story, before, at_ms)
        self._learning += time.process_time_ns() - began

    def figures(self, clicks: int, predictions: int) -> Figures:
        asked = max(predictions, 1)
        hits = {f"HR@{n}": sum(self._ranks[:n]) / asked for n in (1, 5, 10, 20)}
        reciprocal = math.fsum(n / place for place, n in enumerate(self._ranks, 1))
        gained = math.fsum(n / math.log2(place + 1) for place, n in enumerate(self._ranks[:10], 1))
        return {
            **hits,
            "MRR@20": reciprocal / asked,
            "NDCG@10": gained / asked,
            "update_us": self._learning / max(clicks, 1) / 1000,
            "list_us": self._listing / asked / 1000,
        }
