"""How much the mail servers of one domain are asked to take: a limit a minute, and a rest after refusals."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from depesche.lib.clock import epoch, from_epoch

_REFUSALS = 3  # in a row, for now: then the domain is left alone for a while
_REST_MINUTES = (1, 5, 15, 30)
_LONGEST_REST = timedelta(minutes=_REST_MINUTES[-1])
_MINUTE = 60


class Domains:
    """Counts letters by domain; shared by the couriers of a process.

    *limit* is the number of letters a minute to one domain, 0 for no limit. Letters that must wait are spread over
    the minutes to come, so that each is looked at once more and not every minute.
    """

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._turn = threading.Lock()
        self._minute = 0
        self._sent: dict[str, int] = defaultdict(int)
        self._reserved: dict[tuple[str, int], int] = defaultdict(int)
        self._refusals: dict[str, int] = defaultdict(int)
        self._rests: dict[str, datetime] = {}

    def waits_until(self, address: str, now: datetime) -> datetime | None:
        """Return when a letter to *address* may go, None for now; one that may go counts as sent."""
        if not self._limit and not self._rests:
            return None
        domain = address.rpartition("@")[2].lower()
        with self._turn:
            rest = self._rests.get(domain)
            if rest is not None:
                if timedelta() < rest - now <= _LONGEST_REST:  # longer only if the clock was set back
                    return rest
                del self._rests[domain]
            return self._within_limit(domain, now) if self._limit else None

    def _within_limit(self, domain: str, now: datetime) -> datetime | None:
        minute = int(epoch(now)) // _MINUTE
        if minute != self._minute:
            self._minute = minute
            self._sent.clear()
            for key in [one for one in self._reserved if one[1] <= minute]:
                del self._reserved[key]
        if self._sent[domain] < self._limit:
            self._sent[domain] += 1
            return None
        later = minute + 1
        while self._reserved[domain, later] >= self._limit:
            later += 1
        self._reserved[domain, later] += 1
        return from_epoch(later * _MINUTE)

    def answered(self, address: str) -> None:
        """Note that the domain's servers have said yes, or no for good: a row of refusals for now ends."""
        if self._refusals:
            with self._turn:
                self._refusals.pop(address.rpartition("@")[2].lower(), None)

    def refused_for_now(self, address: str, now: datetime) -> None:
        """Note that they have said later; several times in a row bring the domain a rest."""
        domain = address.rpartition("@")[2].lower()
        with self._turn:
            self._refusals[domain] += 1
            over = self._refusals[domain] - _REFUSALS
            if over >= 0:
                minutes = _REST_MINUTES[min(over, len(_REST_MINUTES) - 1)]
                self._rests[domain] = now + timedelta(minutes=minutes)
