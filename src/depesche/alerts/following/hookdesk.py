"""Webhooks that the operator enters: an address follows once it has answered a challenge, and is sent nothing else before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depesche.alerts.following import aim, enrol
from depesche.alerts.following.challenge import Challenger
from depesche.alerts.following.enrol import Proof
from depesche.alerts.letters.words import say
from depesche.alerts.signature import new_secret
from depesche.lib.clock import Clock
from depesche.lib.web.poster import Posted
from depesche.model.errors import NotFound
from depesche.model.subscription import INSTRUMENT, WEBHOOK, Subscriber, Subscription, Target
from depesche.store.database import Database, Transaction

CHALLENGE, _TEST = "challenge", "test"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook and what it follows or has asked for."""

    subscriber: Subscriber
    followed: tuple[Subscription, ...]

    @property
    def secret(self) -> str:
        """The key of its signatures."""
        return (self.subscriber.keys or {}).get("secret", "")


class HookDesk:
    """Enters webhooks, tries them and ends them; each act has its entry in the log of consents.

    Those that readers entered (`readerhooks`) are shown and ended here too.
    """

    def __init__(
        self, database: Database, clock: Clock, challenger: Challenger, privacy_version: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._challenger = challenger
        self._privacy_version = privacy_version

    def add(
        self,
        url: str,
        targets: Sequence[Target],
        language: str,
        *,
        ip: str = "",
        form_text: str = "",
        source: str = "operator",
        updates: bool = False,
    ) -> Hook:
        """Let the program at *url* follow *targets*, once it has echoed a challenge.

        Raises:
            NotFound: there is no such share, provider or story.
            Refused: the address may not be posted to, or did not echo the challenge; nothing is sent there.
        """
        now, proof = self._clock.now(), Proof(ip, form_text, self._privacy_version, source)
        self._challenger.check(url)
        with self._database.transaction() as tx:
            wanted = [tx.targets.enter(self._settled(tx, one, language)) for one in targets]
            reader = tx.subscriptions.subscriber(
                url, _identity(url), language, now, channel=WEBHOOK, keys={"secret": new_secret()}
            )
            made = [enrol.ask(tx, reader, one, proof, now, updates=updates) for one in wanted]
        self._challenger.challenge(url, Hook(reader, ()).secret)
        with self._database.transaction() as tx:
            for one in made:
                enrol.confirm(tx, one, proof, self._clock.now(), CHALLENGE)
            return hook_of(tx, reader)

    def every(self) -> list[Hook]:
        """Return all webhooks, in order of entry."""
        with self._database.reading() as tx:
            return [hook_of(tx, one) for one in tx.readers.on_channel(WEBHOOK)]

    def remove(self, url: str, target: Target | None = None) -> list[Subscription]:
        """End what the webhooks at *url* follow, readers' own too, or only *target*; returns what ended.

        Raises:
            NotFound: there is no such webhook.
        """
        with self._database.transaction() as tx:
            named = [
                one
                for reader in self._known(tx, url)
                for one in tx.subscriptions.of_subscriber(reader.key)
                if target is None or (one.target.kind, one.target.value) == (target.kind, target.value)
            ]
            enrol.end(tx, named, self._clock.now(), "operator")
            return named

    def test(self, url: str) -> Posted:
        """Post an event that tells nothing to the webhook at *url*, and return its answer.

        Raises:
            NotFound: there is no such webhook.
        """
        with self._database.reading() as tx:
            reader = self._known(tx, url)[0]
        return self._challenger.post(url, Hook(reader, ()).secret, {"event": _TEST})

    @staticmethod
    def _settled(tx: Transaction, target: Target, language: str) -> Target:
        found = aim.settled(target, tx)
        if found is None:
            raise NotFound(say(language, "no_share" if target.kind == INSTRUMENT else "no_target"))
        return found

    @staticmethod
    def _known(tx: Transaction, url: str) -> list[Subscriber]:
        """Return the webhooks at *url*: the operator's first, then those of readers."""
        found = [one for one in tx.readers.on_channel(WEBHOOK) if one.address == url]
        if not found:
            raise NotFound(f"there is no webhook {url}")
        return sorted(found, key=lambda one: one.owner or 0)


def hook_of(tx: Transaction, reader: Subscriber) -> Hook:
    """Return the webhook that *reader* is, with what it follows."""
    return Hook(reader, tuple(tx.subscriptions.of_subscriber(reader.key)))


def _identity(url: str) -> str:
    return f"{WEBHOOK}:{url}"
