"""The composition root: builds every part from the settings and runs a take through them in order."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from depesche.alerts import enrol
from depesche.alerts.bounces import BounceDesk, Patience
from depesche.alerts.brief import Writer
from depesche.alerts.channel import Handed, make_channel
from depesche.alerts.courier import Courier
from depesche.alerts.digester import Digester
from depesche.alerts.domains import Domains
from depesche.alerts.frontdesk import FrontDesk
from depesche.alerts.hookdesk import HookDesk
from depesche.alerts.letter import Composer, Letterhead
from depesche.alerts.links import Links
from depesche.alerts.matcher import Matcher
from depesche.alerts.met import Meeting
from depesche.alerts.naming import MessageIds
from depesche.alerts.notice import HookWriter, PushWriter
from depesche.alerts.optin import OptIn
from depesche.alerts.postbox import Postbox
from depesche.alerts.posting import make_poster
from depesche.alerts.pushdesk import PushDesk
from depesche.alerts.suppression import SuppressionList
from depesche.audience.alsoread import AlsoRead
from depesche.audience.counter import Counter
from depesche.audience.readership import Readership
from depesche.bus.follow import Bell
from depesche.instruments import decisions, register
from depesche.instruments.linker import Linker, Thresholds
from depesche.instruments.relink import Relinker
from depesche.lib import zones
from depesche.lib.clock import Clock, SystemClock, epoch
from depesche.lib.http import Client
from depesche.lib.inbox import ImapInbox, Inbox, MaildirInbox, parse_imap
from depesche.lib.lmtp import LmtpDoor
from depesche.lib.sites import Turns
from depesche.lib.verp import Verp
from depesche.lib.webpush import Vapid
from depesche.model import journal
from depesche.model.audience import DAY
from depesche.model.errors import NotAStory, SettingsError, StoreError, WireError
from depesche.model.instrument import Instrument, Mention
from depesche.model.story import IGNORED, StoryPage
from depesche.model.subscription import WEBHOOK, WEBPUSH, Outgoing
from depesche.model.take import USABLE, Take
from depesche.model.wire import NO_LICENCE, POLL, Rights, Wire
from depesche.search.document import document
from depesche.search.index import IndexFollower
from depesche.search.percolate import Percolator
from depesche.search.saved import normal_form
from depesche.search.searcher import Searcher
from depesche.settings import Settings
from depesche.store import spool as spool_states
from depesche.store.database import Database, Transaction
from depesche.store.spool import Spooled
from depesche.stories import copydesk, topics
from depesche.stories.desk import Desk, Filing, Receipt
from depesche.wires import format as wire_format
from depesche.wires import parse, standing
from depesche.wires.fetch import Poller
from depesche.wires.folder import FolderWatch
from depesche.wires.intake import Intake
from depesche.wires.pictures import PictureDesk
from depesche.wires.queue import QueueDoor
from depesche.wires.websub import HubDoor

DESK_WIRE = "desk"
_LONGEST_PROVIDER = 200  # characters
_LONGEST_LANGUAGE = 20

_log = structlog.get_logger("newsroom")


@dataclass(slots=True)
class Filed:
    """What became of one item of the spool: what was filed of it, and why the rest was not."""

    spool: int
    name: str
    filings: list[Filing] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes to be spooled; `name` is for people, `base` the folder or address against which its pictures are named."""

    raw: bytes
    name: str
    base: str | None = None


