"""The addresses that are never mailed: kept by keyed hash, so that they stay so when their reader is erased."""

from __future__ import annotations

import hashlib
from datetime import datetime

from depesche.model.bounce import LIFTED_EVENT, SUPPRESSED_EVENT, Suppression
from depesche.model.subscription import Subscriber
from depesche.store.database import Transaction


class SuppressionList:
    """Adds to the list and takes off it; *secret* keys the hashes, and with another one the list is blind."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha512(b"depesche suppression " + secret.encode()).digest()

    def hash_of(self, identity: str) -> str:
        """Return the keyed hash under which a normalised address stands on the list."""
        return hashlib.blake2b(identity.encode(), key=self._key, digest_size=20).hexdigest()

    def find(self, tx: Transaction, identity: str) -> Suppression | None:
        """Return why an address is not mailed, None where it is."""
        return tx.suppressions.current(self.hash_of(identity))

    def add(
        self,
        tx: Transaction,
        identity: str,
        reason: str,
        detail: str,
        at: datetime,
        bounce: int | None = None,
    ) -> bool:
        """Put an address on the list, whether or not anybody follows something with it; tells whether it is new there."""
        mark = self.hash_of(identity)
        is_new = tx.suppressions.current(mark) is None
        if is_new:
            tx.suppressions.add(mark, SUPPRESSED_EVENT, reason, detail, at, bounce)
        reader = tx.subscriptions.by_identity(identity)
        if reader is not None and not reader.suppressed:
            tx.subscriptions.suppress(reader.key, reason, at)
        return is_new

    def lift(self, tx: Transaction, identity: str, detail: str, at: datetime) -> bool:
        """Take an address off the list; tells whether it was on it. What was ended by a complaint stays ended."""
        found = self.find(tx, identity)
        reader = tx.subscriptions.by_identity(identity)
        if found is not None:
            tx.suppressions.add(self.hash_of(identity), LIFTED_EVENT, found.reason, detail, at)
        if reader is not None and reader.suppressed:
            tx.subscriptions.release(reader.key)
        return found is not None or (reader is not None and reader.suppressed)

    def holds(self, tx: Transaction, reader: Subscriber, at: datetime) -> bool:
        """Tell whether *reader* may not be mailed; one who is new here and stands on the list is marked."""
        if reader.suppressed:
            return True
        found = self.find(tx, reader.identity)
        if found is None:
            return False
        tx.subscriptions.suppress(reader.key, found.reason, at)
        return True
