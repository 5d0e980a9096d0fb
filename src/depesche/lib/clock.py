"""The one place that reads the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests hand in their own."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)


def epoch(at: datetime) -> float:
    """Return *at* as seconds since 1970, the form in which the store keeps times."""
    return at.timestamp()


def from_epoch(seconds: float) -> datetime:
    """Return the aware UTC time that lies *seconds* after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def rfc3339(at: datetime) -> str:
    """Write *at* as RFC 3339 in UTC, to the second unless it carries a fraction."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