class Newsroom:
    """Every part of one installation, built when first asked for."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.bell = Bell()
        self._linker: tuple[int, Linker] | None = None
        self._linking = threading.Lock()

    # -- parts ---------------------------------------------------------------------------------

    @cached_property
    def database(self) -> Database:
        """The database, with the newest schema."""
        opened = Database(self.settings.database)
        opened.migrate()
        return opened

    @cached_property
    def formats(self) -> dict[str, wire_format.WireFormat]:
        """Every wire format, by name."""
        return wire_format.load()

    @cached_property
    def wires(self) -> dict[str, Wire]:
        """The configured wires, by name."""
        return {one.name: one.wire() for one in self.settings.wires}

    @cached_property
    def desk(self) -> Desk:
        """The desk that files takes."""
        return Desk(self.settings.lineage_hours)

    @cached_property
    def readership(self) -> Readership:
        """Counts the views of this process and knows what is read after what."""
        given = self.settings
        return Readership(
            self.database,
            self.clock,
            name=secrets.token_hex(8),
            rate_limit=given.rate_limit,
            wanted=given.also_read,
            sponsored=given.also_read_sponsored,
            log=given.view_log,
        )

    @property
    def counter(self) -> Counter:
        """Counts the views of this process."""
        return self.readership.counter

    @property
    def reads(self) -> AlsoRead:
        """What is read after what."""
        return self.readership.reads

    @cached_property
    def searcher(self) -> Searcher:
        """Answers searches."""
        return Searcher(self.index_path, self.database, clock=self.clock, zone=ZoneInfo(self.settings.zone))

    @cached_property
    def index_follower(self) -> IndexFollower:
        """Keeps the search index."""
        return IndexFollower(self.database, self.index_path)

    @property
    def index_path(self) -> Path:
        """The folder of the search index."""
        return self.settings.data_dir / "search"

    @cached_property
    def secret(self) -> str:
        """The key that signs links; made once and kept in `data_dir` unless a setting gives it."""
        return self.settings.secret.get_secret_value() or _kept_secret(self.settings.data_dir / "secret")

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
        """Hand letters over, each on a connection of its own; one process at a time may have them."""
        given = self.settings
        wanted = given.mail_connections if given.smtp_url.get_secret_value() else 1
        journals = [given.data_dir / "handover.journal"]
        journals += [given.data_dir / f"handover-{number}.journal" for number in range(2, wanted + 1)]
        domains = Domains(given.mail_per_domain_minute)
        for left in sorted(set(given.data_dir.glob("handover-*.journal")) - set(journals)):
            self._courier(left, domains).close()  # there were more of them; it settles what it had begun
        return tuple(self._courier(one, domains) for one in journals)

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

    def _courier(self, journal: Path, domains: Domains) -> Courier:
        given = self.settings
        options = {
            "smtp_url": given.smtp_url.get_secret_value(),
            "mail_folder": str(given.mail_folder),
            "mail_from": given.mail_from,
            "dkim_key": str(given.dkim_key or ""),
            "dkim_selector": given.dkim_selector,
            "dkim_domain": given.dkim_domain,
        }
        channel = make_channel("email", options, self.clock)
        return Courier(
            self.database, self.clock, channel, self.composer(), journal=journal, resend=given.mail_resend, domains=domains,
            sender=self.envelope_sender, on_refused=self.bounce_desk.hear, meeting=self.meeting,
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
                resend=given.mail_resend, channel_name=name, on_refused=self._end_gone, meeting=self.meeting,
            ))  # fmt: skip
        return tuple(made)

    def _end_gone(self, tx: Transaction, letter: Outgoing, answer: Handed) -> None:
        enrol.hear(tx, letter, answer, self.clock.now())

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
        _kept_secret(path, lambda: Vapid.make().decode())
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
        return HookDesk(
            self.database, self.clock, lambda: make_poster(self._posting, timeout=given.webhook_timeout),
            given.privacy_version,
        )  # fmt: skip

    @cached_property
    def verp(self) -> Verp | None:
        """Marks the envelope sender of each letter; None where no box takes what comes back to such addresses."""
        if not self.settings.bounce_address:
            return None
        try:
            return Verp(self.secret, self.settings.bounce_address)
        except ValueError as error:
            raise SettingsError(f"bounce_address: {error}") from error

    def envelope_sender(self, subscriber: int, letter: int) -> str:
        """Return the envelope sender of the letter with that number (`model.bounce.letter_number`), empty for the channel's own."""
        return self.verp.sender(subscriber, letter) if self.verp else ""

    @cached_property
    def suppressed(self) -> SuppressionList:
        """The addresses that are never mailed."""
        return SuppressionList(self.secret)

    @cached_property
    def bounce_desk(self) -> BounceDesk:
        """Judges what comes back."""
        patience = Patience(self.settings.bounce_days, self.settings.bounce_window_days)
        links = Links(self.secret, self.settings.address, self.settings.languages)
        return BounceDesk(self.database, self.clock, self.suppressed, self.verp, patience, links)

    @cached_property
    def postbox(self) -> Postbox:
        """The boxes in which reports arrive."""
        given = self.settings
        boxes: dict[str, Inbox] = {}
        if given.bounce_maildir:
            boxes["maildir"] = MaildirInbox(given.bounce_maildir)
        if url := given.bounce_imap.get_secret_value():
            try:
                boxes["imap"] = ImapInbox(parse_imap(url))
            except ValueError as error:
                raise SettingsError(f"bounce_imap: {error}") from error
        return Postbox(self.bounce_desk, boxes)

    def open_lmtp(self) -> LmtpDoor | None:
        """Listen for reports by LMTP, where a setting says so; whoever opens the door closes it.

        Raises:
            SettingsError: nobody can listen there.
        """
        place = self.settings.bounce_lmtp
        if not place:
            return None

        def take(raw: bytes, recipients: Sequence[str]) -> None:
            self.bounce_desk.take(raw, "lmtp", recipients)

        def say(error: Exception) -> None:
            _log.warning("a report was not taken and stays with its sender", reason=str(error))

        try:
            door = LmtpDoor(place, take, on_trouble=say)
        except (OSError, ValueError) as error:
            raise SettingsError(f"bounce_lmtp: {error}") from error
        door.start()
        return door

    @property
    def mail_domain(self) -> str:
        """The domain of the sender's address, for the identifiers of letters."""
        return self.settings.mail_from.rpartition("@")[2].rstrip(">") or "localhost"

    @cached_property
    def intake(self) -> Intake:
        """The push door."""
        return Intake(self.database, self.clock, self.wires, self.settings.max_item_bytes)

    @cached_property
    def client(self) -> Client:
        """The guarded HTTP client."""
        return self._client()

    @cached_property
    def private_client(self) -> Client:
        """The HTTP client of wires that may fetch from private networks."""
        return self._client(allow_private=True)

    @cached_property
    def _turns(self) -> Turns:
        return Turns()

    def _client(self, *, allow_private: bool = False) -> Client:
        contact = self.settings.poll_contact or self.settings.address
        return Client(
            allow_private=allow_private,
            user_agent=f"Depesche (+{contact})",
            max_bytes=self.settings.max_item_bytes,
            turns=self._turns,
        )

    @cached_property
    def picture_desk(self) -> PictureDesk:
        """Fetches pictures."""
        return PictureDesk(self.database, self.clock, self.wires, self.client, private=self.private_client)

    @cached_property
    def poller(self) -> Poller:
        """Polls feeds."""
        made = Poller(self.database, self.clock, self.wires, self.client, private=self.private_client)
        made.on_answer = self.hubs.notice
        return made

    @cached_property
    def queues(self) -> QueueDoor:
        """Empties queues."""
        return QueueDoor(self.database, self.clock, self.wires, self.client, private=self.private_client)

    @cached_property
    def hubs(self) -> HubDoor:
        """Subscribes to feeds at their hubs, if the portal has a public address."""
        given = self.settings
        return HubDoor(
            self.database, self.clock, self.wires, self.client, given.base_url, private=self.private_client,
            max_bytes=given.max_item_bytes,
        )  # fmt: skip

    @cached_property
    def folders(self) -> dict[str, FolderWatch]:
        """Watches over the folders of wires, by wire."""
        size = self.settings.max_item_bytes
        return {
            name: FolderWatch(self.database, self.clock, wire, size)
            for name, wire in self.wires.items()
            if wire.kind == "folder"
        }

    # -- register and linking ------------------------------------------------------------------

    def fill_register(self) -> int:
        """Fill an empty register from what ships with the program; returns how many instruments are new."""
        with self.database.reading() as tx:
            has_topics, has_instruments = tx.topics.count(), tx.instruments.count()
        if not has_topics:
            with self.database.transaction() as tx:
                tx.topics.put(topics.shipped())
        if has_instruments:
            return 0
        with self.database.transaction() as tx:
            return decisions.take_in(tx, register.default_register(), self.clock.now()).new

    def import_instruments(self, instruments: Iterable[Instrument]) -> int:
        """Add *instruments*, checked and judged, to the register; returns how many are new."""
        with self.database.transaction() as tx:
            new = tx.instruments.put(instruments, self.clock.now())
            decisions.choose_primaries(tx)
        return new

    @property
    def linker(self) -> Linker:
        """The linker for the register as it is now."""
        return self.linker_now()[1]

    @cached_property
    def relinker(self) -> Relinker:
        """Links the archive anew when the register has changed."""
        return Relinker(self.database, self.clock, self.linker_now)

    def linker_now(self) -> tuple[int, Linker]:
        """Return the register's revision and the linker made of it; a change of the register makes another."""
        with self._linking:
            with self.database.reading() as tx:
                revision = tx.instruments.revision()
                if self._linker is None or self._linker[0] != revision:
                    thresholds = Thresholds(self.settings.link_identity, self.settings.link_relevance)
                    self._linker = revision, Linker(tx.instruments.all(), thresholds)
            return self._linker

    # -- the way of a take ---------------------------------------------------------------------

    def rights(self, wire: str) -> Rights:
        """Return what readers may see of the stories of *wire*: all of what an operator brought in by hand, and of what a
        wire brought that is configured no more, the headline alone, because its licence went with it.
        """
        configured = self.wires.get(wire)
        return configured.rights if configured else Rights() if wire == DESK_WIRE else NO_LICENCE

    def spool(
        self,
        raw: bytes,
        *,
        wire: str = DESK_WIRE,
        name: str,
        base: str | None = None,
        format_name: str | None = None,
        provider: str = "",
    ) -> tuple[int, bool]:
        """Keep *raw* durably before anyone reads it; returns its key and whether it is new."""
        one = Delivery(raw, name, base)
        return self.spool_all([one], wire=wire, format_name=format_name, provider=provider)[0]

    def spool_all(
        self,
        deliveries: Iterable[Delivery],
        *,
        wire: str = DESK_WIRE,
        format_name: str | None = None,
        provider: str = "",
    ) -> list[tuple[int, bool]]:
        """Keep *deliveries* durably, all in one transaction; returns the key of each and whether it is new."""
        configured = self.wires.get(wire)
        now = self.clock.now()
        with self.database.transaction() as tx:
            kept = [
                tx.spool.add(
                    one.raw, wire=wire, provider=provider or (configured.provider if configured else ""), name=one.name,
                    at=now, format_name=format_name or (configured.format if configured else None), base=one.base,
                )
                for one in deliveries
            ]  # fmt: skip
        self.bell.ring()
        return kept

    def read(
        self,
        raw: bytes,
        format_name: str | None = None,
        provider: str = "",
        received_at: datetime | None = None,
    ) -> Iterator[Take | WireError]:
        """Yield the takes of an item, copy-edited, and an error for each part that is none.

        *received_at* dates items that leave out the year.
        """
        for one in parse.takes(raw, self.formats, format_name, provider, received_at):
            yield one if isinstance(one, WireError) else copydesk.edit(_fitting(one))

    def file_waiting(self, limit: int = 50) -> list[Filed]:
        """Parse, edit, link and file what waits in the spool, a batch in one transaction; returns what became of each item."""
        with self.database.reading() as tx:
            items = tx.spool.waiting(limit)
        return self.file_items(items)

    def file_items(self, items: Sequence[Spooled]) -> list[Filed]:
        """File *items* of the spool that still wait."""
        if not items:
            return []
        revision, linker = self.linker_now()
        ready = [(item, *self._prepare(item, linker)) for item in items]
        try:
            with self.database.transaction() as tx:
                if tx.instruments.revision() != revision:
                    raise _OtherRegister
                filed = self._file(ready, tx)
        except _OtherRegister:
            return self.file_items(items)  # what was linked just now was linked by names of yesterday
        except StoreError:
            raise  # the database is away, and no item's fault is that: they wait
        except Exception:
            if len(items) > 1:  # find the one that fails, so that it holds up nobody else
                return [one for item in items for one in self.file_items([item])]
            _log.exception("item cannot be filed", spool=items[0].id, name=items[0].name)
            with self.database.transaction() as tx:
                reason = "the desk failed on this item; the log of this moment says how"
                tx.spool.mark([items[0].id], spool_states.REFUSED, reason)
            return [Filed(items[0].id, items[0].name, refusals=[reason])]
        self.bell.ring()
        return filed

    def _prepare(
        self, item: Spooled, linker: Linker
    ) -> tuple[list[tuple[Take, tuple[Mention, ...]]], list[str]]:
        takes: list[tuple[Take, tuple[Mention, ...]]] = []
        refusals: list[str] = []
        with zones.assuming(self._zone_of(item.wire)):
            for one in self.read(item.raw, item.format, item.provider, item.received_at):
                if isinstance(one, WireError):
                    refusals.append(f"no story: {one}" if isinstance(one, NotAStory) else str(one))
                else:
                    takes.append((one, linker.link(one) if one.status == USABLE else ()))
        return takes, refusals

    def _zone_of(self, wire: str) -> str | None:
        configured = self.wires.get(wire)
        return configured.zone if configured else None

    def _receipt(self, item: Spooled) -> Receipt:
        wire = self.wires.get(item.wire)
        return Receipt(
            item.wire,
            item.received_at,
            item.id,
            wire.language if wire else None,
            bool(wire and wire.rights.sponsored),
            timedelta(minutes=wire.embargo_minutes if wire else 0),
        )

    def _file(
        self,
        ready: Sequence[tuple[Spooled, list[tuple[Take, tuple[Mention, ...]]], list[str]]],
        tx: Transaction,
    ) -> list[Filed]:
        filed: list[Filed] = []
        still = tx.spool.claim([item.id for item, _, _ in ready])
        brought: dict[str, list[tuple[datetime, float | None]]] = {}
        for item, takes, refusals in ready:
            if item.id not in still:
                continue
            done = Filed(item.id, item.name, refusals=refusals)
            for take, mentions in takes:
                filing = self.desk.file(take, mentions, self._receipt(item), tx, self.clock.now())
                done.filings.append(filing)
                if filing.action != IGNORED:
                    brought.setdefault(item.wire, []).append((item.received_at, _lag(take, item)))
            is_empty = not takes and not refusals
            may_be_empty = (
                item.wire in self.wires and self.wires[item.wire].kind == POLL
            )  # a feed at the weekend
            state = spool_states.FILED if takes or (is_empty and may_be_empty) else spool_states.REFUSED
            if is_empty and not may_be_empty:
                refusals.append("there is no story in it")
            tx.spool.mark([item.id], state, "; ".join(refusals[:20]) or None)
            filed.append(done)
        for wire, items in brought.items():
            lags = [lag for _, lag in items if lag is not None]
            tx.health.beat(
                wire, max(at for at, _ in items), len(items), sum(lags) / len(lags) if lags else None
            )
        return filed

    def standings(self) -> list[standing.Standing]:
        """Return how every configured wire stands."""
        with self.database.reading() as tx:
            return standing.standings(tx, self.wires.values(), self.clock.now())

    def watch_wires(self) -> list[standing.Standing]:
        """Look after every wire; returns those with whom something is wrong since now, or right again since now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for name in self.wires:
                tx.health.begin(name, now)
            found = standing.standings(tx, self.wires.values(), now)
            return [one for one in found if tx.health.alarm(one.wire, one.alarm)]

    # -- what was, and what may not stay ---------------------------------------------------------

    def reread(self, items: Sequence[Spooled], *, dry: bool = False) -> list[Filed]:
        """Read *items* of the spool that were filed before with today's parsers; *dry* keeps nothing of it.

        A story gets a new version only where something that readers see has changed.
        """
        linker = self.linker
        ready = [(item, *self._prepare(item, linker)) for item in items]
        filed: list[Filed] = []
        try:
            with self.database.transaction() as tx:
                tx.spool.claim([])  # the desk's turn: nobody else files meanwhile
                for item, takes, refusals in ready:
                    done = Filed(item.id, item.name, refusals=refusals)
                    done.filings = self.desk.reread(takes, self._receipt(item), tx, self.clock.now())
                    filed.append(done)
                if dry:
                    raise _NotKept
        except _NotKept:
            return filed
        self.bell.ring()
        return filed

    def expire(self, limit: int = 100) -> int:
        """Delete what its wire's licence lets us keep no longer: text, takes and bytes; returns how many stories."""
        now, gone = self.clock.now(), 0
        for name, wire in self.wires.items():
            if wire.rights.retention_days is None:
                continue
            before = now - timedelta(days=wire.rights.retention_days)
            with self.database.transaction() as tx:
                tx.spool.claim([])  # the desk's turn: nobody files on these stories meanwhile
                due = tx.retention.due(name, before, limit)
                tx.retention.purge([one.story for one in due])
                for one in due:
                    tx.journal.append(
                        journal.EXPIRED, story=one.story, lineage=one.lineage, version=one.version,
                        action=journal.EXPIRED, at=now,
                    )  # fmt: skip
                tx.retention.purge_spool(name, before)
            gone += len(due)
        if gone:
            self.bell.ring()
        return gone

    def forget_shingles(self) -> int:
        """Delete what stories too old to be continued were found by; returns how many rows."""
        with self.database.transaction() as tx:
            return tx.kin.prune(self.clock.now() - timedelta(hours=self.settings.lineage_hours))

    def release_embargoes(self) -> int:
        """Show what an embargo held back until now; returns how many stories."""
        now = self.clock.now()
        with self.database.reading() as tx:
            if not tx.stories.releases(now):
                return 0
        with self.database.transaction() as tx:
            released = self.desk.release(tx, now)
        self.bell.ring()
        return released

    # -- audience ------------------------------------------------------------------------------

    def also_read(self, story: int) -> list[tuple[int, str]]:
        """Return the stories to offer beside *story*, each with why: read, chain, popular, share or newest."""
        return self.readership.also_read(story)

    def flush_views(self) -> set[int]:
        """Write what was counted since the last time; returns the stories whose counts or lists moved."""
        return self.readership.flush()

    def close(self) -> None:
        """Write what is pending and let go of the database."""
        if "readership" in self.__dict__:
            self.flush_views()
        for part in ("couriers", "post_couriers"):
            for one in self.__dict__.get(part, ()):
                one.close()
        if "index_follower" in self.__dict__:
            self.index_follower.close()
        if "database" in self.__dict__:
            self.database.close()


