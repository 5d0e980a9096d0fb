"""Decide who is to hear of a story: each subscriber once per lineage, whatever is filed, killed or replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from depesche.alerts import naming
from depesche.lib.clock import Clock
from depesche.model import journal
from depesche.model.journal import Entry
from depesche.model.story import CORRECTION, NEW, PUBLIC, UPDATE, Version
from depesche.model.subscription import (
    ALERT,
    CORRECTION_LETTER,
    DROPPED,
    EXPIRED,
    KILL_LETTER,
    Decision,
    Target,
)
from depesche.store.database import Database, Transaction

CORRECTION_HOURS = 48.0  # a correction or withdrawal is worth more late than never


class Matcher:
    """A follower of the journal that turns stories into decisions.

    It reads what the store says now and names each decision, so that handling entries again changes
    nothing. Sponsored stories alert nobody: consent to news is no consent to advertising.
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
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = naming.MessageIds(secret, mail_domain)
        self._alert_life = timedelta(hours=alert_hours)
        self._correction_life = timedelta(hours=max(alert_hours, CORRECTION_HOURS))

    def handle(self, entries: Sequence[Entry]) -> None:
        """Decide the letters that *entries* bring about, in one transaction."""
        with self._database.transaction() as tx:
            for entry in entries:
                self._decide(entry, tx)

    def _decide(self, entry: Entry, tx: Transaction) -> None:
        if entry.kind in (journal.KILLED, journal.WITHHELD):
            self._take_back(entry, tx)
        elif entry.kind == journal.RELINKED:
            version = tx.newsstand.version(entry.story)
            # News that has only now found its share is still news for a while; letters whose share is gone stop at the gate.
            if version is not None and _public_at(version) + self._alert_life > self._clock.now():
                self._alert(version, _public_at(version), tx)
        elif entry.kind in (journal.FILED, journal.RELEASED):
            version = tx.newsstand.version(entry.story)
            # A current version older than the entry's means that the entry's own waits for its embargo.
            if version is None or version.key < entry.version:
                return
            if entry.kind == journal.RELEASED or entry.action in (NEW, UPDATE):
                self._alert(version, entry.at, tx)
            if entry.action == CORRECTION:
                self._correct(entry, tx)

    def _alert(self, version: Version, public_at: datetime, tx: Transaction) -> None:
        """Alert those who followed a share of *version* when it came public and have not heard of its lineage."""
        cards = tx.newsstand.cards([version.story])
        if not cards or cards[0].sponsored:
            return
        isins = {one.key: one.isin for one in tx.mentions.of_version(version.key)}
        targets = {
            one.key: one.value for one in tx.targets.find(Target.share(isin) for isin in isins.values())
        }
        followers = tx.subscriptions.followers(list(targets), public_at)
        told = self._told_before(list(followers), version.lineage, tx)
        followers = {one: shares for one, shares in followers.items() if one not in told}
        if not followers:
            return

        def decisions() -> Iterator[Decision]:
            for subscriber, followed in followers.items():
                name = naming.alert(subscriber, version.lineage)
                yield Decision(
                    name=name, kind=ALERT, subscriber=subscriber, message_id=self._ids.of(name), due_at=public_at,
                    expires_at=public_at + self._alert_life, story=version.story, lineage=version.lineage,
                    version=version.key, reasons=tuple(targets[one] for one in followed),
                )  # fmt: skip

        tx.outbox.decide(decisions(), self._clock.now())

    def _told_before(self, subscribers: Sequence[int], lineage: int, tx: Transaction) -> set[int]:
        """Return those who were alerted on a lineage that has become a part of this one."""
        former = tx.kin.former(lineage) if subscribers else ()
        names = {naming.alert(one, part): one for part in former for one in subscribers}
        states = tx.outbox.alerts(list(names)) if names else {}
        return {names[name] for name, (state, _) in states.items() if state not in (DROPPED, EXPIRED)}

    def _correct(self, entry: Entry, tx: Transaction) -> None:
        """Tell those whom an alert on the story has or may have reached that it was corrected."""
        self._tell(entry, CORRECTION_LETTER, tx)

    def _take_back(self, entry: Entry, tx: Transaction) -> None:
        """Stop the unsent letters on a story that is off the stand; tell of a kill those who have had one."""
        standing = tx.newsstand.standing(entry.story)
        if standing is None or standing.state == PUBLIC:
            return
        tx.outbox.drop_story(entry.story, f"the story was {entry.kind}")
        if entry.kind == journal.KILLED:
            self._tell(entry, KILL_LETTER, tx)
        # Who was to hear of the lineage by this story has heard nothing yet, and may hear of its continuation.
        for story in tx.newsstand.lineage_stories(entry.lineage):
            version = tx.newsstand.version(story)
            if version is not None:
                self._alert(version, _public_at(version), tx)

    def _tell(self, entry: Entry, kind: str, tx: Transaction) -> None:
        def decisions() -> Iterator[Decision]:
            for subscriber, reasons in tx.outbox.alerted(entry.story):
                if kind == KILL_LETTER:
                    name = naming.kill(subscriber, entry.lineage, entry.story)
                else:
                    name = naming.correction(subscriber, entry.lineage, entry.version)
                yield Decision(
                    name=name, kind=kind, subscriber=subscriber, message_id=self._ids.of(name), due_at=entry.at,
                    expires_at=entry.at + self._correction_life, story=entry.story, lineage=entry.lineage,
                    version=entry.version, reasons=reasons,
                )  # fmt: skip

        tx.outbox.decide(decisions(), self._clock.now())


def _public_at(version: Version) -> datetime:
    return max(version.filed_at, version.embargoed or version.filed_at)
