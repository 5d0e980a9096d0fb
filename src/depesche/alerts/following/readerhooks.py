"""Webhooks that readers enter on their own page, and what keeps these from being a way to probe or flood others.

Whoever holds a manage link of an address with a confirmed subscription may name an https address with a name, on the usual port. It is
posted a challenge, never to a private network, and whatever came of that but the right echo is answered alike, and equally late:
refused, closed, silent, another site's page and a name without an address cannot be told apart. What nobody answers for a day is stopped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from yarl import URL

from depesche.alerts.channel import Handed
from depesche.alerts.following import along, enrol
from depesche.alerts.following.challenge import Challenger
from depesche.alerts.following.enrol import Proof
from depesche.alerts.following.hookdesk import CHALLENGE, Hook, hook_of
from depesche.alerts.following.limits import HourlyLimit, NetworkLimit
from depesche.alerts.letters.words import say
from depesche.alerts.links import Links
from depesche.alerts.naming import MessageIds
from depesche.alerts.signature import new_secret
from depesche.lib.clock import Clock
from depesche.model.errors import Refused, TooMany
from depesche.model.subscription import (
    CHANGED,
    EMAIL,
    HOOK_LETTER,
    SENT,
    WEBHOOK,
    Decision,
    Outgoing,
    Subscriber,
    Subscription,
)
from depesche.store.database import Database, Transaction

_PORTS = frozenset({443})
_AT_ONCE = 4  # challenges under way in one process: each holds a thread of the portal
_A_READER, _A_SITE, _ALL = 10, 20, 300  # challenges an hour
_PATIENCE = timedelta(hours=24)
_FAILURES = 10  # in that time, before a webhook is stopped
_STOPPED = timedelta(days=3660)
_LETTER_LIFE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is allowed: *webhooks* of one reader (0: none), *per_hour* requests of a network.

    A challenge has *seconds* for its answer; *ports* are those that may be named, None for any.
    """

    webhooks: int
    per_hour: int
    seconds: float = 5.0
    ports: frozenset[int] | None = _PORTS


