"""Stand-ins of our own interfaces, with behaviour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until told to move."""

    def __init__(self, start: datetime = NOON) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> datetime:
        """Move the clock by a timedelta's arguments."""
        self.time += timedelta(**by)
        return self.time
