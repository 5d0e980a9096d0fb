"""The courier: takes what is due from the outbox, looks at it once more, and hands it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from depesche.alerts.channel import Channel, Handed, Letter
from depesche.alerts.letters.brief import Writer
from depesche.alerts.matching.met import Meeting
from depesche.alerts.sending import retry
from depesche.alerts.sending.domains import Domains
from depesche.alerts.sending.handover import HandoverJournal
from depesche.alerts.sending.load import LEASE, Load, Loader
from depesche.alerts.sending.lookout import Lookout
from depesche.alerts.sending.retry import Patience
from depesche.lib.clock import Clock
from depesche.model.bounce import letter_number
from depesche.model.errors import DeliveryError
from depesche.model.subscription import (
    DEAD,
    DROPPED,
    EMAIL,
    EXPIRED,
    PENDING,
    SENT,
    SUPPRESSED,
    UNCERTAIN,
    Outgoing,
)
from depesche.store.database import Database, Transaction
from depesche.store.letters.outbox import Fate

_CHUNK = 500
_EXPIRE_EVERY = timedelta(seconds=1)
_ADOPT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run did, in letters; `trouble` says why no more could be handed over, where that was so."""

    sent: int = 0
    postponed: int = 0
    uncertain: int = 0
    dead: int = 0
    suppressed: int = 0
    expired: int = 0
    dropped: int = 0
    trouble: str | None = None


Hearing = Callable[[Transaction, Outgoing, Handed], object]


def _no_sender(_subscriber: int, _letter: int) -> str:
    """Leave the envelope sender to the channel."""
    return ""


