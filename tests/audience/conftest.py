"""A clock that only moves when told to, and a counter that knows ten stories."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from depesche.audience.counter import Counter
from depesche.lib.clock import from_epoch

NOON = from_epoch(20_000.5 * 86_400)


class HandClock:
    """A clock moved by hand."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at

    def move(self, seconds: float) -> None:
        """Go on, or with negative *seconds* step back."""
        self.at += timedelta(seconds=seconds)

    def set(self, seconds: float) -> None:
        """Go to *seconds* since 1970."""
        self.at = from_epoch(seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def counter(clock: HandClock) -> Counter:
    return Counter(clock, exists=lambda story: story <= 10)
