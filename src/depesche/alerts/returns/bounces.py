"""The bounce desk: finds the letter that a report is about, says what the report means, and draws the consequence.

A report is believed only where it bears the token of a letter's envelope sender, the Message-ID of one, or the link by which
it can be left: all are keyed, and nobody knows them who has not had that letter. Anything else could be written by
anybody to silence a reader.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from depesche.alerts import naming
from depesche.alerts.channel import Handed
from depesche.alerts.links import Links
from depesche.alerts.returns import verdicts
from depesche.alerts.returns.finder import About, Finder, identity
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.clock import Clock
from depesche.lib.mailback import reports
from depesche.lib.mailback.reports import Ignored, Recipient, Report, Unreadable
from depesche.lib.mailing.verp import Verp
from depesche.model.bounce import (
    COMPLAINT,
    DELAYED,
    DELIVERED,
    FAILURES,
    FULL,
    GONE,
    OURS,
    SOFT,
    UNPROVEN,
    UNREAD,
    WORN_OUT,
    Bounce,
    letter_number,
)
from depesche.model.subscription import LEFT, Outgoing, Subscriber
from depesche.store.database import Database, Transaction

_KEPT = 200_000  # bytes of a report that an operator has to look at
_MENDED = timedelta(hours=2)  # longer than a courier has a letter
# How long mail servers try before they report; until then no news is no good news.
_QUEUE_LIFE = timedelta(days=5)
_KEEP_RAW, _KEEP = timedelta(days=30), timedelta(days=400)
_MILDEST_FIRST = (DELIVERED, DELAYED, OURS, SOFT, FULL, GONE)
_ACTIONS = {"delivered": DELIVERED, "relayed": DELIVERED, "expanded": DELIVERED, "delayed": DELAYED}
_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list", "other"})
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,255}@[^\s<>,;:\"()\[\]]{1,255}")
_log = structlog.get_logger("bounces")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report: what it means (`ignored` for none of the meanings), whether it is `new`, and what it led to."""

    meaning: str
    new: bool = True
    suppressed: bool = False
    ended: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many soft bounces are too many: on `days` different days within the last `window` days, without a success since.

    Of strange reports, the first `kept` of a day are kept whole and the first `strange` are entered at all.
    """

    days: int = 5
    window: int = 30
    kept: int = 500
    strange: int = 10_000


class BounceDesk:
    """Takes reports from every door, and the courier's own refusals; may be used by several threads.

    Without *verp* and *links* the Message-ID alone proves a report; *ids* makes those of letters that were sent in chunks, which
    nobody has written down.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        blocked: SuppressionList,
        verp: Verp | None = None,
        patience: Patience | None = None,
        links: Links | None = None,
        ids: naming.MessageIds | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._blocked = blocked
        self._patience = patience or Patience()
        self._finder = Finder(verp, links, ids)

    # -- reports -------------------------------------------------------------------------------

    def take(self, raw: bytes, source: str, recipients: Sequence[str] = ()) -> Taken:
        """Take the letter *raw* that came by the door *source*, for *recipients* where the door knows them.

        Whatever the letter holds, it is entered before this returns: what nobody can make out is kept, with the reason.
        """
        try:
            report = reports.read(raw)
        except Unreadable as error:
            return self._keep(raw, source, UNREAD, str(error))
        except Exception as error:  # one strange letter must not close the door to all others
            _log.exception("a report could not be read", source=source)
            return self._keep(raw, source, UNREAD, f"the reader failed: {type(error).__name__}")
        if isinstance(report, Ignored):
            return Taken("ignored", why=report.why)
        if report.feedback == "not-spam":
            return Taken("ignored", why="a reader took a complaint back")
        with self._database.transaction() as tx:
            proven = self._finder.find(tx, report, recipients)
            if proven is not None:
                return self._enter_report(tx, report, raw, source, proven)
        return self._keep(
            raw, source, UNPROVEN, _plain(report.recipients[0].said if report.recipients else "")
        )

    def _enter_report(self, tx: Transaction, report: Report, raw: bytes, source: str, about: About) -> Taken:
        reader = tx.subscriptions.by_key(about.subscriber)
        told = _told_of(report.recipients, reader)
        if report.kind == reports.COMPLAINT:
            meaning = COMPLAINT if report.feedback in _COMPLAINTS else OURS
            said = f"{report.feedback} {told.said if told else ''}".strip()
            return self._enter(tx, reader, about, meaning, source, said, told)
        if told is None:
            return self._enter(tx, reader, about, UNREAD, source, "names no recipient", None, raw)
        meaning = _meaning(told)
        if meaning == UNREAD:
            return self._enter(tx, reader, about, UNREAD, source, told.said, told, raw)
        return self._enter(tx, reader, about, meaning, source, told.said, told)

    # -- the courier's refusals ----------------------------------------------------------------

    def refused(
        self,
        tx: Transaction,
        subscriber: int,
        letter: int,
        code: int,
        said: str,
        *,
        at_recipient: bool = True,
        source: str = "smtp",
    ) -> str:
        """Enter that the mail server has refused a letter for good, and return what that means (one of `FAILURES`).

        *at_recipient* tells whether it was refused at RCPT or after its end, and not before the recipient was named. By the
        source `smtp` the letter never counted as sent; by others it does so no longer.
        """
        rule = verdicts.judge(None, said, code)
        meaning = OURS if not at_recipient else rule.meaning if rule else SOFT
        reader = tx.subscriptions.by_key(subscriber)
        about = About(subscriber, letter)
        self._enter(tx, reader, about, meaning, source, f"{code} {said}" if code else said, None)
        return meaning

    def hear(self, tx: Transaction, letter: Outgoing, answer: Handed) -> None:
        """Enter what the courier was answered for *letter*, if it was refused for good."""
        number = letter_number(letter.key, letter.decision.dispatch)
        said = (answer.reason or "").removeprefix(f"{answer.code} ")
        self.refused(
            tx, letter.decision.subscriber, number, answer.code, said, at_recipient=answer.at_recipient
        )

    # -- consequences --------------------------------------------------------------------------

    def _enter(
        self,
        tx: Transaction,
        reader: Subscriber | None,
        about: About,
        meaning: str,
        source: str,
        said: str,
        told: Recipient | None,
        raw: bytes | None = None,
    ) -> Taken:
        now = self._clock.now()
        key = tx.bounces.enter(
            Bounce(
                fingerprint=f"{about.name}:{'failed' if meaning in FAILURES else meaning}", at=now, source=source,
                meaning=meaning, said=_plain(said), status=told.status if told else reports.find_status(said),
                remote=told.remote if told else None, letter=about.letter, raw=None if raw is None else raw[:_KEPT],
                address_hash=None if reader is None else self._blocked.hash_of(reader.identity),
            )
        )  # fmt: skip
        if key is None:
            return Taken(meaning, new=False)
        if meaning in FAILURES and source != "smtp" and about.letter is not None:
            tx.returns.came_back(about.subscriber, about.letter, f"came back: {_plain(said)}"[:300])
        if meaning == OURS:
            _log.warning("a letter was refused for what we are or sent", said=_plain(said), source=source)
        if reader is None:
            return Taken(meaning, why="the reader was erased")
        return self._act(tx, reader, meaning, _plain(said), now, key)

    def _act(
        self, tx: Transaction, reader: Subscriber, meaning: str, said: str, now: datetime, bounce: int
    ) -> Taken:
        """Suppress an address or end what it follows, where *meaning* asks for it."""
        if meaning == GONE:
            return Taken(meaning, suppressed=self._blocked.add(tx, reader.identity, GONE, said, now, bounce))
        if meaning == COMPLAINT:
            is_new = self._blocked.add(tx, reader.identity, COMPLAINT, said, now, bounce)
            return Taken(meaning, suppressed=is_new, ended=_end_all(tx, reader, now))
        if meaning in (SOFT, FULL) and (days := self._bad_days(tx, reader, now)) >= self._patience.days:
            why = f"soft bounces on {days} days without a success; the last: {said}"
            return Taken(
                meaning, suppressed=self._blocked.add(tx, reader.identity, WORN_OUT, why, now, bounce)
            )
        return Taken(meaning)

    def _bad_days(self, tx: Transaction, reader: Subscriber, now: datetime) -> int:
        """Return on how many days letters to *reader* bounced softly since the last success.

        A success is a report of delivery, or a letter of which no bad news came for five days, longer than
        mail servers try.
        """
        since = now - timedelta(days=self._patience.window)
        history = tx.bounces.of_address(self._blocked.hash_of(reader.identity), since)
        known = tx.suppressions.history(self._blocked.hash_of(reader.identity))
        good = [one.at for one in history if one.meaning == DELIVERED]
        good += [one.at for one in known]  # what led to an entry that was lifted is forgiven
        last = tx.returns.last_success(reader.key, since, now - _QUEUE_LIFE)
        good += [last] if last else []
        begin = max(good, default=since)
        return len({one.at.date() for one in history if one.meaning in (SOFT, FULL) and one.at > begin})

    def _keep(self, raw: bytes, source: str, meaning: str, said: str) -> Taken:
        """Enter a report that changes nothing; a flood of them, which costs its sender nothing, is cut short."""
        now = self._clock.now()
        fingerprint = f"{meaning}:{hashlib.sha256(raw).hexdigest()}"
        with self._database.transaction() as tx:
            today = tx.bounces.counts(now - timedelta(days=1))
            strange = today.get(UNREAD, 0) + today.get(UNPROVEN, 0)
            if strange >= self._patience.strange:
                _log.warning("too many strange reports within a day; this one is not kept", source=source)
                return Taken("ignored", why="too many strange reports within a day")
            kept = raw[:_KEPT] if strange < self._patience.kept else None
            one = Bounce(fingerprint, now, source, meaning, _plain(said), raw=kept)
            return Taken(meaning, new=tx.bounces.enter(one) is not None, why=said)

    def tidy(self) -> int:
        """Delete what was kept of unread reports after 30 days, and every report after 400; returns how many.

        A letter may come back before the courier has said that it left: such are entered now.
        """
        now = self._clock.now()
        with self._database.transaction() as tx:
            for one in tx.bounces.newest(FAILURES):
                if one.letter is not None and one.source != "smtp" and one.at >= now - _MENDED:
                    subscriber = int(one.fingerprint.partition(":")[0])
                    tx.returns.came_back(subscriber, one.letter, f"came back: {one.said}"[:300])
            return tx.bounces.forget(raw_before=now - _KEEP_RAW, before=now - _KEEP)


