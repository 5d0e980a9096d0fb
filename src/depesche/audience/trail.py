"""The last pages of each reader, for half an hour, and the pairs a further page makes with them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

MEMORY = 30 * 60
LENGTH = 3
_WEIGHTS = (1.0, 1 / 2, 1 / 3)

R = TypeVar("R", bound=Hashable)


class Trails(Generic[R]):
    """Readers' last three pages; a reader is forgotten half an hour after the last one.

    Two windows take turns, so that forgetting costs nothing: what nobody renewed in one full window goes
    with it. Times are in any unit as long as *memory* is in the same; a time before the latest
    counts as the latest. Once *capacity* readers are known in a window, no new ones are learned.
    """

    def __init__(self, memory: int = MEMORY, capacity: int = 1_000_000) -> None:
        self._memory = memory
        self._capacity = capacity
        self._window = 0
        self._latest = 0
        self._current: dict[R, tuple[tuple[int, int], ...]] = {}
        self._previous: dict[R, tuple[tuple[int, int], ...]] = {}

    def __len__(self) -> int:
        return len(self._current) + len(self._previous)

    def pages(self, reader: R, now: int) -> list[int]:
        """Return the stories *reader* has open in memory at *now*, the latest first."""
        now = self._turn(now)
        known = self._current.get(reader) or self._previous.get(reader) or ()
        return [story for story, at in known if now - at <= self._memory]

    def step(self, reader: R, story: int, now: int) -> list[tuple[int, float]]:
        """Note that *reader* opens *story*; return the pages before it with their weights.

        The page left for it weighs 1, the one before that 1/2, then 1/3: the page alone
        predicts nearly as well as the session, and the older ones less and less. Opening the page
        one is on already leads nowhere.
        """
        now = self._turn(now)
        current = self._current
        known = current.get(reader)
        if known is None:
            has_room = len(current) < self._capacity
            known = self._previous.get(reader)
            if known is None:  # most readers come for the first time
                if has_room:
                    current[reader] = ((story, now),)
                return []
        else:
            has_room = True
        oldest = now - self._memory
        fresh = [page for page in known if page[1] >= oldest and page[0] != story]
        if has_room:
            current[reader] = ((story, now), *fresh[: LENGTH - 1])
        if known[0][0] == story and known[0][1] >= oldest:
            return []
        return [(page[0], weight) for page, weight in zip(fresh, _WEIGHTS, strict=False)]

    def forget(self) -> None:
        """Forget every reader."""
        self._current, self._previous = {}, {}

    def _turn(self, now: int) -> int:
        """Turn the windows on to *now*."""
        if now < self._latest:
            return self._latest
        self._latest = now
        window = now // self._memory
        if window != self._window:
            self._previous = self._current if window == self._window + 1 else {}
            self._current = {}
            self._window = window
        return now
