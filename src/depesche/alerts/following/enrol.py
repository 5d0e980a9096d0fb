"""What subscribers have in common that are browsers or programs: they follow, stop and are gone without a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from depesche.alerts.channel import Handed
from depesche.model.subscription import (
    CONFIRMED,
    LEFT,
    LINEAGE,
    REQUESTED,
    Outgoing,
    Subscriber,
    Subscription,
    Target,
)
from depesche.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Proof:
    """What the log of consents keeps of an act: from where, under which words, on which page."""

    ip: str
    form_text: str
    privacy_version: str
    source: str


def ask(
    tx: Transaction, reader: Subscriber, target: Target, proof: Proof, now: datetime, *, updates: bool = False
) -> Subscription:
    """Note that *reader* asks to follow *target*; of one running story, every part is wanted."""
    made = tx.subscriptions.request(reader.key, target.key, now, updates=updates or target.kind == LINEAGE)
    if not made.is_active:
        tx.subscriptions.consent(
            reader.key, made.key, REQUESTED, now, ip=proof.ip, form_text=proof.form_text,
            privacy_version=proof.privacy_version, source=proof.source,
        )  # fmt: skip
    return made


def confirm(tx: Transaction, made: Subscription, proof: Proof, now: datetime, by: str) -> None:
    """Confirm what was asked for; *by* says what confirms it."""
    if tx.subscriptions.confirm(made.key, now):
        tx.subscriptions.consent(
            made.subscriber, made.key, CONFIRMED, now, ip=proof.ip, privacy_version=proof.privacy_version, source=by
        )  # fmt: skip


def end(
    tx: Transaction, running: list[Subscription], now: datetime, source: str, ip: str | None = None
) -> None:
    """End subscriptions, and log it."""
    for one in running:
        if tx.subscriptions.end(one.key, now):
            tx.subscriptions.consent(one.subscriber, one.key, LEFT, now, ip=ip, source=source)


def hear(tx: Transaction, letter: Outgoing, answer: Handed, now: datetime) -> None:
    """End everything that a reader follows whose address says that it is no more."""
    if answer.at_recipient:
        reader = letter.subscriber
        end(tx, tx.subscriptions.of_subscriber(reader.key), now, f"{reader.channel}: {answer.reason}")
