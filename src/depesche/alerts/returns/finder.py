"""Which letter a report is about, where it proves by something keyed that it knows the letter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from depesche.alerts import naming
from depesche.alerts.links import Links
from depesche.lib.mailback.reports import Report
from depesche.lib.mailing.mailaddress import normalise
from depesche.lib.mailing.verp import Verp
from depesche.model.bounce import letter_number
from depesche.store.database import Transaction

_MOST_ASKED = 5  # Message-IDs that one report has looked up


@dataclass(frozen=True, slots=True)
class About:
    """The letter that a report is about; without its number, `mark` tells it from others to the same reader."""

    subscriber: int
    letter: int | None
    mark: str = ""

    @property
    def name(self) -> str:
        """What tells it from other letters."""
        return f"{self.subscriber}:{self.mark if self.letter is None else self.letter}"


class Finder:
    """Finds letters by envelope sender, Message-ID or link; without *verp* and *links* by Message-ID alone, of chunks with *ids*."""

    def __init__(self, verp: Verp | None, links: Links | None, ids: naming.MessageIds | None) -> None:
        self._verp = verp
        self._links = links
        self._ids = ids

    def find(self, tx: Transaction, report: Report, recipients: Sequence[str]) -> About | None:
        """Return the letter that *report* is about, where it proves that it knows the letter."""
        if self._verp is not None:
            found = self._verp.read([*recipients, *report.addressed, *report.message_ids])
            if found is not None:
                return About(*found)
        for one in report.message_ids[:_MOST_ASKED]:
            if known := tx.returns.of_message_id(one):
                return About(*known)
        if self._verp is None:
            for named in report.recipients[:_MOST_ASKED]:
                reader = tx.subscriptions.by_identity(identity(named.original or named.address))
                if reader is not None and (shared := self._among_letters(tx, reader.key, report)):
                    return shared
        for link in report.leave_links:
            token = parse_qs(urlsplit(link).query).get("token", [""])[0]
            owner = self._links.read_owner(token) if self._links else None
            if owner is not None:
                return self._among_letters(tx, owner[0], report) or About(
                    owner[0], None, hashlib.sha256(repr(report.message_ids).encode()).hexdigest()[:32]
                )
        return None

    def _among_letters(self, tx: Transaction, subscriber: int, report: Report) -> About | None:
        """Find the letter by its Message-ID among those to one reader, newest first."""
        given = set(report.message_ids[:_MOST_ASKED])
        if self._ids is None or not given:
            return None
        for letter in reversed(tx.ledger.of_subscriber(subscriber)):
            made = letter.decision
            if made.dispatch and self._ids.of(naming.of_decision(made)) in given:
                return About(subscriber, letter_number(0, made.dispatch))
        return None


def identity(address: str) -> str:
    """Return *address* as it is compared, empty for one that is none."""
    try:
        return normalise(address)[1]
    except ValueError:
        return ""
