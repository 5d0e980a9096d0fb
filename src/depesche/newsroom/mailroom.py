"""The mailroom: whatever follows, decides, writes, carries and takes back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from depesche.alerts.channel import Handed, make_channel
from depesche.alerts.following import enrol, readerhooks
from depesche.alerts.following.challenge import Challenger
from depesche.alerts.following.frontdesk import FrontDesk
from depesche.alerts.following.hookdesk import HookDesk
from depesche.alerts.following.optin import OptIn
from depesche.alerts.following.pushdesk import PushDesk
from depesche.alerts.following.readerhooks import Limits, ReaderHooks
from depesche.alerts.letters.brief import Writer
from depesche.alerts.letters.letter import Composer, Letterhead
from depesche.alerts.letters.notice import HookWriter, PushWriter
from depesche.alerts.links import Links
from depesche.alerts.matching.matcher import Matcher
from depesche.alerts.matching.met import Meeting
from depesche.alerts.naming import MessageIds
from depesche.alerts.posting import make_poster
from depesche.alerts.sending.courier import Courier
from depesche.alerts.sending.digester import Digester
from depesche.alerts.sending.domains import Domains
from depesche.lib.web.webpush import Vapid
from depesche.model.errors import SettingsError
from depesche.model.story import StoryPage
from depesche.model.subscription import DEAD, PENDING, SENT, WEBHOOK, WEBPUSH, Outgoing
from depesche.newsroom.base import kept_secret
from depesche.newsroom.returns import Returns
from depesche.search.analysis.vocabulary import Vocabulary
from depesche.search.document import document
from depesche.search.percolator.percolate import Percolator
from depesche.search.percolator.saved import normal_form
from depesche.store.database import Transaction

_CONNECTIONS = 5  # of a courier: more would only wait for it
_log = structlog.get_logger("newsroom")


class _SavedSearches:
    """The saved searches in memory, met by the words that the index would hold of a story."""

    def __init__(self) -> None:
        self._percolator = Percolator()
        self._vocabulary = Vocabulary()

    def load(self, searches: Iterable[tuple[int, str]]) -> None:
        """Know these searches from now on; one that cannot be read any more is logged and meets nothing."""
        for key, error in self._percolator.load(searches).items():
            _log.warning("saved search cannot be read", target=key, reason=str(error))

    def forget(self, keys: Sequence[int]) -> None:
        """Know these searches no more."""
        self._percolator.discard(keys)

    def match(self, page: StoryPage, tx: Transaction) -> list[int]:
        """Return the keys of the searches that the story on *page* meets."""
        made = document(page, tx.instruments.by_isin, self._vocabulary.of(tx))
        return [int(key) for key in self._percolator.match(made)]


class Mailroom(Returns):
    """Everything between a reader's wish and a letter handed over."""

    @cached_property
    def opt_in(self) -> OptIn:
        """Subscriptions and consent."""
        given = self.settings
        return OptIn(
            self.database,
            self.clock,
            self.secret,
            address=given.address,
            mail_domain=self.mail_domain,
            languages=given.languages,
            privacy_version=given.privacy_version,
            confirm_hours=given.confirm_hours,
            requests_per_day=given.requests_per_day,
            follow_per_hour=given.follow_per_hour,
            target_per_hour=given.target_per_hour,
            confirmations_per_hour=given.confirmations_per_hour,
            unconfirmed_days=given.unconfirmed_days,
        )

    def saved_form(self, query: str) -> str:
        """Return the one spelling under which a search is kept for stories to come.

        Raises:
            CannotSave: it is empty, too long, bounded in time, or would fit nearly every story.
        """
        return normal_form(query)

    @cached_property
    def front_desk(self) -> FrontDesk:
        """What readers see and change of themselves."""
        given = self.settings
        links = Links(self.secret, given.address, given.languages)
        return FrontDesk(self.database, self.clock, links, ZoneInfo(given.zone), self.suppressed)

    @cached_property
    def matcher(self) -> Matcher:
        """Decides who gets a letter."""
        return Matcher(
            self.database,
            self.clock,
            self.secret,
            mail_domain=self.mail_domain,
            alert_hours=self.settings.alert_hours,
            zone=ZoneInfo(self.settings.zone),
            meeting=self.meeting,
        )

    @cached_property
    def meeting(self) -> Meeting:
        """Finds what a story meets of all that is followed."""
        return Meeting(_SavedSearches())

    @cached_property
    def digester(self) -> Digester:
        """Puts alerts into digests."""
        ids = MessageIds(self.secret, self.mail_domain)
        return Digester(self.database, self.clock, ids, self.settings.alert_hours)

    @property
    def courier(self) -> Courier:
        """The first of the couriers."""
        return self.couriers[0]

    @cached_property
    def couriers(self) -> tuple[Courier, ...]:
        """Hand letters over, each on up to five connections of its own; one process at a time may have them."""
        given = self.settings
        connections = given.mail_connections if given.smtp_url.get_secret_value() else 1
        wanted = -(-connections // _CONNECTIONS)
        journals = [given.data_dir / "handover.journal"]
        journals += [given.data_dir / f"handover-{number}.journal" for number in range(2, wanted + 1)]
        domains = Domains(given.mail_per_domain_minute)
        for left in sorted(set(given.data_dir.glob("handover-*.journal")) - set(journals)):
            self._courier(left, domains, 1).close()  # there were more of them; it settles what it had begun
        each, over = divmod(connections, wanted)
        return tuple(self._courier(one, domains, each + (place < over)) for place, one in enumerate(journals))

    def composer(self) -> Composer:
        """Return a new writer of letters; each courier has one of its own."""
        given = self.settings
        return Composer(
            Letterhead(given.title, given.operator, given.mail_from, ZoneInfo(given.zone)),
            Links(self.secret, given.address, given.languages),
            MessageIds(self.secret, self.mail_domain),
            self.clock,
            self.rights,
            timedelta(hours=given.confirm_hours),
        )

    def _courier(self, journal: Path, domains: Domains, connections: int) -> Courier:
        given = self.settings
        options = {
            "smtp_url": given.smtp_url.get_secret_value(),
            "smtp_connections": str(connections),
            "mail_folder": str(given.mail_folder),
            "mail_from": given.mail_from,
            "dkim_key": str(given.dkim_key or ""),
            "dkim_selector": given.dkim_selector,
            "dkim_domain": given.dkim_domain,
        }
        channel = make_channel("email", options, self.clock)
        return Courier(
            self.database, self.clock, channel, self.composer(), journal=journal, name=self._name_of(journal),
            resend=given.mail_resend, domains=domains,
            sender=self.envelope_sender, on_answer=self.bounce_desk.hear, meeting=self.meeting,
            zone=ZoneInfo(given.zone),
        )  # fmt: skip

    @cached_property
    def post_couriers(self) -> tuple[Courier, ...]:
        """Hand notices to browsers and to programs, a courier for each kind; one process at a time may have them."""
        given, zone = self.settings, ZoneInfo(self.settings.zone)
        links = Links(self.secret, given.address, given.languages)
        ids = MessageIds(self.secret, self.mail_domain)
        made: list[Courier] = []
        kinds: tuple[tuple[str, Writer, dict[str, str]], ...] = (
            (WEBPUSH, PushWriter(links, ids, self.clock, self.rights, zone), {
                "vapid_key": str(self.push_key_file), "subject": f"mailto:{parseaddr(given.mail_from)[1]}",
            }),
            (WEBHOOK, HookWriter(links, ids, self.clock, self.rights, zone), {"timeout": str(given.webhook_timeout)}),
        )  # fmt: skip
        for name, writer, options in kinds:
            channel = make_channel(name, self._posting | options, self.clock)
            made.append(Courier(
                self.database, self.clock, channel, writer, journal=given.data_dir / f"{name}.journal",
                name=self._name_of(given.data_dir / f"{name}.journal"), resend=given.mail_resend, channel_name=name, on_answer=self._hear_post, heard=(SENT, PENDING, DEAD),
                meeting=self.meeting, zone=zone,
            ))  # fmt: skip
        return tuple(made)

    def _name_of(self, journal: Path) -> str:
        """Return what the courier with that journal is called in the database, which other machines may share."""
        if self.database.is_sqlite:
            return journal.name
        return (
            f"{kept_secret(self.settings.data_dir / 'machine', lambda: secrets.token_hex(8))}/{journal.name}"
        )

    def _hear_post(self, tx: Transaction, letter: Outgoing, answer: Handed) -> None:
        if answer.state == DEAD:
            enrol.hear(tx, letter, answer, self.clock.now())
        readerhooks.hear(tx, letter, answer, MessageIds(self.secret, self.mail_domain), self.clock)

    @property
    def _posting(self) -> dict[str, str]:
        """The options of whatever posts to addresses that strangers gave."""
        contact = self.settings.poll_contact or self.settings.address
        return {
            "user_agent": f"Depesche (+{contact})",
            "private": "yes" if self.settings.post_private else "",
        }

    @property
    def push_key_file(self) -> Path:
        """The file with the key by which push services know us; the first to ask makes it."""
        if self.settings.push_key is not None:
            return self.settings.push_key
        path = self.settings.data_dir / "push.pem"
        kept_secret(path, lambda: Vapid.make().decode())
        return path

    @cached_property
    def push_key(self) -> str:
        """The public half of that key, as browsers want it."""
        try:
            return Vapid(self.push_key_file.read_bytes(), "").public
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError(f"push_key: {error}") from error

    @cached_property
    def push_desk(self) -> PushDesk:
        """What browsers follow."""
        given = self.settings
        return PushDesk(
            self.database, self.clock, Links(self.secret, given.address, given.languages),
            make_poster(self._posting, timeout=1.0), services=given.push_services,
            privacy_version=given.privacy_version, per_hour=given.follow_per_hour,
        )  # fmt: skip

    @cached_property
    def hook_desk(self) -> HookDesk:
        """What programs follow."""
        given = self.settings
        challenger = Challenger(lambda: make_poster(self._posting, timeout=given.webhook_timeout), self.clock)
        return HookDesk(self.database, self.clock, challenger, given.privacy_version)

    @cached_property
    def reader_hooks(self) -> ReaderHooks:
        """What programs follow that readers named; they are never posted to on private networks."""
        given = self.settings
        limits = Limits(given.reader_webhooks, given.follow_per_hour)
        posting = self._posting | {"private": ""}
        challenger = Challenger(lambda: make_poster(posting, timeout=limits.seconds), self.clock)
        links = Links(self.secret, given.address, given.languages)
        return ReaderHooks(self.database, self.clock, links, challenger, limits, given.privacy_version)
