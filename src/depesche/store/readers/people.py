"""Rows of subscribers as nouns."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from depesche.model.subscription import DIGEST_HOURS, Subscriber
from depesche.store.sql import of_json, when


def subscriber(r: Any) -> Subscriber:
    """Return the subscriber of a row."""
    return Subscriber(
        r.id, r.address, r.identity, r.language, r.suppressed_at is not None, r.channel, hours_of(r.digest_hours),
        r.quiet_from, r.quiet_to, r.zone, when(r.paused_until), of_json(r.keys_json, dict[str, str]), r.owner_id,
        when(r.failing_since), r.failures,
    )  # fmt: skip


@lru_cache(maxsize=256)
def hours_of(said: str) -> tuple[int, ...]:
    """Read hours of the day as they are stored."""
    return tuple(int(one) for one in said.split(",") if one) or DIGEST_HOURS
