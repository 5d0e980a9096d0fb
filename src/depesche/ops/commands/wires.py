"""The wires' commands: how they stand, and reading their history again."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime

from rich.progress import Progress

from depesche.lib.clock import rfc3339
from depesche.newsroom import Filed, Newsroom
from depesche.ops.commands import output
from depesche.wires.standing import GONE, Standing

_BATCH = 50


def show(room: Newsroom, *, as_json: bool) -> int:
    """Print how every wire stands; returns 1 if something is wrong with one."""
    found = room.standings()
    if as_json:
        for one in found:
            times = {
                name: rfc3339(at) if (at := getattr(one, name)) else None for name in ("last_at", "next_at")
            }
            output.json_line(asdict(one) | times)
    elif found:
        output.table(
            ("wire", "kind", "state", "last item", "every", "late by", "alarm after", "items", "waiting", "refused", "next", "what is wrong"),
            [_row(one) for one in found],
            right=("every", "late by", "alarm after", "items", "waiting", "refused"),
        )  # fmt: skip
    else:
        output.console.print("No wires are configured.")
    return int(any(one.alarm for one in found))


def _row(one: Standing) -> tuple[object, ...]:
    kind = f"{one.kind} + hub ({one.hub})" if one.hub else one.kind
    due = "never" if one.state == GONE else _minute(one.next_at)
    return (
        one.wire, kind, one.state, _minute(one.last_at), _span(one.pace), _span(one.lag), _span(one.limit), one.items,
        one.waiting, one.refused, due, one.alarm or one.error,
    )  # fmt: skip


def _minute(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M}Z"


def _span(seconds: float | None) -> str | None:
    """Write a number of seconds as people say it."""
    if seconds is None:
        return None
    for unit, size in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def ask_now(room: Newsroom, name: str) -> int:
    """Let a polled wire or queue be asked at once, even one that is gone; returns 1 if there is none."""
    with room.database.transaction() as tx:
        poll = tx.polls.get(name)
        if poll is not None:
            tx.polls.forget(name)
    if poll is None:
        output.complain(name, "has not been asked before: there is nothing to put right")
    return int(poll is None)


def reparse(room: Newsroom, wire: str | None, since: datetime | None, *, dry: bool, as_json: bool) -> int:
    """Read filed items again with today's parsers; returns 1 if something cannot be read any more.

    A run that was stopped goes on where it was; one that only looks starts at the beginning.
    """
    name = f"reparse {wire or '*'} {since.isoformat() if since else '*'}"
    with room.database.reading() as tx:
        after = 0 if dry else tx.chores.position(name)
        total = tx.spool.count_filed(after, wire=wire, since=since)
    counts: Counter[str] = Counter()
    with output.progress(hide=as_json) as progress:
        bar = progress.add_task("reparse", total=total)
        while batch := _again(room, after, wire, since, dry, name, counts, progress, as_json):
            after = batch[-1].spool
            progress.advance(bar, len(batch))
    if not dry:
        with room.database.transaction() as tx:
            tx.chores.finish(name)
    said = ", ".join(f"{n} {what}" for what, n in sorted(counts.items())) or "nothing to read"
    made = "would be made" if dry else "made"
    output.record(
        as_json,
        {"items": total, **counts, "dry_run": dry},
        f"{total} items: {said}" + (f" ({made})" if counts else ""),
    )
    return int(bool(counts["refused"]))


def _again(
    room: Newsroom, after: int, wire: str | None, since: datetime | None, dry: bool, name: str,
    counts: Counter[str], progress: Progress, as_json: bool,
) -> list[Filed]:  # fmt: skip
    """Read one batch again, print what it changed, and remember how far the run has come."""
    with room.database.reading() as tx:
        items = tx.spool.filed(after, _BATCH, wire=wire, since=since)
    done = room.reread(items, dry=dry) if items else []
    for one in done:
        for filing in one.filings:
            counts[filing.action] += 1
            if filing.version is not None and filing.action != "ignored":
                value = {
                    "spool": one.spool,
                    "story": filing.story,
                    "version": filing.version,
                    "action": filing.action,
                    "headline": filing.headline,
                }
                output.record(
                    as_json,
                    value,
                    f"{filing.action:<10} {filing.story:>8} v{filing.version}  {filing.headline}",
                )
        for reason in one.refusals:
            counts["refused"] += 1
            progress.console.print(f"spool {one.spool}: {output.printable(reason)}", markup=False)
    if done and not dry:
        with room.database.transaction() as tx:
            tx.chores.reach(name, done[-1].spool)
    return done
