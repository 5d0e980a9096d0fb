"""What readers of a story read next: decayed co-reads over a prior of recent popularity.

A co-read weighs half after two hours, a click for the popularity half after half an hour. The score
of j on the page of i is the weight of "j was read after i" plus `PRIOR` times j's share of the
recent clicks: where little is known of i, its list is what is popular now.

The decay lives in the weights as they are made (`reads`): each is grown from midnight UTC of its day,
so that the store, a batch and this memory add weights up and never touch old ones. Only who looks
divides by the growth since then.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from depesche.audience.ranked import Ranked
from depesche.model.audience import (
    COREAD_HALF_LIFE,
    DAY,
    RECENT_HALF_LIFE,
    REVERSE_WEIGHT,
    growth,
)

PRIOR = 10.0
DAYS_REMEMBERED = 3
"""Days before today whose rows still matter: what is older weighs less than 2⁻³⁶ of what it did."""

PAIRS = 2_000_000
"""Pairs remembered at most; of more, the weaker half is forgotten: nobody can fill the memory by reading."""

_FORGET = 1e-10
_FORGET_SHARE = 1e-13


Scored = list[tuple[int, float]]
"""Stories with their scores, best first."""

Click = tuple[int, Sequence[tuple[int, float]], float]
"""A story, the pages its reader came from with their weights, and when, in seconds since 1970."""


def reads(story: int, before: Iterable[tuple[int, float]], at: float) -> dict[tuple[int, int, int], float]:
    """Return the rows (day, i, j): weight that a read of *story* at *at* adds.

    *before* are the pages the reader came from with their weights; they were read together in both directions,
    backwards with less weight. The row of *story* with itself is the click that counts for its popularity.
    """
    day = int(at // DAY)
    rows = {(day, story, story): growth(at - day * DAY, RECENT_HALF_LIFE)}
    grown = growth(at - day * DAY, COREAD_HALF_LIFE)
    for page, weight in before:
        rows[day, page, story] = weight * grown
        rows[day, story, page] = weight * grown * REVERSE_WEIGHT
    return rows


def gather(
    clicks: Iterable[Click],
    weights: dict[tuple[int, int, int], float],
    steps: dict[tuple[int, int, int], int],
) -> None:
    """Add to *weights* the rows that `reads` has for each of *clicks*, and to *steps* how many went on from i to j.

    This is the loop through which every view goes.
    """
    weight_of, steps_of = weights.get, steps.get
    day, midnight = 0, 0.0
    for story, before, at in clicks:
        if not 0.0 <= at - midnight < DAY:
            day = int(at // DAY)
            midnight = float(day * DAY)
        row = day, story, story
        weights[row] = weight_of(row, 0.0) + growth(at - midnight, RECENT_HALF_LIFE)
        if before:
            grown = growth(at - midnight, COREAD_HALF_LIFE)
            for page, weight in before:
                row = day, page, story
                weights[row] = weight_of(row, 0.0) + weight * grown
                steps[row] = steps_of(row, 0) + 1
                row = day, story, page
                weights[row] = weight_of(row, 0.0) + weight * grown * REVERSE_WEIGHT


def _nothing(_story: int) -> bool:
    return False


class AlsoRead:
    """The lists of every story, from rows of co-reads; safe to use from several threads.

    Times are seconds since 1970. Rows from before `DAYS_REMEMBERED` days and from after today are left out:
    the ones no longer matter, the others come from a clock that was wrong. Of more than *pairs* pairs the weaker half
    is forgotten.
    """

    def __init__(self, pairs: int = PAIRS) -> None:
        self._lock = threading.Lock()
        self._most = pairs
        self._pairs = 0  # never fewer than there are
        self._day = 0  # the landmark: weights are as of its midnight
        self._rows: dict[int, Ranked] = {}
        self._recent = Ranked()
        self._clicks = 0.0

    def learn(self, rows: Mapping[tuple[int, int, int], float], at: float) -> None:
        """Add *rows* as a batch or the store has them; *at* is now."""
        today = int(at // DAY)
        with self._lock:
            self._turn(today)
            rows_of, landmark = self._rows, self._day
            recent = self._recent.add
            for (day, i, j), weight in rows.items():
                if day != landmark:
                    if not today - DAYS_REMEMBERED <= day <= today:
                        continue
                    half_life = RECENT_HALF_LIFE if i == j else COREAD_HALF_LIFE
                    weight *= growth((day - landmark) * DAY, half_life)
                if i == j:
                    recent(j, weight)
                    self._clicks += weight
                elif i in rows_of:
                    rows_of[i].add(j, weight)
                else:
                    rows_of[i] = Ranked()
                    rows_of[i].add(j, weight)
            self._pairs += len(rows)
            if self._pairs > self._most:
                self._thin_out()

    def list(self, story: int, n: int, at: float, exclude: Callable[[int], bool] = _nothing) -> Scored:
        """Return up to *n* stories with their scores, best first; of equal ones the higher id first.

        *exclude* is asked from the best on, until *n* are found.
        """
        with self._lock:
            row = self._rows.get(story) or Ranked()
            decay = self._decay(at)
            prior = PRIOR / self._clicks if self._clicks > 0 else 0.0
            near = row.weights if row.top is None else row.top
            popular = self._recent.weights if self._recent.top is None else self._recent.top
            best = self._best(story, row, {*near, *popular}, n, decay, prior, exclude)
            missed = row.floor * decay + self._recent.floor * prior
            if (row.top is None and self._recent.top is None) or (len(best) == n and best[-1][1] > missed):
                return best
            everything = {*row.weights, *self._recent.weights}
            return self._best(story, row, everything, n, decay, prior, exclude)

    def together(self, story: int, other: int, at: float) -> float:
        """Return the weight, as of *at*, of *other* being read after *story*; 0 if it never was."""
        with self._lock:
            row = self._rows.get(story)
            return 0.0 if row is None else row.weights.get(other, 0.0) * self._decay(at)

    def __len__(self) -> int:
        return len(self._rows)

    def _decay(self, at: float) -> float:
        """Return what a weight as of the landmark is worth at *at*; a clock a day or more behind counts as a day."""
        return growth(min(DAY, self._day * DAY - at), COREAD_HALF_LIFE)

    def _best(
        self,
        story: int,
        row: Ranked,
        candidates: set[int],
        n: int,
        decay: float,
        prior: float,
        exclude: Callable[[int], bool],
    ) -> Scored:
        near, recent = row.weights.get, self._recent.weights.get
        heap = [(-(near(j, 0.0) * decay + recent(j, 0.0) * prior), -j) for j in candidates]
        heapq.heapify(heap)
        found: Scored = []
        while heap and len(found) < n:
            score, j = heapq.heappop(heap)
            if -j != story and not exclude(-j):
                found.append((-j, -score))
        return found

    def _turn(self, today: int) -> None:
        """Move the landmark on to midnight of *today*, and forget what has faded."""
        if today == self._day or today == self._day - 1:
            return
        age = (today - self._day) * DAY
        if not 0 < age <= 2 * DAYS_REMEMBERED * DAY:
            self._forget_all(today)
            return
        for row in self._rows.values():
            row.scale(growth(-age, COREAD_HALF_LIFE), _FORGET)
        self._rows = {story: row for story, row in self._rows.items() if row.weights}
        shrunk = growth(-age, RECENT_HALF_LIFE)
        self._recent.scale(shrunk, self._clicks * shrunk * _FORGET_SHARE)
        self._clicks = self._recent.total()
        self._day = today

    def _thin_out(self) -> None:
        """Find out how many pairs there are, and forget the weaker half of too many."""
        self._pairs = sum(len(row.weights) for row in self._rows.values())
        if self._pairs <= self._most:
            return
        weights = sorted(weight for row in self._rows.values() for weight in row.weights.values())
        least = weights[len(weights) // 2]
        for row in self._rows.values():
            row.scale(1.0, least)
        self._rows = {story: row for story, row in self._rows.items() if row.weights}
        self._pairs = sum(len(row.weights) for row in self._rows.values())

    def _forget_all(self, day: int) -> None:
        self._day = day
        self._rows = {}
        self._recent = Ranked()
        self._clicks = 0.0
