"""The spool's commands: list, show, retry, drop."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from depesche.lib.clock import rfc3339
from depesche.newsroom import Newsroom
from depesche.ops.commands import output


def list_items(room: Newsroom, state: str | None, *, as_json: bool) -> int:
    """Print items of the spool, newest first."""
    with room.database.reading() as tx:
        items = tx.spool.listed(state)
        counts = tx.spool.counts()
    if as_json:
        for one in items:
            output.json_line(
                {
                    "spool": one.id, "wire": one.wire, "name": one.name, "state": one.state, "received_at": rfc3339(one.received_at),
                    "bytes": len(one.raw), "sha256": one.sha256, "tries": one.tries, "reason": one.reason,
                }
            )  # fmt: skip
        return 0
    rows = [
        (one.id, one.state, one.wire, rfc3339(one.received_at)[:19], len(one.raw), one.name, one.reason)
        for one in items
    ]
    if rows:
        output.table(
            ("spool", "state", "wire", "received", "bytes", "name", "reason"), rows, right=("spool", "bytes")
        )
    output.console.print(
        ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "The spool is empty."
    )
    return 0


def show(room: Newsroom, key: int) -> int:
    """Write an item's bytes to standard output."""
    with room.database.reading() as tx:
        item = tx.spool.get(key)
    if item is None:
        output.complain(f"spool {key}", "there is no such item")
        return 1
    sys.stdout.buffer.write(item.raw)
    return 0


def retry(room: Newsroom, keys: Sequence[int] | None, *, as_json: bool) -> int:
    """Let refused items be parsed again and file them; returns 1 if one is refused again."""
    with room.database.transaction() as tx:
        again = tx.spool.retry(keys or None)
    refused = filed = 0
    while again and (batch := room.file_waiting()):
        for one in batch:
            filed += bool(one.filings)
            refused += not one.filings
            for reason in one.refusals:
                output.complain(one.name, reason)
    output.record(
        as_json,
        {"retried": again, "filed": filed, "refused": refused},
        f"{again} retried, {filed} filed, {refused} refused again",
    )
    return int(bool(refused))


def drop(room: Newsroom, key: int) -> int:
    """Forget a refused item; returns 1 if there is none."""
    with room.database.transaction() as tx:
        dropped = tx.spool.drop(key)
    if not dropped:
        output.complain(f"spool {key}", "there is no refused item with this number")
    return int(not dropped)
