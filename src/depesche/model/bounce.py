"""What comes back: reports on letters, what they mean, and the addresses that are not mailed any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

GONE = "gone"  # there is no such mailbox, and there will be none
FULL = "full"  # the mailbox takes no more just now
SOFT = "soft"  # it could not be delivered, for a reason that may pass
OURS = "ours"  # it was refused for what we are or sent: the reader's mailbox may be well
COMPLAINT = "complaint"
DELAYED = "delayed"  # the mail server is still trying
DELIVERED = "delivered"
UNPROVEN = "unproven"  # nothing shows that it is about a letter of ours
UNREAD = "unread"  # nobody could make out what it says
FAILURES = (GONE, FULL, SOFT, OURS)
MEANINGS = (*FAILURES, COMPLAINT, DELAYED, DELIVERED, UNPROVEN, UNREAD)

BY_HAND = "by hand"
WORN_OUT = "soft"  # too many soft bounces
SUPPRESSED_EVENT, LIFTED_EVENT = "suppressed", "lifted"


def letter_number(row: int, dispatch: int | None) -> int:
    """Return the number that stands in a letter's envelope sender, for all of its way.

    A dispatched letter keeps the number of its dispatch, whichever chunk or row it is moved to; any other has its row's.
    """
    return 2 * dispatch if dispatch else 2 * row + 1


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report on one letter; `said` holds no address, `address_hash` is a keyed hash of the reader's.

    `fingerprint` is the same for reports that say the same of one letter. `source` is the door it came by. `raw` is kept
    for a while where nobody could make out what it says.
    """

    fingerprint: str
    at: datetime
    source: str
    meaning: str
    said: str
    status: str | None = None
    remote: str | None = None
    address_hash: str | None = None
    letter: int | None = None
    key: int = 0
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the append-only list of addresses that are not mailed: an entry, or its being lifted."""

    key: int
    address_hash: str
    event: str
    reason: str
    detail: str
    at: datetime
    bounce: int | None = None
