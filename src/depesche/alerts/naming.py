"""Names of decisions and the Message-IDs made of them: what is decided twice is one row and one letter."""

from __future__ import annotations

import hashlib

from depesche.lib.mail import message_id
from depesche.model.subscription import ALERT, CORRECTION_LETTER, KILL_LETTER


def alert(subscriber: int, lineage: int) -> str:
    """Name the one alert that a subscriber gets on a lineage."""
    return f"{subscriber}:{lineage}:{ALERT}"


def correction(subscriber: int, lineage: int, version: int) -> str:
    """Name the letter that tells a subscriber of the correction in the version with that key."""
    return f"{subscriber}:{lineage}:{CORRECTION_LETTER}:{version}"


def kill(subscriber: int, lineage: int, story: int) -> str:
    """Name the letter that tells a subscriber that *story* was withdrawn."""
    return f"{subscriber}:{lineage}:{KILL_LETTER}:{story}"


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
