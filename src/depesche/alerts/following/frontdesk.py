"""The front desk: what the holder of a manage link may see of herself, set, take along and have erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from depesche.alerts.following.dossier import Dossier, dossier, erase
from depesche.alerts.letters.words import at, say
from depesche.alerts.links import Links
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.clock import Clock
from depesche.model.errors import Refused
from depesche.model.subscription import (
    CHANGED,
    DIGEST,
    EXPORTED,
    LINEAGE,
    Consent,
    Subscriber,
    Subscription,
)
from depesche.store.database import Database, Transaction

_LONGEST_PAUSE = timedelta(days=366)


class FrontDesk:
    """Opened by a manage link alone; each change is one transaction with its entry in the log of consents.

    *zone* is the portal's. Messages of refusals are written for the reader, in the language of the call.
    """

    def __init__(
        self, database: Database, clock: Clock, links: Links, zone: ZoneInfo, suppressed: SuppressionList
    ) -> None:
        self._suppressed = suppressed
        self._database = database
        self._clock = clock
        self._links = links
        self._zone = zone

    def look(self, token: str, language: str) -> tuple[Subscriber, list[Subscription], list[Consent]]:
        """Return the reader of a manage link, what she follows or has asked for, and her log of consents.

        Raises:
            Refused: the link is not ours, or its reader was erased.
        """
        with self._database.reading() as tx:
            reader = self._reader(tx, token, language)
            return reader, tx.subscriptions.of_subscriber(reader.key), tx.subscriptions.consents(reader.key)

    def set_manner(
        self, token: str, ip: str, language: str, subscription: int, *, cadence: str, updates: bool
    ) -> None:
        """Set how often, and whether of updates too, a subscription is told; a running story always is of both.

        Raises:
            Refused: as for `look`, or the subscription belongs to somebody else.
        """
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            found = tx.subscriptions.get(subscription)
            if found is None or found.subscriber != reader.key or found.ended_at is not None:
                raise Refused(say(self._links.known(language), "foreign_link"))
            wants = updates or found.kind == LINEAGE
            tx.subscriptions.set_manner(found.key, cadence=cadence, updates=wants)
            said = say(language, "log_digest" if cadence == DIGEST else "log_instant")
            said += f"; {say(language, 'log_updates')}" if wants else ""
            self._note(tx, reader, ip, said, found.key)

    def set_hours(
        self,
        token: str,
        ip: str,
        language: str,
        *,
        hours: Sequence[int],
        quiet: tuple[int | None, int | None],
        zone: str,
    ) -> None:
        """Set the hours of collected letters, and the minutes of the day between which there are none, both in *zone*.

        Raises:
            Refused: as for `look`; or an hour, the quiet hours or the zone cannot be.
        """
        language = self._links.known(language)
        if not hours or not all(0 <= one < 24 for one in hours):
            raise Refused(say(language, "no_hour"))
        if zone not in _zones():
            raise Refused(say(language, "bad_zone"))
        begin, end = quiet
        rest = None if begin is None or end is None or begin == end else (begin, end)
        if rest is None and quiet != (None, None):
            raise Refused(say(language, "bad_quiet"))
        calm = say(language, "log_no_quiet") if rest is None else say(
            language, "log_quiet", start=clock_time(rest[0]), end=clock_time(rest[1])
        )  # fmt: skip
        named = ", ".join(str(one) for one in sorted(set(hours)))
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            tx.subscriptions.set_hours(
                reader.key, digest_hours=hours, quiet=rest, zone=None if zone == self._zone.key else zone
            )
            self._note(tx, reader, ip, say(language, "log_hours", hours=named, quiet=calm, zone=zone))

    def pause(self, token: str, ip: str, language: str, until: date | None) -> None:
        """Send nothing until that day begins where the reader lives; None ends the pause.

        Raises:
            Refused: as for `look`, or the day has begun or lies too far off.
        """
        language, now = self._links.known(language), self._clock.now()
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            zone = self.zone_of(reader)
            today = now.astimezone(zone).date()
            if until is not None and not today < until <= today + _LONGEST_PAUSE:
                raise Refused(say(language, "bad_pause"))
            end = None if until is None else datetime.combine(until, time(), zone).astimezone(UTC)
            tx.subscriptions.pause(reader.key, end)
            said = say(language, "log_resume") if end is None else say(
                language, "log_pause", when=at(end, language, zone)
            )  # fmt: skip
            self._note(tx, reader, ip, said)

    def speak(self, token: str, ip: str, language: str, wanted: str) -> None:
        """Write to the reader in the language *wanted*, or the nearest to it.

        Raises:
            Refused: as for `look`.
        """
        wanted = self._links.known(wanted)
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            tx.readers.set_language(reader.key, wanted)
            self._note(tx, reader, ip, say(wanted, "log_language"))

    def export(self, token: str, ip: str, language: str) -> Dossier:
        """Return everything kept about the reader, and note that it was handed out.

        Raises:
            Refused: as for `look`.
        """
        with self._database.transaction() as tx:
            reader = self._reader(tx, token, language)
            tx.subscriptions.consent(reader.key, None, EXPORTED, self._clock.now(), ip=ip, source="link")
            return dossier(tx, reader, self._suppressed)

    def erase(self, token: str, language: str) -> None:
        """Erase the reader: address, subscriptions, letters and log. A suppressed address stays so, by its hash.

        Raises:
            Refused: as for `look`.
        """
        with self._database.transaction() as tx:
            erase(tx, self._reader(tx, token, language), self._suppressed, self._clock.now())

    def zone_of(self, reader: Subscriber) -> ZoneInfo:
        """Return the time zone in which a reader's hours are told."""
        return ZoneInfo(reader.zone) if reader.zone else self._zone

    def _reader(self, tx: Transaction, token: str, language: str) -> Subscriber:
        owner = self._links.read_owner(token)
        if owner is None or owner[1] is not None:  # a leave link opens no more than leaving
            raise Refused(say(self._links.known(language), "bad_link"))
        found = tx.subscriptions.by_key(owner[0])
        if found is None:
            raise Refused(say(self._links.known(language), "gone_link"))
        return found

    def _note(
        self, tx: Transaction, reader: Subscriber, ip: str, said: str, subscription: int | None = None
    ) -> None:
        tx.subscriptions.consent(
            reader.key, subscription, CHANGED, self._clock.now(), ip=ip, form_text=said, source="link"
        )


def clock_time(minutes: int) -> str:
    """Write minutes of the day as a clock shows them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
