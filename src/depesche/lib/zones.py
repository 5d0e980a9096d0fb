"""The time zone to assume where a time names none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

_assumed: ContextVar[tzinfo] = ContextVar("assumed", default=UTC)


def assumed() -> tzinfo:
    """Return the zone of times that name none: UTC, unless `assuming` says otherwise."""
    return _assumed.get()


@contextmanager
def assuming(name: str | None) -> Iterator[None]:
    """Let times without a zone be of the zone called *name* until the block ends; None changes nothing."""
    if name is None:
        yield
        return
    token = _assumed.set(ZoneInfo(name))
    try:
        yield
    finally:
        _assumed.reset(token)
