"""Webhooks: an address follows once it has answered a challenge, and is sent nothing else before."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from depesche.alerts import aim, enrol
from depesche.alerts.enrol import Proof
from depesche.alerts.posting import said
from depesche.alerts.signature import new_secret, signed
from depesche.alerts.words import say
from depesche.lib.addresses import Forbidden
from depesche.lib.clock import Clock, rfc3339
from depesche.lib.poster import Post, Posted, Poster
from depesche.model.errors import NotFound, Refused
from depesche.model.subscription import INSTRUMENT, WEBHOOK, Subscriber, Subscription, Target
from depesche.store.database import Database, Transaction

_LONGEST = 1024  # characters of an address
_CHALLENGE, _TEST = "challenge", "test"


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

    *make_poster* makes what posts, with the addresses that are allowed and the time that a post may take.
    """

    def __init__(
        self, database: Database, clock: Clock, make_poster: Callable[[], Poster], privacy_version: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_poster = make_poster
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
        self._check(url)
        with self._database.transaction() as tx:
            wanted = [tx.targets.enter(self._settled(tx, one, language)) for one in targets]
            reader = tx.subscriptions.subscriber(
                url, _identity(url), language, now, channel=WEBHOOK, keys={"secret": new_secret()}
            )
            made = [enrol.ask(tx, reader, one, proof, now, updates=updates) for one in wanted]
        self._challenge(reader)
        with self._database.transaction() as tx:
            for one in made:
                enrol.confirm(tx, one, proof, self._clock.now(), _CHALLENGE)
            return self._hook(tx, reader)

    def every(self) -> list[Hook]:
        """Return all webhooks, in order of entry."""
        with self._database.reading() as tx:
            return [self._hook(tx, one) for one in tx.readers.on_channel(WEBHOOK)]

    def remove(self, url: str, target: Target | None = None) -> list[Subscription]:
        """End what the webhook at *url* follows, or only *target*; returns what ended.

        Raises:
            NotFound: there is no such webhook.
        """
        with self._database.transaction() as tx:
            hook = self._hook(tx, self._known(tx, url))
            named = [
                one
                for one in hook.followed
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
            reader = self._known(tx, url)
        return self._post(reader, {"event": _TEST})

    def _challenge(self, reader: Subscriber) -> None:
        challenge = secrets.token_urlsafe(24)
        answer = self._post(reader, {"event": _CHALLENGE, "challenge": challenge})
        if not 200 <= answer.status < 300:
            raise Refused(f"the challenge was not answered: {said(answer)}")
        if not hmac.compare_digest(_echo(answer.body).encode(), challenge.encode()):
            raise Refused("the answer to the challenge does not repeat it")

    def _post(self, reader: Subscriber, event: dict[str, str]) -> Posted:
        now = self._clock.now()
        identifier = f"{event['event']}-{secrets.token_hex(8)}"
        body = msgspec.json.encode({"id": identifier, **event, "decided_at": rfc3339(now)})
        headers = signed((reader.keys or {}).get("secret", ""), identifier, now, body)
        poster = self._make_poster()
        try:
            return next(iter(list(poster.post([Post(0, reader.address, body, headers)]))))
        finally:
            poster.close()

    def _check(self, url: str) -> None:
        poster = self._make_poster()
        try:
            if len(url) > _LONGEST:
                raise Refused("the address is too long")
            poster.check(url)
        except Forbidden as error:
            raise Refused(str(error)) from error
        finally:
            poster.close()

    @staticmethod
    def _settled(tx: Transaction, target: Target, language: str) -> Target:
        found = aim.settled(target, tx)
        if found is None:
            raise NotFound(say(language, "no_share" if target.kind == INSTRUMENT else "no_target"))
        return found

    @staticmethod
    def _known(tx: Transaction, url: str) -> Subscriber:
        found = tx.subscriptions.by_identity(_identity(url))
        if found is None:
            raise NotFound(f"there is no webhook {url}")
        return found

    @staticmethod
    def _hook(tx: Transaction, reader: Subscriber) -> Hook:
        return Hook(reader, tuple(tx.subscriptions.of_subscriber(reader.key)))


def _identity(url: str) -> str:
    return f"{WEBHOOK}:{url}"


def _echo(body: bytes) -> str:
    """Return the challenge in an answer: the JSON field of that name, or the whole text."""
    text = body.decode(errors="replace").strip()
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if isinstance(found, dict):
        return str(found.get(_CHALLENGE, ""))
    return found if isinstance(found, str) else text
