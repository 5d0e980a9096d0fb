"""The courier: takes what is due from the outbox, looks at it once more, and hands it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from depesche.alerts.brief import Brief, StoryBrief
from depesche.alerts.channel import Channel, Letter
from depesche.alerts.gate import Gate
from depesche.alerts.handover import HandoverJournal
from depesche.alerts.letter import Composer
from depesche.lib.clock import Clock
from depesche.model.errors import DeliveryError
from depesche.model.subscription import DEAD, DROPPED, EXPIRED, PENDING, SENT, UNCERTAIN, Outgoing
from depesche.store.database import Database
from depesche.store.outbox import Fate

_CHUNK = 500
_LOOK_AGAIN = timedelta(seconds=0.25)  # how long a letter may follow the last look at its story
_RETRY_MINUTES = (1, 5, 15, 30, 60)
_FIRST_BLOCK, _LONGEST_BLOCK = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run did, in letters; `trouble` says why no more could be handed over, where that was so."""

    sent: int = 0
    postponed: int = 0
    uncertain: int = 0
    dead: int = 0
    expired: int = 0
    dropped: int = 0
    trouble: str | None = None


class Courier:
    """Hands over letters, one chunk after the other; not for use by two threads or processes at once.

    The database knows each chunk as claimed before the first letter leaves and its outcome after the
    last; between the two, the small file at *journal* knows which letter is on its way. So a killed courier
    loses nothing, and leaves in doubt only the letter whose 250 had not come. Such a letter is
    sent again with the same Message-ID, or with *resend* off is kept as uncertain.

    Raises:
        StoreError: another courier holds the journal.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channel: Channel,
        composer: Composer,
        *,
        journal: Path,
        resend: bool = True,
        chunk: int = _CHUNK,
    ) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._composer = composer
        self._resend = resend
        self._chunk = chunk
        self._journal = HandoverJournal(journal)
        self._block = _FIRST_BLOCK
        self._blocked_until: datetime | None = None
        self._trouble: str | None = None
        self._recover()

    def close(self) -> None:
        """Hang up and give back the journal."""
        self._channel.close()
        self._journal.close()

    def run_once(self) -> Sent:
        """Hand over everything that is due and say what became of it.

        When the mail server cannot be reached, letters stay as they are and the next runs wait, 5 s at
        first and 5 min at most.
        """
        counts: Counter[str] = Counter()
        now = self._clock.now()
        with self._database.transaction() as tx:
            counts[EXPIRED] = tx.outbox.expire(now)
        trouble = self._work_through(counts)
        return Sent(
            sent=counts[SENT], postponed=counts[PENDING], uncertain=counts[UNCERTAIN], dead=counts[DEAD],
            expired=counts[EXPIRED], dropped=counts[DROPPED], trouble=trouble,
        )  # fmt: skip

    def _work_through(self, counts: Counter[str]) -> str | None:
        """Send chunk after chunk until nothing is due; returns what stopped it, if something did."""
        if self._blocked_until is not None and self._clock.now() < self._blocked_until:
            return self._trouble
        while self._is_anything_due():
            try:
                self._channel.open()
            except DeliveryError as error:
                return self._step_back(str(error))
            claimed, briefs = self._claim(counts)
            if not claimed:
                break  # another transaction, perhaps of a courier that has just died, still holds what is due
            fates, trouble = self._hand_over(briefs)
            self._settle(fates)
            counts.update(one.state for one in fates if one.tried or one.state == DEAD)
            if trouble is not None:
                self._channel.close()
                return self._step_back(trouble)
            self._block, self._blocked_until = _FIRST_BLOCK, None
        return None

    def _is_anything_due(self) -> bool:
        with self._database.reading() as tx:
            return tx.outbox.is_due(self._clock.now(), resend=self._resend)

    def _step_back(self, trouble: str) -> str:
        self._trouble = trouble
        self._blocked_until = self._clock.now() + self._block
        self._block = min(2 * self._block, _LONGEST_BLOCK)
        return trouble

    def _claim(self, counts: Counter[str]) -> tuple[int, dict[int, tuple[Outgoing, Brief]]]:
        """Claim a chunk and look at each letter; those that may not go are settled here and now.

        Returns how many were claimed, and those that may go.

        The look comes after the claim in the same transaction: whoever changes a story later finds its letters claimed.
        """
        now = self._clock.now()
        ready: dict[int, tuple[Outgoing, Brief]] = {}
        with self._database.transaction() as tx:
            letters = tx.outbox.claim(now, self._chunk, resend=self._resend)
            gate = Gate(tx, letters, now, self._composer.confirm_life)
            stopped: list[Fate] = []
            for one in letters:
                verdict = gate.judge(one)
                if isinstance(verdict, Fate):
                    stopped.append(verdict)
                else:
                    ready[one.key] = (one, verdict)
            tx.outbox.settle(stopped, now)
            for key, (one, _) in ready.items():
                if one.state == UNCERTAIN:
                    self._journal.intend(key, now)  # its doubt outlives the claim
            tx.outbox.intend(list(ready))
        counts.update(one.state for one in stopped)
        return len(letters), ready

    def _hand_over(self, briefs: dict[int, tuple[Outgoing, Brief]]) -> tuple[list[Fate], str | None]:
        """Give the letters to the channel; returns the fate of every one, and what broke the way if it broke."""
        fates: list[Fate] = []
        answers = self._channel.send(
            self._finished(briefs, fates),
            on_intent=lambda key: self._journal.intend(key, self._clock.now()),
            on_accepted=lambda key: self._journal.accept(key, self._clock.now()),
        )
        reason: str | None = None
        is_lost = False
        for answer in answers:
            letter = briefs[answer.key][0]
            if answer.state in (PENDING, DEAD) and letter.state != UNCERTAIN:
                self._journal.refuse(answer.key, self._clock.now())
            fates.append(self._fate(letter, answer.state, answer.reason))
            reason, is_lost = answer.reason, answer.state == UNCERTAIN
        known = {one.key for one in fates}
        left = [letter for key, (letter, _) in briefs.items() if key not in known]
        fates += [_as_before(letter) for letter in left]
        return fates, (reason or "the way was lost") if left or is_lost else None

    def _finished(self, briefs: dict[int, tuple[Outgoing, Brief]], fates: list[Fate]) -> Iterator[Letter]:
        """Write one letter after the other, as the channel takes them, looking at the stories again every 0.25 s.

        Letters on a story that has changed meanwhile are put back, to be judged anew.
        """
        looked_at = self._clock.now()
        changed: set[int] = set()
        for letter, brief in briefs.values():
            now = self._clock.now()
            if now - looked_at >= _LOOK_AGAIN:
                looked_at, changed = now, self._changed(briefs)
            if isinstance(brief, StoryBrief) and brief.version.key in changed:
                fates.append(_as_before(letter))
                continue
            try:
                data = self._composer.compose(letter, brief)
            except ValueError as error:
                fates.append(Fate(letter.key, DEAD, f"cannot be written: {error}"))
                continue
            yield Letter(letter.key, letter.subscriber.address, data)

    def _changed(self, briefs: dict[int, tuple[Outgoing, Brief]]) -> set[int]:
        """Return the versions that are being told and are not on show any more, or not about the same shares."""
        told = {one.version.key: one for _, one in briefs.values() if isinstance(one, StoryBrief)}
        current = set()
        with self._database.reading() as tx:
            for key, brief in told.items():
                version = tx.newsstand.version(brief.version.story)
                shares = {one.isin for one in tx.mentions.of_version(key)}
                if (
                    version is not None
                    and version.key == key
                    and shares == {one.isin for one in brief.shares}
                ):
                    current.add(key)
        return told.keys() - current

    def _fate(self, letter: Outgoing, state: str, reason: str | None) -> Fate:
        if state == PENDING:
            minutes = _RETRY_MINUTES[min(letter.tries, len(_RETRY_MINUTES) - 1)]
            # A letter in doubt stays so, whatever a later try says short of taking or refusing it.
            state = letter.state if letter.state == UNCERTAIN else PENDING
            return Fate(letter.key, state, reason, self._clock.now() + timedelta(minutes=minutes), tried=True)
        if state == UNCERTAIN:
            again = self._clock.now() + timedelta(minutes=_RETRY_MINUTES[0]) if self._resend else None
            return Fate(letter.key, UNCERTAIN, reason, again, tried=True)
        return Fate(letter.key, state, reason, tried=True)

    def _settle(self, fates: list[Fate]) -> None:
        with self._database.transaction() as tx:
            tx.outbox.settle(fates, self._clock.now())
        self._journal.clear()

    def _recover(self) -> None:
        """Say what became of the letters that a killed courier had claimed."""
        recorded = self._journal.read()
        now = self._clock.now()
        with self._database.transaction() as tx:
            fates = [self._recovered(key, recorded) for key in tx.outbox.intended()]
            tx.outbox.settle(fates, now)
        self._journal.clear()

    def _recovered(self, key: int, recorded: dict[int, datetime | None]) -> Fate:
        now = self._clock.now()
        answered_at = recorded.get(key)
        if answered_at is not None:
            return Fate(key, SENT, tried=True, sent_at=answered_at)
        if key in recorded or self._journal.is_new:
            reason = "the courier was stopped before the mail server's answer"
            return Fate(key, UNCERTAIN, reason, now if self._resend else None, tried=True)
        return Fate(key, PENDING)


def _as_before(letter: Outgoing) -> Fate:
    """Put back a letter that nobody tried to hand over."""
    return Fate(letter.key, letter.state, letter.reason, letter.decision.due_at)
