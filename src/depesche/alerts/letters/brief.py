"""What a letter is to tell, as it stands at the moment of sending; the courier's check makes these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from depesche.alerts.naming import MessageIds
from depesche.lib.quick import quickly_made
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import Consent, Outgoing, Reason, Subscription


@quickly_made
@dataclass(frozen=True, slots=True)
class StoryBrief:
    """An alert, update or correction: the version on show, the shares it is about, and why this reader hears of it.

    `correction` says what was wrong, in a correction. `told_at` is when the alert went out, where this is another letter.
    """

    version: Version
    shares: tuple[ShareRef, ...]
    follows: tuple[Reason, ...]
    correction: str | None = None
    told_at: datetime | None = None
    is_update: bool = False


@dataclass(frozen=True, slots=True)
class KillBrief:
    """A withdrawal: nothing of the story but who had sent it, when, and the public notice.

    One that `is_retraction` takes back only that the story is about what the reader follows.
    """

    story: int
    lineage: int
    slug: str
    provider: str
    at: datetime
    notice: str | None
    follows: tuple[Reason, ...]
    told_at: datetime | None = None
    is_retraction: bool = False


@dataclass(frozen=True, slots=True)
class DigestBrief:
    """A digest: several stories, each with the reader's reasons for it."""

    items: tuple[StoryBrief, ...]

    @property
    def follows(self) -> tuple[Reason, ...]:
        """Every reason, each once, in order."""
        return tuple({one.key: one for item in self.items for one in item.follows}.values())


@dataclass(frozen=True, slots=True)
class RequestBrief:
    """The answer to a request: the subscription asked for, and the request as it was logged."""

    subscription: Subscription
    consent: Consent


@dataclass(frozen=True, slots=True)
class HookBrief:
    """That a reader's webhook at `url` was stopped, because nothing that was posted to it since then was taken."""

    url: str
    since: datetime


Brief = StoryBrief | KillBrief | DigestBrief | RequestBrief | HookBrief


class Writer(Protocol):
    """Makes of a brief what one channel hands over; used by one thread."""

    @property
    def ids(self) -> MessageIds:
        """Makes Message-IDs."""
        ...

    @property
    def confirm_life(self) -> timedelta:
        """How long a request may be confirmed."""
        ...

    def compose(self, letter: Outgoing, brief: Brief) -> bytes:
        """Return *letter* as it is handed over.

        Raises:
            ValueError: it cannot be written.
        """
        ...
