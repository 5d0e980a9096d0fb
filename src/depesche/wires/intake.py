"""The push door: whoever holds a wire's token may hand in items, and is answered once they are safe."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from depesche.lib.clock import Clock
from depesche.lib.text import line
from depesche.model.errors import NotFound, Refused
from depesche.model.wire import Wire
from depesche.store.database import Database

LONGEST_NAME = 200

_log = structlog.get_logger("intake")


class WrongToken(Refused):
    """The token does not open this wire, or there was none."""


class TooLarge(Refused):
    """The item has more bytes than this portal takes in."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: `key` names the item for good, `new` is false for bytes this wire sent before."""

    key: int
    new: bool


class Intake:
    """Takes items in over the push wires among *wires*, none larger than *max_bytes*."""

    def __init__(self, database: Database, clock: Clock, wires: Mapping[str, Wire], max_bytes: int) -> None:
        self._database = database
        self._clock = clock
        self._wires = wires
        self.max_bytes = max_bytes

    def admit(self, wire: str, token: str | None) -> Wire:
        """Return the wire that *token* opens; ask before reading a body.

        Raises:
            NotFound: there is no such push wire.
            WrongToken: it does not open.
        """
        found = self._wires.get(wire)
        if found is None or found.kind != "push":
            raise NotFound("there is no such wire")
        if not found.token or not hmac.compare_digest(_digest(token or ""), _digest(found.token)):
            _log.warning("push refused", wire=wire, reason="wrong token")
            raise WrongToken("the token is missing or does not open this wire")
        return found

    def receive(self, wire: str, token: str | None, body: bytes, name: str) -> Receipt:
        """Keep *body* durably and only then return; the same bytes again get the same receipt.

        *name* is what the sender calls the item, for people.

        Raises:
            NotFound: there is no such push wire.
            WrongToken: the token does not open it.
            TooLarge: the item is larger than allowed.
            Refused: the item is empty.
        """
        found = self.admit(wire, token)
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
