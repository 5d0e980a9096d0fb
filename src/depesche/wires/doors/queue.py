"""Empty queues that forget what was read: every item is safe here before it is acknowledged there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import quote, urljoin

import structlog

from depesche.lib.web.http import HttpError, Response
from depesche.model.errors import StoreError, WireError
from depesche.model.wire import QUEUE, Wire
from depesche.store.wires.polls import Poll
from depesche.wires.doors import manners
from depesche.wires.doors.listing import field, pieces
from depesche.wires.doors.rounds import Rounds

MOST_AT_ONCE = 1000  # answers of one queue, so that it does not hold up its site for ever
PAUSE = timedelta(seconds=30)  # after the queue was empty, where nothing says otherwise
_DONE = (404, 410)  # the receipt is known no more: acknowledged before
_log = structlog.get_logger("queue")


class QueueDoor(Rounds):
    """Empties the wires of kind queue.

    An item whose acknowledgement fails is offered again by its sender, and is the same item here. A
    queue without an address for acknowledgements forgets an item when it is read; an answer that could not be
    committed is kept in memory until it can, so that only the end of the program in between loses an item.
    """

    kind = QUEUE

    def ask(self, wire: Wire, poll: Poll) -> tuple[int, datetime | None]:
        """Read one queue until it is empty, or until its server asks for a rest."""
        new = 0
        for _ in range(MOST_AT_ONCE):
            try:
                answer = self._read(wire)
            except HttpError as error:
                self._put(self.failed(wire, poll, error.reason))
                return new, None
            # A 404 is more likely a wrong address than an empty queue where nothing ever came.
            is_missing = answer.status == 404 and new == 0 and poll.last_item_at is None
            if is_missing or answer.status not in (200, 204, 404):
                return new, self.refused(wire, poll, answer)[1]
            items = _items(wire, answer) if answer.status == 200 else []
            rest = manners.retry_after(answer, self._clock.now())
            try:
                poll, found = self._keep(wire, poll, items, answer, rest)
            except StoreError:
                self._in_hand[wire.name] = answer
                raise
            new += found
            done = self._acknowledge(wire, items, answer)
            if rest is not None or not done or not found:
                break  # empty, or it offers what is here already: not asked at once
        return new, None

    def _read(self, wire: Wire) -> Response:
        """Return the queue's next answer, first the one that could not be kept when it came."""
        kept = self._in_hand.pop(wire.name, None)
        return kept or self.client_of(wire).fetch(
            str(wire.url), {"Accept": "application/json, */*;q=0.5"}, secret=dict(wire.headers)
        )

    @cached_property
    def _in_hand(self) -> dict[str, Response]:
        """Answers that wait for the database, by wire."""
        return {}

    def _keep(
        self, wire: Wire, poll: Poll, items: list[bytes], answer: Response, rest: datetime | None
    ) -> tuple[Poll, int]:
        now = self._clock.now()
        pause = timedelta(seconds=wire.interval) if wire.interval is not None else PAUSE
        next_at = rest if rest is not None else self.later(pause)
        with self._database.transaction() as tx:
            kept = [
                tx.spool.add(
                    raw, wire=wire.name, provider=wire.provider, name=manners.shown(str(wire.url)), at=now,
                    format_name=wire.format, base=answer.url,
                )
                for raw in items
            ]  # fmt: skip
            poll = replace(
                poll,
                next_at=next_at,
                failures=0,
                last_error=None,
                last_item_at=now if items else poll.last_item_at,
            )
            tx.polls.put(poll)
        return poll, sum(is_new for _, is_new in kept)

    def _acknowledge(self, wire: Wire, items: list[bytes], answer: Response) -> bool:
        """Acknowledge what is safe now; tells whether the queue may be asked for more at once."""
        if wire.acknowledge is None:
            return True
        for raw in items:
            receipt = field(raw, wire.receipt) or answer.headers.get(wire.receipt.lower())
            if not receipt:
                _log.warning(
                    "an item without a receipt stays in the queue", wire=wire.name, field=wire.receipt
                )
                return False
            url = urljoin(str(wire.url), wire.acknowledge.replace("{receipt}", quote(receipt, safe="")))
            try:
                said = self.client_of(wire).send("DELETE", url, secret=dict(wire.headers))
            except HttpError as error:
                _log.warning("not acknowledged, will come again", wire=wire.name, reason=error.reason)
                return False
            if said.status >= 300 and said.status not in _DONE:
                _log.warning(
                    "not acknowledged, will come again", wire=wire.name, reason=f"status {said.status}"
                )
                return False
        return True


def _items(wire: Wire, answer: Response) -> list[bytes]:
    """Return the items of *answer*; one that cannot be parted, of a queue that forgets it now, is kept whole to be looked at.

    Raises:
        WireError: it cannot be parted, and comes again.
    """
    try:
        return pieces(answer.body, wire.items)
    except WireError:
        if wire.acknowledge is not None:
            raise
        return [answer.body]
