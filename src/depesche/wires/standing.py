"""How each wire stands: what it brought last, how late, and whether it has gone silent by the measure of its own rhythm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from depesche.model.wire import POLL, QUEUE, Wire
from depesche.store.database import Transaction
from depesche.store.wires.health import Pulse
from depesche.store.wires.polls import Poll
from depesche.store.wires.websub import Lease

OK = "ok"
NEW = "new"  # nothing has come yet
FAILING = "failing"
SILENT = "silent"
GONE = "gone"

_ENOUGH = 10  # items from which a rhythm can be told
_LONGER = 1.5  # times the longest gap of two weeks
_LEAST = timedelta(hours=1)
_WEEK = timedelta(days=7)
_UNSURE = timedelta(days=1)  # the least while no weekend has been seen
_FIRST = timedelta(days=3)  # for a wire that never brought anything
_TROUBLE = 3  # failures in a row that are more than a hiccup


@dataclass(frozen=True, slots=True)
class Standing:
    """One wire as an operator wants to see it; `pace`, `lag` and `limit` in seconds, the first two None where nothing is known yet.

    `limit` is the silence after which `state` is silent. `alarm` says what is wrong, None where nothing needs a look.
    """

    wire: str
    kind: str
    provider: str
    state: str
    alarm: str | None
    items: int
    last_at: datetime | None
    pace: float | None
    lag: float | None
    limit: float
    waiting: int
    refused: int
    next_at: datetime | None
    failures: int
    error: str | None
    hub: str | None


def standings(tx: Transaction, wires: Iterable[Wire], now: datetime) -> list[Standing]:
    """Return how every one of *wires* stands."""
    pulses, polls, leases, counts = tx.health.all(), tx.polls.all(), tx.websub.all(), tx.health.waiting()
    in_a_row = tx.health.refused_since()
    return [
        _standing(
            wire, pulses.get(wire.name), polls.get(wire.name), leases.get(wire.name), counts, in_a_row.get(wire.name, 0), now
        )
        for wire in wires
    ]  # fmt: skip


def silence_limit(wire: Wire, pulse: Pulse | None) -> timedelta:
    """Return the silence after which *wire* is not well: as set, else half as long again as its longest gap of late.

    As long as a few items tell no rhythm, a week.
    """
    if wire.silence_hours is not None:
        return timedelta(hours=wire.silence_hours)
    if pulse is None or not pulse.items:
        return _FIRST
    limit = max(timedelta(seconds=pulse.longest * _LONGER), _LEAST)
    if pulse.items < _ENOUGH:
        return max(limit, _WEEK)
    return limit if pulse.last_at - pulse.first_at >= _WEEK else max(limit, _UNSURE)


def _standing(
    wire: Wire,
    pulse: Pulse | None,
    poll: Poll | None,
    lease: Lease | None,
    counts: dict[tuple[str, str], int],
    in_a_row: int,
    now: datetime,
) -> Standing:
    poll = poll if wire.kind in (POLL, QUEUE) else None
    limit = silence_limit(wire, pulse)
    state, alarm = _state(pulse, poll, limit, in_a_row, now)
    has_items = pulse is not None and pulse.items > 0
    return Standing(
        wire=wire.name, kind=wire.kind, provider=wire.provider, state=state, alarm=alarm,
        items=pulse.items if pulse else 0, last_at=pulse.last_at if pulse and has_items else None,
        pace=pulse.pace if pulse else None, lag=pulse.lag if pulse else None,
        limit=limit.total_seconds(),
        waiting=counts.get((wire.name, "waiting"), 0), refused=counts.get((wire.name, "refused"), 0),
        next_at=None if poll is None or poll.gone else poll.next_at, failures=poll.failures if poll else 0,
        error=poll.last_error if poll else None, hub=lease.state if lease else None,
    )  # fmt: skip


def _state(
    pulse: Pulse | None, poll: Poll | None, limit: timedelta, in_a_row: int, now: datetime
) -> tuple[str, str | None]:
    if poll is not None and poll.gone:
        return GONE, "the site says that it is gone for good; change the url"
    if poll is not None and poll.failures:
        said = f"failed {poll.failures} times: {poll.last_error}" if poll.failures >= _TROUBLE else None
        return FAILING, said
    if in_a_row >= _TROUBLE:
        return FAILING, f"its last {in_a_row} items were refused; the spool says why"
    since = now - pulse.last_at if pulse else timedelta(0)
    if since > limit:
        never = pulse is None or not pulse.items
        what = "nothing has come yet" if never else "nothing has come for longer than usual"
        return SILENT, f"{what}: since {pulse.last_at if pulse else now:%Y-%m-%d %H:%M} UTC"
    return (OK if pulse is not None and pulse.items else NEW), None
