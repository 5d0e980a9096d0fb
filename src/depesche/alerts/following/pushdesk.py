"""Following in a browser: no address, no account; whoever holds the browser's subscription may look and change."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from depesche.alerts.following import aim, enrol
from depesche.alerts.following.enrol import Proof
from depesche.alerts.following.limits import NetworkLimit
from depesche.alerts.letters.words import say
from depesche.alerts.links import Links
from depesche.lib.clock import Clock
from depesche.lib.web.addresses import Forbidden
from depesche.lib.web.poster import Poster
from depesche.lib.web.webpush import Keys
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import CHANGED, INSTRUMENT, WEBPUSH, Subscriber, Subscription, Target
from depesche.store.database import Database, Transaction

ANY_SERVICE = "*"
_LONGEST = 1024  # characters of an endpoint
_MOST_FOLLOWED = 500  # by one browser
_CLICK = "browser"  # what confirms: permission was given in the browser, and the button pressed


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's push subscription as it was sent: `endpoint`, and the keys that only the browser knows besides us."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def identity(self) -> str:
        """The subscriber's identity."""
        return f"{WEBPUSH}:{self.endpoint}"


class PushDesk:
    """What a page and its service worker may do; each act is one transaction with its entry in the log of consents.

    *services* are the hosts of push services that may be told, each with all below it, or `*`; *poster* knows which addresses are
    allowed at all. Messages of refusals are written for the reader.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        links: Links,
        poster: Poster,
        *,
        services: Sequence[str],
        privacy_version: str,
        per_hour: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._poster = poster
        self._services = tuple(one.lower().strip(".") for one in services)
        self._privacy_version = privacy_version
        self._networks = NetworkLimit(per_hour)
        self._looks = NetworkLimit(per_hour * 40)

    def follow(
        self, browser: Browser, target: Target, language: str, ip: str, form_text: str, source: str
    ) -> Subscriber:
        """Let *browser* follow *target* from now on; *form_text* are the words that stood by the button.

        Raises:
            NotFound: there is no such share, provider or story.
            Refused: the subscription cannot be one, or is somebody else's.
            TooMany: the network asks too often.
        """
        language, now = self._links.known(language), self._clock.now()
        if not self._networks.admit(ip, now):
            raise TooMany(say(language, "too_many"))
        self._check(browser, language)
        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        proof = Proof(ip, form_text, self._privacy_version, source)
        with self._database.transaction() as tx:
            found = aim.settled(target, tx)
            if found is None:
                raise NotFound(say(language, "no_share" if target.kind == INSTRUMENT else "no_target"))
            reader = tx.subscriptions.subscriber(
                browser.endpoint, browser.identity, language, now, channel=WEBPUSH, keys=keys
            )
            if (
                not _holds(browser, reader)
                or len(tx.subscriptions.of_subscriber(reader.key)) >= _MOST_FOLLOWED
            ):
                raise Refused(say(language, "bad_push"))
            made = enrol.ask(tx, reader, tx.targets.enter(found), proof, now)
            enrol.confirm(tx, made, proof, now, _CLICK)
            return reader

    def look(self, browser: Browser, language: str, ip: str) -> tuple[Subscriber, list[Subscription]] | None:
        """Return who *browser* is here and what it follows, None where it is not known.

        Raises:
            TooMany: the network asks too often.
        """
        self._admit_look(ip, language)
        with self._database.reading() as tx:
            reader = self._known(tx, browser)
            return None if reader is None else (reader, tx.subscriptions.of_subscriber(reader.key))

    def stop(self, browser: Browser, target: Target, language: str, ip: str) -> None:
        """Let *browser* follow *target* no longer; where it does not, nothing happens.

        Raises:
            TooMany: the network asks too often.
        """
        self._admit_look(ip, language)
        with self._database.transaction() as tx:
            reader = self._known(tx, browser)
            if reader is None:
                return
            named = [
                one
                for one in tx.subscriptions.of_subscriber(reader.key)
                if (one.target.kind, one.target.value) == (target.kind, target.value)
            ]
            enrol.end(tx, named, self._clock.now(), _CLICK, ip)

    def move(self, former: Browser, browser: Browser, language: str, ip: str) -> bool:
        """Go on telling *browser*, whose subscription was *former* until now; tells whether that was known.

        Raises:
            Refused: the new subscription cannot be one, or is somebody else's.
            TooMany: the network asks too often.
        """
        self._admit_look(ip, language)
        language, now = self._links.known(language), self._clock.now()
        self._check(browser, language)
        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        with self._database.transaction() as tx:
            reader = self._known(tx, former)
            if reader is None:
                return False
            if former.identity == browser.identity:
                return True
            if tx.subscriptions.by_identity(browser.identity) is not None:
                raise Refused(say(language, "bad_push"))
            tx.readers.move(reader.key, browser.endpoint, browser.identity, keys)
            tx.subscriptions.consent(
                reader.key, None, CHANGED, now, ip=ip, form_text=say(language, "log_moved"), source=_CLICK
            )
            return True

    def manage_link(self, reader: Subscriber, language: str) -> str:
        """Return the address of the page with everything that a browser follows."""
        return self._links.manage(reader.key, language)

    def _admit_look(self, ip: str, language: str) -> None:
        if not self._looks.admit(ip, self._clock.now()):
            raise TooMany(say(self._links.known(language), "too_many"))

    def _known(self, tx: Transaction, browser: Browser) -> Subscriber | None:
        reader = tx.subscriptions.by_identity(browser.identity)
        return reader if reader is not None and _holds(browser, reader) else None

    def _check(self, browser: Browser, language: str) -> None:
        """Refuse what no browser would send, so that nobody makes us post to whom he likes."""
        try:
            if len(browser.endpoint) > _LONGEST:
                raise ValueError("too long")
            Keys.read(browser.p256dh, browser.auth)
            self._poster.check(browser.endpoint)
        except (ValueError, Forbidden) as error:
            raise Refused(say(language, "bad_push")) from error
        host = (urlsplit(browser.endpoint).hostname or "").lower()
        if ANY_SERVICE not in self._services and not any(
            host == one or host.endswith(f".{one}") for one in self._services
        ):
            raise Refused(say(language, "strange_push"))


def _holds(browser: Browser, reader: Subscriber) -> bool:
    """Tell whether *browser* has the secret with which it came first."""
    kept = (reader.keys or {}).get("auth", "")
    return bool(kept) and hmac.compare_digest(kept.encode(), browser.auth.encode())