def _meaning(told: Recipient) -> str:
    if told.action in _ACTIONS:
        return _ACTIONS[told.action]
    rule = verdicts.judge(told.status, told.said)
    return rule.meaning if rule is not None else SOFT if told.status else UNREAD


def _told_of(recipients: Sequence[Recipient], reader: Subscriber | None) -> Recipient | None:
    """Return what is told of *reader*; where a letter went on to others, the best of what is told of them."""
    if reader is not None:
        for one in recipients:
            if reader.identity in (identity(one.original or ""), identity(one.address)):
                return one
    known = [one for one in recipients if _meaning(one) in _MILDEST_FIRST]
    return min(
        known, key=lambda one: _MILDEST_FIRST.index(_meaning(one)), default=next(iter(recipients), None)
    )


def _end_all(tx: Transaction, reader: Subscriber, now: datetime) -> int:
    """End everything that *reader* follows or asked for, and log it; returns how much that was."""
    running = tx.subscriptions.of_subscriber(reader.key)
    for one in running:
        tx.subscriptions.end(one.key, now)
        tx.subscriptions.consent(reader.key, one.key, LEFT, now, source="complaint")
    return len(running)


def _plain(said: str) -> str:
    """Return a server's words on one line and without addresses: they outlive the reader's erasure."""
    shown = "".join(char if char.isprintable() else " " for char in _ADDRESS.sub("(address)", said))
    return " ".join(shown.split())[:500]
