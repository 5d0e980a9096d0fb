"""Print a story's way from take to letter."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from depesche.lib.clock import from_epoch, rfc3339
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.store.database import Transaction

_KEY = re.compile(r"(?:^|-|/)(\d+)/?$")
_DIGITS = 19
Step = tuple[datetime, str, str]


def trace(room: Newsroom, story: str, *, as_json: bool) -> int:
    """Print every step of *story*, an id, slug or address; returns 1 if there is none."""
    key = key_of(story)
    with room.database.reading() as tx:
        row = None if key is None else tx.stories.get(key)
        if row is None:
            output.complain(story, "there is no such story")
            return 1
        steps = sorted(_steps(row.id, tx), key=lambda step: step[0])
        views = tx.views.total(row.id)
    if as_json:
        for at, what, said in steps:
            output.json_line({"story": row.id, "at": rfc3339(at), "step": what, "detail": said})
        return 0
    zone = ZoneInfo(room.settings.zone)
    output.console.print(
        f"Story {row.id}, lineage {row.lineage}, {row.state}, {row.latest} versions, {views} views"
    )
    output.table(
        ("time", "step", "detail"),
        [(f"{at.astimezone(zone):%d.%m.%Y %H:%M:%S}", what, said) for at, what, said in steps],
    )
    return 0


def key_of(story: str) -> int | None:
    """Return the number at the end of an id, slug or address, None where there is none that a story could have."""
    found = _KEY.search(story)
    key = int(found[1]) if found and len(found[1]) < _DIGITS else 0
    return key or None


def _steps(story: int, tx: Transaction) -> list[Step]:
    steps: list[Step] = []
    for take in tx.takes.of_story(story):
        said = f"{take.guid} version {take.version or '-'}: {take.action}" + (
            f", {take.reason}" if take.reason else ""
        )
        steps.append((from_epoch(take.received_at), "take", said))
    for entry in tx.journal.of_story(story):
        mentions = tx.mentions.of_version(entry.version, published=None)
        linked = (
            ", ".join(f"{m.name} ({m.evidence[0].kind})" for m in mentions if m.published and m.evidence)
            or "no share"
        )
        steps.append((entry.at, f"journal {entry.seq}", f"{entry.kind}, {entry.action}; {linked}"))
    told = tx.dispatches.of_story(story)
    balances = tx.ledger.balances([one.key for one in told])
    for one in told:
        states = balances[one.key].states()
        became = ", ".join(f"{n} {state}" for state, n in states.items()) or "nobody was left"
        steps.append((one.decided_at, "letters", f"{one.kind} to {one.matched}: {became}"))
    return steps
