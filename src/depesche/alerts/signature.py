"""The signature by which a program knows that a post is ours, whole and fresh."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from depesche.lib.clock import epoch

_MADE = "whsec_"


def new_secret() -> str:
    """Return a secret for one webhook."""
    return _MADE + secrets.token_urlsafe(32)


def signed(secret: str, identifier: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of a post of *body*.

    The HMAC is over id, seconds since 1970 and body with full stops between them, keyed with the *secret* as it is written, so that
    neither can be put to another. The *identifier* is the same in each try.
    """
    stamp = str(int(epoch(at)))
    text = b".".join((identifier.encode(), stamp.encode(), body))
    mark = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "Depesche-Id": identifier,
        "Depesche-Timestamp": stamp,
        "Depesche-Signature": f"v1={mark}",
    }
