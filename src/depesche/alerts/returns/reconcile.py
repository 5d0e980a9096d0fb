"""Settle letters in doubt by the mail server's own log: did it have them when the connection broke?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from depesche.alerts.returns.bounces import BounceDesk
from depesche.lib.mailback.postfixlog import LogFate, read
from depesche.model.subscription import SENT
from depesche.store.database import Database
from depesche.store.letters.outbox import Fate


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many letters were in doubt, and what the log said of them; `absent` ones it does not know."""

    uncertain: int
    sent: int
    bounced: int
    absent: int


def reconcile(
    database: Database, desk: BounceDesk, lines: Iterable[bytes], now: datetime, *, dry: bool = False
) -> Reconciled:
    """Look for every letter in doubt in *lines* of a Postfix log, oldest first, and settle those that it knows.

    A letter that the server had queued was handed over, whatever came later: if it bounced, the bounce desk is told,
    as by a report. It counts as sent when the log says that it was queued, or else *now*. Letters that the log does not
    know stay in doubt, for the log may not be all of it.
    """
    with database.reading() as tx:
        doubtful = tx.returns.uncertain()
    fates = read(lines, doubtful.keys()) if doubtful else {}
    counts: Counter[str] = Counter()
    with database.transaction() as tx:
        still = {key: letter for letter, key in tx.returns.uncertain().items()}
        for message_id, fate in fates.items():
            key = doubtful[message_id]
            if key not in still:  # the courier has settled it meanwhile
                continue
            outcome = "bounced" if fate.status in ("bounced", "expired") else "sent"
            counts[outcome] += 1
            if dry:
                continue
            tx.outbox.settle([Fate(key, SENT, _reason(fate), sent_at=fate.queued_at)], now)
            owner = tx.returns.of_message_id(message_id)
            if outcome == "bounced" and owner is not None:
                desk.refused(tx, owner[0], owner[1], 0, f"{fate.dsn or ''} {fate.said}".strip(), source="log")
    return Reconciled(len(doubtful), counts["sent"], counts["bounced"], len(doubtful) - sum(counts.values()))


def _reason(fate: LogFate) -> str:
    return f"the mail log has it: {fate.status}"
