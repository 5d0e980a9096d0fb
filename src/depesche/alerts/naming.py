"""Names of decisions and the Message-IDs made of them: what is decided twice is one row and one letter."""

from __future__ import annotations

import hashlib
from datetime import datetime

from depesche.lib.mailing.mail import message_id
from depesche.model.subscription import ALERT, DIGEST_LETTER, KILL_LETTER, Decision, Dispatch


def alert(subscriber: int, lineage: int) -> str:
    """Name the one alert that a subscriber gets on a lineage."""
    return f"{subscriber}:{lineage}:{ALERT}"


def letter(subscriber: int, told: Dispatch) -> str:
    """Name the letter that a dispatch brings to a subscriber."""
    return f"{subscriber}:{told.lineage}:{event(told.kind, told.story, told.version)}"


def of_decision(made: Decision) -> str:
    """Name the letter of a decision that came of a dispatch."""
    return f"{made.subscriber}:{made.lineage}:{event(made.kind, made.story or 0, made.version or 0)}"


def event(kind: str, story: int, version: int) -> str:
    """Name what one is told of on a lineage: once an alert, once each version, once that a story was withdrawn."""
    if kind == ALERT:
        return kind
    return f"{kind}:{story if kind == KILL_LETTER else version}"


def row(subscriber: int, told: Dispatch) -> str:
    """Name the row of the letter that a dispatch brings to a subscriber: its name may come again in a later dispatch."""
    return f"{letter(subscriber, told)}@{told.key}"


def digest(subscriber: int, slot: datetime, first: int) -> str:
    """Name the digest that a subscriber gets at the hour *slot*, by the row of the *first* letter in it.

    The hour alone would not do: a clock that is set back comes to it again.
    """
    return f"{subscriber}:{DIGEST_LETTER}:{int(slot.timestamp())}:{first}"


def request(subscriber: int, consent: int, kind: str) -> str:
    """Name the letter that answers the request logged as *consent*."""
    return f"{subscriber}:{kind}:{consent}"


class MessageIds:
    """Makes the Message-ID of a decision: always the same for one name, guessable only with the secret.

    *domain* stands after the @ sign.
    """

    def __init__(self, secret: str, domain: str) -> None:
        self._key = hashlib.sha512(b"depesche message-id " + secret.encode()).digest()
        self._domain = domain

    def of(self, name: str) -> str:
        """Return the Message-ID, in angle brackets, of the decision called *name*."""
        return message_id(self._key, name, domain=self._domain)
