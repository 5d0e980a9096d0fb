"""Print what became of everybody whom a story was to reach, or of everything that one reader was to get."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from depesche.lib.clock import rfc3339
from depesche.model.subscription import LETTER_STATES, Balance
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.ops.commands.readers import find_reader
from depesche.ops.commands.trace import key_of

_NEWEST = 20
_WATCHED = timedelta(days=1)


def ledger(room: Newsroom, story: str, reader: str, *, as_json: bool) -> int:
    """Print the ledger of *story*, of the newest stories, or of one *reader*; returns 1 if letters are not accounted for."""
    key = key_of(story) if story else None
    if story and key is None:
        output.complain(story, "there is no such story")
        return 1
    if reader:
        return _of_reader(room, reader, key, as_json=as_json)
    return _of_stories(room, key, as_json=as_json)


def _of_stories(room: Newsroom, story: int | None, *, as_json: bool) -> int:
    rows: list[tuple[int, str, str, Balance]] = []
    with room.database.reading() as tx:
        for one in [story] if story else tx.ledger.newest(_NEWEST):
            told = tx.dispatches.of_story(one)
            balances = tx.ledger.balances([found.key for found in told])
            rows += [(one, found.kind, rfc3339(found.decided_at), balances[found.key]) for found in told]
    if as_json:
        for number, kind, at, balance in rows:
            output.json_line(
                {"story": number, "kind": kind, "decided_at": at, "even": balance.is_even, "balance": balance}
            )
    else:
        named = ("story", "kind", "decided", "matched", *LETTER_STATES, "")
        output.table(
            named,
            [
                (str(number), kind, at, str(balance.matched), *(str(getattr(balance, state) or "") for state in LETTER_STATES),
                 "even" if balance.is_even else "NOT EVEN")
                for number, kind, at, balance in rows
            ],
        )  # fmt: skip
    return int(not all(balance.is_even for *_, balance in rows))


def _of_reader(room: Newsroom, address: str, story: int | None, *, as_json: bool) -> int:
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.reading() as tx:
        letters = [one for one in tx.ledger.of_subscriber(reader.key) if story in (None, one.decision.story)]
    zone = ZoneInfo(room.settings.zone)
    if as_json:
        for one in letters:
            sent = None if one.sent_at is None else rfc3339(one.sent_at)
            output.json_line(
                {"story": one.decision.story, "kind": one.decision.kind, "state": one.state, "sent_at": sent,
                 "decided_at": rfc3339(one.created_at), "tries": one.tries, "reason": one.reason}
            )  # fmt: skip
        return 0
    rows = [
        (
            f"{one.created_at.astimezone(zone):%d.%m.%Y %H:%M:%S}", str(one.decision.story or ""), one.decision.kind, one.state,
            "" if one.sent_at is None else f"{one.sent_at.astimezone(zone):%d.%m.%Y %H:%M:%S}", one.reason or "",
        )
        for one in letters
    ]  # fmt: skip
    output.table(("decided", "story", "kind", "state", "sent", "reason"), rows)
    return 0


def uneven(room: Newsroom) -> list[int]:
    """Return the dispatches of the last day that are not fully accounted for."""
    with room.database.reading() as tx:
        return tx.ledger.uneven(room.clock.now() - _WATCHED)
