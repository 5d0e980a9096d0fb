"""Couriers to browsers and programs for the small newsroom of these tests, and what its readers do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from newsdesk import ADDRESS, DOMAIN, HALDEN, SECRET, Newsroom

from depesche.alerts.channel import Handed, make_channel
from depesche.alerts.following import enrol, readerhooks
from depesche.alerts.following.challenge import Challenger
from depesche.alerts.following.hookdesk import HookDesk
from depesche.alerts.following.pushdesk import Browser, PushDesk
from depesche.alerts.letters.brief import Writer
from depesche.alerts.letters.notice import HookWriter, PushWriter
from depesche.alerts.links import Links
from depesche.alerts.naming import MessageIds
from depesche.alerts.posting import make_poster
from depesche.alerts.sending.courier import Courier
from depesche.lib.web.webpush import Vapid
from depesche.model.subscription import DEAD, PENDING, SENT, Consent, Outgoing, Subscriber, Target
from depesche.model.wire import Rights
from depesche.store.database import Transaction
from push_service import UserAgent

OPEN = {"private": "yes", "timeout": "1"}
WORDS = "Mit „In diesem Browser benachrichtigen“ stimmen Sie zu."
PAGE = f"/shares/{HALDEN}"


@dataclass
class PostOffice:
    """The push desk and the webhook desk of a newsroom, and the couriers of both."""

    newsroom: Newsroom
    folder: Path

    def __post_init__(self) -> None:
        self.links = Links(SECRET, ADDRESS)
        self.key = self.folder / "push.pem"
        self.key.write_bytes(Vapid.make())
        self.pushes = self.push_desk(OPEN)
        self.hooks = HookDesk(self.newsroom.database, self.newsroom.clock, self.challenger(OPEN), "2026-01")

    def push_desk(
        self, options: Mapping[str, str], services: tuple[str, ...] = ("*",), per_hour: int = 1000
    ) -> PushDesk:
        """Return a push desk that allows what *options* say."""
        poster = make_poster(options, timeout=1)
        return PushDesk(
            self.newsroom.database, self.newsroom.clock, self.links, poster, services=services,
            privacy_version="2026-01", per_hour=per_hour,
        )  # fmt: skip

    def follow(self, agent: UserAgent, isin: str = HALDEN, language: str = "de") -> Subscriber:
        """Press the button on a share's page."""
        made = self.pushes.follow(browser(agent), Target.share(isin), language, "192.0.2.7", WORDS, PAGE)
        self.newsroom.clock.move(seconds=1)
        return made

    @contextmanager
    def courier(self, name: str, **options: str) -> Iterator[Courier]:
        """Lend the courier of a channel."""
        room = self.newsroom
        parts = (self.links, MessageIds(SECRET, DOMAIN), room.clock, self._rights, ZoneInfo("Europe/Berlin"))
        writer: Writer = PushWriter(*parts) if name == "webpush" else HookWriter(*parts)
        given = OPEN | (
            {"vapid_key": str(self.key), "subject": f"mailto:desk@{DOMAIN}"} if name == "webpush" else {}
        )
        made = Courier(
            room.database, room.clock, make_channel(name, given | options, room.clock), writer,
            journal=self.folder / f"{name}.journal", channel_name=name, meeting=room.meeting,
            on_answer=self._hear, heard=(SENT, PENDING, DEAD),
        )  # fmt: skip
        try:
            yield made
        finally:
            made.close()

    def challenger(self, options: Mapping[str, str]) -> Challenger:
        """Return what challenges programs at addresses that *options* allow."""
        return Challenger(lambda: make_poster({"timeout": "1", **options}, timeout=1), self.newsroom.clock)

    def _hear(self, tx: Transaction, letter: Outgoing, answer: Handed) -> None:
        room = self.newsroom
        if answer.state == DEAD:
            enrol.hear(tx, letter, answer, room.clock.now())
        readerhooks.hear(tx, letter, answer, MessageIds(SECRET, DOMAIN), room.clock)

    def _rights(self, wire: str) -> Rights:
        return self.newsroom.rights.get(wire, Rights())

    def consents(self, identity: str) -> list[Consent]:
        """Return the log of whoever has that identity."""
        with self.newsroom.database.reading() as tx:
            found = tx.subscriptions.by_identity(identity)
            assert found is not None
            return tx.subscriptions.consents(found.key)


def browser(agent: UserAgent) -> Browser:
    """Return a browser's subscription as its page sends it."""
    return Browser(agent.endpoint, agent.keys["p256dh"], agent.keys["auth"])


def stamp(clock: Callable[[], datetime]) -> Callable[[], float]:
    """Return a clock that counts seconds."""
    return lambda: clock().timestamp()
