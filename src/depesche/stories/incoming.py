"""A take as it comes to the desk: over which wire, where it stands among the versions of its story, and when it may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from depesche.lib.clock import epoch
from depesche.model.instrument import Mention
from depesche.model.take import USABLE, Take
from depesche.store.database import Transaction
from depesche.store.stories.stories import StoryRow
from depesche.store.wires.takes import fingerprint
from depesche.stories import lineage

_LARGEST_VERSION = 10**15


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a take came in: over which wire, when, and from which item of the spool.

    `embargo` holds back what brings no embargo of its own, counted from receipt.
    """

    wire: str
    received_at: datetime
    spool: int | None = None
    language: str | None = None
    sponsored: bool = False
    embargo: timedelta = timedelta(0)

    def held(self, take: Take) -> Take:
        """Return *take* as it is to be shown, with the wire's embargo where it has none."""
        if not self.embargo or take.embargoed is not None or take.status != USABLE:
            return take
        return replace(take, embargoed=self.received_at + self.embargo)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A take as it lies on the desk: what came with it, and what of it is to be shown from when on.

    `shown` has the wire's embargo where the take has none, and `shows` tells that nothing holds it back now. `reason` says why it is here
    again.
    """

    take: Take
    print_: str
    mentions: tuple[Mention, ...]
    receipt: Receipt
    now: datetime
    shown: Take
    at: datetime
    shows: bool
    reason: str | None

    @classmethod
    def of(
        cls,
        take: Take,
        mentions: Iterable[Mention],
        receipt: Receipt,
        now: datetime,
        reason: str | None = None,
    ) -> Incoming:
        """Lay *take* on the desk; one that names no language has its wire's."""
        take = replace(take, language=take.language or receipt.language or "")
        shown = receipt.held(take)
        is_held_back = shown.embargoed is not None and shown.embargoed > now
        shows = take.status == USABLE and not is_held_back
        at = shown_at(shown, receipt)
        return cls(take, fingerprint(take), tuple(mentions), receipt, now, shown, at, shows, reason)

    def keep(self, story: int, number: int | None, action: str, reason: str | None, tx: Transaction) -> int:
        """Keep the take as what became version *number* of *story*, or none; returns its key."""
        return tx.takes.add(
            self.take,
            self.print_,
            self.receipt.received_at,
            spool=self.receipt.spool,
            story=story,
            number=number,
            action=action,
            reason=reason,
        )


def order_of(take: Take, receipt: Receipt, story: StoryRow | None) -> tuple[int, float]:
    """Return where *take* stands among the versions of its story: the provider's number first, then its time."""
    # A repeat comes under an own guid, whose numbers start afresh.
    number = story.order[0] if story and lineage.is_repeat(take) else _number(take)
    return number, epoch(take.version_created or receipt.received_at)


def _number(take: Take) -> int:
    """Return the provider's number of *take*, 0 where it has none that counts."""
    version = take.version or ""
    counts = version.isascii() and version.isdigit() and len(version) <= len(str(_LARGEST_VERSION))
    return int(version) if counts else 0


def shown_at(take: Take, receipt: Receipt) -> datetime:
    """Return the time readers are told: the provider's, but never later than receipt or earlier than the embargo."""
    at = min(take.version_created or receipt.received_at, receipt.received_at)
    return max(at, take.embargoed) if take.embargoed else at
