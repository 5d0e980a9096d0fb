"""The double-click rule of COUNTER 5.1, as a chain, in memory that is bounded."""

from __future__ import annotations

WITHIN = 30_000_000
"""Microseconds from one click to the next in which both are one view, the last one included."""


class Full(Exception):
    """More readers and stories at once than can be told apart."""


class Repeats:
    """Who clicked what in the last 30 seconds, in two windows that take turns.

    Each click renews the 30 seconds: a reader who clicks at 0, 20 and 40 s makes one view. Times
    are microseconds that never run backwards.
    """

    def __init__(self, capacity: int = 500_000) -> None:
        self._capacity = capacity
        self._window = 0
        self._current: dict[int, tuple[int, int]] = {}
        self._previous: dict[int, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._current) + len(self._previous)

    def click(self, reader: int, story: int, now: int, hour: int) -> int | None:
        """Note a click; return the hour noted with the click it repeats, or None if it begins a view.

        Raises:
            Full: the window holds as many pairs as it may; the click was not noted.
        """
        if now // WITHIN != self._window:
            self._turn(now // WITHIN)
        pair = reader << 64 | story
        current = self._current
        before = current.get(pair)
        if before is None:
            if len(current) >= self._capacity:
                raise Full
            before = self._previous.get(pair)
        current[pair] = (now, hour)
        return before[1] if before and now - before[0] <= WITHIN else None

    def forget(self) -> None:
        """Forget every reader."""
        self._current, self._previous = {}, {}

    def _turn(self, window: int) -> None:
        self._previous = self._current if window == self._window + 1 else {}
        self._current = {}
        self._window = window