def _fitting(take: Take) -> Take:
    """Return *take* with a provider's name and a language that can be kept: some feeds have titles like sentences."""
    language = take.language if len(take.language or "") <= _LONGEST_LANGUAGE else None
    if len(take.provider) <= _LONGEST_PROVIDER and language == take.language:
        return take
    return replace(take, provider=take.provider[:_LONGEST_PROVIDER], language=language)


class _NotKept(Exception):
    """Ends a transaction of which nothing is to stay."""


def _lag(take: Take, item: Spooled) -> float | None:
    """Return the seconds from the provider's time to receipt; None where the time says nothing of the delivery."""
    if take.version_created is None:
        return None
    lag = epoch(item.received_at) - epoch(take.version_created)
    return lag if -60 < lag < DAY else None


class _SavedSearches:
    """The saved searches in memory, met by the words that the index would hold of a story."""

    def __init__(self) -> None:
        self._percolator = Percolator()

    def load(self, searches: Iterable[tuple[int, str]]) -> None:
        """Know these searches from now on; one that cannot be read any more is logged and meets nothing."""
        for key, error in self._percolator.load(searches).items():
            _log.warning("saved search cannot be read", target=key, reason=str(error))

    def match(self, page: StoryPage, instrument: Callable[[str], Instrument | None]) -> list[int]:
        """Return the keys of the searches that the story on *page* meets."""
        return [int(key) for key in self._percolator.match(document(page, instrument))]


class _OtherRegister(Exception):
    """The register has changed since a batch was linked."""


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _kept_secret(path: Path, make: Callable[[], str] = _new_secret) -> str:
    """Return the secret in the file at *path*, which nobody else may read; the first to ask makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass  # made at an earlier start
    return path.read_text()
