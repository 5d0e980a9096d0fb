"""Times without an offset are of the wire's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from depesche.lib.zones import assuming
from depesche.wires.reading import times


@pytest.mark.parametrize(
    "said", ["2026-07-01T12:00:00", "Wed, 01 Jul 2026 12:00:00", "Wed Jul 1 12:00:00 2026"]
)
def test_a_time_without_an_offset_is_of_the_wires_zone(said: str) -> None:
    assert times.either(said) == datetime(2026, 7, 1, 12, tzinfo=UTC)
    with assuming("Europe/Berlin"):
        assert times.either(said) == datetime(2026, 7, 1, 10, tzinfo=UTC)
        assert times.either(said.replace("Jul", "Jan").replace("-07-", "-01-")) == datetime(
            2026, 1, 1, 11, tzinfo=UTC
        )


@pytest.mark.parametrize(
    "said", ["2026-07-01T12:00:00Z", "Wed, 01 Jul 2026 12:00:00 GMT", "Wed, 01 Jul 2026 14:00:00 +0200"]
)
def test_an_offset_stands_above_the_zone(said: str) -> None:
    with assuming("Europe/Berlin"):
        assert times.either(said) == datetime(2026, 7, 1, 12, tzinfo=UTC)
