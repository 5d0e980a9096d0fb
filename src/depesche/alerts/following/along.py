"""Webhooks that follow along: entered for everything that their reader follows, they are told of what is followed later, too."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from depesche.alerts.following import enrol
from depesche.alerts.following.enrol import Proof
from depesche.model.subscription import Subscriber, Subscription
from depesche.store.database import Transaction

MARK = {"follows": "everything"}  # among the keys of such a webhook
MOST_FOLLOWED = 500  # by one webhook
_SOURCE = "reader"


def join(tx: Transaction, made: Subscription, proof: Proof, now: datetime) -> None:
    """Let the webhooks that follow along follow *made*, too, which their reader has just confirmed; under the words agreed to then."""
    for hook, running in _along(tx, made.subscriber):
        if len(running) < MOST_FOLLOWED:
            agreed = tx.subscriptions.last_request(running[0].key)
            said = Proof(
                proof.ip, (agreed.form_text if agreed else None) or "", proof.privacy_version, _SOURCE
            )
            enrol.confirm(
                tx, enrol.ask(tx, hook, made.target, said, now, updates=made.updates), said, now, _SOURCE
            )


def part(tx: Transaction, reader: int, left: Collection[Subscription], ip: str, now: datetime) -> None:
    """Let the webhooks that follow along of *reader* leave what *reader* has just *left*."""
    targets = {one.target.key for one in left}
    for _, running in _along(tx, reader):
        enrol.end(tx, [one for one in running if one.target.key in targets], now, _SOURCE, ip)


def _along(tx: Transaction, reader: int) -> Iterator[tuple[Subscriber, list[Subscription]]]:
    """Yield the webhooks of *reader* that follow along, with what they follow; one that follows nothing was removed."""
    for hook in tx.readers.owned_by(reader):
        if MARK.items() <= (hook.keys or {}).items() and (
            running := tx.subscriptions.of_subscriber(hook.key)
        ):
            yield hook, running
