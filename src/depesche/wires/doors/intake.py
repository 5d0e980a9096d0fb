"""The push door: who holds a wire's token, or signs with its secret, hands in items and is answered once they are safe."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from depesche.lib.clock import Clock, epoch
from depesche.lib.text import line
from depesche.model.errors import NotFound, Refused
from depesche.model.wire import PUSH, Wire
from depesche.store.database import Database

LONGEST_NAME = 200
SKEW = 300.0  # seconds by which the time in a signature may differ from ours

_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_log = structlog.get_logger("intake")


class WrongToken(Refused):
    """Neither token nor signature opens this wire, or there was none."""


class TooLarge(Refused):
    """The item has more bytes than this portal takes in."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: `key` names the item for good, `new` is false for bytes this wire sent before."""

    key: int
    new: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature as sent: `signature` is `sha256=` and the hex digest, keyed with the wire's secret, of `stamp`, a
    full stop and the body; `stamp` is the sender's time in seconds since 1970.
    """

    signature: str
    stamp: str

    def is_near(self, clock: Clock) -> bool:
        """Tell whether the signature was made just now: an old one may have been overheard."""
        if not _STAMP.fullmatch(self.stamp):
            return False
        return abs(int(self.stamp) - epoch(clock.now())) <= SKEW

    def signs(self, body: bytes, secret: str) -> bool:
        """Tell whether this is the signature of *body*."""
        made = hmac.new(secret.encode(), self.stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(_digest(f"sha256={made}"), _digest(self.signature.strip().lower()))


class Intake:
    """Takes items in over the push wires among *wires*, none larger than *max_bytes*."""

    def __init__(self, database: Database, clock: Clock, wires: Mapping[str, Wire], max_bytes: int) -> None:
        self._database = database
        self._clock = clock
        self._wires = wires
        self.max_bytes = max_bytes

    def admit(self, wire: str, token: str | None, proof: Proof | None = None) -> Wire:
        """Return the wire that *token* opens, or that *proof* may open once the body is here; ask before reading a body.

        Raises:
            NotFound: there is no such push wire.
            WrongToken: it does not open.
        """
        found = self._wires.get(wire)
        if found is None or found.kind != PUSH:
            raise NotFound("there is no such wire")
        if self._opens(found, token):
            return found
        if found.secret and proof is not None and proof.is_near(self._clock):
            return found
        if found.secret and proof is not None:
            reason = f"the signature's time is missing or more than {SKEW:g} s from now"
            _log.warning("push refused", wire=wire, reason=reason)
            raise WrongToken(reason)
        raise self._wrong(wire)

    def _opens(self, wire: Wire, token: str | None) -> bool:
        return bool(wire.token) and hmac.compare_digest(_digest(token or ""), _digest(wire.token or ""))

    def _wrong(self, wire: str) -> WrongToken:
        _log.warning("push refused", wire=wire, reason="wrong token")
        return WrongToken("the token is missing or does not open this wire")

    def receive(
        self, wire: str, token: str | None, body: bytes, name: str, proof: Proof | None = None
    ) -> Receipt:
        """Keep *body* durably and only then return; the same bytes again get the same receipt.

        *name* is what the sender calls the item, for people.

        Raises:
            NotFound: there is no such push wire.
            WrongToken: neither *token* nor *proof* opens it.
            TooLarge: the item is larger than allowed.
            Refused: the item is empty.
        """
        found = self.admit(wire, token, proof)
        if not self._opens(found, token) and not (proof and found.secret and proof.signs(body, found.secret)):
            raise self._wrong(wire)
        if len(body) > self.max_bytes:
            raise TooLarge(f"the item has {len(body)} bytes; {self.max_bytes} are allowed")
        if not body.strip():
            raise Refused("the item is empty")
        with self._database.transaction() as tx:
            key, new = tx.spool.add(
                body, wire=found.name, provider=found.provider, name=line(name)[:LONGEST_NAME] or "push", at=self._clock.now(),
                format_name=found.format,
            )  # fmt: skip
        return Receipt(key, new)


def _digest(token: str) -> bytes:
    # Digests are of one length, so that the comparison tells nothing of the token's.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
