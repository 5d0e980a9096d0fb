"""Asking, confirming and leaving: subscriptions without an account, with proof of each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from depesche.alerts import naming
from depesche.alerts.following import aim, along
from depesche.alerts.following.enrol import Proof
from depesche.alerts.following.limits import NetworkLimit
from depesche.alerts.letters.words import say
from depesche.alerts.links import EVERYTHING, Links
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.clock import Clock
from depesche.lib.mailing import mailaddress
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import (
    CONFIRMATION,
    CONFIRMED,
    IGNORED,
    INSTANT,
    INSTRUMENT,
    LEFT,
    LINEAGE,
    MANAGE_LETTER,
    REQUESTED,
    Decision,
    Subscriber,
    Subscription,
    Target,
)
from depesche.store.database import Database, Transaction

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_RESENDS = 3  # letters that ask for one confirmation while it can be given
_DAYS_IN_VAIN = (
    2  # days' worth of letters to an address that never answers; then none until a month has passed
)

_log = structlog.get_logger("optin")


class OptIn:
    """What readers may do with subscriptions; each act is one transaction with its entry in the consent log.

    *address* is the portal's public address, *mail_domain* stands in Message-IDs, *languages* has the main
    one first. Messages of refusals are written for the reader, in the language of the call.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secret: str,
        *,
        address: str,
        mail_domain: str,
        languages: Sequence[str] = ("de", "en"),
        privacy_version: str = "1",
        confirm_hours: float = 48.0,
        requests_per_day: int = 5,
        follow_per_hour: int = 30,
        target_per_hour: int = 500,
        confirmations_per_hour: int = 2000,
        unconfirmed_days: float = 30.0,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = Links(secret, address, languages)
        self._ids = naming.MessageIds(secret, mail_domain)
        self._suppressed = SuppressionList(secret)
        self._privacy_version = privacy_version
        self._patience = timedelta(hours=confirm_hours)
        self._requests_per_day = requests_per_day
        self._target_per_hour = target_per_hour
        self._confirmations_per_hour = confirmations_per_hour
        self._unconfirmed = timedelta(days=unconfirmed_days)
        self._networks = NetworkLimit(follow_per_hour)
        self._forgot_at: datetime | None = None

    def settled(self, target: Target, language: str) -> Target:
        """Return *target* with the name that people know it by.

        Raises:
            NotFound: there is no such share, provider or story.
        """
        with self._database.reading() as tx:
            return self._settled(tx, target, self._links.known(language))

    @staticmethod
    def _settled(tx: Transaction, target: Target, language: str) -> Target:
        found = aim.settled(target, tx)
        if found is None:
            raise NotFound(say(language, "no_share" if target.kind == INSTRUMENT else "no_target"))
        return found

    def request(
        self,
        address: str,
        target: Target,
        language: str,
        ip: str,
        form_text: str,
        source: str,
        *,
        cadence: str = INSTANT,
        updates: bool | None = None,
    ) -> None:
        """Take the request of whoever typed *address* to follow *target*, and decide the letter that asks its owner.

        The answer is the same whether the address is new, known, suppressed or has had its letters for
        today, and so is the work: where no letter may go, it is done and taken back. *form_text* is the exact text agreed
        to, *source* the page that showed it. Of one story readers want to hear on, so there *updates* are on.

        Raises:
            NotFound: there is no such share, provider or story.
            Refused: the address cannot be one.
            TooMany: its sender's network asks too often, or everybody does.
        """
        language = self._links.known(language)
        now = self._clock.now()
        if not self._networks.admit(ip, now):
            raise TooMany(say(language, "too_many"))
        try:
            given, identity = mailaddress.normalise(address)
        except ValueError as error:
            raise Refused(say(language, "bad_address")) from error
        proof = {"ip": ip, "form_text": form_text, "privacy_version": self._privacy_version, "source": source}
        with self._database.transaction() as tx:
            wanted = tx.targets.enter(self._settled(tx, target, language))
            self._brake(tx, wanted, ip, language, now)
            subscriber = tx.subscriptions.subscriber(given, identity, language, now)
            is_unfit = self._suppressed.holds(tx, subscriber, now)
            with tx.connection.begin_nested() as work:
                made = tx.subscriptions.request(
                    subscriber.key, wanted.key, now, cadence=cadence,
                    updates=target.kind == LINEAGE if updates is None else updates,
                )  # fmt: skip
                is_enough = self._is_enough(tx, subscriber, made, now)
                consent = tx.subscriptions.consent(subscriber.key, made.key, REQUESTED, now, **proof)
                tx.outbox.decide([self._answer(made, consent, now)], now)
                if is_unfit or is_enough:
                    work.rollback()
            if is_unfit or is_enough:
                tx.subscriptions.consent(subscriber.key, None, IGNORED, now, **proof)

    def _brake(self, tx: Transaction, target: Target, ip: str, language: str, now: datetime) -> None:
        """Refuse where a network, the whole portal, or many for one target, ask for more than can be meant, at whichever process."""
        if not self._networks.allows(ip, tx.readers.asking(now - _HOUR)):
            raise TooMany(say(language, "too_many"))
        if tx.readers.requests(now - _HOUR) >= self._confirmations_per_hour:
            _log.error("confirmations are braked", per_hour=self._confirmations_per_hour)
            raise TooMany(say(language, "busy_all"))
        if tx.readers.requests(now - _HOUR, target.key) >= self._target_per_hour:
            _log.error(
                "requests for one target are braked",
                kind=target.kind,
                value=target.value,
                per_hour=self._target_per_hour,
            )
            raise TooMany(say(language, "busy_target"))

    def is_braked(self) -> bool:
        """Tell whether no more confirmations go out within this hour; an alarm."""
        now = self._clock.now()
        with self._database.reading() as tx:
            return tx.readers.requests(now - _HOUR) >= self._confirmations_per_hour

    def _is_enough(self, tx: Transaction, subscriber: Subscriber, made: Subscription, now: datetime) -> bool:
        """Tell whether the address had its letters for today, or was asked again and again and never answered."""
        asked = tx.subscriptions.requests_since(subscriber.key, now - _DAY)
        of_this = tx.readers.unanswered(subscriber.key, now - self._patience, made.key)
        in_vain = tx.readers.unanswered(subscriber.key, now - self._unconfirmed)
        return (
            asked >= self._requests_per_day
            or (of_this >= _RESENDS and not made.is_active)
            or in_vain >= self._requests_per_day * _DAYS_IN_VAIN
        )

    def _answer(self, wanted: Subscription, consent: int, now: datetime) -> Decision:
        kind = MANAGE_LETTER if wanted.is_active else CONFIRMATION
        name = naming.request(wanted.subscriber, consent, kind)
        return Decision(
            name=name, kind=kind, subscriber=wanted.subscriber, message_id=self._ids.of(name), due_at=now,
            expires_at=now + self._patience, subscription=wanted.key, reasons=(wanted.target.value,),
        )  # fmt: skip

    def peek(self, token: str, language: str | None = None) -> Subscription:
        """Return the subscription that a confirm link is about; changes nothing.

        Raises:
            Refused: the link is not ours, its time has passed, or the subscription has ended.
        """
        with self._database.reading() as tx:
            return self._confirmable(tx, token, language)

    def confirm(self, token: str, ip: str, language: str | None = None) -> Subscription:
        """Confirm the subscription of a confirm link, and log it; confirming again changes nothing.

        Raises:
            Refused: as for `peek`.
        """
        now = self._clock.now()
        with self._database.transaction() as tx:
            found = self._confirmable(tx, token, language)
            if tx.subscriptions.confirm(found.key, now):
                tx.subscriptions.consent(
                    found.subscriber, found.key, CONFIRMED, now,
                    ip=ip, privacy_version=self._privacy_version, source="letter",
                )  # fmt: skip
                along.join(tx, found, Proof(ip, "", self._privacy_version, "letter"), now)
            return tx.subscriptions.get(found.key) or found

    def _confirmable(self, tx: Transaction, token: str, language: str | None) -> Subscription:
        language = self._links.known(language or "")
        key = self._links.read_confirm(token)
        if key is None:
            raise Refused(say(language, "bad_link"))
        found = tx.subscriptions.get(key)
        if found is None:
            raise Refused(say(language, "gone_link"))
        if found.confirmed_at is None and self._clock.now() >= found.created_at + self._patience:
            raise Refused(say(language, "late_link"))
        if found.ended_at is not None:
            raise Refused(say(language, "gone_link"))
        return found

    def subscriptions(self, token: str, language: str | None = None) -> tuple[Subscriber, list[Subscription]]:
        """Return the reader of a manage or leave link, and what the link is about and still runs.

        A manage link is about everything its reader follows or has asked for, a leave link about what its letter named.

        Raises:
            Refused: the link is not ours, or its reader was erased.
        """
        with self._database.reading() as tx:
            key, named = self._owner(token, language)
            subscriber = tx.subscriptions.by_key(key)
            if subscriber is None:
                raise Refused(say(self._links.known(language or ""), "gone_link"))
            running = tx.subscriptions.of_subscriber(key)
            return subscriber, [one for one in running if named is None or one.key in named]

    def leave(
        self, token: str, ip: str, subscription: int | None = None, language: str | None = None
    ) -> list[Subscription]:
        """End what a manage or leave link is about, or only *subscription* of it, and log it; returns what ended.

        Works for ever: leaving again, or after an erasure, ends nothing and is no error. What waits for
        confirmation ends too, and unsent letters on it with it.

        Raises:
            Refused: the link is not ours, or *subscription* belongs to somebody else.
        """
        now = self._clock.now()
        with self._database.transaction() as tx:
            key, named = self._owner(token, language)
            if subscription is not None:
                asked = tx.subscriptions.get(subscription)
                is_foreign = asked is not None and asked.subscriber != key
                if is_foreign or (named is not None and subscription not in named):
                    raise Refused(say(self._links.known(language or ""), "foreign_link"))
                named = (subscription,)
            running = tx.subscriptions.of_subscriber(key)
            ended = [one for one in running if named is None or one.key in named]
            for one in ended:
                tx.subscriptions.end(one.key, now)
                tx.subscriptions.consent(key, one.key, LEFT, now, ip=ip, source="link")
            along.part(tx, key, ended, ip, now)
            return ended

    def _owner(self, token: str, language: str | None) -> tuple[int, tuple[int, ...] | None]:
        found = self._links.read_owner(token)
        if found is None:
            raise Refused(say(self._links.known(language or ""), "bad_link"))
        key, named = found
        return key, None if named is not None and EVERYTHING in named else named

    def expire(self) -> int:
        """End the requests that nobody confirmed in time; returns how many."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            return tx.subscriptions.forget_unconfirmed(now - self._patience, now)

    def forget(self) -> int:
        """Erase, once a day, those who never confirmed anything and of whom nobody asks any more; returns how many."""
        now = self._clock.now()
        if self._forgot_at is not None and now - self._forgot_at < _DAY:
            return 0
        self._forgot_at = now
        forgotten = 0
        while True:
            with self._database.transaction() as tx:
                stale = tx.readers.never_confirmed(now - self._unconfirmed)
                for key in stale:
                    tx.subscriptions.erase(key, is_unheard=True)
            forgotten += len(stale)
            if not stale:
                return forgotten

    def manage_link(self, subscriber: int, language: str | None = None) -> str:
        """Return the address of the page with everything that a subscriber follows."""
        return self._links.manage(subscriber, language)
