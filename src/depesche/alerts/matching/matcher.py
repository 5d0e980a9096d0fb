"""Decide who is to hear of a story: each subscriber once per lineage, whatever is filed, killed or replayed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from depesche.alerts import hours, naming
from depesche.alerts.matching.met import Meeting
from depesche.lib.clock import Clock
from depesche.model import journal
from depesche.model.journal import Entry
from depesche.model.story import CORRECTION, NEW, PUBLIC, UPDATE, Version
from depesche.model.subscription import (
    ALERT,
    CORRECTION_LETTER,
    KILL_LETTER,
    PENDING,
    RETRACTION_LETTER,
    SUPPRESSED,
    UPDATE_LETTER,
    Decision,
    Dispatch,
)
from depesche.store.database import Database, Transaction
from depesche.store.letters.dispatches import Cared, Followers
from depesche.store.letters.outbox import Fate

CORRECTION_HOURS = 48.0  # a correction or withdrawal is worth more late than never
_STALE = timedelta(
    days=30
)  # replayed from so far back, it has long expired, and who was told may be forgotten
_UTC = ZoneInfo("UTC")
_UNSEARCHED = "entries without searches"
_AT_ONCE = 100


class Matcher:
    """A follower of the journal that turns stories into dispatches.

    It reads what the store says now and notes in the same transaction who was told of which lineage, so that
    handling entries again changes nothing. Sponsored stories alert nobody: consent to news is no consent to
    advertising. *zone* is the portal's, for readers who named none.

    While searches are still being loaded, stories are held against all the rest; `catch_up` decides on those stories again.
    """

    name = "alerts"

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secret: str,
        *,
        mail_domain: str,
        alert_hours: float = 6.0,
        zone: ZoneInfo = _UTC,
        meeting: Meeting | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = naming.MessageIds(secret, mail_domain)
        self._alert_life = timedelta(hours=alert_hours)
        self._correction_life = timedelta(hours=max(alert_hours, CORRECTION_HOURS))
        self._zone = zone
        self._meeting = meeting or Meeting()
        self._turn = threading.Lock()

    def handle(self, entries: Sequence[Entry]) -> None:
        """Decide what *entries* bring about and move the cursor, in one transaction."""
        if not entries:
            return
        with self._turn, self._database.transaction() as tx:
            if not self._meeting.is_ready and not tx.chores.position(_UNSEARCHED):
                tx.chores.reach(_UNSEARCHED, entries[0].seq)
            for entry in entries:
                self._decide(entry, tx)
            tx.cursors.reach(self.name, entries[-1].seq, self._clock.now())

    def catch_up(self) -> bool:
        """Once searches are loaded, decide anew on some of what came before; tells whether there is more.

        Nobody is told twice: whoever follows a search alone is told now.
        """
        if not self._meeting.is_ready:
            return False
        with self._turn, self._database.transaction() as tx:
            first, reached = tx.chores.position(_UNSEARCHED), tx.cursors.read(self.name)
            if not first:
                return False
            entries = [one for one in tx.journal.after(first - 1, _AT_ONCE) if one.seq <= reached]
            for entry in entries:
                self._decide(entry, tx)
            if len(entries) < _AT_ONCE:
                tx.chores.finish(_UNSEARCHED)
            else:
                tx.chores.reach(_UNSEARCHED, entries[-1].seq + 1)
            return len(entries) == _AT_ONCE

    def _decide(self, entry: Entry, tx: Transaction) -> None:
        if entry.kind in (journal.KILLED, journal.WITHHELD):
            self._take_back(entry, tx)
        elif entry.kind == journal.RELINKED:
            version = tx.newsstand.version(entry.story)
            # News that has only now found its share is still news for a while; letters whose share is gone stop at the gate.
            if version is not None and _public_at(version) + self._alert_life > self._clock.now():
                self._alert(version, _public_at(version), tx, updates=True)
            if version is not None:
                self._retract(entry, version, tx)
        elif entry.kind in (journal.FILED, journal.RELEASED):
            version = tx.newsstand.version(entry.story)
            # A current version older than the entry's means that the entry's own waits for its embargo.
            if version is None or version.key < entry.version:
                return
            if entry.kind == journal.RELEASED or entry.action in (NEW, UPDATE):
                self._alert(version, entry.at, tx, updates=True)
            if entry.action == CORRECTION:
                self._tell(entry, CORRECTION_LETTER, tx)

    # -- news ----------------------------------------------------------------------------------

    def _alert(self, version: Version, public_at: datetime, tx: Transaction, *, updates: bool) -> None:
        """Alert those who followed what *version* meets when it came public and have not heard of its lineage.

        With *updates*, those who have heard and want to hear on are told of this version too.
        """
        if public_at + _STALE < self._clock.now():
            return
        lineages = (version.lineage, *tx.kin.former(version.lineage))
        targets = self._meeting.targets(version, lineages, tx)
        followers = tx.dispatches.followers(targets, public_at)
        if not followers or tx.newsstand.is_sponsored(version.story):
            return
        known = tx.dispatches.told_if_any(lineages)
        # A story that was parted from its lineage brings along whom it was told to.
        told = tx.dispatches.alerted(version.story) if known is None else known
        # An alert that expired says nothing new the second time.
        before = tx.dispatches.of_version(version.story, version.key) if known is not None or told else told
        expires_at = public_at + self._alert_life
        if new := followers.without(told | before):
            one = self._dispatch(ALERT, version, targets, public_at, expires_at)
            reached = self._enter(one, new, tx)
            # Those told of a lineage that became a part of this one are told of this one with it.
            tx.dispatches.tell(version.lineage, ALERT, reached, self._clock.now(), told)
        if updates and told:
            keen = tx.dispatches.followers(targets, public_at, updates=True)
            if again := keen.only(told).without(before):
                self._enter(self._dispatch(UPDATE_LETTER, version, targets, public_at, expires_at), again, tx)

    def _dispatch(
        self, kind: str, version: Version, targets: Sequence[int], due_at: datetime, expires_at: datetime
    ) -> Dispatch:
        return Dispatch(
            0, kind, version.story, version.lineage, version.key, tuple(targets), 0, self._clock.now(), due_at, expires_at,
        )  # fmt: skip

    # -- what comes after news -----------------------------------------------------------------

    def _take_back(self, entry: Entry, tx: Transaction) -> None:
        """Stop the unsent letters on a story that is off the stand; tell of a kill those who have had one."""
        standing = tx.newsstand.standing(entry.story)
        if standing is None or standing.state == PUBLIC:
            return
        reason = f"the story was {entry.kind}"
        tx.dispatches.reached(
            entry.story
        )  # locks letters before who was told, in the order in which couriers do
        tx.dispatches.untell(tx.chunks.drop_story(entry.story, reason, self._clock.now()))
        tx.outbox.drop_story(entry.story, reason)
        if entry.kind == journal.KILLED:
            self._tell(entry, KILL_LETTER, tx)
        # Who was to hear of the lineage by this story has heard nothing yet, and may hear of its continuation.
        for story in tx.newsstand.lineage_stories(entry.lineage):
            version = tx.newsstand.version(story)
            if version is not None and _public_at(version) + self._alert_life > self._clock.now():
                self._alert(version, _public_at(version), tx, updates=False)

    def _tell(self, entry: Entry, kind: str, tx: Transaction) -> None:
        """Tell those whom a letter on the story has or may have reached what became of it, once."""
        reached, targets = tx.dispatches.reached(entry.story)
        people = tx.dispatches.followers(targets, self._clock.now()).only(reached)
        self._tell_these(entry, kind, people, targets, tx)

    def _tell_these(
        self, entry: Entry, kind: str, people: Followers, targets: Sequence[int], tx: Transaction
    ) -> None:
        event = naming.event(kind, entry.story, entry.version)
        new = people.without(tx.dispatches.told([entry.lineage], event))
        if not new:
            return
        expires_at = entry.at + self._correction_life
        one = Dispatch(
            0, kind, entry.story, entry.lineage, entry.version, tuple(targets), 0, self._clock.now(), entry.at, expires_at,
        )  # fmt: skip
        tx.dispatches.tell(entry.lineage, event, self._enter(one, new, tx), self._clock.now())

    def _retract(self, entry: Entry, version: Version, tx: Transaction) -> None:
        """Tell those who heard of a story only because of shares that it is not about any more."""
        reached, targets = tx.dispatches.reached(entry.story)
        if not reached:
            return
        now = self._meeting.targets(version, (version.lineage, *tx.kin.former(version.lineage)), tx)
        gone = [one for one in targets if one not in now]
        if not gone:
            return
        at = self._clock.now()
        kept = tx.dispatches.followers([one for one in targets if one in now], at).all()
        lost = tx.dispatches.followers(gone, at).only(reached).without(kept)
        self._tell_these(entry, RETRACTION_LETTER, lost, gone, tx)

    # -- entering ------------------------------------------------------------------------------

    def _enter(self, one: Dispatch, people: Followers, tx: Transaction) -> BitMap:
        """Enter a dispatch to *people*: chunks for most, letters of their own for those who need care; returns who is told."""
        now = self._clock.now()
        cared = [
            found
            for found in (tx.dispatches.cared(people.care, one.targets) if people.care else ())
            if not hours.is_paused(now, found.subscriber)
        ]
        told = BitMap.union(BitMap(found.subscriber.key for found in cared), *people.plain.values())
        if not told:
            return told
        one = replace(one, matched=len(told))
        one = replace(one, key=tx.dispatches.decide(one, people.plain))
        letters = [self._letter(one, found) for found in cared]
        tx.outbox.decide((decision for decision, _ in letters), now, (fate for _, fate in letters))
        return told

    def _letter(self, one: Dispatch, found: Cared) -> tuple[Decision, Fate]:
        """Return the letter to a reader who needs care, and its first state: by digest, after the quiet hours, or not at all."""
        reader, now = found.subscriber, self._clock.now()
        by_digest = found.by_digest and one.kind in (ALERT, UPDATE_LETTER)
        first = (
            hours.next_digest(max(now, one.due_at), reader, self._zone) if by_digest else max(now, one.due_at)
        )
        due_at = hours.waiting_until(first, reader, self._zone)
        digest_at = due_at if by_digest else None
        waits = due_at > max(now, one.due_at)
        decision = Decision(
            name=naming.row(reader.key, one), kind=one.kind, subscriber=reader.key,
            message_id=self._ids.of(naming.letter(reader.key, one)), due_at=due_at if waits else one.due_at,
            expires_at=due_at + (one.expires_at - one.due_at) if waits else one.expires_at, story=one.story,
            lineage=one.lineage, version=one.version, channel=reader.channel, dispatch=one.key, digest_at=digest_at,
        )  # fmt: skip
        if reader.suppressed:
            return decision, Fate(0, SUPPRESSED, "the address is suppressed")
        return decision, Fate(0, PENDING)


def _public_at(version: Version) -> datetime:
    return max(version.filed_at, version.embargoed or version.filed_at)
