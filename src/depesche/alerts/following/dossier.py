"""Everything kept about one reader: to be handed out, and to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from depesche.alerts.returns.suppression import SuppressionList
from depesche.model.bounce import BY_HAND, Bounce, Suppression
from depesche.model.subscription import Consent, Outgoing, Subscriber, Subscription
from depesche.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that a reader entered, without its secret."""

    url: str
    subscriptions: tuple[Subscription, ...]
    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What ended is in it too, every act of consent, every letter still remembered, and what mail servers reported."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    consents: tuple[Consent, ...]
    letters: tuple[Outgoing, ...]
    reports: tuple[Bounce, ...]
    suppressions: tuple[Suppression, ...]
    webhooks: tuple[Webhook, ...] = ()


def dossier(tx: Transaction, reader: Subscriber, suppressed: SuppressionList) -> Dossier:
    """Return everything kept about *reader*."""
    every = (tx.subscriptions.get(key) for key in tx.readers.every(reader.key))
    mark = suppressed.hash_of(reader.identity)
    return Dossier(
        reader,
        tuple(one for one in every if one is not None),
        tuple(tx.subscriptions.consents(reader.key)),
        tuple(tx.ledger.of_subscriber(reader.key)),
        tuple(tx.bounces.of_address(mark)),
        tuple(tx.suppressions.history(mark)),
        tuple(_webhook(tx, one) for one in tx.readers.owned_by(reader.key)),
    )


def _webhook(tx: Transaction, hook: Subscriber) -> Webhook:
    every = (tx.subscriptions.get(key) for key in tx.readers.every(hook.key))
    return Webhook(
        hook.address,
        tuple(one for one in every if one is not None),
        tuple(tx.subscriptions.consents(hook.key)),
    )


def erase(tx: Transaction, reader: Subscriber, suppressed: SuppressionList, at: datetime) -> None:
    """Erase *reader* and the webhooks that he or she entered; the promise not to write outlives the address, by its hash."""
    for hook in tx.readers.owned_by(reader.key):
        tx.subscriptions.erase(hook.key)
    if reader.suppressed:  # perhaps since before there was a list
        suppressed.add(tx, reader.identity, BY_HAND, "suppressed before it was erased", at)
    tx.bounces.forget_address(suppressed.hash_of(reader.identity))
    tx.subscriptions.erase(reader.key)