class Courier:
    """Hands over letters on one connection, one chunk or load of single letters after the other; used by one thread.

    The database knows what it has claimed, by its *name* (else the journal's), before the first letter leaves, and the
    outcome after the last; between the two, the small file at *journal* knows which letter is on its way. So a killed
    courier loses nothing, and leaves in doubt only the letter whose 250 had not come. Such a letter is sent
    again with the same Message-ID, or with *resend* off is kept as uncertain. *sender* makes the envelope sender of
    a subscriber's letter with a number, *on_answer* hears what the other side said to each letter that is of any of the states *heard*, in the
    transaction that settles them. Several couriers, each with a journal of its own, may share *domains* and *meeting*.

    Raises:
        StoreError: another courier holds the journal.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channel: Channel,
        composer: Writer,
        *,
        journal: Path,
        name: str = "",
        resend: bool = True,
        chunk: int = _CHUNK,
        channel_name: str = EMAIL,
        domains: Domains | None = None,
        sender: Callable[[int, int], str] = _no_sender,
        on_answer: Hearing | None = None,
        heard: Collection[str] = (DEAD,),
        meeting: Meeting | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._composer = composer
        self._resend = resend
        self._sender = sender
        self._on_answer = on_answer
        self._heard = frozenset(heard) if on_answer else frozenset()
        self._answers: list[tuple[Outgoing, Handed]] = []
        self._domains = domains or Domains()
        self._loader = Loader(
            channel_name,
            name or journal.name,
            composer.ids,
            meeting or Meeting(),
            composer.confirm_life,
            resend,
            chunk,
            zone or ZoneInfo("UTC"),
        )
        self._journal = HandoverJournal(journal)
        self._patience = Patience()
        self._expired_at: datetime | None = None
        self._is_under_way = False
        self._adopted_at: datetime | None = None
        self._recover(is_lost=self._journal.is_new)

    def close(self) -> None:
        """Hang up and give back the journal."""
        self._channel.close()
        self._journal.close()

    def run_once(self, at_most: int | None = None) -> Sent:
        """Hand over everything that is due, or loads until *at_most* letters are sent, and say what became of it.

        When the mail server cannot be reached, letters stay as they are and the next runs wait, 5 s at
        first and 5 min at most. A run that the database broke off is made good by its journal first.
        """
        if self._is_under_way:
            self._channel.close()
            self._recover(is_lost=False)
        counts: Counter[str] = Counter()
        self._tidy(counts)
        trouble = self._work_through(counts, at_most)
        return Sent(
            sent=counts[SENT], postponed=counts[PENDING], uncertain=counts[UNCERTAIN], dead=counts[DEAD],
            suppressed=counts[SUPPRESSED], expired=counts[EXPIRED], dropped=counts[DROPPED], trouble=trouble,
        )  # fmt: skip

    def _tidy(self, counts: Counter[str]) -> None:
        """Give up what nobody handed over in time, and take on what vanished couriers had, each as often as it is worth a write.

        What is claimed is looked at in any case.
        """
        now = self._clock.now()
        if _is_within(now, self._expired_at, _EXPIRE_EVERY):
            return
        with self._database.transaction() as tx:
            if not _is_within(now, self._adopted_at, _ADOPT_EVERY):
                self._loader.adopt(tx, now)
                self._adopted_at = now
            late, untold = tx.chunks.expire(now)
            tx.dispatches.untell(untold)
            counts[EXPIRED] = late + tx.outbox.expire(now)
        self._expired_at = now

    def _work_through(self, counts: Counter[str], at_most: int | None) -> str | None:
        """Send load after load until nothing is due; returns what stopped it, if something did."""
        if self._patience.lasts(self._clock.now()):
            return self._patience.trouble
        while (at_most is None or counts[SENT] < at_most) and self._is_anything_due():
            try:
                self._channel.open()
            except DeliveryError as error:
                return self._patience.step_back(str(error), self._clock.now())
            load = self._claim(counts)
            if not load.claimed:
                self._is_under_way = False
                break  # another transaction, perhaps of a courier that has just died, still holds what is due
            fates, trouble = self._hand_over(load)
            if load.ready:
                self._settle(load, fates)
            self._is_under_way = False
            counts.update(one.state for one in fates if one.tried or one.state == DEAD)
            if trouble is not None:
                self._channel.close()
                return self._patience.step_back(trouble, self._clock.now())
            self._patience.end()
        return None

    def _is_anything_due(self) -> bool:
        with self._database.reading() as tx:
            return self._loader.is_due(tx, self._clock.now())

    def _claim(self, counts: Counter[str]) -> Load:
        """Claim a load; those of its letters that may not go are settled with it."""
        now = self._clock.now()
        self._is_under_way = True
        with self._database.transaction() as tx:
            load = self._loader.claim(tx, now)
            for key, (one, _) in load.ready.items():
                if one.state == UNCERTAIN:
                    self._journal.intend(key)  # its doubt outlives the claim
        counts.update(one.state for one in load.stopped if one.state != PENDING)
        return load

    def _hand_over(self, load: Load) -> tuple[list[Fate], str | None]:
        """Give the letters to the channel; returns the fate of every one, and what broke the way if it broke."""
        fates: list[Fate] = []
        answers = self._channel.send(
            self._finished(load, fates),
            on_intent=self._journal.intend,
            on_accepted=lambda key: self._journal.accept(key, self._clock.now()),
        )
        reason: str | None = None
        is_lost = False
        for answer in answers:
            fates.append(self._note(load.ready[answer.key][0], answer))
            reason, is_lost = answer.reason or reason, is_lost or answer.state == UNCERTAIN
        known = {one.key for one in fates}
        left = [letter for key, (letter, _) in load.ready.items() if key not in known]
        fates += [retry.as_before(letter) for letter in left]
        return fates, (reason or "the way was lost") if left or is_lost else None

    def _note(self, letter: Outgoing, answer: Handed) -> Fate:
        """Write down an answer, and return what becomes of the letter."""
        if answer.state in (PENDING, DEAD) and letter.state != UNCERTAIN:
            self._journal.refuse(answer.key)
        if answer.state == PENDING:
            self._domains.refused_for_now(letter.subscriber.address, self._clock.now())
        else:
            self._domains.answered(letter.subscriber.address)
        if answer.state in self._heard:
            self._answers.append((letter, answer))
        if answer.state == SENT:
            return Fate(answer.key, SENT, answer.reason, tried=True)
        return retry.fate(letter, answer, self._clock.now(), resend=self._resend)

    def _finished(self, load: Load, fates: list[Fate]) -> Iterator[Letter]:
        """Write one letter after the other, as the channel takes them, looking at stories and readers again every 0.25 s.

        Letters on a story that has changed meanwhile, or to a reader who has gone, are put back, to be judged anew; so are those whose domain has had
        enough for now, for later.
        """
        claimed_at = self._clock.now()
        lookout = Lookout(self._database, load, claimed_at)
        for letter, brief in load.ready.values():
            now = self._clock.now()
            if lookout.looks(now) and now - claimed_at >= LEASE / 4:
                claimed_at = now
                self._prolong(load)
            if lookout.is_stale(letter, brief):
                fates.append(retry.as_before(letter))
                continue
            later = self._domains.waits_until(letter.subscriber.address, now)
            if later is not None:
                fates.append(replace(retry.as_before(letter), due_at=later))
                continue
            try:
                data = self._composer.compose(letter, brief)
            except ValueError as error:
                fates.append(Fate(letter.key, DEAD, f"cannot be written: {error}"))
                continue
            number = letter_number(letter.key, letter.decision.dispatch)
            sender = self._sender(letter.decision.subscriber, number)
            yield Letter(letter.key, letter.subscriber.address, data, sender, letter)

    def _prolong(self, load: Load) -> None:
        until = self._clock.now() + LEASE
        with self._database.transaction() as tx:
            for one in load.chunks:
                tx.chunks.prolong(one.key, until)
            if not load.chunks:
                tx.outbox.prolong(list(load.ready), until)

    def _settle(self, load: Load, fates: list[Fate]) -> None:
        with self._database.transaction() as tx:
            self._loader.settle(load, fates, tx, self._clock.now())
            if self._on_answer is not None:
                for letter, answer in self._answers:
                    self._on_answer(tx, letter, answer)
        self._answers.clear()
        self._journal.clear()

    def _recover(self, *, is_lost: bool) -> None:
        """Say what became of the letters that a killed courier, or a broken run, had claimed."""
        with self._database.transaction() as tx:
            self._loader.recover(tx, self._journal.read(), self._clock.now(), is_lost=is_lost)
        self._journal.clear()
        self._answers.clear()
        self._is_under_way = False


def _is_within(now: datetime, last: datetime | None, span: timedelta) -> bool:
    """Tell whether *last* is at most *span* ago; a clock that was set back makes it long ago."""
    return last is not None and timedelta() <= now - last < span