class ReaderHooks:
    """Opened by a manage link alone; each act has its entry in the reader's log of consents.

    *challenger* must refuse private networks, whatever the operator allows for webhooks of her own. Messages of refusals are written
    for the reader, in the language of the call.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        links: Links,
        challenger: Challenger,
        limits: Limits,
        privacy_version: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._challenger = challenger
        self._limits = limits
        self._privacy_version = privacy_version
        self._networks = NetworkLimit(limits.per_hour)
        self._readers, self._sites = HourlyLimit(_A_READER), HourlyLimit(_A_SITE)
        self._all = HourlyLimit(_ALL)
        self._under_way = threading.BoundedSemaphore(_AT_ONCE)

    @property
    def is_offered(self) -> bool:
        """Tell whether readers may have webhooks."""
        return self._limits.webhooks > 0

    def of(self, reader: Subscriber) -> list[Hook]:
        """Return the webhooks that *reader* entered and that still follow something."""
        with self._database.reading() as tx:
            return _living(tx, reader)

    def page(self, webhook: Subscriber, language: str) -> str:
        """Return the address of the page with everything that *webhook* follows."""
        return self._links.manage(webhook.key, language)

    def add(
        self, token: str, ip: str, language: str, url: str, subscription: int | None, form_text: str
    ) -> tuple[Hook, str]:
        """Let the program at *url* follow what the reader follows, now and later, or only what *subscription* is about.

        Returns the webhook and its secret; the latter is empty where the reader had that webhook already: no challenge is posted then.

        Raises:
            Refused: the link is not ours, the address cannot be one, nothing is followed, or the challenge was not repeated.
            TooMany: there are enough webhooks, or were enough requests.
        """
        language = self._links.known(language)
        url = self._readable(url, language)
        proof = Proof(ip, form_text, self._privacy_version, "link")
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            wanted = _wanted(tx, reader, subscription)
            if not wanted:
                raise Refused(say(language, "hook_nothing"))
            living = _living(tx, reader)
            known = next((one for one in living if one.subscriber.address == url), None)
            if known is not None:
                if subscription is None:
                    hook, keys = known.subscriber, {**(known.subscriber.keys or {}), **along.MARK}
                    tx.readers.move(hook.key, hook.address, hook.identity, keys)
                return self._follow(tx, known.subscriber, wanted, proof), ""
            if len(living) >= self._limits.webhooks:
                raise TooMany(say(language, "hook_enough", n=str(self._limits.webhooks)))
        secret = new_secret()
        self._prove(reader, url, secret, ip, language)
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)  # may have been erased meanwhile
            if len(_living(tx, reader)) >= self._limits.webhooks:
                raise TooMany(say(language, "hook_enough", n=str(self._limits.webhooks)))
            keys = {"secret": secret} | (along.MARK if subscription is None else {})
            hook = self._enter(tx, reader, url, keys)
            self._note(tx, reader, ip, say(language, "log_hook_added", url=url))
            return self._follow(tx, hook, wanted, proof), secret

    def resume(self, token: str, ip: str, language: str, webhook: int) -> None:
        """Post to a stopped *webhook* again, once it has repeated a challenge.

        Raises:
            Refused: as for `add`, or it is not the reader's.
            TooMany: as for `add`.
        """
        language = self._links.known(language)
        with self._database.reading() as tx:
            reader = self._reader(tx, token, language)
            hook = _own(tx, reader, webhook, language)
        self._prove(reader, hook.address, Hook(hook, ()).secret, ip, language)
        with self._database.transaction() as tx:
            tx.readers.recover(hook.key)
            tx.subscriptions.pause(hook.key, None)
            self._note(tx, reader, ip, say(language, "log_hook_resumed", url=hook.address))

    def remove(self, token: str, ip: str, language: str, webhook: int) -> None:
        """End everything that *webhook* follows.

        Raises:
            Refused: the link is not ours, or the webhook is not the reader's.
        """
        language = self._links.known(language)
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            hook = _own(tx, reader, webhook, language)
            enrol.end(tx, tx.subscriptions.of_subscriber(hook.key), self._clock.now(), "link", ip)
            self._note(tx, reader, ip, say(language, "log_hook_removed", url=hook.address))

    # -- the challenge -------------------------------------------------------------------------

    def _readable(self, url: str, language: str) -> str:
        """Return *url* in its one spelling; what is told of one that cannot be depends on its letters alone."""
        url = url.strip()
        try:
            self._challenger.check(url)
            read = URL(url).with_fragment(None)
            if self._limits.ports is not None and read.port not in self._limits.ports:
                raise Refused("another port")
        except (Refused, ValueError) as error:
            raise Refused(say(language, "bad_hook")) from error
        return str(read)

    def _prove(self, reader: Subscriber, url: str, secret: str, ip: str, language: str) -> None:
        now = self._clock.now()
        if not self._networks.admit(ip, now):
            raise TooMany(say(language, "too_many"))
        # A site's limit would tell one reader what others try: theirs is told as if it were the reader's own.
        asked = (self._readers.admit(str(reader.key), now), self._sites.admit(f"host {URL(url).host}", now))
        if not (all(asked) and self._all.admit("all", now)):
            raise TooMany(say(language, "hook_too_many"))
        if not self._under_way.acquire(blocking=False):
            raise TooMany(say(language, "hook_busy"))
        late = time.monotonic() + self._limits.seconds
        try:
            self._challenger.challenge(url, secret)
        except Refused as error:
            with self._database.transaction() as tx:
                self._note(tx, reader, ip, say(language, "log_hook_mute", url=url))
            # When the answer comes must not tell what stopped the challenge.
            threading.Event().wait(max(late - time.monotonic(), 0))
            raise Refused(say(language, "hook_mute", n=f"{self._limits.seconds:g}")) from error
        finally:
            self._under_way.release()

    # -- entering ------------------------------------------------------------------------------

    def _enter(self, tx: Transaction, reader: Subscriber, url: str, keys: dict[str, str]) -> Subscriber:
        # Readers who name the same address have a webhook each, with a secret each.
        identity = f"{WEBHOOK}:{reader.key}:{url}"
        hook = tx.subscriptions.subscriber(
            url, identity, reader.language, self._clock.now(), channel=WEBHOOK, keys=keys, owner=reader.key
        )
        tx.readers.move(hook.key, url, identity, keys)  # one that was removed has a new secret
        tx.readers.recover(hook.key)
        tx.subscriptions.pause(hook.key, None)
        return replace(hook, keys=keys, paused_until=None, failures=0)

    def _follow(
        self,
        tx: Transaction,
        hook: Subscriber,
        wanted: Sequence[Subscription],
        proof: Proof,
    ) -> Hook:
        now = self._clock.now()
        followed = len(tx.subscriptions.of_subscriber(hook.key))
        for one in wanted[: max(along.MOST_FOLLOWED - followed, 0)]:
            made = enrol.ask(tx, hook, one.target, proof, now, updates=one.updates)
            enrol.confirm(tx, made, proof, now, CHALLENGE)
        return hook_of(tx, hook)

    def _reader(self, tx: Transaction, token: str, language: str) -> Subscriber:
        """Return whom *token* belongs to: a reader of letters, whose address has been confirmed."""
        owner = self._links.read_owner(token)
        if owner is None or owner[1] is not None or not self.is_offered:
            raise Refused(say(language, "bad_link"))
        found = tx.subscriptions.by_key(owner[0])
        if found is None or found.channel != EMAIL:
            raise Refused(say(language, "gone_link"))
        return found

    def _note(self, tx: Transaction, reader: Subscriber, ip: str, said: str) -> None:
        tx.subscriptions.consent(
            reader.key, None, CHANGED, self._clock.now(), ip=ip, form_text=said, source="link"
        )


def hear(tx: Transaction, letter: Outgoing, answer: Handed, ids: MessageIds, clock: Clock) -> None:
    """Keep count of what a reader's webhook answers; one that has failed ten times, and for a day, is stopped, and its reader told."""
    hook = letter.subscriber
    if hook.owner is None:
        return
    if answer.state == SENT:
        if hook.failures:
            tx.readers.recover(hook.key)
        return
    now = clock.now()
    found = tx.readers.fail(hook.key, now)
    if found is None or found.failing_since is None or found.paused_until is not None:
        return
    if found.failures < _FAILURES or now - found.failing_since < _PATIENCE:
        return
    tx.subscriptions.pause(hook.key, now + _STOPPED)
    name = f"{hook.owner}:{HOOK_LETTER}:{hook.key}:{int(now.timestamp())}"
    told = Decision(
        name, HOOK_LETTER, hook.owner, ids.of(name), now, now + _LETTER_LIFE, reasons=(str(hook.key),)
    )
    tx.outbox.decide([told], now)


def _living(tx: Transaction, reader: Subscriber) -> list[Hook]:
    hooks = (hook_of(tx, one) for one in tx.readers.owned_by(reader.key))
    return [one for one in hooks if one.followed]


def _own(tx: Transaction, reader: Subscriber, webhook: int, language: str) -> Subscriber:
    for one in tx.readers.owned_by(reader.key):
        if one.key == webhook:
            return one
    raise Refused(say(language, "foreign_link"))


def _wanted(tx: Transaction, reader: Subscriber, subscription: int | None) -> list[Subscription]:
    """Return what *reader* has confirmed and follows, or only that *subscription* of it."""
    running = [one for one in tx.subscriptions.of_subscriber(reader.key) if one.is_active]
    return [one for one in running if subscription in (None, one.key)]
