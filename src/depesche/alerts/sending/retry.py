"""What becomes of a letter that was not taken, and how long a mail server that cannot be reached is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from depesche.alerts.channel import Handed
from depesche.model.subscription import PENDING, UNCERTAIN, Outgoing
from depesche.store.letters.outbox import Fate

_RETRY_MINUTES = (1, 5, 15, 30, 60)
_FIRST, _LONGEST = timedelta(seconds=5), timedelta(minutes=5)


class Patience:
    """The time for which the mail server is left alone: 5 s at first, twice as long each time, 5 min at most; `trouble` says why."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self._next = _FIRST
        self._until: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Tell whether it is left alone for now; a clock that was set back does not make it longer."""
        return self._until is not None and timedelta() < self._until - now <= _LONGEST

    def step_back(self, trouble: str, now: datetime) -> str:
        """Leave it alone from *now* on; returns *trouble*."""
        self.trouble = trouble
        self._until = now + self._next
        self._next = min(2 * self._next, _LONGEST)
        return trouble

    def end(self) -> None:
        """Note that it takes letters."""
        self._next, self._until = _FIRST, None


def fate(letter: Outgoing, answer: Handed, now: datetime, *, resend: bool) -> Fate:
    """Return what becomes of *letter* after *answer*; one in doubt is handed over again where *resend* says so."""
    reason = answer.reason
    if answer.state == PENDING:
        minutes = _RETRY_MINUTES[min(letter.tries, len(_RETRY_MINUTES) - 1)]
        again = answer.again_at or now + timedelta(minutes=minutes)
        # A letter in doubt stays so, whatever a later try says short of taking or refusing it.
        state = letter.state if letter.state == UNCERTAIN else PENDING
        return Fate(letter.key, state, reason, again, tried=True)
    if answer.state == UNCERTAIN:
        resent = now + timedelta(minutes=_RETRY_MINUTES[0]) if resend else None
        return Fate(letter.key, UNCERTAIN, reason, resent, tried=True)
    return Fate(letter.key, answer.state, reason, tried=True)


def as_before(letter: Outgoing) -> Fate:
    """Put back a letter that nobody tried to hand over."""
    state = letter.state if letter.state == UNCERTAIN else PENDING
    return Fate(letter.key, state, letter.reason, letter.decision.due_at)
