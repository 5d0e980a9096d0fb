"""Noon of day 20,000, and a counter that knows ten stories."""

from __future__ import annotations

import pytest

from depesche.audience.counter import Counter
from depesche.lib.clock import from_epoch
from fakes import FakeClock

NOON = from_epoch(20_000.5 * 86_400)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def counter(clock: FakeClock) -> Counter:
    return Counter(clock, exists=lambda story: story <= 10)
