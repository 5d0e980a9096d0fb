"""A small newsroom for alerts: invented shares, a desk that files, and what readers do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from depesche.alerts.channel import Handed, Letter, make_channel
from depesche.alerts.following.optin import OptIn
from depesche.alerts.letters.letter import Composer, Letterhead
from depesche.alerts.links import Links
from depesche.alerts.matching.matcher import Matcher
from depesche.alerts.matching.met import Meeting
from depesche.alerts.naming import MessageIds
from depesche.alerts.sending.courier import Courier
from depesche.alerts.sending.load import Loader
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.subscription import (
    INTENT,
    PENDING,
    SENT,
    Balance,
    Decision,
    Outgoing,
    Subscription,
    Target,
)
from depesche.model.take import CANCELED, USABLE, Series, Take
from depesche.model.wire import Rights
from depesche.store.database import Database
from depesche.store.letters.outbox import Fate
from depesche.stories.desk import Desk, Filing
from depesche.stories.incoming import Receipt
from fakes import FakeClock

SECRET = "a secret of this test"
ADDRESS = "https://news.example"
DOMAIN = "news.example"
FORM = "Ja, ich möchte Nachrichten zu dieser Aktie per E-Mail bekommen."
HALDEN = isin_with_check_digit("ZZ00HALDEN1")
MIRABEL = isin_with_check_digit("ZZ0MIRABEL2")
TORVIK = isin_with_check_digit("ZZ00TORVIK3")
SHARES = {HALDEN: "Halden Werke", MIRABEL: "Mirabel & Söhne", TORVIK: "Torvik Shipping"}


def token_of(link: str) -> str:
    """Return the token that a link carries."""
    return parse_qs(urlsplit(link).query)["token"][0]


def mails(folder: Path) -> list[EmailMessage]:
    """Return the letters in the maildir `mail` of *folder*, in order of delivery, strictly parsed."""
    found = []
    for file in sorted((folder / "mail" / "new").glob("*")):
        parsed = message_from_bytes(file.read_bytes(), policy=policy.default + policy.strict)
        assert isinstance(parsed, EmailMessage)
        found.append(parsed)
    return found


def part(mail: EmailMessage, subtype: str) -> str:
    """Return the text of the plain or html part."""
    body = mail.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


@dataclass
class Newsroom:
    """A database with a register, a desk, opt-in and matcher, all on one clock."""

    database: Database
    clock: FakeClock
    requests_per_day: int = 5
    follow_per_hour: int = 1000
    links: Links = field(default_factory=lambda: Links(SECRET, ADDRESS))

    def __post_init__(self) -> None:
        self.desk = Desk()
        self.optin = OptIn(
            self.database, self.clock, SECRET, address=ADDRESS, mail_domain=DOMAIN,
            requests_per_day=self.requests_per_day, follow_per_hour=self.follow_per_hour, privacy_version="2026-01",
        )  # fmt: skip
        self.rights: dict[str, Rights] = {}
        self.composer = Composer(
            Letterhead("Depesche", "Seilbahn Verlag", f"depesche@{DOMAIN}", ZoneInfo("Europe/Berlin")),
            self.links,
            MessageIds(SECRET, DOMAIN),
            self.clock,
            lambda wire: self.rights.get(wire, Rights()),
        )
        self.meeting = Meeting()
        self.matcher = Matcher(self.database, self.clock, SECRET, mail_domain=DOMAIN)
        with self.database.transaction() as tx:
            tx.instruments.put(Instrument(isin, name, source="test") for isin, name in SHARES.items())

    def file(
        self,
        guid: str = "halden-1",
        *,
        shares: Sequence[str] = (HALDEN,),
        headline: str = "Halden Werke liefern erste Seilbahn aus",
        version: str | None = None,
        sponsored: bool = False,
        **more: object,
    ) -> Filing:
        """File a take as the newsroom would, a second after whatever came before."""
        now = self.clock.move(seconds=1)
        fields: dict[str, object] = {
            "teaser": "Die erste Kabine fährt im Herbst.", "body_text": "Die erste Kabine fährt im Herbst.\n\nMehr folgt.",
            "body_html": "<p>Die erste Kabine fährt im Herbst.</p><p>Mehr folgt.</p>", "language": "de",
        }  # fmt: skip
        take = Take(
            format="ninjs", guid=guid, headline=headline, headline_raw=headline, version=version, version_created=now,
            **{"provider": "Nordlicht", **fields, **more},  # type: ignore[arg-type]
        )  # fmt: skip
        evidence = (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
        mentions = [Mention(isin, SHARES[isin], 1.0, 1.0, True, evidence) for isin in shares]
        receipt = Receipt("nordlicht", now, sponsored=sponsored)
        with self.database.transaction() as tx:
            return self.desk.file(take, mentions, receipt, tx, now)

    def roundup(self, number: int, topic: str = "Seilbahnen", **more: object) -> Filing:
        """File part *number* of a running round-up, a story of its own."""
        return self.file(
            f"{topic}-{number}", headline=f"{topic} kommen voran, Teil {number}",
            series=Series("ROUNDUP", number if number > 1 else None, topic), **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def kill(self, guid: str = "halden-1") -> Filing:
        """Withdraw the story that its provider calls *guid*."""
        return self.file(guid, status=CANCELED, version="99", shares=())

    def correct(self, guid: str = "halden-1", version: str = "2") -> Filing:
        """Correct the story that its provider calls *guid*."""
        return self.file(
            guid, version=version, status=USABLE, headline="Halden Werke liefern Seilbahn aus",
            series=Series("KORREKTUR"), body_html=f"<p>Fassung {version}</p>", body_text=f"Fassung {version}",
        )  # fmt: skip

    def release(self) -> int:
        """Lift the embargoes that are over."""
        with self.database.transaction() as tx:
            return self.desk.release(tx, self.clock.now())

    def follow_journal(self, after: int | None = None) -> None:
        """Let the matcher read what is new in the journal, or everything *after* a number."""
        with self.database.reading() as tx:
            entries = tx.journal.after(tx.cursors.read("alerts") if after is None else after)
        if entries:
            self.matcher.handle(entries)
            with self.database.transaction() as tx:
                tx.cursors.move("alerts", entries[-1].seq, self.clock.now())

    def courier(self, folder: Path, smtp_url: str = "", **more: object) -> Courier:
        """Return a courier to a mail server, or into the maildir `mail` in *folder*, where its journal is too."""
        options = {"smtp_url": smtp_url, "mail_folder": str(folder / "mail"), "mail_from": f"bounce@{DOMAIN}"}
        return Courier(
            self.database, self.clock, make_channel("email", options, self.clock), self.composer,
            journal=folder / "courier.journal", **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def ask(self, address: str, isin: str = HALDEN, language: str = "de", ip: str = "192.0.2.7") -> None:
        """Fill in the follow box."""
        self.optin.request(address, Target.share(isin), language, ip, FORM, f"/shares/{isin}")

    def subscription(self, address: str, isin: str = HALDEN) -> Subscription:
        """Return the newest subscription of *address* to *isin*."""
        with self.database.reading() as tx:
            subscriber = tx.subscriptions.by_identity(address.lower())
            assert subscriber is not None
            return next(one for one in tx.subscriptions.of_subscriber(subscriber.key) if one.isin == isin)

    def follow(self, address: str, isin: str = HALDEN, language: str = "de") -> Subscription:
        """Ask and confirm, as a reader with the letter in hand."""
        self.ask(address, isin, language)
        link = self.links.confirm(self.subscription(address, isin).key)
        confirmed = self.optin.confirm(token_of(link), "192.0.2.7")
        self.clock.move(seconds=1)
        return confirmed

    def letters(self, kind: str | None = None) -> list[Outgoing]:
        """Return every letter decided on, in order, without those that answer requests unless asked for by kind."""
        found: list[Outgoing] = []
        with self.database.reading() as tx:
            for key in itertools.count(1):
                letters = tx.ledger.of_subscriber(key)
                if not letters and tx.subscriptions.by_key(key + 1) is None:
                    break
                found += letters
        wanted = {kind} if kind else {"alert", "update", "correction", "kill", "retraction"}
        return sorted(
            (one for one in found if one.decision.kind in wanted),
            key=lambda one: (one.decision.dispatch or 0, one.decision.subscriber, one.key),
        )

    def hand_over(self, state: str = SENT, *addresses: str) -> None:
        """Let every waiting letter of a chunk, or those to *addresses*, reach *state*."""
        now = self.clock.now()
        loader = Loader("email", "hand", MessageIds(SECRET, DOMAIN), Meeting(), timedelta(hours=48))
        with self.database.transaction() as tx:
            while chunk := tx.chunks.claim("email", "hand", now, now + timedelta(hours=1)):
                if state == INTENT:
                    continue
                readers = tx.chunks.subscribers(list(chunk.recipients))
                fates = [
                    Fate(Outgoing.of_chunk(chunk.key, key), state, due_at=now, tried=True)
                    if not addresses or one.address in addresses
                    else Fate(Outgoing.of_chunk(chunk.key, key), PENDING, due_at=now + timedelta(seconds=1))
                    for key, one in readers.items()
                ]
                loader.settle_chunk(chunk, fates, tx, now)

    def met(self, decision: Decision) -> tuple[str, ...]:
        """Return what the story of a decision met, by value, whoever follows it."""
        with self.database.reading() as tx:
            key = decision.dispatch or 0
            return tuple(one.value for one in tx.targets.get(tx.dispatches.get([key])[key].targets))

    def balance(self, story: int = 1) -> Balance:
        """Return what became of the letters on *story*."""
        with self.database.reading() as tx:
            return tx.ledger.balance(story)


class Eventful:
    """A channel on which something happens after the first letter."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self.happens = happens
        self.took: list[str] = []

    def open(self) -> None:
        """It is always open."""

    def close(self) -> None:
        """It is always open."""

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        for one in letters:
            on_intent(one.key)
            self.took.append(one.recipient)
            on_accepted(one.key)
            yield Handed(one.key, "sent")
            if len(self.took) == 1:
                self.happens()
